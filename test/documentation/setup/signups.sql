-- Who signed up in 2024, and where. Those who came did so some days later; of three
-- who signed up in the app or by a voucher on paper, one or two never come.
CREATE TABLE signups AS
WITH firsts AS (
	SELECT customer_id, min((ordered_at AT TIME ZONE 'Europe/Berlin')::date) AS first_day FROM orders WHERE amount >= 0 GROUP BY customer_id
), came AS (
	SELECT customer_id, CASE WHEN draw('source', customer_id) < 0.4 THEN 'app' ELSE 'voucher' END AS source, first_day
	FROM firsts WHERE first_day >= '2024-01-01'
)
SELECT customer_id, source,
       greatest('2024-01-01', first_day - floor(-ln(1 - draw('days', customer_id)) * CASE source WHEN 'app' THEN 6 ELSE 25 END)::integer) AS registered_on
FROM came
UNION ALL
SELECT customer_id, CASE WHEN draw('source', customer_id) < 0.3 THEN 'app' ELSE 'voucher' END,
       date '2024-01-01' + floor(366 * draw('registered', customer_id))::integer
FROM generate_series(100001::bigint, 101000) AS customer_id;
