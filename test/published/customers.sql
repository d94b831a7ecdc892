-- Single customers under published parameters.  Tables are in weeks: their
-- fractions are whole days.
SET search_path = published, crm, public;

CREATE FUNCTION pg_temp.day(days integer) RETURNS date LANGUAGE sql IMMUTABLE AS $$ SELECT date '2000-01-01' + days $$;

CREATE TEMP TABLE model AS
SELECT btyd_model('bgnbd', ARRAY[.2425945, 7 * 4.413602, .7929220, 2.425907]) AS bg,
       btyd_model('paretonbd', ARRAY[.5534, 7 * 10.5802, .6061, 7 * 11.6562]) AS pareto,
       btyd_model('paretonbd', ARRAY[.55, 7 * 10.56, .61, 7 * 11.64]) AS pareto_new,
       spend_model(1, 2, 1) AS one;	-- who brought no money is expected to spend 1

SELECT compared('BG/NBD, E[Y(39 weeks)] of x 2, t_x 30.43, T 38.86',
	ARRAY[expected_visits(customer(2, 213), bg, pg_temp.day(272), 273)], '1.226') FROM model;
SELECT compared('BG/NBD, E[X(t)] of a new customer, t .1429 1 3 31.8571 32 weeks',
	ARRAY(SELECT expected_visits(bg, days) FROM unnest(ARRAY[1, 7, 21, 223, 224]) days), '.0078 .0532 .1506 1.0405 1.0437') FROM model;
SELECT compared('BG/NBD, x 26, t_x 30.857, T 31: visits in 52 weeks, P(alive)',
	ARRAY[expected_visits(h, bg, pg_temp.day(217), 364), p_alive(h, bg, pg_temp.day(217))], '25.757 .96885')
	FROM model, customer(26, 216) h;
SELECT ok(bool_and(p_alive(customer(0, 0), bg, pg_temp.day(days)) = 1), 'BG/NBD, who came once is alive, however long ago')
	FROM model, unnest(ARRAY[0, 1, 100, 10000]) days;

SELECT compared('Pareto/NBD, x 26, t_x 30.86, T 31: visits in 52 weeks, P(alive)',
	ARRAY[expected_visits(h, pareto, pg_temp.day(217), 364), p_alive(h, pareto, pg_temp.day(217))], '25.45 .9979')
	FROM model, customer(26, 216) h;
SELECT compared('Pareto/NBD, P(alive) of x 0, T 39',
	ARRAY[p_alive(customer(0, 0), pareto, pg_temp.day(273))], '.2941422') FROM model;
SELECT compared('Pareto/NBD, E[X(t)] of a new customer, t 1 to 9 weeks',
	ARRAY(SELECT expected_visits(pareto_new, 7 * week) FROM generate_series(1, 9) week),
	'.05077821 .09916088 .14542507 .18979930 .23247466 .27361274 .31335159 .35181024 .38909211') FROM model;

-- DERT: the endless clv of somebody who spends 1 a visit.  A continuous rate of
-- .0027 a week is e^(.0027 * 365 / 7) - 1 a year.
SELECT compared('Pareto/NBD, discounted expected residual transactions, T 39',
	ARRAY(SELECT clv(customer(x, 7 * t_x), pareto, one, pg_temp.day(273), NULL, exp(.0027 * 365 / 7) - 1)
		  FROM (VALUES (1, 0, 0), (2, 1, 30), (3, 2, 30), (4, 7, 30), (5, 7, 38), (6, 14, 38)) c(n, x, t_x) ORDER BY n),
	'.474672 3.945506 6.390601 16.961092 21.740389 41.846192') FROM model;

-- Frequent customers, at whom implementations have overflowed.
CREATE TEMP TABLE frequent (x integer, t_x integer, t integer);
INSERT INTO frequent VALUES (221, 724, 725), (254, 680, 681), (161, 663, 686), (204, 690, 696);
SELECT ok(p_alive(h, m, as_of) BETWEEN 0.5 AND 1 AND expected_visits(h, m, as_of, 364) BETWEEN 1 AND 364
          AND visit_probability(h, m, as_of) BETWEEN 0.5 AND 1 AND expected_next_visit(h, m, as_of) > as_of
          AND clv(h, m, one, as_of, NULL) BETWEEN 1 AND 1e6,
          format('Pareto/NBD is finite at x %s, t_x %s, T %s: P(alive) %s, %s visits a year', x, t_x, t,
                 round(p_alive(h, m, as_of)::numeric, 4), round(expected_visits(h, m, as_of, 365)::numeric, 1)))
FROM model, frequent, customer(x, t_x) h, pg_temp.day(t) as_of, btyd_model('paretonbd', ARRAY[.5143, 7 * 2.8845, .2856, 7 * 14.1087]) m;

SELECT compared('retention_clv at 80 % and at 90 %',
	ARRAY[retention_clv('{5000, 10000, 15000, 10000}', 0.80), retention_clv('{5000, 10000, 15000, 10000}', 0.90)], '48200.0000 99050.0000');
