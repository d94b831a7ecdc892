-- The sequence of one customer's gaps.

-- The founding example: the rhythm quickens, then slows; the turn is visit 4.
CREATE TEMP TABLE founding AS
SELECT visit_history(date '2020-01-01' + day) AS h FROM unnest(ARRAY[0, 90, 150, 180, 240, 330, 450, 630]) day;
SELECT latencies(h), latency(h), median_latency(h), round(latency_stddev(h)::numeric, 6) AS stddev, expected_next_visit(h) FROM founding;
SELECT t.* FROM founding, latency_turns(h) t;
SELECT n, latency(h, n) FROM founding, generate_series(-1, 9) n;

-- Equal gaps keep the direction; a first change is no turn.
CREATE FUNCTION pg_temp.with_gaps(VARIADIC gaps int[]) RETURNS visit_history LANGUAGE sql AS $$
	SELECT visit_history(date '2020-01-01' + total::int)
	FROM (SELECT 0 UNION ALL SELECT sum(gap) OVER (ORDER BY n) FROM unnest(gaps) WITH ORDINALITY g(gap, n)) d(total) $$;
SELECT t.* FROM latency_turns(pg_temp.with_gaps(10, 10, 20, 20, 30)) t;
SELECT t.* FROM latency_turns(pg_temp.with_gaps(30, 20, 20, 30, 30, 10, 10, 10, 11)) t;
SELECT t.* FROM latency_turns(pg_temp.with_gaps(5)) t;

-- Too few visits for a mean, a median, a deviation.
SELECT h, latency(h), median_latency(h), latency_stddev(h), latencies(h), latency(h, 1), expected_next_visit(h)
FROM unnest(ARRAY['{}', '{2024-01-05: -5 in 0 orders}', '{2024-01-05: 5}', '{2024-01-05: 5, 2024-01-12: 5}', '{2024-01-05, 2024-01-12, 2024-01-20}', NULL]::visit_history[]) h;
-- Refunds are no visits.
SELECT latencies('{2024-01-01: -5 in 0 orders, 2024-01-05: 5, 2024-01-07: -5 in 0 orders, 2024-01-12: 5}');
-- The mean is rounded half up: 7 / 2 days.
SELECT expected_next_visit('{2024-01-01, 2024-01-04, 2024-01-08}') AS half_up, expected_next_visit('{2024-01-01, 2024-01-04, 2024-01-07, 2024-01-11}') AS down;
-- The whole calendar; a forecast beyond it cannot be known.
SELECT latency(h), latencies(h), latency_stddev(h) FROM unnest(ARRAY['{4714-11-24 BC, 5874897-12-31}']::visit_history[]) h;
SELECT expected_next_visit('{4714-11-24 BC, 5874897-12-31}');

-- Against plain SQL, simulated customers.
CREATE TEMP TABLE histories AS
SELECT customer_id, visit_history(ordered_at, amount) AS h FROM simulate_transactions(400, '2023-01-01', '2024-12-31', 11) GROUP BY customer_id;
SELECT count(*) AS customers,
       count(*) FILTER (WHERE (latencies(h), latency(h), median_latency(h)) IS DISTINCT FROM (coalesce(gaps, '{}'), mean, median)) AS wrong,
       count(*) FILTER (WHERE latency_stddev(h) IS NOT DISTINCT FROM stddev OR abs(latency_stddev(h) - stddev) <= 1e-12 * stddev) AS stddev_right
FROM histories LEFT JOIN LATERAL (
	SELECT array_agg(gap ORDER BY day) AS gaps, sum(gap)::float8 / count(*) AS mean, percentile_cont(0.5) WITHIN GROUP (ORDER BY gap) AS median, stddev_samp(gap)::float8 AS stddev
	FROM (SELECT day, (lead(day) OVER (ORDER BY day) - day)::int AS gap FROM visits(h) WHERE orders > 0) g WHERE gap IS NOT NULL) e ON true;
