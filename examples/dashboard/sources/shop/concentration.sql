SELECT 1 AS place, 'best 1 %' AS customers, revenue_share(h, 0.01) AS revenue_share FROM dashboard.histories UNION ALL
SELECT 2, 'best 5 %', revenue_share(h, 0.05) FROM dashboard.histories UNION ALL
SELECT 3, 'best 10 %', revenue_share(h, 0.10) FROM dashboard.histories UNION ALL
SELECT 4, 'best 20 %', revenue_share(h, 0.20) FROM dashboard.histories UNION ALL
SELECT 5, 'best 50 %', revenue_share(h, 0.50) FROM dashboard.histories
ORDER BY place
