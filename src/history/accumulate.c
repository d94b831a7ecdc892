/*
 * accumulate.c
 *	  The functions of the aggregates that build a visit_history.
 *
 * A transition function is a day's type, an amount's type and, for
 * timestamptz, a zone; ACCUMULATE below makes one of each combination by
 * joining two small readers, so that the compiler sees straight code for each.
 */
#include "postgres.h"

#include "server/compat.h"

#include "history/state.h"
#include "history/zone.h"
#include "utils/builtins.h"

/* Money has cents: a state that starts with them is seldom written again. */
#define CENTS 2

/* ---- the state ---- */

static HistoryState *
detoast_state(Datum datum)
{
	struct varlena *state = (struct varlena *) DatumGetPointer(datum);

	return (HistoryState *) (VARATT_IS_4B_U(state) ? state : pg_detoast_datum(state));
}

/* The state to change: the aggregate's own, or outside of one a copy. NULL: none yet. */
static inline HistoryState *
state_to_change(FunctionCallInfo fcinfo)
{
	if (PG_ARGISNULL(0))
		return NULL;
	/* The first test is what the second one would say, without the call. */
	if ((fcinfo->context && IsA(fcinfo->context, AggState)) || AggCheckCallContext(fcinfo, NULL))
		return detoast_state(PG_GETARG_DATUM(0));
	return (HistoryState *) PG_DETOAST_DATUM_COPY(PG_GETARG_DATUM(0));
}

/* ---- readers of amounts: false for NULL; scale is that of the state ---- */

typedef bool (*AmountReader) (FunctionCallInfo fcinfo, int scale, Decimal *amount);

pg_attribute_noreturn()
static void
bad_amount(DecimalStatus status, char *text)
{
	if (status == DECIMAL_TOO_LONG)
		ereport(ERROR,
				(errcode(ERRCODE_NUMERIC_VALUE_OUT_OF_RANGE),
				 errmsg("amount %s needs more than %d significant digits", text, DECIMAL_DIGITS),
				 errhint("Round it, for example visit_history(day, round(amount, 4)).")));
	ereport(ERROR,
			(errcode(ERRCODE_NUMERIC_VALUE_OUT_OF_RANGE),
			 errmsg("amount must be a finite number, not %s", text),
			 errhint("Leave such rows out, for example visit_history(day, amount) FILTER (WHERE amount > '-infinity' AND amount < 'infinity').")));
}

static inline bool
amount_none(FunctionCallInfo fcinfo, int scale, Decimal *amount)
{
	return false;
}

static pg_attribute_always_inline DecimalStatus
read_numeric(Datum datum, int scale, Decimal *amount)
{
	struct varlena *value = (struct varlena *) DatumGetPointer(datum);
	DecimalStatus status;

	/* As a rule a numeric in a table has one byte of header, and no call is needed to see it. */
	if (!VARATT_IS_1B(value) || VARATT_IS_1B_E(value))
		value = pg_detoast_datum_packed(value);
	if (scale == CENTS && decimal_cents(VARDATA_ANY(value), VARSIZE_ANY_EXHDR(value), &amount->units))
	{
		amount->scale = CENTS;
		return DECIMAL_OK;
	}
	status = decimal_from_numeric(VARDATA_ANY(value), VARSIZE_ANY_EXHDR(value), scale, amount);

	/* The usual scale may be too much for an amount that fits without it. */
	if (status == DECIMAL_TOO_LONG && scale > 0)
		status = decimal_from_numeric(VARDATA_ANY(value), VARSIZE_ANY_EXHDR(value), 0, amount);
	return status;
}

static pg_attribute_always_inline bool
amount_numeric(FunctionCallInfo fcinfo, int scale, Decimal *amount)
{
	DecimalStatus status;

	if (PG_ARGISNULL(2))
		return false;
	status = read_numeric(PG_GETARG_DATUM(2), scale, amount);
	if (status != DECIMAL_OK)
		bad_amount(status, DatumGetCString(DirectFunctionCall1(numeric_out, PG_GETARG_DATUM(2))));
	return true;
}

static inline bool
amount_float8(FunctionCallInfo fcinfo, int scale, Decimal *amount)
{
	DecimalStatus status;

	if (PG_ARGISNULL(2))
		return false;
	status = decimal_from_double(PG_GETARG_FLOAT8(2), amount);
	if (status == DECIMAL_UNDECIDED)
		status = read_numeric(DirectFunctionCall2(numeric_round,
												  DirectFunctionCall1(float8_numeric, PG_GETARG_DATUM(2)),
												  Int32GetDatum(DECIMAL_DOUBLE_SCALE)), scale, amount);
	if (status != DECIMAL_OK)
		bad_amount(status, DatumGetCString(DirectFunctionCall1(float8out, PG_GETARG_DATUM(2))));
	return true;
}

static inline bool
amount_integer(int64 value, Decimal *amount)
{
	DecimalStatus status = decimal_from_integer(value, amount);

	if (status != DECIMAL_OK)
		bad_amount(status, psprintf(INT64_FORMAT, value));
	return true;
}

static inline bool
amount_int8(FunctionCallInfo fcinfo, int scale, Decimal *amount)
{
	return !PG_ARGISNULL(2) && amount_integer(PG_GETARG_INT64(2), amount);
}

static inline bool
amount_int4(FunctionCallInfo fcinfo, int scale, Decimal *amount)
{
	return !PG_ARGISNULL(2) && amount_integer(PG_GETARG_INT32(2), amount);
}

/* ---- readers of days ---- */

typedef DateADT (*DayReader) (FunctionCallInfo fcinfo, int zone_argument);

static inline DateADT
day_date(FunctionCallInfo fcinfo, int zone_argument)
{
	return PG_GETARG_DATEADT(1);
}

static inline DateADT
day_timestamp(FunctionCallInfo fcinfo, int zone_argument)
{
	return day_of_timestamp(PG_GETARG_TIMESTAMP(1));
}

static inline DateADT
day_timestamptz(FunctionCallInfo fcinfo, int zone_argument)
{
	return day_in_session_zone(fcinfo, PG_GETARG_TIMESTAMPTZ(1));
}

static inline DateADT
day_zoned(FunctionCallInfo fcinfo, int zone_argument)
{
	if (PG_ARGISNULL(zone_argument))
		ereport(ERROR,
				(errcode(ERRCODE_NULL_VALUE_NOT_ALLOWED),
				 errmsg("time zone must not be null"),
				 errhint("Name it, for example visit_history(ordered_at, amount, 'Europe/Berlin').")));
	return day_in_zone(fcinfo, PG_GETARG_TIMESTAMPTZ(1), PG_GETARG_TEXT_PP(zone_argument));
}

/* ---- the transition ---- */

static pg_attribute_always_inline Datum
accumulate(FunctionCallInfo fcinfo, DayReader read_day, int zone_argument,
		   AmountReader read_amount, int usual_scale)
{
	HistoryState *state = state_to_change(fcinfo);
	Decimal		amount = {0, 0};
	HistoryDay	day;

	if (PG_ARGISNULL(1))
	{
		if (state == NULL)
			PG_RETURN_NULL();
		PG_RETURN_POINTER(state);
	}
	day.day = read_day(fcinfo, zone_argument);
	if (day.day < HISTORY_DAY_BASE || day.day >= HISTORY_DAY_END)
	{
		if (DATE_NOT_FINITE(day.day))
			history_day_not_finite(DATE_IS_NOEND(day.day));
		history_day_out_of_range();
	}
	day.has_amount = read_amount(fcinfo, state ? state->scale : usual_scale, &amount);
	if (state && day.has_amount && amount.scale == state->scale && state_add_usual(state, day.day, amount.units))
		PG_RETURN_POINTER(state);
	day.amount = amount.units;
	day.orders = amount.units >= 0; /* a refund is no order */
	PG_RETURN_POINTER(state_add(state, &day, amount.scale, usual_scale));
}

#define ACCUMULATE(day, zone_argument, amount, usual_scale) \
	CRM_FUNCTION(crm_accumulate_##day##_##amount); \
	Datum crm_accumulate_##day##_##amount(PG_FUNCTION_ARGS) \
	{ \
		return accumulate(fcinfo, day_##day, zone_argument, amount_##amount, usual_scale); \
	}

#define ACCUMULATE_AMOUNTS(day, zone_argument) \
	ACCUMULATE(day, zone_argument, numeric, CENTS) \
	ACCUMULATE(day, zone_argument, float8, CENTS) \
	ACCUMULATE(day, zone_argument, int8, 0) \
	ACCUMULATE(day, zone_argument, int4, 0)

ACCUMULATE(date, 0, none, 0)
ACCUMULATE_AMOUNTS(date, 0)
ACCUMULATE(timestamp, 0, none, 0)
ACCUMULATE_AMOUNTS(timestamp, 0)
ACCUMULATE(timestamptz, 0, none, 0)
ACCUMULATE_AMOUNTS(timestamptz, 0)
ACCUMULATE(zoned, 2, none, 0)
ACCUMULATE_AMOUNTS(zoned, 3)

/*
 * visit_history(date or timestamp [, amount], zone) exists only to refuse:
 * without it the day would become a timestamptz by an implicit cast, at
 * midnight of the session's zone, and the named zone would shift it silently.
 */
CRM_FUNCTION(crm_accumulate_zone_refused);
Datum
crm_accumulate_zone_refused(PG_FUNCTION_ARGS)
{
	ereport(ERROR,
			(errcode(ERRCODE_DATATYPE_MISMATCH),
			 errmsg("a time zone goes with timestamptz, not with a date or a timestamp"),
			 errdetail("A date or timestamp without time zone is a local day already; converting it would shift days silently."),
			 errhint("Write visit_history(day, amount), or cast to timestamptz yourself where the column holds UTC: "
					 "visit_history(ordered_at AT TIME ZONE 'UTC', amount, 'Europe/Berlin'). "
					 "An amount needs a type: amount::numeric, NULL::numeric.")));
}

/* The transition of visit_history(visit_history). */
CRM_FUNCTION(crm_accumulate_history);
Datum
crm_accumulate_history(PG_FUNCTION_ARGS)
{
	HistoryState *state = state_to_change(fcinfo);

	if (!PG_ARGISNULL(1))
		state = state_add_history(state, PG_GETARG_HISTORY(1));
	if (state == NULL)
		PG_RETURN_NULL();
	PG_RETURN_POINTER(state);
}

CRM_FUNCTION(crm_history_state_combine);
Datum
crm_history_state_combine(PG_FUNCTION_ARGS)
{
	HistoryState *state = state_to_change(fcinfo);

	if (PG_ARGISNULL(1))
	{
		if (state == NULL)
			PG_RETURN_NULL();
		PG_RETURN_POINTER(state);
	}
	PG_RETURN_POINTER(state_combine(state, detoast_state(PG_GETARG_DATUM(1))));
}

CRM_FUNCTION(crm_history_state_final);
Datum
crm_history_state_final(PG_FUNCTION_ARGS)
{
	if (PG_ARGISNULL(0))
		PG_RETURN_POINTER(history_pack_ordered(NULL, 0, 0));
	PG_RETURN_POINTER(state_finish(detoast_state(PG_GETARG_DATUM(0))));
}
