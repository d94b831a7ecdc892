-- backtest: would the model have been right?
\getenv srcdir PG_ABS_SRCDIR
\set shop :srcdir '/test/regress/shop.sql'
\set ECHO none
\i :shop
\set ECHO all

-- The shop's truth is mbgcnbd with k = 3: fitted to what was known on
-- 2024-03-31, held against the nine months that follow.
CREATE TEMP TABLE held AS SELECT family, backtest(h, '2024-03-31', '2024-12-31', family) AS report FROM shop, unnest('{bgnbd, mbgnbd, paretonbd, mbgcnbd}'::text[]) family GROUP BY family;
SELECT family, (report).customers, (report).actual, digits((report).predicted, 6) AS predicted, (report).naive, digits((report).mae, 5) AS mae, digits((report).naive_mae, 5) AS naive_mae,
       digits((report).rmse, 5) AS rmse, digits((report).naive_rmse, 5) AS naive_rmse, digits((report).correlation, 4) AS correlation, digits((report).coverage, 4) AS coverage, (report).verdict, (report).warning
FROM held ORDER BY family;
SELECT t.frequency, t.customers, digits(t.actual, 6) AS actual, digits(t.predicted, 6) AS predicted, digits(t.naive, 6) AS naive FROM held, backtest_table(report) t WHERE family = 'mbgcnbd';
SELECT (report).calibrate_until, (report).test_until, (report).family FROM held WHERE family = 'mbgcnbd';
-- The default is mbgcnbd.
SELECT backtest(h, '2024-03-31', '2024-12-31') = (SELECT report FROM held WHERE family = 'mbgcnbd') AS default FROM shop;

-- The same in plain SQL, customer by customer.
CREATE TEMP TABLE by_hand AS
SELECT f.family, (btyd_summary(h, '2024-03-31')).frequency, visits_between(h, '2024-04-01', '2024-12-31') AS actual,
       visits_between(h, date '2024-03-31' - 275 + 1, '2024-03-31') AS naive, expected_visits(h, model, '2024-03-31', 275) AS predicted
FROM shop, (SELECT family, fit_btyd(h, '2024-03-31', family) AS model FROM shop, unnest('{bgnbd, mbgnbd, paretonbd, mbgcnbd}'::text[]) family GROUP BY family) f WHERE first_visit(h) <= '2024-03-31';
SELECT family, (report).customers = n AS customers, (report).actual = actual AS actual, (report).naive = naive AS naive, abs((report).predicted / predicted - 1) < 1e-12 AS predicted,
       abs((report).mae / mae - 1) < 1e-12 AS mae, abs((report).rmse / rmse - 1) < 1e-12 AS rmse, abs((report).naive_mae / naive_mae - 1) < 1e-12 AS naive_mae,
       abs((report).naive_rmse / naive_rmse - 1) < 1e-12 AS naive_rmse, abs((report).correlation / correlation - 1) < 1e-9 AS correlation
FROM held JOIN (SELECT family, count(*) AS n, sum(actual) AS actual, sum(naive) AS naive, sum(predicted) AS predicted, avg(abs(predicted - actual)) AS mae, sqrt(avg((predicted - actual) ^ 2)) AS rmse,
                       avg(abs(naive - actual)) AS naive_mae, sqrt(avg((naive - actual) ^ 2)) AS naive_rmse, corr(predicted, actual) AS correlation FROM by_hand GROUP BY family) b USING (family) ORDER BY family;
SELECT held.family, count(*) AS rows, bool_and(t.customers = b.customers AND abs(t.actual - b.actual) < 1e-12 AND abs(t.naive - b.naive) < 1e-12 AND abs(t.predicted - b.predicted) < 1e-9) AS same
FROM held, backtest_table(report) t JOIN (SELECT family, least(frequency, 7) AS frequency, count(*) AS customers, avg(actual) AS actual, avg(naive) AS naive, avg(predicted) AS predicted FROM by_hand GROUP BY 1, 2) b USING (frequency)
WHERE b.family = held.family GROUP BY held.family, b.family ORDER BY b.family;

-- The same bits from every plan and any order.
ANALYZE shop;
SET parallel_setup_cost = 0; SET parallel_tuple_cost = 0; SET min_parallel_table_scan_size = 0; SET max_parallel_workers_per_gather = 3;
EXPLAIN (COSTS OFF) SELECT backtest(h, '2024-03-31', '2024-12-31') FROM shop;
CREATE TEMP TABLE parallel AS SELECT backtest(h, '2024-03-31', '2024-12-31') AS report FROM shop;
RESET parallel_setup_cost; RESET parallel_tuple_cost; RESET min_parallel_table_scan_size; RESET max_parallel_workers_per_gather;
SELECT parallel.report = held.report AS parallel FROM parallel, held WHERE family = 'mbgcnbd';
SELECT backtest(h, '2024-03-31', '2024-12-31' ORDER BY hashint4(customer)) = (SELECT report FROM held WHERE family = 'mbgcnbd') AS shuffled FROM shop;

-- A model that loses says so.  Everybody comes every ten days and goes on: no
-- dropout is found, the naive forecast is exact, and the word is "worse".
SELECT r.actual, r.naive, r.naive_mae, r.mae > 0 AS off, r.verdict, r.warning LIKE '%found no dropout%' AS warned
FROM (SELECT (backtest(h, '2024-06-28', '2024-12-25', 'bgnbd')).* FROM (SELECT visit_history(date '2023-01-01' + 10 * v) AS h FROM generate_series(1, 100) i, generate_series(0, 80) v GROUP BY i) s) r;

-- Nobody came back: there is no model, but still the naive forecast.  Nobody
-- was seen by then: nothing.
SELECT r.customers, r.actual, r.predicted, r.naive, r.mae, r.naive_mae, r.correlation, r.coverage, r.verdict, r.warning, r.by_frequency
FROM (SELECT (backtest(visit, '2024-06-30', '2024-12-31')).* FROM unnest(ARRAY['{2024-05-01}', '{2024-06-01, 2024-07-01}', '{2024-07-05}']::visit_history[]) visit) r;
SELECT backtest(h, '2022-06-30', '2022-12-31') AS nobody_yet FROM shop;
SELECT backtest(h, '2024-06-30', '2024-12-31') AS nobody FROM unnest(ARRAY['{}', NULL, '{2024-05-01: -5 in 0 orders}']::visit_history[]) h;
SELECT t.* FROM backtest_table(NULL) t;
-- Nobody came in the test window: no range to be covered.
SELECT r.actual, r.coverage, r.correlation, r.verdict FROM (SELECT (backtest(h, '2030-12-31', '2031-12-31')).* FROM shop) r;

-- Days that make no test.
SELECT backtest(h, '2024-12-31', '2024-12-31') FROM shop;
SELECT backtest(h, '2024-12-31', '2024-06-30') FROM shop;
SELECT backtest(h, '2024-06-30', NULL) FROM shop;
SELECT backtest(h, NULL, '2024-12-31') FROM shop;
SELECT backtest(h, '2024-06-30', 'infinity') FROM shop;
SELECT backtest(h, date '2024-06-30' - visit_count(h) % 2, '2024-12-31') FROM shop;
SELECT backtest(h, '2024-06-30', date '2024-12-31' - visit_count(h) % 2) FROM shop;
SELECT backtest(h, '2024-06-30', '2024-12-31', 'gamma') FROM shop;
SELECT backtest(h, '2024-06-30', '2024-12-31', NULL) FROM shop;
SELECT backtest('{3000-01-01 BC, 2024-06-01}', '5000000-06-30', '5000000-12-31');

DROP TABLE shop;
DROP FUNCTION digits(double precision, integer), digits(double precision[], integer), customer(integer, integer);
