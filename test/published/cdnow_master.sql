-- CDNOW, everybody.
CREATE TEMP TABLE fit AS
SELECT s.* FROM (SELECT fit_btyd(h, '1997-09-30', 'bgnbd') AS bg, fit_btyd(h, '1997-09-30', 'mbgnbd') AS mbg, fit_btyd(h, '1997-09-30') AS best FROM histories) f,
	unnest(ARRAY[bg, mbg, best]) model, model_summary(model) s;

SELECT published.trusted('CDNOW master, ' || family, converged, warning) FROM fit;
SELECT published.compared('CDNOW master, ' || family || ', days: parameters, log-likelihood', parameters || log_likelihood, printed)
FROM fit JOIN (VALUES ('bgnbd', '.251624 33.522601 .723434 2.161088 -142726.0592'),
                      ('mbgnbd', '.637140 51.172027 .807474 1.228394 -142694.5736'),
                      ('mbgcnbd', '.637140 51.172027 .807474 1.228394 1 -142694.5736')) p(family, printed) USING (family);

CREATE TEMP TABLE spend AS SELECT s.* FROM (SELECT fit_spend(h, '1997-09-30') AS model FROM histories) f, model_summary(model) s;
SELECT published.trusted('CDNOW master, Gamma-Gamma', converged, warning) FROM spend;
SELECT published.compared('CDNOW master, Gamma-Gamma: p, q, v, log-likelihood, customers',
	parameters || log_likelihood || customers, '6.275359 3.624450 14.983687 -40763.4763 9450') FROM spend;

\set title 'CDNOW, all'
\set calibrate_until 1997-09-30
\set test_until 1998-06-30
\i held_out.sql
