-- latency_norms: what is normal, with gaps that are still open counted as open.

-- By hand: nine customers as of 2024-03-31. Six came back after 10, 10, 20,
-- 30, 40 and 60 days; three are silent since 30, 50 and 70 days.
CREATE TEMP TABLE nine (h visit_history);
INSERT INTO nine
SELECT visit_history(day) FROM unnest(ARRAY[10, 10, 20, 30, 40, 60]) WITH ORDINALITY g(gap, n),
       LATERAL (VALUES (date '2024-01-01'), (date '2024-01-01' + gap)) v(day) GROUP BY n
UNION ALL
SELECT visit_history(date '2024-03-31' - silence) FROM unnest(ARRAY[30, 50, 70]) silence GROUP BY silence;
-- Of 9 at risk 2 come back on day 10, of 7 one on day 20, of 6 one on day 30
-- (the one silent since 30 days is still at risk), of 4 one on day 40, of 2
-- one on day 60.
SELECT day, round(return_rate(norms, 1, day)::numeric, 12) AS return_rate,
       round(1 - CASE WHEN day >= 10 THEN 7.0/9 ELSE 1 END * CASE WHEN day >= 20 THEN 6.0/7 ELSE 1 END * CASE WHEN day >= 30 THEN 5.0/6 ELSE 1 END
             * CASE WHEN day >= 40 THEN 3.0/4 ELSE 1 END * CASE WHEN day >= 60 THEN 1.0/2 ELSE 1 END, 12) AS by_hand
FROM (SELECT latency_norms(h, '2024-03-31') FROM nine) n(norms), unnest(ARRAY[-1, 0, 9, 10, 19, 20, 30, 40, 59, 60, 70, 1000, NULL]) day;
SELECT norms FROM (SELECT latency_norms(h, '2024-03-31') FROM nine) n(norms);
SELECT t.* FROM (SELECT latency_norms(h, '2024-03-31') FROM nine) n(norms), norms_table(norms) t;
-- A tenth customer, silent since 15 days: now the curve is read only while ten are at risk.
SELECT t.* FROM (SELECT latency_norms(h, '2024-03-31') FROM (TABLE nine UNION ALL SELECT '{2024-03-16}') t(h)) n(norms), norms_table(norms) t;
-- Quantiles are among those who come back; a step beyond the last reads the last.
SELECT q, expected_latency(norms, 1, q), expected_latency(norms, 2, q), expected_latency(norms, 99, q), expected_latency(norms, 0, q)
FROM (SELECT latency_norms(h, '2024-03-31') FROM nine) n(norms), unnest(ARRAY[0, 0.2, 0.5, 0.8, 0.95, 1]) q;
SELECT expected_latency(latency_norms(h, '2024-03-31'), 1, 1.5) FROM nine;
SELECT expected_latency(latency_norms(h, '2024-03-31'), 1, 'NaN') FROM nine;
SELECT round(return_rate(latency_norms(h, '2024-03-31'), 1)::numeric, 6) AS at_the_end, return_rate(latency_norms(h, '2024-03-31'), 0) AS no_step FROM nine;

-- Nobody, nobody yet, nobody came back.
SELECT latency_norms(h, '2024-03-31') FROM nine WHERE false;
SELECT latency_norms(h, '2023-03-31') FROM nine;
SELECT latency_norms(h, '2024-03-31') FROM unnest(ARRAY['{}', NULL, '{2024-01-01: -5 in 0 orders}']::visit_history[]) h;
SELECT t.* FROM (SELECT latency_norms(h, '2024-03-31') FROM unnest(ARRAY['{2024-03-01}', '{2024-03-31}']::visit_history[]) h) n(norms), norms_table(norms) t;
-- What comes after as_of is not known.
SELECT latency_norms(h, '2024-01-15') FROM nine;
-- as_of is one day, the same for all.
SELECT latency_norms(h, '2024-03-01'::date + (random() * 0)::int + visit_count(h)) FROM nine;
SELECT latency_norms(h, NULL) FROM nine;
SELECT latency_norms(h, 'infinity') FROM nine;

-- The value: text, JSON, equality; forged ones are refused.
SELECT norms::text::latency_norms = norms AS same, norms::jsonb -> 'steps' -> 0 AS step_1 FROM (SELECT latency_norms(h, '2024-03-31') FROM nine) n(norms);
-- A setting for printing changes no value.
SET extra_float_digits = -15;
SELECT norms::jsonb #>> '{steps,0,return_rate}' AS return_rate FROM (SELECT latency_norms(h, '2024-03-31') FROM nine) n(norms);
RESET extra_float_digits;
SELECT '{as_of 2024-03-31}'::latency_norms;
SELECT '{as_of 2024-03-31, step 1: 3 1/0, 3 1/0}'::latency_norms;
SELECT '{as_of 2024-03-31, step 1: 0 1/0}'::latency_norms;
SELECT '{as_of 2024-03-31, step 2: 3 1/0}'::latency_norms;
SELECT '{as_of 2024-03-31, steps 1+: 3 1/0}'::latency_norms;
SELECT '{as_of 2024-03-31, step 1: 3 -1/0}'::latency_norms;
SELECT '{as_of 2024-03-31, step 1: 3 9223372036854775807/0, 4 1/0}'::latency_norms;
SELECT '{as_of infinity, step 1: 3 1/0}'::latency_norms;
-- Written by hand it works as any other.
SELECT t.* FROM norms_table('{as_of 2024-03-31, step 1: 7 60/0, 14 30/0, 90 0/110, steps 2+: 7 80/0, 30 0/20}') t;

-- The aggregate's state: public, so it checks what it is given.
SELECT latency_norms_final('1 0 1 1 8766 5 10 3'::population_state);
SELECT latency_norms_final('2 0 1 1 8766 5 10 3'::population_state);
SELECT latency_norms_final('1 0 1 1 8766 5 10 -3'::population_state);
SELECT latency_norms_final('1 0 1 1 8766 41 10 3'::population_state);
-- Counts that add up to more than can be, within a step and in the pooled last one.
SELECT latency_norms_final('1 0 1 2 8766 5 10 9223372036854775807 5 11 1'::population_state);
SELECT latency_norms_final('1 0 1 4 8766 5 10 3 10 10 9223372036854775807 14 10 9223372036854775807 18 10 9223372036854775807'::population_state);
SELECT 'forged'::population_state;
SELECT '1 0 1 1 8766 0 10 3'::population_state;
-- A day that is none, and money of more digits than any has.
SELECT '7 0 2 1 2147483647 8946 1 1 5'::population_state;
SELECT '3 0 1 1 8946 9223372036854775809 -9223372036854775808 1'::population_state;
SELECT latency_norms_accum('1 0 1 0 8766'::population_state, '{2024-01-01}', '2024-01-02');
SELECT latency_norms_accum('1 0 1 0 8766'::population_state, '{2023-12-01, 2024-01-01}', '2024-01-01');

-- The same norms from every plan, per channel and for all.
CREATE TABLE norms_histories AS
SELECT customer_id, min(channel) AS channel, visit_history(ordered_at, amount) AS h FROM simulate_transactions(5000, '2023-01-01', '2024-12-31', 3) GROUP BY customer_id;
ANALYZE norms_histories;
CREATE TEMP TABLE norms_serial AS
SELECT channel, latency_norms(h, '2024-12-31' ORDER BY customer_id) AS norms FROM norms_histories GROUP BY ROLLUP (channel);
SET parallel_setup_cost = 0; SET parallel_tuple_cost = 0; SET min_parallel_table_scan_size = 0; SET max_parallel_workers_per_gather = 3;
EXPLAIN (COSTS OFF) SELECT latency_norms(h, '2024-12-31') FROM norms_histories;
SELECT latency_norms(h, '2024-12-31') = (SELECT norms FROM norms_serial WHERE channel IS NULL) AS parallel FROM norms_histories;
SELECT count(*) AS channels, bool_and(a.norms = b.norms) AS parallel FROM norms_serial a
JOIN (SELECT channel, latency_norms(h, '2024-12-31') AS norms FROM norms_histories GROUP BY channel) b USING (channel);
RESET parallel_setup_cost; RESET parallel_tuple_cost; RESET min_parallel_table_scan_size; RESET max_parallel_workers_per_gather;
SELECT latency_norms(h, '2024-12-31' ORDER BY md5(customer_id::text)) = (SELECT norms FROM norms_serial WHERE channel IS NULL) AS shuffled FROM norms_histories;
-- states that travelled as text
CREATE AGGREGATE raw_norms(visit_history, date) (SFUNC = latency_norms_accum, STYPE = population_state);
SELECT latency_norms_final(population_combine(a.s::text::population_state, b.s::text::population_state)) = (SELECT norms FROM norms_serial WHERE channel IS NULL) AS as_text
FROM (SELECT raw_norms(h, '2024-12-31') AS s FROM norms_histories WHERE customer_id % 2 = 0) a, (SELECT raw_norms(h, '2024-12-31') AS s FROM norms_histories WHERE customer_id % 2 = 1) b;
-- Stored in a table, compressed and moved out of line, they are the same.
CREATE TEMP TABLE stored AS TABLE norms_serial;
SELECT count(*) AS rows, bool_and(s.norms = n.norms) AS same FROM stored s JOIN norms_serial n ON n.channel IS NOT DISTINCT FROM s.channel;

-- A customer against them: the 4 statuses, and what goes with each.
SELECT s.channel, latency_status(h, norms, '2024-12-31') AS status, count(*) AS customers,
       count(*) FILTER (WHERE days_until_overdue(h, norms, '2024-12-31') > 0) AS not_overdue,
       count(expected_next_visit(h, norms, '2024-12-31')) AS foretold,
       bool_and(expected_next_visit(h, norms, '2024-12-31') > '2024-12-31') AS ahead,
       bool_and(expected_next_visit(h, norms, '2024-12-31') <@ next_visit_range(h, norms, '2024-12-31')) AS in_range
FROM norms_histories h JOIN norms_serial s ON s.channel IS NULL GROUP BY 1, 2 ORDER BY 2;
SELECT pace(h, norms, '2024-12-31'), count(*) FROM norms_histories h JOIN norms_serial s ON s.channel IS NULL GROUP BY 1 ORDER BY 1;
-- The edges of the statuses: p50, p80, p95 of step 1 and the days after.
SELECT silence, latency_status(visit_history(date '2024-12-31' - silence), (SELECT norms FROM norms_serial WHERE channel IS NULL), '2024-12-31'),
       days_until_overdue(visit_history(date '2024-12-31' - silence), (SELECT norms FROM norms_serial WHERE channel IS NULL), '2024-12-31') AS days_left
FROM norms_table((SELECT norms FROM norms_serial WHERE channel IS NULL)) t, unnest(ARRAY[0, t.median, t.median + 1, t.p80, t.p80 + 1, t.p95, t.p95 + 1]) silence
WHERE step = 1 GROUP BY silence ORDER BY silence;
-- Nothing is said of nobody, of the day before the first visit, of a step at which nobody came back.
SELECT latency_status('{}', norms, '2024-12-31'), latency_status('{2025-01-01}', norms, '2024-12-31') AS not_yet, pace('{2024-01-01}', norms, '2024-12-31'),
       expected_next_visit('{}', norms, '2024-12-31'), next_visit_range('{}', norms, '2024-12-31'), visit_probability('{}', norms, '2024-12-31')
FROM norms_serial WHERE channel IS NULL;
SELECT latency_status(h, n, '2024-03-31'), days_until_overdue(h, n, '2024-03-31'), expected_next_visit(h, n, '2024-03-31'), next_visit_range(h, n, '2024-03-31'),
       visit_probability(h, n, '2024-03-31', 10), pace('{2024-03-01, 2024-03-30}', n, '2024-03-31')
FROM (SELECT '{2024-03-01}'::visit_history, '{as_of 2024-03-31, step 1: 0 0/20, 90 0/20}'::latency_norms) x(h, n);

-- By hand: 100 customers, 60 back after a week, 30 after two; ten open at 90 days.
SELECT silence, expected_next_visit(h, n, '2024-03-31') - date '2024-03-31' AS days_ahead, next_visit_range(h, n, '2024-03-31') AS range,
       round(visit_probability(h, n, '2024-03-31', 7)::numeric, 12) AS within_7, round(visit_probability(h, n, '2024-03-31', 0)::numeric, 12) AS within_0, round(visit_probability(h, n, '2024-03-31', 83)::numeric, 12) AS within_83
FROM unnest(ARRAY[0, 6, 7, 13, 14, 90, 91]) silence,
     LATERAL (SELECT visit_history(day), '{as_of 2024-03-31, step 1: 7 60/0, 14 30/0, 90 0/10}'::latency_norms FROM (VALUES (date '2024-03-31' - silence)) v(day)) x(h, n);
-- Where little of the curve is left its rises still add up: four of 50,000 come after 301 to 304 days.
SELECT silence, expected_next_visit(visit_history(day), '{as_of 2024-12-31, step 1: 10 24000/0, 301 1/0, 302 1/0, 303 1/0, 304 1/0, 400 0/25996}'::latency_norms, '2024-12-31') - date '2024-12-31' + silence AS median
FROM unnest(ARRAY[300, 301, 302]) silence, LATERAL (VALUES (date '2024-12-31' - silence)) d(day)
GROUP BY silence ORDER BY silence;
-- A pace of exactly a third, and of two thirds, is typical.
SELECT gap, pace(visit_history(day), '{as_of 2024-12-31, step 1: 10 1/0, 20 1/0, 30 1/0}', '2024-12-31')
FROM unnest(ARRAY[9, 10, 20, 30]) gap, LATERAL (VALUES (date '2024-01-01'), (date '2024-01-01' + gap)) d(day) GROUP BY gap ORDER BY gap;
-- Far ahead: no date beyond 3650 days, an open range.
SELECT expected_next_visit(h, n, '2024-03-31'), next_visit_range(h, n, '2024-03-31'), next_visit_range(h, n, '2024-03-31', 0.1)
FROM (SELECT '{2024-03-31}'::visit_history) x(h), unnest(ARRAY['{as_of 2024-03-31, step 1: 10 4/0, 4000 5/0}', '{as_of 2024-03-31, step 1: 3650 4/0, 4000 5/0}', '{as_of 2024-03-31, step 1: 4000 5/0}']::latency_norms[]) n;
SELECT next_visit_range('{2024-03-31}', '{as_of 2024-03-31, step 1: 10 5/0}'::latency_norms, '2024-03-31', 1);
SELECT visit_probability('{2024-03-31}', '{as_of 2024-03-31, step 1: 10 5/0}'::latency_norms, '2024-03-31', -1);
SELECT latency_status('{2024-03-31}', '{as_of 2024-03-31, step 1: 10 5/0}', 'infinity');
-- Where the typical sequence turns.
SELECT t.* FROM latency_turns('{as_of 2024-03-31, step 1: 30 60/0, step 2: 20 50/0, step 3: 10 40/0, steps 4+: 25 30/0}'::latency_norms) t;

DROP AGGREGATE raw_norms(visit_history, date);
DROP TABLE norms_histories;
