-- An offer that went out on 2024-10-01 to the customers who had been silent for
-- 21 to 120 days, by e-mail, text message or letter; one in five was held out.
-- Three in ten of those who open it buy once more than the simulation has it;
-- of those who buy within four weeks after opening, three in four use the code.
CREATE TABLE orders AS
SELECT customer_id, ordered_at AT TIME ZONE 'Europe/Berlin' AS ordered_at, amount, channel
FROM crm.simulate_transactions(10000, '2023-01-01', '2024-12-31', 42);

CREATE TABLE offer AS
WITH customers AS (
	SELECT customer_id, channel, max((ordered_at AT TIME ZONE 'Europe/Berlin')::date) AS last_day
	FROM orders WHERE amount >= 0 AND ordered_at < '2024-10-01' GROUP BY customer_id, channel
), targets AS (
	SELECT customer_id, draw('held out', customer_id) < 0.2 AS held_out,
	       CASE WHEN draw('medium', customer_id) < 0.5 THEN 'e-mail' WHEN draw('medium', customer_id) < 0.8 THEN 'text' ELSE 'letter' END AS medium
	FROM customers WHERE last_day BETWEEN date '2024-10-01' - 120 AND date '2024-10-01' - 21
)
SELECT customer_id, CASE WHEN NOT held_out THEN medium END AS medium, CASE WHEN NOT held_out THEN date '2024-10-01' END AS sent_on,
       CASE WHEN NOT held_out AND draw('opens', customer_id) < CASE medium WHEN 'e-mail' THEN 0.25 WHEN 'text' THEN 0.6 ELSE 0.5 END
            THEN date '2024-10-02' + floor(4 * draw('opens on', customer_id))::integer END AS opened_on
FROM targets;

INSERT INTO orders
SELECT customer_id, opened_on + floor(14 * draw('buys on', customer_id))::integer + time '12:00' AT TIME ZONE 'Europe/Berlin',
       round((15 + 40 * draw('pays', customer_id))::numeric, 2), min(channel)
FROM offer JOIN orders USING (customer_id)
WHERE draw('buys', customer_id) < 0.3 AND opened_on IS NOT NULL
GROUP BY customer_id, opened_on;

ALTER TABLE offer ADD redeemed_on date;
UPDATE offer SET redeemed_on = bought_on
FROM (SELECT customer_id, min((ordered_at AT TIME ZONE 'Europe/Berlin')::date) AS bought_on FROM orders JOIN offer USING (customer_id)
      WHERE amount >= 0 AND (ordered_at AT TIME ZONE 'Europe/Berlin')::date BETWEEN opened_on AND sent_on + 28 GROUP BY customer_id) AS bought
WHERE bought.customer_id = offer.customer_id AND draw('uses', offer.customer_id) < 0.75;
