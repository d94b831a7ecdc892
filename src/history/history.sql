-- ---------------------------------------------------------------------------
-- History: one customer's visits in one value
-- ---------------------------------------------------------------------------

CREATE TYPE visit_history;

CREATE FUNCTION visit_history_in(cstring) RETURNS visit_history
	AS 'MODULE_PATHNAME', 'crm_history_in' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
CREATE FUNCTION visit_history_out(visit_history) RETURNS cstring
	AS 'MODULE_PATHNAME', 'crm_history_out' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
CREATE FUNCTION visit_history_recv(internal) RETURNS visit_history
	AS 'MODULE_PATHNAME', 'crm_history_recv' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
CREATE FUNCTION visit_history_send(visit_history) RETURNS bytea
	AS 'MODULE_PATHNAME', 'crm_packed_send' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;

--| All visits of one customer: days, orders and money, packed into a few bytes a visit.
--| Text form: `{2024-01-05: 12.5, 2024-01-19: 40 in 2 orders, 2024-02-01: -5 in 0 orders, 2024-03-10}`;
--| one order is not mentioned, a day without money has no colon, refunds alone are `in 0 orders`.
--| Equal histories are equal bytes, whatever order or plan their rows came in.
--| Errors: text that is not of this form; infinite days; more than 18 significant digits of money.
--| Example: SELECT visit_history '{2024-01-19: 40 in 2 orders, 2024-01-05: 12.50, 2024-03-10}' AS h
CREATE TYPE visit_history (
	INPUT = visit_history_in,
	OUTPUT = visit_history_out,
	RECEIVE = visit_history_recv,
	SEND = visit_history_send,
	INTERNALLENGTH = variable,
	ALIGNMENT = int4,
	STORAGE = extended
);

CREATE FUNCTION visit_history_eq(visit_history, visit_history) RETURNS boolean
	AS 'MODULE_PATHNAME', 'crm_packed_eq' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
CREATE FUNCTION visit_history_ne(visit_history, visit_history) RETURNS boolean
	AS 'MODULE_PATHNAME', 'crm_packed_ne' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
CREATE FUNCTION visit_history_hash(visit_history) RETURNS integer
	AS 'MODULE_PATHNAME', 'crm_packed_hash' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
CREATE FUNCTION visit_history_hash_extended(visit_history, bigint) RETURNS bigint
	AS 'MODULE_PATHNAME', 'crm_packed_hash_extended' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;

CREATE OPERATOR = (
	LEFTARG = visit_history, RIGHTARG = visit_history, FUNCTION = visit_history_eq,
	COMMUTATOR = =, NEGATOR = <>, RESTRICT = eqsel, JOIN = eqjoinsel, HASHES
);
CREATE OPERATOR <> (
	LEFTARG = visit_history, RIGHTARG = visit_history, FUNCTION = visit_history_ne,
	COMMUTATOR = <>, NEGATOR = =, RESTRICT = neqsel, JOIN = neqjoinsel
);
CREATE OPERATOR CLASS visit_history_ops DEFAULT FOR TYPE visit_history USING hash AS
	OPERATOR 1 =,
	FUNCTION 1 visit_history_hash(visit_history),
	FUNCTION 2 visit_history_hash_extended(visit_history, bigint);

CREATE FUNCTION visit_history_to_json(visit_history) RETURNS json
	AS 'MODULE_PATHNAME', 'crm_history_to_json' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
CREATE FUNCTION visit_history_to_jsonb(visit_history) RETURNS jsonb
	AS 'MODULE_PATHNAME', 'crm_history_to_jsonb' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
CREATE CAST (visit_history AS json) WITH FUNCTION visit_history_to_json(visit_history);
CREATE CAST (visit_history AS jsonb) WITH FUNCTION visit_history_to_jsonb(visit_history);

-- ---- the transition state ----

CREATE TYPE visit_history_state;

CREATE FUNCTION visit_history_state_in(cstring) RETURNS visit_history_state
	AS 'MODULE_PATHNAME', 'crm_history_state_in' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
CREATE FUNCTION visit_history_state_out(visit_history_state) RETURNS cstring
	AS 'MODULE_PATHNAME', 'crm_history_state_out' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
CREATE FUNCTION visit_history_state_recv(internal) RETURNS visit_history_state
	AS 'MODULE_PATHNAME', 'crm_history_state_recv' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
CREATE FUNCTION visit_history_state_send(visit_history_state) RETURNS bytea
	AS 'MODULE_PATHNAME', 'crm_history_state_send' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;

--| Internal: a history under construction, what the aggregate visit_history() works on and ships between machines.
--| Not for columns; its text and binary forms are those of the history that it holds.
CREATE TYPE visit_history_state (
	INPUT = visit_history_state_in,
	OUTPUT = visit_history_state_out,
	RECEIVE = visit_history_state_recv,
	SEND = visit_history_state_send,
	INTERNALLENGTH = variable,
	ALIGNMENT = int4,
	STORAGE = extended
);

CREATE FUNCTION visit_history_combine(visit_history_state, visit_history_state) RETURNS visit_history_state
	AS 'MODULE_PATHNAME', 'crm_history_state_combine' LANGUAGE C IMMUTABLE PARALLEL SAFE;
CREATE FUNCTION visit_history_final(visit_history_state) RETURNS visit_history
	AS 'MODULE_PATHNAME', 'crm_history_state_final' LANGUAGE C IMMUTABLE PARALLEL SAFE;

-- ---- the aggregates: day [, amount] ----

CREATE FUNCTION visit_history_accum(visit_history_state, date) RETURNS visit_history_state
	AS 'MODULE_PATHNAME', 'crm_accumulate_date_none' LANGUAGE C IMMUTABLE PARALLEL SAFE;
--| Gathers the visits of a group, one customer's as a rule, into a history; here from a column of date, without money.
--| A day with at least one order is a visit; several orders on one day are one visit. A row with a negative amount is a refund:
--| it lowers that day's money, but is no order and makes no visit. A NULL day is skipped, a NULL amount is an order without money.
--| The result is the same, byte for byte, in any order of the rows and in any plan; it can be a window function, too.
--| NULL: never; no rows give the empty history `{}`.
--| Errors: an infinite day; NaN or an infinite amount; more than 18 significant digits of a customer's money; a time zone with a date or a timestamp,
--| which are local days already; an unknown or NULL time zone.
--| Example: SELECT customer_id, visit_history(ordered_at, amount) FROM orders WHERE customer_id IN (3, 5) GROUP BY customer_id
CREATE AGGREGATE visit_history(day date) (
	SFUNC = visit_history_accum, STYPE = visit_history_state, SSPACE = 80,
	FINALFUNC = visit_history_final, FINALFUNC_MODIFY = READ_ONLY,
	COMBINEFUNC = visit_history_combine, PARALLEL = SAFE
);

CREATE FUNCTION visit_history_accum(visit_history_state, date, numeric) RETURNS visit_history_state
	AS 'MODULE_PATHNAME', 'crm_accumulate_date_numeric' LANGUAGE C IMMUTABLE PARALLEL SAFE;
--| Gathers the visits of a group from columns of date and numeric.
--| Money is exact: total_spend equals sum(amount).
CREATE AGGREGATE visit_history(day date, amount numeric) (
	SFUNC = visit_history_accum, STYPE = visit_history_state, SSPACE = 80,
	FINALFUNC = visit_history_final, FINALFUNC_MODIFY = READ_ONLY,
	COMBINEFUNC = visit_history_combine, PARALLEL = SAFE
);

CREATE FUNCTION visit_history_accum(visit_history_state, date, double precision) RETURNS visit_history_state
	AS 'MODULE_PATHNAME', 'crm_accumulate_date_float8' LANGUAGE C IMMUTABLE PARALLEL SAFE;
--| Gathers the visits of a group from columns of date and double precision.
--| Amounts are rounded to 6 decimals, as round(amount::numeric, 6) does it.
CREATE AGGREGATE visit_history(day date, amount double precision) (
	SFUNC = visit_history_accum, STYPE = visit_history_state, SSPACE = 80,
	FINALFUNC = visit_history_final, FINALFUNC_MODIFY = READ_ONLY,
	COMBINEFUNC = visit_history_combine, PARALLEL = SAFE
);

CREATE FUNCTION visit_history_accum(visit_history_state, date, bigint) RETURNS visit_history_state
	AS 'MODULE_PATHNAME', 'crm_accumulate_date_int8' LANGUAGE C IMMUTABLE PARALLEL SAFE;
--| Gathers the visits of a group from columns of date and bigint.
--| Money is exact.
CREATE AGGREGATE visit_history(day date, amount bigint) (
	SFUNC = visit_history_accum, STYPE = visit_history_state, SSPACE = 80,
	FINALFUNC = visit_history_final, FINALFUNC_MODIFY = READ_ONLY,
	COMBINEFUNC = visit_history_combine, PARALLEL = SAFE
);

CREATE FUNCTION visit_history_accum(visit_history_state, date, integer) RETURNS visit_history_state
	AS 'MODULE_PATHNAME', 'crm_accumulate_date_int4' LANGUAGE C IMMUTABLE PARALLEL SAFE;
--| Gathers the visits of a group from columns of date and integer.
--| Money is exact.
CREATE AGGREGATE visit_history(day date, amount integer) (
	SFUNC = visit_history_accum, STYPE = visit_history_state, SSPACE = 80,
	FINALFUNC = visit_history_final, FINALFUNC_MODIFY = READ_ONLY,
	COMBINEFUNC = visit_history_combine, PARALLEL = SAFE
);

CREATE FUNCTION visit_history_accum(visit_history_state, timestamp) RETURNS visit_history_state
	AS 'MODULE_PATHNAME', 'crm_accumulate_timestamp_none' LANGUAGE C IMMUTABLE PARALLEL SAFE;
--| Gathers the visits of a group from a column of timestamp, without money.
--| The day is that of the timestamp as it stands.
CREATE AGGREGATE visit_history(ordered_at timestamp) (
	SFUNC = visit_history_accum, STYPE = visit_history_state, SSPACE = 80,
	FINALFUNC = visit_history_final, FINALFUNC_MODIFY = READ_ONLY,
	COMBINEFUNC = visit_history_combine, PARALLEL = SAFE
);

CREATE FUNCTION visit_history_accum(visit_history_state, timestamp, numeric) RETURNS visit_history_state
	AS 'MODULE_PATHNAME', 'crm_accumulate_timestamp_numeric' LANGUAGE C IMMUTABLE PARALLEL SAFE;
--| Gathers the visits of a group from columns of timestamp and numeric.
--| The day is that of the timestamp as it stands.
--| Money is exact: total_spend equals sum(amount).
CREATE AGGREGATE visit_history(ordered_at timestamp, amount numeric) (
	SFUNC = visit_history_accum, STYPE = visit_history_state, SSPACE = 80,
	FINALFUNC = visit_history_final, FINALFUNC_MODIFY = READ_ONLY,
	COMBINEFUNC = visit_history_combine, PARALLEL = SAFE
);

CREATE FUNCTION visit_history_accum(visit_history_state, timestamp, double precision) RETURNS visit_history_state
	AS 'MODULE_PATHNAME', 'crm_accumulate_timestamp_float8' LANGUAGE C IMMUTABLE PARALLEL SAFE;
--| Gathers the visits of a group from columns of timestamp and double precision.
--| The day is that of the timestamp as it stands.
--| Amounts are rounded to 6 decimals, as round(amount::numeric, 6) does it.
CREATE AGGREGATE visit_history(ordered_at timestamp, amount double precision) (
	SFUNC = visit_history_accum, STYPE = visit_history_state, SSPACE = 80,
	FINALFUNC = visit_history_final, FINALFUNC_MODIFY = READ_ONLY,
	COMBINEFUNC = visit_history_combine, PARALLEL = SAFE
);

CREATE FUNCTION visit_history_accum(visit_history_state, timestamp, bigint) RETURNS visit_history_state
	AS 'MODULE_PATHNAME', 'crm_accumulate_timestamp_int8' LANGUAGE C IMMUTABLE PARALLEL SAFE;
--| Gathers the visits of a group from columns of timestamp and bigint.
--| The day is that of the timestamp as it stands.
--| Money is exact.
CREATE AGGREGATE visit_history(ordered_at timestamp, amount bigint) (
	SFUNC = visit_history_accum, STYPE = visit_history_state, SSPACE = 80,
	FINALFUNC = visit_history_final, FINALFUNC_MODIFY = READ_ONLY,
	COMBINEFUNC = visit_history_combine, PARALLEL = SAFE
);

CREATE FUNCTION visit_history_accum(visit_history_state, timestamp, integer) RETURNS visit_history_state
	AS 'MODULE_PATHNAME', 'crm_accumulate_timestamp_int4' LANGUAGE C IMMUTABLE PARALLEL SAFE;
--| Gathers the visits of a group from columns of timestamp and integer.
--| The day is that of the timestamp as it stands.
--| Money is exact.
CREATE AGGREGATE visit_history(ordered_at timestamp, amount integer) (
	SFUNC = visit_history_accum, STYPE = visit_history_state, SSPACE = 80,
	FINALFUNC = visit_history_final, FINALFUNC_MODIFY = READ_ONLY,
	COMBINEFUNC = visit_history_combine, PARALLEL = SAFE
);

CREATE FUNCTION visit_history_accum(visit_history_state, timestamptz) RETURNS visit_history_state
	AS 'MODULE_PATHNAME', 'crm_accumulate_timestamptz_none' LANGUAGE C STABLE PARALLEL SAFE;
--| Gathers the visits of a group from a column of timestamptz, without money.
--| The day is taken in the session's TimeZone, as `ordered_at::date` does; name a zone in everything that is stored or runs on several servers.
CREATE AGGREGATE visit_history(ordered_at timestamptz) (
	SFUNC = visit_history_accum, STYPE = visit_history_state, SSPACE = 80,
	FINALFUNC = visit_history_final, FINALFUNC_MODIFY = READ_ONLY,
	COMBINEFUNC = visit_history_combine, PARALLEL = SAFE
);

CREATE FUNCTION visit_history_accum(visit_history_state, timestamptz, numeric) RETURNS visit_history_state
	AS 'MODULE_PATHNAME', 'crm_accumulate_timestamptz_numeric' LANGUAGE C STABLE PARALLEL SAFE;
--| Gathers the visits of a group from columns of timestamptz and numeric.
--| The day is taken in the session's TimeZone, as `ordered_at::date` does; name a zone in everything that is stored or runs on several servers.
--| Money is exact: total_spend equals sum(amount).
CREATE AGGREGATE visit_history(ordered_at timestamptz, amount numeric) (
	SFUNC = visit_history_accum, STYPE = visit_history_state, SSPACE = 80,
	FINALFUNC = visit_history_final, FINALFUNC_MODIFY = READ_ONLY,
	COMBINEFUNC = visit_history_combine, PARALLEL = SAFE
);

CREATE FUNCTION visit_history_accum(visit_history_state, timestamptz, double precision) RETURNS visit_history_state
	AS 'MODULE_PATHNAME', 'crm_accumulate_timestamptz_float8' LANGUAGE C STABLE PARALLEL SAFE;
--| Gathers the visits of a group from columns of timestamptz and double precision.
--| The day is taken in the session's TimeZone, as `ordered_at::date` does; name a zone in everything that is stored or runs on several servers.
--| Amounts are rounded to 6 decimals, as round(amount::numeric, 6) does it.
CREATE AGGREGATE visit_history(ordered_at timestamptz, amount double precision) (
	SFUNC = visit_history_accum, STYPE = visit_history_state, SSPACE = 80,
	FINALFUNC = visit_history_final, FINALFUNC_MODIFY = READ_ONLY,
	COMBINEFUNC = visit_history_combine, PARALLEL = SAFE
);

CREATE FUNCTION visit_history_accum(visit_history_state, timestamptz, bigint) RETURNS visit_history_state
	AS 'MODULE_PATHNAME', 'crm_accumulate_timestamptz_int8' LANGUAGE C STABLE PARALLEL SAFE;
--| Gathers the visits of a group from columns of timestamptz and bigint.
--| The day is taken in the session's TimeZone, as `ordered_at::date` does; name a zone in everything that is stored or runs on several servers.
--| Money is exact.
CREATE AGGREGATE visit_history(ordered_at timestamptz, amount bigint) (
	SFUNC = visit_history_accum, STYPE = visit_history_state, SSPACE = 80,
	FINALFUNC = visit_history_final, FINALFUNC_MODIFY = READ_ONLY,
	COMBINEFUNC = visit_history_combine, PARALLEL = SAFE
);

CREATE FUNCTION visit_history_accum(visit_history_state, timestamptz, integer) RETURNS visit_history_state
	AS 'MODULE_PATHNAME', 'crm_accumulate_timestamptz_int4' LANGUAGE C STABLE PARALLEL SAFE;
--| Gathers the visits of a group from columns of timestamptz and integer.
--| The day is taken in the session's TimeZone, as `ordered_at::date` does; name a zone in everything that is stored or runs on several servers.
--| Money is exact.
CREATE AGGREGATE visit_history(ordered_at timestamptz, amount integer) (
	SFUNC = visit_history_accum, STYPE = visit_history_state, SSPACE = 80,
	FINALFUNC = visit_history_final, FINALFUNC_MODIFY = READ_ONLY,
	COMBINEFUNC = visit_history_combine, PARALLEL = SAFE
);

-- ---- the aggregates: timestamptz [, amount] in a named zone ----

CREATE FUNCTION visit_history_accum(visit_history_state, timestamptz, text) RETURNS visit_history_state
	AS 'MODULE_PATHNAME', 'crm_accumulate_zoned_none' LANGUAGE C IMMUTABLE PARALLEL SAFE;
--| Gathers the visits of a group, days taken in the named time zone, without money.
--| The same on every server and for every session.
CREATE AGGREGATE visit_history(ordered_at timestamptz, time_zone text) (
	SFUNC = visit_history_accum, STYPE = visit_history_state, SSPACE = 80,
	FINALFUNC = visit_history_final, FINALFUNC_MODIFY = READ_ONLY,
	COMBINEFUNC = visit_history_combine, PARALLEL = SAFE
);

CREATE FUNCTION visit_history_accum(visit_history_state, timestamptz, numeric, text) RETURNS visit_history_state
	AS 'MODULE_PATHNAME', 'crm_accumulate_zoned_numeric' LANGUAGE C IMMUTABLE PARALLEL SAFE;
--| Gathers the visits of a group with numeric amounts, days taken in the named time zone.
--| The same on every server and for every session. Money is exact: total_spend equals sum(amount).
--| Example: SELECT visit_history(ordered_at, amount, 'Asia/Shanghai') FROM (VALUES ('2024-01-05 20:00+00'::timestamptz, 12.50)) AS orders(ordered_at, amount)
CREATE AGGREGATE visit_history(ordered_at timestamptz, amount numeric, time_zone text) (
	SFUNC = visit_history_accum, STYPE = visit_history_state, SSPACE = 80,
	FINALFUNC = visit_history_final, FINALFUNC_MODIFY = READ_ONLY,
	COMBINEFUNC = visit_history_combine, PARALLEL = SAFE
);

CREATE FUNCTION visit_history_accum(visit_history_state, timestamptz, double precision, text) RETURNS visit_history_state
	AS 'MODULE_PATHNAME', 'crm_accumulate_zoned_float8' LANGUAGE C IMMUTABLE PARALLEL SAFE;
--| Gathers the visits of a group with double precision amounts, days taken in the named time zone.
--| The same on every server and for every session. Amounts are rounded to 6 decimals, as round(amount::numeric, 6) does it.
CREATE AGGREGATE visit_history(ordered_at timestamptz, amount double precision, time_zone text) (
	SFUNC = visit_history_accum, STYPE = visit_history_state, SSPACE = 80,
	FINALFUNC = visit_history_final, FINALFUNC_MODIFY = READ_ONLY,
	COMBINEFUNC = visit_history_combine, PARALLEL = SAFE
);

CREATE FUNCTION visit_history_accum(visit_history_state, timestamptz, bigint, text) RETURNS visit_history_state
	AS 'MODULE_PATHNAME', 'crm_accumulate_zoned_int8' LANGUAGE C IMMUTABLE PARALLEL SAFE;
--| Gathers the visits of a group with bigint amounts, days taken in the named time zone.
--| The same on every server and for every session. Money is exact.
CREATE AGGREGATE visit_history(ordered_at timestamptz, amount bigint, time_zone text) (
	SFUNC = visit_history_accum, STYPE = visit_history_state, SSPACE = 80,
	FINALFUNC = visit_history_final, FINALFUNC_MODIFY = READ_ONLY,
	COMBINEFUNC = visit_history_combine, PARALLEL = SAFE
);

CREATE FUNCTION visit_history_accum(visit_history_state, timestamptz, integer, text) RETURNS visit_history_state
	AS 'MODULE_PATHNAME', 'crm_accumulate_zoned_int4' LANGUAGE C IMMUTABLE PARALLEL SAFE;
--| Gathers the visits of a group with integer amounts, days taken in the named time zone.
--| The same on every server and for every session. Money is exact.
CREATE AGGREGATE visit_history(ordered_at timestamptz, amount integer, time_zone text) (
	SFUNC = visit_history_accum, STYPE = visit_history_state, SSPACE = 80,
	FINALFUNC = visit_history_final, FINALFUNC_MODIFY = READ_ONLY,
	COMBINEFUNC = visit_history_combine, PARALLEL = SAFE
);

-- ---- refused on purpose: a zone with a date or a timestamp ----
-- Without these the implicit cast to timestamptz would shift days silently.

CREATE FUNCTION visit_history_zone_refused(visit_history_state) RETURNS visit_history
	AS 'MODULE_PATHNAME', 'crm_accumulate_zone_refused' LANGUAGE C IMMUTABLE PARALLEL SAFE;

CREATE FUNCTION visit_history_accum(visit_history_state, date, text) RETURNS visit_history_state
	AS 'MODULE_PATHNAME', 'crm_accumulate_zone_refused' LANGUAGE C IMMUTABLE PARALLEL SAFE;
--| Always an error: a time zone goes with timestamptz; a date is a local day already.
CREATE AGGREGATE visit_history(day date, time_zone text) (
	SFUNC = visit_history_accum, STYPE = visit_history_state, FINALFUNC = visit_history_zone_refused, PARALLEL = SAFE
);

CREATE FUNCTION visit_history_accum(visit_history_state, date, numeric, text) RETURNS visit_history_state
	AS 'MODULE_PATHNAME', 'crm_accumulate_zone_refused' LANGUAGE C IMMUTABLE PARALLEL SAFE;
--| Always an error: a time zone goes with timestamptz; a date is a local day already.
CREATE AGGREGATE visit_history(day date, amount numeric, time_zone text) (
	SFUNC = visit_history_accum, STYPE = visit_history_state, FINALFUNC = visit_history_zone_refused, PARALLEL = SAFE
);

CREATE FUNCTION visit_history_accum(visit_history_state, date, double precision, text) RETURNS visit_history_state
	AS 'MODULE_PATHNAME', 'crm_accumulate_zone_refused' LANGUAGE C IMMUTABLE PARALLEL SAFE;
--| Always an error: a time zone goes with timestamptz; a date is a local day already.
CREATE AGGREGATE visit_history(day date, amount double precision, time_zone text) (
	SFUNC = visit_history_accum, STYPE = visit_history_state, FINALFUNC = visit_history_zone_refused, PARALLEL = SAFE
);

CREATE FUNCTION visit_history_accum(visit_history_state, date, bigint, text) RETURNS visit_history_state
	AS 'MODULE_PATHNAME', 'crm_accumulate_zone_refused' LANGUAGE C IMMUTABLE PARALLEL SAFE;
--| Always an error: a time zone goes with timestamptz; a date is a local day already.
CREATE AGGREGATE visit_history(day date, amount bigint, time_zone text) (
	SFUNC = visit_history_accum, STYPE = visit_history_state, FINALFUNC = visit_history_zone_refused, PARALLEL = SAFE
);

CREATE FUNCTION visit_history_accum(visit_history_state, date, integer, text) RETURNS visit_history_state
	AS 'MODULE_PATHNAME', 'crm_accumulate_zone_refused' LANGUAGE C IMMUTABLE PARALLEL SAFE;
--| Always an error: a time zone goes with timestamptz; a date is a local day already.
CREATE AGGREGATE visit_history(day date, amount integer, time_zone text) (
	SFUNC = visit_history_accum, STYPE = visit_history_state, FINALFUNC = visit_history_zone_refused, PARALLEL = SAFE
);

CREATE FUNCTION visit_history_accum(visit_history_state, timestamp, text) RETURNS visit_history_state
	AS 'MODULE_PATHNAME', 'crm_accumulate_zone_refused' LANGUAGE C IMMUTABLE PARALLEL SAFE;
--| Always an error: a time zone goes with timestamptz; a timestamp is a local day already.
CREATE AGGREGATE visit_history(ordered_at timestamp, time_zone text) (
	SFUNC = visit_history_accum, STYPE = visit_history_state, FINALFUNC = visit_history_zone_refused, PARALLEL = SAFE
);

CREATE FUNCTION visit_history_accum(visit_history_state, timestamp, numeric, text) RETURNS visit_history_state
	AS 'MODULE_PATHNAME', 'crm_accumulate_zone_refused' LANGUAGE C IMMUTABLE PARALLEL SAFE;
--| Always an error: a time zone goes with timestamptz; a timestamp is a local day already.
CREATE AGGREGATE visit_history(ordered_at timestamp, amount numeric, time_zone text) (
	SFUNC = visit_history_accum, STYPE = visit_history_state, FINALFUNC = visit_history_zone_refused, PARALLEL = SAFE
);

CREATE FUNCTION visit_history_accum(visit_history_state, timestamp, double precision, text) RETURNS visit_history_state
	AS 'MODULE_PATHNAME', 'crm_accumulate_zone_refused' LANGUAGE C IMMUTABLE PARALLEL SAFE;
--| Always an error: a time zone goes with timestamptz; a timestamp is a local day already.
CREATE AGGREGATE visit_history(ordered_at timestamp, amount double precision, time_zone text) (
	SFUNC = visit_history_accum, STYPE = visit_history_state, FINALFUNC = visit_history_zone_refused, PARALLEL = SAFE
);

CREATE FUNCTION visit_history_accum(visit_history_state, timestamp, bigint, text) RETURNS visit_history_state
	AS 'MODULE_PATHNAME', 'crm_accumulate_zone_refused' LANGUAGE C IMMUTABLE PARALLEL SAFE;
--| Always an error: a time zone goes with timestamptz; a timestamp is a local day already.
CREATE AGGREGATE visit_history(ordered_at timestamp, amount bigint, time_zone text) (
	SFUNC = visit_history_accum, STYPE = visit_history_state, FINALFUNC = visit_history_zone_refused, PARALLEL = SAFE
);

CREATE FUNCTION visit_history_accum(visit_history_state, timestamp, integer, text) RETURNS visit_history_state
	AS 'MODULE_PATHNAME', 'crm_accumulate_zone_refused' LANGUAGE C IMMUTABLE PARALLEL SAFE;
--| Always an error: a time zone goes with timestamptz; a timestamp is a local day already.
CREATE AGGREGATE visit_history(ordered_at timestamp, amount integer, time_zone text) (
	SFUNC = visit_history_accum, STYPE = visit_history_state, FINALFUNC = visit_history_zone_refused, PARALLEL = SAFE
);

-- ---- merging histories ----

CREATE FUNCTION visit_history_accum(visit_history_state, visit_history) RETURNS visit_history_state
	AS 'MODULE_PATHNAME', 'crm_accumulate_history' LANGUAGE C IMMUTABLE PARALLEL SAFE;
--| Merges histories into one: days are united, orders and money of a common day add up.
--| A NULL history is skipped.
--| Example: SELECT visit_history(h) FROM unnest('{"{2024-01-05: 12.5}", "{2024-01-05: 7.5, 2024-02-01: 20}"}'::visit_history[]) AS h
CREATE AGGREGATE visit_history(history visit_history) (
	SFUNC = visit_history_accum, STYPE = visit_history_state, SSPACE = 80,
	FINALFUNC = visit_history_final, FINALFUNC_MODIFY = READ_ONLY,
	COMBINEFUNC = visit_history_combine, PARALLEL = SAFE
);

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

