-- An online grocer with regular buyers, calibrated on one year.
CREATE TEMP TABLE fit AS
SELECT s.*, repeats FROM
	(SELECT fit_btyd(h, '2006-12-31', 'bgnbd') AS bg, fit_btyd(h, '2006-12-31', 'mbgnbd') AS mbg,
	        fit_btyd(h, '2006-12-31', 'paretonbd') AS pareto, fit_btyd(h, '2006-12-31') AS best,
	        sum((btyd_summary(h, '2006-12-31')).frequency) AS repeats FROM histories) f,
	unnest(ARRAY[bg, mbg, pareto, best]) model, model_summary(model) s;

SELECT published.trusted('grocery, ' || family, converged, warning) FROM fit;
-- The default chooses k = 2: the fifth parameter of mbgcnbd.
SELECT published.compared('grocery, ' || family || ', weeks: parameters, log-likelihood',
	published.weeks(family, parameters) || log_likelihood + repeats * ln(7), printed)
FROM fit JOIN (VALUES ('bgnbd', '.34865 2.58167 .50385 3.64439 -15836.5662'),
                      ('mbgnbd', '1.256921 6.039142 .3682766 .7157636 -15781.9394'),
                      ('paretonbd', '.7864368 5.679041 .386239 5.717789 -15782.3921'),
                      ('mbgcnbd', '1.329175 2.812551 .4247090 .7900287 2 -14978.2107')) p(family, printed) USING (family);
-- The published s of Pareto/NBD, .3862391, is one beside the maximum in its last digit; this is at 30 digits.
SELECT published.compared('grocery, paretonbd, days: the maximum at 30 digits', parameters, '.78643679 39.753284 .38623915 40.024524') FROM fit WHERE family = 'paretonbd';
SELECT published.ok(standard_errors[4] > 0 AND standard_errors[5] IS NULL AND aic = 2 * 5 - 2 * log_likelihood, 'grocery: k counts in the AIC and has no standard error')
FROM fit WHERE family = 'mbgcnbd';

\set title 'grocery'
\set calibrate_until 2006-12-31
\set test_until 2007-12-30
\i held_out.sql
SELECT published.compared('grocery, holdout of 52 weeks: actual', ARRAY[actual], '3389') FROM held;
-- The package that published 3,970 approximates; by our exact sums it is fewer, and closer.
SELECT published.ok(abs(predicted - actual) < 3970 - actual, format('grocery, mbgcnbd predicts %s', round(predicted))) FROM held;
SELECT published.ok(coverage BETWEEN 0.77 AND 0.83, format('grocery, the 80 %% range of the next visit covers %s', round(coverage::numeric, 3))) FROM held;
SELECT published.ok(model < personal AND model < personal_ahead AND model < irregular, 'grocery: the model is closer than the personal mean and than k = 1') FROM next_visit;
