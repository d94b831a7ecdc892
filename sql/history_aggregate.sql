-- visit_history(day [, amount [, zone]]): what is a visit, an order, a refund.

-- No rows, and only NULL days, give the empty history.
SELECT visit_history(d) FROM (SELECT NULL::date) v(d) WHERE false;
SELECT visit_history(d, a) FROM (VALUES (NULL::date, 5)) v(d, a);

-- Same-day orders are one visit; a NULL amount is an order without money; a
-- zero amount is an order; a negative amount is a refund and no order.
SELECT visit_history(d::date, a) FROM (VALUES
	('2024-01-05', 10.00), ('2024-01-05', 2.50), ('2024-01-05', NULL),
	('2024-01-07', 0), ('2024-01-09', NULL), (NULL, 99)) v(d, a);
-- Refunds before, on and after a visit day.
SELECT visit_history(d::date, a) AS h, visit_count(visit_history(d::date, a)), order_count(visit_history(d::date, a)),
       first_visit(visit_history(d::date, a)), last_visit(visit_history(d::date, a)), total_spend(visit_history(d::date, a))
FROM (VALUES ('2024-01-01', -1), ('2024-01-05', 10), ('2024-01-05', -3), ('2024-01-09', -2)) v(d, a);
-- Refunds only: money, but no visit and no first day.
SELECT visit_count(h), order_count(h), first_visit(h), total_spend(h), average_order_value(h), average_visit_value(h)
FROM (SELECT visit_history(d::date, a) FROM (VALUES ('2024-01-01', -1.5), ('2024-01-05', -2)) v(d, a)) x(h);

-- Every type of day and amount gives the same history.
CREATE TEMP TABLE orders AS
SELECT timestamp '2024-01-05 23:30' + n * interval '17 hours' AS at, n % 7 - 1 AS amount FROM generate_series(1, 60) n;
SELECT count(DISTINCT h::text) AS histories, min(visit_count(h)) AS visits FROM (
	SELECT visit_history(at::date, amount::numeric) FROM orders UNION ALL
	SELECT visit_history(at::date, amount::float8) FROM orders UNION ALL
	SELECT visit_history(at::date, amount::bigint) FROM orders UNION ALL
	SELECT visit_history(at::date, amount) FROM orders UNION ALL
	SELECT visit_history(at::date, amount::smallint) FROM orders UNION ALL
	SELECT visit_history(at, amount::numeric) FROM orders UNION ALL
	SELECT visit_history(at, amount::float8) FROM orders UNION ALL
	SELECT visit_history(at, amount::bigint) FROM orders UNION ALL
	SELECT visit_history(at, amount) FROM orders UNION ALL
	SELECT visit_history(at::timestamptz, amount::numeric) FROM orders UNION ALL
	SELECT visit_history(at::timestamptz, amount::float8) FROM orders UNION ALL
	SELECT visit_history(at::timestamptz, amount::bigint) FROM orders UNION ALL
	SELECT visit_history(at::timestamptz, amount) FROM orders UNION ALL
	SELECT visit_history(at AT TIME ZONE 'Asia/Shanghai', amount::numeric, 'Asia/Shanghai') FROM orders UNION ALL
	SELECT visit_history(at AT TIME ZONE 'Asia/Shanghai', amount::float8, 'Asia/Shanghai') FROM orders UNION ALL
	SELECT visit_history(at AT TIME ZONE 'Asia/Shanghai', amount::bigint, 'Asia/Shanghai') FROM orders UNION ALL
	SELECT visit_history(at AT TIME ZONE 'Asia/Shanghai', amount, 'Asia/Shanghai') FROM orders
) all_types(h);
SELECT count(DISTINCT h::text) AS histories, min(visit_count(h)) AS visits FROM (
	SELECT visit_history(at::date) FROM orders UNION ALL
	SELECT visit_history(at) FROM orders UNION ALL
	SELECT visit_history(at::timestamptz) FROM orders UNION ALL
	SELECT visit_history(at AT TIME ZONE 'Asia/Shanghai', 'Asia/Shanghai') FROM orders
) all_types(h);

-- Days in a zone are those of AT TIME ZONE, whatever the zone is: regions with
-- and without summer time, abbreviations (CET has none), offsets, and a
-- meaning that changed (MSK); before 1900 and far ahead.
CREATE TEMP TABLE moments AS
SELECT timestamptz '1850-06-01 00:00:00.5+00' + n * interval '41 days 7 hours 13 minutes 0.25 seconds' AS at
FROM generate_series(0, 4000) n
UNION ALL
SELECT timestamptz '2024-03-30 12:00+00' + n * interval '7 minutes' FROM generate_series(0, 400) n
UNION ALL
SELECT timestamptz '2024-10-26 12:00+00' + n * interval '7 minutes' FROM generate_series(0, 400) n;
SELECT zone, count(*) AS moments,
       count(*) FILTER (WHERE first_visit(visit_history_final(visit_history_accum(NULL, at, zone))) <> (at AT TIME ZONE zone)::date) AS wrong
FROM moments, unnest(ARRAY['Europe/Berlin', 'America/St_Johns', 'Asia/Shanghai', 'Pacific/Apia', 'UTC', 'CET', 'est', 'MSK', '+05:45', 'UTC-3']) zone
GROUP BY zone ORDER BY zone;
SELECT zone, visit_history(at, zone) = visit_history((at AT TIME ZONE zone)::date) AS same
FROM moments, unnest(ARRAY['Europe/Berlin', 'America/St_Johns', 'UTC', 'CET', 'MSK']) zone GROUP BY zone ORDER BY zone;
-- The session's zone, also when it changes.
SET timezone = 'America/New_York';
SELECT visit_history(at) = visit_history(at::date) AS same FROM moments;
SET timezone = 'Australia/Lord_Howe';
SELECT visit_history(at) = visit_history(at::date) AS same FROM moments;
RESET timezone;

-- A zone with a date or a timestamp would shift days silently.
SELECT visit_history(at::date, 'Asia/Shanghai') FROM orders;
SELECT visit_history(at, amount, 'Asia/Shanghai') FROM orders;
SELECT visit_history(at::date, amount::numeric, 'Asia/Shanghai') FROM orders;
SELECT visit_history(at::date, 'Asia/Shanghai') FROM orders WHERE false;
SELECT visit_history(at::timestamptz, amount, 'Middle/Earth') FROM orders;
SELECT visit_history(at::timestamptz, amount, NULL::text) FROM orders;

-- Days that are none.
SELECT visit_history('infinity'::date);
SELECT visit_history(d) FROM (VALUES ('infinity'::date)) v(d);
SELECT visit_history(d, 1) FROM (VALUES ('-infinity'::timestamp)) v(d);
SELECT visit_history(d) FROM (VALUES ('infinity'::timestamptz)) v(d);
SELECT visit_history(d, 'UTC') FROM (VALUES ('-infinity'::timestamptz)) v(d);
SELECT visit_history(d) FROM (VALUES ('4713-01-01 BC'::date), ('5874897-12-31'), ('4714-11-24 BC')) v(d);
SELECT visit_history(d) FROM (VALUES ('4714-11-24 00:00:00 BC'::timestamp), ('294276-12-31 23:59:59.999999')) v(d);
SELECT visit_history(d, 'America/New_York') FROM (VALUES ('4714-11-24 00:00:00+00 BC'::timestamptz)) v(d);

-- As a window function: the running history of a customer.
SELECT day, amount, visit_count(h) AS frequency, total_spend(h) AS running_total, round(average_visit_value(h), 2) AS spend_a_visit
FROM (SELECT day, amount, visit_history(day, amount) OVER (ORDER BY day) FROM (VALUES
	(date '2024-01-10', 10000), ('2024-02-10', 12000), ('2024-03-10', 15000), ('2024-04-10', 17000),
	('2024-05-10', 20000), ('2024-06-10', 22000), ('2024-07-10', 25000), ('2024-08-10', 27000),
	('2024-09-10', 30000), ('2024-10-10', 32000), ('2024-11-10', 35000), ('2024-12-10', 40000)) v(day, amount)) w(day, amount, h)
ORDER BY day;
SELECT visit_count(h) AS frequency, total_spend(h) AS lifetime_value, round(average_visit_value(h), 2) AS spend_a_visit
FROM (SELECT visit_history(day, amount) FROM (VALUES
	(date '2024-01-10', 15000), ('2024-06-10', 18000), ('2024-12-10', 20000)) v(day, amount)) x(h);

-- Merging: days are united, orders and money of a common day add up.
SELECT '{2024-01-05: 10, 2024-02-01}'::visit_history || '{2024-01-05: 2.5, 2023-12-24: 1}'::visit_history;
SELECT h || h AS doubled, (h || '{}') = h AS neutral FROM (SELECT '{2024-01-05: 10, 2024-02-01: -3 in 0 orders}'::visit_history) v(h);
SELECT visit_history(h) FROM unnest(ARRAY['{2024-01-05: 10}', NULL, '{}', '{2024-01-05: 0.01, 2023-01-01}']::visit_history[]) h;
SELECT visit_history(h) FROM (SELECT '{}'::visit_history WHERE false) v(h);
-- Loss-making orders kept as visits: two filtered histories, one of them days only.
SELECT visit_history(day, profit) FILTER (WHERE profit >= 0) || visit_history(day) FILTER (WHERE profit < 0) AS visits_with_gains
FROM (VALUES (date '2024-01-05', 10), ('2024-01-09', -4)) v(day, profit);
