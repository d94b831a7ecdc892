-- References and models over stored histories, one core: learning them, and
-- judging customers by them.
\ir ../data/histories.sql
\echo 'Measuring: references and models learned …'
SET client_min_messages = error;
SELECT format('CALL compete(%L, %L, %L, %s)', 'learning', what, jsonb_build_object('ours', format('SELECT %s FROM histories', aggregate)), :rounds)
FROM (VALUES
	('fit_btyd bgnbd', $$fit_btyd(h, '2024-12-31', 'bgnbd')$$),
	('fit_btyd mbgnbd', $$fit_btyd(h, '2024-12-31', 'mbgnbd')$$),
	('fit_btyd paretonbd', $$fit_btyd(h, '2024-12-31', 'paretonbd')$$),
	('fit_btyd mbgcnbd', $$fit_btyd(h, '2024-12-31')$$),
	('fit_spend', $$fit_spend(h, '2024-12-31')$$),
	('latency_norms', $$latency_norms(h, '2024-12-31')$$),
	('rfm_scheme', $$rfm_scheme(h, '2024-12-31')$$)
) AS fits (what, aggregate) \gexec

CREATE TABLE learned AS
SELECT latency_norms(h, '2024-12-31') AS norms, rfm_scheme(h, '2024-12-31') AS scheme, value_tiers(h, '2024-12-31', '{0.2,0.5}') AS tiers,
	member_scheme(h, '2024-12-31') AS members, fit_spend(h, '2024-12-31') AS spend FROM histories;
CREATE TABLE models (family text, model btyd_model);
SELECT format('INSERT INTO models SELECT %L, fit_btyd(h, %L, %1$L) FROM histories', family, '2024-12-31')
FROM unnest('{bgnbd, mbgnbd, mbgcnbd, paretonbd}'::text[]) AS family \gexec
RESET client_min_messages;

\echo 'Measuring: forecasts and customer_metrics …'
CREATE TABLE few AS SELECT h FROM histories LIMIT 100000;
ANALYZE few;
CREATE FUNCTION judging(metric text, family text) RETURNS text LANGUAGE sql AS $$
	SELECT format('SELECT count(%s) FROM few, learned, (SELECT model FROM models WHERE family = %L) AS m', metric, family)
$$;
SELECT format('CALL compete(%L, %L, %L, %s)', 'forecasts', what, jsonb_object_agg(family, judging(metric, family)), :rounds)
FROM models, (VALUES
	('p_alive', $$p_alive(h, model, '2024-12-31')$$),
	('churn_risk', $$churn_risk(h, model, '2024-12-31')$$),
	('expected_visits', $$expected_visits(h, model, '2024-12-31')$$),
	('visit_probability', $$visit_probability(h, model, '2024-12-31')$$),
	('expected_next_visit', $$expected_next_visit(h, model, '2024-12-31')$$),
	('next_visit_range', $$next_visit_range(h, model, '2024-12-31')$$),
	('clv, 365 days', $$clv(h, model, spend, '2024-12-31')$$),
	('clv, whole life', $$clv(h, model, spend, '2024-12-31', NULL)$$),
	('customer_metrics', $$customer_metrics(h, norms, scheme, tiers, members, model, spend, '2024-12-31')$$)
) AS forecasts (what, metric) GROUP BY what, metric \gexec
SELECT format('CALL compete(%L, %L, %L, %s)', 'judgements', what, jsonb_build_object('ours', format('SELECT count(%s) FROM few, learned', metric)), :rounds)
FROM (VALUES
	('latency_status', $$latency_status(h, norms, '2024-12-31')$$),
	('expected_next_visit by norms', $$expected_next_visit(h, norms, '2024-12-31')$$),
	('rfm', $$rfm(h, scheme, '2024-12-31')$$),
	('expected_spend', $$expected_spend(h, spend, '2024-12-31')$$),
	('customer_metrics without a model', $$customer_metrics(h, norms, scheme, tiers, members, NULL, NULL, '2024-12-31')$$)
) AS judgements (what, metric) \gexec
