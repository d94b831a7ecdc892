/*
 * latency.c
 *	  The sequence of one customer's gaps, as SQL functions.
 */
#include "postgres.h"

#include "server/compat.h"

#include "catalog/pg_type.h"
#include "funcapi.h"
#include "latency/latency.h"
#include "latency/sequence.h"
#include "segments/labels.h"
#include "utils/array.h"
#include "utils/builtins.h"

/* The completed gaps up to as_of, in the current context; returns their number. */
int32
latency_gaps(const VisitHistory *history, DateADT as_of, int32 **gaps)
{
	VisitDays	visits = history_visit_days(history, as_of);

	for (int32 i = 1; i < visits.n; i++)
		visits.days[i - 1] = visits.days[i] - visits.days[i - 1];
	*gaps = visits.days;
	return Max(visits.n - 1, 0);
}

/* setof (visit_no, direction, before, after) */
void
latency_return_turns(FunctionCallInfo fcinfo, const int32 *gaps, int32 n)
{
	ReturnSetInfo *result = (ReturnSetInfo *) fcinfo->resultinfo;
	LatencyTurn *turns = palloc((n + 1) * sizeof(LatencyTurn));
	int32		n_turns = sequence_turns(gaps, n, turns);

	InitMaterializedSRF(fcinfo, 0);
	for (int32 i = 0; i < n_turns; i++)
	{
		Datum		values[4] = {
			Int32GetDatum(turns[i].visit_no),
			CStringGetTextDatum(crm_labels[turns[i].slowing ? LABEL_slowing : LABEL_quickening]),
			Int32GetDatum(turns[i].before),
			Int32GetDatum(turns[i].after)
		};
		bool		nulls[4] = {0};

		tuplestore_putvalues(result->setResult, result->setDesc, values, nulls);
	}
}

CRM_FUNCTION(crm_latency);
Datum
crm_latency(PG_FUNCTION_ARGS)
{
	HistorySummary summary = history_summary(PG_GETARG_HISTORY(0), DATEVAL_NOBEGIN, DATEVAL_NOEND);

	if (summary.visits < 2)
		PG_RETURN_NULL();
	PG_RETURN_FLOAT8(latency_mean(&summary));
}

/* Days from visit n to visit n + 1. */
CRM_FUNCTION(crm_latency_of_step);
Datum
crm_latency_of_step(PG_FUNCTION_ARGS)
{
	int32		n = PG_GETARG_INT32(1);
	HistoryReader reader;
	HistoryDay	day;
	DateADT		from = 0;

	if (n < 1)
		PG_RETURN_NULL();
	history_open(PG_GETARG_HISTORY(0), &reader);
	for (int32 visit_no = 1; history_next_visit(&reader, &day); visit_no++)
	{
		if (visit_no > n)
			PG_RETURN_INT32(day.day - from);
		from = day.day;
	}
	PG_RETURN_NULL();
}

CRM_FUNCTION(crm_latencies);
Datum
crm_latencies(PG_FUNCTION_ARGS)
{
	int32	   *gaps;
	int32		n = latency_gaps(PG_GETARG_HISTORY(0), DATEVAL_NOEND, &gaps);
	Datum	   *values = palloc((n + 1) * sizeof(Datum));

	for (int32 i = 0; i < n; i++)
		values[i] = Int32GetDatum(gaps[i]);
	PG_RETURN_ARRAYTYPE_P(construct_array(values, n, INT4OID, sizeof(int32), true, TYPALIGN_INT));
}

CRM_FUNCTION(crm_median_latency);
Datum
crm_median_latency(PG_FUNCTION_ARGS)
{
	int32	   *gaps;
	int32		n = latency_gaps(PG_GETARG_HISTORY(0), DATEVAL_NOEND, &gaps);

	if (n < 1)
		PG_RETURN_NULL();
	PG_RETURN_FLOAT8(sequence_median(gaps, n));
}

CRM_FUNCTION(crm_latency_stddev);
Datum
crm_latency_stddev(PG_FUNCTION_ARGS)
{
	int32	   *gaps;
	int32		n = latency_gaps(PG_GETARG_HISTORY(0), DATEVAL_NOEND, &gaps);

	if (n < 2)
		PG_RETURN_NULL();
	PG_RETURN_FLOAT8(sequence_stddev(gaps, n));
}

CRM_FUNCTION(crm_latency_turns);
Datum
crm_latency_turns(PG_FUNCTION_ARGS)
{
	int32	   *gaps;
	int32		n = latency_gaps(PG_GETARG_HISTORY(0), DATEVAL_NOEND, &gaps);

	latency_return_turns(fcinfo, gaps, n);
	PG_RETURN_NULL();
}
