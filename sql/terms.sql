-- The columns of a relation of customer metrics in the reader's language.
\set SHOW_CONTEXT never
SET client_min_messages = warning;
CREATE SCHEMA terms;
SET search_path = terms, public;
CREATE TABLE orders AS SELECT * FROM simulate_transactions(50, '2024-01-01', '2024-06-30', 3);
CALL create_customer_metrics('guests', 'orders', 'customer_id', 'ordered_at', time_zone => 'UTC', family => NULL);

-- Every column has a term and a meaning, in the order of the columns; the first is the customer's own.
SELECT * FROM customer_metrics_columns_zh();
SELECT array_agg(z.name ORDER BY z.ordinality) = '{customer}' || (SELECT array_agg(c.name ORDER BY c.ordinality) FROM customer_metrics_columns() WITH ORDINALITY c) AS complete,
	count(DISTINCT term) = count(*) AS distinct_terms
FROM customer_metrics_columns_zh() WITH ORDINALITY z;

-- What they say of labels is what label_zh says.
SELECT name, label
FROM (VALUES ('latency_status', '{on_track,due,overdue,lapsed,no_visits}'::text[]), ('pace', '{faster,typical,slower}'),
	('lifecycle_stage', '{prospect,new,active,loyal,sleeping,lost}'), ('activity_level', '{active,silent,sleeping,lost,no_visits}'),
	('loyalty_level', '{new,second,regular,fan,no_visits}'), ('growth_state', '{new,retained,resurrected,dormant,inactive}'),
	('member_segment', '{regular,prospect}'), ('churn_risk', '{low,medium,high,no_data}'), ('next_visit_source', '{model,norms,rhythm}')) v (name, labels)
JOIN customer_metrics_columns_zh() USING (name), unnest(labels) label
WHERE strpos(meaning, label_zh(label)) = 0;

CREATE FUNCTION comments() RETURNS TABLE (columns bigint, described bigint, customer text, latency text) LANGUAGE sql AS $$
	SELECT count(*), count(d), max(d) FILTER (WHERE attname = 'customer_id'), max(d) FILTER (WHERE attname = 'latency')
	FROM pg_attribute, col_description(attrelid, attnum) d WHERE attrelid = 'guests'::regclass AND attnum > 0
$$;
SELECT * FROM comments();
CALL comment_customer_metrics('guests', 'zh');
SELECT * FROM comments();
CALL comment_customer_metrics('guests');
SELECT * FROM comments();

CALL comment_customer_metrics('guests', 'fr');
CALL comment_customer_metrics('guests', NULL);
CALL comment_customer_metrics('nobody', 'zh');
CALL drop_customer_metrics('guests');
DROP SCHEMA terms CASCADE;
