-- CDNOW, the tenth that the papers use, calibrated on the first 39 weeks.
CREATE TEMP TABLE fit AS
SELECT s.*, repeats FROM
	(SELECT fit_btyd(h, '1997-09-30', 'bgnbd') AS bg, fit_btyd(h, '1997-09-30', 'mbgnbd') AS mbg,
	        fit_btyd(h, '1997-09-30', 'paretonbd') AS pareto, sum((btyd_summary(h, '1997-09-30')).frequency) AS repeats FROM histories) f,
	unnest(ARRAY[bg, mbg, pareto]) model, model_summary(model) s;

SELECT published.trusted('CDNOW sample, ' || family, converged, warning) FROM fit;
SELECT published.compared('CDNOW sample, ' || family || ', weeks: parameters, log-likelihood',
	published.weeks(family, parameters) || log_likelihood + repeats * ln(7), printed)
FROM fit JOIN (VALUES ('bgnbd', '.2425945 4.413602 .7929220 2.425907 -9582.4292'),
                      ('mbgnbd', '.5248432 6.183085 .8913594 1.614002 -9582.1357'),
                      ('paretonbd', '.553277 10.57768 .6062400 11.66874 -9594.9762')) p(family, printed) USING (family);
-- The published r of Pareto/NBD stops 5e-8 beside the maximum, which lies, by
-- Newton's method at 30 digits on the 2F1 form, where this line says, and
-- would print as .5532770: r is compared to the digit before.
SELECT published.compared('CDNOW sample, paretonbd, days: the maximum at 30 digits', parameters, '.55327705 74.043784 .60623999 81.681147') FROM fit WHERE family = 'paretonbd';
SELECT published.compared('CDNOW sample, ' || family || ', weeks: standard errors', published.weeks(family, standard_errors), printed)
FROM fit JOIN (VALUES ('bgnbd', '.01256 .3782 .1857 .7054'), ('paretonbd', '.0476 .8427 .1873 6.2111')) p(family, printed) USING (family);
SELECT published.compared('CDNOW sample, ' || family || ', days: alpha, log-likelihood', ARRAY[parameters[2], log_likelihood], printed)
FROM fit JOIN (VALUES ('bgnbd', '30.89521 -14363.5304'), ('mbgnbd', '43.28160 -14363.2370')) p(family, printed) USING (family);
SELECT published.ok(bool_and(customers = 2357 AND aic = 2 * 4 - 2 * log_likelihood), 'CDNOW sample: 2,357 customers, AIC') FROM fit;

CREATE TEMP TABLE held AS SELECT backtest(h, '1997-09-30', '1998-06-30', 'bgnbd') AS report FROM histories;
SELECT published.compared('CDNOW sample, holdout of 39 weeks: actual, predicted, MAE, RMSE',
	ARRAY[(report).actual, (report).predicted, (report).mae, (report).rmse], '1882 1653.4 .7855 1.608') FROM held;
SELECT published.compared('... actual visits by calibration frequency', array_agg(actual ORDER BY frequency),
	'.237 .697 1.393 1.560 2.532 2.947 3.862 6.359') FROM held, backtest_table(report);
SELECT published.compared('... and by BG/NBD', array_agg(predicted ORDER BY frequency),
	'.225 .523 1.044 1.520 2.164 2.654 3.504 6.157') FROM held, backtest_table(report);

CREATE TEMP TABLE spend AS SELECT model, s.* FROM (SELECT fit_spend(h, '1997-09-30') AS model FROM histories) f, model_summary(model) s;
SELECT published.trusted('CDNOW sample, Gamma-Gamma', converged, warning) FROM spend;
SELECT published.compared('CDNOW sample, Gamma-Gamma: p, q, v, log-likelihood, customers',
	parameters || log_likelihood || customers, '6.25 3.74 15.44 -4055.9177 946') FROM spend;
SELECT published.compared('... expected spend of the first ten', array_agg(expected_spend(h, model, '1997-09-30') ORDER BY customer_id),
	'24.65 18.91 35.17 35.17 35.17 71.46 18.91 35.17 27.28 35.17')
FROM spend, (SELECT customer_id, h FROM histories ORDER BY customer_id LIMIT 10) h;
