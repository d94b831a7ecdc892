-- The hotel's postings: one row for each night of each booking, one to four nights
-- (never as many as there are days to the guest's next arrival); one booking in ten is cancelled.
CREATE TABLE postings AS
WITH arrivals AS (
	SELECT customer_id AS guest_id, (ordered_at AT TIME ZONE 'Europe/Berlin')::date AS arrival, sum(amount) AS total
	FROM orders WHERE channel = 'hotel' AND amount >= 0 GROUP BY 1, 2
), stays AS (
	SELECT *, row_number() OVER (ORDER BY arrival, guest_id) AS booking_id,
	       least(1 + floor(4 * draw('nights ' || arrival, guest_id)),
	             coalesce(lead(arrival) OVER (PARTITION BY guest_id ORDER BY arrival) - arrival - 1, 4))::integer AS nights
	FROM arrivals
)
SELECT booking_id, guest_id, arrival + night AS night,
       CASE WHEN night = 0 THEN total - (nights - 1) * trunc(total / nights, 2) ELSE trunc(total / nights, 2) END AS amount,
       CASE WHEN draw('cancelled', booking_id) < 0.1 THEN 'cancelled' ELSE 'confirmed' END AS status
FROM stays, generate_series(0, nights - 1) AS night
WHERE nights > 0;
