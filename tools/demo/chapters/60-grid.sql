\echo
\echo '── The grid for campaigns: how loyal, how alive ───────────────────────────────'
\echo
\set ECHO queries
SELECT loyalty_level(h, :'as_of') AS loyalty,
       count(*) FILTER (WHERE activity = 'active') AS active,
       count(*) FILTER (WHERE activity = 'silent') AS silent,
       count(*) FILTER (WHERE activity = 'sleeping') AS sleeping,
       count(*) FILTER (WHERE activity = 'lost') AS lost
FROM histories JOIN reference USING (channel), activity_level(h, norms, :'as_of') AS activity
WHERE visit_count(h) > 0 GROUP BY loyalty ORDER BY min(visit_count(h));
\set ECHO none
\echo 'By visits: new 1, second 2, regular 3 or 4, fan 5 and more. By silence, against the norms of'
\echo 'the step: active up to the median, silent up to p80, sleeping up to p95, lost beyond.'
