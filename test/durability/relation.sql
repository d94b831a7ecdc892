-- A relation of customer metrics, with triggers, a view, a function and
-- comments, as it is to be restored.

CREATE SCHEMA relation;
CREATE TABLE relation.orders (customer_id bigint, ordered_at timestamptz, amount numeric, channel text);
INSERT INTO relation.orders SELECT customer_id, ordered_at AT TIME ZONE 'UTC', amount, channel FROM crm.simulate_transactions(200, '2023-01-01', '2024-06-30', 9);
CREATE INDEX ON relation.orders (customer_id);
SET search_path = relation;
CALL crm.create_customer_metrics('guests', 'orders', 'customer_id', 'ordered_at', 'amount', 'channel', 'Asia/Shanghai', segment_customers => 40);
RESET search_path;
DELETE FROM relation.orders WHERE customer_id = 1;	-- noted, and to be read again wherever it is restored

-- How many customers of the relation are not what their orders make of them.
CREATE VIEW relation.stale AS
SELECT count(*)
FROM (SELECT customer_id, crm.visit_history(ordered_at, amount, 'Asia/Shanghai') AS history FROM relation.orders GROUP BY 1) o
FULL JOIN relation.guests_histories h ON h.customer = o.customer_id
WHERE (h.history OPERATOR(crm.=) o.history) IS NOT TRUE;

CREATE VIEW relation.contents AS
SELECT 'guests' AS name, count(*) || ' rows ' || md5(string_agg(g::text, ' ' ORDER BY customer_id)) AS fingerprint FROM relation.guests_as_of('2024-06-30') g
UNION ALL
SELECT 'stale guests', count::text FROM relation.stale;
