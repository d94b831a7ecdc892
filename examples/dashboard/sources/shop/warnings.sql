SELECT customer::text AS customer, segment, latency_status AS status, label_zh(latency_status) AS status_zh, days_until_overdue AS days_left,
       days_since_last_visit AS days_silent, latency AS usual_days, spend_last_365 AS revenue_365, clv,
       expected_next_visit AS expected, visit_probability AS chance_30,
       format('silent %s days; after %s visits 80 %% come within %s',
              days_since_last_visit, visit_count, days_since_last_visit + days_until_overdue - 1) AS why
FROM (SELECT * FROM dashboard.guests
      WHERE latency_status IN ('due', 'overdue') AND visit_count >= 2
      ORDER BY spend_last_365 DESC NULLS LAST, visit_count DESC, customer LIMIT 50) AS most_valuable
ORDER BY days_left, revenue_365 DESC NULLS LAST
