SELECT value_tier AS tier, (ARRAY['1 VIP', '2 key', '3 regular', '4 small'])[value_tier] AS name,
       label_zh((ARRAY['vip', 'key', 'regular', 'small'])[value_tier]) AS name_zh,
       count(*) AS customers, count(*)::numeric / sum(count(*)) OVER () AS share, sum(total_spend) AS revenue,
       sum(total_spend) / nullif(sum(sum(total_spend)) OVER (), 0) AS revenue_share,
       avg(total_spend) AS per_customer, sum(clv) AS clv
FROM dashboard.guests WHERE value_tier IS NOT NULL
GROUP BY value_tier ORDER BY value_tier
