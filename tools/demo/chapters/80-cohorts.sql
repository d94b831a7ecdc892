\echo
\echo '── Cohorts: percent of customers who came in the quarters after their first ───'
\echo
\set ECHO queries
SELECT first_quarter, customers,
       max(percent) FILTER (WHERE period_no = 0) AS q0, max(percent) FILTER (WHERE period_no = 1) AS q1,
       max(percent) FILTER (WHERE period_no = 2) AS q2, max(percent) FILTER (WHERE period_no = 3) AS q3,
       max(percent) FILTER (WHERE period_no = 4) AS q4, max(percent) FILTER (WHERE period_no = 5) AS q5,
       max(percent) FILTER (WHERE period_no = 6) AS q6, max(percent) FILTER (WHERE period_no = 7) AS q7
FROM (SELECT to_char(first_visit(h), 'YYYY "Q"Q') AS first_quarter,
             cohort_retention(h, 'quarter', :'as_of') AS cohort
      FROM histories WHERE visit_count(h) > 0 GROUP BY first_quarter) AS cohorts,
     LATERAL (SELECT period_no, customers, round(100 * retention::numeric, 1) AS percent
              FROM cohort_table(cohort)) AS periods
GROUP BY first_quarter, customers ORDER BY first_quarter;
\set ECHO none
\echo 'Quarters that are not over on the last day are left out, not counted as a loss.'
