SELECT to_char(quarter, 'YYYY "Q"Q') AS cohort, customers, period_no, '+' || period_no AS later, retention, revenue_per_customer
FROM (SELECT date_trunc('quarter', first_visit(h))::date AS quarter, cohort_retention(h, 'quarter', day) AS cohort
      FROM dashboard.histories, dashboard.today
      WHERE first_visit(h) <= day GROUP BY 1) AS quarters, cohort_table(cohort)
WHERE quarter >= (SELECT date_trunc('quarter', day) - interval '3 years' FROM dashboard.today)
ORDER BY quarter, period_no
