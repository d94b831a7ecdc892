-- visit_history against the built-in aggregates: the same table, the same
-- plan, the same run, taking turns.
CREATE PROCEDURE compare(plan text, source regclass, rounds integer) LANGUAGE sql AS $$
	CALL compete('histories', plan, jsonb_build_object(
		'built in', format('SELECT customer_id, count(*), min(day), max(day), sum(amount) FROM %s GROUP BY customer_id', source),
		'ours', format('SELECT customer_id, visit_history(day, amount) FROM %s GROUP BY customer_id', source)), rounds)
$$;

SET work_mem = '4GB';
\echo 'Measuring: hash …'
CALL compare('hash', 'shuffled', :rounds);
SET enable_partitionwise_aggregate = on;
\echo 'Measuring: partitionwise …'
CALL compare('partitionwise', 'partitioned', :rounds);
SET max_parallel_workers_per_gather = 2;
SET min_parallel_table_scan_size = 0;
\echo 'Measuring: partitionwise, two workers …'
CALL compare('partitionwise, two workers', 'partitioned', :rounds);
RESET min_parallel_table_scan_size;
SET max_parallel_workers_per_gather = 0;
SET enable_hashagg = off;
SET enable_seqscan = off;
\echo 'Measuring: index-ordered …'
CALL compare('index-ordered', 'by_customer', :rounds);
RESET enable_seqscan;
\echo 'Measuring: sorted …'
CALL compare('sorted', 'shuffled', :rounds);
RESET enable_hashagg;
SET work_mem = '16MB';
\echo 'Measuring: hash, spilling at 16 MB …'
CALL compare('hash, spilling', 'shuffled', :rounds);
SET work_mem = '4GB';

\echo 'Histories of all customers against count(*), min(day), max(day), sum(amount); ratios round by round:'
SELECT what AS plan, node, round(min(ms) FILTER (WHERE contender = 'built in')) AS built_in_ms,
	round(min(ms) FILTER (WHERE contender = 'ours')) AS history_ms, r.median AS ratio, r.lowest, r.highest, bound,
	round(max(kilobytes) FILTER (WHERE contender = 'ours') / max(kilobytes) FILTER (WHERE contender = 'built in'), 2) AS memory_ratio, memory_bound,
	pg_size_pretty(max(grown) FILTER (WHERE contender = 'built in') * 1024) AS built_in_backend,
	pg_size_pretty(max(grown) FILTER (WHERE contender = 'ours') * 1024) AS history_backend
FROM result JOIN (VALUES ('hash', 1, 0.85, 0.55), ('partitionwise', 2, 0.75, NULL), ('partitionwise, two workers', 3, NULL, NULL),
	('index-ordered', 4, 0.82, NULL), ('sorted', 5, 1.05, NULL), ('hash, spilling', 6, NULL, NULL)) AS bounds (what, place, bound, memory_bound) USING (what),
	ratio('histories', what, 'ours', 'built in') AS r
WHERE part = 'histories'
GROUP BY what, node, place, r.median, r.lowest, r.highest, bound, memory_bound ORDER BY place;

\echo 'Stored:'
SELECT sum(visit_count(h)) AS visits, round(sum(pg_column_size(h))::numeric / sum(visit_count(h)), 2) AS bytes_a_visit, 4.5 AS bound
FROM histories;
