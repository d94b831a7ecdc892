-- What the clients read: a relation of customer metrics over simulated orders,
-- and references of their own to call functions with.
SET client_min_messages = warning;
CREATE SCHEMA crm;
CREATE EXTENSION crm_retention SCHEMA crm;
SELECT format('ALTER DATABASE %I SET search_path = public, crm', current_database()) \gexec
SELECT format('ALTER DATABASE %I SET timezone = %L', current_database(), 'Europe/Berlin') \gexec
SET search_path = public, crm;
SET timezone = 'Europe/Berlin';

CREATE TABLE orders AS
SELECT customer_id, ordered_at AT TIME ZONE 'Europe/Berlin' AS ordered_at, amount, channel
FROM simulate_transactions(1000, '2023-01-01', '2024-12-31', 42);
CREATE INDEX ON orders (customer_id);
CALL create_customer_metrics('guests', 'orders', 'customer_id', 'ordered_at', 'amount', 'channel', 'Europe/Berlin');

-- The same facts by the server's own aggregates.
CREATE VIEW facts AS
SELECT customer_id, count(DISTINCT ordered_at::date) FILTER (WHERE amount >= 0)::integer AS visit_count,
	min(ordered_at::date) FILTER (WHERE amount >= 0) AS first_visit,
	max(ordered_at::date) FILTER (WHERE amount >= 0) AS last_visit, sum(amount) AS total_spend
FROM orders GROUP BY customer_id;

-- One customer who came back and has every metric, beside one who did not.
CREATE VIEW guest AS
SELECT h.customer AS customer_id, h.history AS h, r.norms, r.scheme, r.model, r.spend
FROM guests_histories h, guests_references r
WHERE h.customer = (SELECT min(customer_id) FROM facts WHERE visit_count BETWEEN 3 AND 6 AND last_visit > '2024-12-01') AND r.segment IS NULL;
