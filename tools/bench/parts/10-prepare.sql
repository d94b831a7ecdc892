-- The data: one set of transactions stored in random order, in customer order,
-- and hash-partitioned; and how a query is measured.
CREATE SCHEMA crm;
CREATE EXTENSION crm_retention SCHEMA crm;
SET search_path = public, crm;
SET max_parallel_workers_per_gather = 0;

\echo 'Preparing transactions of' :customers 'customers …'
CREATE UNLOGGED TABLE shuffled AS
SELECT customer_id, ordered_at::date AS day, amount
FROM simulate_transactions(:customers, '2023-01-01', '2024-12-31', 1)
ORDER BY hashint8(hashint8(customer_id) # hash_numeric(amount) # extract(epoch FROM ordered_at)::bigint);

CREATE UNLOGGED TABLE by_customer AS SELECT * FROM shuffled ORDER BY customer_id, day;
CREATE INDEX ON by_customer (customer_id);

CREATE UNLOGGED TABLE partitioned (LIKE shuffled) PARTITION BY HASH (customer_id);
SELECT format('CREATE UNLOGGED TABLE partition_%s PARTITION OF partitioned FOR VALUES WITH (MODULUS 16, REMAINDER %1$s)', i)
FROM generate_series(0, 15) AS i \gexec
INSERT INTO partitioned SELECT * FROM shuffled;
VACUUM ANALYZE shuffled, by_customer, partitioned;

CREATE UNLOGGED TABLE histories AS
SELECT customer_id, visit_history(day, amount) AS h FROM by_customer GROUP BY customer_id;
VACUUM ANALYZE histories;

-- The largest of all values of "name" anywhere in a plan.
CREATE FUNCTION plan_maximum(plan json, name text) RETURNS numeric LANGUAGE sql IMMUTABLE AS $$
	SELECT max(value::text::numeric) FROM jsonb_path_query(plan::jsonb, format('$.**."%s"', name)::jsonpath) AS value
$$;

-- The most memory that this backend has had, in kilobytes, since it was last set back.
CREATE FUNCTION peak_memory() RETURNS numeric LANGUAGE sql AS $$
	SELECT substring(pg_read_file('/proc/self/status') FROM 'VmHWM:\s*(\d+)')::numeric
$$;

-- Runs a query, throwing its rows away: its milliseconds, the kilobytes of its
-- largest hash table, and those that the backend grew by, tables read included.
CREATE FUNCTION measure(query text, OUT ms numeric, OUT kilobytes numeric, OUT node text, OUT grown numeric) LANGUAGE plpgsql AS $$
DECLARE
	plan json;
	before numeric;
BEGIN
	COPY (SELECT 5) TO '/proc/self/clear_refs';	-- sets the peak back to what is used now
	before := peak_memory();
	EXECUTE 'EXPLAIN (ANALYZE, TIMING OFF, FORMAT JSON) ' || query INTO plan;
	grown := peak_memory() - before;
	ms := plan_maximum(plan, 'Execution Time');
	kilobytes := plan_maximum(plan, 'Peak Memory Usage');
	node := concat_ws(' ', plan #>> '{0,Plan,Strategy}', plan #>> '{0,Plan,Node Type}',
		'over ' || (plan #>> '{0,Plan,Plans,0,Node Type}'));
END $$;

-- Everything that is measured: the benchmark's one table of results.
CREATE TABLE result (part text, what text, contender text, round integer, ms numeric, kilobytes numeric, grown numeric, node text);

-- Contenders take turns, so that what else the machine does meets all of them.
-- In loops: a join would measure each of them once and repeat the figure.
CREATE PROCEDURE compete(part text, what text, queries jsonb, rounds integer) LANGUAGE plpgsql AS $$
DECLARE
	contender text;
	query text;
BEGIN
	FOR round IN 1 .. rounds LOOP
		FOR contender, query IN SELECT * FROM jsonb_each_text(queries) LOOP
			INSERT INTO result SELECT part, what, contender, round, m.ms, m.kilobytes, m.grown, m.node FROM measure(query) AS m;
		END LOOP;
	END LOOP;
END $$;

-- Round by round the ratio of one contender to another, and the median of it.
CREATE FUNCTION ratio(part text, what text, contender text, rival text, OUT median numeric, OUT lowest numeric, OUT highest numeric) LANGUAGE sql AS $$
	SELECT round(percentile_cont(0.5) WITHIN GROUP (ORDER BY a.ms / b.ms)::numeric, 2), round(min(a.ms / b.ms), 2), round(max(a.ms / b.ms), 2)
	FROM result AS a JOIN result AS b USING (part, what, round)
	WHERE (part, what, a.contender, b.contender) = ($1, $2, $3, $4)
$$;

SELECT count(*) AS transactions, count(DISTINCT customer_id) AS customers FROM by_customer;
