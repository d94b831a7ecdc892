-- btyd: models of who still is a customer, as values, fitted, and asked.
\getenv srcdir PG_ABS_SRCDIR
\set shop :srcdir '/test/regress/shop.sql'
\set ECHO none
\i :shop
\set ECHO all

-- ---- a model is a value ----

-- From published parameters (alpha and beta in days): BG/NBD of CDNOW.
CREATE TEMP TABLE models (name text, model btyd_model);
INSERT INTO models VALUES
	('bgnbd', btyd_model('bgnbd', '{0.2425945, 30.89521, 0.7929220, 2.425907}')),
	('mbgnbd', btyd_model('mbgnbd', '{0.5248432, 43.28160, 0.8913594, 1.614002}')),
	('paretonbd', btyd_model('paretonbd', '{0.5532771, 74.04376, 0.6062400, 81.68118}')),
	('mbgcnbd', btyd_model('mbgcnbd', '{1.329175, 19.68786, 0.4247090, 0.7900287, 2}'));
SELECT model FROM models;
-- What is not known of it is NULL.
SELECT s.* FROM models, model_summary(model) s;
SELECT fit_btyd(h, '2024-12-31') AS fitted FROM shop \gset
INSERT INTO models VALUES ('fitted', :'fitted');
-- Text, JSON, equality, hash.
SELECT name, model::text::btyd_model = model AS by_text, model::jsonb = model::text::jsonb AS jsonb, model::json::text = model::text AS json FROM models;
SELECT a.name, b.name FROM models a JOIN models b ON a.model = b.model WHERE a.name <> b.name;
SELECT count(*) AS models FROM (SELECT model FROM (TABLE models UNION ALL TABLE models) twice GROUP BY model) g;
SELECT model::jsonb -> 'parameters' -> 'r' AS r FROM models WHERE name = 'bgnbd';
-- Binary, as COPY sends it.
CREATE TEMP TABLE received (LIKE models);
\copy models TO 'results/btyd.copy' (FORMAT binary)
\copy received FROM 'results/btyd.copy' (FORMAT binary)
SELECT count(*) AS models, bool_and(a.model = b.model) AS by_binary FROM models a JOIN received b USING (name);
-- Members may come in any order; unknown ones are ignored.
SELECT '{"parameters": {"b": 4, "a": 3, "alpha": 2, "r": 1}, "note": "of last year", "model": "mbgnbd"}'::btyd_model;

-- Parameters that make no model.
SELECT btyd_model('gamma', '{1, 2, 3, 4}');
SELECT btyd_model('bgnbd', '{1, 2, 3}');
SELECT btyd_model('mbgcnbd', '{1, 2, 3, 4}');
SELECT btyd_model('bgnbd', '{1, 2, NULL, 4}');
SELECT btyd_model('bgnbd', '{}');
SELECT btyd_model('bgnbd', '{1, 0, 3, 4}');
SELECT btyd_model('mbgnbd', '{-1, 2, 3, 4}');
SELECT btyd_model('paretonbd', '{1, 2, 3, NaN}');
SELECT btyd_model('bgnbd', '{1, Infinity, 3, 4}');
SELECT btyd_model('bgnbd', '{1e-9, 2, 3, 4}');
SELECT btyd_model('bgnbd', '{1, 100000001, 3, 4}');
SELECT btyd_model('mbgcnbd', '{1, 2, 3, 4, 1.5}');
SELECT btyd_model('mbgcnbd', '{1, 2, 3, 4, 13}');
SELECT btyd_model('mbgcnbd', '{1, 2, 3, 4, 0}');
SELECT btyd_model(NULL, '{1, 2, 3, 4}') AS model, btyd_model('bgnbd', NULL) AS model;

-- Forged text.
SELECT 'bgnbd'::btyd_model;
SELECT '[]'::btyd_model;
SELECT '{}'::btyd_model;
SELECT '{"model": 7}'::btyd_model;
SELECT '{"model": "gamma", "parameters": {"r": 1}}'::btyd_model;
SELECT '{"model": "bgnbd", "parameters": ["a", "b", "r", "alpha"]}'::btyd_model;
SELECT '{"model": "bgnbd", "parameters": {"r": 1, "alpha": 2, "a": 3}}'::btyd_model;
SELECT '{"model": "bgnbd", "parameters": {"r": "1", "alpha": 2, "a": 3, "b": 4}}'::btyd_model;
\set VERBOSITY sqlstate
SELECT '{"model": "bgnbd", "parameters": {"r": 1e400, "alpha": 2, "a": 3, "b": 4}}'::btyd_model;
\set VERBOSITY default
SELECT '{"model": "bgnbd", "parameters": {"r": 1, "alpha": 2, "a": 3, "b": 4}, "converged": "yes"}'::btyd_model;
SELECT '{"model": "bgnbd", "parameters": {"r": 1, "alpha": 2, "a": 3, "b": 4}, "converged": true}'::btyd_model;
SELECT '{"model": "bgnbd", "parameters": {"r": 1, "alpha": 2, "a": 3, "b": 4}, "converged": true, "customers": -1, "iterations": 1}'::btyd_model;
SELECT ('{"model": "bgnbd", "converged": true, "customers": 1, "iterations": 1, "warning": "' || repeat('!', 512) || '"}')::btyd_model;

-- Forged binary input, received by COPY as any client could send it: whatever
-- byte is changed, left out or added, the value is refused.
CREATE TEMP TABLE arrived (model btyd_model);
CREATE FUNCTION pg_temp.refused(bytes bytea) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
	file text := current_setting('data_directory') || '/btyd_forged.copy';
BEGIN
	EXECUTE format('COPY (SELECT %L::bytea) TO %L (FORMAT binary)', bytes, file);
	EXECUTE format('COPY arrived FROM %L (FORMAT binary)', file);
	RETURN 'received';
EXCEPTION WHEN OTHERS THEN
	RETURN SQLSTATE || ': ' || SQLERRM;
END $$;
SELECT 'as sent' AS forged, count(*) AS times, pg_temp.refused(btyd_model_send(model)) AS answer FROM models GROUP BY answer
UNION ALL
SELECT 'a bit flipped', count(*), pg_temp.refused(set_bit(bytes, 8 * byte + 3, 1 - get_bit(bytes, 8 * byte + 3))) AS answer
FROM models, btyd_model_send(model) bytes, generate_series(0, length(bytes) - 1) byte WHERE name IN ('bgnbd', 'fitted') GROUP BY answer
UNION ALL
SELECT 'cut off', count(*), pg_temp.refused(substr(bytes, 1, kept)) AS answer
FROM models, btyd_model_send(model) bytes, generate_series(0, length(bytes) - 1) kept WHERE name = 'bgnbd' GROUP BY answer
UNION ALL
SELECT 'a byte too many', count(*), pg_temp.refused(bytes || '\x21') AS answer FROM models, btyd_model_send(model) bytes GROUP BY answer;

-- ---- fitting ----

-- The shop's truth is mbgcnbd (2, 20, 1, 1, 3): k is found, and each parameter
-- within two standard errors.
SELECT s.family, digits(s.parameters, 5) AS parameters, digits(s.standard_errors, 4) AS standard_errors, digits(s.log_likelihood) AS log_likelihood,
       s.aic = 2 * 5 - 2 * s.log_likelihood AS aic, s.customers, s.iterations > 0 AS iterated, s.converged, s.warning
FROM models, model_summary(model) s WHERE name = 'fitted';
SELECT parameter, truth, abs(found - truth) < 2 * error AS within
FROM models, model_summary(model) s,
     ROWS FROM (unnest('{r, alpha, a, b, k}'::text[]), unnest(ARRAY[2, 20, 1, 1, 3]), unnest(s.parameters), unnest(s.standard_errors)) AS p(parameter, truth, found, error)
WHERE name = 'fitted';
-- The other families have three stages wrong, and a lower likelihood.
SELECT s.family, digits(s.parameters, 5) AS parameters, digits(s.log_likelihood) AS log_likelihood, s.converged, s.warning
FROM unnest('{bgnbd, mbgnbd, paretonbd, mbgcnbd}'::text[]) family, LATERAL (SELECT fit_btyd(h, '2024-12-31', family) AS model FROM shop) f, model_summary(model) s;
-- What comes after as_of is not known, nobody without a visit counts.
SELECT (SELECT fit_btyd(h, '2024-06-30') FROM shop) = (SELECT fit_btyd(as_of(h, '2024-06-30'), '2024-06-30') FROM (SELECT h FROM shop UNION ALL SELECT '{}' UNION ALL SELECT NULL UNION ALL SELECT '{2024-07-01}') s) AS same;
-- By group.
SELECT customer % 2 AS shop, (model_summary(fit_btyd(h, '2024-12-31'))).customers FROM shop GROUP BY 1 ORDER BY 1;

-- The same bits from every plan and any order.
ANALYZE shop;
CREATE TEMP TABLE serial AS
SELECT family, (SELECT fit_btyd(h, '2024-12-31', family ORDER BY customer) FROM shop) AS model FROM unnest('{bgnbd, mbgnbd, paretonbd, mbgcnbd}'::text[]) family;
SET parallel_setup_cost = 0; SET parallel_tuple_cost = 0; SET min_parallel_table_scan_size = 0; SET max_parallel_workers_per_gather = 3;
EXPLAIN (COSTS OFF) SELECT fit_btyd(h, '2024-12-31') FROM shop;
CREATE FUNCTION pg_temp.refitted(family text) RETURNS btyd_model LANGUAGE plpgsql AS $$
BEGIN
	RETURN (SELECT fit_btyd(h, '2024-12-31', family) FROM shop);
END $$;
SELECT family, model = pg_temp.refitted(family) AS parallel FROM serial;
RESET parallel_setup_cost; RESET parallel_tuple_cost; RESET min_parallel_table_scan_size; RESET max_parallel_workers_per_gather;
SELECT family, model = (SELECT fit_btyd(h, '2024-12-31', family ORDER BY hashint4(customer)) FROM shop) AS shuffled FROM serial;
-- states that travelled as text
CREATE AGGREGATE btyd_state(visit_history, date, text) (SFUNC = fit_btyd_accum, STYPE = population_state);
SELECT family, model = (SELECT fit_btyd_final(population_combine(btyd_state(h, '2024-12-31', family) FILTER (WHERE customer % 2 = 0)::text::population_state,
                                                                  btyd_state(h, '2024-12-31', family) FILTER (WHERE customer % 2 = 1)::text::population_state)) FROM shop) AS as_text FROM serial;

-- Arguments that make no fit.
SELECT fit_btyd(h, '2024-12-31', 'gamma') FROM shop;
SELECT fit_btyd(h, '2024-12-31', NULL) FROM shop;
SELECT fit_btyd(h, NULL) FROM shop;
SELECT fit_btyd(h, 'infinity') FROM shop;
SELECT fit_btyd(h, '2024-12-31'::date - visit_count(h) % 2) FROM shop;
SELECT fit_btyd(h, '2024-12-31', CASE customer % 2 WHEN 0 THEN 'bgnbd' ELSE 'mbgnbd' END) FROM shop;
-- Nobody, nobody yet: no model.
SELECT fit_btyd(h, '2022-12-31') AS nobody_yet, fit_btyd(h, '2024-12-31') FILTER (WHERE false) AS nobody FROM shop;

-- The state is public, so it checks what it is given: purpose 8, as_of and the
-- family, then x + 1, t_x * 2^32 + T, customers.
SELECT fit_btyd_final('8 0 2 1 9131 0 1 100 60'::population_state);
SELECT fit_btyd_final('9 0 1 1 9131 1 100 60'::population_state);
SELECT fit_btyd_final('8 0 2 1 9131 9 1 100 60'::population_state);
SELECT fit_btyd_final('8 0 2 1 9131 0 1 -100 60'::population_state);
SELECT fit_btyd_final('8 0 2 1 9131 0 1 100 -60'::population_state);
SELECT fit_btyd_final('8 0 2 1 9131 0 2 100 60'::population_state);
SELECT fit_btyd_final('8 0 2 1 9131 0 1 429496729700 60'::population_state);
SELECT fit_btyd_final('8 0 2 1 9131 0 5000000000 100 60'::population_state);
SELECT fit_btyd_final('8 0 2 1 9131 3 4294967296 0 60'::population_state);
SELECT fit_btyd_final('8 0 2 2 9131 3 1 100 9223372036854775807 1 101 1'::population_state);

-- ---- populations that say little: every fit ends, and says why it is not to be trusted ----

-- The warning is raised, too.
SELECT fit_btyd('{2024-06-01}', '2024-12-31');
CREATE TEMP TABLE population (kind text, histories visit_history[]);
INSERT INTO population VALUES
	('nobody came back', ARRAY(SELECT visit_history(date '2024-01-01' + i) FROM generate_series(1, 100) i GROUP BY i)),
	('all came today', array_fill('{2024-12-31}'::visit_history, ARRAY[100])),
	('one customer', ARRAY['{2024-01-05, 2024-02-07, 2024-05-01}'::visit_history]),
	('two', ARRAY['{2024-01-05, 2024-02-07, 2024-05-01}', '{2024-03-01}']::visit_history[]),
	('forty-nine', ARRAY(SELECT h FROM shop WHERE customer <= 49)),
	('all alike', array_fill('{2024-01-05, 2024-02-07, 2024-05-01}'::visit_history, ARRAY[80])),
	('one cohort', ARRAY(SELECT visit_history(date '2024-01-01' + v * (3 + i % 17)) FROM generate_series(1, 80) i, generate_series(0, i % 5) v GROUP BY i)),
	('daily buyers', ARRAY(SELECT visit_history(date '2024-12-31' - v) FROM generate_series(1, 80) i, generate_series(0, 30 + i) v GROUP BY i)),
	('nobody leaves', ARRAY(SELECT visit_history(date '2024-12-31' - v * 10) FROM generate_series(1, 80) i, generate_series(0, 3 + i % 20) v GROUP BY i)),
	('for two thousand years', ARRAY(SELECT visit_history(date '0100-01-01' + v * (1000 + 37 * i)) FROM generate_series(1, 80) i, generate_series(0, 10 + i % 7) v GROUP BY i));
-- On a flat ridge the place where a search ends means nothing, so that the
-- first reason of each is shown, and that all that is said is finite.
SET client_min_messages = error;
SELECT kind, s.family, s.customers, s.converged OR s.warning IS NOT NULL AS ended, split_part(s.warning, '; ', 1) AS warning,
       model::text !~* 'nan|inf' AND model::text::btyd_model = model AS finite
FROM population, unnest('{bgnbd, mbgnbd, paretonbd, mbgcnbd}'::text[]) family, LATERAL (SELECT fit_btyd(h, '2024-12-31', family) AS model FROM unnest(histories) h) f, model_summary(model) s;
-- No dropout to be found is no convergence to be believed.
SELECT s.family, s.warning LIKE 'found no dropout: it gains 0.00 of log-likelihood, below 3.0%' AS warned
FROM population, unnest('{bgnbd, mbgnbd, paretonbd, mbgcnbd}'::text[]) family, LATERAL (SELECT fit_btyd(h, '2024-12-31', family) AS model FROM unnest(histories) h) f, model_summary(model) s
WHERE kind = 'nobody leaves';
RESET client_min_messages;

-- ---- a cancelled fit ends at once and leaves nothing behind ----
-- A state of 600,000 different customers, whose fit takes longer than that.
CREATE TEMP TABLE large AS
SELECT ('8 0 2 600000 9131 ' || family || ' ' || string_agg(format('%s %s 1', x + 1, (x::bigint * 30 + i % 800) * 4294967296 + x * 30 + 800 + i / 800), ' '))::population_state AS state
FROM (VALUES (2), (3)) f(family), generate_series(1, 10) x, generate_series(0, 59999) i GROUP BY family;
SELECT sum(total_bytes) AS before FROM pg_backend_memory_contexts \gset
SET statement_timeout = '30ms';
SELECT fit_btyd_final(state) FROM large;
SELECT fit_btyd_final(state) FROM large OFFSET 1;
SELECT fit_btyd_final(state) FROM large;
RESET statement_timeout;
SELECT count(*) FILTER (WHERE name LIKE 'crm_retention fit%') AS left_over, sum(total_bytes) < :before + 4000000 AS released FROM pg_backend_memory_contexts;

-- ---- asking a model ----

-- What cannot be known is NULL: nobody, a refund only, a NULL, before the
-- first visit; and after a fit that found nothing.
INSERT INTO models SELECT 'unknown', '{"model": "mbgnbd", "parameters": null}';
SELECT h, name, p_alive(h, model, as_of), churn_risk(h, model, as_of), expected_visits(h, model, as_of) AS visits, visit_probability(h, model, as_of) AS chance,
       expected_next_visit(h, model, as_of), next_visit_range(h, model, as_of)
FROM (VALUES (1, '{}'::visit_history, date '2024-12-31'), (2, '{2024-05-01: -5 in 0 orders}', '2024-12-31'), (3, NULL, '2024-12-31'), (4, '{2024-05-01}', '2024-04-30')) c(n, h, as_of), models WHERE name = 'bgnbd'
UNION ALL
SELECT h, name, p_alive(h, model, '2024-12-31'), churn_risk(h, model, '2024-12-31'), expected_visits(h, model, '2024-12-31'), visit_probability(h, model, '2024-12-31'), expected_next_visit(h, model, '2024-12-31'), next_visit_range(h, model, '2024-12-31')
FROM (VALUES ('{}'::visit_history), ('{2024-05-01}')) c(h), models WHERE name = 'unknown';
SELECT expected_visits(model, 365) AS unknown FROM models WHERE name = 'unknown';

-- One visit: under bgnbd alive for certain, however long ago; under the others less and less.
SELECT as_of, jsonb_object_agg(name, digits(p_alive('{2024-01-01}', model, as_of), 6)) AS p_alive, jsonb_object_agg(name, churn_risk('{2024-01-01}', model, as_of)) AS churn_risk
FROM models, unnest('{2024-01-01, 2024-03-31, 2024-12-31, 2033-12-31}'::date[]) as_of WHERE name IN ('bgnbd', 'mbgnbd', 'paretonbd', 'mbgcnbd') GROUP BY as_of ORDER BY as_of;
-- Closed forms, in SQL: P(alive) (Fader, Hardie & Lee 2008; under mbgnbd the first visit counts, too), and
-- given alive the chance that the silence goes on for so many days, hence the median day of the next visit.
CREATE FUNCTION pg_temp.silent(days integer, r float8, alpha float8, x integer, t integer) RETURNS float8 LANGUAGE sql IMMUTABLE AS $$
	SELECT exp(greatest(-700, (r + x) * ln((alpha + t) / (alpha + t + days))))
$$;
WITH asked AS (
	SELECT name, model, h, t, x, date '2024-01-01' + t AS as_of, p[1] AS r, p[2] AS alpha,
	       CASE WHEN name = 'bgnbd' AND x = 0 THEN 1 ELSE 1 / (1 + p[3] / (p[4] + tosses - 1) * exp(least(700, (p[1] + x) * ln((p[2] + t) / (p[2] + t_x))))) END AS alive
	FROM models, LATERAL (SELECT (model_summary(model)).parameters) s(p),
	     (VALUES (0, 0), (1, 1), (1, 200), (2, 30), (10, 300), (300, 300)) c(x, t_x), unnest(ARRAY[0, 1, 30, 300, 9000]) silence,
	     LATERAL (SELECT t_x + silence, customer(x, t_x), CASE name WHEN 'bgnbd' THEN x ELSE x + 1 END) d(t, h, tosses)
	WHERE name IN ('bgnbd', 'mbgnbd')
), answered AS (
	SELECT *, expected_next_visit(h, model, as_of) - as_of AS days FROM asked
)
SELECT name, count(*) AS customers, max(abs(p_alive(h, model, as_of) - alive)) < 1e-13 AS p_alive,
       max(abs(visit_probability(h, model, as_of, 30) - alive * (1 - pg_temp.silent(30, r, alpha, x, t)))) < 1e-13 AS chance,
       bool_and(CASE WHEN days IS NULL THEN pg_temp.silent(3650, r, alpha, x, t) > 0.5
                ELSE days >= 1 AND pg_temp.silent(days, r, alpha, x, t) <= 0.5 AND pg_temp.silent(days - 1, r, alpha, x, t) > 0.5 END) AS median, count(days) AS foretold
FROM answered GROUP BY name ORDER BY name;

-- Every family, customers of every kind: what must hold of the answers.
WITH asked AS (
	SELECT name, model, customer(x, t_x) AS h, date '2024-01-01' + t_x + silence AS as_of
	FROM models, (VALUES (0, 0), (1, 1), (1, 200), (2, 30), (10, 300), (300, 300), (700, 5000)) c(x, t_x), unnest(ARRAY[0, 1, 30, 300, 9000, 1000000]) silence WHERE name <> 'unknown'
), answered AS (
	SELECT *, p_alive(h, model, as_of) AS alive, expected_visits(h, model, as_of, 30) AS visits, visit_probability(h, model, as_of, 30) AS chance,
	       expected_next_visit(h, model, as_of) AS next, next_visit_range(h, model, as_of) AS range FROM asked
)
SELECT name, count(*) AS customers, bool_and(alive BETWEEN 0 AND 1 AND chance BETWEEN 0 AND alive) AS probabilities, bool_and(chance <= visits AND visits < 1e4) AS visits,
       bool_and(expected_visits(h, model, as_of, 31) >= visits AND visit_probability(h, model, as_of, 31) >= chance) AS more_days_more_visits,
       bool_and(expected_visits(h, model, as_of, 0) = 0 AND visit_probability(h, model, as_of, 0) = 0) AS no_day_no_visit,
       bool_and(expected_visits(h, model, as_of, 2147483647) BETWEEN visits AND 1e12 AND visit_probability(h, model, as_of, 2147483647) BETWEEN chance AND alive) AS for_ever,
       bool_and(next IS NULL OR next > as_of AND next <@ range) AS next_in_range, bool_and(range IS NULL OR lower(range) > as_of) AS ahead,
       bool_and(churn_risk(h, model, as_of) = CASE WHEN alive > 0.5 THEN 'low' WHEN alive > 0.25 THEN 'medium' ELSE 'high' END) AS churn_risk
FROM answered GROUP BY name ORDER BY name;
-- More silence after the last visit is less alive; a customer seen today is surely alive but for the coin of that visit.
SELECT name, array_agg(digits(p_alive(customer(5, 100), model, date '2024-01-01' + 100 + silence), 6) ORDER BY silence) AS p_alive
FROM models, unnest(ARRAY[0, 10, 30, 100, 300]) silence WHERE name NOT IN ('unknown', 'fitted') GROUP BY name ORDER BY name;
-- Regular gaps: under k = 2 hardly anybody comes again the day after a visit, the chance of a day rises, then falls.
SELECT silence, digits(visit_probability(customer(5, 100), model, date '2024-01-01' + 100 + silence, 7), 6) AS within_a_week,
       expected_next_visit(customer(5, 100), model, date '2024-01-01' + 100 + silence) - date '2024-01-01' - 100 - silence AS days_to_next
FROM models, unnest(ARRAY[0, 5, 10, 20, 40]) silence WHERE name = 'mbgcnbd' ORDER BY silence;

-- Wider ranges hold narrower ones; one that ends more than 3650 days ahead is open.
SELECT level, next_visit_range(customer(5, 100), model, '2024-04-20', level), next_visit_range(customer(0, 0), model, '2026-01-01', level) AS rarely
FROM models, unnest(ARRAY[0.01, 0.5, 0.8, 0.99]) level WHERE name = 'mbgcnbd' ORDER BY level;
SELECT next_visit_range(customer(5, 100), model, '2024-04-20', 0) FROM models WHERE name = 'mbgcnbd';
SELECT next_visit_range(customer(5, 100), model, '2024-04-20', 1) FROM models WHERE name = 'mbgcnbd';
SELECT next_visit_range(customer(5, 100), model, '2024-04-20', 'NaN') FROM models WHERE name = 'mbgcnbd';
SELECT expected_visits(customer(5, 100), model, '2024-04-20', -1) FROM models WHERE name = 'mbgcnbd';
SELECT expected_visits(model, -1) FROM models WHERE name = 'mbgcnbd';
SELECT visit_probability(customer(5, 100), model, '2024-04-20', -1) FROM models WHERE name = 'mbgcnbd';
SELECT p_alive(customer(5, 100), model, 'infinity') FROM models WHERE name = 'mbgcnbd';
-- No day beyond the calendar.
SELECT p_alive(h, model, as_of) BETWEEN 0 AND 1 AS alive, expected_next_visit(h, model, as_of), next_visit_range(h, model, as_of)
FROM models, (VALUES ('{4714-11-24 BC, 5874897-12-31}'::visit_history, date '5874897-12-31')) c(h, as_of) WHERE name = 'mbgcnbd';

-- A new customer, in the days after the first visit: more each day.
SELECT name, digits(expected_visits(model, 1), 8) AS day, digits(expected_visits(model, 30), 8) AS month, digits(expected_visits(model, 365), 8) AS year, expected_visits(model, 0) AS none
FROM models WHERE name NOT IN ('unknown', 'fitted');

-- Places where formulas have a hole: a = 1, s = 1 and a + b < 1 are met, and
-- lie between their neighbours.
SELECT family, parameters, x, digits(expected_visits(h, btyd_model(family, parameters::float8[]), '2024-06-01', days), 8) AS visits,
       abs(2 * expected_visits(h, btyd_model(family, parameters::float8[]), '2024-06-01', days) - expected_visits(h, btyd_model(family, below::float8[]), '2024-06-01', days)
           - expected_visits(h, btyd_model(family, above::float8[]), '2024-06-01', days)) < 1e-10 * days AS smooth
FROM (VALUES ('bgnbd', '{0.5, 40, 1, 2}', '{0.5, 40, 0.9999999, 2}', '{0.5, 40, 1.0000001, 2}'),
             ('mbgnbd', '{0.5, 40, 1, 2}', '{0.5, 40, 0.9999999, 2}', '{0.5, 40, 1.0000001, 2}'),
             ('mbgcnbd', '{0.5, 40, 1, 2, 3}', '{0.5, 40, 0.9999999, 2, 3}', '{0.5, 40, 1.0000001, 2, 3}'),
             ('bgnbd', '{0.5, 40, 0.3, 0.2}', '{0.5, 40, 0.2999999, 0.2}', '{0.5, 40, 0.3000001, 0.2}'),
             ('mbgcnbd', '{0.5, 40, 0.3, 0.2, 3}', '{0.5, 40, 0.2999999, 0.2, 3}', '{0.5, 40, 0.3000001, 0.2, 3}'),
             ('paretonbd', '{0.5, 40, 1, 60}', '{0.5, 40, 0.9999999, 60}', '{0.5, 40, 1.0000001, 60}'),
             ('paretonbd', '{0.5, 60, 0.7, 60}', '{0.5, 60, 0.7, 59.999999}', '{0.5, 60, 0.7, 60.000001}')) p(family, parameters, below, above),
     (VALUES (0, 0), (4, 90)) c(x, t_x), LATERAL (SELECT customer(x, t_x)) d(h), unnest(ARRAY[365]) days;

DROP AGGREGATE btyd_state(visit_history, date, text);
DROP TABLE shop;
DROP FUNCTION digits(double precision, integer), digits(double precision[], integer), customer(integer, integer);
