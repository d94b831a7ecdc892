-- ---------------------------------------------------------------------------
-- History: one customer's visits in one value
-- ---------------------------------------------------------------------------

--| All visits of one customer: days, orders and money, packed into a few bytes a visit.
--| Text form: `{2024-01-05: 12.5, 2024-01-19: 40 in 2 orders, 2024-02-01: -5 in 0 orders, 2024-03-10}`;
--| one order is not mentioned, a day without money has no colon, refunds alone are `in 0 orders`.
--| Equal histories are equal bytes, whatever order or plan their rows came in.
--| Errors: text that is not of this form; infinite days; more than 18 significant digits of money.
--| Example: SELECT visit_history '{2024-01-19: 40 in 2 orders, 2024-01-05: 12.50, 2024-03-10}' AS h
\value_type(visit_history; crm_history)
\json_casts(visit_history; crm_history)

-- ---- the transition state ----

--| Internal: a history under construction, what the aggregate visit_history() works on and ships between machines.
--| Not for columns; its text and binary forms are those of the history that it holds.
\base_type(visit_history_state; crm_history_state; crm_history_state_send)

CREATE FUNCTION visit_history_combine(visit_history_state, visit_history_state) RETURNS visit_history_state
	AS 'MODULE_PATHNAME', 'crm_history_state_combine' LANGUAGE C IMMUTABLE PARALLEL SAFE;
CREATE FUNCTION visit_history_final(visit_history_state) RETURNS visit_history
	AS 'MODULE_PATHNAME', 'crm_history_state_final' LANGUAGE C IMMUTABLE PARALLEL SAFE;

-- One aggregate of the name visit_history, from the types of its arguments and
-- the end of its C function's name.
\define history_aggregate(arguments; types; c; volatility = IMMUTABLE)
CREATE FUNCTION visit_history_accum(visit_history_state, <types>) RETURNS visit_history_state
	AS 'MODULE_PATHNAME', 'crm_accumulate_<c>' LANGUAGE C <volatility> PARALLEL SAFE;
<comment>
CREATE AGGREGATE visit_history(<arguments>) (
	SFUNC = visit_history_accum, STYPE = visit_history_state, SSPACE = 80,
	FINALFUNC = visit_history_final, FINALFUNC_MODIFY = READ_ONLY,
	COMBINEFUNC = visit_history_combine, PARALLEL = SAFE
);
\end

-- ---- the aggregates: day [, amount] ----

--| Gathers the visits of a group, one customer's as a rule, into a history; here from a column of date, without money.
--| A day with at least one order is a visit; several orders on one day are one visit. A row with a negative amount is a refund:
--| it lowers that day's money, but is no order and makes no visit. A NULL day is skipped, a NULL amount is an order without money.
--| The result is the same, byte for byte, in any order of the rows and in any plan; it can be a window function, too.
--| NULL: never; no rows give the empty history `{}`.
--| Errors: an infinite day; NaN or an infinite amount; more than 18 significant digits of a customer's money; a time zone with a date or a timestamp,
--| which are local days already; an unknown or NULL time zone.
--| Example: SELECT customer_id, visit_history(ordered_at, amount) FROM orders WHERE customer_id IN (3, 5) GROUP BY customer_id
\history_aggregate(day date; date; date_none)

--| Gathers the visits of a group from columns of date and numeric.
--| Money is exact: total_spend equals sum(amount).
\history_aggregate(day date, amount numeric; date, numeric; date_numeric)

--| Gathers the visits of a group from columns of date and double precision.
--| Amounts are rounded to 6 decimals, as round(amount::numeric, 6) does it.
\history_aggregate(day date, amount double precision; date, double precision; date_float8)

--| Gathers the visits of a group from columns of date and bigint.
--| Money is exact.
\history_aggregate(day date, amount bigint; date, bigint; date_int8)

--| Gathers the visits of a group from columns of date and integer.
--| Money is exact.
\history_aggregate(day date, amount integer; date, integer; date_int4)

--| Gathers the visits of a group from a column of timestamp, without money.
--| The day is that of the timestamp as it stands.
\history_aggregate(ordered_at timestamp; timestamp; timestamp_none)

--| Gathers the visits of a group from columns of timestamp and numeric.
--| The day is that of the timestamp as it stands.
--| Money is exact: total_spend equals sum(amount).
\history_aggregate(ordered_at timestamp, amount numeric; timestamp, numeric; timestamp_numeric)

--| Gathers the visits of a group from columns of timestamp and double precision.
--| The day is that of the timestamp as it stands.
--| Amounts are rounded to 6 decimals, as round(amount::numeric, 6) does it.
\history_aggregate(ordered_at timestamp, amount double precision; timestamp, double precision; timestamp_float8)

--| Gathers the visits of a group from columns of timestamp and bigint.
--| The day is that of the timestamp as it stands.
--| Money is exact.
\history_aggregate(ordered_at timestamp, amount bigint; timestamp, bigint; timestamp_int8)

--| Gathers the visits of a group from columns of timestamp and integer.
--| The day is that of the timestamp as it stands.
--| Money is exact.
\history_aggregate(ordered_at timestamp, amount integer; timestamp, integer; timestamp_int4)

--| Gathers the visits of a group from a column of timestamptz, without money.
--| The day is taken in the session's TimeZone, as `ordered_at::date` does; name a zone in everything that is stored or runs on several servers.
\history_aggregate(ordered_at timestamptz; timestamptz; timestamptz_none; STABLE)

--| Gathers the visits of a group from columns of timestamptz and numeric.
--| The day is taken in the session's TimeZone, as `ordered_at::date` does; name a zone in everything that is stored or runs on several servers.
--| Money is exact: total_spend equals sum(amount).
\history_aggregate(ordered_at timestamptz, amount numeric; timestamptz, numeric; timestamptz_numeric; STABLE)

--| Gathers the visits of a group from columns of timestamptz and double precision.
--| The day is taken in the session's TimeZone, as `ordered_at::date` does; name a zone in everything that is stored or runs on several servers.
--| Amounts are rounded to 6 decimals, as round(amount::numeric, 6) does it.
\history_aggregate(ordered_at timestamptz, amount double precision; timestamptz, double precision; timestamptz_float8; STABLE)

--| Gathers the visits of a group from columns of timestamptz and bigint.
--| The day is taken in the session's TimeZone, as `ordered_at::date` does; name a zone in everything that is stored or runs on several servers.
--| Money is exact.
\history_aggregate(ordered_at timestamptz, amount bigint; timestamptz, bigint; timestamptz_int8; STABLE)

--| Gathers the visits of a group from columns of timestamptz and integer.
--| The day is taken in the session's TimeZone, as `ordered_at::date` does; name a zone in everything that is stored or runs on several servers.
--| Money is exact.
\history_aggregate(ordered_at timestamptz, amount integer; timestamptz, integer; timestamptz_int4; STABLE)

-- ---- the aggregates: timestamptz [, amount] in a named zone ----

--| Gathers the visits of a group, days taken in the named time zone, without money.
--| The same on every server and for every session.
\history_aggregate(ordered_at timestamptz, time_zone text; timestamptz, text; zoned_none)

--| Gathers the visits of a group with numeric amounts, days taken in the named time zone.
--| The same on every server and for every session. Money is exact: total_spend equals sum(amount).
--| Example: SELECT visit_history(ordered_at, amount, 'Asia/Shanghai') FROM (VALUES ('2024-01-05 20:00+00'::timestamptz, 12.50)) AS orders(ordered_at, amount)
\history_aggregate(ordered_at timestamptz, amount numeric, time_zone text; timestamptz, numeric, text; zoned_numeric)

--| Gathers the visits of a group with double precision amounts, days taken in the named time zone.
--| The same on every server and for every session. Amounts are rounded to 6 decimals, as round(amount::numeric, 6) does it.
\history_aggregate(ordered_at timestamptz, amount double precision, time_zone text; timestamptz, double precision, text; zoned_float8)

--| Gathers the visits of a group with bigint amounts, days taken in the named time zone.
--| The same on every server and for every session. Money is exact.
\history_aggregate(ordered_at timestamptz, amount bigint, time_zone text; timestamptz, bigint, text; zoned_int8)

--| Gathers the visits of a group with integer amounts, days taken in the named time zone.
--| The same on every server and for every session. Money is exact.
\history_aggregate(ordered_at timestamptz, amount integer, time_zone text; timestamptz, integer, text; zoned_int4)

-- ---- refused on purpose: a zone with a date or a timestamp ----
-- Without these the implicit cast to timestamptz would shift days silently.

CREATE FUNCTION visit_history_zone_refused(visit_history_state) RETURNS visit_history
	AS 'MODULE_PATHNAME', 'crm_accumulate_zone_refused' LANGUAGE C IMMUTABLE PARALLEL SAFE;

\define zone_refused(arguments; types; day)
CREATE FUNCTION visit_history_accum(visit_history_state, <types>) RETURNS visit_history_state
	AS 'MODULE_PATHNAME', 'crm_accumulate_zone_refused' LANGUAGE C IMMUTABLE PARALLEL SAFE;
--| Always an error: a time zone goes with timestamptz; a <day> is a local day already.
CREATE AGGREGATE visit_history(<arguments>) (
	SFUNC = visit_history_accum, STYPE = visit_history_state, FINALFUNC = visit_history_zone_refused, PARALLEL = SAFE
);
\end

\zone_refused(day date, time_zone text; date, text; date)
\zone_refused(day date, amount numeric, time_zone text; date, numeric, text; date)
\zone_refused(day date, amount double precision, time_zone text; date, double precision, text; date)
\zone_refused(day date, amount bigint, time_zone text; date, bigint, text; date)
\zone_refused(day date, amount integer, time_zone text; date, integer, text; date)
\zone_refused(ordered_at timestamp, time_zone text; timestamp, text; timestamp)
\zone_refused(ordered_at timestamp, amount numeric, time_zone text; timestamp, numeric, text; timestamp)
\zone_refused(ordered_at timestamp, amount double precision, time_zone text; timestamp, double precision, text; timestamp)
\zone_refused(ordered_at timestamp, amount bigint, time_zone text; timestamp, bigint, text; timestamp)
\zone_refused(ordered_at timestamp, amount integer, time_zone text; timestamp, integer, text; timestamp)

-- ---- merging histories ----

--| Merges histories into one: days are united, orders and money of a common day add up.
--| A NULL history is skipped.
--| Example: SELECT visit_history(h) FROM unnest('{"{2024-01-05: 12.5}", "{2024-01-05: 7.5, 2024-02-01: 20}"}'::visit_history[]) AS h
\history_aggregate(history visit_history; visit_history; history)

CREATE FUNCTION visit_history_merge(a visit_history, b visit_history) RETURNS visit_history
	AS 'MODULE_PATHNAME', 'crm_history_merge' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
--| The visits of both: days are united, orders and money of a common day add up, so `h || h` doubles orders and money.
CREATE OPERATOR || (
	LEFTARG = visit_history, RIGHTARG = visit_history, FUNCTION = visit_history_merge, COMMUTATOR = ||
);

-- ---- reading ----

--| Number of visits: days with at least one order.
--| Unit: visits; 0 for the empty history
--| Errors: none
--| Example: SELECT visit_count('{2024-01-05: 12.5, 2024-01-19: 40 in 2 orders, 2024-02-01: -5 in 0 orders}')
CREATE FUNCTION visit_count(h visit_history) RETURNS integer
	AS 'MODULE_PATHNAME', 'crm_visit_count' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;

--| Number of orders: rows whose amount was not negative, or absent.
--| Unit: orders; 0 for the empty history
--| Errors: none
--| Example: SELECT order_count('{2024-01-05: 12.5, 2024-01-19: 40 in 2 orders, 2024-02-01: -5 in 0 orders}')
CREATE FUNCTION order_count(h visit_history) RETURNS integer
	AS 'MODULE_PATHNAME', 'crm_order_count' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;

--| Day of the first visit.
--| NULL: without a visit.
--| Errors: none
--| Example: SELECT first_visit('{2024-01-01: -5 in 0 orders, 2024-01-05: 12.5, 2024-01-19: 40}')
CREATE FUNCTION first_visit(h visit_history) RETURNS date
	AS 'MODULE_PATHNAME', 'crm_first_visit' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;

--| Day of the last visit.
--| NULL: without a visit.
--| Errors: none
--| Example: SELECT last_visit('{2024-01-05: 12.5, 2024-01-19: 40, 2024-02-01: -5 in 0 orders}')
CREATE FUNCTION last_visit(h visit_history) RETURNS date
	AS 'MODULE_PATHNAME', 'crm_last_visit' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;

--| All money, refunds net; equals `sum(amount)` exactly for numeric and integer amounts.
--| Unit: money
--| NULL: when no row had an amount.
--| Errors: none
--| Example: SELECT total_spend('{2024-01-05: 12.5, 2024-01-19: 40, 2024-02-01: -5 in 0 orders}')
CREATE FUNCTION total_spend(h visit_history) RETURNS numeric
	AS 'MODULE_PATHNAME', 'crm_total_spend' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;

--| Total spend divided by the number of orders: refunds net, orders without an amount counted.
--| Unit: money an order
--| NULL: without orders or money.
--| Errors: none
--| Example: SELECT average_order_value('{2024-01-05: 12.5, 2024-01-19: 40 in 2 orders}')
CREATE FUNCTION average_order_value(h visit_history) RETURNS numeric
	AS 'MODULE_PATHNAME', 'crm_average_order_value' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;

--| Total spend divided by the number of visits: refunds net, orders without an amount counted.
--| Unit: money a visit
--| NULL: without visits or money.
--| Errors: none
--| Example: SELECT average_visit_value('{2024-01-05: 12.5, 2024-01-19: 40 in 2 orders}')
CREATE FUNCTION average_visit_value(h visit_history) RETURNS numeric
	AS 'MODULE_PATHNAME', 'crm_average_visit_value' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;

--| The days of a history as rows, in order.
--| `latency` is the number of days to the next visit. A day with refunds only is no visit: `visit_no` NULL and orders 0.
--| NULL: `latency` at the last visit, `amount` where the day had none.
--| Errors: none
--| Example: SELECT * FROM visits('{2024-01-05: 12.5, 2024-01-19: 40 in 2 orders, 2024-02-01: -5 in 0 orders, 2024-03-10}')
CREATE FUNCTION visits(h visit_history, OUT visit_no integer, OUT day date, OUT orders integer, OUT amount numeric, OUT latency integer) RETURNS SETOF record
	AS 'MODULE_PATHNAME', 'crm_visits' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE ROWS 10;

--| Days of silence: as_of minus the last visit up to as_of.
--| Unit: days
--| NULL: without a visit by as_of.
--| Errors: an infinite as_of.
--| Example: SELECT days_since_last_visit('{2024-01-05: 12.5, 2024-01-19: 40}', '2024-03-01')
CREATE FUNCTION days_since_last_visit(h visit_history, as_of date DEFAULT current_date) RETURNS integer
	AS 'MODULE_PATHNAME', 'crm_days_since_last_visit' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;

--| Days since the first visit, as of as_of.
--| Unit: days
--| NULL: without a visit by as_of.
--| Errors: an infinite as_of.
--| Example: SELECT tenure('{2024-01-05: 12.5, 2024-01-19: 40}', '2024-03-01')
CREATE FUNCTION tenure(h visit_history, as_of date DEFAULT current_date) RETURNS integer
	AS 'MODULE_PATHNAME', 'crm_tenure' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;

--| The history as it was known at the end of a day: everything later is left out. Infinity leaves out nothing, -infinity all.
--| Errors: none
--| Example: SELECT as_of('{2024-01-05: 12.5, 2024-01-19: 40, 2024-03-10: 8}', '2024-01-31')
CREATE FUNCTION as_of(h visit_history, day date) RETURNS visit_history
	AS 'MODULE_PATHNAME', 'crm_as_of' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;

--| The part of a history from from_day to to_day, both included.
--| It is empty when from_day is after to_day. Infinite days stand for an open end.
--| Errors: none
--| Example: SELECT between_days('{2024-01-05: 12.5, 2024-01-19: 40, 2024-03-10: 8}', '2024-01-06', '2024-03-10')
CREATE FUNCTION between_days(h visit_history, from_day date, to_day date) RETURNS visit_history
	AS 'MODULE_PATHNAME', 'crm_between_days' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;

--| Number of visits from from_day to to_day, both included.
--| Unit: visits; 0 when from_day is after to_day
--| Errors: none
--| Example: SELECT visits_between('{2024-01-05: 12.5, 2024-01-19: 40, 2024-03-10: 8}', '2024-01-06', '2024-03-10')
CREATE FUNCTION visits_between(h visit_history, from_day date, to_day date) RETURNS integer
	AS 'MODULE_PATHNAME', 'crm_visits_between' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;

--| Money from from_day to to_day, both included, refunds net.
--| It is 0 for a window without rows in a history that has money.
--| Unit: money
--| NULL: in a history without money.
--| Errors: none
--| Example: SELECT spend_between('{2024-01-05: 12.5, 2024-01-19: 40, 2024-03-10: 8}', '2024-01-06', '2024-03-10')
CREATE FUNCTION spend_between(h visit_history, from_day date, to_day date) RETURNS numeric
	AS 'MODULE_PATHNAME', 'crm_spend_between' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;

--| What buy-till-you-die models know of a customer as of as_of.
--| `frequency` is the number of repeat visits, `recency` the days from the first visit to the last, `t` the days from the first visit to as_of,
--| `monetary_value` the money of the repeat visit days divided by frequency (0 when frequency is 0).
--| NULL: all without a visit by as_of; `monetary_value` in a history without money.
--| Errors: an infinite as_of.
--| Source: Fader, Hardie & Lee 2005, Marketing Science 24: (x, t_x, T); m as in Fader, Hardie & Lee 2005, JMR 42.
--| Example: SELECT * FROM btyd_summary('{2024-01-05: 12.5, 2024-01-19: 40, 2024-02-01: 20}', '2024-03-01')
CREATE FUNCTION btyd_summary(h visit_history, as_of date DEFAULT current_date, OUT frequency integer, OUT recency integer, OUT t integer, OUT monetary_value numeric) RETURNS record
	AS 'MODULE_PATHNAME', 'crm_btyd_summary' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;

