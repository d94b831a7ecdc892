-- A search_path in which nothing is what it seems: whoever looks a name up in
-- it falls into a trap.

CREATE SCHEMA trap;

CREATE FUNCTION trap.sprung(what text) RETURNS text LANGUAGE plpgsql AS
	$$ BEGIN RAISE EXCEPTION 'the trap % was sprung', what; END $$;

-- A decoy of every function of the extension, if it is there already.
DO $$
DECLARE
	f record;
BEGIN
	FOR f IN SELECT p.*, pg_get_function_identity_arguments(p.oid) AS arguments, pg_get_function_result(p.oid) AS result
		FROM pg_depend d JOIN pg_proc p ON p.oid = d.objid
		WHERE d.classid = 'pg_proc'::regclass AND d.deptype = 'e' AND p.prokind = 'f'
			AND d.refobjid = (SELECT oid FROM pg_extension WHERE extname = 'crm_retention')
			AND 'internal'::regtype <> ALL (p.proargtypes) AND 'cstring'::regtype <> ALL (p.proargtypes) AND p.prorettype <> 'cstring'::regtype
	LOOP
		EXECUTE format('CREATE FUNCTION trap.%I(%s) %s LANGUAGE plpgsql AS %L', f.proname, f.arguments, 'RETURNS ' || f.result,
			format('BEGIN PERFORM trap.sprung(%L); END', f.proname));
	END LOOP;
END
$$;

-- Decoys of the extension's types ...
CREATE TABLE trap.visit_history (v integer);
CREATE TABLE trap.latency_norms (v integer);
CREATE TABLE trap.rfm_score (v integer);
CREATE DOMAIN trap.segment_map AS text CHECK (trap.sprung('segment_map') IS NULL);

-- ... and of what the server has.  (pg_catalog is found before them only where
-- it is not named behind them.)
CREATE FUNCTION trap.now() RETURNS timestamptz LANGUAGE sql AS $$ SELECT trap.sprung('now')::timestamptz $$;
CREATE FUNCTION trap.round(numeric, integer) RETURNS numeric LANGUAGE sql AS $$ SELECT trap.sprung('round')::numeric $$;
CREATE FUNCTION trap.equal(date, date) RETURNS boolean LANGUAGE sql AS $$ SELECT trap.sprung('=') IS NULL $$;
CREATE FUNCTION trap.equal(integer, integer) RETURNS boolean LANGUAGE sql AS $$ SELECT trap.sprung('=') IS NULL $$;
CREATE FUNCTION trap.minus(date, date) RETURNS integer LANGUAGE sql AS $$ SELECT length(trap.sprung('-')) $$;
CREATE FUNCTION trap.joined(text, text) RETURNS text LANGUAGE sql AS $$ SELECT trap.sprung('||') $$;
CREATE OPERATOR trap.= (LEFTARG = date, RIGHTARG = date, FUNCTION = trap.equal);
CREATE OPERATOR trap.= (LEFTARG = integer, RIGHTARG = integer, FUNCTION = trap.equal);
CREATE OPERATOR trap.- (LEFTARG = date, RIGHTARG = date, FUNCTION = trap.minus);
CREATE OPERATOR trap.|| (LEFTARG = text, RIGHTARG = text, FUNCTION = trap.joined);
