-- Damaged values, of the types in the schema hostile (test/hostile/values.sql),
-- in binary and in text: each must be refused by a clean error or be a value
-- that survives a round trip unchanged.

CREATE SCHEMA fuzz;

-- What is wrong with an error, if anything.
CREATE FUNCTION fuzz.error_fault(state text, message text) RETURNS text LANGUAGE sql AS
$$
	SELECT state || ' ' || left(message, 200) WHERE state ~ '^(XX|53|58|42|P0)' OR message !~ '\S'
$$;

-- The type in a table of its own, and what its value looks like after a trip
-- through text and, as bytes, before and after it; and its text is well-formed.
CREATE FUNCTION fuzz.make_table(type regtype) RETURNS text LANGUAGE plpgsql AS
$$
DECLARE
	send text := (SELECT typsend::text FROM pg_type WHERE oid = type);
	name text := (SELECT typname FROM pg_type WHERE oid = type);
BEGIN
	EXECUTE format('CREATE UNLOGGED TABLE fuzz.%I (v %s)', name, type);
	EXECUTE format('CREATE FUNCTION fuzz.survives(v %1$s) RETURNS boolean LANGUAGE sql AS $f$ SELECT %2$s(v::text::%1$s) = %2$s(v) AND v::text::%1$s::text = v::text
			AND pg_catalog.convert_from(pg_catalog.textsend(v::text), pg_catalog.getdatabaseencoding()) = v::text $f$',
		type, send);
	RETURN name;
END
$$;

-- Reads one file of COPY; returns what is wrong, '' for a clean error, NULL for a good value.
CREATE FUNCTION fuzz.read_binary(type text, file text) RETURNS text LANGUAGE plpgsql AS
$$
DECLARE
	survives boolean;
BEGIN
	BEGIN
		EXECUTE format('COPY fuzz.%I FROM %L (FORMAT binary)', type, file);
	EXCEPTION WHEN OTHERS THEN
		RETURN coalesce(fuzz.error_fault(SQLSTATE, SQLERRM), '');
	END;
	EXECUTE format('SELECT fuzz.survives(v) FROM fuzz.%I', type) INTO survives;
	EXECUTE format('DELETE FROM fuzz.%I', type);
	RETURN CASE WHEN NOT survives THEN 'came back as another value' END;
EXCEPTION WHEN OTHERS THEN
	EXECUTE format('DELETE FROM fuzz.%I', type);
	RETURN format('was accepted, and then: %s %s', SQLSTATE, SQLERRM);
END
$$;

-- All damaged values of one type.
CREATE FUNCTION fuzz.check_binary(type text, folder text, count integer) RETURNS SETOF text LANGUAGE sql AS
$$
	WITH tried AS MATERIALIZED (
		SELECT i, fuzz.read_binary(type, folder || '/damaged/' || type || '.' || i) AS outcome FROM generate_series(1, count) i),
	faults AS (SELECT format('%s.%s: %s', type, i, outcome) FROM tried WHERE outcome <> '' LIMIT 5)
	SELECT * FROM faults
	UNION ALL
	SELECT format('# %s values, %s accepted', count(*), count(*) FILTER (WHERE outcome IS NULL)) FROM tried
$$;

-- Texts are mutated here: pieces of the type's values and of every other
-- type's are cut out, doubled, replaced.
CREATE FUNCTION fuzz.mutate(value text, other text) RETURNS text LANGUAGE plpgsql AS
$$
DECLARE
	place integer := 1 + floor(random() * length(value));
	pieces text[] := ARRAY['', ' ', '  ', '0', '-', '-1', '9', '99999999999999999999', '2147483648', '9223372036854775808', '1e400', 'NaN', 'inf',
		'Infinity', '.', ',', ':', '{', '}', '(', ')', '/', '|', '"', '''', E'\n', '粉', chr(160), '%s%n', 'in 0 orders', 'BC', '0x10', '1e-400', '+'];
	piece text := pieces[1 + floor(random() * array_length(pieces, 1))];
BEGIN
	RETURN CASE floor(random() * 7)::integer
		WHEN 0 THEN overlay(value PLACING piece FROM place FOR 1)
		WHEN 1 THEN overlay(value PLACING piece FROM place FOR 0)
		WHEN 2 THEN overlay(value PLACING '' FROM place FOR 1 + floor(random() * 5)::integer)
		WHEN 3 THEN left(value, place)
		WHEN 4 THEN left(value, place) || substr(value, 1 + floor(random() * length(value))::integer)
		WHEN 5 THEN left(value, place) || substr(other, 1 + floor(random() * length(other))::integer)
		ELSE regexp_replace(value, '-?\d+(\.\d+)?', piece, 1, 1 + floor(random() * 8)::integer) END;
END
$$;

CREATE FUNCTION fuzz.read_text(type regtype, given text) RETURNS text LANGUAGE plpgsql AS
$$
DECLARE
	survives boolean;
BEGIN
	EXECUTE format('SELECT $1::%s', type) USING given;
	EXECUTE format('SELECT fuzz.survives($1::%s)', type) INTO survives USING given;
	RETURN CASE WHEN NOT survives THEN 'came back as another value' END;
EXCEPTION WHEN OTHERS THEN
	RETURN coalesce(fuzz.error_fault(SQLSTATE, SQLERRM), '');
END
$$;

CREATE FUNCTION fuzz.check_text(type regtype, count integer) RETURNS SETOF text LANGUAGE plpgsql AS
$$
DECLARE
	seeds text[];
BEGIN
	EXECUTE format('SELECT array_agg(v::text ORDER BY n) FROM %s WHERE v IS NOT NULL AND length(v::text) < 20000', hostile.value_of(type)) INTO seeds;
	IF seeds IS NULL THEN
		RETURN NEXT format('there is no value of type %s to begin with', type);
		RETURN;
	END IF;
	PERFORM setseed(0.5);
	RETURN QUERY
		WITH given AS MATERIALIZED (
			SELECT fuzz.mutate(fuzz.mutate(seeds[1 + i % array_length(seeds, 1)], seeds[1 + i * 7 % array_length(seeds, 1)]), '{}') AS t
			FROM generate_series(1, count) i),
		tried AS MATERIALIZED (SELECT t, fuzz.read_text(type, t) AS outcome FROM given),
		faults AS (SELECT format('%s: %s', outcome, left(t, 300)) FROM tried WHERE outcome <> '' LIMIT 5)
		SELECT * FROM faults
		UNION ALL
		SELECT format('# %s texts, %s accepted', count(*), count(*) FILTER (WHERE outcome IS NULL)) FROM tried;
END
$$;

-- ---- money ----

-- What becomes of one amount; NULL where it is refused.
CREATE FUNCTION fuzz.spend_of(amount numeric) RETURNS numeric LANGUAGE plpgsql AS
$$
BEGIN
	RETURN crm.total_spend(crm.visit_history('2024-01-01'::date, amount));
EXCEPTION WHEN numeric_value_out_of_range THEN
	RETURN NULL;
END
$$;

-- Random amounts of up to 24 digits, with zeros anywhere: each must come out
-- as it went in, and be refused if and only if it needs more than 18 digits.
CREATE FUNCTION fuzz.check_money(count integer) RETURNS SETOF text LANGUAGE plpgsql AS
$$
BEGIN
	PERFORM setseed(0.5);
	RETURN QUERY
		WITH given AS MATERIALIZED (
			SELECT trim_scale((CASE WHEN random() < 0.5 THEN '-' ELSE '' END
				|| array_to_string(ARRAY(SELECT CASE WHEN random() < zeros THEN 0 ELSE floor(random() * 10) END FROM generate_series(1, digits)), '')
				|| 'e' || shift)::numeric) AS amount
			FROM (SELECT i, random() * 0.7 AS zeros, 1 + floor(random() * 24)::integer AS digits, floor(random() * 32)::integer - 28 AS shift
				FROM generate_series(1, count) i) shape
			UNION ALL
			-- 2^64 and a little, which once passed for the little
			SELECT 18446744073709551616 + i + f FROM generate_series(0, 99999, 12345) i, (VALUES (0), (0.5), (0.25), (0.125)) fraction (f)
			UNION ALL
			SELECT (10::numeric ^ 18 - 1 + above) * ('1e-' || s)::numeric FROM generate_series(0, 45) s, generate_series(0, 1) above),
		tried AS (SELECT amount, fuzz.spend_of(amount) AS spend, abs(amount) * 10::numeric ^ min_scale(amount) < 10::numeric ^ 18 AS fits FROM given),
		faults AS (SELECT format('%s became %s', amount, coalesce(spend::text, 'an error')) FROM tried
			WHERE spend IS DISTINCT FROM CASE WHEN fits THEN amount END LIMIT 10)
		SELECT * FROM faults
		UNION ALL
		SELECT format('# %s amounts, %s accepted', count(*), count(spend)) FROM tried;
END
$$;
