-- What must heed a cancel, and how late it does.  Comes after
-- test/hostile/values.sql, where the ordinary arguments are from.

CREATE SCHEMA interrupts;

-- A million visits of one customer: what takes long enough to be interrupted.
CREATE TABLE interrupts.long AS
SELECT crm.visit_history('1000-01-01'::date + i + (i % 7919 = 0)::integer, i % 1000) AS v FROM generate_series(1, 1000000) i;

-- A million other days between those.
CREATE TABLE interrupts.other AS
SELECT crm.visit_history('0001-01-01'::date + 2 * i, 0.01 * (i % 1000)) AS v FROM generate_series(1, 1000000) i;

CREATE TABLE interrupts.text AS
SELECT v::text AS history, crm.visit_history_send(v) AS bytes FROM interrupts.long;

-- Many customers, nearly every one different, and everybody alike.
CREATE TABLE interrupts.customers AS
SELECT customer_id AS id, crm.visit_history(ordered_at, amount) AS h
FROM crm.simulate_transactions(60000, '2018-01-01', '2024-06-30', 3) GROUP BY customer_id;
CREATE TABLE interrupts.scattered AS
SELECT i AS id, crm.visit_history(d, round((i % 997)::numeric / 7, 4)) AS h FROM (
	SELECT i, '1000-01-01'::date + (i * 7919::bigint % 370003)::integer + j * (1 + (i * 104729::bigint % 1009)::integer) AS d
	FROM generate_series(1, 100000) i, generate_series(0, i % 5) j) days GROUP BY i;
CREATE TABLE interrupts.alike AS
SELECT i AS id, crm.visit_history(d, 5) AS h FROM generate_series(1, 2000) i, LATERAL (SELECT '2024-01-01'::date + 7 * j AS d FROM generate_series(0, 20) j) days GROUP BY i;

-- Models at the ends of what parameters may be, one customer each with few and with very many visits.
CREATE TABLE interrupts.model AS
SELECT row_number() OVER () AS n, crm.btyd_model(family, parameters || CASE WHEN family = 'mbgcnbd' THEN ARRAY[k] ELSE '{}' END) AS model
FROM unnest('{bgnbd,mbgnbd,paretonbd,mbgcnbd}'::text[]) family,
	(VALUES ('{0.5,12,0.7,9}'::float8[], 1), ('{1e-8,1e8,1e-8,1e8}', 2), ('{1e8,1e-8,1e8,1e-8}', 12), ('{1e-8,1e-8,1e-8,1e-8}', 7),
		('{1e8,1e8,1e8,1e8}', 3), ('{1e-3,1e3,1e3,1e-3}', 9), ('{50,1e-6,1e-6,50}', 2), ('{1,5,1,5}', 4)) p (parameters, k);

-- A counting state that stays one.
CREATE AGGREGATE interrupts.counts(crm.visit_history, date) (SFUNC = crm.latency_norms_accum, STYPE = crm.population_state);

CREATE TABLE interrupts.query (name text PRIMARY KEY, query text NOT NULL, duration double precision);
COMMENT ON COLUMN interrupts.query.duration IS 'milliseconds until it ended, or was cancelled for the first time';

-- Every function that takes a history with a very long one, every aggregate
-- over many of those; arguments as subqueries, lest the planner work them out.
-- jsonb_in, which is the server's, heeds nothing.
INSERT INTO interrupts.query
SELECT signature, CASE
	WHEN kind = 'a' THEN format('SELECT %s FROM %s, generate_series(1, 30)', call, arguments)
	WHEN returns_set THEN format('SELECT count(*) FROM %s, LATERAL %s', arguments, call)
	ELSE format('SELECT %s FROM %s', call, arguments) END
FROM (SELECT c.signature::text, c.kind, c.returns_set, format('crm.%I(%s)', c.name, regexp_replace(c.names, '\ma(\d+)', 'a\1.v', 'g')) AS call,
		(SELECT string_agg(CASE WHEN type = 'crm.visit_history'::regtype THEN CASE WHEN i = 1 THEN 'interrupts.long' ELSE 'interrupts.other' END
			WHEN hostile.value_of(type) IS NULL THEN format('(SELECT NULL::%s AS v)', format_type(type, NULL))
			ELSE format('(SELECT v FROM %s WHERE n = 1)', hostile.value_of(type)) END || ' a' || i, ', ' ORDER BY i)
			FROM unnest(c.arguments) WITH ORDINALITY a (type, i)) AS arguments
	FROM hostile.callable c
	WHERE c.kind IN ('f', 'a') AND 'crm.visit_history'::regtype::oid = ANY (c.arguments) AND c.signature::text !~ 'jsonb') f;

-- Fits of every family on every kind of sample.
INSERT INTO interrupts.query
SELECT format('%s of %s customers', fit, sample), format('SELECT crm.%s FROM interrupts.%s', replace(call, 'DAY', day), sample)
FROM (VALUES ('customers', '2024-06-30'), ('scattered', '2024-06-30'), ('alike', '2024-06-30')) s (sample, day),
	(SELECT 'fit_btyd ' || family, format('fit_btyd(h, ''DAY'', %L)', family) FROM unnest('{bgnbd,mbgnbd,paretonbd,mbgcnbd}'::text[]) family
	UNION ALL VALUES ('fit_spend', 'fit_spend(h, ''DAY'')')
	UNION ALL SELECT 'backtest ' || family, format('backtest(h, ''2022-06-30'', ''DAY'', %L)', family) FROM unnest('{bgnbd,mbgnbd,paretonbd,mbgcnbd}'::text[]) family
	UNION ALL SELECT aggregate, aggregate || '(h, ''DAY'')' FROM unnest('{latency_norms,rfm_scheme,member_scheme}'::text[]) aggregate
	UNION ALL VALUES ('value_tiers', 'value_tiers(h, ''DAY'', ''{0.01,0.05,0.2}'')'), ('cohort_retention', 'cohort_retention(h, 1, ''DAY'')'),
		('revenue_share', 'revenue_share(h, 0.2)'), ('merge', 'visit_history(h)')) f (fit, call);

-- What a model of any kind says, of a new, a steady and a very frequent customer.
INSERT INTO interrupts.query
SELECT what, format('SELECT %s FROM interrupts.model CROSS JOIN (SELECT v AS h FROM interrupts.long UNION ALL SELECT h FROM interrupts.alike WHERE id = 1
	UNION ALL SELECT ''{2024-01-01}'') c, (SELECT crm.spend_model(6.25, 3.74, 15.44) AS spend) s', call)
FROM (VALUES ('next visit by odd models', 'crm.expected_next_visit(h, model, ''2024-06-30'')'),
	('its range', 'crm.next_visit_range(h, model, ''2024-06-30'', 0.999)'),
	('visits by odd models', 'crm.expected_visits(h, model, ''2024-06-30'', 1000000)'),
	('visits of a new customer by odd models', 'crm.expected_visits(model, 1000000)'),
	('chance by odd models', 'crm.visit_probability(h, model, ''2024-06-30'', 1000000)'),
	('p_alive by odd models', 'crm.p_alive(h, model, ''2024-06-30'')'),
	('clv by odd models', 'crm.clv(h, model, spend, ''2024-06-30'', 3650)'),
	('clv by odd models, for ever', 'crm.clv(h, model, spend, ''2024-06-30'', NULL)'),
	('clv by odd models, for ever and discounted by little', 'crm.clv(h, model, spend, ''2024-06-30'', NULL, 1e-12)'),
	('clv by odd models, for ever and not discounted', 'crm.clv(h, model, spend, ''2024-06-30'', NULL, 0)'),
	('all metrics by odd models', 'crm.customer_metrics(h, NULL, NULL, NULL, NULL, model, spend, ''2024-06-30'')')) w (what, call);

INSERT INTO interrupts.query VALUES
	('all metrics of many customers', 'SELECT count((crm.customer_metrics(h, norms, scheme, NULL, NULL, model, NULL, ''2024-06-30'')).clv) FROM interrupts.customers,
		(SELECT crm.latency_norms(h, ''2024-06-30'') AS norms, crm.rfm_scheme(h, ''2024-06-30'') AS scheme, crm.fit_btyd(h, ''2024-06-30'') AS model FROM interrupts.alike) r'),
	-- Not in FROM, where the server keeps all rows on disk, and removing a file takes its time.
	('simulate_transactions of everybody', 'SELECT count(s) FROM (SELECT crm.simulate_transactions(2147483647, ''2020-01-01'', ''2024-01-01'', 1) AS s) rows'),
	('simulate_transactions of one day', 'SELECT count(s) FROM (SELECT crm.simulate_transactions(2147483647, ''2020-01-01'', ''2020-01-01'', 1) AS s) rows'),
	('simulate_transactions of all time', 'SELECT count(s) FROM (SELECT crm.simulate_transactions(2147483647, ''0001-01-01'', ''200000-01-01'', 1) AS s) rows'),
	('text of a long history', 'SELECT length(v::text) FROM interrupts.long'),
	('a long history read from its text', 'SELECT history::crm.visit_history FROM interrupts.text'),
	('a long history read from its text, in two columns of garbage', 'SELECT (history || history)::crm.visit_history FROM interrupts.text'),
	('json of a long history', 'SELECT v::json FROM interrupts.long'),
	('equality of long histories', 'SELECT count(*) FROM interrupts.long l, interrupts.long m, generate_series(1, 200) WHERE l.v OPERATOR(crm.=) m.v'),
	('a hash of long histories', 'SELECT count(DISTINCT crm.visit_history_hash(v)) FROM interrupts.long, generate_series(1, 500)'),
	('a million days in order', 'SELECT crm.visit_history(''2024-01-01''::date + i, i) FROM generate_series(1, 1000000) i'),
	('a million days backwards', 'SELECT crm.visit_history(''2024-01-01''::date - i % 2400000, i) FROM generate_series(-1000000, 1000000) i'),
	('a million days in random order', 'SELECT crm.visit_history(''2024-01-01''::date + (i * 7919::bigint % 1000003)::integer, i) FROM generate_series(1, 1000000) i'),
	('a million amounts of growing scale', 'SELECT crm.visit_history(''2024-01-01''::date + (i * 7919::bigint % 1000003)::integer, round(1 / 3.0, i / 60000)) FROM generate_series(1, 1000000) i'),
	('a counting state as text', 'SELECT length(interrupts.counts(h, ''2024-06-30'')::text) FROM interrupts.scattered'),
	('a counting state read from its text', 'SELECT interrupts.counts(h, ''2024-06-30'')::text::crm.population_state FROM interrupts.scattered'),
	('norms of many steps', 'SELECT crm.latency_norms(v, ''5000-01-01'') FROM interrupts.long, generate_series(1, 100)'),
	('norms of many steps as a table', 'SELECT count(*) FROM (SELECT crm.latency_norms(v, ''5000-01-01'') AS n FROM interrupts.long, generate_series(1, 30)) l, crm.norms_table(n)'),
	('norms of many steps as text', 'SELECT n::text::crm.latency_norms FROM (SELECT crm.latency_norms(h, ''5000-01-01'') AS n FROM interrupts.scattered) l'),
	('a segment map of many rules', 'SELECT (SELECT string_agg(format(''s%s R%s F%s M%s'', r * 100 + f * 10 + m, r, f, m), '' | '') FROM generate_series(1, 9) r, generate_series(1, 9) f,
		generate_series(1, 9) m)::crm.segment_map FROM generate_series(1, 1)'),
	('a segment map of a million words', 'SELECT (repeat(''x R1 | '', 1000000) || ''y R2'')::crm.segment_map'),
	('quantile_score of many', 'SELECT crm.quantile_score(5) OVER (ORDER BY i % 1000) FROM generate_series(1, 1000000) i'),
	('retention_clv of a long array', 'SELECT crm.retention_clv(array_agg(i::numeric), 0.9) FROM generate_series(1, 2000000) i');

-- ---- measuring ----

-- One line for each cancelled run: the moment, and how many milliseconds later the query ended.
CREATE TABLE interrupts.run (name text, moment integer, late double precision);

-- Milliseconds that this process would have run and had no core.
CREATE FUNCTION interrupts.waited() RETURNS double precision LANGUAGE sql VOLATILE AS
	$$ SELECT split_part(pg_read_file('/proc/self/schedstat'), ' ', 2)::double precision / 1000000 $$;

CREATE FUNCTION interrupts.since_start() RETURNS double precision LANGUAGE sql VOLATILE AS
	$$ SELECT (extract(epoch FROM clock_timestamp() - statement_timestamp()) * 1000)::double precision $$;

-- Runs a query until it ends, fails or is cancelled by the statement_timeout
-- that the caller has set; whatever it was, it was only late if the time was up.
CREATE FUNCTION interrupts.run(query_name text, moment integer) RETURNS double precision LANGUAGE plpgsql AS
$$
DECLARE
	ended double precision;
	waited double precision := interrupts.waited();
BEGIN
	BEGIN
		BEGIN
			EXECUTE (SELECT query FROM interrupts.query WHERE name = query_name);
		EXCEPTION WHEN OTHERS THEN
			NULL;				-- a clean error ends a query as well
		END;
		ended := interrupts.since_start();
		PERFORM pg_sleep(CASE WHEN ended > moment - 50 THEN 0.1 ELSE 0 END);	-- meets a cancel that the query did not
	EXCEPTION WHEN query_canceled THEN
		ended := coalesce(ended, interrupts.since_start());
	END;
	UPDATE interrupts.query SET duration = ended WHERE name = query_name AND duration IS NULL;
	IF ended >= moment THEN
		INSERT INTO interrupts.run VALUES (query_name, moment, (ended - moment) * greatest(0, 1 - (interrupts.waited() - waited) / ended));
	END IF;
	RETURN ended;
END
$$;

-- How late each was where it was latest; the best of the repetitions counts.
CREATE VIEW interrupts.latest AS
SELECT DISTINCT ON (name) name, moment, late, runs
FROM (SELECT name, moment, min(late) AS late, count(*) AS runs FROM interrupts.run GROUP BY name, moment) m
ORDER BY name, late DESC;
