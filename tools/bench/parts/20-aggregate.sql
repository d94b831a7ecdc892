-- visit_history against the built-in aggregates, in the plans that a table's
-- order and its partitions allow.
SET enable_partitionwise_aggregate = on;
\ir ../data/partitioned.sql
CREATE INDEX IF NOT EXISTS by_customer_key ON by_customer (customer_id);

\echo 'Measuring: hash …'
CALL compare('histories', 'hash', 'shuffled', :rounds);
\echo 'Measuring: partitionwise …'
CALL compare('histories', 'partitionwise', 'partitioned', :rounds);
SET max_parallel_workers_per_gather = 2;
SET min_parallel_table_scan_size = 0;
\echo 'Measuring: partitionwise, two workers …'
CALL compare('histories', 'partitionwise, two workers', 'partitioned', :rounds);
RESET min_parallel_table_scan_size;
RESET max_parallel_workers_per_gather;
SET enable_hashagg = off;
SET enable_seqscan = off;
\echo 'Measuring: index-ordered …'
CALL compare('histories', 'index-ordered', 'by_customer', :rounds);
RESET enable_seqscan;
\echo 'Measuring: sorted …'
CALL compare('histories', 'sorted', 'shuffled', :rounds);
RESET enable_hashagg;
SET work_mem = '16MB';
\echo 'Measuring: hash, spilling at 16 MB …'
CALL compare('histories', 'hash, spilling', 'shuffled', :rounds);
