/*
 * latency.h
 *	  One customer's gaps, and where a customer stands against the norms.
 */
#ifndef CRM_LATENCY_H
#define CRM_LATENCY_H

#include "latency/norms.h"
#include "segments/labels.h"

/* latency_status and activity_level, in order of silence. */
typedef enum LatencyPosition
{
	POSITION_NO_VISITS,
	POSITION_WITHIN_P50,
	POSITION_WITHIN_P80,
	POSITION_WITHIN_P95,
	POSITION_BEYOND,
	POSITION_UNKNOWN			/* nobody came back at this step: there is no norm */
} LatencyPosition;

extern int32 latency_gaps(const VisitHistory *history, DateADT as_of, int32 **gaps);
extern void latency_return_turns(FunctionCallInfo fcinfo, const int32 *gaps, int32 n);
extern CrmLabel latency_status_label(LatencyPosition position);
extern CrmLabel latency_pace(const Norms *norms, const int32 *gaps, int32 n);
extern bool latency_days_until(const HistorySummary *summary, const Norms *norms, DateADT as_of,
							   double quantile, int32 *days);
extern LatencyPosition latency_position(const HistorySummary *summary, const Norms *norms, DateADT as_of);

/* A next visit further ahead than ten years is not foretold. */
#define FORECAST_MAX_DAYS 3650

/* Forecasts: a day so many days ahead of as_of, and a range of two such days. */
extern bool days_ahead(DateADT as_of, int64 low, int64 high, DateADT *from, DateADT *to, bool *closed);
extern bool day_ahead(DateADT as_of, int64 days, DateADT *day);
extern Datum day_range(FunctionCallInfo fcinfo, DateADT as_of, int64 low, int64 high);
extern double check_quantile(double quantile);
extern double check_level(double level);
extern int32 check_days(int32 days);

/* Mean days between visits, of which there are two: from the first to the last, over the gaps between. */
static inline double
latency_mean(const HistorySummary *summary)
{
	return ((double) summary->last_visit - summary->first_visit) / (summary->visits - 1);
}

/* By the customer's own rhythm; false where it cannot be known. */
extern bool own_next_visit(const HistorySummary *summary, DateADT *day);

/* Where a customer stands in the norms: on the curve of their step, silent so long. */
typedef struct NormsStanding
{
	const ReturnCurve *curve;
	int32		silence;
} NormsStanding;

extern bool norms_standing(const HistorySummary *summary, const Norms *norms, DateADT as_of,
						   NormsStanding *standing);
extern int64 norms_next_visit(const NormsStanding *standing, double quantile);
extern double norms_visit_probability(const NormsStanding *standing, int32 days);

#endif							/* CRM_LATENCY_H */
