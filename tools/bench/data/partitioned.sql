-- The transactions hash-partitioned by customer: filled by the first part that needs them.
CREATE TABLE IF NOT EXISTS partitioned (LIKE shuffled) PARTITION BY HASH (customer_id);
SELECT format('CREATE UNLOGGED TABLE IF NOT EXISTS partition_%s PARTITION OF partitioned FOR VALUES WITH (MODULUS 16, REMAINDER %1$s)', i)
FROM generate_series(0, 15) AS i \gexec
INSERT INTO partitioned SELECT * FROM shuffled WHERE NOT EXISTS (SELECT FROM partitioned);
VACUUM ANALYZE partitioned;
