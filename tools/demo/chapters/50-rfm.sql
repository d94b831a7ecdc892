\echo
\echo '── RFM: ten segments by recency and frequency ─────────────────────────────────'
\echo
\set ECHO queries
SELECT rfm_scheme(h, :'as_of') AS scheme FROM histories;

SELECT rfm_segment(rfm(h, scheme, :'as_of')) AS segment, count(*) AS customers,
       round(100.0 * count(*) / sum(count(*)) OVER (), 1) AS percent,
       round(avg(days_since_last_visit(h, :'as_of'))) AS days_silent,
       round(avg(visit_count(h)), 1) AS visits, sum(total_spend(h)) AS revenue
FROM histories, (SELECT rfm_scheme(h, :'as_of') AS scheme FROM histories) AS learned
GROUP BY segment ORDER BY revenue DESC NULLS LAST, customers DESC;
\set ECHO none
\echo 'Equal customers score equal. "no score" names the scores that ties have swallowed.'
