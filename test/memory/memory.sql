-- Memory, function by function, with the ordinary arguments of
-- test/hostile/values.sql, which comes before this.

CREATE SCHEMA memory;

-- What the backend's memory contexts hold at this moment.
CREATE FUNCTION memory.used() RETURNS bigint LANGUAGE sql VOLATILE AS $$ SELECT sum(total_bytes)::bigint FROM pg_backend_memory_contexts $$;

-- The process's resident memory, in bytes.
CREATE FUNCTION memory.resident() RETURNS bigint LANGUAGE sql VOLATILE AS
	$$ SELECT split_part(pg_read_file('/proc/self/statm'), ' ', 2)::bigint * 4096 $$;

-- The functions and their ordinary arguments as expressions over a row of
-- subqueries, so that the planner does not work the call out beforehand.
CREATE VIEW memory.callable AS
SELECT c.oid, c.signature, c.kind, c.returns_set, c.name,
	coalesce((SELECT string_agg(CASE WHEN hostile.value_of(type) IS NULL THEN format('(SELECT NULL::%s AS v)', format_type(type, NULL))
		ELSE format('(SELECT v FROM %s WHERE n = 1)', hostile.value_of(type)) END || ' a' || i, ', ' ORDER BY i)
		FROM unnest(c.arguments) WITH ORDINALITY a (type, i)), '(SELECT) none') AS ordinary,
	format('crm.%I(%s)', c.name, regexp_replace(c.names, '\ma(\d+)', 'a\1.v', 'g')) AS call
FROM hostile.callable c
WHERE c.kind IN ('f', 'a');

-- By how much memory grows between two calls of many in one query.
CREATE FUNCTION memory.growth_of_calls(f memory.callable, calls integer) RETURNS bigint LANGUAGE plpgsql AS
$$
DECLARE
	growth bigint;
BEGIN
	EXECUTE format('SELECT max(used) - min(used) FROM (SELECT CASE WHEN i IN (%1$s / 10, %1$s) THEN memory.used() END AS used, %2$s AS result
			FROM %3$s, generate_series(1, %1$s) i OFFSET 0) calls WHERE used IS NOT NULL',
		calls, f.call, f.ordinary) INTO growth;
	RETURN growth;
END
$$;

-- The same for an aggregate with as many groups, whose results are not kept.
CREATE FUNCTION memory.growth_of_groups(f memory.callable, groups integer) RETURNS bigint LANGUAGE plpgsql AS
$$
DECLARE
	growth bigint;
BEGIN
	EXECUTE format('SELECT max(used) - min(used) FROM (SELECT CASE WHEN i / 3 IN (%1$s / 10, %1$s - 1) THEN memory.used() END AS used, result
			FROM (SELECT max(i) AS i, %2$s AS result FROM generate_series(1, 3 * %1$s) i, %3$s GROUP BY i / 3 ORDER BY i / 3) groups OFFSET 0) calls',
		groups, f.call, f.ordinary) INTO growth;
	RETURN growth;
END
$$;

-- Fits take their time: fewer of those.
CREATE FUNCTION memory.growth(f memory.callable, calls integer) RETURNS bigint LANGUAGE sql AS
$$
	SELECT CASE WHEN f.kind = 'a' THEN memory.growth_of_groups(f, calls / CASE WHEN f.name ~ '^(fit_|backtest)' THEN 100 ELSE 5 END)
		ELSE memory.growth_of_calls(f, calls / CASE WHEN f.name ~ '^(fit_|backtest)' THEN 20 ELSE 1 END) END
$$;

CREATE FUNCTION memory.check_growth(calls integer) RETURNS SETOF text LANGUAGE plpgsql AS
$$
DECLARE
	f memory.callable;
	growth bigint;
	functions integer := 0;
	worst bigint := 0;
BEGIN
	SET LOCAL enable_hashagg = off;	-- which keeps a state for every group: that is its nature
	FOR f IN SELECT * FROM memory.callable WHERE NOT returns_set ORDER BY signature::text LOOP
		BEGIN
			growth := memory.growth(f, calls);
			IF growth > 100000 THEN
				growth := memory.growth(f, 3 * calls);	-- a leak grows with them, what a call holds just then does not
			END IF;
		EXCEPTION WHEN OTHERS THEN
			CONTINUE;			-- refuses ordinary arguments: a function that exists to refuse
		END;
		functions := functions + 1;
		worst := greatest(worst, growth);
		IF growth > 100000 THEN
			RETURN NEXT format('%s: %s bytes more after %s calls', f.signature, growth, calls);
		END IF;
	END LOOP;
	RETURN NEXT format('# %s functions, %s calls each, at most %s bytes more', functions, calls, worst);
END
$$;

-- Errors, caught one after the other in one transaction.
CREATE FUNCTION memory.check_errors(errors integer) RETURNS SETOF text LANGUAGE plpgsql AS
$$
DECLARE
	failing text;
	used bigint;
	growth bigint;
BEGIN
	FOREACH failing IN ARRAY ARRAY[
		$f$(SELECT crm.visit_history('2024-01-01'::date + i, CASE WHEN i = 300 THEN 'NaN'::float8 ELSE i END) FROM generate_series(1, 300) i)$f$,
		$f$(SELECT crm.visit_history('2024-01-01'::date - i, CASE WHEN i = 60 THEN 1e30 ELSE i / 8.0 END) FROM generate_series(1, 60) i)$f$,
		$f$(SELECT crm.latency_norms(h, CASE WHEN row_number = 100 THEN 'infinity' ELSE '2024-06-30' END::date) FROM (SELECT h, row_number() OVER () FROM hostile.population) p)$f$,
		$f$'{as_of 2024-06-30, step 1: 0 0/4, 7 12/1, 9 3/0, 30 5/5, 29 1/1}'::crm.latency_norms$f$,
		$f$(repeat('{2024-01-01: 1, ', 300) || 'x')::crm.visit_history$f$,
		$f$(SELECT crm.latency_status(h, '{as_of 2024-06-30, step 1: 7 12/1}', 'infinity') FROM hostile.population)$f$]
	LOOP
		FOR i IN 1 .. errors LOOP
			BEGIN
				EXECUTE 'SELECT ' || failing;
				RETURN NEXT 'no error: ' || failing;
				EXIT;
			EXCEPTION WHEN OTHERS THEN
				NULL;
			END;
			IF i = errors / 10 THEN
				used := memory.used();
			END IF;
		END LOOP;
		growth := memory.used() - used;
		IF growth > 100000 THEN
			RETURN NEXT format('%s bytes more after %s errors: %s', growth, errors, failing);
		END IF;
	END LOOP;
	RETURN NEXT format('# %s errors each', errors);
END
$$;

-- ---- cancelled ----

-- Whether a query was cancelled; the caller has set statement_timeout.
CREATE FUNCTION memory.cancelled(query text) RETURNS boolean LANGUAGE plpgsql AS
$$
BEGIN
	EXECUTE query;
	RETURN false;
EXCEPTION WHEN query_canceled THEN
	RETURN true;
END
$$;

CREATE TABLE memory.outcome (family text, cancelled boolean);

-- What a fit takes long for: customers who are nearly all different.
CREATE TABLE memory.different AS
SELECT crm.visit_history(d, 5) AS h FROM (SELECT i, '1000-01-01'::date + (i * 7919::bigint % 370003)::integer + j * (1 + (i * 104729::bigint % 1009)::integer) AS d
	FROM generate_series(1, 20000) i, generate_series(0, i % 5) j) days GROUP BY i;

-- ---- many rows ----

CREATE TABLE memory.orders AS
SELECT i % :customers AS customer, '2020-01-01'::date + (i * 7919::bigint % 1600)::integer AS day, (i % 9973)::numeric / 100 AS amount
FROM generate_series(1, 3 * :customers) i;
ANALYZE memory.orders;
