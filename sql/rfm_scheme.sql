-- rfm_scheme: the cut points between the scores, learned or written by hand.

-- Ten customers; customer n came last n days ago, visited so often, spent so much.
CREATE TEMP TABLE customers AS
SELECT n AS id, visits,
       (SELECT visit_history('2024-06-30'::date - n - 7 * (v - 1), amount / visits)
        FROM generate_series(1, visits) v) AS h
FROM (VALUES (1, 9, 900.90), (2, 6, 120), (3, 4, 300), (4, 3, 45), (5, 2, 80),
             (6, 1, 19.99), (7, 1, 25), (8, 1, 25), (9, 1, 10.5), (10, 1, 5)) c(n, visits, amount);

SELECT rfm_scheme(h, '2024-06-30') FROM customers;
SELECT rfm_scheme(h, '2024-06-30', 3) FROM customers;
-- which are the values that percentile_disc gives
SELECT percentile_disc('{0.2, 0.4, 0.6, 0.8}'::float8[]) WITHIN GROUP (ORDER BY total_spend(h)) AS money FROM customers;

-- 5 is best, also of recency. Equal customers score equal.
CREATE TEMP TABLE scheme AS SELECT rfm_scheme(h, '2024-06-30') AS scheme FROM customers;
SELECT id, days_since_last_visit(h, '2024-06-30') AS silent, visits, total_spend(h) AS spend,
       rfm(h, scheme, '2024-06-30'), rfm_code(rfm(h, scheme, '2024-06-30')), rfm_segment(rfm(h, scheme, '2024-06-30'))
FROM customers, scheme ORDER BY id;

-- The scheme is frozen: four days later only recency has moved, not the yardstick.
SELECT id, rfm_code(rfm(h, scheme, '2024-07-04')) AS four_days_later FROM customers, scheme WHERE id IN (1, 5) ORDER BY id;
-- Events after as_of are ignored.
SELECT rfm(h || '{2024-07-02: 1000}', scheme, '2024-06-30') = rfm(h, scheme, '2024-06-30') AS ignored
FROM customers, scheme WHERE id = 10;

-- Without money there is no m; the map of R and F still answers.
SELECT score, rfm_code(score), rfm_segment(score), rfm_segment(score, 'rfm125') AS by_money
FROM (SELECT rfm('{2024-06-30}', scheme, '2024-06-30') AS score FROM scheme) s;
SELECT rfm_scheme(h, '2024-06-30') AS no_money
FROM (VALUES ('{2024-06-01}'::visit_history), ('{2024-06-02, 2024-06-09}')) v(h);
-- Nobody yet.
SELECT rfm(NULL, scheme, '2024-06-30') AS unknown, rfm('{}', scheme, '2024-06-30') AS empty,
       rfm('{2024-07-01: 1}', scheme, '2024-06-30') AS later, rfm('{2024-06-01: -5 in 0 orders}', scheme, '2024-06-30') AS refund
FROM scheme;

-- Populations that are hard on quantiles: one who is alone, all equal, nine in ten came once, nobody.
SELECT rfm_scheme(h, '2024-06-30') AS one FROM (VALUES ('{2024-06-01: 10, 2024-06-08: 2}'::visit_history)) v(h);
SELECT rfm_scheme('{2024-06-01: 10}'::visit_history, '2024-06-30') AS equal FROM generate_series(1, 50);
SELECT rfm_scheme(CASE WHEN n % 10 = 0 THEN '{2024-05-01: 10, 2024-06-01: 10}' ELSE '{2024-06-01: 10}' END::visit_history,
                  '2024-06-30') AS one_timers FROM generate_series(1, 50) n;
SELECT rfm_scheme(h, '2024-06-30') AS nobody FROM (VALUES (NULL::visit_history), ('{}'), ('{2024-07-01: 1}')) v(h);
SELECT rfm_scheme(h, '2024-06-30') AS no_rows FROM customers WHERE false;

-- By hand. A value on a cut point is below it.
SELECT rfm_scheme_from('{30, 90}', '{1, 4}', '{20, 99.50}') AS scheme \gset
SELECT :'scheme' AS scheme, rfm('{2024-05-31: 20}', :'scheme', '2024-06-30'), rfm('{2024-05-30: 20.01}', :'scheme', '2024-06-30');
SELECT rfm_scheme_from('{30, 90}', '{1, 4}', NULL) AS without_money, rfm_scheme_from(NULL, '{1, 4}', NULL) IS NULL AS unknown;
SELECT rfm_scheme_from('{30, 90}', '{1, 4}', '{1, 2, 3}');
SELECT rfm_scheme_from('{}', '{}', '{}');
SELECT rfm_scheme_from('{90, 30}', '{1, 4}', '{1, 2}');
SELECT rfm_scheme_from('{30, 90}', '{-1, 4}', '{1, 2}');
SELECT rfm_scheme_from('{30, NULL}', '{1, 4}', '{1, 2}');
SELECT rfm_scheme_from('{30, 90}', '{1, 4}', '{1, NaN}');
SELECT rfm_scheme_from('{{30, 90}}', '{1, 4}', '{1, 2}');

-- Text, JSON, equality.
SELECT '{3 buckets, recency 30 90, frequency 1 4, money 20 99.5}'::rfm_scheme = rfm_scheme_from('{30, 90}', '{1, 4}', '{20, 99.50}') AS same;
SELECT ' { 4 buckets , recency 7 7 30, frequency 1 1 1 , money -1.50 0 2 } '::rfm_scheme;
SELECT rfm_scheme_from('{30, 90}', '{1, 4}', NULL)::json;
SELECT jsonb_pretty('{4 buckets, recency 7 7 30, frequency 1 2 3, money 1 2 3}'::rfm_scheme::jsonb);
SELECT count(*) FROM (SELECT DISTINCT s FROM (VALUES ('{2 buckets, recency 1, frequency 1}'::rfm_scheme),
	('{2 buckets, recency 1, frequency 1}'), ('{2 buckets, recency 2, frequency 1}')) v(s)) d;
SELECT '{4 buckets, recency 7 7 30 (no score 3), frequency 1 2 3}'::rfm_scheme;
SELECT '{4 buckets, recency 7 7 30 (no score 2), frequency 1 2 3}'::rfm_scheme;
SELECT '{1 buckets, recency, frequency}'::rfm_scheme;
SELECT '{3 buckets, recency 30 90}'::rfm_scheme;
SELECT '{3 buckets, recency 30 9, frequency 1 4}'::rfm_scheme;
SELECT '{3 buckets, recency 30 90, frequency 1 2.5}'::rfm_scheme;
SELECT '{3 buckets, recency 30 90, frequency 1 4} and more'::rfm_scheme;
SELECT '{3 buckets, recency 30 90, frequency 1 4, money 1}'::rfm_scheme;

-- as_of and buckets are the same for all rows, and known.
SELECT rfm_scheme(h, '2024-06-30'::date + id) FROM customers;
SELECT rfm_scheme(h, '2024-06-30', 3 + id % 2) FROM customers;
SELECT rfm_scheme(h, NULL) FROM customers;
SELECT rfm_scheme(h, 'infinity') FROM customers;
SELECT rfm_scheme(h, '2024-06-30', 10) FROM customers;
SELECT rfm_scheme(h, '2024-06-30', NULL) FROM customers;
