-- ---------------------------------------------------------------------------
-- Latency: the rhythm of one customer, the norms of a group, the next visit
-- ---------------------------------------------------------------------------

-- ---- the sequence of one customer's gaps ----

--| Mean days between visits: (last visit - first visit) / (visits - 1).
--| Unit: days
--| NULL: under two visits.
--| Errors: none
--| Example: SELECT latency('{2024-01-05, 2024-01-19, 2024-02-01}')
CREATE FUNCTION latency(h visit_history) RETURNS double precision
	AS 'MODULE_PATHNAME', 'crm_latency' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;

--| Days from visit n to visit n + 1.
--| Unit: days
--| NULL: where there is no such gap, also for n below 1.
--| Example: SELECT latency('{2024-01-05, 2024-01-19, 2024-02-01}', 1)
CREATE FUNCTION latency(h visit_history, n integer) RETURNS integer
	AS 'MODULE_PATHNAME', 'crm_latency_of_step' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;

--| All gaps between visits, in order; an empty array under two visits.
--| Unit: days
--| Errors: none
--| Example: SELECT latencies('{2024-01-05, 2024-01-19, 2024-02-01}')
CREATE FUNCTION latencies(h visit_history) RETURNS integer[]
	AS 'MODULE_PATHNAME', 'crm_latencies' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;

--| Median days between visits, as `percentile_cont(0.5)`.
--| Unit: days
--| NULL: under two visits.
--| Errors: none
--| Example: SELECT median_latency('{2024-01-05, 2024-01-19, 2024-02-01}')
CREATE FUNCTION median_latency(h visit_history) RETURNS double precision
	AS 'MODULE_PATHNAME', 'crm_median_latency' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;

--| Sample standard deviation of the days between visits.
--| Unit: days
--| NULL: under three visits.
--| Errors: none
--| Example: SELECT latency_stddev('{2024-01-05, 2024-01-19, 2024-02-01}')
CREATE FUNCTION latency_stddev(h visit_history) RETURNS double precision
	AS 'MODULE_PATHNAME', 'crm_latency_stddev' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;

--| The visits at which the gaps stop shrinking and start growing (slowing), or the reverse (quickening).
--| `before` and `after` are the gaps on both sides of that visit, in days. Equal gaps keep the direction.
--| Errors: none
--| Example: SELECT * FROM latency_turns('{2024-01-01, 2024-03-31, 2024-05-30, 2024-06-29, 2024-08-28}'::visit_history)
CREATE FUNCTION latency_turns(h visit_history, OUT visit_no integer, OUT direction text, OUT before integer, OUT after integer) RETURNS SETOF record
	AS 'MODULE_PATHNAME', 'crm_latency_turns' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE ROWS 5;

-- ---- latency_norms: what is normal for a group ----

--| What is normal for a group of customers, step by step: how many come back after visit n, and after how many days.
--| Learned by the aggregate `latency_norms(h, as_of)`; holds exact counts, from which the curves are worked out.
--| Text form: `{as_of 2024-06-30, step 1: 7 12/1, 9 3/0, steps 2+: 5 8/0}`, per step `day returned/open`.
--| Errors: text that is not of this form.
\value_type(latency_norms; crm_norms)
\json_casts(latency_norms; crm_norms)

CREATE FUNCTION latency_norms_accum(population_state, visit_history, date) RETURNS population_state
	AS 'MODULE_PATHNAME', 'crm_norms_accumulate' LANGUAGE C IMMUTABLE PARALLEL SAFE;
CREATE FUNCTION latency_norms_final(population_state) RETURNS latency_norms
	AS 'MODULE_PATHNAME', 'crm_norms_final' LANGUAGE C IMMUTABLE PARALLEL SAFE;

--| Learns what is normal: for each step n (from visit n to visit n + 1) the Kaplan-Meier distribution of the gap.
--| Gaps still open on as_of count as open; averages of completed gaps only are biased short.
--| Step 1 stands alone, later steps while they have at least 30 completed gaps; the rest is pooled into one last step,
--| at most the latest 5 gaps of a customer. Events after as_of are ignored; histories without a visit are left out.
--| NULL: when no customer is left.
--| Errors: as_of NULL, infinite or not the same for all rows.
--| Source: Kaplan & Meier 1958, the product-limit estimate.
--| Example: SELECT channel, return_rate(latency_norms(h, '2024-12-31'), 1) FROM customers GROUP BY channel ORDER BY channel
\population_aggregate(latency_norms(h visit_history, as_of date); latency_norms_accum; latency_norms_final)

--| The share of customers who come back within so many days of visit n; days NULL: by the end of the curve.
--| Beyond the horizon the curve stays where it ends. A step beyond the last reads the last.
--| It also says how unusual a gap was: `return_rate(norms, n, gap)`.
--| Unit: a share, 0 to 1
--| NULL: for n below 1, and when norms or n is NULL.
--| Errors: none
--| Source: Kaplan & Meier 1958: F = 1 - S of the step.
--| Example: SELECT return_rate(norms, 1, 30) AS within_30_days, return_rate(norms, 1) AS ever FROM learned
CREATE FUNCTION return_rate(norms latency_norms, n integer, days integer DEFAULT NULL) RETURNS double precision
	AS 'MODULE_PATHNAME', 'crm_return_rate' LANGUAGE C IMMUTABLE PARALLEL SAFE;

--| Days from visit n to visit n + 1 by which the given share of those who come back has done so; 0.5 is the median.
--| Unit: days
--| NULL: where nobody came back, and for n below 1.
--| Errors: quantile outside 0 to 1.
--| Source: Kaplan & Meier 1958: the smallest day t with F(t) / F(end) >= quantile.
--| Example: SELECT expected_latency(norms, 1), expected_latency(norms, 1, 0.8) AS four_in_five FROM learned
CREATE FUNCTION expected_latency(norms latency_norms, n integer, quantile double precision DEFAULT 0.5) RETURNS integer
	AS 'MODULE_PATHNAME', 'crm_expected_latency' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;

--| The visits at which the typical sequence (the median of each step) turns: whom to write to, after which visit.
--| Example: SELECT t.* FROM learned, latency_turns(norms) AS t LIMIT 3
CREATE FUNCTION latency_turns(norms latency_norms, OUT visit_no integer, OUT direction text, OUT before integer, OUT after integer) RETURNS SETOF record
	AS 'MODULE_PATHNAME', 'crm_norms_turns' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE ROWS 5;

--| The norms as rows, one a step.
--| `customers` = `returned` + `open`; in the pooled last step they are gaps. `return_rate` is a share, the other measures are days:
--| `horizon` is the last day that is read (10 customers are still at risk), the quantiles are among those who come back.
--| NULL: the quantiles where nobody came back.
--| Errors: none
--| Example: SELECT t.* FROM learned, norms_table(norms) AS t LIMIT 3
CREATE FUNCTION norms_table(norms latency_norms, OUT step integer, OUT pooled boolean, OUT customers bigint, OUT returned bigint, OUT open bigint, OUT return_rate double precision, OUT horizon integer, OUT p20 integer, OUT median integer, OUT p80 integer, OUT p95 integer) RETURNS SETOF record
	AS 'MODULE_PATHNAME', 'crm_norms_table' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE ROWS 12;

-- ---- a customer against the norms ----

--| The trip wire: how long the silence is against customers at the same step.
--| on_track up to the median, due up to the 80th percentile, overdue up to the 95th, lapsed beyond; no_visits without a visit.
--| NULL: where nobody in the norms came back at that step.
--| Errors: an infinite as_of.
--| Example: SELECT latency_status(h, norms, '2024-12-31') AS status, count(*) FROM customers, learned GROUP BY status ORDER BY count DESC
CREATE FUNCTION latency_status(h visit_history, norms latency_norms, as_of date DEFAULT current_date) RETURNS text
	AS 'MODULE_PATHNAME', 'crm_latency_status' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;

--| Whether the completed gaps were faster, typical or slower than the norms.
--| The mean of F(gap) / F(end) of their steps decides: below 1/3 faster, above 2/3 slower.
--| NULL: without a completed gap.
--| Errors: an infinite as_of.
--| Example: SELECT pace(h, norms, '2024-12-31'), count(*) FROM customers, learned GROUP BY pace ORDER BY count DESC
CREATE FUNCTION pace(h visit_history, norms latency_norms, as_of date DEFAULT current_date) RETURNS text
	AS 'MODULE_PATHNAME', 'crm_pace' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;

--| Days left until the silence passes the quantile of the customer's step: quantile + 1 - silence; 0 or less once past it.
--| Unit: days
--| NULL: without a visit, or where nobody came back at that step.
--| Errors: quantile outside 0 to 1; an infinite as_of.
--| Example: SELECT customer_id, days_until_overdue(h, norms, '2024-12-31') FROM customers, learned ORDER BY customer_id LIMIT 3
CREATE FUNCTION days_until_overdue(h visit_history, norms latency_norms, as_of date DEFAULT current_date, quantile double precision DEFAULT 0.8) RETURNS integer
	AS 'MODULE_PATHNAME', 'crm_days_until_overdue' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;

-- ---- the next visit ----

--| Last visit + own mean latency, rounded half up.
--| NULL: under two visits, and beyond the range of date.
--| Errors: an infinite as_of.
--| Example: SELECT expected_next_visit('{2024-01-05, 2024-01-19, 2024-02-01}')
CREATE FUNCTION expected_next_visit(h visit_history) RETURNS date
	AS 'MODULE_PATHNAME', 'crm_expected_next_visit' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;

--| The median day of the next visit, given the silence so far and given that there is one: always after as_of.
--| NULL: without a visit, where nobody was ever silent longer and came back, or more than 3650 days ahead.
--| Source: Kaplan & Meier 1958: the smallest t > s with (F(t) - F(s)) / (F(end) - F(s)) >= 0.5, s the silence.
--| Example: SELECT expected_next_visit('{2024-11-05, 2024-12-19}', norms, '2024-12-31') FROM learned
CREATE FUNCTION expected_next_visit(h visit_history, norms latency_norms, as_of date DEFAULT current_date) RETURNS date
	AS 'MODULE_PATHNAME', 'crm_expected_next_visit_norms' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;

--| The days between which the next visit falls with the given probability, given that there is one; both quantile days included.
--| Open above beyond 3650 days.
--| NULL: as for expected_next_visit.
--| Errors: level not above 0 and below 1; an infinite as_of.
--| Example: SELECT next_visit_range('{2024-11-05, 2024-12-19}', norms, '2024-12-31') FROM learned
CREATE FUNCTION next_visit_range(h visit_history, norms latency_norms, as_of date DEFAULT current_date, level double precision DEFAULT 0.8) RETURNS daterange
	AS 'MODULE_PATHNAME', 'crm_next_visit_range_norms' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;

--| Chance of at least one visit in the next days, whether the customer comes back or not.
--| Unit: a probability, 0 to 1
--| NULL: without a visit, and where it lies beyond the horizon of the norms.
--| Errors: days negative; an infinite as_of.
--| Source: Kaplan & Meier 1958: (F(s + days) - F(s)) / (1 - F(s)), s the silence.
--| Example: SELECT visit_probability('{2024-11-05, 2024-12-19}', norms, '2024-12-31') FROM learned
CREATE FUNCTION visit_probability(h visit_history, norms latency_norms, as_of date DEFAULT current_date, days integer DEFAULT 30) RETURNS double precision
	AS 'MODULE_PATHNAME', 'crm_visit_probability_norms' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
