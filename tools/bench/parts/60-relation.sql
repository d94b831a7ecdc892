-- The relation for BI: create, refresh after one order in a thousand is new,
-- refit, reading the whole view and one row of it.
CREATE SCHEMA bi;
SET search_path = bi, public, crm;
CREATE INDEX ON shuffled (customer_id, day) INCLUDE (amount);
ALTER TABLE shuffled SET LOGGED;	-- nothing is captured from a table that a crash may empty
CHECKPOINT;	-- this server commits without waiting for its log, and VACUUM calls no row visible to all before that is on disk
VACUUM ANALYZE shuffled;

CREATE PROCEDURE time_statement(what text, statement text, round integer) LANGUAGE plpgsql AS $$
DECLARE
	started timestamptz := clock_timestamp();
BEGIN
	EXECUTE statement;
	INSERT INTO result (part, what, contender, round, ms)
	VALUES ('relation', what, 'ours', round, 1000 * extract(epoch FROM clock_timestamp() - started));
	COMMIT;	-- as its users do between one and the next
END $$;

CREATE PROCEDURE time_relation(round integer) LANGUAGE plpgsql AS $$
BEGIN
	CALL time_statement('create', $q$CALL create_customer_metrics('guests', 'shuffled', 'customer_id', 'day', 'amount', time_zone => 'UTC')$q$, round);
	INSERT INTO shuffled SELECT 1 + floor(random() * (SELECT max(customer_id) FROM shuffled)), '2024-12-31', 9.99
	FROM generate_series(1, (SELECT count(*) / 1000 FROM shuffled));
	COMMIT;
	CALL time_statement('refresh, 0.1 % more orders', $q$CALL refresh_customer_metrics('guests')$q$, round);
	CREATE TABLE refreshed AS TABLE guests_histories;
	CALL time_statement('refresh, rebuild', $q$CALL refresh_customer_metrics('guests', rebuild => true)$q$, round);
	IF EXISTS (SELECT FROM refreshed r FULL JOIN guests_histories h USING (customer) WHERE (r.segment, r.history) IS DISTINCT FROM (h.segment, h.history)) THEN
		RAISE EXCEPTION 'refresh and rebuild differ';
	END IF;
	CALL time_statement('refit', $q$CALL refit_customer_metrics('guests')$q$, round);
	CALL time_statement('read the whole view', $q$CREATE TEMP TABLE read AS SELECT count(m) FROM guests_as_of('2024-12-31') m$q$, round);
	CALL time_statement('read one row by key', $q$CREATE TEMP TABLE one AS SELECT * FROM guests WHERE customer_id = 4711$q$, round);
	CALL drop_customer_metrics('guests');
	DROP TABLE refreshed, read, one;
END $$;

\echo 'Measuring: the relation for BI …'
SELECT format('CALL time_relation(%s)', round) FROM generate_series(1, :more_rounds) AS round \gexec
