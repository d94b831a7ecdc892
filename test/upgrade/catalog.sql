-- The extension as the catalog has it: upgrade.catalog yields a line for every
-- fact about every object that belongs to it, with names instead of numbers,
-- so that two databases can be compared.  Nothing is listed here by hand: what
-- belongs to it is in pg_depend, what a column refers to in
-- pg_get_catalog_foreign_keys().

CREATE SCHEMA upgrade;

-- The members, and what belongs to these: array types, classes of row types.
CREATE VIEW upgrade.member AS
WITH RECURSIVE member AS (
	SELECT classid, objid FROM pg_depend
	WHERE deptype = 'e' AND refclassid = 'pg_extension'::regclass AND refobjid = (SELECT oid FROM pg_extension WHERE extname = 'crm_retention')
	UNION
	SELECT d.classid, d.objid FROM member m JOIN pg_depend d ON d.refclassid = m.classid AND d.refobjid = m.objid AND d.deptype = 'i' AND d.objsubid = 0
		AND d.refobjsubid = 0
)
SELECT classid, objid, pg_describe_object(classid, objid, 0) AS object FROM member;

-- Catalogs with rows about a member that are no objects or that it owns, and the column that says whose they are.
CREATE VIEW upgrade.about AS
VALUES ('pg_aggregate'::regclass, 'pg_proc'::regclass, 'aggfnoid'), ('pg_attribute', 'pg_class', 'attrelid'), ('pg_enum', 'pg_type', 'enumtypid'),
	('pg_range', 'pg_type', 'rngtypid'), ('pg_amop', 'pg_opfamily', 'amopfamily'), ('pg_amproc', 'pg_opfamily', 'amprocfamily');

-- A column of a catalog as an expression that yields its text, names for numbers; NULL where it only
-- numbers the row, or is the server's own bookkeeping.
CREATE FUNCTION upgrade.column_text(a pg_attribute) RETURNS text LANGUAGE sql AS
$$
	SELECT CASE
		WHEN a.attname IN ('oid', 'relfilenode', 'attoptions') OR a.atttypid = 'pg_node_tree'::regtype THEN NULL
		WHEN a.atttypid IN ('regproc'::regtype) THEN format('r.%I::oid::regprocedure::text', a.attname)
		WHEN f.is_array THEN format('(SELECT array_agg(pg_describe_object(%L::regclass, o, 0) ORDER BY i) FROM unnest(r.%I::oid[]) WITH ORDINALITY u (o, i))::text', f.pktable, a.attname)
		WHEN f.pktable IS NOT NULL THEN format('pg_describe_object(%L::regclass, r.%I, 0)', f.pktable, a.attname)
		ELSE format('r.%I::text', a.attname) END
	FROM (SELECT) x LEFT JOIN pg_get_catalog_foreign_keys() f ON f.fktable = a.attrelid AND f.fkcols = ARRAY[a.attname]::text[]
$$;

-- (object, fact): the rows of one catalog that a column says are about members of a class.
CREATE FUNCTION upgrade.rows(catalog regclass, about regclass, key name) RETURNS TABLE (object text, fact text) LANGUAGE plpgsql AS
$$
BEGIN
	RETURN QUERY EXECUTE format('SELECT m.object, ''%s: '' || concat_ws('', '', %s) FROM upgrade.member m JOIN %s r ON m.classid = %L::regclass AND m.objid = r.%I',
		catalog, (SELECT string_agg(format('%L || %s', a.attname || ' ', upgrade.column_text(a)), ', ' ORDER BY attnum)
			FROM pg_attribute a WHERE attrelid = catalog AND attnum > 0 AND upgrade.column_text(a) IS NOT NULL),
		catalog, about, key);
END
$$;

CREATE VIEW upgrade.catalog AS
SELECT r.* FROM (SELECT DISTINCT classid FROM upgrade.member) c, upgrade.rows(classid, classid, 'oid') r
UNION ALL
SELECT r.* FROM upgrade.about a (catalog, about, key), upgrade.rows(catalog, about, key) r
UNION ALL	-- what the catalog keeps as a parse tree
SELECT object, 'arguments: ' || pg_get_function_arguments(objid) || ' body: ' || coalesce(pg_get_function_sqlbody(objid), '-')
FROM upgrade.member WHERE classid = 'pg_proc'::regclass
UNION ALL
SELECT object, format('comment on %s: %s', objsubid, description) FROM upgrade.member m JOIN pg_description d ON d.classoid = m.classid AND d.objoid = m.objid
UNION ALL
SELECT object, format('initial rights on %s: %s', objsubid, initprivs) FROM upgrade.member m JOIN pg_init_privs p ON p.classoid = m.classid AND p.objoid = m.objid
UNION ALL
SELECT object, format('depends (%s) on %s', deptype, CASE WHEN refclassid = 'pg_extension'::regclass THEN 'the extension' ELSE pg_describe_object(refclassid, refobjid, refobjsubid) END)
FROM upgrade.member m JOIN pg_depend d USING (classid, objid);
