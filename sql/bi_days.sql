-- A relation of customer metrics as of other days, and what its source may be.
\set SHOW_CONTEXT never
SET client_min_messages = error;
SET datestyle = ISO;
CREATE SCHEMA bi;
SET search_path = bi, public;

-- Columns of the source that bear the names of metrics are just columns, but for the customer's own.
CREATE TABLE public.visits (customer integer, first_visit timestamptz, total_spend numeric, latency text);
INSERT INTO visits SELECT customer_id, ordered_at AT TIME ZONE 'UTC', amount, channel FROM simulate_transactions(400, '2022-01-01', '2023-12-31', 5);
CREATE INDEX ON visits (customer);
CALL create_customer_metrics('guests', 'visits', 'customer', 'first_visit', 'total_spend', 'latency', 'UTC', family => 'bgnbd', segment_customers => 50);
SELECT count(*) AS wrong FROM (SELECT customer, min(first_visit AT TIME ZONE 'UTC')::date AS first, sum(total_spend) AS money FROM visits GROUP BY 1) v
FULL JOIN guests g USING (customer) WHERE (g.first_visit, g.total_spend) IS DISTINCT FROM (first, money);
CALL create_customer_metrics('other', 'visits', 'latency', 'first_visit', 'total_spend', time_zone => 'UTC');

-- A day is flagged when it lies more than 30 days beyond the data.
SELECT DISTINCT as_of, references_as_of, beyond_data FROM guests_as_of('2024-01-30') UNION SELECT DISTINCT as_of, references_as_of, beyond_data FROM guests_as_of('2024-01-31') ORDER BY 1;

-- One row by key is found by the index, in the view and as of a day.
CREATE FUNCTION plan_names(query text, word text) RETURNS boolean LANGUAGE plpgsql AS $$
DECLARE
	line text;
BEGIN
	FOR line IN EXECUTE 'EXPLAIN ' || query LOOP
		IF line ~ ('Index Scan using ' || word || ' on') THEN
			RETURN true;
		END IF;
	END LOOP;
	RETURN false;
END $$;
SET enable_seqscan = off;
SET enable_bitmapscan = off;
SELECT plan_names('SELECT * FROM guests WHERE customer = 1', 'guests_histories_pkey') AS now,
	plan_names('SELECT * FROM guests_as_of(''2023-06-30'') WHERE customer = 1', 'guests_histories_pkey') AS then,
	plan_names('SELECT * FROM guests JOIN (VALUES (1), (2)) AS v (customer) USING (customer)', 'guests_histories_pkey') AS of_some;
RESET enable_seqscan;
RESET enable_bitmapscan;

-- Yesterday's scores can be explained: they stay what they were when references are learned anew, from more orders.
CREATE TABLE scores AS SELECT * FROM guests_as_of('2023-12-31');
INSERT INTO visits SELECT customer_id, ordered_at AT TIME ZONE 'UTC' + interval '2 years', 3 * amount, channel FROM simulate_transactions(600, '2022-01-01', '2022-09-30', 6);
CALL refresh_customer_metrics('guests');
CALL refit_customer_metrics('guests');
SELECT as_of, last_day, count(*) AS learned, count(segment) AS of_segments FROM guests_references GROUP BY refit, 1, 2 ORDER BY refit;
SELECT count(*) AS of_old_customers, count(*) FILTER (WHERE g IS DISTINCT FROM s) AS changed
FROM scores s JOIN guests_as_of('2023-12-31') g USING (customer);
SELECT references_as_of, count(*) = (SELECT count(DISTINCT customer) FROM visits) AS everybody FROM guests_as_of('2024-09-30') GROUP BY 1;
-- By hand, from the references that were kept.
SELECT count(*) AS as_scored, count(*) FILTER (WHERE s.rfm_segment IS DISTINCT FROM rfm_segment(rfm(h.history, coalesce(r.scheme, o.scheme), '2023-12-31'))) AS otherwise
FROM scores s JOIN guests_histories h USING (customer)
JOIN guests_references o ON o.refit = 1 AND o.segment IS NULL LEFT JOIN guests_references r ON r.refit = 1 AND r.segment = s.segment;
CALL drop_customer_metrics('guests');
DROP TABLE scores;

-- Days are those of the zone, at both its ends; "today" is the zone's, too.
TRUNCATE visits;
INSERT INTO visits VALUES (1, '2024-03-09 09:59+00', 1), (1, '2024-03-09 10:00+00', 2), (NULL, '2024-03-09 10:00+00', 4);
CALL create_customer_metrics('east', 'visits', 'customer', 'first_visit', 'total_spend', time_zone => 'Pacific/Kiritimati', family => NULL);
CALL create_customer_metrics('west', 'visits', 'customer', 'first_visit', 'total_spend', time_zone => 'Etc/GMT+12', family => NULL);
SET TimeZone = 'Asia/Tokyo';
CALL refresh_customer_metrics('east', rebuild => true);
SELECT e.customer, e.first_visit, e.last_visit, w.first_visit, w.last_visit, e.total_spend, e.as_of - w.as_of BETWEEN 1 AND 2 AS later
FROM east e JOIN west w USING (customer);
RESET TimeZone;
CALL drop_customer_metrics('east');
CALL drop_customer_metrics('west');

-- A partitioned source: what is written through the parent is noted wherever it goes, also into partitions made later;
-- ATTACH, DETACH and what is done to a partition under its own name take a rebuild.
CREATE TABLE public.parted (id integer, day date, amount integer) PARTITION BY RANGE (day);
CREATE TABLE public.parted_2023 PARTITION OF parted FOR VALUES FROM ('2023-01-01') TO ('2024-01-01');
CREATE INDEX ON parted (id);
CREATE TABLE public.later (id integer, day date, amount integer);
INSERT INTO later VALUES (7, '2025-01-01', 1);
CALL create_customer_metrics('m', 'parted', 'id', 'day', 'amount', time_zone => 'UTC', family => NULL);
CREATE TABLE public.parted_2024 PARTITION OF parted FOR VALUES FROM ('2024-01-01') TO ('2025-01-01');
INSERT INTO parted VALUES (1, '2023-05-05', 1), (2, '2024-05-05', 2);
COPY parted FROM stdin;
3	2024-06-06	3
\.
UPDATE parted SET day = day + 366 WHERE id = 1;
CALL refresh_customer_metrics('m');
SELECT id, last_visit, total_spend FROM m ORDER BY id;
DELETE FROM parted_2024 WHERE id = 2;
UPDATE parted_2024 SET amount = 30 WHERE id = 3;
INSERT INTO parted_2023 VALUES (4, '2023-07-07', 4);
ALTER TABLE parted ATTACH PARTITION later FOR VALUES FROM ('2025-01-01') TO ('2026-01-01');
SELECT count(*) AS noted FROM m_changes;
CALL refresh_customer_metrics('m', rebuild => true);
SELECT id, last_visit, total_spend FROM m ORDER BY id;
ALTER TABLE parted DETACH PARTITION later;
TRUNCATE parted_2023;
SELECT count(*) AS noted FROM m_changes;
CALL refresh_customer_metrics('m', rebuild => true);
SELECT id, last_visit, total_spend FROM m ORDER BY id;
TRUNCATE parted;
CALL refresh_customer_metrics('m');
SELECT count(*) FROM m;
CALL drop_customer_metrics('m');

-- MERGE and INSERT ON CONFLICT are noted as what they do.
CREATE TABLE public.tills (id integer PRIMARY KEY, day date, amount integer);
CALL create_customer_metrics('m', 'tills', 'id', 'day', 'amount', time_zone => 'UTC', family => NULL);
INSERT INTO tills VALUES (1, '2024-01-01', 1), (2, '2024-01-01', 2), (3, '2024-01-01', 3);
CALL refresh_customer_metrics('m');
INSERT INTO tills VALUES (1, '2024-01-02', 10), (4, '2024-01-02', 4) ON CONFLICT (id) DO UPDATE SET amount = excluded.amount;
MERGE INTO tills t USING (VALUES (2, 20), (3, NULL), (5, 5)) AS v (id, amount) ON t.id = v.id
WHEN MATCHED AND v.amount IS NULL THEN DELETE WHEN MATCHED THEN UPDATE SET amount = v.amount WHEN NOT MATCHED THEN INSERT VALUES (v.id, '2024-01-03', v.amount);
SELECT DISTINCT customer FROM m_changes ORDER BY 1;
CALL refresh_customer_metrics('m');
SELECT id, total_spend FROM m ORDER BY id;

-- A plain materialized view beside it, refreshed while it is read; and over the relation, so that reading is reading.
CREATE MATERIALIZED VIEW plain AS SELECT h.id, m.* FROM (SELECT id, visit_history(day, amount) AS h FROM tills GROUP BY id) h, customer_metrics(h, NULL, NULL, NULL, NULL, NULL, NULL, '2024-02-01') m;
CREATE UNIQUE INDEX ON plain (id);
CREATE MATERIALIZED VIEW board AS SELECT * FROM m;
CREATE UNIQUE INDEX ON board (id);
INSERT INTO tills VALUES (6, '2024-01-06', 6);
DELETE FROM tills WHERE id = 1;
CALL refresh_customer_metrics('m');
REFRESH MATERIALIZED VIEW CONCURRENTLY plain;
REFRESH MATERIALIZED VIEW CONCURRENTLY board;
SELECT id, p.total_spend, b.total_spend FROM plain p FULL JOIN board b USING (id) ORDER BY id;
DROP MATERIALIZED VIEW board;

DROP SCHEMA bi CASCADE;
SELECT count(*) AS triggers FROM pg_trigger WHERE tgrelid IN ('visits'::regclass, 'parted'::regclass, 'tills'::regclass) AND NOT tgisinternal;
DROP TABLE visits, parted, later, tills;
