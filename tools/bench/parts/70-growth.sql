-- Growth: what a row costs as tables grow, and what a visit costs as one
-- customer's history does.  Straight lines are flat here.
CREATE PROCEDURE grow_table(orders bigint, rounds integer) LANGUAGE plpgsql AS $$
BEGIN
	EXECUTE format('CREATE UNLOGGED TABLE growing AS SELECT * FROM shuffled WHERE customer_id <= %s', (SELECT max(customer_id) FROM histories) * orders / (SELECT count(*) FROM by_customer));
	ANALYZE growing;
	CALL compete('growth, rows', orders::text, '{"ours": "SELECT customer_id, visit_history(day, amount) FROM growing GROUP BY customer_id",
		"built in": "SELECT customer_id, count(*), min(day), max(day), sum(amount) FROM growing GROUP BY customer_id"}', rounds);
	DROP TABLE growing;
END $$;
\echo 'Measuring: growth …'
SELECT format('CALL grow_table(%s, %s)', least(n, (SELECT count(*) FROM by_customer)), :rounds)
FROM unnest('{100000, 300000, 1000000, 3000000, 10000000, 30000000, 100000000}'::bigint[]) AS n
WHERE n <= (SELECT count(*) * 1.2 FROM by_customer) \gexec

-- One customer with so many visits: made so often that about a million rows are read.
CREATE PROCEDURE grow_customer(visits integer, customers integer, rounds integer) LANGUAGE plpgsql AS $$
BEGIN
	EXECUTE format('CREATE UNLOGGED TABLE ordered AS SELECT c AS customer_id, date ''1700-01-01'' + v AS day, (v %% 10000) / 100.0 AS amount
		FROM generate_series(1, %s) AS c, generate_series(1, %s) AS v', customers, visits);
	CREATE UNLOGGED TABLE mixed AS SELECT * FROM ordered ORDER BY hashint8(hashint4(day - date '1700-01-01') # hashint4(customer_id));
	CREATE UNLOGGED TABLE stored AS SELECT customer_id, visit_history(day, amount) AS h FROM ordered GROUP BY customer_id;
	ANALYZE ordered, mixed, stored;
	CALL compete('growth, visits', visits::text, '{"in order": "SELECT customer_id, visit_history(day, amount) FROM ordered GROUP BY customer_id",
		"in random order": "SELECT customer_id, visit_history(day, amount) FROM mixed GROUP BY customer_id",
		"built in": "SELECT customer_id, count(*), min(day), max(day), sum(amount) FROM mixed GROUP BY customer_id",
		"latency of stored histories": "SELECT latency(h), total_spend(h) FROM stored"}', rounds);
	DROP TABLE ordered, mixed, stored;
END $$;
SELECT format('CALL grow_customer(%s, %s, %s)', n, greatest(1, 1000000 / n), :rounds) FROM unnest('{1, 10, 100, 1000, 10000, 100000}'::int[]) AS n \gexec

\echo 'Nanoseconds a row, as tables grow (ten orders a customer):'
SELECT what::bigint AS orders, round(min(ms) FILTER (WHERE contender = 'ours') * 1000000 / what::bigint) AS ours,
	round(min(ms) FILTER (WHERE contender = 'built in') * 1000000 / what::bigint) AS built_in
FROM result WHERE part = 'growth, rows' GROUP BY what ORDER BY 1;

\echo 'Nanoseconds a visit, as the visits of one customer grow:'
SELECT what::int AS visits, contender, round(min(ms) * 1000000 / (what::int * greatest(1, 1000000 / what::int)), 1) AS nanoseconds
FROM result WHERE part = 'growth, visits' GROUP BY what, contender ORDER BY contender, 1 \crosstabview visits contender nanoseconds
