-- Member segments: seven, in order of precedence, by thresholds that are learned.

-- Thresholds by hand. An average is money / visits.
CREATE TEMP TABLE scheme AS
SELECT '{spend in year p15 50, p50 200, p85 500, visits in year p50 3, p85 8, visit value in year p50 100/3, visit value in half-year p85 80}'::member_scheme AS scheme;
SELECT * FROM scheme;

CREATE FUNCTION pg_temp.visits(first date, gap integer, n integer, amount numeric) RETURNS visit_history LANGUAGE sql AS
$$ SELECT visit_history(first + gap * v, amount) FROM generate_series(0, n - 1) v $$;

SELECT who, member_segments(h, scheme, '2024-12-31'), member_segment(h, scheme, '2024-12-31')
FROM scheme, (VALUES
	(1, 'last visit 183 days ago: the half-year has 183 days', '{2024-07-01: 40}'::visit_history),
	(2, 'last visit 182 days ago', '{2024-07-02: 40}'),
	(3, 'weekly until ten weeks ago', pg_temp.visits('2024-01-01', 7, 43, 1)),
	(4, 'spends more than 500 in the year', pg_temp.visits('2024-07-15', 42, 4, 126)),
	(5, 'spends 500 in the year', pg_temp.visits('2024-07-15', 42, 4, 125)),
	(6, 'every 30 days, 201 in the year', pg_temp.visits('2024-06-04', 30, 7, 30)),
	(7, 'one expensive visit', '{2024-12-01: 81}'),
	(8, 'nine small visits', pg_temp.visits('2024-01-01', 45, 9, 10)),
	(9, 'two small visits for long', '{2024-02-01: 10, 2024-12-01: 10}'),
	(10, 'the same, but a newcomer', '{2024-11-01: 10, 2024-12-01: 10}'),
	(11, 'an ordinary customer', '{2024-09-01: 40, 2024-12-01: 40}'),
	(12, 'an average on the median is not below it', '{2024-02-01: 20, 2024-03-01: 40, 2024-12-01: 40}'),
	(13, 'no money', '{2024-12-01}'),
	(14, 'everything later', '{2025-01-01: 1000}'),
	(15, 'nothing at all', '{}')) v(n, who, h) ORDER BY n;

-- Learned from a population: as percentile_disc says.
CREATE TEMP TABLE customers AS
SELECT id, h FROM (SELECT n AS id, pg_temp.visits('2024-02-01', 10 + n, 1 + n % 7, 7 + n) AS h FROM generate_series(1, 40) n) c;
SELECT member_scheme(h, '2024-12-31') FROM customers;
SELECT percentile_disc('{0.15, 0.5, 0.85}'::float8[]) WITHIN GROUP (ORDER BY total_spend(year)) AS spend,
       percentile_disc('{0.5, 0.85}'::float8[]) WITHIN GROUP (ORDER BY visit_count(year)) AS visits,
       percentile_disc(0.5) WITHIN GROUP (ORDER BY average_visit_value(year)) AS ticket
FROM (SELECT between_days(h, '2024-01-02', '2024-12-31') AS year FROM customers) y;

-- What nobody had is left out; what is not known does not apply.
SELECT member_scheme(h, '2024-12-31') AS no_money FROM (VALUES ('{2024-12-01}'::visit_history), ('{2024-11-01}')) v(h);
SELECT member_scheme(h, '2024-12-31') AS nobody_this_year, member_segment('{2024-12-01: 9}', member_scheme(h, '2024-12-31'), '2024-12-31')
FROM (VALUES ('{2020-12-01: 5}'::visit_history)) v(h);
SELECT member_scheme(h, '2024-12-31') AS one FROM (VALUES ('{2024-02-01: 10, 2024-12-01: 15}'::visit_history)) v(h);
SELECT member_scheme(h, '2024-12-31') IS NULL AS nobody FROM (VALUES (NULL::visit_history), ('{}'), ('{2025-01-01: 1}')) v(h);

-- Text, JSON, equality, errors.
SELECT scheme::text::member_scheme = scheme AS same, jsonb_pretty(scheme::jsonb) FROM scheme;
SELECT '{visit value in half-year p85 24/6}'::member_scheme, '{}'::member_scheme;
SELECT '{spend in year p15 50, p50 200}'::member_scheme;
SELECT '{spend in year p15 50, p50 20, p85 500}'::member_scheme;
SELECT '{visits in year p50 0, p85 1}'::member_scheme;
SELECT '{visit value in year p50 1/0}'::member_scheme;
SELECT '{visits in year p50 3, p85 8, spend in year p15 1, p50 2, p85 3}'::member_scheme;
SELECT member_scheme(h, NULL) FROM customers;
SELECT member_scheme(h, '2024-12-31'::date - id % 2) FROM customers;
