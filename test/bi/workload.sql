-- The source, its relation of customer metrics, and a workload that changes the
-- source in every way: run as the owner, churn() as the application's role.
CREATE SCHEMA crm;
CREATE EXTENSION crm_retention SCHEMA crm;
CREATE SCHEMA bi;
CREATE ROLE app LOGIN;
CREATE TABLE orders (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, customer_id integer, ordered_at timestamptz, amount numeric, channel text, status text);
INSERT INTO orders (customer_id, ordered_at, amount, channel)
SELECT customer_id, ordered_at AT TIME ZONE 'UTC', amount, channel FROM crm.simulate_transactions(500, '2023-01-01', '2024-06-30', 11);
CREATE INDEX ON orders (customer_id);
GRANT SELECT, INSERT, UPDATE, DELETE, TRUNCATE ON orders TO app;
ALTER DATABASE postgres SET search_path = bi, public, crm;
SET search_path = bi, public, crm;
SET client_min_messages = error;
CALL create_customer_metrics('guests', 'orders', 'customer_id', 'ordered_at', 'amount', 'channel', 'Asia/Shanghai', family => 'mbgnbd');

-- One statement of the workload, by a random number below 1.
CREATE FUNCTION public.change(kind double precision) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
	who integer := 1 + floor(random() * 600);
	moment timestamptz := '2024-01-01 00:00+00'::timestamptz + random() * interval '180 days';
BEGIN
	IF kind < 0.30 THEN
		INSERT INTO orders (customer_id, ordered_at, amount, channel) VALUES (who, moment, round((random() * 100)::numeric, 2), 'app');
	ELSIF kind < 0.36 THEN
		INSERT INTO orders (customer_id, ordered_at, amount, channel)
		SELECT nullif(who + n % 7, 600), moment + n * interval '9 hours', n - 2, CASE n % 3 WHEN 0 THEN 'web' WHEN 1 THEN 'app' END FROM generate_series(0, 12) AS n;
	ELSIF kind < 0.46 THEN
		UPDATE orders SET amount = amount + 1 WHERE customer_id = who;
	ELSIF kind < 0.54 THEN
		UPDATE orders SET customer_id = customer_id + 1 WHERE customer_id = who;
	ELSIF kind < 0.60 THEN
		UPDATE orders SET ordered_at = ordered_at - interval '20 hours' WHERE customer_id BETWEEN who AND who + 2;
	ELSIF kind < 0.66 THEN
		UPDATE orders SET channel = 'web' WHERE customer_id = who;
	ELSIF kind < 0.72 THEN
		UPDATE orders SET customer_id = NULL WHERE customer_id = who AND id % 3 = 0;
	ELSIF kind < 0.82 THEN
		UPDATE orders SET status = 'shipped' WHERE customer_id = who;
	ELSIF kind < 0.94 THEN
		DELETE FROM orders WHERE customer_id = who AND random() < 0.7;
	ELSIF kind < 0.97 THEN
		DELETE FROM orders WHERE customer_id BETWEEN who AND who + 10;
	ELSIF kind < 0.999 THEN
		INSERT INTO orders (customer_id, ordered_at, amount, channel) VALUES (who, NULL, 1, 'app');
	ELSE
		TRUNCATE orders;
	END IF;
END $$;

-- So many transactions of one to four statements; a part of them is rolled back, wholly or to a savepoint.
CREATE PROCEDURE public.churn(seed double precision, transactions integer) LANGUAGE plpgsql AS $$
BEGIN
	PERFORM setseed(seed);
	FOR i IN 1 .. transactions LOOP
		FOR j IN 1 .. 1 + floor(random() * 4) LOOP
			BEGIN
				PERFORM public.change(random());
				IF random() < 0.1 THEN
					RAISE EXCEPTION USING ERRCODE = 'triggered_action_exception';
				END IF;
			EXCEPTION WHEN triggered_action_exception OR deadlock_detected THEN
			END;
		END LOOP;
		PERFORM pg_sleep(random() * 0.004);
		IF random() < 0.15 THEN
			ROLLBACK;
		ELSE
			COMMIT;
		END IF;
	END LOOP;
END $$;

-- Kills the server process of a refresh that is under way, as soon as there is one: from here, as it may
-- be over before a program of the client's has started.
CREATE PROCEDURE public.kill_refresh() LANGUAGE plpgsql AS $$
DECLARE
	refresh integer;
BEGIN
	WHILE refresh IS NULL LOOP
		PERFORM pg_stat_clear_snapshot();
		refresh := (SELECT pid FROM pg_stat_activity WHERE query LIKE 'CALL refresh%' AND state = 'active' LIMIT 1);
	END LOOP;
	EXECUTE format('COPY (SELECT) TO PROGRAM %L', 'kill -9 ' || refresh);
END $$;

-- How many customers are not what a recomputation in plain SQL makes of them.
CREATE FUNCTION public.differences() RETURNS bigint LANGUAGE sql AS $$
	SELECT count(*)
	FROM (SELECT customer_id, crm.visit_history(ordered_at, amount, 'Asia/Shanghai') AS history,
			(array_agg(channel ORDER BY ordered_at, channel) FILTER (WHERE ordered_at IS NOT NULL AND (amount IS NULL OR amount >= 0)))[1] AS segment
		FROM public.orders WHERE customer_id IS NOT NULL GROUP BY customer_id) AS r
	FULL JOIN bi.guests_histories h ON h.customer = r.customer_id
	WHERE r.history IS DISTINCT FROM h.history OR r.segment IS DISTINCT FROM h.segment
$$;
