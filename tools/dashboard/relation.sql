-- The relation of customer metrics on the demonstration's data, as
-- examples/dashboard/dashboard.sql wants it.
SET client_min_messages = warning;
CREATE INDEX ON transactions (customer_id, ordered_at) INCLUDE (amount, channel);
CALL create_customer_metrics('guests', 'transactions', 'customer_id', 'ordered_at', 'amount', 'channel', 'UTC');
