/*
 * latency.h
 *	  One customer's gaps, and where a customer stands against the norms.
 */
#ifndef CRM_LATENCY_H
#define CRM_LATENCY_H

#include "latency/norms.h"

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
extern LatencyPosition latency_position(const HistorySummary *summary, const Norms *norms, DateADT as_of);

/* A next visit further ahead than ten years is not foretold. */
#define FORECAST_MAX_DAYS 3650

/* Forecasts: a day so many days ahead of as_of, and a range of two such days. */
extern bool day_ahead(DateADT as_of, int64 days, DateADT *day);
extern Datum day_range(FunctionCallInfo fcinfo, DateADT as_of, int64 low, int64 high);
extern double check_quantile(double quantile);
extern double check_level(double level);
extern int32 check_days(int32 days);

#endif							/* CRM_LATENCY_H */
