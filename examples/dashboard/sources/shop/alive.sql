SELECT least(floor(p_alive * 10), 9)::integer AS tenth,
       10 * least(floor(p_alive * 10), 9) || '–' || 10 * least(floor(p_alive * 10), 9) + 10 || ' %' AS p_alive,
       count(*) AS customers, sum(clv) AS clv
FROM dashboard.guests WHERE p_alive IS NOT NULL
GROUP BY 1, 2 ORDER BY 1
