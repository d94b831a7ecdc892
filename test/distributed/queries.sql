-- Asked once of the orders here and once of those on three servers: the
-- answers are the same.
\echo histories
SELECT customer_id, visit_history(ordered_at, amount, 'Asia/Shanghai') FROM orders GROUP BY customer_id ORDER BY customer_id;
\echo histories of the days of the shop
SELECT customer_id, visit_history(day, amount) FROM days GROUP BY customer_id ORDER BY customer_id;
\echo single metrics over stored histories
SELECT customer_id, visit_count(h), total_spend(h), latency(h), median_latency(h), h FROM histories ORDER BY customer_id;
\echo customers chosen where they are
SELECT customer_id FROM histories WHERE visit_count(h) >= 20 AND days_since_last_visit(h, '2024-12-31') > 30 ORDER BY 1;
\echo references of groups
SELECT channel, latency_norms(h, '2024-12-31'), rfm_scheme(h, '2024-12-31'), repeat_rate(h), fit_spend(h, '2024-12-31') FROM histories GROUP BY channel ORDER BY channel;
\echo a model, from orders to parameters in one query
SELECT fit_btyd(h, '2024-12-31') FROM (SELECT visit_history(ordered_at, amount, 'Asia/Shanghai') AS h FROM orders GROUP BY customer_id) AS customer;
\echo metrics by a reference that was learned here
WITH reference AS MATERIALIZED (SELECT latency_norms(h, '2024-12-31') AS norms, rfm_scheme(h, '2024-12-31') AS scheme FROM histories)
SELECT customer_id, latency_status(h, norms, '2024-12-31'), rfm_code(rfm(h, scheme, '2024-12-31')), expected_next_visit(h, norms, '2024-12-31')
FROM histories, reference ORDER BY customer_id;
\echo cohorts
SELECT t.* FROM (SELECT cohort_retention(h, 'quarter', '2024-12-31') AS c FROM histories) AS one, cohort_table(c) AS t;
