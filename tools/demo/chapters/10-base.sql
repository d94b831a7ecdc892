-- Every chapter reads as of the last day in the data, the variable as_of.
SELECT max(ordered_at)::date AS as_of, count(DISTINCT channel) > 1 AS has_channels FROM transactions \gset

\echo
\echo '── One history per customer ───────────────────────────────────────────────────'
\echo
\set ECHO queries
CREATE TABLE histories AS
SELECT customer_id,
       (array_agg(channel ORDER BY ordered_at, channel))[1] AS channel,
       visit_history(ordered_at, amount) AS h
FROM transactions GROUP BY customer_id;
\set ECHO none
\echo
\echo 'A history holds the days of a customer''s visits, with orders and money.'
\echo 'A visit is a day with an order; a refund lowers the money and is no order.'

\echo
\echo '── The base ───────────────────────────────────────────────────────────────────'
\echo
\set ECHO queries
SELECT count(*) AS customers, sum(order_count(h)) AS orders, sum(visit_count(h)) AS visits,
       sum(total_spend(h)) AS revenue, min(first_visit(h)) AS first_day, max(last_visit(h)) AS last_day,
       round(100.0 * count(*) FILTER (WHERE visit_count(h) >= 2) / count(*), 1) AS came_twice_percent
FROM histories;
\set ECHO none
