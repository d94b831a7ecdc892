-- Functions of stored histories, one core: millions of customers a second,
-- the reading of the table included.
CREATE TABLE speed (metric text, ms numeric);

CREATE PROCEDURE time_metric(metric text, rounds integer) LANGUAGE plpgsql AS $$
BEGIN
	CALL compete('metrics', metric, jsonb_build_object('ours', format('SELECT count(%s) FROM histories', metric)), rounds);
	INSERT INTO speed SELECT time_metric.metric, min(r.ms) FROM result AS r WHERE (r.part, r.what) = ('metrics', time_metric.metric);
END $$;

SELECT format('CALL time_metric(%L, %s)', metric, :rounds) FROM (VALUES
	('visit_count(h)'), ('last_visit(h)'), ('total_spend(h)'), ('latency(h)'), ('median_latency(h)'),
	($$spend_between(h, '2024-01-01', '2024-12-31')$$), ($$days_since_last_visit(h, '2024-12-31')$$), ('expected_next_visit(h)')
) AS metrics (metric) \gexec

\echo 'Metrics of stored histories:'
SELECT metric, round(ms) AS ms, round((SELECT count(*) FROM histories) / ms / 1000, 2) AS million_customers_a_second
FROM speed;
