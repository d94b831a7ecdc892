-- visit_history against the built-in aggregates, in the plans that a table's
-- order and its partitions allow.
SET enable_partitionwise_aggregate = on;
\set of shuffled
\set name partitioned
\ir ../data/partitioned.sql
\set of by_day
\set name partitioned_by_day
\ir ../data/partitioned.sql
CREATE INDEX IF NOT EXISTS by_customer_key ON by_customer (customer_id);

\echo 'Measuring: hash …'
CALL compare('histories', 'hash', 'shuffled', :more_rounds);
CALL compare('histories', 'hash, in order of days', 'by_day', :more_rounds);
\echo 'Measuring: partitionwise …'
CALL compare('histories', 'partitionwise', 'partitioned', :more_rounds);
CALL compare('histories', 'partitionwise, in order of days', 'partitioned_by_day', :more_rounds);
SET max_parallel_workers_per_gather = 2;
SET min_parallel_table_scan_size = 0;
\echo 'Measuring: partitionwise, two workers …'
CALL compare('histories', 'partitionwise, two workers', 'partitioned', :rounds);
RESET min_parallel_table_scan_size;
RESET max_parallel_workers_per_gather;
SET enable_hashagg = off;
SET enable_seqscan = off;
\echo 'Measuring: index-ordered …'
CALL compare('histories', 'index-ordered', 'by_customer', :more_rounds);
RESET enable_seqscan;
\echo 'Measuring: sorted …'
CALL compare('histories', 'sorted', 'shuffled', :more_rounds);
RESET enable_hashagg;
SET work_mem = '16MB';
\echo 'Measuring: hash, spilling at 16 MB …'
CALL compare('histories', 'hash, spilling', 'shuffled', :rounds);
