-- ---------------------------------------------------------------------------
-- Retention: who stays, what they bring, and how few bring most of it
-- ---------------------------------------------------------------------------

CREATE FUNCTION retention_final(population_state) RETURNS double precision
	AS 'MODULE_PATHNAME', 'crm_retention_final' LANGUAGE C IMMUTABLE PARALLEL SAFE;

CREATE FUNCTION repeat_rate_accum(population_state, visit_history) RETURNS population_state
	AS 'MODULE_PATHNAME', 'crm_repeat_rate_accum' LANGUAGE C IMMUTABLE PARALLEL SAFE;

--| The share of customers with two visits or more.
--| A history without a visit is no customer and left out, also with its refunds.
--| As of a day: `repeat_rate(as_of(h, day))`.
--| Unit: a share, 0 to 1
--| NULL: when there are no customers.
--| Errors: none
--| Example: SELECT channel, repeat_rate(h) FROM customers GROUP BY channel ORDER BY channel
\population_aggregate(repeat_rate(h visit_history); repeat_rate_accum; retention_final)

CREATE FUNCTION repeat_revenue_share_accum(population_state, visit_history) RETURNS population_state
	AS 'MODULE_PATHNAME', 'crm_repeat_revenue_share_accum' LANGUAGE C IMMUTABLE PARALLEL SAFE;

--| The share of all customers' money that came after the day of their first visit.
--| A history without a visit is no customer and left out, also with its refunds.
--| Refunds count against the day they were made on, so the share can leave 0 to 1.
--| As of a day: `repeat_revenue_share(as_of(h, day))`.
--| Unit: a share, mostly 0 to 1
--| NULL: when there are no customers, or their money is not positive.
--| Errors: money of all customers together of more than 18 significant digits.
--| Example: SELECT repeat_revenue_share(h) FROM customers
\population_aggregate(repeat_revenue_share(h visit_history); repeat_revenue_share_accum; retention_final)

CREATE FUNCTION customer_retention_accum(population_state, visit_history, daterange, daterange) RETURNS population_state
	AS 'MODULE_PATHNAME', 'crm_customer_retention_accum' LANGUAGE C IMMUTABLE PARALLEL SAFE;

--| Of the customers who came in before, the share who came in after.
--| Customers are those with a visit in before. Dateranges may be open-ended; `before` and `after` may overlap.
--| Unit: a share, 0 to 1
--| NULL: when nobody came in before.
--| Errors: before or after NULL, or not the same for all rows.
--| Example: SELECT customer_retention(h, '[2023-01-01,2024-01-01)', '[2024-01-01,2025-01-01)') FROM customers
\population_aggregate(customer_retention(h visit_history, before daterange, after daterange); customer_retention_accum; retention_final)

CREATE FUNCTION revenue_retention_accum(population_state, visit_history, daterange, daterange) RETURNS population_state
	AS 'MODULE_PATHNAME', 'crm_revenue_retention_accum' LANGUAGE C IMMUTABLE PARALLEL SAFE;

--| Of the money of the customers who came in before, spent in before, the share of those who came in after.
--| It can disagree completely with `customer_retention`: 98 % of heads and 42 % of revenue, when the two who left were the best.
--| Customers are those with a visit in before. Dateranges may be open-ended; `before` and `after` may overlap.
--| Unit: a share, mostly 0 to 1
--| NULL: when there are no customers, or their money is not positive.
--| Errors: before or after NULL, or not the same for all rows.
--| Example: SELECT revenue_retention(h, '[2023-01-01,2024-01-01)', '[2024-01-01,2025-01-01)') FROM customers
\population_aggregate(revenue_retention(h visit_history, before daterange, after daterange); revenue_retention_accum; retention_final)

CREATE FUNCTION net_revenue_retention_accum(population_state, visit_history, daterange, daterange) RETURNS population_state
	AS 'MODULE_PATHNAME', 'crm_net_revenue_retention_accum' LANGUAGE C IMMUTABLE PARALLEL SAFE;

--| What the customers who came in before and in after spent in after, divided by the money of all who came in before, spent in before.
--| Above 1 the customers who stayed have outgrown those who left. Periods of different length compare unequal things.
--| Customers are those with a visit in before. Dateranges may be open-ended; `before` and `after` may overlap.
--| Unit: a ratio, 1 is as much as before
--| NULL: when there are no customers, or their money is not positive.
--| Errors: before or after NULL, or not the same for all rows.
--| Example: SELECT net_revenue_retention(h, '[2023-01-01,2024-01-01)', '[2024-01-01,2025-01-01)') FROM customers
\population_aggregate(net_revenue_retention(h visit_history, before daterange, after daterange); net_revenue_retention_accum; retention_final)

CREATE FUNCTION revenue_share_accum(population_state, visit_history, double precision) RETURNS population_state
	AS 'MODULE_PATHNAME', 'crm_revenue_share_accum' LANGUAGE C IMMUTABLE PARALLEL SAFE;
CREATE FUNCTION revenue_share_final(population_state) RETURNS double precision
	AS 'MODULE_PATHNAME', 'crm_revenue_share_final' LANGUAGE C IMMUTABLE PARALLEL SAFE;

--| The part of all revenue that the best top_share of the customers bring: the 80/20 question.
--| It is the money of the ceil(top_share x N - 1e-9) highest spenders of N, divided by the money of all.
--| A history without a visit is no customer and left out, also with its refunds. Customers whose orders have no amounts are left out too.
--| Unit: a share, mostly 0 to 1; above 1 where others had more refunds than orders
--| NULL: when there are no customers, or all money is not positive.
--| Errors: top_share NULL, not 0 to 1, or not the same for all rows.
--| Example: SELECT revenue_share(h, 0.2) FROM customers
\population_aggregate(revenue_share(h visit_history, top_share double precision); revenue_share_accum; revenue_share_final)


-- ---- cohorts ----

--| Customers by periods since their first visit: how many are over that period, how many came in it, what they brought.
--| `{month, as_of 2024-06-30, 0: 100/100 1250.5, 1: 41/100 520, 3: 30/70 401.25}`: of 100 customers 41 came in the month after
--| their first and brought 520. Periods in which nothing happened are left out of the text; `cohort_table` has them.
--| Errors: text that is not of this form.
\value_type(cohort_retention; crm_cohort)

--| A cohort value as JSON; revenue is null without money. Periods in which nothing happened are left out.
\json_casts(cohort_retention; crm_cohort)

CREATE FUNCTION cohort_retention_accum(population_state, visit_history, text, date) RETURNS population_state
	AS 'MODULE_PATHNAME', 'crm_cohort_accum_calendar' LANGUAGE C IMMUTABLE PARALLEL SAFE;
CREATE FUNCTION cohort_retention_accum(population_state, visit_history, integer, date) RETURNS population_state
	AS 'MODULE_PATHNAME', 'crm_cohort_accum_days' LANGUAGE C IMMUTABLE PARALLEL SAFE;
CREATE FUNCTION cohort_retention_final(population_state) RETURNS cohort_retention
	AS 'MODULE_PATHNAME', 'crm_cohort_final' LANGUAGE C IMMUTABLE PARALLEL SAFE;

--| Retention by periods of the calendar since the first visit: 'day', 'week' (from Monday), 'month', 'quarter', 'year'.
--| Period 0 is the one that the customer's own first visit is in. Group by it and there is a triangle.
--| A period that ends on as_of is over; one that is not over for a customer is left out, not counted as a loss.
--| Events after as_of are ignored; histories without a visit by then are no customers and left out.
--| NULL: when no customer is left.
--| Errors: an unknown period, one of less than a day; period or as_of NULL or not the same for all rows; an infinite as_of.
--| Example: SELECT date_trunc('quarter', first_visit(h))::date AS first_quarter, cohort_retention(h, 'quarter', '2024-12-31')
--| FROM customers WHERE first_visit(h) >= '2024-04-01' GROUP BY 1 ORDER BY 1
\population_aggregate(cohort_retention(h visit_history, period text, as_of date); cohort_retention_accum; cohort_retention_final)

--| Retention by periods of so many days since the first visit: period k is from first visit + k x days to first visit + (k + 1) x days - 1.
--| Example: SELECT cohort_retention(h, 180, '2024-12-31') FROM customers
\population_aggregate(cohort_retention(h visit_history, period integer, as_of date); cohort_retention_accum; cohort_retention_final)

--| A cohort value as rows, one a period since the first visit, from 0.
--| `customers` are those whose period is over, `active` those of them who came in it, `retention` = active / customers, a share;
--| `revenue` is their money in it, exact, refunds net; `revenue_per_customer` = revenue / customers.
--| NULL: `revenue` and `revenue_per_customer` without money.
--| Errors: none
--| Example: SELECT t.* FROM (SELECT cohort_retention(h, 'quarter', '2024-12-31') AS cohort FROM customers WHERE first_visit(h) < '2023-04-01') AS c, cohort_table(cohort) AS t LIMIT 4
CREATE FUNCTION cohort_table(cohort cohort_retention, OUT period_no integer, OUT customers bigint, OUT active bigint, OUT retention double precision, OUT revenue numeric, OUT revenue_per_customer numeric) RETURNS SETOF record
	AS 'MODULE_PATHNAME', 'crm_cohort_table' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE ROWS 24;
