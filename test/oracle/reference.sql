-- reference.sql
--	  The reference rows of MODELS.md ("Latency norms"), from the oracle and from
--	  the extension.  Runs after norms.sql; psql variable `rows`: the rows as a
--	  VALUES list (as_of, step, customers, returned, return_rate, p20, median, p80, p95).

CREATE TEMP TABLE reference AS
SELECT as_of::date, step, customers, returned, return_rate, p20, median, p80, p95
FROM (VALUES :rows) r (as_of, step, customers, returned, return_rate, p20, median, p80, p95);

SELECT format('%sok - %s, reference row of step %s from the %s',
              CASE WHEN n.step IS NULL THEN 'not ' END, current_setting('oracle.title'), r.step, s.source)
FROM reference r
CROSS JOIN (VALUES ('oracle'), ('extension')) s (source)
LEFT JOIN (SELECT 'oracle' AS source, * FROM expected.norms_table
           UNION ALL
           SELECT 'extension', * FROM actual.norms_table) n
  ON n.source = s.source AND grp = 'all' AND NOT pooled
 AND (n.as_of, n.step, n.customers, n.returned, round(n.return_rate::numeric, 6), n.p20, n.median, n.p80, n.p95)
   = (r.as_of, r.step, r.customers, r.returned, r.return_rate, r.p20, r.median, r.p80, r.p95);
