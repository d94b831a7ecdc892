-- The transactions of the table :of hash-partitioned by customer as :name: filled by the first part that needs them.
CREATE TABLE IF NOT EXISTS :name (LIKE :of) PARTITION BY HASH (customer_id);
SELECT format('CREATE UNLOGGED TABLE IF NOT EXISTS %I PARTITION OF %I FOR VALUES WITH (MODULUS 16, REMAINDER %s)', :'name' || '_' || i, :'name', i)
FROM generate_series(0, 15) AS i \gexec
INSERT INTO :name SELECT * FROM :of WHERE NOT EXISTS (SELECT FROM :name);
VACUUM ANALYZE :name;
