-- What it takes to aggregate in parts on other machines, for every aggregate
-- of the extension, found in the catalog: properties, and round trips of
-- unfinished states.  Prints the titles of what does not hold.
SET search_path = public, crm;

CREATE TABLE orders AS
SELECT customer_id, ordered_at AT TIME ZONE 'UTC' AS ordered_at, amount, (customer_id * 7919 % 5)::integer AS machine
FROM simulate_transactions(400, '2023-01-01', '2024-06-30', 5);
CREATE TABLE histories AS
SELECT customer_id, machine, visit_history(ordered_at, amount, 'UTC') AS h FROM orders GROUP BY 1, 2;

CREATE VIEW aggregates AS
SELECT a.*, p.oid::regprocedure AS signature, row_number() OVER (ORDER BY p.oid::regprocedure::text) AS no, p.proargtypes::oid[] AS arguments
FROM pg_aggregate AS a JOIN pg_proc AS p ON p.oid = a.aggfnoid
WHERE p.pronamespace = 'crm'::regnamespace
	AND a.aggfinalfn::regproc <> 'crm.visit_history_zone_refused'::regproc; -- exist to refuse

CREATE TABLE complaints (complaint text);

INSERT INTO complaints
SELECT format('%s cannot be shipped in parts: %s', signature, reason)
FROM aggregates, LATERAL (VALUES
	(aggcombinefn = 0, 'no combine function'),
	(aggkind <> 'n', 'an ORDER BY inside'),
	(agginitval IS NOT NULL, 'a first state that the copies below lack'),
	((SELECT typtype = 'p' FROM pg_type WHERE oid = aggtranstype), 'its state is a pseudo-type'),
	((SELECT typsend = 0 OR typreceive = 0 FROM pg_type WHERE oid = aggtranstype), 'its state has no binary form'),
	(cardinality(arguments) = 0, 'no argument'),
	(EXISTS (SELECT FROM pg_type WHERE oid = ANY (arguments) AND typtype = 'p'), 'polymorphic arguments')) AS rule (broken, reason)
WHERE broken;

-- What an argument of an aggregate is here.
CREATE FUNCTION argument(type oid, place integer, name text) RETURNS text LANGUAGE sql AS $$
	SELECT CASE type::regtype::text
		WHEN 'crm.visit_history' THEN 'h' WHEN 'visit_history' THEN 'h'
		WHEN 'date' THEN CASE WHEN place = 1 THEN '(ordered_at AT TIME ZONE ''UTC'')::date'
			WHEN place = 3 THEN 'date ''2024-06-30''' ELSE 'date ''2024-03-31''' END
		WHEN 'timestamp without time zone' THEN '(ordered_at AT TIME ZONE ''UTC'')'
		WHEN 'timestamp with time zone' THEN 'ordered_at'
		WHEN 'daterange' THEN CASE WHEN place = 2 THEN 'daterange(''2023-01-01'', ''2023-07-01'')' ELSE 'daterange(''2023-07-01'', ''2024-07-01'')' END
		WHEN 'text' THEN CASE name WHEN 'family' THEN '''mbgcnbd''' WHEN 'period' THEN '''month''' ELSE '''Asia/Shanghai''' END
		WHEN 'double precision[]' THEN '''{0.2,0.5}''::float8[]'
		WHEN 'double precision' THEN CASE WHEN name = 'amount' THEN 'amount::float8' ELSE '0.2::float8' END
		WHEN 'integer' THEN CASE name WHEN 'amount' THEN 'amount::integer' WHEN 'period' THEN '30' ELSE '5' END
		WHEN 'bigint' THEN 'amount::bigint'
		WHEN 'numeric' THEN 'amount'
	END
$$;

-- Each machine aggregates its part and sends the unfinished state, as text or
-- in binary; the parts are merged in two steps, and only then finished.  The
-- input is cut in every way there is: by customer, each row alone, the rows of
-- a customer here and there, by chance, and one machine that has no rows.
DO $$
DECLARE
	one record;
	call text;
	types text;
	state text;
	source text;
	cut text;
	expected text;
	got text;
BEGIN
	PERFORM setseed(0.5);
	FOR one IN TABLE aggregates LOOP
		SELECT string_agg(argument(type, place::integer, (SELECT (proargnames)[place] FROM pg_proc WHERE oid = one.aggfnoid)), ', ' ORDER BY place),
			string_agg(format_type(type, NULL), ', ' ORDER BY place)
		INTO call, types FROM unnest(one.arguments) WITH ORDINALITY AS argument (type, place);
		state := format_type(one.aggtranstype, NULL);
		source := CASE WHEN call LIKE 'h%' THEN 'histories' ELSE 'orders' END;
		EXECUTE format('CREATE AGGREGATE part_%s (%s) (SFUNC = %s, STYPE = %s)', one.no, types, one.aggtransfn, state);
		EXECUTE format('CREATE AGGREGATE merge_%1$s (%2$s) (SFUNC = %3$s, STYPE = %2$s)', one.no, state, one.aggcombinefn);
		EXECUTE format('CREATE AGGREGATE finish_%1$s (%2$s) (SFUNC = %3$s, STYPE = %2$s, FINALFUNC = %4$s)', one.no, state, one.aggcombinefn, one.aggfinalfn);
		EXECUTE format('SELECT %s(%s)::text FROM %s', one.aggfnoid::regproc, call, source) INTO expected;
		FOREACH cut IN ARRAY ARRAY['machine', 'row_number() OVER ()', 'row_number() OVER () % 3', '(7 * random() ^ 2)::integer'] LOOP
			EXECUTE format(
				'WITH part AS MATERIALIZED (SELECT place, part_%1$s(%2$s) AS s FROM (SELECT *, %5$s AS place FROM %3$s) AS input GROUP BY place
					UNION ALL SELECT -1, part_%1$s(%2$s) FROM %3$s WHERE false),
				arrived AS MATERIALIZED (SELECT place, s::text::%4$s AS s FROM part),
				merged AS MATERIALIZED (SELECT merge_%1$s(s) AS s FROM arrived GROUP BY place %% 2)
				SELECT finish_%1$s(s)::text FROM (SELECT s::text::%4$s AS s FROM merged) AS arrived',
				one.no, call, source, state, cut) INTO got;
			IF got IS DISTINCT FROM expected OR expected IS NULL THEN
				INSERT INTO complaints VALUES (format('%s in parts (%s) gives %s instead of %s', one.signature, cut, left(got, 200), left(expected, 200)));
			END IF;
		END LOOP;
		-- The binary form, by way of COPY.
		EXECUTE format('CREATE TABLE part_of_%1$s AS SELECT machine, part_%1$s(%2$s) AS s FROM %3$s GROUP BY machine', one.no, call, source);
	END LOOP;
END $$;

SELECT complaint FROM complaints
UNION ALL SELECT 'no aggregate was found' WHERE NOT EXISTS (SELECT FROM aggregates);
