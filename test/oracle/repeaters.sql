-- repeaters.sql
--	  What repeaters alone would say on Online Retail (MODELS.md, "Latency norms"):
--	  the plain median of the completed first gaps is 57 days, 22 short of the
--	  norm's 79.  Runs after norms.sql.

SELECT format('%sok - %s, plain median of completed first gaps from the %s is %s',
              CASE WHEN median = 57 THEN '' ELSE 'not ' END, current_setting('oracle.title'), source, median)
FROM (SELECT 'oracle' AS source, percentile_cont(0.5) WITHIN GROUP (ORDER BY latency) AS median
      FROM expected.gaps WHERE visit_no = 1
      UNION ALL
      SELECT 'extension', percentile_cont(0.5) WITHIN GROUP (ORDER BY crm.latency(h, 1))
      FROM actual.history) plain;
