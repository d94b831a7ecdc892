\echo
\echo '── Who is on track, who is slipping away ──────────────────────────────────────'
\echo
\set ECHO queries
SELECT latency_status(h, norms, :'as_of') AS status, count(*) AS customers,
       round(100.0 * count(*) / sum(count(*)) OVER (), 1) AS percent,
       round(avg(days_since_last_visit(h, :'as_of'))) AS days_silent,
       sum(total_spend(h)) AS revenue
FROM histories JOIN reference USING (channel)
GROUP BY status ORDER BY days_silent;
\set ECHO none
\echo 'By the silence since the last visit: on_track up to the median of that step, due up to'
\echo 'p80, overdue up to p95, lapsed beyond. no_visits: refunds only; -: nothing to measure by.'
