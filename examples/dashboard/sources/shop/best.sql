SELECT customer::text AS customer, segment, replace(rfm_segment, '_', ' ') AS rfm_segment, visit_count AS visits, total_spend AS revenue, p_alive, churn_risk,
       label_zh(churn_risk) AS churn_risk_zh, expected_visits, expected_spend, clv
FROM dashboard.guests WHERE clv IS NOT NULL
ORDER BY clv DESC, 1 LIMIT 20
