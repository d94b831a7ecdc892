SELECT replace(latency_status, '_', ' ') AS status, label_zh(latency_status) AS status_zh,
       array_position('{on_track,due,overdue,lapsed}', latency_status) AS place,
       count(*) AS customers, sum(spend_last_365) AS revenue_365, avg(days_since_last_visit) AS days_silent
FROM dashboard.guests WHERE visit_count > 0 AND latency_status IS NOT NULL
GROUP BY latency_status ORDER BY place
