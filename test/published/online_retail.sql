-- Online Retail, by invoice: a year of growing, seasonal trade.
CREATE TEMP TABLE orders_only AS
SELECT customer_id, visit_history(day, amount) AS h FROM transactions WHERE amount >= 0 GROUP BY customer_id;

SELECT published.trusted('Online Retail, Gamma-Gamma, ' || rows, s.converged, s.warning) || E'\n'
       || published.compared('Online Retail, Gamma-Gamma, ' || rows || ': p, q, v, log-likelihood, customers',
                             s.parameters || s.log_likelihood || s.customers, printed)
FROM (SELECT 'amounts >= 0', fit_spend(h, '2011-12-09'), '2.103523 3.449907 485.571 -19083.2907 2790' FROM orders_only
	  UNION ALL
	  SELECT 'refunds net', fit_spend(h, '2011-12-09'), '2.089685 3.613592 508.627 -18946.4616 2781' FROM histories) f(rows, model, printed), model_summary(model) s;

SELECT published.ok(s.warning LIKE 'found no dropout: it gains 0.12 of log-likelihood%', format('Online Retail, bgnbd warns: %s', s.warning))
FROM (SELECT fit_btyd(h, '2011-12-09', 'bgnbd') AS model FROM histories) f, model_summary(model) s;

\set title 'Online Retail'
\set calibrate_until 2011-06-09
\set test_until 2011-12-09
\i held_out.sql
SELECT published.ok(verdict = 'worse', format('Online Retail, half a year held out: %s visits, predicted %s, naive %s; MAE %s against %s: %s than the naive forecast',
	actual, round(predicted), naive, round(mae::numeric, 3), round(naive_mae::numeric, 3), verdict)) FROM held;
