/*
 * next_visit.c
 *	  When the next visit is expected: from the customer's own rhythm, and
 *	  from the norms given the silence so far.
 */
#include "postgres.h"

#include "server/compat.h"

#include "catalog/pg_type.h"
#include "latency/latency.h"
#include "utils/rangetypes.h"
#include "utils/typcache.h"

#define PG_GETARG_NORMS(n) ((const Norms *) reference_argument(fcinfo, n, norms_load))

/* ---- what all forecasts share ---- */

DateADT
day_ahead(DateADT as_of, int64 days)
{
	int64		day = as_of + days;

	if (day < HISTORY_DAY_BASE || day >= HISTORY_DAY_END)
		ereport(ERROR,
				(errcode(ERRCODE_DATETIME_VALUE_OUT_OF_RANGE),
				 errmsg("a forecast " INT64_FORMAT " days ahead is outside the range of date", days)));
	return (DateADT) day;
}

/*
 * The range from as_of + low to as_of + high, both included; open above where
 * high lies beyond NORMS_MAX_DAYS_AHEAD.
 */
Datum
day_range(FunctionCallInfo fcinfo, DateADT as_of, int64 low, int64 high)
{
	bool		open = high > NORMS_MAX_DAYS_AHEAD;
	RangeBound	lower = {DateADTGetDatum(day_ahead(as_of, low)), false, true, true};
	RangeBound	upper = {DateADTGetDatum(open ? 0 : day_ahead(as_of, high)), open, !open, false};

	return RangeTypePGetDatum(make_range_compat(range_get_typcache(fcinfo, DATERANGEOID),
												&lower, &upper, false));
}

double
check_level(double level)
{
	if (!(level > 0 && level < 1))
		ereport(ERROR,
				(errcode(ERRCODE_NUMERIC_VALUE_OUT_OF_RANGE),
				 errmsg("level must be above 0 and below 1, not %g", level),
				 errhint("0.8 leaves one visit in ten before the range and one in ten after it.")));
	return level;
}

int32
check_days(int32 days)
{
	if (days < 0)
		ereport(ERROR,
				(errcode(ERRCODE_NUMERIC_VALUE_OUT_OF_RANGE),
				 errmsg("days must not be negative, not %d", days)));
	return days;
}

/* ---- the customer's own rhythm ---- */

/* Last visit + own mean latency, rounded half up. */
CRM_FUNCTION(crm_expected_next_visit);
Datum
crm_expected_next_visit(PG_FUNCTION_ARGS)
{
	HistorySummary summary = history_summary(PG_GETARG_HISTORY(0), DATEVAL_NOBEGIN, DATEVAL_NOEND);
	int64		gaps = (int64) summary.visits - 1;
	int64		span;

	if (gaps < 1)
		PG_RETURN_NULL();
	span = (int64) summary.last_visit - summary.first_visit;
	PG_RETURN_DATEADT(day_ahead(summary.last_visit, (2 * span + gaps) / (2 * gaps)));
}

/* ---- the norms ---- */

/* What a forecast from norms starts from; false without a visit. */
static bool
standing(FunctionCallInfo fcinfo, DateADT as_of, const ReturnCurve **curve, int32 *silence)
{
	HistorySummary summary = history_summary(PG_GETARG_HISTORY(0), DATEVAL_NOBEGIN, check_as_of(as_of));
	const Norms *norms = PG_GETARG_NORMS(1);

	if (summary.visits == 0)
		return false;
	*curve = &norms_step(norms, summary.visits)->curve;
	*silence = as_of - summary.last_visit;
	return true;
}

CRM_FUNCTION(crm_expected_next_visit_norms);
Datum
crm_expected_next_visit_norms(PG_FUNCTION_ARGS)
{
	DateADT		as_of = PG_GETARG_DATEADT(2);
	const ReturnCurve *curve;
	int32		silence;
	int32		day;

	if (!standing(fcinfo, as_of, &curve, &silence))
		PG_RETURN_NULL();
	day = curve_next(curve, silence, 0.5);
	if (day == CURVE_NO_DAY || day - silence > NORMS_MAX_DAYS_AHEAD)
		PG_RETURN_NULL();
	PG_RETURN_DATEADT(day_ahead(as_of, day - silence));
}

CRM_FUNCTION(crm_next_visit_range_norms);
Datum
crm_next_visit_range_norms(PG_FUNCTION_ARGS)
{
	DateADT		as_of = PG_GETARG_DATEADT(2);
	double		level = check_level(PG_GETARG_FLOAT8(3));
	const ReturnCurve *curve;
	int32		silence;
	int32		low;

	if (!standing(fcinfo, as_of, &curve, &silence))
		PG_RETURN_NULL();
	low = curve_next(curve, silence, (1 - level) / 2);
	if (low == CURVE_NO_DAY || low - silence > NORMS_MAX_DAYS_AHEAD)
		PG_RETURN_NULL();
	return day_range(fcinfo, as_of, low - silence,
					 curve_next(curve, silence, (1 + level) / 2) - silence);
}

/*
 * The chance of at least one visit in the next days, come back or not:
 * (F(s + days) - F(s)) / (1 - F(s)).  Not known beyond the horizon.
 */
CRM_FUNCTION(crm_visit_probability_norms);
Datum
crm_visit_probability_norms(PG_FUNCTION_ARGS)
{
	int32		days = check_days(PG_GETARG_INT32(3));
	const ReturnCurve *curve;
	int32		silence;
	double		by_now;

	if (!standing(fcinfo, PG_GETARG_DATEADT(2), &curve, &silence))
		PG_RETURN_NULL();
	by_now = curve_at(curve, silence);
	if (silence >= curve->horizon || by_now >= 1 || (int64) silence + days > curve->horizon)
		PG_RETURN_NULL();
	PG_RETURN_FLOAT8((curve_at(curve, (int64) silence + days) - by_now) / (1 - by_now));
}
