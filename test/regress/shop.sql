-- shop.sql -- what the regression tests of the models share.
--
-- digits(): a figure to so many significant digits, for a result that the last
-- bit of a mathematical library may change.
CREATE FUNCTION digits(figure double precision, n integer DEFAULT 9) RETURNS numeric LANGUAGE sql IMMUTABLE AS $$
	SELECT CASE WHEN figure = 0 THEN 0 ELSE round(figure::numeric, n - 1 - floor(log(abs(figure)))::integer) END
$$;
CREATE FUNCTION digits(figures double precision[], n integer DEFAULT 9) RETURNS numeric[] LANGUAGE sql IMMUTABLE AS $$
	SELECT array_agg(digits(f, n) ORDER BY i) FROM unnest(figures) WITH ORDINALITY u(f, i)
$$;

-- customer(): x repeat visits that end `recency` days after the first, on
-- 2024-01-01; the visits between are a day apart.
CREATE FUNCTION customer(x integer, recency integer) RETURNS visit_history LANGUAGE sql IMMUTABLE AS $$
	SELECT visit_history(date '2024-01-01' + CASE WHEN i = x THEN recency ELSE i END) FROM generate_series(0, x) i
$$;

-- A shop whose truth is known, the same on every platform: customers come first
-- in 2023, their gaps have k = 3 stages of rate Gamma(2, 20 days), after each
-- visit they leave with a probability that is uniform, Beta(1, 1).  So it is
-- mbgcnbd with (2, 20, 1, 1, 3), watched to 2024-12-31.  An exponential variate
-- is one of 128 quantiles, in thousandths, picked by a hash.
CREATE TABLE shop AS
WITH exponential AS MATERIALIZED (
	SELECT array_agg(round(-1000 * ln((127.5 - i) / 128))::integer ORDER BY i) AS quantile FROM generate_series(0, 127) i
), customer AS MATERIALIZED (
	SELECT c, date '2023-01-01' + (hashint8extended(c, 1) & 65535)::integer % 365 AS first,
	       quantile[1 + (hashint8extended(c, 2) & 127)] + quantile[1 + (hashint8extended(c, 3) & 127)] AS rate,
	       hashint8extended(c, 4) & 65535 AS leaves
	FROM exponential, generate_series(1, 1500) c
), gap AS MATERIALIZED (
	SELECT c, n, greatest(1, 20 * (quantile[1 + (hashint8extended(key, 5) & 127)] + quantile[1 + (hashint8extended(key, 6) & 127)]
	                               + quantile[1 + (hashint8extended(key, 7) & 127)]) / rate) AS days,
	       bool_or(hashint8extended(key, 8) & 65535 < leaves) OVER (PARTITION BY c ORDER BY n) AS gone
	FROM exponential, customer, generate_series(1, 100) n, LATERAL (SELECT 100::bigint * c + n) k(key)
), visit AS (
	SELECT c, first + sum(days) OVER (PARTITION BY c ORDER BY n)::integer AS day FROM gap JOIN customer USING (c) WHERE NOT gone
	UNION ALL
	SELECT c, first FROM customer
)
SELECT c AS customer, visit_history(day, 5 + (hashint8extended(c, 9) & 31) + (hashint8extended(100000 * c + number, 10) & 7)) AS h
FROM visit, LATERAL (SELECT day - date '2000-01-01') d(number) WHERE day <= '2024-12-31' GROUP BY c;
