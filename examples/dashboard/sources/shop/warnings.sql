WITH list AS (
	SELECT * FROM dashboard.guests
	WHERE latency_status IN ('due', 'overdue') AND visit_count >= 2
	ORDER BY spend_last_365 DESC NULLS LAST, visit_count DESC, 1 LIMIT 50)
SELECT h.customer::text AS customer, list.segment, latency_status AS status, label_zh(latency_status) AS status_zh, days_until_overdue AS days_left,
       days_since_last_visit AS days_silent, latency AS usual_days, spend_last_365 AS revenue_365, clv,
       expected_next_visit AS expected, visit_probability AS chance_30,
       explain_customer(h.h, h.norms, h.scheme, list.as_of) #>> '{latency_status,sentence}' AS why
FROM list JOIN dashboard.histories h ON h.customer = list.customer
ORDER BY days_left, revenue_365 DESC NULLS LAST
