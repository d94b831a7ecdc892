SELECT rfm_r AS r, rfm_f AS f, 'R ' || rfm_r AS recency, 'F ' || rfm_f AS frequency,
       min(rfm_segment) AS segment, count(*) AS customers, sum(total_spend) AS revenue
FROM dashboard.guests WHERE rfm_r IS NOT NULL
GROUP BY rfm_r, rfm_f ORDER BY r, f
