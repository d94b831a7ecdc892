-- customer_metrics: every column is what the function of its name gives.
CREATE TEMP TABLE histories AS
SELECT customer_id, min(channel) AS channel, visit_history(ordered_at, amount) AS h
FROM simulate_transactions(250, '2022-01-01', '2024-06-30', 5) GROUP BY customer_id;
INSERT INTO histories VALUES
	(-1, 'app', '{}'),                                   -- nobody yet
	(-2, 'app', (SELECT visit_history('2024-01-05'::date, -7.5))),   -- refunds only
	(-3, 'app', (SELECT visit_history(day) FROM (VALUES (date '2024-01-05'), ('2024-02-05')) AS orders (day))), -- no money
	(-4, 'app', (SELECT visit_history('2025-01-05'::date, 9))), -- a booking after as_of
	(-5, 'app', NULL);
SET client_min_messages = error; -- some channels have few customers
CREATE TEMP TABLE reference AS
SELECT channel, latency_norms(h, day) AS norms, rfm_scheme(h, day) AS scheme, value_tiers(h, day, '{0.01,0.05,0.20}') AS tiers,
	member_scheme(h, day) AS members, fit_btyd(h, day, 'mbgnbd') AS model, fit_spend(h, day) AS spend
FROM histories, (VALUES (date '2024-06-30')) AS today (day) GROUP BY channel;
RESET client_min_messages;

-- Column by column against the single functions, on several days, by each channel's references.
CREATE FUNCTION single(c histories, r reference, day date) RETURNS jsonb LANGUAGE sql STABLE AS $$
	SELECT to_jsonb(m) FROM (SELECT as_of(c.h, day) AS past, rfm(c.h, r.scheme, day) AS score,
		next_visit_range(c.h, r.model, day) AS by_model, next_visit_range(c.h, r.norms, day) AS by_norms) AS p,
	LATERAL (SELECT visit_count(past), order_count(past), first_visit(past), last_visit(past), days_since_last_visit(c.h, day), tenure(c.h, day),
		total_spend(past), average_order_value(past), average_visit_value(past),
		spend_between(past, day - 364, day) AS spend_last_365, spend_between(past, day - 729, day - 365) AS spend_previous_365,
		latency(past), median_latency(past), latency_stddev(past), latency_stddev(past) / latency(past) AS latency_variation,
		days_since_last_visit(c.h, day) / latency(past) AS silence_ratio,
		latency_status(c.h, r.norms, day), pace(c.h, r.norms, day), days_until_overdue(c.h, r.norms, day),
		coalesce(expected_next_visit(c.h, r.model, day), expected_next_visit(c.h, r.norms, day), expected_next_visit(past)) AS expected_next_visit,
		CASE WHEN expected_next_visit(c.h, r.model, day) IS NOT NULL THEN lower(by_model)
			WHEN expected_next_visit(c.h, r.norms, day) IS NOT NULL THEN lower(by_norms) END AS next_visit_from,
		CASE WHEN expected_next_visit(c.h, r.model, day) IS NOT NULL THEN upper(by_model)
			WHEN expected_next_visit(c.h, r.norms, day) IS NOT NULL THEN upper(by_norms) END - 1 AS next_visit_to,
		CASE WHEN expected_next_visit(c.h, r.model, day) IS NOT NULL THEN 'model' WHEN expected_next_visit(c.h, r.norms, day) IS NOT NULL THEN 'norms'
			WHEN expected_next_visit(past) IS NOT NULL THEN 'rhythm' END AS next_visit_source,
		coalesce(visit_probability(c.h, r.model, day), visit_probability(c.h, r.norms, day)) AS visit_probability,
		(score).r AS rfm_r, (score).f AS rfm_f, (score).m AS rfm_m, rfm_code(score), rfm_segment(score),
		lifecycle_stage(c.h, r.norms, day), activity_level(c.h, r.norms, day), loyalty_level(c.h, day), growth_state(c.h, day - 364, day),
		value_tier(c.h, r.tiers, day), member_segment(c.h, r.members, day), array_to_string(member_segments(c.h, r.members, day), ', ') AS member_segments,
		p_alive(c.h, r.model, day), churn_risk(c.h, r.model, day), expected_visits(c.h, r.model, day), expected_spend(c.h, r.spend, day),
		clv(c.h, r.model, r.spend, day), repeat_clv(past, 0)) AS m
$$;
CREATE FUNCTION together(c histories, r reference, day date) RETURNS jsonb LANGUAGE sql STABLE AS $$
	SELECT to_jsonb(m) FROM customer_metrics(c.h, r.norms, r.scheme, r.tiers, r.members, r.model, r.spend, day) AS m
$$;
SELECT day, count(*), count(*) FILTER (WHERE single(c, r, day) IS DISTINCT FROM together(c, r, day)) AS different
FROM histories c JOIN reference r USING (channel), unnest('{2022-01-01,2022-12-31,2024-06-30,2031-01-01}'::date[]) AS day
GROUP BY day ORDER BY day;
SELECT customer_id, e.key, e.value AS single, together(c, r, day) -> e.key AS together
FROM histories c JOIN reference r USING (channel), (VALUES (date '2024-06-30')) AS today (day), jsonb_each(single(c, r, day)) AS e
WHERE e.value IS DISTINCT FROM together(c, r, day) -> e.key ORDER BY 1, 2 LIMIT 10;

-- Any reference may be missing; what needs it is NULL, and the next visit comes from the next best source.
SELECT without, count(*), count(*) FILTER (WHERE together(c, r.reference, '2024-06-30') IS DISTINCT FROM single(c, r.reference, '2024-06-30')) AS different,
	string_agg(DISTINCT together(c, r.reference, '2024-06-30') ->> 'next_visit_source', ', ') AS sources
FROM histories c JOIN (
	SELECT channel, 'norms' AS without, (channel, NULL, scheme, tiers, members, model, spend)::reference AS reference FROM reference UNION ALL
	SELECT channel, 'scheme', (channel, norms, NULL, tiers, members, model, spend)::reference FROM reference UNION ALL
	SELECT channel, 'tiers', (channel, norms, scheme, NULL, members, model, spend)::reference FROM reference UNION ALL
	SELECT channel, 'members', (channel, norms, scheme, tiers, NULL, model, spend)::reference FROM reference UNION ALL
	SELECT channel, 'model', (channel, norms, scheme, tiers, members, NULL, spend)::reference FROM reference UNION ALL
	SELECT channel, 'spend', (channel, norms, scheme, tiers, members, model, NULL)::reference FROM reference UNION ALL
	SELECT channel, 'all', (channel, NULL, NULL, NULL, NULL, NULL, NULL)::reference FROM reference
) AS r USING (channel)
WHERE h IS NOT NULL GROUP BY without ORDER BY without;

-- Without a history or a day there is one row all the same, of NULLs.
SELECT m IS NULL AS all_null FROM customer_metrics(NULL, NULL, NULL, NULL, NULL, NULL, NULL, '2024-06-30') AS m;
SELECT m IS NULL AS all_null FROM customer_metrics('{}', NULL, NULL, NULL, NULL, NULL, NULL, NULL) AS m;
SELECT rfm_code, rfm_segment FROM histories c, reference r, customer_metrics(c.h, NULL, r.scheme, NULL, NULL, NULL, NULL, '2024-06-30', NULL)
WHERE c.channel = r.channel AND customer_id = 1;
SELECT visit_count FROM customer_metrics('{}', NULL, NULL, NULL, NULL, NULL, NULL, 'infinity');

-- One row of it, to look at.
\x
SELECT visit_count, total_spend, average_visit_value, spend_last_365, latency, latency_variation, latency_status, pace, next_visit_source, rfm_code, rfm_segment,
	lifecycle_stage, activity_level, loyalty_level, growth_state, value_tier, member_segments, churn_risk
FROM histories c JOIN reference r USING (channel), customer_metrics(c.h, r.norms, r.scheme, r.tiers, r.members, r.model, r.spend, '2024-06-30')
WHERE customer_id = 7;
\x

-- Each column is described, in the order of the columns.
SELECT count(*) AS columns, count(*) FILTER (WHERE d.name IS DISTINCT FROM p.name) AS undescribed
FROM pg_proc, unnest(proargnames[10:]) WITH ORDINALITY AS p (name, n)
LEFT JOIN (SELECT name::text, row_number() OVER () - 1 AS n FROM customer_metrics_columns()) AS d USING (n)
WHERE proname = 'customer_metrics';
