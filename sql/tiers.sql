-- value_tiers: the customer pyramid; revenue_share: how few bring most of it.

-- A hundred customers who spent 1 to 100: one VIP, four key customers, fifteen regular ones.
CREATE TEMP TABLE customers AS SELECT n AS id, visit_history('2024-01-01'::date + n, n) AS h FROM generate_series(1, 100) n GROUP BY n;
CREATE TEMP TABLE tiers AS SELECT value_tiers(h, '2024-06-30', '{0.01, 0.05, 0.20}') AS tiers FROM customers;
SELECT * FROM tiers;
SELECT value_tier(h, tiers, '2024-06-30') AS tier, count(*), min(total_spend(h)), max(total_spend(h)),
       round(sum(total_spend(h)) / sum(sum(total_spend(h))) OVER (), 3) AS revenue
FROM customers, tiers GROUP BY tier ORDER BY tier;
SELECT revenue_share(h, 0), revenue_share(h, 0.01) AS best, revenue_share(h, 0.2) AS best_fifth, revenue_share(h, 1) AS "all" FROM customers;
-- 0.07 of 100 is seven customers, though not in floating point.
SELECT 0.07::float8 * 100 AS "7?", revenue_share(h, 0.07) * 5050 AS revenue, 94 + 95 + 96 + 97 + 98 + 99 + 100 AS seven FROM customers;

-- Equal spenders share a tier; nobody is above all.
SELECT tiers, value_tier('{2024-01-01: 5}', tiers, '2024-06-30')
FROM (SELECT value_tiers('{2024-01-01: 5}'::visit_history, '2024-06-30', '{0.05, 0.2}') AS tiers FROM generate_series(1, 10)) t;
-- Unknown: no visit, no money.
SELECT value_tier('{}', tiers, '2024-06-30') AS empty, value_tier('{2024-01-01}', tiers, '2024-06-30') AS no_money,
       value_tier('{2024-07-01: 5}', tiers, '2024-06-30') AS later, value_tier('{2024-01-01: -5 in 0 orders}', tiers, '2024-06-30') AS refund
FROM tiers;
SELECT value_tiers(h, '2024-06-30', '{0.2}') AS nobody, revenue_share(h, 0.2) FROM (VALUES (NULL::visit_history), ('{}'), ('{2024-01-01}')) v(h);
-- All money together is nothing: no share of it.
SELECT revenue_share(h, 0.5) AS unknown FROM (VALUES ('{2024-01-01: 5}'::visit_history), ('{2024-01-01: 5, 2024-01-02: -10 in 0 orders}')) v(h);

-- Text, JSON, equality.
SELECT tiers::text::value_tiers = tiers AS same, tiers::json FROM tiers;
SELECT '{top 0.05 above 912.50, top 0.2 above 310.25}'::value_tiers, '{top 1e-3 above 5}'::value_tiers::jsonb;
SELECT '{top 0.2 above 1, top 0.05 above 2}'::value_tiers;
SELECT '{top 0.05 above 1, top 0.2 above 2}'::value_tiers;
SELECT '{top 1 above 1}'::value_tiers;
SELECT '{}'::value_tiers;
SELECT value_tiers(h, '2024-06-30', '{0.2, 0.05}') FROM customers;
SELECT value_tiers(h, '2024-06-30', '{0.2, NULL}') FROM customers;
SELECT value_tiers(h, '2024-06-30', '{}') FROM customers;
SELECT value_tiers(h, '2024-06-30', '{NaN}') FROM customers;
SELECT value_tiers(h, '2024-06-30', NULL) FROM customers;
SELECT value_tiers(h, NULL, '{0.2}') FROM customers;
SELECT value_tiers(h, '2024-06-30', CASE WHEN id = 7 THEN '{0.2, 0.3}' ELSE '{0.2}' END::float8[]) FROM customers;
SELECT revenue_share(h, 1.01) FROM customers;
SELECT revenue_share(h, 'NaN') FROM customers;
SELECT revenue_share(h, NULL) FROM customers;
