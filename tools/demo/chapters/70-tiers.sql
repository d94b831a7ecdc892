SELECT EXISTS (SELECT FROM histories WHERE total_spend(h) IS NOT NULL) AS has_money \gset
\if :has_money
\echo
\echo '── The pyramid: the best 1 %, the next 4 % and 15 %, and the rest ─────────────'
\echo
\set ECHO queries
SELECT value_tier(h, tiers, :'as_of') AS tier, count(*) AS customers,
       sum(total_spend(h)) AS revenue,
       round(100 * sum(total_spend(h)) / nullif(sum(sum(total_spend(h))) OVER (), 0), 1) AS revenue_percent,
       round(avg(total_spend(h)), 2) AS per_customer
FROM histories, (SELECT value_tiers(h, :'as_of', '{0.01, 0.05, 0.20}') AS tiers FROM histories) AS learned
WHERE visit_count(h) > 0 GROUP BY tier ORDER BY tier;
\set ECHO none
\endif
