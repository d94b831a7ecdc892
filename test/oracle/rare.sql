-- rare.sql
--	  Fifty thousand customers of whom four come back after 300 days, one a day,
--	  and a few who have been silent for 300 days.  What is left of the curve is
--	  so small that subtracting two values of it loses the digits that decide
--	  which of the four days is the median, and which are the quartiles.

INSERT INTO oracle.transactions (customer_id, ordered_at)
SELECT 'customer ' || c, '2024-01-01'::date + days::integer
FROM (SELECT c, CASE WHEN c <= 4 THEN 300 + c
                     WHEN c % 2 = 0 THEN 1 + (c * 7919 / 2) % 100 END AS gap
      FROM generate_series(1, 50021) c) customer,
unnest(ARRAY[0, gap]) AS days
UNION ALL
SELECT 'silent ' || c, '2025-06-30'::date - 300
FROM generate_series(1, 5) c;
