-- Growth: what a visit costs as one customer's history grows; customers of one
-- length, as many as it takes for about a million rows.
CREATE PROCEDURE grow_customer(visits integer, rounds integer) LANGUAGE plpgsql AS $$
DECLARE
	customers integer := greatest(1, 1000000 / visits);
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
\echo 'Measuring: growth of a history …'
SELECT format('CALL grow_customer(%s, %s)', n, :rounds) FROM unnest('{1, 10, 100, 1000, 10000, 100000}'::integer[]) AS n \gexec
