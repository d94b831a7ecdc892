SELECT as_of, customers, orders, visits, revenue, revenue_365, revenue_before,
       revenue_365 / nullif(revenue_before, 0) - 1 AS revenue_change,
       came_back, came_back::numeric / nullif(customers, 0) AS repeat_rate, on_time,
       on_time::numeric / nullif(customers, 0) AS on_time_share, order_value
FROM (SELECT min(as_of) AS as_of, count(*) AS customers, sum(order_count) AS orders, sum(visit_count) AS visits,
             sum(total_spend) AS revenue, sum(spend_last_365) AS revenue_365, sum(spend_previous_365) AS revenue_before,
             count(*) FILTER (WHERE visit_count >= 2) AS came_back,
             count(*) FILTER (WHERE latency_status IN ('on_track', 'due')) AS on_time,
             sum(total_spend) / nullif(sum(order_count), 0) AS order_value
      FROM dashboard.guests WHERE visit_count > 0) AS totals
