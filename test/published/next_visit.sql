-- How far the day of the next visit was missed, in days (median absolute
-- error), of those who came in the test window: by mbgcnbd, by k = 1, by the
-- personal mean as it stands, and by the personal mean put to the first day
-- that is left, where it lies in the past.  The personal mean takes two visits.
CREATE TEMP TABLE next_visit AS
WITH fitted AS (
	SELECT fit_btyd(h, :'calibrate_until') AS best, fit_btyd(h, :'calibrate_until', 'mbgnbd') AS irregular FROM histories
), customer AS (
	SELECT as_of(h, :'calibrate_until') AS known, first_visit(between_days(h, date :'calibrate_until' + 1, :'test_until')) AS came FROM histories
)
SELECT count(*) AS customers,
       percentile_cont(0.5) WITHIN GROUP (ORDER BY abs(came - expected_next_visit(known, best, :'calibrate_until'))) AS model,
       percentile_cont(0.5) WITHIN GROUP (ORDER BY abs(came - expected_next_visit(known, irregular, :'calibrate_until'))) AS irregular,
       percentile_cont(0.5) WITHIN GROUP (ORDER BY abs(came - expected_next_visit(known))) AS personal,
       percentile_cont(0.5) WITHIN GROUP (ORDER BY abs(came - greatest(expected_next_visit(known), date :'calibrate_until' + 1))) AS personal_ahead
FROM customer, fitted WHERE came IS NOT NULL AND visit_count(known) > 1;
SELECT format('# %s, next visit of %s customers, median absolute error in days: mbgcnbd %s, k = 1 %s, personal mean %s, the same not before tomorrow %s',
              :'title', customers, model, irregular, personal, personal_ahead) FROM next_visit;
