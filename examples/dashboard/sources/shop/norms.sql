SELECT step, step || ' → ' || (step + 1) AS visits, t.customers, return_rate, p20, median, p80, p95
FROM dashboard.reference, norms_table(norms) AS t
WHERE step <= 10 ORDER BY step
