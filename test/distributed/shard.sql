-- One of the servers that hold the orders.
CREATE SCHEMA crm;
CREATE EXTENSION crm_retention SCHEMA crm;
CREATE TABLE orders (customer_id bigint, ordered_at timestamptz, amount numeric, channel text);
CREATE TABLE histories (customer_id bigint, channel text, h crm.visit_history);
-- The day of the shop, computed where the orders are.
CREATE VIEW days AS
SELECT customer_id, (ordered_at AT TIME ZONE 'Asia/Shanghai')::date AS day, amount FROM orders;
