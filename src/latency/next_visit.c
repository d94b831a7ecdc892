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

/* as_of + days; false where that is too far ahead, or no date. */
bool
day_ahead(DateADT as_of, int64 days, DateADT *day)
{
	if (days > FORECAST_MAX_DAYS || as_of + days >= HISTORY_DAY_END)
		return false;
	*day = (DateADT) (as_of + days);
	return true;
}

/*
 * The range from as_of + low to as_of + high, both included; open above where
 * high is too far ahead, and NULL where low is.
 */
Datum
day_range(FunctionCallInfo fcinfo, DateADT as_of, int64 low, int64 high)
{
	DateADT		from;
	DateADT		to = 0;
	RangeBound	lower;
	RangeBound	upper;

	/* The range prints with the day behind it, which must be a date too. */
	bool		closed = day_ahead(as_of, high, &to) && to < HISTORY_DAY_END - 1;

	if (!day_ahead(as_of, low, &from))
		PG_RETURN_NULL();
	lower = (RangeBound) {DateADTGetDatum(from), false, true, true};
	upper = (RangeBound) {DateADTGetDatum(to), !closed, closed, false};
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
	int64		day;

	if (gaps < 1)
		PG_RETURN_NULL();
	span = (int64) summary.last_visit - summary.first_visit;
	day = summary.last_visit + (2 * span + gaps) / (2 * gaps);
	if (day >= HISTORY_DAY_END)
		PG_RETURN_NULL();
	PG_RETURN_DATEADT((DateADT) day);
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
	int32		gap;
	DateADT		day;

	if (!standing(fcinfo, as_of, &curve, &silence))
		PG_RETURN_NULL();
	gap = curve_next(curve, silence, 0.5);
	if (gap == CURVE_NO_DAY || !day_ahead(as_of, gap - silence, &day))
		PG_RETURN_NULL();
	PG_RETURN_DATEADT(day);
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
	if (low == CURVE_NO_DAY)
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
	double		silent;			/* the share that is silent so long or longer */

	if (!standing(fcinfo, PG_GETARG_DATEADT(2), &curve, &silence))
		PG_RETURN_NULL();
	silent = curve_surviving(curve, silence);
	if (silence >= curve->horizon || silent <= 0 || (int64) silence + days > curve->horizon)
		PG_RETURN_NULL();
	PG_RETURN_FLOAT8(Min(curve_rise(curve, silence, (int64) silence + days) / silent, 1));
}
