SELECT s.family, s.customers, s.converged, coalesce(s.warning, 'no warning') AS warning, s.log_likelihood
FROM dashboard.reference, model_summary(model) AS s
