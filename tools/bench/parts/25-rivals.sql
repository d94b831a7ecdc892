-- What users do without the extension, beside what they do with it: the same
-- answers, end to end.  DuckDB and scipy take part where they can be had.
\ir ../data/histories.sql
\echo 'Measuring: visits, last visit, money, mean and median latency of every customer …'
CALL compete('rivals', 'facts of every customer', jsonb_build_object(
	'ours', 'SELECT customer_id, visit_count(h), last_visit(h), total_spend(h), latency(h), median_latency(h)
		FROM (SELECT customer_id, visit_history(day, amount) AS h FROM shuffled GROUP BY customer_id) AS customer',
	'ours, histories stored', 'SELECT customer_id, visit_count(h), last_visit(h), total_spend(h), latency(h), median_latency(h) FROM histories',
	'plain SQL', 'WITH visits AS (SELECT customer_id, day, sum(amount) AS amount FROM shuffled GROUP BY customer_id, day),
		gaps AS (SELECT *, day - lag(day) OVER (PARTITION BY customer_id ORDER BY day) AS gap FROM visits)
		SELECT customer_id, count(*), max(day), sum(amount), avg(gap), percentile_cont(0.5) WITHIN GROUP (ORDER BY gap) FROM gaps GROUP BY customer_id'), :rounds);

\echo 'Measuring: RFM scores of every customer …'
CALL compete('rivals', 'RFM scores', jsonb_build_object(
	'ours', $$SELECT customer_id, (rfm(h, scheme, '2024-12-31')).* FROM histories, (SELECT rfm_scheme(h, '2024-12-31') AS scheme FROM histories) AS s$$,
	'plain SQL', 'WITH facts AS MATERIALIZED (SELECT customer_id, max(day) AS last, count(DISTINCT day) AS frequency, sum(amount) / count(DISTINCT day) AS money FROM by_customer GROUP BY customer_id)
		SELECT customer_id, ntile(5) OVER (ORDER BY last), ntile(5) OVER (ORDER BY frequency), ntile(5) OVER (ORDER BY money) FROM facts'), :rounds);

\echo 'Measuring: a BG/NBD model of all customers …'
CALL compete('rivals', 'BG/NBD model', jsonb_build_object('ours', $$SELECT fit_btyd(h, '2024-12-31', 'bgnbd') FROM histories$$), :rounds);

\! "$BENCH/rivals/duckdb" || echo 'DuckDB does not take part: it needs node and npm.'
\! "$BENCH/rivals/scipy" || echo 'scipy does not take part: it needs python3-scipy.'
