-- Models over stored histories, one core: fitting them, less the time that
-- reading the histories takes, and forecasting with them.
CREATE TABLE fit (what text, ms numeric, bound numeric);

CREATE PROCEDURE time_fit(what text, aggregate text, rounds integer, bound numeric) LANGUAGE plpgsql AS $$
BEGIN
	CALL compete('learning', what, jsonb_build_object('ours', format('SELECT %s FROM histories', aggregate)), rounds);
	INSERT INTO fit SELECT time_fit.what, min(r.ms), time_fit.bound FROM result AS r WHERE (r.part, r.what) = ('learning', time_fit.what);
END $$;

SET client_min_messages = error;
CALL time_fit('reading', 'count(first_visit(h))', :rounds, NULL);
SELECT format('CALL time_fit(%L, %L, %s, %s)', what, aggregate, :rounds, coalesce(bound::text, 'NULL')) FROM (VALUES
	('fit_btyd bgnbd', $$fit_btyd(h, '2024-12-31', 'bgnbd')$$, 400),
	('fit_btyd mbgnbd', $$fit_btyd(h, '2024-12-31', 'mbgnbd')$$, 400),
	('fit_btyd paretonbd', $$fit_btyd(h, '2024-12-31', 'paretonbd')$$, 1000),
	('fit_btyd mbgcnbd, k by likelihood', $$fit_btyd(h, '2024-12-31')$$, 1500),
	('fit_spend', $$fit_spend(h, '2024-12-31')$$, 300),
	('latency_norms', $$latency_norms(h, '2024-12-31')$$, NULL),
	('rfm_scheme', $$rfm_scheme(h, '2024-12-31')$$, NULL)
) AS fits (what, aggregate, bound) \gexec
RESET client_min_messages;

\echo 'Learning from all stored histories (bounds are for a million customers):'
SELECT what, round(ms) AS ms, round(ms - (SELECT ms FROM fit WHERE what = 'reading')) AS ms_beyond_reading,
	round(bound * (SELECT count(*) FROM histories) / 1000000) AS bound
FROM fit WHERE what <> 'reading';

CREATE TABLE learned AS
SELECT fit_spend(h, '2024-12-31') AS spend, latency_norms(h, '2024-12-31') AS norms FROM histories;
CREATE TABLE models (family text, model btyd_model);
INSERT INTO models SELECT 'bgnbd', fit_btyd(h, '2024-12-31', 'bgnbd') FROM histories;
INSERT INTO models SELECT 'mbgnbd', fit_btyd(h, '2024-12-31', 'mbgnbd') FROM histories;
INSERT INTO models SELECT 'mbgcnbd', fit_btyd(h, '2024-12-31', 'mbgcnbd') FROM histories;
INSERT INTO models SELECT 'paretonbd', fit_btyd(h, '2024-12-31', 'paretonbd') FROM histories;

CREATE TABLE forecast (place integer GENERATED ALWAYS AS IDENTITY, what text, family text, ms numeric);
CREATE PROCEDURE time_forecast(what text, family text, metric text) LANGUAGE plpgsql AS $$
BEGIN
	INSERT INTO forecast (what, family, ms) SELECT what, family, m.ms
	FROM measure(format('SELECT count(%s) FROM (SELECT h FROM histories LIMIT 100000) AS few, learned, (SELECT model FROM models WHERE family = %L) AS m', metric, family)) AS m;
END $$;
SELECT format('CALL time_forecast(%L, %L, %L)', what, family, metric) FROM (VALUES
	('latency_status by norms', $$latency_status(h, norms, '2024-12-31')$$),
	('expected_next_visit by norms', $$expected_next_visit(h, norms, '2024-12-31')$$),
	('p_alive', $$p_alive(h, model, '2024-12-31')$$),
	('churn_risk', $$churn_risk(h, model, '2024-12-31')$$),
	('expected_visits', $$expected_visits(h, model, '2024-12-31')$$),
	('visit_probability', $$visit_probability(h, model, '2024-12-31')$$),
	('expected_next_visit', $$expected_next_visit(h, model, '2024-12-31')$$),
	('next_visit_range', $$next_visit_range(h, model, '2024-12-31')$$),
	('expected_spend', $$expected_spend(h, spend, '2024-12-31')$$),
	('clv, 365 days', $$clv(h, model, spend, '2024-12-31')$$),
	('clv, whole life', $$clv(h, model, spend, '2024-12-31', NULL)$$)
) AS forecasts (what, metric), models \gexec

\echo 'Forecasts by a model, in thousand customers a second (norms know no family):'
WITH pace AS (SELECT *, round(least(100000, (SELECT count(*) FROM histories)) / ms) AS thousands FROM forecast)
SELECT what, max(thousands) FILTER (WHERE family = 'bgnbd') AS bgnbd, max(thousands) FILTER (WHERE family = 'mbgnbd') AS mbgnbd,
	max(thousands) FILTER (WHERE family = 'mbgcnbd') AS mbgcnbd, max(thousands) FILTER (WHERE family = 'paretonbd') AS paretonbd,
	CASE WHEN what NOT LIKE '%by norms' THEN 300 END AS bound
FROM pace GROUP BY what ORDER BY min(place);
