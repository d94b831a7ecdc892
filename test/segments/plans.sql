-- plans.sql
--	  The same bits from every plan: everything that is learned, learned serially,
--	  in parallel, partitionwise and from shuffled rows, also as text and binary
--	  states would travel.  Runs after segments.sql.

SET search_path = actual, crm, oracle;

CREATE TABLE shuffled AS SELECT * FROM history ORDER BY md5(customer_id);
CREATE TABLE parted (LIKE history) PARTITION BY HASH (customer_id);
CREATE TABLE parted_0 PARTITION OF parted FOR VALUES WITH (MODULUS 3, REMAINDER 0);
CREATE TABLE parted_1 PARTITION OF parted FOR VALUES WITH (MODULUS 3, REMAINDER 1);
CREATE TABLE parted_2 PARTITION OF parted FOR VALUES WITH (MODULUS 3, REMAINDER 2);
INSERT INTO parted SELECT * FROM history;
ANALYZE history, shuffled, parted;

CREATE TEMP TABLE learned (plan text, partial boolean, everything text);

-- One text of all that is learned from a table, and whether its plan had partial aggregates.
CREATE FUNCTION learn(plan text, tab regclass) RETURNS void LANGUAGE plpgsql AS
$$
DECLARE
    as_of date := (SELECT max(d.as_of) FROM oracle.days d);
    query text := format('SELECT concat_ws(E''\n'', latency_norms(h, %1$L), rfm_scheme(h, %1$L), rfm_scheme(h, %1$L, 3),
            value_tiers(h, %1$L, ''{0.01, 0.05, 0.2}''), member_scheme(h, %1$L),
            cohort_retention(h, ''month'', %1$L), cohort_retention(h, 30, %1$L),
            repeat_rate(h), repeat_revenue_share(h), revenue_share(h, 0.2),
            customer_retention(h, daterange(NULL, %2$L), daterange(%2$L, NULL)),
            revenue_retention(h, daterange(NULL, %2$L), daterange(%2$L, NULL)),
            net_revenue_retention(h, daterange(NULL, %2$L), daterange(%2$L, NULL))) FROM %3$s', as_of, as_of - 90, tab);
    step text;
    partial boolean := false;
    everything text;
BEGIN
    FOR step IN EXECUTE 'EXPLAIN ' || query LOOP
        partial := partial OR step ~ 'Partial';
    END LOOP;
    EXECUTE query INTO everything;
    INSERT INTO learned VALUES (plan, partial, everything);
END
$$;

SET max_parallel_workers_per_gather = 0;
SELECT learn('serial', 'history') \g /dev/null
SELECT learn('shuffled', 'shuffled') \g /dev/null
SET enable_partitionwise_aggregate = on;
SELECT learn('partitionwise', 'parted') \g /dev/null
SET max_parallel_workers_per_gather = 2;
SET parallel_setup_cost = 0;
SET parallel_tuple_cost = 0;
SET min_parallel_table_scan_size = 0;
SELECT learn('parallel', 'shuffled') \g /dev/null
SELECT learn('parallel and partitionwise', 'parted') \g /dev/null
RESET max_parallel_workers_per_gather;
RESET enable_partitionwise_aggregate;
RESET parallel_setup_cost;
RESET parallel_tuple_cost;
RESET min_parallel_table_scan_size;

SELECT format('%sok - %s, the same from the plan: %s (%s of partial aggregates)',
              CASE WHEN learned.everything = serial.everything AND (learned.partial OR learned.plan !~ 'parallel|partition' OR (SELECT count(*) FROM history) < 100)
                   THEN '' ELSE 'not ' END,
              current_setting('oracle.title'), learned.plan, CASE WHEN learned.partial THEN 'made' ELSE 'not made' END)
FROM learned, learned serial
WHERE serial.plan = 'serial' AND learned.plan <> 'serial';

-- What is printed can be read again, and is the same value; so is what is sent.
CREATE TEMP TABLE stored AS
SELECT scheme, tiers, members, cohort
FROM (SELECT rfm_scheme(h, as_of) AS scheme, value_tiers(h, as_of, '{0.01, 0.05, 0.2}') AS tiers,
             member_scheme(h, as_of) AS members, cohort_retention(h, 'week', as_of) AS cohort
      FROM history, days GROUP BY as_of) learned;
SELECT format('%sok - %s, references survive text', CASE WHEN bool_and(same) THEN '' ELSE 'not ' END, current_setting('oracle.title'))
FROM (SELECT scheme::text::rfm_scheme IS NOT DISTINCT FROM scheme AND tiers::text::value_tiers IS NOT DISTINCT FROM tiers
          AND members::text::member_scheme IS NOT DISTINCT FROM members
          AND cohort::text::cohort_retention IS NOT DISTINCT FROM cohort AS same
      FROM stored) s;
CREATE TEMP TABLE received (LIKE stored);
\copy stored TO PROGRAM 'cat >"$CRM_SCRATCH"' (FORMAT binary)
\copy received FROM PROGRAM 'cat "$CRM_SCRATCH"' (FORMAT binary)
SELECT format('%sok - %s, references survive binary', CASE WHEN count(*) = 0 THEN '' ELSE 'not ' END, current_setting('oracle.title'))
FROM ((SELECT scheme, tiers, members, cohort FROM stored) EXCEPT (SELECT scheme, tiers, members, cohort FROM received)) d;
