SELECT replace(rfm_segment, '_', ' ') AS segment, coalesce(label_zh(rfm_segment), rfm_segment) AS segment_zh, count(*) AS customers,
       count(*)::numeric / sum(count(*)) OVER () AS share, sum(total_spend) AS revenue,
       sum(total_spend) / nullif(sum(sum(total_spend)) OVER (), 0) AS revenue_share,
       avg(days_since_last_visit) AS days_silent, avg(visit_count) AS visits, avg(clv) AS clv
FROM dashboard.guests WHERE rfm_segment IS NOT NULL
GROUP BY rfm_segment ORDER BY customers DESC
