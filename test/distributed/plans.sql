-- What each server is asked to do.  "Aggregate on", and the function's name in
-- the remote SQL: the whole aggregate is shipped.
\set QUIET on
\pset format unaligned
\pset tuples_only on
SET search_path = there, public, crm;
SET enable_partitionwise_aggregate = on;

\echo == histories of days: one aggregate on each server, only histories travel
EXPLAIN (COSTS OFF, VERBOSE)
SELECT customer_id, visit_history(day, amount) FROM days GROUP BY customer_id;
\echo == with a zone by name: right, but postgres_fdw does not ship the collation of a text constant, so orders travel
EXPLAIN (COSTS OFF, VERBOSE)
SELECT customer_id, visit_history(ordered_at, amount, 'Asia/Shanghai') FROM orders GROUP BY customer_id;
\echo == with the zone of the session: shipped, and the servers cut the days of UTC
EXPLAIN (COSTS OFF, VERBOSE)
SELECT customer_id, visit_history(ordered_at, amount) FROM orders GROUP BY customer_id;
\echo == a metric in WHERE: judged where the customer is
EXPLAIN (COSTS OFF, VERBOSE)
SELECT customer_id, h FROM histories WHERE visit_count(h) >= 20;
\echo == a reference over all customers: stored histories travel, no partial aggregates do
EXPLAIN (COSTS OFF, VERBOSE)
SELECT latency_norms(h, '2024-12-31') FROM histories;
