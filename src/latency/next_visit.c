/*
 * next_visit.c
 *	  When the next visit is expected: from the customer's own rhythm, and
 *	  from the norms given the silence so far.
 */
#include "postgres.h"

#include "server/compat.h"

#include <math.h>

#include "catalog/pg_type.h"
#include "latency/latency.h"
#include "utils/rangetypes.h"
#include "utils/typcache.h"

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
 * The days as_of + low and as_of + high; false where the first is too far
 * ahead, *closed unless the second is.
 */
bool
days_ahead(DateADT as_of, int64 low, int64 high, DateADT *from, DateADT *to, bool *closed)
{
	*to = 0;
	/* A range prints with the day behind it, which must be a date too. */
	*closed = day_ahead(as_of, high, to) && *to < HISTORY_DAY_END - 1;
	return day_ahead(as_of, low, from);
}

/* The range between those days, both included; open above where high is too far ahead. */
Datum
day_range(FunctionCallInfo fcinfo, DateADT as_of, int64 low, int64 high)
{
	DateADT		from;
	DateADT		to;
	bool		closed;
	RangeBound	lower;
	RangeBound	upper;

	if (!days_ahead(as_of, low, high, &from, &to, &closed))
		PG_RETURN_NULL();
	lower = (RangeBound) {DateADTGetDatum(from), false, true, true};
	upper = (RangeBound) {DateADTGetDatum(to), !closed, closed, false};
	/* Not range_get_typcache(): it would take the place of the call site's references. */
	return RangeTypePGetDatum(make_range_compat(lookup_type_cache(DATERANGEOID, TYPECACHE_RANGE_INFO),
												&lower, &upper, false));
}

double
check_level(double level)
{
	if (!(level > 0 && level < 1))
		ereport(ERROR,
				(errcode(ERRCODE_NUMERIC_VALUE_OUT_OF_RANGE),
				 errmsg("level must be above 0 and below 1, not %g", level),
				 errhint("For example next_visit_range(h, norms, level => 0.8): one visit in ten falls before the range, one in ten after it.")));
	return level;
}

int32
check_days(int32 days)
{
	if (days < 0)
		ereport(ERROR,
				(errcode(ERRCODE_NUMERIC_VALUE_OUT_OF_RANGE),
				 errmsg("days must not be negative, not %d", days),
				 errhint("They are counted from as_of on, for example days => 30.")));
	return days;
}

/* ---- the customer's own rhythm ---- */

/* Last visit + own mean latency, rounded half up. */
bool
own_next_visit(const HistorySummary *summary, DateADT *day)
{
	int64		gaps = (int64) summary->visits - 1;
	int64		span;
	int64		next;

	if (gaps < 1)
		return false;
	span = (int64) summary->last_visit - summary->first_visit;
	next = summary->last_visit + (2 * span + gaps) / (2 * gaps);
	*day = (DateADT) next;
	return next < HISTORY_DAY_END;
}

CRM_FUNCTION(crm_expected_next_visit);
Datum
crm_expected_next_visit(PG_FUNCTION_ARGS)
{
	HistorySummary summary = history_summary(PG_GETARG_HISTORY(0), DATEVAL_NOBEGIN, DATEVAL_NOEND);
	DateADT		day;

	if (!own_next_visit(&summary, &day))
		PG_RETURN_NULL();
	PG_RETURN_DATEADT(day);
}

/* ---- the norms ---- */

/* False without a visit. */
bool
norms_standing(const HistorySummary *summary, const Norms *norms, DateADT as_of, NormsStanding *standing)
{
	if (summary->visits == 0)
		return false;
	standing->curve = &norms_step(norms, summary->visits)->curve;
	standing->silence = as_of - summary->last_visit;
	return true;
}

/* Days from as_of to that quantile of the next visit; CURVE_NO_DAY: nobody was ever later. */
int64
norms_next_visit(const NormsStanding *standing, double quantile)
{
	int32		gap = curve_next(standing->curve, standing->silence, quantile);

	return gap == CURVE_NO_DAY ? CURVE_NO_DAY : (int64) gap - standing->silence;
}

/*
 * The chance of at least one visit in the next days, come back or not:
 * (F(s + days) - F(s)) / (1 - F(s)).  Not known, NaN, beyond the horizon.
 */
double
norms_visit_probability(const NormsStanding *standing, int32 days)
{
	int64		silence = standing->silence;
	double		silent = curve_surviving(standing->curve, silence); /* the share that is silent so long or longer */

	if (silence >= standing->curve->horizon || silent <= 0 || silence + days > standing->curve->horizon)
		return NAN;
	return Min(curve_rise(standing->curve, silence, silence + days) / silent, 1);
}

/* (h, norms, as_of, ...) */
static bool
standing_argument(FunctionCallInfo fcinfo, NormsStanding *standing)
{
	DateADT		as_of = check_as_of(PG_GETARG_DATEADT(2));
	HistorySummary summary = history_summary(PG_GETARG_HISTORY(0), DATEVAL_NOBEGIN, as_of);

	return norms_standing(&summary, PG_GETARG_NORMS(1), as_of, standing);
}

CRM_FUNCTION(crm_expected_next_visit_norms);
Datum
crm_expected_next_visit_norms(PG_FUNCTION_ARGS)
{
	NormsStanding standing;
	int64		days;
	DateADT		day;

	if (!standing_argument(fcinfo, &standing))
		PG_RETURN_NULL();
	days = norms_next_visit(&standing, 0.5);
	if (days == CURVE_NO_DAY || !day_ahead(PG_GETARG_DATEADT(2), days, &day))
		PG_RETURN_NULL();
	PG_RETURN_DATEADT(day);
}

CRM_FUNCTION(crm_next_visit_range_norms);
Datum
crm_next_visit_range_norms(PG_FUNCTION_ARGS)
{
	double		level = check_level(PG_GETARG_FLOAT8(3));
	NormsStanding standing;
	int64		low;

	if (!standing_argument(fcinfo, &standing))
		PG_RETURN_NULL();
	low = norms_next_visit(&standing, (1 - level) / 2);
	if (low == CURVE_NO_DAY)
		PG_RETURN_NULL();
	return day_range(fcinfo, PG_GETARG_DATEADT(2), low, norms_next_visit(&standing, (1 + level) / 2));
}

CRM_FUNCTION(crm_visit_probability_norms);
Datum
crm_visit_probability_norms(PG_FUNCTION_ARGS)
{
	int32		days = check_days(PG_GETARG_INT32(3));
	NormsStanding standing;
	double		probability;

	if (!standing_argument(fcinfo, &standing))
		PG_RETURN_NULL();
	probability = norms_visit_probability(&standing, days);
	if (isnan(probability))
		PG_RETURN_NULL();
	PG_RETURN_FLOAT8(probability);
}
