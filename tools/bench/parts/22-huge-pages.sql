-- The plans whose time is cache and TLB misses once more, after a restart that
-- lets the server's malloc ask for huge pages; and back again.
\! "$BENCH/restart" GLIBC_TUNABLES=glibc.malloc.hugetlb=1
\connect
SET enable_partitionwise_aggregate = on;
\ir ../data/partitioned.sql
\echo 'Measuring: hash, huge pages …'
CALL compare('histories', 'hash, huge pages', 'shuffled', :rounds);
\echo 'Measuring: partitionwise, huge pages …'
CALL compare('histories', 'partitionwise, huge pages', 'partitioned', :rounds);
\! "$BENCH/restart"
