-- A schema for sqlsmith: tables with columns of every type that a function of
-- ours takes, and a catalog in which our functions are all that there is.  It
-- likes to pick a row by its number up to 99, so the tables have a hundred.

CREATE SCHEMA smith;

-- One table of customers, and one with an ordinary value and NULL of each type,
-- of test/hostile, by turns.
CREATE TABLE smith.customers AS
SELECT customer_id, h AS history, min(channel) AS channel, (random() * 1000)::numeric(10, 2) AS spend, 2 + customer_id::int % 50 AS visits,
	'2024-06-30'::date - customer_id::int % 400 AS day, random() AS share, customer_id % 3 = 0 AS asked
FROM (SELECT customer_id, min(channel) AS channel, crm.visit_history(ordered_at, amount) AS h
	FROM crm.simulate_transactions(100, '2022-01-01', '2024-06-30', 3) GROUP BY customer_id) simulated
GROUP BY customer_id, h;

DO
$$
DECLARE
	type oid;
BEGIN
	FOR type IN SELECT DISTINCT unnest(arguments) FROM hostile.callable LOOP
		EXECUTE format('CREATE TABLE smith.%I AS SELECT i, v FROM %s JOIN generate_series(1, 100) i ON n = 1 + i %% 2', 'some_' || type, hostile.value_of(type));
	END LOOP;
END
$$;

-- What sqlsmith reads as the catalog when this schema comes first in the path:
-- functions and aggregates that it can call, without those that write.
CREATE VIEW smith.pg_proc AS
SELECT p.*
FROM pg_catalog.pg_proc p JOIN hostile.callable USING (oid)
WHERE p.prokind IN ('f', 'a') AND 'cstring'::regtype <> ALL (p.proargtypes) AND p.prorettype NOT IN ('trigger'::regtype, 'cstring'::regtype)
	AND (p.provolatile <> 'v' OR p.proname LIKE 'simulate%');

SELECT format('ALTER DATABASE %I SET search_path = smith, pg_catalog, crm', current_database()) \gexec

-- A role that may do with these tables what it likes, and nothing else.  The
-- log tells the SQLSTATE of its errors.
CREATE ROLE crm_smith LOGIN;
ALTER ROLE crm_smith SET log_error_verbosity = verbose;
GRANT USAGE ON SCHEMA crm, smith, hostile TO crm_smith;
GRANT ALL ON ALL TABLES IN SCHEMA smith TO crm_smith;
GRANT SELECT ON hostile.callable TO crm_smith;
