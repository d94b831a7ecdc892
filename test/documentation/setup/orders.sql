-- A shop's own table, as it stands before the extension is installed: the
-- simulation fills it, and goes again.
CREATE SCHEMA filling;
CREATE EXTENSION crm_retention SCHEMA filling;
CREATE TABLE orders AS
SELECT customer_id, ordered_at AT TIME ZONE 'Europe/Berlin' AS ordered_at, amount, channel
FROM filling.simulate_transactions(2000, '2023-01-01', '2024-12-31', 42);
DROP EXTENSION crm_retention;
DROP SCHEMA filling;
