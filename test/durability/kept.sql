-- Values of every stored type of the extension, each type in a table of its
-- own (n, v), and whatever a restore has to work out again from them.
-- Comes after test/hostile/values.sql, where the values are from.

CREATE SCHEMA kept;

DO $$
DECLARE
	type record;
BEGIN
	FOR type IN SELECT oid, typname FROM hostile.own_type JOIN pg_type USING (oid) WHERE stored LOOP
		EXECUTE format('CREATE TABLE kept.%I AS SELECT n, v FROM %s', type.typname, hostile.value_of(type.oid));
	END LOOP;
END
$$;

-- Long ones, which are compressed or stored out of line.
INSERT INTO kept.visit_history
SELECT 100000 + length, crm.visit_history('1900-01-01'::date + i, (i * 7919 % 100003) / 100.0) FROM unnest(ARRAY[30, 300, 3000, 30000]) length, generate_series(1, length) i
GROUP BY length;
INSERT INTO kept.latency_norms
SELECT 100000, crm.latency_norms(h, '2024-06-30') FROM (SELECT crm.visit_history(ordered_at, amount) AS h
	FROM crm.simulate_transactions(3000, '2020-01-01', '2024-06-30', 5) GROUP BY customer_id) histories;

-- What is worked out from stored values while nothing is in the search_path.
CREATE DOMAIN kept.customer AS crm.visit_history CHECK (crm.visit_count(VALUE) >= 0);
CREATE TABLE kept.customers (
	n integer PRIMARY KEY,
	h kept.customer NOT NULL DEFAULT '{}',
	visits integer GENERATED ALWAYS AS (crm.visit_count(h)) STORED,
	spend numeric GENERATED ALWAYS AS (crm.total_spend(h)) STORED,
	latency double precision GENERATED ALWAYS AS (crm.latency(h)) STORED,
	CHECK (crm.days_since_last_visit(h, '5874897-12-31') >= 0)
);
INSERT INTO kept.customers (n, h) SELECT n, v FROM kept.visit_history WHERE v IS NOT NULL;
CREATE INDEX ON kept.customers (crm.last_visit(h));
CREATE INDEX ON kept.customers USING hash ((h::crm.visit_history));
CREATE MATERIALIZED VIEW kept.norms AS
SELECT n % 2 AS channel, crm.latency_norms(h, '2024-06-30') AS norms FROM kept.customers GROUP BY 1;
CREATE MATERIALIZED VIEW kept.status AS
SELECT n, crm.latency_status(h, norms, '2024-06-30') AS status, crm.expected_next_visit(h, norms, '2024-06-30') AS expected,
	crm.as_of(h, '2024-01-01') OPERATOR(crm.||) crm.as_of(h, '2023-01-01') AS twice
FROM kept.customers JOIN kept.norms ON channel = n % 2;
CREATE VIEW kept.segments AS
SELECT crm.rfm_segment((5, 4, 3)::crm.rfm_score) AS by_default, crm.rfm_segment((5, 4, 3)::crm.rfm_score, 'all R1-9 F1-9') AS by_map;

-- ---- comparing ----

CREATE VIEW kept.value_tables AS
SELECT c.oid, c.oid::regclass AS name, t.typsend
FROM pg_catalog.pg_class c JOIN pg_catalog.pg_attribute a ON a.attrelid = c.oid AND a.attname = 'v' JOIN pg_catalog.pg_type t ON t.oid = a.atttypid
WHERE c.relnamespace = 'kept'::pg_catalog.regnamespace AND c.relkind = 'r';

-- The bytes of a table's values.
CREATE FUNCTION kept.fingerprint(value_table pg_catalog.regclass) RETURNS text LANGUAGE plpgsql SET search_path = '' AS
$$
DECLARE
	result text;
BEGIN
	EXECUTE format('SELECT count(*) || '' values '' || coalesce(md5(string_agg(n || '':'' || %s(v)::text, '' '' ORDER BY n)), '''') FROM %s',
		(SELECT typsend FROM kept.value_tables t WHERE t.oid = value_table), value_table) INTO result;
	RETURN result;
END
$$;

-- One row for each table, and one for each relation that is worked out.
CREATE VIEW kept.contents AS
SELECT name::text, kept.fingerprint(name) FROM kept.value_tables
UNION ALL
SELECT 'customers', count(*) || ' rows ' || md5(string_agg(c::text, ' ' ORDER BY n)) FROM kept.customers c
UNION ALL
SELECT 'norms', count(*) || ' rows ' || md5(string_agg(m::text, ' ' ORDER BY channel)) FROM kept.norms m
UNION ALL
SELECT 'status', count(*) || ' rows ' || md5(string_agg(s::text, ' ' ORDER BY n)) FROM kept.status s;

DROP SCHEMA hostile CASCADE;
