-- The relation for BI: create, refresh after one order in a thousand is new,
-- refit, reading the whole view and one row of it.
CREATE SCHEMA bi;
SET search_path = bi, public, crm;
SET client_min_messages = warning;
CREATE INDEX ON public.shuffled (customer_id) INCLUDE (day, amount);
ALTER TABLE public.shuffled SET LOGGED;	-- nothing is captured from a table that a crash may empty
VACUUM public.shuffled;
CREATE TABLE public.relation_speed (n serial, what text, ms numeric);

CREATE PROCEDURE time_statement(what text, statement text) LANGUAGE plpgsql AS $$
DECLARE
	started timestamptz := clock_timestamp();
BEGIN
	EXECUTE statement;
	INSERT INTO relation_speed (what, ms) VALUES (what, 1000 * extract(epoch FROM clock_timestamp() - started));
END $$;

\echo 'Measuring: the relation for BI …'
CALL time_statement('create', $$CALL create_customer_metrics('guests', 'shuffled', 'customer_id', 'day', 'amount', time_zone => 'UTC')$$);
INSERT INTO shuffled
SELECT 1 + floor(random() * (SELECT max(customer_id) FROM shuffled)), '2024-12-31', 9.99
FROM generate_series(1, (SELECT count(*) / 1000 FROM shuffled));
CALL time_statement('refresh, 0.1 % more orders', $$CALL refresh_customer_metrics('guests')$$);
CREATE TABLE refreshed AS TABLE guests_histories;
CALL time_statement('refresh, rebuild', $$CALL refresh_customer_metrics('guests', rebuild => true)$$);
SELECT count(*) AS "differences between refresh and rebuild"
FROM refreshed r FULL JOIN guests_histories h USING (customer) WHERE (r.segment, r.history) IS DISTINCT FROM (h.segment, h.history);
CALL time_statement('refit', $$CALL refit_customer_metrics('guests')$$);
CALL time_statement('read the whole view', $$CREATE TEMP TABLE read AS SELECT count(m) FROM guests_as_of('2024-12-31') m$$);
CALL time_statement('read one row by key', $$CREATE TEMP TABLE one AS SELECT * FROM guests WHERE customer_id = 4711$$);

\echo 'The relation for BI:'
SELECT what, round(ms, 1) AS ms, round(100 * ms / (SELECT ms FROM relation_speed WHERE what = 'refresh, rebuild'), 2) AS percent_of_rebuild,
	round(100 * ms / (SELECT ms FROM relation_speed WHERE what = 'create'), 2) AS percent_of_create
FROM relation_speed ORDER BY n;
SET search_path = public, crm;
RESET client_min_messages;
