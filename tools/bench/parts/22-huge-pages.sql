-- The plans whose time is cache and TLB misses once more, after a restart that
-- lets the server's malloc ask for huge pages; and back again.
\! "$BENCH/restart" GLIBC_TUNABLES=glibc.malloc.hugetlb=1
\connect
SET enable_partitionwise_aggregate = on;
\set of shuffled
\set name partitioned
\ir ../data/partitioned.sql
\echo 'Measuring: hash, huge pages …'
CALL compare('histories', 'hash, huge pages', 'shuffled', :more_rounds);
\echo 'Measuring: partitionwise, huge pages …'
CALL compare('histories', 'partitionwise, huge pages', 'partitioned', :more_rounds);
\! "$BENCH/restart"
