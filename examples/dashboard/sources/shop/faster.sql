SELECT customer::text AS customer, segment, visit_count AS visits, latency AS usual_days,
       spend_last_365 AS revenue_365, expected_next_visit AS expected, clv
FROM dashboard.guests WHERE pace = 'faster' AND latency_status IN ('on_track', 'due')
ORDER BY clv DESC NULLS LAST, visit_count DESC, 1 LIMIT 20
