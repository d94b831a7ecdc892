-- What users of a version have made of it: values of every type in tables and
-- indexes (test/durability/kept.sql, which comes before this), a view over
-- every function, a relation of customer metrics.

CREATE SCHEMA survivor;

-- An ordinary argument of a type.
CREATE FUNCTION survivor.argument(type oid) RETURNS text LANGUAGE sql AS
$$
	SELECT format(CASE WHEN to_regclass(format('kept.%I', t.typname)) IS NOT NULL THEN '(SELECT v FROM kept.%1$I WHERE n = 1)'
		WHEN t.typname IN ('date', 'timestamp', 'timestamptz') THEN '''2024-06-30''::%1$I'
		WHEN t.typname IN ('int2', 'int4', 'int8', 'numeric') THEN '3::%1$I'
		WHEN t.typname = 'float8' THEN '0.5::%1$I'
		ELSE 'NULL::%2$s' END, t.typname, t.oid::regtype)
	FROM pg_type t WHERE t.oid = type
$$;

-- A view over every function that answers the same whenever it is asked, and takes such arguments.
DO $$
DECLARE
	f record;
BEGIN
	FOR f IN SELECT format('survivor.%I', 'function ' || p.oid) AS name, format('crm.%I(%s)', p.proname,
			(SELECT string_agg(survivor.argument(type), ', ' ORDER BY i) FROM unnest(p.proargtypes) WITH ORDINALITY a (type, i))) AS call, p.proretset
		FROM upgrade.member m JOIN pg_proc p ON m.classid = 'pg_proc'::regclass AND p.oid = m.objid
		WHERE p.prokind IN ('f', 'a') AND p.provolatile = 'i'
	LOOP
		BEGIN
			EXECUTE format('CREATE VIEW %s AS SELECT %s AS answer', f.name,
				CASE WHEN f.proretset THEN format('ARRAY(SELECT r::text FROM %s r)', f.call) ELSE f.call END);
			EXECUTE 'TABLE ' || f.name;
		EXCEPTION WHEN OTHERS THEN	-- none that is called by hand
			EXECUTE 'DROP VIEW IF EXISTS ' || f.name;
		END;
	END LOOP;
END
$$;

-- Each view's definition and its rows.
CREATE FUNCTION survivor.rows_of(v regclass) RETURNS text LANGUAGE plpgsql AS
$$
DECLARE
	result text;
BEGIN
	EXECUTE format('SELECT string_agg(v::text, '' '' ORDER BY v::text) FROM %s v', v) INTO result;
	RETURN result;
END
$$;
CREATE VIEW survivor.contents AS
SELECT c.oid::regclass::text AS name, pg_get_viewdef(c.oid) || ' = ' || coalesce(survivor.rows_of(c.oid), 'nothing') AS contents
FROM pg_class c WHERE relnamespace = 'survivor'::regnamespace AND relkind = 'v' AND relname <> 'contents';

CREATE SCHEMA bi;
CREATE TABLE bi.orders AS SELECT customer_id, ordered_at, amount, channel FROM crm.simulate_transactions(300, '2023-01-01', '2024-06-30', 1);
SET search_path = bi, crm;
CALL create_customer_metrics('guests', 'bi.orders', 'customer_id', 'ordered_at', 'amount', 'channel', 'UTC', family => 'mbgnbd');
