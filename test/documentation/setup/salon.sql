-- A salon whose customers quicken up to the fourth visit and slow down after it: mean
-- gaps of 90, 60, 30, 60, 90, 120 and 180 days; one customer in eight stops after any visit.
CREATE TABLE appointments AS
WITH gaps AS (
	SELECT customer_id, visit_no,
	       ((0.7 + 0.6 * draw('rhythm', customer_id)) * (0.7 + 0.6 * draw('gap ' || visit_no, customer_id)) * days)::integer AS gap,
	       bool_and(visit_no = 1 OR draw('stays ' || visit_no, customer_id) < 0.875) OVER (PARTITION BY customer_id ORDER BY visit_no) AS stays
	FROM generate_series(1::bigint, 600) AS customer_id,
	     unnest('{0, 90, 60, 30, 60, 90, 120, 180}'::integer[]) WITH ORDINALITY AS steps(days, visit_no)
)
SELECT customer_id, visit_no::integer, date '2023-01-01' + floor(730 * draw('first', customer_id))::integer
       + sum(gap) OVER (PARTITION BY customer_id ORDER BY visit_no)::integer AS day
FROM gaps WHERE stays;
DELETE FROM appointments WHERE day > '2024-12-31';
ALTER TABLE appointments DROP visit_no;
