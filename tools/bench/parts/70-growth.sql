-- Growth: what a row costs as tables grow.  Straight lines are flat here.
CREATE PROCEDURE grow_table(orders bigint, every bigint, customers bigint, rounds integer) LANGUAGE plpgsql AS $$
BEGIN
	EXECUTE format('CREATE UNLOGGED TABLE growing AS SELECT * FROM shuffled WHERE customer_id <= %s', customers * orders / every);
	ANALYZE growing;
	CALL compare('growth, rows', orders::text, 'growing', rounds);
	DROP TABLE growing;
END $$;
\echo 'Measuring: growth of the table …'
SELECT format('CALL grow_table(%s, %s, %s, %s)', n, every, :customers, :rounds)
FROM (SELECT count(*) AS every FROM shuffled) AS size, unnest('{100000, 300000, 1000000, 3000000, 10000000, 30000000}'::bigint[]) AS n
WHERE n < every * 0.9 \gexec

-- The whole table: the hash plan of part 20 where that took part, else measured here.
INSERT INTO result
SELECT 'growth, rows', (SELECT note FROM result WHERE (part, what) = ('run', 'orders')), contender, round, ms, processor_ms, kilobytes, grown, note
FROM result WHERE (part, what) = ('histories', 'hash');
SELECT format('CALL compare(%L, %L, %L, %s)', 'growth, rows', count(*), 'shuffled', :rounds) FROM shuffled
HAVING NOT EXISTS (SELECT FROM result WHERE (part, what) = ('histories', 'hash')) \gexec
