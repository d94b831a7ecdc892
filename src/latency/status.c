/*
 * status.c
 *	  Where a customer stands against the norms of customers like them.
 */
#include "postgres.h"

#include "server/compat.h"

#include "latency/latency.h"

/* The silence as of as_of against the quantiles of the customer's own step. */
LatencyPosition
latency_position(const HistorySummary *summary, const Norms *norms, DateADT as_of)
{
	const NormsStep *step;
	int32		silence;

	if (summary->visits == 0)
		return POSITION_NO_VISITS;
	step = norms_step(norms, summary->visits);
	silence = as_of - summary->last_visit;
	if (step->p50 == CURVE_NO_DAY)
		return POSITION_UNKNOWN;
	return silence <= step->p50 ? POSITION_WITHIN_P50 :
		silence <= step->p80 ? POSITION_WITHIN_P80 :
		silence <= step->p95 ? POSITION_WITHIN_P95 : POSITION_BEYOND;
}

CrmLabel
latency_status_label(LatencyPosition position)
{
	static const CrmLabel labels[] = {
		[POSITION_NO_VISITS] = LABEL_no_visits,
		[POSITION_WITHIN_P50] = LABEL_on_track,
		[POSITION_WITHIN_P80] = LABEL_due,
		[POSITION_WITHIN_P95] = LABEL_overdue,
		[POSITION_BEYOND] = LABEL_lapsed,
		[POSITION_UNKNOWN] = LABEL_UNKNOWN,
	};

	return labels[position];
}

/*
 * The mean over the completed gaps of F(gap) / F(end) of their steps: 0 is the
 * fastest of those who come back, 1 the slowest, a half typical.  A step at
 * which nobody came back says nothing.
 */
CrmLabel
latency_pace(const Norms *norms, const int32 *gaps, int32 n)
{
	double		sum = 0;
	int32		known = 0;
	double		mean;

	for (int32 i = 0; i < n; i++)
	{
		const ReturnCurve *curve = &norms_step(norms, i + 1)->curve;

		if (curve->end > 0)
		{
			sum += curve_at(curve, gaps[i]) / curve->end;
			known++;
		}
	}
	if (known == 0)
		return LABEL_UNKNOWN;
	mean = sum / known;
	return mean < 1.0 / 3 - CURVE_TOLERANCE ? LABEL_faster :
		mean > 2.0 / 3 + CURVE_TOLERANCE ? LABEL_slower : LABEL_typical;
}

/* That quantile + 1 - silence: the days left, 0 or less once past it; false where it cannot be known. */
bool
latency_days_until(const HistorySummary *summary, const Norms *norms, DateADT as_of, double quantile, int32 *days)
{
	const NormsStep *step;
	int32		day;

	if (summary->visits == 0)
		return false;
	step = norms_step(norms, summary->visits);
	day = quantile == 0.8 ? step->p80 : curve_quantile(&step->curve, quantile);
	*days = (int32) ((int64) day + 1 - (as_of - summary->last_visit));
	return day != CURVE_NO_DAY;
}

/* ---- the SQL functions ---- */

CRM_FUNCTION(crm_latency_status);
Datum
crm_latency_status(PG_FUNCTION_ARGS)
{
	DateADT		as_of = check_as_of(PG_GETARG_DATEADT(2));
	HistorySummary summary = history_summary(PG_GETARG_HISTORY(0), DATEVAL_NOBEGIN, as_of);

	return label_datum(fcinfo, latency_status_label(latency_position(&summary, PG_GETARG_NORMS(1), as_of)));
}

CRM_FUNCTION(crm_pace);
Datum
crm_pace(PG_FUNCTION_ARGS)
{
	int32	   *gaps;
	int32		n = latency_gaps(PG_GETARG_HISTORY(0), check_as_of(PG_GETARG_DATEADT(2)), &gaps);

	return label_datum(fcinfo, latency_pace(PG_GETARG_NORMS(1), gaps, n));
}

CRM_FUNCTION(crm_days_until_overdue);
Datum
crm_days_until_overdue(PG_FUNCTION_ARGS)
{
	DateADT		as_of = check_as_of(PG_GETARG_DATEADT(2));
	HistorySummary summary = history_summary(PG_GETARG_HISTORY(0), DATEVAL_NOBEGIN, as_of);
	double		quantile = check_quantile(PG_GETARG_FLOAT8(3));
	int32		days;

	if (!latency_days_until(&summary, PG_GETARG_NORMS(1), as_of, quantile, &days))
		PG_RETURN_NULL();
	PG_RETURN_INT32(days);
}
