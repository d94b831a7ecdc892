SELECT date_trunc('month', v.day)::date AS month,
       CASE WHEN visit_no = 1 THEN 'first visits' ELSE 'later visits' END AS kind,
       count(*) AS visits, sum(amount) AS revenue
FROM dashboard.histories, dashboard.today, visits(h) AS v
WHERE visit_no >= 1 AND v.day <= today.day
GROUP BY 1, 2 HAVING sum(amount) IS NOT NULL ORDER BY 1, 2
