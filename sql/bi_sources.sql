-- What a relation of customer metrics may stand on, and where it would miss a change.
\set SHOW_CONTEXT never
SET client_min_messages = error;
SET datestyle = ISO;
CREATE SCHEMA bi;
SET search_path = bi, public;
CREATE TABLE public.visits (id integer, day date, shop text);
CREATE INDEX ON visits (id);
INSERT INTO visits VALUES (1, '2024-01-01', 'a');

-- No triggers where rows come and go without one: unlogged, temporary and foreign tables, also as a part of the source.
CREATE UNLOGGED TABLE public.unlogged (LIKE visits);
CALL create_customer_metrics('m', 'unlogged', 'id', 'day', time_zone => 'UTC', family => NULL);
CREATE TEMP TABLE fleeting (LIKE visits);
CALL create_customer_metrics('m', 'fleeting', 'id', 'day', time_zone => 'UTC', family => NULL);
CREATE EXTENSION file_fdw SCHEMA public;
CREATE SERVER files FOREIGN DATA WRAPPER file_fdw;
CREATE FOREIGN TABLE public.file (id integer, day date, shop text) SERVER files OPTIONS (program 'echo 7,2024-01-01,a', format 'csv');
CALL create_customer_metrics('m', 'file', 'id', 'day', time_zone => 'UTC', family => NULL);
CREATE TABLE public.parted (id integer, day date, shop text) PARTITION BY LIST (id);
CREATE FOREIGN TABLE public.parted_file PARTITION OF parted FOR VALUES IN (7) SERVER files OPTIONS (program 'echo 7,2024-01-01,a', format 'csv');
CALL create_customer_metrics('m', 'parted', 'id', 'day', time_zone => 'UTC', family => NULL);
-- A plain table with children is captured while they are plain, and an index of its own does not find their rows.
CREATE TABLE public.elder (LIKE visits INCLUDING INDEXES);
SELECT customer_metrics_has_index('elder', 'id');
CREATE TABLE public.child () INHERITS (elder);
SELECT customer_metrics_has_index('elder', 'id');
CALL create_customer_metrics('m', 'child', 'id', 'day', time_zone => 'UTC', family => NULL);
CALL create_customer_metrics('m', 'elder', 'id', 'day', time_zone => 'UTC', family => NULL);
INSERT INTO elder VALUES (5, '2024-05-05');
INSERT INTO child VALUES (6, '2024-06-06');
UPDATE elder SET day = day + 1;
CALL refresh_customer_metrics('m');
SELECT id, last_visit FROM m ORDER BY id;
CALL drop_customer_metrics('m');
CREATE FOREIGN TABLE public.child_file () INHERITS (elder) SERVER files OPTIONS (program 'true', format 'csv');
CALL create_customer_metrics('m', 'elder', 'id', 'day', time_zone => 'UTC', family => NULL);
-- All of them can be read, and so can a materialized view.
CREATE MATERIALIZED VIEW public.stored AS SELECT * FROM visits;
CREATE FUNCTION read_whole(source regclass) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
	result text;
BEGIN
	CALL create_customer_metrics('m', source, 'id', 'day', time_zone => 'UTC', family => NULL, capture => false);
	CALL refresh_customer_metrics('m');
	SELECT format('%s rows, visits on %s', count(*), min(first_visit)) INTO result FROM m;
	CALL drop_customer_metrics('m');
	RETURN result;
END $$;
INSERT INTO unlogged VALUES (3, '2024-03-03');
INSERT INTO fleeting VALUES (4, '2024-04-04');
SELECT source, read_whole(source) FROM unnest(ARRAY['unlogged', 'fleeting', 'file', 'parted', 'elder', 'stored']::regclass[]) AS source;

-- No capture from a snapshot that may be older than the triggers.
BEGIN ISOLATION LEVEL REPEATABLE READ;
CALL create_customer_metrics('m', 'visits', 'id', 'day', time_zone => 'UTC', family => NULL);
ROLLBACK;
BEGIN ISOLATION LEVEL SERIALIZABLE;
CALL create_customer_metrics('m', 'visits', 'id', 'day', time_zone => 'UTC', family => NULL);
ROLLBACK;
BEGIN ISOLATION LEVEL REPEATABLE READ;
SELECT read_whole('visits');
ROLLBACK;

-- An unknown capture or fill is the default; and where all tables are published, all goes on.
CREATE PUBLICATION everything FOR ALL TABLES;
CALL create_customer_metrics('m', 'visits', 'id', 'day', segment => 'shop', time_zone => 'UTC', family => NULL, capture => NULL, fill => NULL);
INSERT INTO visits VALUES (2, '2024-01-02', 'b');
CALL refresh_customer_metrics('m');
CALL refit_customer_metrics('m');
SELECT id, segment, visit_count FROM m ORDER BY id;
DROP PUBLICATION everything;

-- The scores are those of the map, so that it has a segment for each of them.
CALL create_customer_metrics('scored', 'visits', 'id', 'day', time_zone => 'UTC', family => NULL, map => 'rfm27', buckets => 5);
CALL create_customer_metrics('scored', 'visits', 'id', 'day', time_zone => 'UTC', family => NULL, buckets => 3);
CALL create_customer_metrics('scored', 'visits', 'id', 'day', time_zone => 'UTC', family => NULL, capture => false, map => 'good R2 | bad R1');
SELECT id, rfm_r, rfm_segment, (SELECT buckets FROM scored_settings) FROM scored ORDER BY id;
CALL drop_customer_metrics('scored');
CALL create_customer_metrics('scored', 'visits', 'id', 'day', time_zone => 'UTC', family => NULL, capture => false, map => NULL);
SELECT id, rfm_r, rfm_segment, (SELECT buckets FROM scored_settings) FROM scored ORDER BY id;
CALL drop_customer_metrics('scored');

-- A refit while the table is empty, as between TRUNCATE and a load, leaves what was learned before; orders to come are not learned from.
CALL create_customer_metrics('scored', 'visits', 'id', 'day', time_zone => 'UTC', family => NULL, capture => false);
BEGIN;
TRUNCATE visits;
INSERT INTO visits VALUES (9, current_date + 9);
CALL refresh_customer_metrics('scored');
CALL refit_customer_metrics('scored');
SELECT count(*) AS learned, max(last_day) AS last_day FROM scored_references;
ROLLBACK;
CALL refit_customer_metrics('scored');
SELECT count(*) AS learned, max(last_day) AS last_day FROM scored_references;
CALL drop_customer_metrics('scored');

-- Where nothing is captured, a trigger function of the log's writer's name is the user's own.
CREATE FUNCTION scored_capture() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NULL; END';
CREATE TRIGGER audit AFTER INSERT ON visits FOR EACH STATEMENT EXECUTE FUNCTION scored_capture();
CALL create_customer_metrics('scored', 'visits', 'id', 'day', time_zone => 'UTC', family => NULL, capture => false);
CALL drop_customer_metrics('scored');
SELECT tgname FROM pg_trigger WHERE tgrelid = 'visits'::regclass AND tgfoid = 'scored_capture'::regproc;
DROP FUNCTION scored_capture CASCADE;

-- Indexes of one's own on what was made.
CREATE UNIQUE INDEX ON m_histories (customer) INCLUDE (segment);
CREATE UNIQUE INDEX ON m_references (segment, refit);
INSERT INTO visits VALUES (2, '2024-01-03', 'b');
CALL refresh_customer_metrics('m');
SELECT id, segment, visit_count FROM m ORDER BY id;
CALL drop_customer_metrics('m');

-- A policy on a table behind a view would show a part as if it were all.
CREATE ROLE crm_regress_analyst;
CREATE SCHEMA analysis AUTHORIZATION crm_regress_analyst;
GRANT SELECT ON visits TO crm_regress_analyst;
ALTER TABLE visits ENABLE ROW LEVEL SECURITY;
CREATE POLICY half ON visits USING (id = 1);
SET ROLE crm_regress_analyst;
SET search_path = analysis, public;
CREATE VIEW mine AS SELECT * FROM visits;
CALL create_customer_metrics('m', 'mine', 'id', 'day', time_zone => 'UTC', family => NULL, capture => false);
RESET ROLE;
ALTER TABLE visits DISABLE ROW LEVEL SECURITY;
SET ROLE crm_regress_analyst;
CALL create_customer_metrics('m', 'mine', 'id', 'day', time_zone => 'UTC', family => NULL, capture => false);
SELECT id, visit_count FROM m ORDER BY id;
RESET ROLE;
ALTER TABLE visits ENABLE ROW LEVEL SECURITY;
SET ROLE crm_regress_analyst;
CALL refresh_customer_metrics('m', rebuild => true);
CALL drop_customer_metrics('m');
RESET ROLE;

SET search_path = public;
DROP SCHEMA analysis, bi CASCADE;
DROP TABLE visits, unlogged, parted, elder CASCADE;
DROP EXTENSION file_fdw CASCADE;
DROP ROLE crm_regress_analyst;
