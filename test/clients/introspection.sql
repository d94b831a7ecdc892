-- What a BI tool learns when it is pointed at the database: the relations of a
-- schema, their columns with types, and the comments, from information_schema
-- and pg_description.  One line of TAP for each expectation.

CREATE TEMP VIEW seen AS
SELECT c.ordinal_position AS place, c.column_name::text AS name, c.data_type::text AS type,
	col_description(format('%I.%I', c.table_schema, c.table_name)::regclass, c.ordinal_position::int) AS comment
FROM information_schema.columns c
WHERE c.table_schema = 'public' AND c.table_name = 'guests';

CREATE FUNCTION pg_temp.none(names text[], expectation text) RETURNS text LANGUAGE sql
RETURN CASE WHEN coalesce(names, '{}') = '{}' THEN 'ok' ELSE 'not ok' END || ' - introspection: ' || expectation
	|| CASE WHEN coalesce(names, '{}') = '{}' THEN '' ELSE E'\n# not so: ' || array_to_string(names, ', ') END;

SELECT CASE WHEN array_agg(table_type::text) = '{VIEW}' THEN 'ok' ELSE 'not ok' END || ' - introspection: the relation is one view'
FROM information_schema.tables WHERE table_schema = 'public' AND table_name = 'guests';

SELECT pg_temp.none(array_agg(name) FILTER (WHERE type NOT IN
	('bigint', 'integer', 'smallint', 'numeric', 'double precision', 'text', 'date', 'boolean')), 'columns are of types that every tool knows')
FROM seen;

SELECT pg_temp.none(array_agg(name) FILTER (WHERE name !~ '^[a-z][a-z0-9_]*$'), 'names need no quotes') FROM seen;

SELECT pg_temp.none(array_agg(name) FILTER (WHERE comment IS NULL OR length(comment) NOT BETWEEN 10 AND 200), 'every column has a comment of a line')
FROM seen;

SELECT pg_temp.none(array_agg(name) FILTER (WHERE (type = 'date') <> (name ~ '(_visit|_from|_to|as_of)$' AND name !~ '^days_')), 'days are dates')
FROM seen;

SELECT CASE WHEN array_agg(name ORDER BY place) = '{customer_id,segment,visit_count,order_count,first_visit,last_visit}' THEN 'ok' ELSE 'not ok' END
	|| ' - introspection: the customer comes first, then the segment, then the metrics'
FROM seen WHERE place <= 6;

-- Only schema crm holds functions, so that the tool's list of the user's schema is short.
SELECT pg_temp.none(array_agg(p.proname::text), 'no function of the extension stands in the user''s schema')
FROM pg_proc p JOIN pg_depend d ON d.objid = p.oid AND d.classid = 'pg_proc'::regclass AND d.deptype = 'e'
WHERE p.pronamespace = 'public'::regnamespace;
