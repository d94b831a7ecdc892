-- ---------------------------------------------------------------------------
-- Value: what a visit brings, what a customer is worth
-- ---------------------------------------------------------------------------

--| A Gamma-Gamma model of what a visit brings (Fader & Hardie 2013): parameters p, q, v, and how they were fitted.
--| Fitted by the aggregate `fit_spend(h, as_of)`, or made from published parameters by `spend_model(p, q, v)`.
--| Text form: JSON, as the cast to json.
--| Errors: JSON that is not of this form; parameters that are impossible.
\value_type(spend_model; crm_spend_model)
\json_casts(spend_model; crm_spend_model)

--| A Gamma-Gamma model from parameters, v in units of money.
--| Errors: parameters that are not above zero.
--| Source: Fader & Hardie 2013, "The gamma-gamma model of monetary value".
--| Example: SELECT expected_spend('{2024-01-05: 30, 2024-02-01: 60}', spend_model(6.25, 3.74, 15.44), '2024-03-01')
CREATE FUNCTION spend_model(p double precision, q double precision, v double precision) RETURNS spend_model
	AS 'MODULE_PATHNAME', 'crm_spend_model_from_parameters' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;

--| The model as a row, as for a btyd_model; customers are those fitted on, with repeat visits and money above zero.
--| Example: SELECT family, customers, converged, warning FROM learned, model_summary(spend)
CREATE FUNCTION model_summary(model spend_model, OUT family text, OUT parameters double precision[], OUT standard_errors double precision[], OUT log_likelihood double precision, OUT aic double precision, OUT customers bigint, OUT iterations integer, OUT converged boolean, OUT warning text) RETURNS record
	AS 'MODULE_PATHNAME', 'crm_spend_model_summary' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;

CREATE FUNCTION fit_spend_accum(population_state, visit_history, date) RETURNS population_state
	AS 'MODULE_PATHNAME', 'crm_spend_accumulate' LANGUAGE C IMMUTABLE PARALLEL SAFE;
CREATE FUNCTION fit_spend_final(population_state) RETURNS spend_model
	AS 'MODULE_PATHNAME', 'crm_spend_final' LANGUAGE C IMMUTABLE PARALLEL SAFE;

--| Fits the Gamma-Gamma model to the mean money of repeat visits, of customers who have some.
--| Events after as_of are ignored. A fit that cannot be trusted says so in a WARNING and in `model_summary`.
--| NULL: when no customer is left; the parameters where none of them came back and spent money.
--| Errors: as_of NULL, infinite or not the same for all rows.
--| Source: Fader & Hardie 2013, "The gamma-gamma model of monetary value"; Fader, Hardie & Lee 2005, JMR 42.
--| Example: SELECT channel, (model_summary(fit_spend(h, '2024-12-31'))).customers FROM customers GROUP BY channel ORDER BY channel
\population_aggregate(fit_spend(h visit_history, as_of date); fit_spend_accum; fit_spend_final; 65536)

--| Expected money of a visit of this customer: p (v + x m) / (p x + q - 1), x repeat visits of mean money m.
--| Without repeat visits that brought money it is the population's mean p v / (q - 1).
--| Unit: money a visit
--| NULL: without a visit by as_of, and where that mean does not exist (q <= 1).
--| Errors: an infinite as_of.
--| Source: Fader & Hardie 2013, "The gamma-gamma model of monetary value", eq. 5.
--| Example: SELECT expected_spend('{2024-01-05: 30, 2024-02-01: 60}', spend_model(6.25, 3.74, 15.44), '2024-03-01')
CREATE FUNCTION expected_spend(h visit_history, spend spend_model, as_of date DEFAULT current_date) RETURNS double precision
	AS 'MODULE_PATHNAME', 'crm_expected_spend' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;

--| Customer lifetime value: margin x expected spend x the expected visits of the next days, each discounted from the day it falls on.
--| days NULL: the whole remaining life. annual_discount_rate is compounded over 365 days.
--| Unit: money
--| NULL: without a visit by as_of, and where it does not converge (no end, no discount) or cannot be told (over e^10 of inflation, by a rate near -1); for any other NULL argument.
--| Errors: days or margin negative, rate -1 or less, either of them infinite; an infinite as_of.
--| Source: Fader, Hardie & Lee 2005, JMR 42.
--| Example: SELECT customer_id, clv(h, model, spend, '2024-12-31')::numeric(9,2) FROM customers, learned ORDER BY clv DESC LIMIT 3
CREATE FUNCTION clv(h visit_history, model btyd_model, spend spend_model, as_of date DEFAULT current_date, days integer DEFAULT 365, annual_discount_rate double precision DEFAULT 0.10, margin double precision DEFAULT 1) RETURNS double precision
	AS 'MODULE_PATHNAME', 'crm_clv' LANGUAGE C IMMUTABLE PARALLEL SAFE;

--| Average value of repeat visits x their number - acquisition cost; refunds on repeat visit days net.
--| Unit: money
--| NULL: without a visit or money.
--| Errors: acquisition_cost not finite.
--| Example: SELECT repeat_clv('{2024-01-05: 30, 2024-01-19: 40, 2024-02-01: 25}', 20)
CREATE FUNCTION repeat_clv(h visit_history, acquisition_cost numeric) RETURNS numeric
	AS 'MODULE_PATHNAME', 'crm_repeat_clv' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;

--| The sum of revenue[t + 1] x retention^t / (1 + discount_rate)^t over the periods t from 0 on, the last revenue repeating.
--| periods NULL: for ever, in closed form. A rate counts as it is written, 0.8 as 0.8. The sum is rounded once, at the end,
--| to 16 decimals, or as many as the revenues have where these have more. On the way 50 decimals more than the revenues have
--| are carried: all that is printed is right while the sum stays below 10^24, and 40 digits of one that grows beyond.
--| Unit: money
--| NULL: where the sum is infinite (retention >= 1 + discount_rate); when revenue is empty; when revenue, retention or discount_rate is NULL.
--| Errors: a revenue that is NULL or no number, rates below 0 or infinite, periods negative.
--| Example: SELECT retention_clv('{5000, 10000, 15000, 10000}', 0.80)
CREATE FUNCTION retention_clv(revenue numeric[], retention double precision, discount_rate double precision DEFAULT 0, periods integer DEFAULT NULL) RETURNS numeric
	AS 'MODULE_PATHNAME', 'crm_retention_clv' LANGUAGE C IMMUTABLE PARALLEL SAFE;

