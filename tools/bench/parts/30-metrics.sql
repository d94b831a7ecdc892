-- Functions of stored histories, one core, the reading of the table included.
\ir ../data/histories.sql
\echo 'Measuring: metrics of stored histories …'
SELECT format('CALL compete(%L, %L, %L, %s)', 'metrics', metric, jsonb_build_object('ours', format('SELECT count(%s) FROM histories', metric)), :rounds)
FROM (VALUES
	('visit_count(h)'), ('last_visit(h)'), ('total_spend(h)'), ('latency(h)'), ('median_latency(h)'),
	($$spend_between(h, '2024-01-01', '2024-12-31')$$), ($$days_since_last_visit(h, '2024-12-31')$$), ('expected_next_visit(h)')
) AS metrics (metric) \gexec
INSERT INTO result (part, what, note)
SELECT 'run', 'bytes a visit', round(sum(pg_column_size(h))::numeric / sum(visit_count(h)), 2) FROM histories;
