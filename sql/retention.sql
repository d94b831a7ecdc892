-- Retention: of heads and of money, over two periods and by cohorts.

-- Two hotels. In the first, two of a hundred guests stay away: those who brought 58 % of the money.
-- In the second, twenty small ones, who brought 3 %.
CREATE TEMP TABLE guests AS
SELECT 'grand' AS hotel, n AS id,
       visit_history(day, CASE WHEN n <= 2 THEN 290 ELSE 420 / 98.0 END::numeric(10, 4)) AS h
FROM generate_series(1, 100) n, unnest('{2023-05-01, 2024-05-01}'::date[]) day
WHERE NOT (n <= 2 AND day > '2024-01-01') GROUP BY n
UNION ALL
SELECT 'garden', n, visit_history(day, CASE WHEN n <= 20 THEN 1.5 ELSE 12.125 END)
FROM generate_series(1, 100) n, unnest('{2023-05-01, 2024-05-01}'::date[]) day
WHERE NOT (n <= 20 AND day > '2024-01-01') GROUP BY n;
SELECT hotel, round(customer_retention(h, y2023, y2024)::numeric, 2) AS customer_retention,
       round(revenue_retention(h, y2023, y2024)::numeric, 2) AS revenue_retention
FROM guests, (VALUES (daterange('2023-01-01', '2024-01-01'), daterange('2024-01-01', '2025-01-01'))) v(y2023, y2024)
GROUP BY hotel ORDER BY hotel DESC;

CREATE TEMP TABLE customers (id integer, h visit_history);
INSERT INTO customers VALUES
	(1, '{2024-01-10: 100, 2024-02-10: 50, 2024-03-10: 25}'), (2, '{2024-01-20: 40}'),
	(3, '{2024-01-31: 60, 2024-03-01: 90}'), (4, '{2024-02-15: 10, 2024-02-20: -10 in 0 orders}'),
	(5, '{2024-02-01: -5 in 0 orders}'), (6, '{}'), (7, NULL), (8, '{2024-04-01: 7}');
SELECT repeat_rate(h), repeat_revenue_share(h) FROM customers;
SELECT repeat_rate(as_of(h, '2024-01-31')) AS in_january, repeat_revenue_share(as_of(h, '2024-01-31')) FROM customers;
-- January's three customers in February: one came; their money stayed, and what they spent.
SELECT customer_retention(h, b, a), revenue_retention(h, b, a), net_revenue_retention(h, b, a)
FROM customers, (VALUES ('[2024-01-01,2024-02-01)'::daterange, '[2024-02-01,2024-03-01)'::daterange)) v(b, a);
-- Open ends; nothing; nobody.
SELECT customer_retention(h, '(,2024-02-01)', '[2024-02-01,)') AS open, customer_retention(h, '(,2024-02-01)', 'empty') AS nothing,
       customer_retention(h, 'empty', '[2024-02-01,)') AS nobody, net_revenue_retention(h, '(,)', '(,)') AS itself,
       revenue_retention(h, '(,-infinity)', '(,)') AS never FROM customers;
SELECT customer_retention(h, NULL, '(,)') FROM customers;
SELECT customer_retention(h, '(,)', daterange('2024-01-01', '2024-01-01'::date + id)) FROM customers;
SELECT repeat_rate(h) IS NULL AS nobody, repeat_revenue_share(h) IS NULL AS no_money FROM (VALUES ('{}'::visit_history)) v(h);
SELECT repeat_rate(h), repeat_revenue_share(h) AS no_money FROM (VALUES ('{2024-01-01, 2024-01-02}'::visit_history)) v(h);

-- Cohorts by calendar months, as of a day on which March is over, and the day before.
SELECT cohort_retention(h, 'month', '2024-03-31') FROM customers;
SELECT t.* FROM (SELECT cohort_retention(h, 'month', '2024-03-31') AS c FROM customers) s, cohort_table(c) t;
SELECT t.* FROM (SELECT cohort_retention(h, 'month', '2024-03-30') AS c FROM customers) s, cohort_table(c) t;
-- By days from each customer's own first visit; periods in which nothing happened are rows, too.
SELECT cohort_retention(h, 10, '2024-03-01') FROM customers;
SELECT t.* FROM (SELECT cohort_retention(h, 10, '2024-03-01') AS c FROM customers) s, cohort_table(c) t;
-- Weeks start on Monday: 2024-01-07 was a Sunday.
SELECT period, cohort_retention(h, period, '2024-01-14')
FROM (VALUES ('{2024-01-07: 1, 2024-01-08: 2}'::visit_history)) v(h), unnest('{day, week, month, quarter, year}'::text[]) period
GROUP BY period ORDER BY period COLLATE "C";
-- A triangle: a cohort for each month of first visits.
SELECT to_char(month, 'YYYY-MM') AS cohort, period_no, customers, active, revenue
FROM (SELECT date_trunc('month', first_visit(h)) AS month, cohort_retention(h, 'month', '2024-04-30') AS cohort
      FROM customers WHERE first_visit(h) IS NOT NULL GROUP BY 1) cohorts, cohort_table(cohort)
ORDER BY 1, 2;
-- The period before the first visit, no money, nobody, a period that is not over for anybody.
SELECT cohort_retention(h, 'month', '2024-02-29') AS refund_in_the_same_month FROM (VALUES ('{2024-01-02: -5 in 0 orders, 2024-01-09: 20}'::visit_history)) v(h);
SELECT cohort_retention(h, 5, '2024-02-29') AS refund_before FROM (VALUES ('{2024-01-02: -5 in 0 orders, 2024-01-09: 20}'::visit_history)) v(h);
SELECT cohort_retention(h, 'month', '2024-02-29') AS no_money, cohort_retention(h, 'month', '2023-12-31') IS NULL AS nobody,
       cohort_retention(h, 'year', '2024-02-29') AS not_over FROM (VALUES ('{2024-01-02}'::visit_history)) v(h);
SELECT c::text::cohort_retention = c AS same FROM (SELECT cohort_retention(h, 'year', '2024-02-29') AS c FROM customers) s;
SELECT cohort_retention(h, 'month', '2024-02-29') AS zero FROM (VALUES ('{2024-01-02: 0}'::visit_history)) v(h);

-- Text, JSON, equality, errors.
SELECT c::text::cohort_retention = c AS same, jsonb_pretty(c::jsonb) FROM (SELECT cohort_retention(h, 'quarter', '2024-04-30') AS c FROM customers) s;
SELECT '{30 days, as_of 2024-06-30, 0: 9/10 12.50, 2: 0/4 0}'::cohort_retention, '{month, as_of 2024-06-30}'::cohort_retention;
SELECT t.* FROM cohort_table('{30 days, as_of 2024-06-30, 0: 9/10 12.50, 2: 0/4 0}') t;
SELECT '{month, as_of 2024-06-30, 0: 11/10}'::cohort_retention;
SELECT '{month, as_of 2024-06-30, 0: 9/10, 1: 5/11}'::cohort_retention;
SELECT '{month, as_of 2024-06-30, 1: 9/10, 0: 5/9}'::cohort_retention;
SELECT '{month, as_of 2024-06-30, 0: 9/10, 1: 0/10, 2: 1/10}'::cohort_retention;
SELECT '{0 days, as_of 2024-06-30}'::cohort_retention;
SELECT '{fortnight, as_of 2024-06-30}'::cohort_retention;
SELECT cohort_retention(h, 'fortnight', '2024-06-30') FROM customers;
SELECT cohort_retention(h, 0, '2024-06-30') FROM customers;
SELECT cohort_retention(h, NULL::text, '2024-06-30') FROM customers;
SELECT cohort_retention(h, 'month', NULL) FROM customers;
SELECT cohort_retention(h, CASE WHEN id = 3 THEN 'week' ELSE 'month' END, '2024-06-30') FROM customers;
