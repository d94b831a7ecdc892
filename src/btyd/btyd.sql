-- ---------------------------------------------------------------------------
-- Models: buy-till-you-die models, fitted inside the query
-- ---------------------------------------------------------------------------

--| A buy-till-you-die model of a group of customers: its family, its parameters (alpha and beta in days), how they were fitted.
--| Fitted by the aggregate `fit_btyd(h, as_of)`, or made from published parameters by `btyd_model(family, parameters)`.
--| Text form: JSON, as the cast to json.
--| Errors: JSON that is not of this form; parameters that are impossible.
\value_type(btyd_model; crm_btyd_model)
\json_casts(btyd_model; crm_btyd_model)

--| A model from parameters: (r, alpha, a, b) for bgnbd and mbgnbd, (r, alpha, s, beta) for paretonbd, (r, alpha, a, b, k) for mbgcnbd.
--| Here alpha and beta are in days: 7 times the weeks of published tables.
--| Errors: an unknown family, a wrong number of parameters, impossible ones.
--| Example: SELECT expected_visits(btyd_model('bgnbd', '{0.243, 30.9, 0.793, 2.426}'), 365)::numeric(5,3)
CREATE FUNCTION btyd_model(family text, parameters double precision[]) RETURNS btyd_model
	AS 'MODULE_PATHNAME', 'crm_btyd_model_from_parameters' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;

--| The model as a row: parameters (alpha and beta in days), their standard errors, the fit.
--| `converged` says whether the optimum was found and checked; `warning` says why the fit is not to be trusted, or that it found no dropout.
--| NULL: standard errors, likelihood and the rest for a model made from parameters.
--| Errors: none
--| Example: SELECT family, customers, converged, warning FROM learned, model_summary(model)
CREATE FUNCTION model_summary(model btyd_model, OUT family text, OUT parameters double precision[], OUT standard_errors double precision[], OUT log_likelihood double precision, OUT aic double precision, OUT customers bigint, OUT iterations integer, OUT converged boolean, OUT warning text) RETURNS record
	AS 'MODULE_PATHNAME', 'crm_btyd_model_summary' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;

CREATE FUNCTION fit_btyd_accum(population_state, visit_history, date) RETURNS population_state
	AS 'MODULE_PATHNAME', 'crm_btyd_accumulate' LANGUAGE C IMMUTABLE PARALLEL SAFE;
CREATE FUNCTION fit_btyd_accum(population_state, visit_history, date, text) RETURNS population_state
	AS 'MODULE_PATHNAME', 'crm_btyd_accumulate' LANGUAGE C IMMUTABLE PARALLEL SAFE;
CREATE FUNCTION fit_btyd_final(population_state) RETURNS btyd_model
	AS 'MODULE_PATHNAME', 'crm_btyd_final' LANGUAGE C IMMUTABLE PARALLEL SAFE;

--| Fits a buy-till-you-die model of the default family mbgcnbd, whose regularity k is chosen by likelihood; k = 1 is MBG/NBD.
--| Events after as_of are ignored; histories without a visit are left out.
--| A fit that did not converge, or found no dropout, says so in a WARNING and in `model_summary`.
--| NULL: when no customer is left.
--| Errors: as_of or family NULL or not the same for all rows; an infinite as_of; an unknown family.
--| Source: mbgcnbd: Platzer & Reutterer 2016; Reutterer, Platzer & Schroeder 2021. mbgnbd: Batislam, Denizel & Filiztekin 2007; Hoppe & Wagner 2007.
--| bgnbd: Fader, Hardie & Lee 2005, Marketing Science 24. paretonbd: Schmittlein, Morrison & Colombo 1987.
--| Example: SELECT channel, (model_summary(fit_btyd(h, '2024-12-31'))).converged FROM customers GROUP BY channel ORDER BY channel
\population_aggregate(fit_btyd(h visit_history, as_of date); fit_btyd_accum; fit_btyd_final; 65536)
--| Fits a model of a named family: bgnbd, mbgnbd, paretonbd or mbgcnbd.
--| Example: SELECT (model_summary(fit_btyd(h, '2024-12-31', 'bgnbd'))).family FROM customers
\population_aggregate(fit_btyd(h visit_history, as_of date, family text); fit_btyd_accum; fit_btyd_final; 65536)

--| The probability that the customer still is one.
--| Under bgnbd everyone who came once is alive with probability 1, by definition of that model.
--| Unit: a probability, 0 to 1
--| NULL: without a visit by as_of.
--| Errors: an infinite as_of.
--| Source: the papers of the families, see `fit_btyd`.
--| Example: SELECT customer_id, p_alive(h, model, '2024-12-31')::numeric(5,3) FROM customers, learned ORDER BY customer_id LIMIT 3
CREATE FUNCTION p_alive(h visit_history, model btyd_model, as_of date DEFAULT current_date) RETURNS double precision
	AS 'MODULE_PATHNAME', 'crm_p_alive' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;

--| The risk that the customer is gone, on 1 - p_alive: low below 0.5, medium below 0.75, else high; no_data without a visit.
--| Errors: an infinite as_of.
--| Example: SELECT churn_risk(h, model, '2024-12-31') AS risk, count(*) FROM customers, learned GROUP BY risk ORDER BY count DESC
CREATE FUNCTION churn_risk(h visit_history, model btyd_model, as_of date DEFAULT current_date) RETURNS text
	AS 'MODULE_PATHNAME', 'crm_churn_risk' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;

--| Expected number of visits in the next days.
--| Unit: visits
--| NULL: without a visit by as_of.
--| Errors: days negative; an infinite as_of.
--| Source: the papers of the families, see `fit_btyd`.
--| Example: SELECT customer_id, expected_visits(h, model, '2024-12-31', 90)::numeric(5,2) FROM customers, learned ORDER BY customer_id LIMIT 3
CREATE FUNCTION expected_visits(h visit_history, model btyd_model, as_of date DEFAULT current_date, days integer DEFAULT 365) RETURNS double precision
	AS 'MODULE_PATHNAME', 'crm_expected_visits' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;

--| Expected number of repeat visits of a new customer in the days after the first visit.
--| Unit: visits
--| Example: SELECT expected_visits(model, 365)::numeric(5,2) FROM learned
CREATE FUNCTION expected_visits(model btyd_model, days integer) RETURNS double precision
	AS 'MODULE_PATHNAME', 'crm_expected_visits_new' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;

--| Chance of at least one visit in the next days by a model, alive or not.
--| Unit: a probability, 0 to 1
--| NULL: without a visit by as_of.
--| Source: the papers of the families, see `fit_btyd`.
--| Example: SELECT visit_probability('{2024-11-05, 2024-12-19}', model, '2024-12-31')::numeric(5,3) FROM learned
CREATE FUNCTION visit_probability(h visit_history, model btyd_model, as_of date DEFAULT current_date, days integer DEFAULT 30) RETURNS double precision
	AS 'MODULE_PATHNAME', 'crm_visit_probability_model' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;

--| The median day of the next visit by a model, given the silence so far and given that there is one: always after as_of.
--| NULL: without a visit by as_of, and more than 3650 days ahead.
--| Source: k = 1, given alive: P(gap <= t) = 1 - ((alpha + T) / (alpha + T + t))^(r + x); the others in doc/models.md.
--| Example: SELECT expected_next_visit('{2024-11-05, 2024-12-19}', model, '2024-12-31') FROM learned
CREATE FUNCTION expected_next_visit(h visit_history, model btyd_model, as_of date DEFAULT current_date) RETURNS date
	AS 'MODULE_PATHNAME', 'crm_expected_next_visit_model' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;

--| The days between which the next visit falls with the given probability by a model, given that there is one; both quantile days included.
--| Open above beyond 3650 days.
--| NULL: as for expected_next_visit.
--| Example: SELECT next_visit_range('{2024-11-05, 2024-12-19}', model, '2024-12-31') FROM learned
CREATE FUNCTION next_visit_range(h visit_history, model btyd_model, as_of date DEFAULT current_date, level double precision DEFAULT 0.8) RETURNS daterange
	AS 'MODULE_PATHNAME', 'crm_next_visit_range_model' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;


-- ---- was it right? ----

--| Customers with the same number of repeat visits (7: 7 and more) in a backtest: visits a customer, as they were and as forecast.
CREATE TYPE backtest_row AS (
	frequency integer,
	customers bigint,
	actual double precision,
	predicted double precision,
	naive double precision
);
--| What `backtest` reports; actual, predicted and naive are visit days of all customers in the test window.
CREATE TYPE backtest_report AS (
	calibrate_until date,
	test_until date,
	family text,
	customers bigint,
	actual bigint,
	predicted double precision,
	naive bigint,
	mae double precision,
	naive_mae double precision,
	rmse double precision,
	naive_rmse double precision,
	correlation double precision,
	coverage double precision,
	verdict text,
	warning text,
	by_frequency backtest_row[]
);

CREATE FUNCTION backtest_accum(population_state, visit_history, date, date) RETURNS population_state
	AS 'MODULE_PATHNAME', 'crm_backtest_accumulate' LANGUAGE C IMMUTABLE PARALLEL SAFE;
CREATE FUNCTION backtest_accum(population_state, visit_history, date, date, text) RETURNS population_state
	AS 'MODULE_PATHNAME', 'crm_backtest_accumulate' LANGUAGE C IMMUTABLE PARALLEL SAFE;
CREATE FUNCTION backtest_final(population_state) RETURNS backtest_report
	AS 'MODULE_PATHNAME', 'crm_backtest_final' LANGUAGE C IMMUTABLE PARALLEL SAFE;

--| Fits a model to what was known on calibrate_until and holds its forecast against the visits up to test_until.
--| Beside it stands the naive forecast that each customer comes as often as in the window of the same length before.
--| `mae` and `rmse` are errors in visits a customer; `coverage` is the share of first visits in the test window that fall into the 80 % range of
--| the next visit (0.80 for a true model). `verdict`: better than the naive forecast on both errors, worse on both, or mixed.
--| NULL: when nobody was seen by calibrate_until.
--| Errors: test_until not after calibrate_until; days or family NULL or not the same for all rows; infinite days; an unknown family.
--| Example: SELECT r.customers, r.actual, round(r.predicted) AS predicted, r.naive, r.verdict FROM (SELECT (backtest(h, '2024-06-30', '2024-12-31')).* FROM customers WHERE channel = 'store') AS r
\population_aggregate(backtest(h visit_history, calibrate_until date, test_until date); backtest_accum; backtest_final; 65536)
--| Tests a model of a named family, as for `fit_btyd`, in the same way.
--| Example: SELECT (backtest(h, '2024-06-30', '2024-12-31', 'mbgnbd')).verdict FROM customers WHERE channel = 'store'
\population_aggregate(backtest(h visit_history, calibrate_until date, test_until date, family text); backtest_accum; backtest_final; 65536)

--| The report by calibration frequency, one row each: mean visits a customer, as they were and as forecast.
--| In the last row, frequency 7, are those with 7 and more repeat visits.
--| Errors: none
--| Example: SELECT t.frequency, t.customers, t.actual::numeric(5,2), t.predicted::numeric(5,2) FROM (SELECT backtest(h, '2024-06-30', '2024-12-31') AS report FROM customers) AS b, backtest_table(report) AS t LIMIT 3
CREATE FUNCTION backtest_table(report backtest_report, OUT frequency integer, OUT customers bigint,
	OUT actual double precision, OUT predicted double precision, OUT naive double precision) RETURNS SETOF record
	LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE ROWS 8
BEGIN ATOMIC
	SELECT f.frequency, f.customers, f.actual, f.predicted, f.naive FROM unnest(report.by_frequency) AS f;
END;
