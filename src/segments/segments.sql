-- ---------------------------------------------------------------------------
-- Stages, tiers, segments: the words for them
-- ---------------------------------------------------------------------------

--| The Chinese word of the retail trade for a label of ours.
--| Any other text gives NULL, so that `coalesce(label_zh(segment), segment)` serves maps of your own too. Case
--| does not matter. A label of several classifications has one word that fits
--| all of them: new, lost, active, regular (a loyalty level, a member segment
--| and a value tier), and so on.
--| NULL: for a text that is no label of ours.
--| Errors: the database's encoding has no Chinese characters.
--| Example: SELECT label_zh('sleeping'), label_zh('fan')
CREATE FUNCTION label_zh(label text) RETURNS text
	AS 'MODULE_PATHNAME', 'crm_label_zh' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;


-- ---- stages and levels ----

--| Where a customer stands in life: prospect (no visit), new (one visit), active (2 or 3), loyal (4 or more), sleeping, lost.
--| Sleeping is a silence beyond the 80th percentile of the customer's own step in the norms, lost beyond the 95th; both go before the number of visits.
--| NULL: where nobody in the norms came back at that step.
--| Example: SELECT lifecycle_stage(h, norms, '2024-12-31') AS stage, count(*) FROM customers, learned GROUP BY stage ORDER BY count DESC
CREATE FUNCTION lifecycle_stage(h visit_history, norms latency_norms, as_of date DEFAULT current_date) RETURNS text
	AS 'MODULE_PATHNAME', 'crm_lifecycle_stage' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;

--| The lifecycle stage by fixed days: lost when the silence is longer than lost_after, sleeping when longer than sleeping_after.
--| Errors: negative days, sleeping_after above lost_after; an infinite as_of.
--| Example: SELECT lifecycle_stage('{2024-01-05: 12.5, 2024-01-19: 40}', 60, 180, '2024-06-30')
CREATE FUNCTION lifecycle_stage(h visit_history, sleeping_after integer, lost_after integer, as_of date DEFAULT current_date) RETURNS text
	AS 'MODULE_PATHNAME', 'crm_lifecycle_stage_days' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;

--| How alive a customer is, the position that latency_status names, under the names of the 4 x 4 grid.
--| active up to the median of the customer's own step in the norms, silent up to the 80th percentile, sleeping up to the 95th, lost beyond; no_visits.
--| NULL: where nobody in the norms came back at that step.
--| Example: SELECT activity_level(h, norms, '2024-12-31') AS activity, loyalty_level(h, '2024-12-31') AS loyalty, count(*) FROM customers, learned GROUP BY 1, 2 ORDER BY count DESC LIMIT 3
CREATE FUNCTION activity_level(h visit_history, norms latency_norms, as_of date DEFAULT current_date) RETURNS text
	AS 'MODULE_PATHNAME', 'crm_activity_level' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;

--| The activity level by fixed days of silence: beyond silent_after silent, beyond sleeping_after sleeping, beyond lost_after lost.
--| Errors: negative days, days that descend; an infinite as_of.
--| Example: SELECT activity_level('{2024-01-05: 12.5, 2024-01-19: 40}', 30, 90, 180, '2024-06-30')
CREATE FUNCTION activity_level(h visit_history, silent_after integer, sleeping_after integer, lost_after integer, as_of date DEFAULT current_date) RETURNS text
	AS 'MODULE_PATHNAME', 'crm_activity_level_days' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;

--| How much of a regular a customer is, by visits up to as_of: 1 new, 2 second, 3 or 4 regular, 5 and more fan; no_visits.
--| Errors: an infinite as_of.
--| Example: SELECT loyalty_level('{2024-01-05: 12.5, 2024-01-19: 40}', '2024-06-30')
CREATE FUNCTION loyalty_level(h visit_history, as_of date DEFAULT current_date) RETURNS text
	AS 'MODULE_PATHNAME', 'crm_loyalty_level' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;

--| What a customer did for growth from from_day to to_day, both included, against the period of the same length before it.
--| new (first visit ever inside), retained (visited in both), resurrected (inside, not in the period before, but earlier),
--| dormant (in the period before, not inside), inactive (neither).
--| NULL: for a customer whose first visit is later, or who has none.
--| Errors: infinite days, from_day after to_day.
--| Example: SELECT growth_state('{2024-02-05: 12.5, 2024-02-19: 40}', '2024-03-01', '2024-03-31')
CREATE FUNCTION growth_state(h visit_history, from_day date, to_day date) RETURNS text
	AS 'MODULE_PATHNAME', 'crm_growth_state' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;


-- ---- value tiers ----

--| The spend that parts the best customers from the rest: the customer pyramid.
--| `{top 0.01 above 1840.5, top 0.05 above 912, top 0.2 above 310.25}`: tier 1 spends more than 1840.5, tier 2 more than 912, tier 3 more than 310.25, tier 4 is the rest.
--| Errors: text that is not of this form.
\value_type(value_tiers; crm_value_tiers)

--| Tiers as JSON: `[{"tier": 1, "share": 0.01, "above": 1840.5}, ...]`; the rest is no entry.
\json_casts(value_tiers; crm_value_tiers)

CREATE FUNCTION value_tiers_accum(population_state, visit_history, date, double precision[]) RETURNS population_state
	AS 'MODULE_PATHNAME', 'crm_value_tiers_accum' LANGUAGE C IMMUTABLE PARALLEL SAFE;

CREATE FUNCTION value_tiers_final(population_state) RETURNS value_tiers
	AS 'MODULE_PATHNAME', 'crm_value_tiers_final' LANGUAGE C IMMUTABLE PARALLEL SAFE;

--| Learns how much one must spend to be among the best shares of the customers: cut points `percentile_disc(1 - share)` of total spend up to as_of.
--| '{0.01, 0.05, 0.20}' is the pyramid of 1 %, 4 %, 15 % and the rest (VIP, key, regular, small); '{0.05, 0.20}' are the classes A, B, C.
--| Equal spenders share a tier, so tiers can be smaller than asked, never larger.
--| Events after as_of are ignored; histories without a visit by then are no customers and left out.
--| Customers whose orders have no amounts are left out too.
--| NULL: when no customer is left.
--| Errors: as_of NULL, infinite or not the same for all rows; shares that are not 1 to 16 ascending numbers between 0 and 1.
--| Example: SELECT value_tiers(h, '2024-12-31', '{0.01, 0.05, 0.20}') FROM customers
\population_aggregate(value_tiers(h visit_history, as_of date, shares double precision[]); value_tiers_accum; value_tiers_final)

--| The value tier of a customer as of as_of, 1 is the best: 1 + the number of cut points at or above the total spend.
--| Unit: a tier, 1 to the number of shares + 1
--| NULL: without a visit, and without money, by as_of.
--| Errors: an infinite as_of.
--| Example: SELECT value_tier(h, tiers, '2024-12-31') AS tier, count(*), sum(total_spend(h)) FROM customers, learned GROUP BY tier ORDER BY tier
CREATE FUNCTION value_tier(h visit_history, tiers value_tiers, as_of date DEFAULT current_date) RETURNS integer
	AS 'MODULE_PATHNAME', 'crm_value_tier' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;


-- ---- member segments ----

--| The thresholds of the seven member segments: percentiles of spend, visits and average visit value, in the year and half-year up to as_of.
--| `{spend in year p15 20, p50 85.5, p85 400.25, visits in year p50 2, p85 7, visit value in year p50 136/3, visit value in half-year p85 88.9}`;
--| an average is kept exact, as money / visits. A measure that nobody had is left out.
--| Errors: text that is not of this form.
\value_type(member_scheme; crm_member_scheme)

--| A member scheme as JSON, an average as its money and visits.
\json_casts(member_scheme; crm_member_scheme)

CREATE FUNCTION member_scheme_accum(population_state, visit_history, date) RETURNS population_state
	AS 'MODULE_PATHNAME', 'crm_member_scheme_accum' LANGUAGE C IMMUTABLE PARALLEL SAFE;

CREATE FUNCTION member_scheme_final(population_state) RETURNS member_scheme
	AS 'MODULE_PATHNAME', 'crm_member_scheme_final' LANGUAGE C IMMUTABLE PARALLEL SAFE;

--| Learns the thresholds of the member segments from a population as it was on as_of.
--| They are `percentile_disc` over the customers with a visit in the window: the 365 days up to and including as_of, or 183.
--| Events after as_of are ignored; histories without a visit by then are no customers and left out.
--| NULL: when no customer is left.
--| Errors: as_of NULL, infinite or not the same for all rows.
--| Example: SELECT member_scheme(h, '2024-12-31') FROM customers
\population_aggregate(member_scheme(h visit_history, as_of date); member_scheme_accum; member_scheme_final)

--| All member segments that a customer is in as of as_of, in order of precedence; never empty.
--|
--| - sleeping: no visit in the half-year (183 days).
--| - slipping: at least three visits, tenure of 91 days or more, and in the last 91 days less than half the visits of the customer's own rate.
--| - high_value: spend in the year in the top 15 %.
--| - high_loyalty: spend in the year in the top half, mean latency in the year and silence at most 30 days.
--| - high_ticket: average visit value in the half-year in the top 15 %.
--| - frequent_low_ticket: average visit value in the year below the median, visits in the year in the top 15 %.
--| - rare_low_ticket: tenure over 91 days, average visit value in the year below the median, visits in the year at or below theirs,
--|   and spend in the year in the bottom 15 %.
--| - Otherwise regular; prospect without a visit.
--|
--| A rule whose money is unknown does not apply.
--| Errors: an infinite as_of.
--| Example: SELECT member_segments(h, members, '2024-12-31') AS segments, count(*) FROM customers, learned GROUP BY segments ORDER BY count DESC LIMIT 3
CREATE FUNCTION member_segments(h visit_history, scheme member_scheme, as_of date DEFAULT current_date) RETURNS text[]
	AS 'MODULE_PATHNAME', 'crm_member_segments' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;

--| The member segment of a customer as of as_of: the first that applies, in the order of member_segments.
--| Errors: an infinite as_of.
--| Example: SELECT member_segment(h, members, '2024-12-31') AS segment, count(*) FROM customers, learned GROUP BY segment ORDER BY count DESC LIMIT 3
CREATE FUNCTION member_segment(h visit_history, scheme member_scheme, as_of date DEFAULT current_date) RETURNS text
	AS 'MODULE_PATHNAME', 'crm_member_segment' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;


-- ---- why ----

--| Why a customer has the labels that they have as of as_of: for each label its inputs, the thresholds, the rule that fired,
--| the next label and how far it is, and a sentence that says so.
--| The labels are latency_status, activity_level, lifecycle_stage, loyalty_level, the three scores and rfm_segment.
--| NULL: when h or as_of is NULL; norms, scheme or map NULL leave out what needs them.
--| Errors: scores outside the buckets of the map; an infinite as_of.
--| Example: SELECT explain_customer(h, norms, scheme, '2024-12-31') -> 'rfm_segment' ->> 'sentence' AS because FROM customers, learned WHERE customer_id = 2
CREATE FUNCTION explain_customer(h visit_history, norms latency_norms, scheme rfm_scheme, as_of date DEFAULT current_date, map segment_map DEFAULT 'rf25') RETURNS jsonb
	AS 'MODULE_PATHNAME', 'crm_explain_customer' LANGUAGE C IMMUTABLE PARALLEL SAFE;
