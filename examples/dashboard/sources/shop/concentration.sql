SELECT percent, 'best ' || percent || ' %' AS customers, revenue_share(h, percent / 100.0) AS revenue_share
FROM dashboard.histories, unnest('{1, 5, 10, 20, 50}'::integer[]) AS percent
GROUP BY percent HAVING revenue_share(h, percent / 100.0) IS NOT NULL ORDER BY percent
