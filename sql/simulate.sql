--
-- simulate_transactions: invented customers from a stated process.
--
-- The true parameters stand in doc/simulation.md; this file repeats them and
-- checks that the rows follow them.
--
SET DateStyle = 'ISO, YMD';

-- What it gives
SELECT * FROM simulate_transactions(5, '2023-01-01', '2024-12-31', 42) LIMIT 10;

CREATE TABLE orders AS
SELECT row_number() OVER () AS position, t.*
FROM simulate_transactions(1000, '2023-01-01', '2024-12-31', 42) t;

-- Channels differ in rhythm, regularity, dropout and spend.
WITH visits AS (
	SELECT channel, customer_id, ordered_at::date AS day, sum(amount) AS spend
	FROM orders WHERE amount > 0 GROUP BY 1, 2, 3
), customers AS (
	SELECT channel, customer_id, count(*) AS visits, sum(spend) AS spend
	FROM visits GROUP BY 1, 2
)
SELECT channel, count(*) AS customers, round(avg(visits), 1) AS visits,
	round(100.0 * count(*) FILTER (WHERE visits = 1) / count(*)) AS percent_once,
	round(sum(spend) / sum(visits), 2) AS per_visit
FROM customers GROUP BY channel ORDER BY channel;

-- A refund follows an order of the same money, after 1 to 14 days.
SELECT r.customer_id, o.ordered_at::date AS bought, r.ordered_at::date AS returned, r.amount
FROM orders r JOIN orders o USING (customer_id)
WHERE r.amount < 0 AND o.amount = -r.amount AND o.position < r.position
ORDER BY r.position LIMIT 5;

SELECT count(*) AS refunds,
	count(*) FILTER (WHERE EXISTS (
		SELECT FROM orders o
		WHERE o.customer_id = r.customer_id AND o.amount = -r.amount
			AND r.ordered_at::date - o.ordered_at::date BETWEEN 1 AND 14)) AS explained
FROM orders r WHERE amount < 0;

-- Rows come customer by customer, in the order of their days; a customer has
-- one channel; amounts have two decimals and are never 0; opening hours hold.
SELECT count(*) AS out_of_order
FROM (SELECT (customer_id, ordered_at::date) < lag((customer_id, ordered_at::date)) OVER (ORDER BY position) AS back FROM orders) o
WHERE back;
SELECT count(*) AS customers, min(customer_id), max(customer_id), max(channels) AS channels
FROM (SELECT customer_id, count(DISTINCT channel) AS channels FROM orders GROUP BY 1) c;
SELECT min(scale(amount)), max(scale(amount)), count(*) FILTER (WHERE amount = 0) AS zero FROM orders;
SELECT channel, extract(hour FROM min(ordered_at::time)) AS first_hour,
	extract(hour FROM max(ordered_at::time)) AS last_hour
FROM orders GROUP BY 1 ORDER BY 1;

--
-- Reproducible
--
-- The same rows on every machine: this hash may never change.
SELECT count(*), sum(amount),
	md5(string_agg(concat_ws(',', customer_id, to_char(ordered_at, 'YYYY-MM-DD HH24:MI:SS'), amount, channel), E'\n' ORDER BY position))
FROM orders;

-- Another seed gives other customers.
SELECT seed, count(*), sum(amount)
FROM unnest('{42,43,0,-1,9223372036854775807,-9223372036854775808}'::bigint[]) WITH ORDINALITY s (seed, n),
	simulate_transactions(100, '2023-01-01', '2024-12-31', seed)
GROUP BY n, seed ORDER BY n;

-- Rows of a seed that are not the rows of a shorter window or of fewer
-- customers, or stand in another order
CREATE FUNCTION differences(customers integer, last_day date) RETURNS bigint
LANGUAGE sql AS $$
	SELECT count(*)
	FROM (SELECT *, row_number() OVER () AS n FROM simulate_transactions($1, '2023-01-01', $2, 42)) a
	FULL JOIN (
		SELECT *, row_number() OVER (ORDER BY position) AS n FROM orders
		WHERE customer_id <= $1 AND ordered_at < $2 + 1) b
	ON a.n = b.n AND (a.customer_id, a.ordered_at, a.amount, a.channel) = (b.customer_id, b.ordered_at, b.amount, b.channel)
	WHERE a.n IS NULL OR b.n IS NULL
$$;
-- More customers only add customers,
SELECT customers, differences(customers, '2024-12-31') FROM unnest('{0,1,2,500,999,1000}'::int[]) customers;
-- and a later last day only adds rows.
SELECT day, differences(1000, day) FROM unnest('{2023-01-01,2023-01-02,2023-06-30,2024-02-29,2024-12-30}'::date[]) day;
-- The first day only shifts them.
SELECT count(*) AS differences
FROM (SELECT * FROM simulate_transactions(1000, '1999-12-01', '2001-11-30', 42)) a
FULL JOIN orders b
ON a.customer_id = b.customer_id AND a.ordered_at - timestamp '1999-12-01' = b.ordered_at - timestamp '2023-01-01' AND a.amount = b.amount
WHERE a.customer_id IS NULL OR b.customer_id IS NULL;

--
-- The rows follow the stated process.
--
-- Five years, so that the end of the window cuts off next to nothing and
-- the distributions have closed forms.
CREATE TABLE truth (channel text, share float8, k float8, r float8, alpha float8,
	a float8, b float8, p float8, q float8, gamma float8);
INSERT INTO truth VALUES
	('store',  0.50, 2, 4.0, 44.0, 1 / 8.0, 1 / 4.0, 6, 4.0,  18.0),
	('online', 0.20, 1, 3.0, 90.0, 1 / 6.0, 1 / 4.0, 4, 3.5,  37.5),
	('app',    0.20, 3, 3.5, 15.0, 1 / 8.0, 1 / 3.0, 6, 5.0,   8.0),
	('hotel',  0.10, 4, 5.0, 80.0, 1 / 3.0, 1 / 2.0, 8, 4.0, 112.5);

CREATE TABLE life AS
WITH visits AS (
	SELECT channel, customer_id, ordered_at::date AS day, sum(amount) AS spend
	FROM simulate_transactions(20000, '2000-01-01', '2004-12-31', 1)
	WHERE amount > 0
	GROUP BY 1, 2, 3
)
SELECT channel, customer_id, count(*) AS visits, min(day) - date '2000-01-01' AS arrival,
	(array_agg(day ORDER BY day))[2] - min(day) AS gap1,
	(array_agg(day ORDER BY day))[3] - (array_agg(day ORDER BY day))[2] AS gap2,
	((array_agg(spend ORDER BY day))[1])::float8 AS spend1,
	((array_agg(spend ORDER BY day))[2])::float8 AS spend2
FROM visits GROUP BY 1, 2;

-- Everybody came, and half of them in the first half of two years.
SELECT count(*), round(avg((arrival < 365)::int), 3) AS first_year, max(arrival) < 730 AS in_two_years
FROM life;

-- Each quantity is a mean over customers with its standard error; the true
-- mean follows from the parameters. They agree within four standard errors.
--   once, twice       dropout after the first, after the second visit
--   gap within alpha  gap / alpha is a ratio of gammas, at most 1 with
--                     probability I(1/2; k, r), the regularised incomplete
--                     beta; a gap of exactly alpha days counts half
--   first of two gaps    share^2 of Beta(k, k), whatever the customer's rate
--   spend, 1 / spend     moments of the gamma-gamma
--   first of two spends  share^2 of Beta(p, p), whatever the customer's nu
WITH expected AS (
	SELECT t.*, i.within_alpha
	FROM truth t JOIN (VALUES
		('store', 26 / 32.0),				-- k 2, r 4: 2 heads or more of 5
		('online', 1 - power(0.5, 3)),		-- k 1: 1 - (1 + x)^-r
		('app', 0.5829),					-- k 3, r 3.5: numerically
		('hotel', 163 / 256.0)				-- k 4, r 5: 4 heads or more of 8
	) i (channel, within_alpha) USING (channel)
), samples AS (
	SELECT channel, quantity, truth, value
	FROM expected t JOIN life USING (channel), LATERAL (VALUES
		('once', a / (a + b), (visits = 1)::int::float8),
		('twice', a * b / (a + b) / (a + b + 1), (visits = 2)::int),
		('gap within alpha', within_alpha, ((gap1 < alpha)::int + (gap1 <= alpha)::int) / 2.0),
		('first of two gaps', 0.25 + 0.25 / (2 * k + 1), (gap1::float8 / (gap1 + gap2)) ^ 2),
		('spend', p * gamma / (q - 1), spend1),
		('1 / spend', q / gamma / (p - 1), 1 / spend1),
		('first of two spends', 0.25 + 0.25 / (2 * p + 1), (spend1 / (spend1 + spend2)) ^ 2)
	) v (quantity, truth, value)
	UNION ALL
	SELECT t.channel, 'share', share, (life.channel = t.channel)::int FROM truth t, life
)
SELECT channel, quantity, round(truth::numeric, 4) AS truth, round(avg(value)::numeric, 4) AS simulated,
	abs(avg(value) - truth) < 4 * stddev(value) / sqrt(count(value)) AS agree
FROM samples GROUP BY channel, quantity, truth ORDER BY quantity COLLATE "C", channel COLLATE "C";

-- Of the visits, 4 in 100 have a second order and 2 in 100 a refund.
SELECT round(100 * avg((orders = 2)::int), 1) AS percent_two_orders, max(orders),
	round(100.0 * sum(refunds) / count(*) FILTER (WHERE orders > 0), 1) AS percent_refunds
FROM (
	SELECT customer_id, ordered_at::date, nullif(count(*) FILTER (WHERE amount > 0), 0) AS orders,
		count(*) FILTER (WHERE amount < 0) AS refunds
	FROM simulate_transactions(20000, '2000-01-01', '2001-12-31', 2)
	GROUP BY 1, 2) d;

--
-- Limits and errors
--
SELECT count(*) FROM simulate_transactions(0, '2023-01-01', '2024-12-31', 42);
SELECT count(*) FROM simulate_transactions(NULL, '2023-01-01', '2024-12-31', 42);
SELECT count(*) FROM simulate_transactions(10, NULL, '2024-12-31', 42);
SELECT count(*) FROM simulate_transactions(10, '2023-01-01', NULL, 42);
SELECT count(*) FROM simulate_transactions(10, '2023-01-01', '2024-12-31', NULL);
-- one day
SELECT count(DISTINCT customer_id) > 10 AS customers, min(ordered_at)::date, max(ordered_at)::date
FROM simulate_transactions(10000, '2024-02-29', '2024-02-29', 42);
-- the ends of the calendar
SELECT min(ordered_at) < '4711-01-01 BC' AS customers FROM simulate_transactions(100, '4714-11-24 BC', '4710-01-01 BC', 42);
SELECT max(ordered_at) > '294276-01-01' AS customers FROM simulate_transactions(100, '294275-01-01', '294276-12-31', 42);

SELECT count(*) FROM simulate_transactions(-1, '2023-01-01', '2024-12-31', 42);
SELECT count(*) FROM simulate_transactions(10, '2024-12-31', '2023-01-01', 42);
SELECT count(*) FROM simulate_transactions(0, '2024-12-31', '2023-01-01', 42);
SELECT count(*) FROM simulate_transactions(10, '-infinity', '2024-12-31', 42);
SELECT count(*) FROM simulate_transactions(10, '2023-01-01', 'infinity', 42);
SELECT count(*) FROM simulate_transactions(10, '2023-01-01', '294277-01-01', 42);

-- It can be cancelled, also where next to nobody has come yet.
SET statement_timeout = '100ms';
SELECT count(*) FROM simulate_transactions(2147483647, '2023-01-01', '2023-01-01', 42);
RESET statement_timeout;

DROP FUNCTION differences;
DROP TABLE orders, truth, life;
