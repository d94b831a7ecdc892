-- Money is exact, or refused: never rounded.

-- The fast reader of numeric against the server's own arithmetic: magnitudes
-- from 10^-9 to 10^17, one to nine significant digits, both signs, declared
-- scales from none to 30.
CREATE TEMP TABLE numbers AS
SELECT (s * (m * power(10::numeric, e)))::numeric AS x
FROM generate_series(-9, 9) e,
     unnest(ARRAY[0, 1, 2, 9, 10, 99, 100, 1000, 1001, 9999, 10000, 10001, 12345, 99999999, 100000001, 123456789]) m,
     unnest(ARRAY[1, -1]) s;
INSERT INTO numbers SELECT x + 0.1 FROM numbers WHERE abs(x) BETWEEN 1 AND 1e16;
INSERT INTO numbers SELECT round(x, d) FROM numbers, unnest(ARRAY[0, 1, 2, 3, 4, 5, 9]) d WHERE abs(x) < 1e9;
INSERT INTO numbers SELECT x::numeric(60, 30) FROM numbers WHERE abs(x) < 1e17;
SELECT count(*) > 10000 AS many,
       count(*) FILTER (WHERE total_spend(visit_history_final(visit_history_accum(NULL, date '2024-01-01', x))) IS DISTINCT FROM x) AS wrong
FROM numbers;
-- In pairs, where scales meet and carry.
SELECT count(*) AS pairs, count(*) FILTER (WHERE total_spend(h) IS DISTINCT FROM a + b) AS wrong
FROM (SELECT a.x, b.x, visit_history_final(visit_history_accum(visit_history_accum(NULL, date '2024-01-01', a.x), date '2024-01-02', b.x))
	  FROM (SELECT DISTINCT x FROM numbers WHERE abs(x) < 1e9 AND scale(trim_scale(x)) <= 6) a, (VALUES (0.000001), (-0.5), (12.34), (999999999), (-1000000)) b(x)) p(a, b, h);

-- A declared scale that the values do not need costs nothing.
SELECT total_spend(visit_history(d, a::numeric(38, 18))) FROM (VALUES (date '2024-01-01', 19.99), ('2024-01-02', 123456789012345.67)) v(d, a);

-- 18 digits, and one more.
SELECT total_spend(visit_history(d, a)) FROM (VALUES (date '2024-01-01', 999999999999999999)) v(d, a);
SELECT total_spend(visit_history(d, a)) FROM (VALUES (date '2024-01-01', -999999999999999999), ('2024-01-02', 999999999999999999)) v(d, a);
SELECT total_spend(visit_history(d, a)) FROM (VALUES (date '2024-01-01', 9999999999999999.99)) v(d, a);
SELECT total_spend(visit_history(d, a)) FROM (VALUES (date '2024-01-01', 0.000000000000000001)) v(d, a);
SELECT visit_history(d, a) FROM (VALUES (date '2024-01-01', 1000000000000000000)) v(d, a);
SELECT visit_history(d, a) FROM (VALUES (date '2024-01-01', 1234567890123456.789)) v(d, a);
SELECT visit_history(d, a) FROM (VALUES (date '2024-01-01', 1000000000000000000::bigint)) v(d, a);
SELECT visit_history(d, a) FROM (VALUES (date '2024-01-01', 1e18::float8)) v(d, a);
-- Far beyond 64 bits; and 18 digits that leave no room for cents.
SELECT visit_history(d, a) FROM (VALUES (date '2024-01-01', 18446744073709563961.5)) v(d, a);
SELECT visit_history(d, a) FROM (VALUES (date '2024-01-01', -36893488147419103245.1)) v(d, a);
SELECT count(*) AS amounts, count(*) FILTER (WHERE total_spend(visit_history_final(visit_history_accum(NULL, date '2024-01-01', a))) IS DISTINCT FROM a) AS wrong
FROM (SELECT (s * trunc(123456789012345678 / power(10::numeric, 18 - digits)) / power(10::numeric, decimals)) FROM generate_series(1, 18) digits, generate_series(0, 20) decimals, unnest(ARRAY[1, -1]) s) x(a);
-- What counts is what the amounts need, in any order of the rows.
SELECT order_by, total_spend(h), h FROM (
	SELECT 'up', visit_history(d, a ORDER BY a) FROM (VALUES (date '2024-01-01', 1), ('2024-01-02', 12345678901234567.5)) v(d, a) UNION ALL
	SELECT 'down', visit_history(d, a ORDER BY -a) FROM (VALUES (date '2024-01-01', 1), ('2024-01-02', 12345678901234567.5)) v(d, a) UNION ALL
	SELECT 'days', visit_history(d, a) FROM (VALUES (date '2024-01-01', 9000000000000000.0), ('2024-01-02', 9000000000000000)) v(d, a) UNION ALL
	SELECT 'day', visit_history(d, a) FROM (VALUES (date '2024-01-01', 9000000000000000.0), ('2024-01-01', 9000000000000000)) v(d, a)) x(order_by, h);
-- The total of two days, of one day, and scales that cannot meet.
SELECT visit_history(d, a) FROM (VALUES (date '2024-01-01', 999999999999999999), ('2024-01-02', 1)) v(d, a);
SELECT visit_history(d, a) FROM (VALUES (date '2024-01-01', 999999999999999999), ('2024-01-01', 1)) v(d, a);
SELECT visit_history(d, a) FROM (VALUES (date '2024-01-01', 100000000000000000), ('2024-01-02', 0.01)) v(d, a);
SELECT visit_history(d, a) FROM (VALUES (date '2024-01-01', 0.01), ('2024-01-02', 100000000000000000)) v(d, a);
-- A day may pass the bound on the way, in any order of its rows.
SELECT total_spend(visit_history(d, a ORDER BY n)) AS one_way, total_spend(visit_history(d, a ORDER BY -n)) AS the_other
FROM (VALUES (1, date '2024-01-01', 999999999999999999), (2, '2024-01-01', 999999999999999999), (3, '2024-01-01', -999999999999999999)) v(n, d, a);
SELECT spend_between(h, '2024-01-01', '2024-01-02') FROM (SELECT visit_history(d, a)
	FROM (VALUES (date '2024-01-01', 999999999999999999), ('2024-01-02', 999999999999999999), ('2024-01-03', -999999999999999999)) v(d, a)) x(h);

-- No number at all.
SELECT visit_history(d, a) FROM (VALUES (date '2024-01-01', 'NaN'::numeric)) v(d, a);
SELECT visit_history(d, a) FROM (VALUES (date '2024-01-01', 'infinity'::numeric)) v(d, a);
SELECT visit_history(d, a) FROM (VALUES (date '2024-01-01', '-infinity'::numeric)) v(d, a);
SELECT visit_history(d, a) FROM (VALUES (date '2024-01-01', 'NaN'::float8)) v(d, a);
SELECT visit_history(d, a) FROM (VALUES (date '2024-01-01', '-infinity'::float8)) v(d, a);

-- double precision is rounded to 6 decimals, as round(x::numeric, 6) does it.
SELECT total_spend(visit_history(d, a)) FROM (VALUES (date '2024-01-01', 0.1::float8), ('2024-01-02', 0.2)) v(d, a);
CREATE TEMP TABLE doubles AS
SELECT (s * m * power(10::float8, e))::float8 AS x
FROM generate_series(-8, 11) e, unnest(ARRAY[1, 1.5, 2.0000005, 3.1415926535, 9.9999995, 4.35, 1.005, 8.0000015, 1.23456789012345]) m, unnest(ARRAY[1, -1]) s;
INSERT INTO doubles SELECT random() * 1000 FROM generate_series(1, 20000);
INSERT INTO doubles SELECT round(random() * 2000000000) / 2000000 FROM generate_series(1, 20000);
SELECT count(*) AS doubles, count(*) FILTER (WHERE total_spend(visit_history_final(visit_history_accum(NULL, date '2024-01-01', x))) IS DISTINCT FROM round(x::numeric, 6)) AS wrong
FROM doubles;

-- More than 2,147,483,647 orders of one customer.
SELECT order_count('{2024-01-01: 1 in 2147483647 orders}');
SELECT '{2024-01-01: 1 in 2147483647 orders, 2024-01-02}'::visit_history;
