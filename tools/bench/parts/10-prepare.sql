-- The data: one set of transactions stored in customer order, in the order of
-- their days, as shops write them, and in random order; and how a query is measured.
CREATE SCHEMA crm;
CREATE EXTENSION crm_retention SCHEMA crm;

\echo 'Preparing transactions of' :customers 'customers …'
CREATE UNLOGGED TABLE by_customer AS
SELECT customer_id, ordered_at::date AS day, amount
FROM simulate_transactions(:customers, '2023-01-01', '2024-12-31', 1);	-- in this order already
CREATE UNLOGGED TABLE shuffled AS
SELECT * FROM by_customer ORDER BY hashint8(hashint8(customer_id) # hash_numeric(amount) # hashint4(day - date '2000-01-01'));
CREATE UNLOGGED TABLE by_day AS
SELECT * FROM shuffled ORDER BY day;
VACUUM ANALYZE by_customer, by_day, shuffled;

-- The largest of all values of "name" anywhere in a plan.
CREATE FUNCTION plan_maximum(plan json, name text) RETURNS numeric LANGUAGE sql IMMUTABLE AS $$
	SELECT max(value::text::numeric) FROM jsonb_path_query(plan::jsonb, format('$.**."%s"', name)::jsonpath) AS value
$$;

-- The most memory that this backend has had, in kilobytes, since it was last set back.
CREATE FUNCTION peak_memory() RETURNS numeric LANGUAGE sql AS $$
	SELECT substring(pg_read_file('/proc/self/status') FROM 'VmHWM:\s*(\d+)')::numeric
$$;

-- Milliseconds that the processor has spent for this backend, its workers not
-- included: user and system time, in ticks of a hundredth of a second.
CREATE FUNCTION processor_time() RETURNS numeric LANGUAGE sql AS $$
	SELECT 10 * (fields[12]::numeric + fields[13]::numeric)
	FROM string_to_array(substring(pg_read_file('/proc/self/stat') FROM '\) (.*)'), ' ') AS fields
$$;

-- Runs a query, throwing its rows away: its milliseconds, those of the
-- processor, the kilobytes of its largest hash table, and those that the
-- backend grew by, tables read included.
CREATE FUNCTION measure(query text, OUT ms numeric, OUT processor_ms numeric, OUT kilobytes numeric, OUT node text, OUT grown numeric) LANGUAGE plpgsql AS $$
DECLARE
	plan json;
	before numeric;
	processor_before numeric;
BEGIN
	COPY (SELECT 5) TO '/proc/self/clear_refs';	-- sets the peak back to what is used now
	before := peak_memory();
	processor_before := processor_time();
	EXECUTE 'EXPLAIN (ANALYZE, TIMING OFF, FORMAT JSON) ' || query INTO plan;
	processor_ms := processor_time() - processor_before;
	grown := peak_memory() - before;
	ms := plan_maximum(plan, 'Execution Time');
	kilobytes := plan_maximum(plan, 'Peak Memory Usage');
	node := concat_ws(' ', plan #>> '{0,Plan,Strategy}', plan #>> '{0,Plan,Node Type}',
		'over ' || (plan #>> '{0,Plan,Plans,0,Node Type}'));
END $$;

-- Everything that is measured: the benchmark's one table.  The note is the
-- plan's upper nodes, or in part "run" what the figures depend on.
CREATE TABLE result (part text, what text, contender text, round integer, ms numeric, processor_ms numeric, kilobytes numeric, grown numeric, note text);

-- Contenders take turns, and turns at going first, so that what else the machine
-- does, and what a query leaves to the next, meets all of them.
-- In loops: a join would measure each of them once and repeat the figure.
CREATE PROCEDURE compete(part text, what text, queries jsonb, rounds integer) LANGUAGE plpgsql AS $$
DECLARE
	contender text;
	query text;
BEGIN
	FOR round IN 1 .. rounds LOOP
		FOR contender, query IN SELECT * FROM jsonb_each_text(queries) AS each (key, value)
			ORDER BY row_number() OVER (ORDER BY key) * (1 - round % 2 * 2)
		LOOP
			INSERT INTO result SELECT part, what, contender, round, m.ms, m.processor_ms, m.kilobytes, m.grown, m.node FROM measure(query) AS m;
		END LOOP;
	END LOOP;
END $$;

-- visit_history against the built-in aggregates: the same table, the same
-- plan, taking turns.  Before, the plan is run once unmeasured, so that what
-- is read lies where it will.
CREATE PROCEDURE compare(part text, what text, source regclass, rounds integer) LANGUAGE plpgsql AS $$
BEGIN
	-- Reads what they all read; counting alone would leave out what an index does not hold.
	PERFORM measure(format('SELECT customer_id, max(amount) FROM %s GROUP BY customer_id', source));
	CALL compete(part, what, jsonb_build_object(
		'built in', format('SELECT customer_id, count(*), min(day), max(day), sum(amount) FROM %s GROUP BY customer_id', source),
		'ours', format('SELECT customer_id, visit_history(day, amount) FROM %s GROUP BY customer_id', source)), rounds);
END $$;

INSERT INTO result (part, what, note)
SELECT 'run', what, value::text FROM (SELECT count(*), count(DISTINCT customer_id) FROM by_customer) AS size (orders, customers),
LATERAL (VALUES ('orders', orders), ('customers', customers)) AS fact (what, value);
