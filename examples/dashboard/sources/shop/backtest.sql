SELECT frequency, CASE WHEN frequency = 7 THEN '7 +' ELSE frequency::text END AS came_back, customers, forecast, visits_each
FROM (SELECT backtest(h, day - 180, day) AS report FROM dashboard.histories, dashboard.today GROUP BY day) AS tested,
     LATERAL backtest_table(report) AS t,
     LATERAL (VALUES ('1 as it was', actual), ('2 model', predicted), ('3 as last half-year', naive)) AS v (forecast, visits_each)
ORDER BY frequency, forecast
