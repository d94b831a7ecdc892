-- The histories of all customers: made by the first part that needs them.
CREATE UNLOGGED TABLE IF NOT EXISTS histories AS
SELECT customer_id, visit_history(day, amount) AS h FROM by_customer GROUP BY customer_id;
VACUUM ANALYZE histories;
