-- A call of every function of the extension with ordinary arguments, as a query
-- that looks nothing up by itself: the arguments are columns of one row.
-- Comes after test/hostile/values.sql.

CREATE SCHEMA rights;
DO $$
BEGIN
	EXECUTE 'CREATE TABLE rights.argument AS SELECT ' ||
		(SELECT string_agg(DISTINCT format('%s::%s AS t%s', CASE WHEN hostile.value_of(type) IS NULL THEN 'NULL' ELSE format('(SELECT v FROM %s WHERE n = 1)', hostile.value_of(type)) END,
			format_type(type, NULL), type), ', ') FROM hostile.callable c, unnest(c.arguments) type);
END
$$;
CREATE TABLE rights.call AS
SELECT c.signature::text AS name, format('SELECT crm.%I(%s) FROM rights.argument a', c.name,
	(SELECT string_agg(format('a.t%s%s', CASE type WHEN 'cstring'::regtype THEN 'text'::regtype ELSE type END::oid, CASE type WHEN 'cstring'::regtype THEN '::pg_catalog.cstring' END), ', ' ORDER BY i)
		FROM unnest(p.proargtypes) WITH ORDINALITY u (type, i))) AS query
FROM hostile.callable c JOIN pg_proc p ON p.oid = c.oid
WHERE c.kind IN ('f', 'a')
UNION ALL
SELECT pg_describe_object('pg_operator'::regclass, o.oid, 0), format('SELECT a.t%s OPERATOR(crm.%s) a.t%s FROM rights.argument a', o.oprleft::oid, o.oprname, o.oprright::oid)
FROM pg_operator o WHERE o.oprnamespace = 'crm'::regnamespace
UNION ALL
SELECT pg_describe_object('pg_cast'::regclass, c.oid, 0), format('SELECT a.t%s::pg_catalog.%s FROM rights.argument a', c.castsource::oid, c.casttarget::regtype)
FROM pg_cast c JOIN pg_type t ON t.oid = c.castsource WHERE t.typnamespace = 'crm'::regnamespace AND c.casttarget IN ('json'::regtype, 'jsonb'::regtype);
GRANT USAGE ON SCHEMA rights TO PUBLIC;
GRANT SELECT ON rights.argument TO PUBLIC;
