-- The reading functions of visit_history.
CREATE TEMP TABLE customers (name text, h visit_history);
INSERT INTO customers VALUES
	('nobody', '{}'),
	('once', '{2024-02-01: 25}'),
	('often', '{2024-01-05: 12.5, 2024-01-19: 40 in 2 orders, 2024-02-01: -5 in 0 orders, 2024-03-10, 2024-03-31: 7.5}'),
	('no money', '{2024-01-05, 2024-02-05 in 2 orders}'),
	('refund only', '{2024-01-05: -5 in 0 orders}'),
	('unknown', NULL);

SELECT name, visit_count(h), order_count(h), first_visit(h), last_visit(h), total_spend(h),
       round(average_order_value(h), 4) AS order_value, round(average_visit_value(h), 4) AS visit_value
FROM customers;
SELECT v.* FROM customers, visits(h) v WHERE name = 'often';
SELECT name, v.* FROM customers, visits(h) v WHERE name IN ('refund only', 'no money', 'nobody', 'unknown');

-- As of a day: what comes later is not there.
SELECT name, days_since_last_visit(h, '2024-03-15'), tenure(h, '2024-03-15'), btyd_summary(h, '2024-03-15') FROM customers;
SELECT as_of(h, '2024-02-01'), as_of(h, '2024-01-04'), as_of(h, 'infinity') = h AS all_of_it FROM customers WHERE name = 'often';
SELECT between_days(h, '2024-01-19', '2024-03-10'), between_days(h, '2024-01-20', '2024-01-31'), between_days(h, '2024-03-10', '2024-01-19'),
       between_days(h, '-infinity', '2024-01-05') FROM customers WHERE name = 'often';
-- The scale is what the rest still needs.
SELECT as_of('{2024-01-05: 12, 2024-01-06: 0.5}', '2024-01-05') = '{2024-01-05: 12}' AS canonical;
SELECT name, visits_between(h, '2024-01-19', '2024-03-10'), spend_between(h, '2024-01-19', '2024-03-10'),
       visits_between(h, '2030-01-01', '2030-12-31'), spend_between(h, '2030-01-01', '2030-12-31') FROM customers;
SELECT days_since_last_visit(h, '2024-01-01') AS before_the_first, days_since_last_visit(h, '2024-02-01') AS on_the_day FROM customers WHERE name = 'once';
SELECT days_since_last_visit(h) = current_date - date '2024-02-01' AS today_by_default, tenure(h) = current_date - date '2024-02-01' AS same FROM customers WHERE name = 'once';
SELECT days_since_last_visit(h, 'infinity') FROM customers WHERE name = 'once';
SELECT (btyd_summary('{2024-01-05: 5, 2024-01-19: 7, 2024-02-01: -2 in 0 orders, 2024-02-02: 8}', '2024-02-10')).*;

-- Everything against plain SQL on simulated customers, as of three days.
CREATE TEMP TABLE orders AS
SELECT customer_id, ordered_at::date AS day, amount FROM simulate_transactions(400, '2023-01-01', '2024-12-31', 7);
INSERT INTO orders SELECT customer_id, day + 3, NULL FROM orders WHERE customer_id % 9 = 0 AND amount > 0;
CREATE TEMP TABLE histories AS SELECT customer_id, visit_history(day, amount) AS h FROM orders GROUP BY customer_id;
CREATE TEMP VIEW expected AS
SELECT asof, customer_id,
       count(*) FILTER (WHERE orders > 0)::int AS visits, coalesce(sum(orders), 0)::int AS orders,
       min(day) FILTER (WHERE orders > 0) AS first, max(day) FILTER (WHERE orders > 0) AS last, sum(money) AS spend
FROM (SELECT asof, customer_id, day, count(*) FILTER (WHERE amount >= 0 OR amount IS NULL) AS orders, sum(amount) AS money
	  FROM orders, unnest(ARRAY[date '2023-06-30', '2024-02-29', '2024-12-31']) asof WHERE day <= asof GROUP BY asof, customer_id, day) days
GROUP BY asof, customer_id;
SELECT asof, count(*) AS customers, count(*) FILTER (WHERE
	   (visit_count(c), order_count(c), first_visit(c), last_visit(c), total_spend(c), days_since_last_visit(h, asof), tenure(h, asof), visits_between(h, '-infinity', asof), spend_between(h, '-infinity', asof))
	   IS DISTINCT FROM (visits, e.orders, first, last, spend, asof - last, asof - first, visits, coalesce(spend, 0))) AS wrong
FROM expected e JOIN histories USING (customer_id), LATERAL (SELECT as_of(h, asof)) cut(c) GROUP BY asof ORDER BY asof;
SELECT count(*) AS days, count(*) FILTER (WHERE (v.orders, v.amount, v.visit_no, v.latency) IS DISTINCT FROM (d.orders, d.money, d.visit_no, d.next)) AS wrong
FROM (SELECT customer_id, (visits(h)).* FROM histories) v
FULL JOIN (SELECT customer_id, day, orders, money,
				  CASE WHEN orders > 0 THEN row_number() OVER w END AS visit_no, CASE WHEN orders > 0 THEN lead(day) OVER w - day END AS next
		   FROM (SELECT customer_id, day, count(*) FILTER (WHERE amount >= 0 OR amount IS NULL) AS orders, sum(amount) AS money FROM orders GROUP BY 1, 2) d
		   WINDOW w AS (PARTITION BY customer_id, orders > 0 ORDER BY day)) d USING (customer_id, day);
