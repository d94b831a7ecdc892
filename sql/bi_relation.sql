-- create_customer_metrics: a relation with one row per customer that stays current.
\set SHOW_CONTEXT never
CREATE SCHEMA bi;
SET search_path = bi, public;
CREATE TABLE public.orders AS
SELECT customer_id, ordered_at AT TIME ZONE 'UTC' AS ordered_at, amount, channel
FROM simulate_transactions(300, '2023-01-01', '2024-06-30', 3);
CREATE INDEX ON public.orders (customer_id);

CALL create_customer_metrics('guests', 'orders', 'customer_id', 'ordered_at', 'amount', 'channel', 'Europe/Berlin',
	family => 'mbgnbd', segment_customers => 50);
SELECT count(*) AS rows, count(DISTINCT customer_id) AS customers, sum(total_spend) = (SELECT sum(amount) FROM orders) AS all_money,
	bool_and(as_of = (now() AT TIME ZONE 'Europe/Berlin')::date) AS today, bool_and(beyond_data) AS beyond_data FROM guests;
SELECT customer_id, segment, visit_count, total_spend, latency_status, rfm_code, next_visit_source, as_of, references_as_of, beyond_data
FROM guests_as_of('2024-06-30') ORDER BY customer_id LIMIT 3;
SELECT refit, segment, as_of, last_day, customers FROM guests_references ORDER BY refit, segment NULLS FIRST;

-- Comments, for BI tools; nothing of the view's is without one.
SELECT count(*) AS columns, count(col_description(attrelid, attnum)) AS described
FROM pg_attribute WHERE attrelid = 'guests'::regclass AND attnum > 0;
SELECT attname, col_description(attrelid, attnum) FROM pg_attribute WHERE attrelid = 'guests'::regclass AND attnum BETWEEN 1 AND 3 ORDER BY attnum;

-- What a full recomputation would give, to compare with.
CREATE FUNCTION recomputed(OUT customer_id bigint, OUT segment text, OUT history visit_history) RETURNS SETOF record LANGUAGE sql STABLE AS $$
	SELECT o.customer_id, (SELECT s.channel FROM orders s WHERE s.customer_id = o.customer_id AND coalesce(s.amount, 0) >= 0 AND s.ordered_at IS NOT NULL
		ORDER BY s.ordered_at, s.channel LIMIT 1), visit_history(o.ordered_at, o.amount, 'Europe/Berlin')
	FROM orders o WHERE o.customer_id IS NOT NULL GROUP BY o.customer_id
$$;
CREATE FUNCTION differences() RETURNS bigint LANGUAGE sql STABLE AS $$
	SELECT count(*) FROM recomputed() r FULL JOIN guests_histories h ON h.customer = r.customer_id
	WHERE r.segment IS DISTINCT FROM h.segment OR r.history IS DISTINCT FROM h.history
$$;
SELECT differences();

-- The first filling lies in order of the keys.
SELECT array_agg(customer ORDER BY ctid) = array_agg(customer ORDER BY customer) AS by_key FROM guests_histories;

-- Changes are noted when they can change a history, and only those customers are read again.
UPDATE orders SET channel = channel, amount = amount WHERE customer_id < 100;
SELECT count(*) AS noted FROM guests_changes;
INSERT INTO orders VALUES (1, '2024-06-30 23:30+02', 10, 'app'), (9001, '2024-06-30 23:30+00', 20, 'app'), (NULL, '2024-06-30', 1, 'app');
UPDATE orders SET amount = amount + 1 WHERE customer_id = 2;
UPDATE orders SET customer_id = 9002 WHERE customer_id = 3;
DELETE FROM orders WHERE customer_id = 4;
BEGIN; DELETE FROM orders WHERE customer_id = 5; ROLLBACK;
SELECT customer FROM guests_changes ORDER BY customer;
SELECT differences();
CALL refresh_customer_metrics('guests');
SELECT differences();
SELECT last_visit FROM guests WHERE customer_id IN (1, 9001) ORDER BY customer_id; -- the day in Berlin
CALL refresh_customer_metrics('guests');
SELECT count(*) AS noted FROM guests_changes;

-- The segment is that of the earliest order, of several the smallest; refunds are no orders.
INSERT INTO orders VALUES (9003, '2020-01-02', 5, 'zoo'), (9003, '2020-01-02', 5, 'app'), (9003, '2020-01-01', -5, 'web'), (9003, NULL, 5, 'aaa');
INSERT INTO orders VALUES (9004, NULL, 5, 'app'); -- no day: a customer without a visit
CALL refresh_customer_metrics('guests');
SELECT customer_id, segment, visit_count, total_spend, loyalty_level FROM guests WHERE customer_id > 9002 ORDER BY 1;
SELECT differences();

-- TRUNCATE, and what bypasses the triggers.
TRUNCATE orders;
INSERT INTO orders VALUES (1, '2024-06-01 12:00+00', 10, 'app');
CALL refresh_customer_metrics('guests');
SELECT count(*), differences() FROM guests;
SET session_replication_role = replica;
INSERT INTO orders SELECT 1 + n % 20, '2024-01-01 12:00+00'::timestamptz + n * interval '1 day', n, 'app' FROM generate_series(1, 100) AS n;
RESET session_replication_role;
CALL refresh_customer_metrics('guests');
SELECT differences() > 0 AS stale;
CALL refresh_customer_metrics('guests', rebuild => true);
SELECT differences();

-- Refitting keeps the old references, and a past day is measured by those of its time.
CALL refit_customer_metrics('guests');
SELECT refit, segment, as_of, last_day, customers FROM guests_references ORDER BY refit, segment NULLS FIRST;
SELECT DISTINCT references_as_of FROM guests;

-- Whoever drops it leaves nothing behind.
SET client_min_messages = warning;
CALL drop_customer_metrics('guests');
DROP FUNCTION differences, recomputed;
SELECT count(*) FROM pg_class WHERE relnamespace = 'bi'::regnamespace;
SELECT count(*) FROM pg_trigger WHERE tgrelid = 'orders'::regclass;
-- Two of one name, in two schemas, on one source.
CREATE SCHEMA other;
SET search_path = other, public;
SET client_min_messages = error;
CALL create_customer_metrics('guests', 'orders', 'customer_id', 'ordered_at', 'amount', NULL, 'UTC', family => NULL);
SET search_path = bi, public;
CALL create_customer_metrics('guests', 'orders', 'customer_id', 'ordered_at', time_zone => 'UTC', family => NULL);
SELECT segment, total_spend, next_visit_source, p_alive FROM guests WHERE customer_id = 1;
DROP SCHEMA other CASCADE;
SELECT count(*) FROM pg_trigger WHERE tgrelid = 'orders'::regclass;
CALL drop_customer_metrics('guests');
SELECT count(*) FROM pg_trigger WHERE tgrelid = 'orders'::regclass;
DROP TABLE orders;

-- Hostile names are just names.
CREATE SCHEMA "od%d $$; ""schema";
SET search_path = "od%d $$; ""schema", public;
CREATE TABLE "t' $body$ %I" ("%s""$function$ id" text, "tg_op" date, "new" numeric, "d; DROP" text);
INSERT INTO "t' $body$ %I" VALUES ('a''%', '2024-01-01', 1, 'x%y');
SET client_min_messages = notice;
CALL create_customer_metrics('m''%I "x"', '"t'' $body$ %I"', '%s"$function$ id', 'tg_op', 'new', 'd; DROP', 'UTC', segment_customers => 1);
SET client_min_messages = error;
-- The index that the hint names is one.
CREATE INDEX ON "od%d $$; ""schema"."t' $body$ %I" ("%s""$function$ id") INCLUDE (tg_op, new, "d; DROP");
INSERT INTO "t' $body$ %I" VALUES ('a''%', '2024-02-01', 1, 'x%y'), ('b', '2024-02-01', 1, NULL);
UPDATE "t' $body$ %I" SET "new" = 3 WHERE "tg_op" = '2024-01-01';
DELETE FROM "t' $body$ %I" WHERE "%s""$function$ id" = 'b';
CALL refresh_customer_metrics('m''%I "x"');
CALL refit_customer_metrics('m''%I "x"');
SELECT "%s""$function$ id", segment, visit_count, total_spend FROM "m'%I ""x""";
SELECT "%s""$function$ id", visit_count FROM "m'%I ""x""_as_of"('2024-01-15');
CALL drop_customer_metrics('m''%I "x"');
DROP SCHEMA "od%d $$; ""schema" CASCADE;

-- Types of keys, days and amounts. (A sample of one customer fits no model.)
SET search_path = bi, public;
CREATE DOMAIN public.guest_id AS varchar(8) NOT NULL;
CREATE TABLE public.typed (d guest_id, u uuid, day date, at timestamp, at_tz timestamptz, n numeric, f float8, b bigint, i integer, r real, s smallint, ok boolean);
INSERT INTO typed VALUES ('a', '00000000-0000-0000-0000-000000000001', '2024-03-01', '2024-03-01 10:00', '2024-02-29 20:00+00', 1.25, 1.25, 2, 3, 1.5, 4, true),
	('a', '00000000-0000-0000-0000-000000000001', '2024-03-05', '2024-03-05 10:00', '2024-03-04 20:00+00', 1.25, 1.25, 2, 3, 1.5, 4, false);
CREATE PROCEDURE typed_as(customer name, day name, amount name) LANGUAGE plpgsql AS $$
DECLARE
	line text;
BEGIN
	CALL create_customer_metrics('m', 'typed', customer, day, amount, 'ok', 'Asia/Shanghai', family => NULL);
	UPDATE typed SET ok = NOT ok;
	TRUNCATE typed;
	INSERT INTO typed VALUES ('b', '00000000-0000-0000-0000-000000000002', '2024-03-01', '2024-03-01 10:00', '2024-02-29 20:00+00', 1.25, 1.25, 2, 3, 1.5, 4, true);
	CALL refresh_customer_metrics('m');
	SELECT format('%s %s %s %s', m.segment, m.first_visit, m.visit_count, m.total_spend) INTO line FROM m;
	RAISE EXCEPTION '% (%), %, %: %', customer, (SELECT atttypid::regtype FROM pg_attribute WHERE attrelid = 'm'::regclass AND attnum = 1), day, amount, line; -- and back to the two rows
END $$;
CALL typed_as('d', 'day', 'n');
CALL typed_as('u', 'at', 'f');
CALL typed_as('i', 'at_tz', 'b');
CALL typed_as('s', 'day', 'i');
CALL typed_as('ok', 'day', 'r');
CALL typed_as('day', 'at_tz', 's');
CALL typed_as('d', 'day', NULL);

-- Refused, each for a reason that is said.
CALL create_customer_metrics('m', 'typed', 'nobody', 'day');
CALL create_customer_metrics('m', 'typed', 'd', 'n');
CALL create_customer_metrics('m', 'typed', 'd', 'day', 'ok');
CALL create_customer_metrics('m', 'typed', 'd', 'day', segment => 'x');
CALL create_customer_metrics('m', 'typed', 'd', 'day', time_zone => 'Mars/Olympus');
CALL create_customer_metrics('', 'typed', 'd', 'day');
CALL create_customer_metrics(repeat('m', 53), 'typed', 'd', 'day');
CREATE VIEW view_of_typed AS SELECT d AS latency, day FROM typed;
CALL create_customer_metrics('m', 'view_of_typed', 'latency', 'day', time_zone => 'UTC', capture => false);
CREATE OR REPLACE VIEW view_of_typed AS SELECT d AS latency, day, d AS id FROM typed;
CALL create_customer_metrics('m', 'view_of_typed', 'id', 'day', time_zone => 'UTC');
CALL refresh_customer_metrics('m');
CALL drop_customer_metrics('m');
SET search_path = pg_catalog;
CALL public.create_customer_metrics('m', 'public.typed', 'd', 'day');
SET search_path = bi, public;

-- A source that takes no trigger is read whole by every refresh.
CALL create_customer_metrics('m', 'view_of_typed', 'id', 'day', time_zone => 'UTC', capture => false);
INSERT INTO typed (d, day) VALUES ('z', '2024-04-01');
SELECT id, visit_count FROM m ORDER BY id;
CALL refresh_customer_metrics('m');
SELECT id, visit_count FROM m ORDER BY id;
CALL drop_customer_metrics('m');

-- An empty source: nobody, and nothing learned, until there is something.
CREATE TABLE public.empty (id integer, day date);
SET client_min_messages = notice;
CALL create_customer_metrics('m', 'empty', 'id', 'day', time_zone => 'UTC');
SET client_min_messages = error;
SELECT count(*) FROM m;
INSERT INTO empty VALUES (1, '2024-01-01');
CALL refresh_customer_metrics('m');
SELECT id, visit_count, latency_status, references_as_of IS NOT NULL AS learned FROM m;
DROP TABLE empty;
CALL refresh_customer_metrics('m');
CALL drop_customer_metrics('m');

-- A partitioned source: changes through the parent are seen, those of a partition by its own name are not.
CREATE TABLE public.parts (id integer, day date) PARTITION BY LIST (id);
CREATE TABLE public.part_1 PARTITION OF parts FOR VALUES IN (1);
CREATE TABLE public.part_2 PARTITION OF parts FOR VALUES IN (2, 3);
CREATE INDEX ON parts (id);
CALL create_customer_metrics('m', 'part_1', 'id', 'day', time_zone => 'UTC');
CALL create_customer_metrics('m', 'parts', 'id', 'day', time_zone => 'UTC', family => NULL);
INSERT INTO parts VALUES (1, '2024-01-01'), (2, '2024-01-01');
UPDATE parts SET id = 3 WHERE id = 1;
CALL refresh_customer_metrics('m');
SELECT id FROM m ORDER BY id;
INSERT INTO part_1 VALUES (1, '2024-01-01');
TRUNCATE part_2;
CALL refresh_customer_metrics('m');
SELECT id FROM m ORDER BY id;
CALL refresh_customer_metrics('m', rebuild => true);
SELECT id FROM m ORDER BY id;
CALL drop_customer_metrics('m');

-- Rights: the application writes to the source and sees nothing of the relation; another role cannot have it refreshed.
CREATE ROLE crm_regress_app;
CREATE ROLE crm_regress_reader;
CREATE TABLE public.sales (id integer, day date);
GRANT SELECT, INSERT, UPDATE, DELETE, TRUNCATE ON sales TO crm_regress_app;
CALL create_customer_metrics('m', 'sales', 'id', 'day', time_zone => 'UTC', family => NULL);
GRANT USAGE ON SCHEMA bi TO crm_regress_app, crm_regress_reader;
GRANT SELECT ON m TO crm_regress_reader;
SET ROLE crm_regress_app;
INSERT INTO sales VALUES (1, '2024-01-01'), (2, '2024-01-01');
UPDATE sales SET id = 3 WHERE id = 2;
DELETE FROM sales WHERE id = 3;
SELECT FROM m;
SELECT FROM m_changes;
INSERT INTO m_changes VALUES (7);
INSERT INTO m_histories VALUES (7, NULL, '{}');
CREATE TEMP TABLE mine (id integer);
CREATE TRIGGER forged AFTER INSERT ON mine REFERENCING NEW TABLE AS new_rows FOR EACH STATEMENT EXECUTE FUNCTION m_capture();
CALL refresh_customer_metrics('m');
RESET ROLE;
DROP TABLE mine;
CALL refresh_customer_metrics('m');
SET ROLE crm_regress_reader;
SELECT id, visit_count FROM m;
RESET ROLE;
SELECT prosecdef, proconfig, proowner = current_user::regrole AS ours, has_function_privilege('crm_regress_app', oid, 'execute') AS for_others
FROM pg_proc WHERE proname = 'm_capture';
ALTER TABLE sales ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
CREATE POLICY half ON sales USING (id = 1);
CREATE ROLE crm_regress_owner;
CREATE SCHEMA owned AUTHORIZATION crm_regress_owner;
GRANT SELECT, TRIGGER ON sales TO crm_regress_owner;
SET ROLE crm_regress_owner;
SET search_path = owned, public;
CALL create_customer_metrics('m', 'sales', 'id', 'day', time_zone => 'UTC', family => NULL);
RESET ROLE;
ALTER TABLE sales DISABLE ROW LEVEL SECURITY;
SET ROLE crm_regress_owner;
CALL create_customer_metrics('m', 'sales', 'id', 'day', time_zone => 'UTC', family => NULL);
SELECT id, visit_count FROM m;
RESET ROLE;
CALL refresh_customer_metrics('m');
ALTER TABLE sales ENABLE ROW LEVEL SECURITY;
SET ROLE crm_regress_owner;
CALL refresh_customer_metrics('m');
CALL drop_customer_metrics('m');
RESET ROLE;
SET search_path = bi, public;
CALL drop_customer_metrics('m');
DROP SCHEMA owned, bi CASCADE;
DROP TABLE sales, parts, typed CASCADE;
DROP DOMAIN guest_id;
DROP ROLE crm_regress_app, crm_regress_reader, crm_regress_owner;
