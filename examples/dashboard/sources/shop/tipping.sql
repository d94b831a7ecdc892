SELECT (days_until_overdue + 6) / 7 AS week, 7 * ((days_until_overdue + 6) / 7) - 6 || '–' || 7 * ((days_until_overdue + 6) / 7) AS days,
       count(*) AS customers, sum(spend_last_365) AS revenue_365
FROM dashboard.guests WHERE latency_status IN ('on_track', 'due') AND days_until_overdue BETWEEN 1 AND 56
GROUP BY week, 2 ORDER BY week
