-- visit_history against the built-in aggregates: the same table, the same
-- plan, the same run, taking turns.
CREATE TABLE result (plan text, node text, round integer, contender text, ms numeric, kilobytes numeric);

CREATE PROCEDURE compare(plan text, source regclass, rounds integer) LANGUAGE plpgsql AS $$
DECLARE
	aggregates jsonb := '{"built in": "count(*), min(day), max(day), sum(amount)", "history": "visit_history(day, amount)"}';
BEGIN
	INSERT INTO result
	SELECT plan, m.node, round, a.key, m.ms, m.kilobytes
	FROM generate_series(1, rounds) AS round, jsonb_each_text(aggregates) AS a,
		measure(format('SELECT customer_id, %s FROM %s GROUP BY customer_id', a.value, source)) AS m;
END $$;

SET work_mem = '4GB';
\echo 'Measuring: hash …'
CALL compare('hash', 'shuffled', :rounds);
SET enable_partitionwise_aggregate = on;
\echo 'Measuring: partitionwise …'
CALL compare('partitionwise', 'partitioned', :rounds);
SET enable_hashagg = off;
SET enable_seqscan = off;
\echo 'Measuring: index-ordered …'
CALL compare('index-ordered', 'by_customer', :rounds);
RESET enable_seqscan;
\echo 'Measuring: sorted …'
CALL compare('sorted', 'shuffled', :rounds);
RESET enable_hashagg;

\echo 'Histories of all customers against count(*), min(day), max(day), sum(amount):'
SELECT plan, node, built_in_ms, history_ms, round(history_ms / built_in_ms, 2) AS ratio, bound,
	pg_size_pretty(built_in_kb * 1024) AS built_in_memory, pg_size_pretty(history_kb * 1024) AS history_memory,
	round(history_kb / built_in_kb, 2) AS memory_ratio, memory_bound
FROM (SELECT plan, max(node) AS node,
		round(min(ms) FILTER (WHERE contender = 'built in')) AS built_in_ms,
		round(min(ms) FILTER (WHERE contender = 'history')) AS history_ms,
		max(kilobytes) FILTER (WHERE contender = 'built in') AS built_in_kb,
		max(kilobytes) FILTER (WHERE contender = 'history') AS history_kb
	FROM result GROUP BY plan) AS best
JOIN (VALUES ('hash', 0.85, 0.55), ('partitionwise', 0.75, NULL), ('index-ordered', 0.82, NULL), ('sorted', 1.05, NULL))
	AS bounds (plan, bound, memory_bound) USING (plan)
ORDER BY bound, plan;

\echo 'Stored:'
SELECT sum(visit_count(h)) AS visits, round(sum(pg_column_size(h))::numeric / sum(visit_count(h)), 2) AS bytes_a_visit, 4.5 AS bound
FROM histories;
