-- The server that asks, in schema "here" the orders themselves, in schema
-- "there" tables whose hash partitions are on the other servers: in the databases
-- of the same place in the lists "hosts" and "databases".
CREATE SCHEMA crm;
CREATE EXTENSION crm_retention SCHEMA crm;
CREATE EXTENSION postgres_fdw;
CREATE SCHEMA here;
CREATE SCHEMA there;
SET search_path = here, public, crm;

CREATE TABLE orders AS
SELECT customer_id, ordered_at AT TIME ZONE 'Asia/Shanghai' AS ordered_at, amount, channel
FROM simulate_transactions(2000, '2023-01-01', '2024-12-31', 3);
CREATE TABLE histories AS
SELECT customer_id, min(channel) AS channel, visit_history(ordered_at, amount, 'Asia/Shanghai') AS h FROM orders GROUP BY customer_id;

CREATE VIEW days AS
SELECT customer_id, (ordered_at AT TIME ZONE 'Asia/Shanghai')::date AS day, amount FROM orders;

CREATE TABLE there.orders (LIKE orders) PARTITION BY HASH (customer_id);
CREATE TABLE there.days (LIKE days) PARTITION BY HASH (customer_id);
CREATE TABLE there.histories (LIKE histories) PARTITION BY HASH (customer_id);
SELECT format($$CREATE SERVER shard_%s FOREIGN DATA WRAPPER postgres_fdw
		OPTIONS (host %L, dbname %L, extensions 'crm_retention', fetch_size '10000')$$, i, host, database),
	format('CREATE USER MAPPING FOR CURRENT_USER SERVER shard_%s OPTIONS (user %L)', i, 'postgres')
FROM unnest(string_to_array(:'hosts', ' '), string_to_array(:'databases', ' ')) WITH ORDINALITY AS shard (host, database, n), LATERAL (SELECT n - 1) AS place (i) \gexec
SELECT format('CREATE FOREIGN TABLE there.%1$s_%2$s PARTITION OF there.%1$s FOR VALUES WITH (MODULUS 3, REMAINDER %2$s)
		SERVER shard_%2$s OPTIONS (schema_name %3$L, table_name %1$L)', name, i, 'public')
FROM unnest('{orders, days, histories}'::text[]) AS name, generate_series(0, 2) AS i \gexec

INSERT INTO there.orders SELECT * FROM orders;
INSERT INTO there.histories SELECT * FROM histories;
ANALYZE;
