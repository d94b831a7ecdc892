-- A relation of customer metrics by keys, days and segments of every type.
\set SHOW_CONTEXT never
SET client_min_messages = error;
CREATE SCHEMA bi;
SET search_path = bi, public;
CREATE TYPE public.letter AS ENUM ('z', 'a', 'm');
CREATE DOMAIN public.guest AS integer CHECK (VALUE > 0);
CREATE DOMAIN public.vip AS guest NOT NULL;
CREATE TYPE public.pair AS (shop integer, number integer);

-- The customers of a relation whose key is of a type, with keys given as text: made, changed in every way and refreshed, with and without an index.
CREATE FUNCTION keyed(type text, one text, two text, three text) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
	result text := '';
	found text;
BEGIN
	FOR i IN 1 .. 2 LOOP
		EXECUTE format('CREATE TABLE public.keyed (id %s, day date, amount integer)', type);
		IF i = 2 THEN
			CREATE INDEX ON public.keyed (id);
		END IF;
		EXECUTE 'INSERT INTO keyed VALUES ($1::' || type || ', ''2024-01-01'', 1), ($2::' || type || ', ''2024-01-02'', 2), ($2::' || type || ', ''2024-02-02'', 2)' USING one, two;
		CALL create_customer_metrics('m', 'keyed', 'id', 'day', 'amount', 'id', 'UTC', family => NULL, segment_customers => 1);
		EXECUTE 'INSERT INTO keyed VALUES ($1::' || type || ', ''2024-03-01'', 4)' USING three;
		EXECUTE 'UPDATE keyed SET amount = 8 WHERE id = $1::' || type USING one;
		EXECUTE 'DELETE FROM keyed WHERE id = $1::' || type USING two;
		CALL refresh_customer_metrics('m');
		SELECT string_agg(format('%s=%s', m.id, m.total_spend), ' ' ORDER BY m.id) INTO found FROM m;
		result := concat_ws(', ', nullif(result, ''), (SELECT format_type(a.atttypid, a.atttypmod) FROM pg_attribute a WHERE a.attrelid = 'm'::regclass AND a.attnum = 1) || ': ' || found);
		CALL drop_customer_metrics('m');
		DROP TABLE keyed;
	END LOOP;
	RETURN result;
END $$;

SELECT keyed('integer', '1', '-2', '2147483647');
SELECT keyed('bigint', '1', '-2', '9223372036854775807');
SELECT keyed('smallint', '1', '-2', '3');
SELECT keyed('numeric', '1.10', '-2', '0.001');
SELECT keyed('numeric(20,2)', '1.10', '-2', '3');
SELECT keyed('text', 'a', '', 'Ä''"\%');
SELECT keyed('varchar', 'a', '', 'b');
SELECT keyed('varchar(5)', 'a', 'b', 'c');
SELECT keyed('char(5)', 'a', 'b', 'c');
SELECT keyed('name', 'a', 'b', 'c');
SELECT keyed('uuid', '00000000-0000-0000-0000-000000000001', '00000000-0000-0000-0000-000000000002', '00000000-0000-0000-0000-000000000003');
SELECT keyed('letter', 'z', 'a', 'm');
SELECT keyed('guest', '1', '2', '3');
SELECT keyed('vip', '1', '2', '3');
SELECT keyed('date', '2024-01-01', '2024-01-02', 'infinity');
SELECT keyed('bytea', '\x00', '\x', '\xff');
SELECT keyed('inet', '10.0.0.1', '::1', '10.0.0.2/8');
SELECT keyed('integer[]', '{1}', '{}', '{1,NULL}');
SELECT keyed('pair', '(1,2)', '(2,1)', '(2,2)');
SELECT keyed('int4range', '[1,2)', 'empty', '(,)');
SELECT keyed('jsonb', '1', '"b"', '{"c": 1}');
-- Types without an order are refused, also for segments.
SELECT keyed('json', '1', '2', '3');
SELECT keyed('point', '(1,2)', '(2,1)', '(2,2)');
CREATE TABLE public.unordered (id integer, day date, place point);
CALL create_customer_metrics('m', 'unordered', 'id', 'day', segment => 'place');

-- Which indexes find a customer: without one, every refresh would read the table for each of them.
CREATE TABLE public.indexed (n integer, id text, day date);
CREATE FUNCTION found_by(definition text) RETURNS boolean LANGUAGE plpgsql AS $$
DECLARE
	found boolean;
BEGIN
	EXECUTE format('CREATE INDEX one ON indexed %s', definition);
	found := customer_metrics_has_index('indexed', 'id');
	DROP INDEX public.one;
	RETURN found;
END $$;
SELECT definition, found_by(definition) FROM unnest(ARRAY['(id)', '(id DESC, day)', '(id) INCLUDE (day)', '(id text_pattern_ops)', 'USING hash (id)',
	'(id COLLATE "POSIX")', '(id) WHERE n > 0', '(lower(id))', '(day, id)', 'USING brin (id)']) AS definition;
DROP FUNCTION found_by;

-- citext: A and a are one customer, also where the schema of its = is not in the search_path.
CREATE SCHEMA "Types";
CREATE EXTENSION citext SCHEMA "Types";
CREATE TABLE public.mails (mail "Types".citext, day date, amount integer, shop "Types".citext);
INSERT INTO mails VALUES ('a', '2024-01-01', 1, 'Web'), ('A', '2024-01-02', 2, 'web'), ('b', '2024-01-03', 4, 'WEB');
CALL create_customer_metrics('m', 'mails', 'mail', 'day', 'amount', 'shop', 'UTC', family => NULL, segment_customers => 1);
INSERT INTO mails VALUES ('B', '2024-01-04', 8, 'web'), ('C', '2024-01-05', 16, 'app');
CALL refresh_customer_metrics('m');
SELECT lower(mail::text) AS mail, visit_count, total_spend FROM m ORDER BY 1;
CREATE INDEX ON mails (mail);
INSERT INTO mails VALUES ('c', '2024-01-06', 32, 'app');
DELETE FROM mails WHERE mail OPERATOR("Types".=) 'B';
CALL refresh_customer_metrics('m');
CALL refit_customer_metrics('m');
SELECT lower(mail::text) AS mail, visit_count, total_spend FROM m ORDER BY 1;
SELECT lower(segment::text) AS segment, customers FROM m_references WHERE refit = 2 ORDER BY 1 NULLS FIRST;
-- One of them is measured by the references of "web", whichever way it is written.
DELETE FROM m_references WHERE segment IS NULL OR refit = 1;
INSERT INTO m_references (refit, as_of, last_day) VALUES (2, '2024-01-06', '2024-01-06');
SELECT lower(mail::text) AS mail, member_segment IS NOT NULL AS measured FROM m ORDER BY 1;
CALL drop_customer_metrics('m');
DROP TABLE mails, unordered, indexed;
DROP EXTENSION citext;
DROP SCHEMA "Types", bi CASCADE;
DROP FUNCTION IF EXISTS keyed;
DROP TYPE letter, pair;
DROP DOMAIN vip, guest;
