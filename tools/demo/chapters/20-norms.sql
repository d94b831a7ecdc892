\echo
\echo '── What is normal: days from one visit to the next, by step ───────────────────'
\echo
\set ECHO queries
SELECT step, customers, returned, round(return_rate::numeric, 3) AS return_rate,
       p20, median, p80, p95, horizon
FROM (SELECT latency_norms(h, :'as_of') AS norms FROM histories) AS everybody, norms_table(norms)
WHERE step <= 8;
\set ECHO none
\echo 'Customers who are still out count as such: the rate is that of all, not only of those who'
\echo 'had time to come back. p20 to p95 are the days within which 20 to 95 % of those who come'
\echo 'back are back.'
\echo
\set ECHO queries
CREATE TABLE reference AS
SELECT channel, latency_norms(h, :'as_of') AS norms FROM histories GROUP BY channel;
\set ECHO none

\if :has_channels
\echo
\echo '── The same by channel: from the first visit to the second ────────────────────'
\echo
\set ECHO queries
SELECT channel, customers, returned, round(return_rate::numeric, 3) AS return_rate,
       p20, median, p80, p95, horizon
FROM reference, norms_table(norms)
WHERE step = 1 ORDER BY customers DESC LIMIT 12;
\set ECHO none
\echo 'There is no average customer: below, everybody is measured by the norms of their channel.'
\endif
