-- A shop: the owner of the database has orders, which the application writes,
-- and a relation of customer metrics in a schema of its own.  mallory may
-- connect, use the extension and make schemas of her own.
SET client_min_messages = error;
CREATE SCHEMA bi;
CREATE TABLE public.orders (id integer GENERATED ALWAYS AS IDENTITY PRIMARY KEY, customer_id integer, ordered_at timestamptz, amount numeric, channel text);
INSERT INTO public.orders (customer_id, ordered_at, amount, channel)
SELECT customer_id, ordered_at AT TIME ZONE 'UTC', amount, channel FROM crm.simulate_transactions(300, '2023-01-01', '2024-06-30', 5);
INSERT INTO public.orders (customer_id, ordered_at, amount, channel) SELECT i, '2024-05-05', 10, 'store' FROM generate_series(1, 40) i;
GRANT SELECT, INSERT, UPDATE, DELETE, TRUNCATE ON public.orders TO crm_rights_app;
SET search_path = bi, crm;
CALL create_customer_metrics('guests', 'public.orders', 'customer_id', 'ordered_at', 'amount', 'channel', 'UTC', family => 'mbgnbd');
ANALYZE;

-- Customers whose stored history is not what their orders say.
CREATE FUNCTION bi.differences() RETURNS bigint LANGUAGE sql
BEGIN ATOMIC
	SELECT count(*) FROM (SELECT customer_id, crm.visit_history(ordered_at, amount, 'UTC') AS history FROM public.orders WHERE customer_id IS NOT NULL GROUP BY customer_id) AS r
	FULL JOIN bi.guests_histories h ON h.customer = r.customer_id WHERE r.history IS DISTINCT FROM h.history;
END;
REVOKE ALL ON FUNCTION bi.differences() FROM PUBLIC;
