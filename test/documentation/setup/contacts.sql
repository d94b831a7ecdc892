-- Complaints and calls of July to November 2024. A complaint comes the day after a visit; of those
-- that took more than three days to solve, two in five end the customer's visits.
-- Of the customers reached by a call, one in five buys once more within two weeks.
CREATE TABLE contacts AS
WITH visits AS (
	SELECT DISTINCT customer_id, (ordered_at AT TIME ZONE 'Europe/Berlin')::date AS day
	FROM orders WHERE amount >= 0 AND ordered_at BETWEEN '2024-07-01' AND '2024-11-05'
)
SELECT customer_id, 'complaint' AS kind, day + 1 AS day,
       CASE WHEN draw('solved ' || day, customer_id) < 0.6 THEN 'solved in 3 days' ELSE 'solved later' END AS outcome
FROM visits WHERE draw('complains ' || day, customer_id) < 0.15
UNION ALL
SELECT customer_id, 'call', day + 15 + floor(10 * draw('called on ' || day, customer_id))::integer,
       CASE WHEN draw('reached ' || day, customer_id) < 0.5 THEN 'reached' ELSE 'not reached' END
FROM visits WHERE draw('called ' || day, customer_id) < 0.15;

CREATE TABLE leavers AS
SELECT customer_id, min(day) AS day FROM contacts
WHERE outcome = 'solved later' AND draw('leaves ' || day, customer_id) < 0.4 GROUP BY customer_id;

DELETE FROM contacts USING leavers WHERE contacts.customer_id = leavers.customer_id AND contacts.day > leavers.day;
DELETE FROM orders USING leavers
WHERE orders.customer_id = leavers.customer_id AND (ordered_at AT TIME ZONE 'Europe/Berlin')::date > leavers.day;
DROP TABLE leavers;

INSERT INTO orders
SELECT customer_id, day + 1 + floor(14 * draw('buys on ' || day, customer_id))::integer + time '12:00' AT TIME ZONE 'Europe/Berlin',
       round((15 + 40 * draw('pays ' || day, customer_id))::numeric, 2), min(channel)
FROM contacts JOIN orders USING (customer_id)
WHERE outcome = 'reached' AND draw('buys ' || day, customer_id) < 0.2 GROUP BY customer_id, day;
