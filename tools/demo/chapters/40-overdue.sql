\echo
\echo '── The twenty most valuable customers who are overdue ─────────────────────────'
\echo
\set ECHO queries
SELECT customer_id, channel, visit_count(h) AS visits, total_spend(h) AS spend,
       last_visit(h), days_since_last_visit(h, :'as_of') AS days_silent,
       expected_next_visit(h, norms, :'as_of') AS expected,
       lower(range) AS earliest, upper(range) - 1 AS latest
FROM histories JOIN reference USING (channel), next_visit_range(h, norms, :'as_of') AS range
WHERE latency_status(h, norms, :'as_of') = 'overdue'
ORDER BY spend DESC NULLS LAST, customer_id LIMIT 20;
\set ECHO none
\echo 'The next visit, if there is one, given the silence so far: expected is its median day, and'
\echo '80 % fall between earliest and latest. "-" where nobody came back after such a silence.'
