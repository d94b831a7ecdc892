-- The same bytes from every plan, every order of the rows and every way of
-- merging parts.
CREATE TABLE plan_orders AS
SELECT customer_id, ordered_at::date AS day, amount, row_number() OVER () AS n
FROM simulate_transactions(3000, '2023-01-01', '2024-12-31', 42);
CREATE TABLE plan_serial AS
SELECT customer_id, visit_history(day, amount ORDER BY day, n) AS h FROM plan_orders GROUP BY customer_id;
ANALYZE plan_orders;

CREATE FUNCTION same_as_serial(query text) RETURNS TABLE (customers bigint, different bigint) LANGUAGE plpgsql AS $$
BEGIN
	RETURN QUERY EXECUTE format('SELECT count(*), count(*) FILTER (WHERE visit_history_send(a.h) IS DISTINCT FROM visit_history_send(b.h))
		FROM plan_serial a FULL JOIN (%s) b USING (customer_id)', query);
END $$;

SET enable_sort = off;
SELECT * FROM same_as_serial('SELECT customer_id, visit_history(day, amount) AS h FROM plan_orders GROUP BY customer_id');
RESET enable_sort;
SET enable_hashagg = off;
SELECT * FROM same_as_serial('SELECT customer_id, visit_history(day, amount) AS h FROM plan_orders GROUP BY customer_id');
RESET enable_hashagg;
-- shuffled, backwards, and in two interleaved halves
SELECT * FROM same_as_serial('SELECT customer_id, visit_history(day, amount ORDER BY md5(n::text)) AS h FROM plan_orders GROUP BY customer_id');
SELECT * FROM same_as_serial('SELECT customer_id, visit_history(day, amount ORDER BY day DESC, n) AS h FROM plan_orders GROUP BY customer_id');
SELECT * FROM same_as_serial('SELECT customer_id, visit_history(day, amount ORDER BY n % 2, day) AS h FROM plan_orders GROUP BY customer_id');
-- spilled to disk
SET work_mem = '64kB'; SET enable_sort = off;
SELECT * FROM same_as_serial('SELECT customer_id, visit_history(day, amount) AS h FROM plan_orders GROUP BY customer_id');
RESET work_mem; RESET enable_sort;

-- parallel: partial states are combined
SET parallel_setup_cost = 0; SET parallel_tuple_cost = 0; SET min_parallel_table_scan_size = 0; SET max_parallel_workers_per_gather = 3;
EXPLAIN (COSTS OFF) SELECT customer_id, visit_history(day, amount) AS h FROM plan_orders GROUP BY customer_id;
SELECT * FROM same_as_serial('SELECT customer_id, visit_history(day, amount) AS h FROM plan_orders GROUP BY customer_id');
RESET parallel_setup_cost; RESET parallel_tuple_cost; RESET min_parallel_table_scan_size; RESET max_parallel_workers_per_gather;

-- hash-partitioned by customer, each partition for itself
CREATE TABLE plan_parts (LIKE plan_orders) PARTITION BY HASH (customer_id);
SELECT format('CREATE TABLE plan_part_%s PARTITION OF plan_parts FOR VALUES WITH (MODULUS 4, REMAINDER %1$s)', r) FROM generate_series(0, 3) r \gexec
INSERT INTO plan_parts SELECT * FROM plan_orders ORDER BY md5(n::text);
SET enable_partitionwise_aggregate = on;
EXPLAIN (COSTS OFF) SELECT customer_id, visit_history(day, amount) AS h FROM plan_parts GROUP BY customer_id;
SELECT * FROM same_as_serial('SELECT customer_id, visit_history(day, amount) AS h FROM plan_parts GROUP BY customer_id');
RESET enable_partitionwise_aggregate;

-- merged from parts: by the aggregate, by ||, from months
SELECT * FROM same_as_serial('SELECT customer_id, visit_history(h) AS h FROM (
	SELECT customer_id, visit_history(day, amount) AS h FROM plan_orders GROUP BY customer_id, date_trunc(''month'', day)) m GROUP BY customer_id');
SELECT * FROM same_as_serial('SELECT customer_id, coalesce(a.h, ''{}'') || coalesce(b.h, ''{}'') AS h FROM
	(SELECT customer_id, visit_history(day, amount) AS h FROM plan_orders WHERE n % 3 = 0 GROUP BY customer_id) a FULL JOIN
	(SELECT customer_id, visit_history(day, amount) AS h FROM plan_orders WHERE n % 3 > 0 GROUP BY customer_id) b USING (customer_id)');
-- unfinished states that travelled as text
CREATE AGGREGATE raw_state(date, numeric) (SFUNC = visit_history_accum, STYPE = visit_history_state);
SELECT * FROM same_as_serial('SELECT customer_id, visit_history_final(visit_history_combine(a.s::text::visit_history_state, b.s::text::visit_history_state)) AS h FROM
	(SELECT customer_id, raw_state(day, amount) AS s FROM plan_orders WHERE n % 3 = 0 GROUP BY customer_id) a FULL JOIN
	(SELECT customer_id, raw_state(day, amount) AS s FROM plan_orders WHERE n % 3 > 0 GROUP BY customer_id) b USING (customer_id)');
-- a window leaves the state as it was: every row sees its own prefix
SELECT count(*) AS rows, count(*) FILTER (WHERE h <> again) AS different FROM (
	SELECT visit_history(day, amount) OVER (PARTITION BY customer_id ORDER BY n DESC ROWS UNBOUNDED PRECEDING) AS h,
		   (SELECT visit_history(p.day, p.amount) FROM plan_orders p WHERE p.customer_id = o.customer_id AND p.n >= o.n) AS again
	FROM plan_orders o WHERE customer_id <= 40) w;

-- One customer with 100,000 visits, in order, backwards and shuffled.
SELECT count(DISTINCT visit_history_send(h)) AS values, min(visit_count(h)) AS visits, min(total_spend(h)) AS spend, min(length(visit_history_send(h))) AS bytes
FROM (
	SELECT visit_history(date '1800-01-01' + n, n % 100) FROM generate_series(1, 100000) n UNION ALL
	SELECT visit_history(date '1800-01-01' + n, n % 100) FROM generate_series(100000, 1, -1) n UNION ALL
	SELECT visit_history(date '1800-01-01' + n, n % 100) FROM (SELECT n FROM generate_series(1, 100000) n ORDER BY md5(n::text)) s) x(h);
-- A guest account: 200,000 orders on 700 days in random order. Its state is
-- sorted before it grows, and stays small.
SELECT h = again AS same, visit_count(h) AS visits, order_count(h) AS orders, total_spend(h) AS spend
FROM (SELECT visit_history(date '2024-01-01' + n * 7919 % 700, n % 1000 / 100.0) FROM generate_series(1, 200000) n) a(h),
     (SELECT visit_history(date '2024-01-01' + n * 7919 % 700, n % 1000 / 100.0 ORDER BY n * 7919 % 700) FROM generate_series(1, 200000) n) b(again);
SELECT round(sum(n % 1000 / 100.0), 2) AS spend, count(DISTINCT n * 7919 % 700) AS visits FROM generate_series(1, 200000) n;
SELECT pg_column_size(raw_state(date '2024-01-01' + n * 7919 % 700, n % 1000 / 100.0)) AS bytes FROM generate_series(1, 200000) n;

DROP FUNCTION same_as_serial(text);
DROP AGGREGATE raw_state(date, numeric);
DROP TABLE plan_orders, plan_serial, plan_parts;
