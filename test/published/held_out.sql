-- A time held out: `held`, the backtest; and `next_visit`, how far the day of
-- the next visit was missed, in days (median absolute error), of those who came
-- in the test window: by mbgcnbd, by k = 1, by the personal mean as it stands,
-- and by the personal mean put to the first day that is left, where it lies in
-- the past.  The personal mean takes two visits.  doc/models.md shows both.
CREATE TEMP TABLE held AS SELECT (backtest(h, :'calibrate_until', :'test_until')).* FROM histories;

CREATE TEMP TABLE next_visit AS
WITH fitted AS (
	SELECT fit_btyd(h, :'calibrate_until') AS best, fit_btyd(h, :'calibrate_until', 'mbgnbd') AS irregular FROM histories
), customer AS (
	SELECT as_of(h, :'calibrate_until') AS known, first_visit(between_days(h, date :'calibrate_until' + 1, :'test_until')) AS came FROM histories
)
SELECT count(*) AS customers, (SELECT s.parameters[5] FROM fitted, model_summary(best) s) AS k,
       percentile_cont(0.5) WITHIN GROUP (ORDER BY abs(came - expected_next_visit(known, best, :'calibrate_until'))) AS model,
       percentile_cont(0.5) WITHIN GROUP (ORDER BY abs(came - expected_next_visit(known, irregular, :'calibrate_until'))) AS irregular,
       percentile_cont(0.5) WITHIN GROUP (ORDER BY abs(came - expected_next_visit(known))) AS personal,
       percentile_cont(0.5) WITHIN GROUP (ORDER BY abs(came - greatest(expected_next_visit(known), date :'calibrate_until' + 1))) AS personal_ahead
FROM customer, fitted WHERE came IS NOT NULL AND visit_count(known) > 1;

\set page `tr -d '*' < ../../doc/models.md`
SELECT published.ok(position(E'\n' || line || E'\n' IN :'page') > 0, 'the documentation has: ' || line)
FROM (SELECT format('| %s (%s) | %s, %s | %s | %s | %s | %s | %s | %s | %s | %s | %s · %s |',
	:'title', to_char(h.customers, 'FM99,999'), :'calibrate_until', :'test_until', k, to_char(actual, 'FM99,999'), to_char(predicted, 'FM99,999'),
	to_char(h.naive, 'FM99,999'), verdict, round(coverage::numeric, 3), model, irregular, personal, personal_ahead) AS line
	FROM held h, next_visit) row;
