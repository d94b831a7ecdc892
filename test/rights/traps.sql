-- A schema of traps: under the name of everything in pg_catalog an object that
-- says that it was sprung, and beside that operators and functions which fit
-- names, classes and roles better than those of the server do.  It is mallory's.

CREATE SCHEMA trap AUTHORIZATION crm_rights_mallory;
GRANT USAGE ON SCHEMA trap TO PUBLIC;
SET ROLE crm_rights_mallory;

-- Makes one, if it can be made.
CREATE FUNCTION trap.try(command text) RETURNS void LANGUAGE plpgsql AS
	$$ BEGIN EXECUTE command; EXCEPTION WHEN OTHERS THEN NULL; END $$;

CREATE FUNCTION trap.sprung(what text) RETURNS boolean LANGUAGE plpgsql AS
	$$ BEGIN RAISE EXCEPTION 'the trap % was sprung by %', what, current_user; END $$;

CREATE FUNCTION trap.make_function(name text, arguments text, result text) RETURNS void LANGUAGE sql AS
$$
	SELECT trap.try(format('CREATE FUNCTION trap.%I(%s) RETURNS %s LANGUAGE plpgsql AS %L', name, arguments, result,
		format('BEGIN RAISE EXCEPTION ''the trap %%%% was sprung by %%%%'', %L, current_user; END', format('%s(%s)', name, arguments))))
$$;

-- What pg_catalog has, exactly.
SELECT count(trap.make_function(p.proname, pg_get_function_identity_arguments(p.oid), pg_get_function_result(p.oid)))
FROM pg_proc p JOIN pg_type t ON t.oid = p.prorettype
WHERE p.pronamespace = 'pg_catalog'::regnamespace AND p.prokind = 'f' AND t.typtype <> 'p'
	AND NOT EXISTS (SELECT FROM unnest(p.proargtypes) a JOIN pg_type ON pg_type.oid = a WHERE typtype = 'p');
SELECT count(trap.try(format('CREATE OPERATOR trap.%s (%s RIGHTARG = %s, FUNCTION = trap.%I)', o.oprname,
	CASE WHEN o.oprleft <> 0 THEN format('LEFTARG = %s,', o.oprleft::regtype) END, o.oprright::regtype, p.proname)))
FROM pg_operator o JOIN pg_proc p ON p.oid = o.oprcode WHERE o.oprnamespace = 'pg_catalog'::regnamespace;

-- What fits better than anything there.
CREATE TABLE trap.fine AS SELECT unnest('{name,regclass,regtype,regrole,regproc,oid,text,varchar,char,bpchar,int2,int4,int8,bool,date,timestamptz}'::regtype[]) AS type;
SELECT count(trap.make_function(p.proname, t.type::text, pg_get_function_result(p.oid)))
FROM pg_proc p, trap.fine t
WHERE p.pronamespace = 'pg_catalog'::regnamespace AND p.prokind = 'f' AND p.pronargs = 1 AND p.proargtypes[0] IN ('text'::regtype, 'oid'::regtype, 'name'::regtype);
SELECT count(trap.make_function('better_match', format('%s, %s', l.type, r.type), 'boolean')),
	count(trap.make_function('joined_match', format('%s, %s', l.type, r.type), 'text'))
FROM trap.fine l, trap.fine r;
SELECT count(trap.try(format('CREATE OPERATOR trap.%s (LEFTARG = %s, RIGHTARG = %s, FUNCTION = trap.%s)', o, l.type, r.type,
	CASE o WHEN '||' THEN 'joined_match' ELSE 'better_match' END)))
FROM trap.fine l, trap.fine r, unnest('{=,<>,<,>,<=,>=,~~,||}'::text[]) o;

-- Its relations and its types.
SELECT count(trap.try(format('CREATE VIEW trap.%I AS SELECT r.* FROM pg_catalog.%1$I r WHERE trap.sprung(%1$L)', relname)))
FROM pg_class WHERE relnamespace = 'pg_catalog'::regnamespace AND relkind IN ('r', 'v');
SELECT count(trap.try(format('CREATE DOMAIN trap.%I AS pg_catalog.%1$I CHECK (trap.sprung(%1$L))', typname)))
FROM pg_type WHERE typnamespace = 'pg_catalog'::regnamespace AND typtype = 'b' AND typelem = 0;

-- The extension's own functions and types, too.
SELECT count(trap.make_function(p.proname, pg_get_function_identity_arguments(p.oid), pg_get_function_result(p.oid)))
FROM pg_proc p WHERE p.pronamespace = 'crm'::regnamespace AND p.prokind = 'f';
SELECT count(trap.try(format('CREATE DOMAIN trap.%I AS text CHECK (trap.sprung(%1$L))', typname)))
FROM pg_type WHERE typnamespace = 'crm'::regnamespace AND typtype IN ('b', 'c');

DROP FUNCTION trap.try(text);
GRANT EXECUTE ON ALL FUNCTIONS IN SCHEMA trap TO PUBLIC;
GRANT SELECT ON ALL TABLES IN SCHEMA trap TO PUBLIC;
RESET ROLE;
