-- quantile_score: NTILE that never gives equal values different scores.

-- Ten customers, most of whom bought once. NTILE calls one of them a 1,
-- another a 4; quantile_score calls all of them 1.
CREATE TEMP TABLE customers (id integer, orders integer, spend numeric);
INSERT INTO customers VALUES
  (1, 1, 10), (2, 1, 20), (3, 1, 30), (4, 1, 40), (5, 1, 50), (6, 1, 60),
  (7, 1, 70), (8, 2, 80), (9, 3, 90), (10, 9, NULL);
SELECT id, orders,
       ntile(5) OVER (ORDER BY orders, id) AS ntile,
       quantile_score(5) OVER (ORDER BY orders)
FROM customers
ORDER BY id;

-- Without ties the buckets have equal sizes, or differ by one.
SELECT score, count(*), min(spend), max(spend)
FROM (SELECT spend, quantile_score(4) OVER (ORDER BY spend) AS score
      FROM customers WHERE spend IS NOT NULL) s
GROUP BY score
ORDER BY score;

-- NULLs rank as the ORDER BY puts them: by default last, which is best.
SELECT id, spend,
       quantile_score(5) OVER (ORDER BY spend) AS nulls_last,
       quantile_score(5) OVER (ORDER BY spend NULLS FIRST) AS nulls_first,
       quantile_score(5) OVER (ORDER BY spend DESC NULLS LAST) AS descending
FROM customers
WHERE id IN (1, 2, 3, 9, 10)
ORDER BY id;

-- Groups are scored apart; the window's frame changes nothing; one bucket
-- tells nobody apart, as do no ORDER BY and no second row.
SELECT id,
       quantile_score(2) OVER (PARTITION BY orders > 1 ORDER BY spend) AS in_group,
       quantile_score(3) OVER (ORDER BY id ROWS BETWEEN CURRENT ROW AND CURRENT ROW) AS in_frame,
       quantile_score(1) OVER (ORDER BY id) AS one_bucket,
       quantile_score(5) OVER () AS unordered,
       quantile_score(5) OVER (PARTITION BY id ORDER BY spend) AS alone
FROM customers
ORDER BY id;
SELECT quantile_score(5) OVER (ORDER BY id) FROM customers WHERE false;
-- More buckets than rows: the scores spread out.
SELECT array_agg(score) FROM (SELECT quantile_score(1000000) OVER (ORDER BY id) AS score FROM customers) s;

-- Bounds.
SELECT quantile_score(0) OVER (ORDER BY id) FROM customers;
SELECT quantile_score(-3) OVER (ORDER BY id) FROM customers;
SELECT quantile_score(1000001) OVER (ORDER BY id) FROM customers;
SELECT DISTINCT quantile_score(NULL) OVER (ORDER BY id) FROM customers;
SELECT quantile_score(5);

-- The definition, 1 + #{j : ceil(jN/k) <= rank - 1}, for all sizes of groups
-- up to 40, all numbers of buckets up to 12, and values spread from all equal
-- to hardly any equal.
CREATE TEMP TABLE samples AS
SELECT n, k, spread, abs(hashint4(i * 100 + n)) % (n * spread / 4 + 1) AS value
FROM generate_series(1, 40) n, generate_series(1, 12) k,
     unnest('{0,1,2,4,20,1000}'::integer[]) spread, generate_series(1, n) i;

CREATE TEMP TABLE scored AS
SELECT *, quantile_score(k) OVER (PARTITION BY n, k, spread ORDER BY value) AS score,
       rank() OVER (PARTITION BY n, k, spread ORDER BY value) AS rank
FROM samples;

SELECT count(*) AS rows, count(DISTINCT (n, k, spread)) AS groups,
       count(*) FILTER (WHERE score <> 1 + (SELECT count(*) FROM generate_series(1, k - 1) j
                                            WHERE (j * n + k - 1) / k <= rank - 1)) AS wrong
FROM scored;

-- The same by cut points: 1 + the number of percentile_disc(j/k) below the value.
CREATE TEMP TABLE cuts AS
SELECT n, k, spread, percentile_disc(fractions) WITHIN GROUP (ORDER BY value) AS cut
FROM samples,
     LATERAL (SELECT array_agg(j::float8 / k) AS fractions FROM generate_series(1, k - 1) j) f
WHERE k > 1
GROUP BY n, k, spread, fractions;

SELECT count(*) AS rows,
       count(*) FILTER (WHERE score <> 1 + (SELECT count(*) FROM unnest(cut) c WHERE c < value)) AS wrong
FROM scored JOIN cuts USING (n, k, spread);

-- Equal values, equal scores; higher values, no lower scores.
SELECT count(*) FILTER (WHERE score <> first_peer) AS split,
       count(*) FILTER (WHERE score < previous) AS falling
FROM (SELECT score,
             first_value(score) OVER (PARTITION BY n, k, spread, value) AS first_peer,
             lag(score, 1, 1) OVER (PARTITION BY n, k, spread ORDER BY value) AS previous
      FROM scored) s;
