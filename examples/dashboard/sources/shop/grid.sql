SELECT loyalty_level AS loyalty, activity_level AS activity, label_zh(loyalty_level) AS loyalty_zh, label_zh(activity_level) AS activity_zh,
       array_position('{new,second,regular,fan}', loyalty_level) AS loyalty_no,
       array_position('{active,silent,sleeping,lost}', activity_level) AS activity_no,
       count(*) AS customers, sum(total_spend) AS revenue
FROM dashboard.guests WHERE visit_count > 0 AND activity_level IS NOT NULL
GROUP BY 1, 2 ORDER BY loyalty_no, activity_no
