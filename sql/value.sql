-- value: what a visit brings, what a customer is worth.
\getenv srcdir PG_ABS_SRCDIR
\set shop :srcdir '/test/regress/shop.sql'
\set ECHO none
\i :shop
\set ECHO all

-- ---- by what was, and by retention ----

-- The average value of repeat visits x their number - what the customer cost:
-- the money after the first visit, refunds on repeat visit days net, exactly.
SELECT h, repeat_clv(h, 12.345) FROM unnest(ARRAY[
	'{2024-01-05: 100, 2024-02-05: 20.10, 2024-03-05: 30}', '{2024-01-05: 100}', '{2024-01-05: 100, 2024-02-05: 20 in 2 orders, 2024-02-09: -5 in 0 orders}',
	'{2024-01-05: 10, 2024-02-05: -20 in 1 order}', '{2024-01-05, 2024-02-05}', '{}', '{2024-01-05: -5 in 0 orders}', NULL]::visit_history[]) h;
SELECT repeat_clv('{2024-01-05: 1, 2024-02-05: 999999999999999.99}', 0.000000001) AS exact, repeat_clv('{2024-01-05: 1, 2024-02-05: 2}', NULL) AS no_cost_known;

-- The worked example: 5000, 10000, 15000, then 10000 a year, no discount, for ever.
SELECT retention, clv, round(100 * (clv / first_value(clv) OVER (ORDER BY retention) - 1)) AS percent_more
FROM unnest(ARRAY[0.80, 0.85, 0.90]) retention, retention_clv('{5000, 10000, 15000, 10000}', retention) clv;
-- By hand: the sum over a common denominator, which makes every digit of it exact.
CREATE FUNCTION by_hand(revenue numeric[], retention numeric, discount_rate numeric, periods integer) RETURNS numeric LANGUAGE plpgsql AS $$
DECLARE
	above numeric := 0;
	below numeric := 1;
	weight numeric := 1;
BEGIN
	FOR t IN 1 .. periods LOOP
		above := above * (1 + discount_rate) + revenue[least(t, cardinality(revenue))] * weight;
		below := below * CASE t WHEN 1 THEN 1 ELSE 1 + discount_rate END;
		weight := weight * retention;
	END LOOP;
	RETURN trim_scale(round(round(above, 200) / below, 16));
END $$;
SELECT retention, discount, periods, clv, clv = by_hand('{5000, 10000, 15000.01, 10000}', retention, discount, coalesce(periods, 3000)) AS by_hand
FROM (VALUES (0.8, 0, NULL), (0.8, 0.1, NULL), (0.85, 0.07, 30), (0.8, 0.1, 10), (0.8, 0.1, 3), (0.8, 0.1, 2), (0.8, 0.1, 1), (0.8, 0, 7), (1, 0, 10), (1.1, 0.1, 1000), (1.05, 0.1, NULL), (1.2, 0.1, 20), (0, 0.1, 5), (1e-20, 0, 4), (0.123456789012345, 0.0123456789, 12)) v(retention, discount, periods),
     retention_clv('{5000, 10000, 15000.01, 10000}', retention, discount, periods) clv;
-- Money to the last digit, where a double has 15.
SELECT retention_clv('{999999999999999999.99, 0.01}', 1, 0, 3) AS cents, retention_clv('{0.00000000000000000000001}', 1, 0, 2) AS tiny, retention_clv('{1e300}', 2, 0, 100) = 1e300 * (1267650600228229401496703205376 - 1) AS large;
-- A setting for printing changes no sum.
SET extra_float_digits = -15;
SELECT retention_clv('{100}', 0.85) AS for_ever, retention_clv('{100}', 0.85, 0.05) AS discounted;
RESET extra_float_digits;
SELECT retention_clv('{100}', 0.85) AS for_ever, retention_clv('{100}', 0.85, 0.05) AS discounted;
-- Nothing, infinity, and what is not known.
SELECT retention_clv('{100}', 0.8, 0, 0) AS no_period, retention_clv('{100, 200}', 0) AS all_leave, retention_clv('{100}', 1) AS infinite, retention_clv('{100}', 1.2, 0.1) AS infinite_too,
       retention_clv('{100, 0}', 1) AS comes_to_an_end, retention_clv('{}', 0.8) AS no_revenue, retention_clv(NULL, 0.8) AS unknown, retention_clv('{100}', NULL) AS unknown, retention_clv('{100}', 0.8, NULL) AS unknown;
SELECT retention_clv('{-100, 200}', 0.5) AS first_a_loss, retention_clv('{{1, 2}, {3, 4}}', 0.5, 0, 4) AS in_order;
SELECT retention_clv('{100, NULL}', 0.8);
SELECT retention_clv('{100, NaN}', 0.8);
SELECT retention_clv('{Infinity}', 0.8);
SELECT retention_clv('{100}', -0.1);
SELECT retention_clv('{100}', 'NaN');
SELECT retention_clv('{100}', 'Infinity');
SELECT retention_clv('{100}', 0.8, -0.1);
SELECT retention_clv('{100}', 0.8, 0, -1);
SELECT retention_clv('{100}', 0.8, 'Infinity');
-- Too much for numeric.
SELECT retention_clv('{100}', 2, 0, 2147483647);

-- ---- spend_model: a value ----

CREATE TEMP TABLE models (name text, model spend_model);
INSERT INTO models VALUES ('cdnow', spend_model(6.25, 3.74, 15.44)), ('no mean', spend_model(2, 0.8, 10)), ('just none', spend_model(2, 1, 10));
SELECT fit_spend(h, '2024-12-31') AS fitted FROM shop \gset
INSERT INTO models VALUES ('fitted', :'fitted'), ('unknown', '{"model": "gammagamma", "parameters": null}');
SELECT name, model FROM models WHERE name <> 'fitted';
SELECT s.* FROM models, model_summary(model) s WHERE name = 'cdnow';
SELECT s.family, digits(s.parameters, 5) AS parameters, digits(s.standard_errors, 4) AS standard_errors, digits(s.log_likelihood) AS log_likelihood,
       s.aic = 2 * 3 - 2 * s.log_likelihood AS aic, s.customers, s.converged, s.warning
FROM models, model_summary(model) s WHERE name = 'fitted';
SELECT name, model::text::spend_model = model AS by_text, model::jsonb = model::text::jsonb AS jsonb, model::json::text = model::text AS json, model <> spend_model(1, 2, 3) AS different FROM models;
SELECT count(*) AS models FROM (SELECT model FROM (TABLE models UNION ALL TABLE models) twice GROUP BY model) g;
CREATE TEMP TABLE received (LIKE models);
\copy models TO 'results/value.copy' (FORMAT binary)
\copy received FROM 'results/value.copy' (FORMAT binary)
SELECT count(*) AS models, bool_and(a.model = b.model) AS by_binary FROM models a JOIN received b USING (name);
SELECT spend_model(0, 3, 15);
SELECT spend_model(6, -1, 15);
SELECT spend_model(6, 3, 'NaN');
SELECT spend_model(6, 3, 'Infinity');
SELECT spend_model(NULL, 3, 15) AS unknown;
SELECT '{"model": "mbgnbd", "parameters": {"p": 1, "q": 2, "v": 3}}'::spend_model;
SELECT '{"model": "gammagamma", "parameters": {"p": 1, "q": 2}}'::spend_model;
SELECT '{"model": "gammagamma", "parameters": {"p": 1, "q": 2, "v": "much"}}'::spend_model;
-- One kind is not the other.
SELECT expected_spend('{2024-01-05: 5}', btyd_model('bgnbd', '{1, 2, 3, 4}'), '2024-12-31');

-- ---- fitting ----

-- Only customers with repeat visits that brought money count, however much the first brought.
SELECT count(*) AS customers FROM shop, btyd_summary(h, '2024-12-31') WHERE frequency > 0 AND monetary_value > 0;
SELECT (SELECT fit_spend(h, '2024-12-31') FROM shop)
     = (SELECT fit_spend(h, '2024-12-31') FROM (SELECT h FROM shop UNION ALL SELECT unnest(ARRAY['{}', NULL, '{2024-05-01: 1000}', '{2024-05-01, 2024-06-01}', '{2024-05-01: 1000, 2024-06-01: 0}',
                                                '{2025-01-01: 5, 2025-01-02: 6}']::visit_history[])) s(h)) AS same;
-- A finer scale of money and another unit change nothing but v and what depends on it.
SELECT digits(a.parameters[1] / b.parameters[1], 6) AS p, digits(a.parameters[2] / b.parameters[2], 6) AS q, digits(a.parameters[3] / b.parameters[3], 6) AS v, a.customers = b.customers AS customers
FROM models, model_summary(model) a, LATERAL (SELECT fit_spend(m, '2024-12-31') AS cents FROM shop, LATERAL (SELECT visit_history(day, amount * 0.01) FROM visits(h)) c(m)) f, model_summary(cents) b
WHERE name = 'fitted';

-- The same bits from every plan and any order.
ANALYZE shop;
SET parallel_setup_cost = 0; SET parallel_tuple_cost = 0; SET min_parallel_table_scan_size = 0; SET max_parallel_workers_per_gather = 3;
EXPLAIN (COSTS OFF) SELECT fit_spend(h, '2024-12-31') FROM shop;
SELECT fit_spend(h, '2024-12-31') = :'fitted' AS parallel FROM shop;
RESET parallel_setup_cost; RESET parallel_tuple_cost; RESET min_parallel_table_scan_size; RESET max_parallel_workers_per_gather;
SELECT fit_spend(h, '2024-12-31' ORDER BY hashint4(customer)) = :'fitted' AS shuffled FROM shop;
CREATE AGGREGATE spend_state(visit_history, date) (SFUNC = fit_spend_accum, STYPE = population_state);
SELECT fit_spend_final(population_combine(spend_state(h, '2024-12-31') FILTER (WHERE customer % 2 = 0)::text::population_state, spend_state(h, '2024-12-31') FILTER (WHERE customer % 2 = 1)::text::population_state)) = :'fitted' AS as_text FROM shop;

-- Populations that say little: the warning names the reason.
SELECT fit_spend('{2024-06-01: 5}', '2024-12-31');
SELECT fit_spend(h, '2024-12-31') AS no_row FROM shop WHERE false;
SET client_min_messages = error;
SELECT kind, s.customers, s.converged OR s.warning IS NOT NULL AS ended, split_part(s.warning, '; ', 1) AS warning, model::text !~* 'nan|inf' AS finite
FROM (VALUES (1, 'nobody came back', ARRAY['{2024-06-01: 5}', '{2024-06-02: 5}']::visit_history[]),
             (2, 'no money', ARRAY['{2024-06-01, 2024-07-01}', '{2024-06-02, 2024-08-01}']::visit_history[]),
             (3, 'one customer', ARRAY['{2024-06-01: 5, 2024-07-01: 5}']::visit_history[]),
             (4, 'all alike', array_fill('{2024-06-01: 5, 2024-07-01: 5}'::visit_history, ARRAY[80])),
             (5, 'always the same price', ARRAY(SELECT visit_history(date '2024-01-01' + 9 * v, 5) FROM generate_series(1, 80) i, generate_series(0, 1 + i % 7) v GROUP BY i)),
             (6, 'forty-nine', ARRAY(SELECT h FROM shop WHERE visit_count(h) > 1 ORDER BY customer LIMIT 49)),
             (7, 'one visit brought a fortune', ARRAY(SELECT visit_history(date '2024-01-01' + 9 * v, CASE WHEN i = 80 THEN 1e12 ELSE 0.01 END) FROM generate_series(1, 80) i, generate_series(0, 2) v GROUP BY i)),
             (8, 'each ten times the last', ARRAY(SELECT visit_history(date '2024-01-01' + 9 * v, 10.0 ^ (i / 8)) FROM generate_series(1, 120) i, generate_series(0, 1) v GROUP BY i))) p(n, kind, histories),
     LATERAL (SELECT fit_spend(h, '2024-12-31') AS model FROM unnest(histories) h) f, model_summary(model) s ORDER BY n;
RESET client_min_messages;
SELECT fit_spend(h, NULL) FROM shop;
SELECT fit_spend(h, date '2024-12-31' - visit_count(h) % 2) FROM shop;

SELECT fit_spend_final('9 2 1 1 9131 1 500 60'::population_state);
SELECT fit_spend_final('8 0 2 1 9131 0 1 100 60'::population_state);
-- Histories without a visit, as of that day or at all, teach nothing.
SELECT fit_spend(h, '2024-12-31') IS NULL AS nothing FROM (SELECT visit_history(day, 5) AS h FROM (VALUES (NULL::date), ('2025-01-01')) v(day) GROUP BY day) e;

-- ---- expected_spend ----

-- Fader & Hardie 2013, equation 5: p (v + x m) / (p x + q - 1); the population's mean p v / (q - 1)
-- where no repeat visit brought money. NULL without a visit, where the mean does not exist, of an unknown model.
SELECT h, name, digits(expected_spend(h, model, '2024-12-31')) AS spend,
       digits(CASE WHEN frequency > 0 AND monetary_value > 0 THEN 6.25 * (15.44 + frequency * monetary_value) / (6.25 * frequency + 3.74 - 1) ELSE 6.25 * 15.44 / (3.74 - 1) END) AS by_hand
FROM models, unnest(ARRAY['{2024-01-05: 100, 2024-02-05: 20.10, 2024-03-05: 30}', '{2024-01-05: 100}', '{2024-01-05, 2024-02-05}', '{2024-01-05: 10, 2024-02-05: 5, 2024-02-06: -9 in 0 orders, 2024-03-05: -20 in 1 order}',
                          '{2024-01-05: 10, 2024-02-05: 999999999999999.99}']::visit_history[]) h, btyd_summary(h, '2024-12-31') WHERE name = 'cdnow';
SELECT name, expected_spend('{}', model, '2024-12-31') AS nobody, expected_spend('{2025-01-01: 5}', model, '2024-12-31') AS not_yet, digits(expected_spend('{2024-01-05: 5}', model, '2024-12-31')) AS once,
       digits(expected_spend('{2024-01-05: 5, 2024-02-05: 7}', model, '2024-12-31')) AS twice FROM models WHERE name <> 'fitted' ORDER BY name;

-- ---- clv ----

CREATE TEMP TABLE visits_of AS SELECT btyd_model(family, parameters) AS model, family
FROM (VALUES ('bgnbd', '{0.25, 31, 0.8, 2.4}'::float8[]), ('mbgnbd', '{0.5, 43, 0.9, 1.6}'), ('paretonbd', '{0.55, 74, 0.6, 82}'), ('mbgcnbd', '{1.3, 20, 0.4, 0.8, 2}')) p(family, parameters);
-- Without a discount: margin x expected spend x expected visits.
SELECT family, digits(clv(h, v.model, m.model, '2024-12-31', 365, 0, 0.3)) AS clv, digits(0.3 * expected_spend(h, m.model, '2024-12-31') * expected_visits(h, v.model, '2024-12-31', 365)) AS by_hand
FROM visits_of v, models m, (VALUES ('{2024-01-05: 20, 2024-05-07: 40, 2024-09-30: 30}'::visit_history)) c(h) WHERE name = 'cdnow';
-- With it each visit is discounted from its day: by hand, day by day, between
-- the value at the end and at the beginning of the day.
SELECT family, rate, digits(clv) AS clv, clv BETWEEN least(early, late) AND greatest(early, late) AS between_by_hand, digits(late / early - 1, 2) AS width
FROM visits_of v, unnest(ARRAY[0.1, 0.5, -0.05]) rate, (VALUES ('{2024-01-05: 20, 2024-05-07: 40, 2024-09-30: 30}'::visit_history)) c(h), spend_model(1, 2, 1) one,
     LATERAL (SELECT sum(visits * (1 + rate) ^ (-day / 365.0)) * spend AS late, sum(visits * (1 + rate) ^ (-(day - 1) / 365.0)) * spend AS early
	          FROM expected_spend(h, one, '2024-12-31') spend, generate_series(1, 365) day, LATERAL (SELECT expected_visits(h, v.model, '2024-12-31', day) - expected_visits(h, v.model, '2024-12-31', day - 1)) d(visits) GROUP BY spend) e,
     clv(h, v.model, one, '2024-12-31', 365, rate) clv;
-- The whole remaining life is more than any number of years, and their limit.
SELECT family, digits(clv(h, model, one, '2024-12-31')) AS a_year, digits(clv(h, model, one, '2024-12-31', 3650)) AS ten, digits(clv(h, model, one, '2024-12-31', NULL)) AS life,
       clv(h, model, one, '2024-12-31', 3650) < clv(h, model, one, '2024-12-31', NULL) AS more, abs(clv(h, model, one, '2024-12-31', 365 * 300) / clv(h, model, one, '2024-12-31', NULL) - 1) < 1e-9 AS limit_of_it
FROM visits_of, spend_model(1, 2, 1) one, (VALUES ('{2024-01-05: 20, 2024-05-07: 40, 2024-09-30: 30}'::visit_history)) c(h);
-- No end and no discount: NULL where the sum is infinite, finite where dropout ends it.
SELECT family, parameters, digits(clv('{2024-01-05, 2024-05-07, 2024-09-30}', btyd_model(family, parameters), spend_model(1, 2, 1), '2024-12-31', NULL, 0)) AS life
FROM (VALUES ('mbgnbd', '{0.5, 43, 0.9, 1.6}'::float8[]), ('mbgnbd', '{0.5, 43, 2.5, 1.6}'), ('paretonbd', '{0.55, 74, 0.6, 82}'), ('paretonbd', '{0.55, 74, 1.6, 82}'), ('bgnbd', '{0.5, 43, 1, 1.6}')) p(family, parameters);
SELECT clv('{2024-01-05, 2024-05-07}', model, spend_model(1, 2, 1), '2024-12-31', NULL, -0.1) AS infinite FROM visits_of;
-- NULL of nobody, before the first visit, where the spend is not known, of unknown models and arguments; 0 for no day.
SELECT clv('{}', v.model, m.model, '2024-12-31') AS nobody, clv('{2025-01-01: 5}', v.model, m.model, '2024-12-31') AS not_yet, clv(h, v.model, spend_model(2, 0.8, 10), '2024-12-31') AS no_mean,
       clv(h, '{"model": "mbgnbd", "parameters": null}', m.model, '2024-12-31') AS unknown, clv(h, v.model, '{"model": "gammagamma", "parameters": null}', '2024-12-31') AS unknown,
       clv(NULL, v.model, m.model, '2024-12-31') AS no_history, clv(h, v.model, m.model, '2024-12-31', 365, NULL) AS no_rate, clv(h, v.model, m.model, '2024-12-31', 0) AS no_day, clv(h, v.model, m.model, '2024-12-31', 365, 0.1, 0) AS no_margin
FROM visits_of v, models m, (VALUES ('{2024-01-05: 20}'::visit_history)) c(h) WHERE family = 'mbgnbd' AND name = 'cdnow';
SELECT clv('{2024-01-05: 20}', model, spend_model(6, 3, 15), '2024-12-31', -1) FROM visits_of WHERE family = 'mbgnbd';
SELECT clv('{2024-01-05: 20}', model, spend_model(6, 3, 15), '2024-12-31', 365, -1) FROM visits_of WHERE family = 'mbgnbd';
SELECT clv('{2024-01-05: 20}', model, spend_model(6, 3, 15), '2024-12-31', 365, 'NaN') FROM visits_of WHERE family = 'mbgnbd';
SELECT clv('{2024-01-05: 20}', model, spend_model(6, 3, 15), '2024-12-31', 365, 'Infinity') FROM visits_of WHERE family = 'mbgnbd';
SELECT clv('{2024-01-05: 20}', model, spend_model(6, 3, 15), '2024-12-31', 365, 0.1, -0.3) FROM visits_of WHERE family = 'mbgnbd';
SELECT clv('{2024-01-05: 20}', model, spend_model(6, 3, 15), '2024-12-31', 365, 0.1, 'NaN') FROM visits_of WHERE family = 'mbgnbd';
SELECT clv('{2024-01-05: 20}', model, spend_model(6, 3, 15), '2024-12-31', 365, 0.1, 'Infinity') FROM visits_of WHERE family = 'mbgnbd';
SELECT clv('{2024-01-05: 20}', model, spend_model(6, 3, 15), 'infinity') FROM visits_of WHERE family = 'mbgnbd';
-- Strange rates and horizons end, too, and are never negative money nor NaN.
SELECT family, count(*) AS asked, count(clv) AS answered, bool_and(clv >= 0 AND clv < 'Infinity') AS sane
FROM visits_of, unnest(ARRAY[0, 1, 365, 36500, 2147483647, NULL]) days, unnest(ARRAY[-0.999999, -0.5, -1e-9, 0, 1e-12, 1e-4, 0.1, 10, 1e6, 1e300]) rate,
     unnest(ARRAY[customer(0, 0), customer(1, 1), customer(3, 300), customer(300, 300), customer(300, 1000)]) h, clv(h, model, spend_model(1, 2, 1), '2026-12-31', days, rate) clv
GROUP BY family ORDER BY family;
-- All leave in the first minutes, and inflation makes little of that: the years behind are not gone through.
SET statement_timeout = '5s';
SELECT clv('{2024-01-05: 20}', btyd_model('paretonbd', '{2, 0.001, 1e8, 1e-8}'), spend_model(6, 4, 15), '2026-12-31', 10000, -0.02) >= 0 AS at_once;
RESET statement_timeout;
-- All leave in the first days: what money to come is worth at e^69 of inflation is lost in the last digits of the visits.
SELECT family, clv('{2024-01-05: 20}', btyd_model(family, '{1000, 1, 1000, 1}'), spend_model(6, 3, 15), '2024-01-05', 3650, -0.999) AS cannot_be_told FROM unnest(ARRAY['bgnbd', 'mbgnbd']) family;

DROP AGGREGATE spend_state(visit_history, date);
DROP FUNCTION by_hand(numeric[], numeric, numeric, integer);
DROP TABLE shop;
DROP FUNCTION digits(double precision, integer), digits(double precision[], integer), customer(integer, integer);
