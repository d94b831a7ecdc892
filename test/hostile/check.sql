-- The checks: each returns its faults as rows, and a last row "# ..." that
-- says how much was tried.

-- How often a function is called, at most, by crossing its arguments' values:
-- less often where it is one of many of its name.
CREATE FUNCTION hostile.most_calls(f hostile.callable) RETURNS integer LANGUAGE sql AS
$$
	SELECT CASE WHEN f.kind = 'f' THEN 1500 ELSE 150 END / least(8, count(*)) FROM hostile.callable c WHERE c.name = f.name
$$;

-- ---- judging what a call gave ----

-- What is wrong with an error, if anything.  42804 is an error of ours: a
-- state given to an aggregate that it is not of, a zone given to a date; and
-- what is named to the procedures may not be there.
CREATE FUNCTION hostile.error_fault(state text, message text) RETURNS text LANGUAGE sql AS
$$
	SELECT state || ' ' || left(message, 200)
	WHERE state ~ '^(XX|53|58|P0)' OR state ~ '^42' AND state NOT IN ('42804', '42809', '42501') AND
		  NOT (state IN ('42703', '42704', '42701', '42P01', '42602', '42601') AND
			   message ~ 'customer metrics|^column .* of .* does not exist$|^zero-length delimited identifier')
		OR message !~ '\S'
$$;

-- A chance or a share of heads.  (Shares of money leave 0..1 where refunds exceed a customer's orders.)
CREATE FUNCTION hostile.is_probability(name text) RETURNS boolean LANGUAGE sql AS
$$
	SELECT name IN ('return_rate', 'visit_probability', 'p_alive', 'churn_risk', 'repeat_rate', 'customer_retention', 'retention', 'coverage')
$$;

-- What is wrong with a result, given as JSON under the function's name.
CREATE FUNCTION hostile.result_fault(name text, result jsonb) RETURNS text LANGUAGE sql AS
$$
	SELECT string_agg(field.key || ' = ' || left(field.value::text, 100), ', ')
	FROM (
		SELECT key, value FROM jsonb_each(CASE WHEN jsonb_typeof(result) = 'object' THEN result ELSE '{}' END)
		UNION ALL
		SELECT name, result) field
	WHERE field.value::text ~* '^"?(\{.*)?-?\m(nan|inf|infinity)\M.*$'
		OR field.value::text = '-2147483648'	-- a sum that went over the edge
		OR hostile.is_probability(field.key) AND jsonb_typeof(field.value) = 'number' AND field.value::numeric NOT BETWEEN 0 AND 1
$$;

-- What is wrong with a value of the extension, whose text is given: it must
-- be read back as the same.  bytes is the type's send function.
CREATE FUNCTION hostile.value_fault(type regtype, bytes regproc, value text) RETURNS text LANGUAGE plpgsql AS
$$
DECLARE
	same boolean;
	again text;
BEGIN
	EXECUTE format('SELECT (%s::text), %s(%s::text::%s) = %2$s(%1$s)', '$1::' || type, bytes, '$1::' || type, type)
		INTO again, same USING value;
	IF NOT same OR again <> value THEN
		RETURN 'is another when read back: ' || left(value, 200);
	END IF;
	RETURN NULL;
EXCEPTION WHEN OTHERS THEN
	RETURN 'cannot be read back: ' || SQLERRM || ' in ' || left(value, 200);
END
$$;

-- ---- calling one function ----

-- How a call is written: of arguments a1, a2, ... in a FROM-less SELECT, over rows of an aggregate, ...
CREATE FUNCTION hostile.call_text(f hostile.callable) RETURNS text LANGUAGE sql AS
$$
	SELECT CASE f.kind
		WHEN 'w' THEN format('SELECT crm.%I(%s) OVER (ORDER BY row / 2) AS r FROM generate_series(1, 5) row', f.name, f.names)
		WHEN 'a' THEN format('SELECT crm.%I(%s) AS r FROM generate_series(1, 3) row GROUP BY row > 1', f.name, f.names)
		ELSE format('SELECT crm.%I(%s) AS r LIMIT 100', f.name, f.names)
	END
$$;

-- Makes hostile.try(a1, a2, ...): calls f twice with them; returns the fault,
-- 'error' for a clean error, NULL when all was well.
CREATE FUNCTION hostile.make_try(f hostile.callable) RETURNS void LANGUAGE plpgsql AS
$$
DECLARE
	parameters text := coalesce((SELECT string_agg(format('a%s %s', i, format_type(type, NULL)), ', ' ORDER BY i)
		FROM unnest(f.arguments) WITH ORDINALITY a (type, i)), '');
	printed text := coalesce((SELECT string_agg(format('a%s::text', i), ', ' ORDER BY i)
		FROM unnest(f.arguments) WITH ORDINALITY a (type, i)), 'NULL');
	own record;
	read_back text := 'NULL';
	fields text := CASE f.result_kind WHEN 'p' THEN CASE WHEN f.result = 'record'::regtype THEN 'to_jsonb(r)' ELSE '''null''::jsonb' END
		ELSE 'to_jsonb(r)' END;
BEGIN
	SELECT * INTO own FROM hostile.own_type WHERE oid = f.result AND stored;
	IF FOUND THEN
		read_back := format('hostile.value_fault(%L, %L, r::text)', own.oid::regtype, own.typsend);
		fields := '''null''::jsonb';
	END IF;
	IF f.kind = 'p' THEN
		EXECUTE format($body$
			CREATE FUNCTION hostile.try(%s) RETURNS text LANGUAGE plpgsql AS $try$
			BEGIN
				CALL crm.%I(%s);
				RETURN NULL;
			EXCEPTION WHEN OTHERS THEN
				RETURN coalesce(hostile.error_fault(SQLSTATE, SQLERRM), 'error');
			END $try$ $body$, parameters, f.name, f.names);
		RETURN;
	END IF;
	EXECUTE format($body$
		CREATE FUNCTION hostile.try(%s) RETURNS text LANGUAGE plpgsql AS $try$
		DECLARE
			before text := concat_ws('|', %s);
			first text;
			second text;
			fault text;
			calls integer;
		BEGIN
			BEGIN
				SELECT count(r) INTO calls FROM (%s) call;
			EXCEPTION WHEN OTHERS THEN
				RETURN coalesce(hostile.error_fault(SQLSTATE, SQLERRM), 'error');
			END;
			SELECT string_agg(%s, E'\n'), min(coalesce(hostile.result_fault(%L, %s), %s)) INTO first, fault FROM (%3$s) call;
			SELECT string_agg(%4$s, E'\n') INTO second FROM (%3$s) call;
			IF fault IS NOT NULL THEN
				RETURN fault;
			END IF;
			IF first IS DISTINCT FROM second THEN
				RETURN 'gave ' || left(first, 100) || ' first and then ' || left(second, 100);
			END IF;
			IF before IS DISTINCT FROM concat_ws('|', %2$s) THEN
				RETURN 'changed its argument';
			END IF;
			RETURN NULL;
		EXCEPTION
			WHEN numeric_value_out_of_range THEN
				RETURN 'error';	-- an unfinished state may hold what no value can
			WHEN OTHERS THEN
				RETURN 'result of a call that succeeded: ' || SQLSTATE || ' ' || SQLERRM;
		END $try$ $body$,
		parameters, printed, hostile.call_text(f),
		CASE WHEN f.result_kind = 'p' AND f.result NOT IN ('record'::regtype, 'cstring'::regtype) THEN '''void''' ELSE 'r::text' END,
		f.name, fields, read_back);
END
$$;

-- The values of argument i up to the limit, as a FROM item with columns n and v.
CREATE FUNCTION hostile.values_of(type oid, largest integer) RETURNS text LANGUAGE sql AS
$$
	SELECT format('(SELECT n, v FROM %s WHERE n <= %s)', hostile.value_of(type), largest)
$$;

-- How many values of each argument may be crossed with those of all others.
CREATE FUNCTION hostile.widest(arguments oid[], most integer) RETURNS integer LANGUAGE plpgsql AS
$$
DECLARE
	sizes integer[] := '{}';
	size integer;
	type oid;
BEGIN
	FOREACH type IN ARRAY arguments LOOP
		EXECUTE format('SELECT count(*) FROM %s', hostile.value_of(type)) INTO size;
		sizes := sizes || size;
	END LOOP;
	RETURN (SELECT max(w) FROM generate_series(1, 1000) w
		WHERE w <= 2 OR (SELECT sum(ln(least(s, w))) FROM unnest(sizes) s) <= ln(most));
END
$$;

-- Tries one function: all arguments crossed as widely as can be, then every
-- value of each argument beside ordinary ones.
CREATE FUNCTION hostile.check_function(f hostile.callable, OUT calls bigint, OUT errors bigint, OUT faults text[]) LANGUAGE plpgsql AS
$$
DECLARE
	width integer := hostile.widest(f.arguments, hostile.most_calls(f));
	froms text[] := '{}';
	names text := coalesce((SELECT string_agg(format('a%s.v', i), ', ' ORDER BY i) FROM generate_series(1, f.n) i), '');
	shown text := coalesce((SELECT string_agg(format('coalesce(quote_literal(left(a%s.v::text, 200)), ''NULL'')', i), ', ' ORDER BY i)
		FROM generate_series(1, f.n) i), 'NULL');
	wide integer;
	counts record;
BEGIN
	PERFORM hostile.make_try(f);
	IF f.n = 0 THEN
		froms := ARRAY['(SELECT) none'];
	ELSE
		FOR wide IN 0 .. f.n LOOP
			froms := froms || (SELECT string_agg(hostile.values_of(type, CASE WHEN wide = 0 THEN width WHEN wide = i THEN 1000 ELSE 1 END)
				|| ' a' || i, ', ' ORDER BY i) FROM unnest(f.arguments) WITH ORDINALITY a (type, i));
		END LOOP;
	END IF;
	calls := 0;
	errors := 0;
	faults := '{}';
	FOR wide IN 1 .. array_length(froms, 1) LOOP
		EXECUTE format($q$
			SELECT count(*) AS calls, count(*) FILTER (WHERE fault = 'error') AS errors,
				array_agg(fault || ': ' || shown) FILTER (WHERE fault <> 'error') AS faults
			FROM (SELECT hostile.try(%s) AS fault, concat_ws(', ', %s) AS shown FROM %s OFFSET 0) tried $q$,
			names, shown, froms[wide]) INTO counts;
		calls := calls + counts.calls;
		errors := errors + counts.errors;
		faults := faults || counts.faults;
	END LOOP;
	EXECUTE format('DROP FUNCTION hostile.try(%s)', (SELECT string_agg(format_type(a, NULL), ', ') FROM unnest(f.arguments) a));
END
$$;

-- Tries all functions of one name.
CREATE FUNCTION hostile.check_name(name text) RETURNS SETOF text LANGUAGE plpgsql AS
$$
DECLARE
	f hostile.callable;
	found record;
	functions integer := 0;
	calls bigint := 0;
	errors bigint := 0;
	faults text[] := '{}';
BEGIN
	FOR f IN SELECT * FROM hostile.callable c WHERE c.name = check_name.name ORDER BY signature::text LOOP
		CONTINUE WHEN EXISTS (SELECT FROM unnest(f.arguments) type WHERE hostile.value_of(type) IS NULL);
		SELECT * INTO found FROM hostile.check_function(f);
		functions := functions + 1;
		calls := calls + found.calls;
		errors := errors + found.errors;
		faults := faults || ARRAY(SELECT f.signature || ': ' || fault FROM unnest(found.faults) fault);
	END LOOP;
	RETURN QUERY SELECT unnest(faults[:5]);
	IF array_length(faults, 1) > 5 THEN
		RETURN NEXT format('%s more', array_length(faults, 1) - 5);
	END IF;
	RETURN NEXT format('# functions %s, calls %s, clean errors %s', functions, calls, errors);
END
$$;

-- ---- beside single calls ----

CREATE FUNCTION hostile.check_values() RETURNS SETOF text LANGUAGE sql AS
$$
	SELECT DISTINCT 'values.sql has no value of type ' || format_type(type, NULL)
	FROM hostile.callable, unnest(arguments) type
	WHERE hostile.value_of(type) IS NULL
	UNION ALL
	SELECT format('# %s types', count(*)) FROM hostile.stored
$$;

-- Anybody may make an aggregate of a transition function of ours that begins
-- with any state.
CREATE FUNCTION hostile.check_foreign_aggregates() RETURNS SETOF text LANGUAGE plpgsql AS
$$
DECLARE
	f record;
	state text;
	types text;
	run text;
	calls integer := 0;
	errors integer := 0;
BEGIN
	FOR f IN SELECT c.*, a.* FROM hostile.callable c JOIN pg_aggregate a ON aggfnoid = c.oid
		WHERE aggtranstype IN (SELECT oid FROM hostile.own_type) ORDER BY c.signature::text
	LOOP
		types := (SELECT string_agg(format_type(a, NULL), ', ') FROM unnest(f.arguments) a);
		run := format('SELECT hostile.foreign_aggregate(%s)::text FROM generate_series(1, 20)', array_to_string(hostile.ordinary(f.arguments), ', '));
		FOR state IN EXECUTE format('SELECT left(v::text, 100000) FROM %s WHERE v IS NOT NULL AND length(v::text) < 20000 ORDER BY n LIMIT 40',
			hostile.value_of(f.aggtranstype))
		LOOP
			calls := calls + 1;
			EXECUTE format('DROP AGGREGATE IF EXISTS hostile.foreign_aggregate(%s)', types);
			BEGIN
				EXECUTE format('CREATE AGGREGATE hostile.foreign_aggregate(%s) (SFUNC = %s, STYPE = %s, FINALFUNC = %s, INITCOND = %L)',
					types, f.aggtransfn, f.aggtranstype::regtype, f.aggfinalfn, state);
				EXECUTE run;
			EXCEPTION WHEN OTHERS THEN
				errors := errors + 1;
				IF hostile.error_fault(SQLSTATE, SQLERRM) IS NOT NULL THEN
					RETURN NEXT format('%s from %s: %s', f.signature, left(state, 100), hostile.error_fault(SQLSTATE, SQLERRM));
				END IF;
			END;
		END LOOP;
	END LOOP;
	RETURN NEXT format('# calls %s, clean errors %s', calls, errors);
END
$$;

-- Within an aggregate a state is changed in place: every pair of states meets
-- in one, as their combine function's transition.
CREATE FUNCTION hostile.check_meetings() RETURNS SETOF text LANGUAGE plpgsql AS
$$
DECLARE
	f record;
	pair record;
	calls integer := 0;
	errors integer := 0;
BEGIN
	FOR f IN SELECT DISTINCT a.aggcombinefn, a.aggtranstype FROM hostile.callable c JOIN pg_aggregate a ON aggfnoid = c.oid
		WHERE aggtranstype IN (SELECT oid FROM hostile.own_type) AND aggcombinefn <> 0
	LOOP
		EXECUTE format('CREATE AGGREGATE hostile.meeting(%1$s) (SFUNC = %2$s, STYPE = %1$s)', f.aggtranstype::regtype, f.aggcombinefn);
		EXECUTE format('CREATE FUNCTION hostile.meet(integer, integer) RETURNS text LANGUAGE plpgsql AS $m$
			BEGIN
				RETURN left((SELECT hostile.meeting(v ORDER BY n = $2, time) FROM %s, generate_series(1, 2) time WHERE n IN ($1, $2))::text, 0);
			EXCEPTION WHEN OTHERS THEN
				RETURN coalesce(hostile.error_fault(SQLSTATE, SQLERRM), ''error'');
			END $m$', hostile.value_of(f.aggtranstype));
		FOR pair IN EXECUTE format('SELECT a.n AS a, b.n AS b, hostile.meet(a.n, b.n) AS outcome FROM %1$s a, %1$s b WHERE a.n <> b.n
			AND (a.n < 40 OR a.n %% 7 = b.n %% 7)', hostile.value_of(f.aggtranstype))
		LOOP
			calls := calls + 1;
			errors := errors + (pair.outcome = 'error')::integer;
			IF pair.outcome NOT IN ('', 'error') THEN
				RETURN NEXT format('%s values %s and %s: %s', f.aggtranstype::regtype, pair.a, pair.b, pair.outcome);
			END IF;
		END LOOP;
		DROP FUNCTION hostile.meet;
		EXECUTE format('DROP AGGREGATE hostile.meeting(%s)', f.aggtranstype::regtype);
	END LOOP;
	RETURN NEXT format('# meetings %s, clean errors %s', calls, errors);
END
$$;

-- A state of ours, cut to its first few entries, with some of its numbers
-- changed to the edges of what they may be.
CREATE FUNCTION hostile.forge(state text) RETURNS text LANGUAGE sql VOLATILE AS
$$
	SELECT array_to_string(word[:3] || least(word[4]::integer, kept)::text ||
		(SELECT array_agg(CASE WHEN random() < CASE WHEN i <= 4 + word[3]::integer THEN 0.05 ELSE 0.25 END
			THEN edge[1 + floor(random() * cardinality(edge))::integer] ELSE word[i] END ORDER BY i)
			FROM generate_series(5, 4 + word[3]::integer + 3 * least(word[4]::integer, kept)) i), ' ')
	FROM (SELECT string_to_array(state, ' ') AS word, 1 + floor(random() * 9)::integer AS kept,
		'{0,1,-1,2,5,6,10,14,30,8766,2147483647,2147483648,-2147483648,4294967295,4294967296,4611686018427387904,9223372036854775807,-9223372036854775808}'::text[] AS edge) s
$$;

-- Calls every function that takes a state with so many forgeries of each that
-- the aggregates made, which are the last.
CREATE FUNCTION hostile.check_forged(times integer) RETURNS SETOF text LANGUAGE plpgsql AS
$$
DECLARE
	f hostile.callable;
	found record;
	calls bigint := 0;
	errors bigint := 0;
BEGIN
	PERFORM setseed(0.5);
	CREATE TEMP TABLE forged (state crm.population_state);
	FOR found IN EXECUTE format('SELECT v::text AS learned FROM (SELECT v FROM %s ORDER BY n DESC LIMIT 20) l, generate_series(1, $1)',
		hostile.value_of('crm.population_state'::regtype)) USING times
	LOOP
		BEGIN
			INSERT INTO forged VALUES (hostile.forge(found.learned)::crm.population_state);
		EXCEPTION WHEN OTHERS THEN
			NULL;				-- not even a state
		END;
	END LOOP;
	FOR f IN SELECT * FROM hostile.callable WHERE arguments[1] = 'crm.population_state'::regtype ORDER BY signature::text LOOP
		PERFORM hostile.make_try(f);
		EXECUTE format('SELECT count(*) AS calls, count(*) FILTER (WHERE fault = ''error'') AS errors,
				array_agg(fault || '': '' || state) FILTER (WHERE fault <> ''error'') AS faults
			FROM (SELECT hostile.try(%s) AS fault, left(state::text, 200) AS state FROM forged OFFSET 0) tried',
			array_to_string('state'::text || (hostile.ordinary(f.arguments))[2:], ', ')) INTO found;
		calls := calls + found.calls;
		errors := errors + found.errors;
		RETURN QUERY SELECT f.signature || ': ' || fault FROM unnest(found.faults[:3]) fault;
		EXECUTE format('DROP FUNCTION hostile.try(%s)', (SELECT string_agg(format_type(a, NULL), ', ') FROM unnest(f.arguments) a));
	END LOOP;
	RETURN NEXT format('# states %s, calls %s, clean errors %s', (SELECT count(*) FROM forged), calls, errors);
END
$$;

CREATE FUNCTION hostile.check_stored() RETURNS SETOF text LANGUAGE sql AS
$$
	SELECT name || ' was written over' FROM hostile.stored WHERE fingerprint IS DISTINCT FROM hostile.fingerprint(name)
	UNION ALL
	SELECT format('# %s types', count(*)) FROM hostile.stored
$$;
