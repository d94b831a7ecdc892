-- Models over stored histories, one core: fitting them, less the time that
-- reading the histories takes, and forecasting with them.
CREATE TABLE fit (what text, ms numeric, bound numeric);

CREATE PROCEDURE time_fit(what text, aggregate text, rounds integer, bound numeric) LANGUAGE plpgsql AS $$
BEGIN
	INSERT INTO fit
	SELECT what, min(m.ms), bound FROM generate_series(1, rounds),
		measure(format('SELECT %s FROM histories', aggregate)) AS m;
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

CREATE TABLE model AS
SELECT fit_btyd(h, '2024-12-31') AS model, fit_spend(h, '2024-12-31') AS spend, latency_norms(h, '2024-12-31') AS norms FROM histories;
CREATE TABLE pareto AS
SELECT fit_btyd(h, '2024-12-31', 'paretonbd') AS model FROM histories;

CREATE TABLE forecast (what text, ms numeric);
CREATE PROCEDURE time_forecast(what text, source text, metric text) LANGUAGE plpgsql AS $$
BEGIN
	INSERT INTO forecast SELECT what, m.ms
	FROM measure(format('SELECT count(%s) FROM (SELECT h FROM histories LIMIT 100000) AS few, %s', metric, source)) AS m;
END $$;
SELECT format('CALL time_forecast(%L, %L, %L)', what, source, metric) FROM (VALUES
	('latency_status', 'model', $$latency_status(h, norms, '2024-12-31')$$),
	('expected_next_visit by norms', 'model', $$expected_next_visit(h, norms, '2024-12-31')$$),
	('p_alive', 'model', $$p_alive(h, model, '2024-12-31')$$),
	('expected_visits', 'model', $$expected_visits(h, model, '2024-12-31')$$),
	('visit_probability', 'model', $$visit_probability(h, model, '2024-12-31')$$),
	('expected_next_visit', 'model', $$expected_next_visit(h, model, '2024-12-31')$$),
	('next_visit_range', 'model', $$next_visit_range(h, model, '2024-12-31')$$),
	('clv', 'model', $$clv(h, model, spend, '2024-12-31')$$),
	('expected_visits, paretonbd', 'pareto', $$expected_visits(h, model, '2024-12-31')$$),
	('expected_next_visit, paretonbd', 'pareto', $$expected_next_visit(h, model, '2024-12-31')$$)
) AS forecasts (what, source, metric) \gexec

\echo 'Forecasts (the model is mbgcnbd where no other is named; the bound is 300,000 a second):'
SELECT what, round(ms) AS ms, round(least(100000, (SELECT count(*) FROM histories)) / ms) AS thousand_customers_a_second FROM forecast;
