-- One product for each customer of the simulation, bought in ones, twos and
-- threes: the gap after two units is twice as long as the simulated one.
CREATE TABLE purchases AS
WITH visits AS (
	SELECT DISTINCT customer_id, channel, (ordered_at AT TIME ZONE 'Europe/Berlin')::date AS day
	FROM orders WHERE amount >= 0
), bought AS (
	SELECT *, CASE WHEN draw('units ' || day, customer_id) < 0.6 THEN 1
	               WHEN draw('units ' || day, customer_id) < 0.9 THEN 2 ELSE 3 END AS quantity
	FROM visits
), stretched AS (
	SELECT *, min(day) OVER same + coalesce(sum(gap * quantity) OVER (same ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING), 0)::integer AS bought_on
	FROM (SELECT *, lead(day) OVER same - day AS gap FROM bought WINDOW same AS (PARTITION BY customer_id ORDER BY day)) AS gaps
	WINDOW same AS (PARTITION BY customer_id ORDER BY day)
)
SELECT customer_id, CASE channel WHEN 'app' THEN 'coffee' WHEN 'store' THEN 'dog food'
                                 WHEN 'online' THEN 'contact lenses' ELSE 'water filter' END AS product, bought_on, quantity
FROM stretched WHERE bought_on <= '2024-12-31';
