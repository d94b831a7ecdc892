/*
 * scheme_aggregate.c
 *	  rfm_scheme(h, as_of [, buckets]): the cut points of a population.
 */
#include "postgres.h"

#include "server/compat.h"

#include "rfm/scheme.h"
#include "tally/money.h"
#include "tally/percentile.h"

#define DEFAULT_BUCKETS 5

/* The parameters of the tally. */
enum
{
	PARAMETER_AS_OF,
	PARAMETER_BUCKETS,
	PARAMETERS
};

/* The groups of the tally: one an axis. */
static const uint64 axis_group[AXES_MAX] = {1, 2, 3 | TALLY_MONEY_VALUE};

static int
buckets_argument(FunctionCallInfo fcinfo, int argument)
{
	int			buckets = DEFAULT_BUCKETS;

	if (PG_NARGS() > argument && PG_ARGISNULL(argument))
		ereport(ERROR,
				(errcode(ERRCODE_NULL_VALUE_NOT_ALLOWED),
				 errmsg("buckets must not be null"),
				 errhint("For example rfm_scheme(h, as_of, 5).")));
	if (PG_NARGS() > argument)
		buckets = PG_GETARG_INT32(argument);
	if (buckets < BUCKETS_MIN || buckets > SCORE_MAX)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("buckets must be %d to %d, not %d", BUCKETS_MIN, SCORE_MAX, buckets),
				 errhint("For example rfm_scheme(h, as_of, 5).")));
	return buckets;
}

static char *
buckets_text(const int64 *buckets)
{
	return psprintf(INT64_FORMAT, *buckets);
}

static const TallyOption options[] = {{"buckets", PARAMETER_BUCKETS, buckets_text}, {NULL}};

/* (state, history, as_of [, buckets]) */
CRM_FUNCTION(crm_rfm_scheme_accum);
Datum
crm_rfm_scheme_accum(PG_FUNCTION_ARGS)
{
	DateADT		as_of = tally_as_of_argument(fcinfo, 2);
	int64		parameters[PARAMETERS] = {as_of, buckets_argument(fcinfo, 3)};
	Tally	   *tally = tally_to_change(fcinfo, TALLY_RFM_SCHEME, PARAMETERS, parameters, options);
	HistorySummary summary;

	if (PG_ARGISNULL(1))
		PG_RETURN_POINTER(tally);
	summary = history_summary(PG_GETARG_HISTORY(1), DATEVAL_NOBEGIN, as_of);
	if (summary.visits == 0)
		PG_RETURN_POINTER(tally);
	tally = tally_add(tally, axis_group[RECENCY], as_of - summary.last_visit, 1);
	tally = tally_add(tally, axis_group[FREQUENCY], summary.visits, 1);
	if (summary.has_money)
	{
		tally = tally_align_money(tally, summary.scale, &summary.money, 1);
		tally = tally_add(tally, axis_group[MONEY], (int64) summary.money, 1);
	}
	PG_RETURN_POINTER(tally);
}

CRM_FUNCTION(crm_rfm_scheme_final);
Datum
crm_rfm_scheme_final(PG_FUNCTION_ARGS)
{
	Tally	   *tally;
	TallyEntries all;
	RfmScheme	scheme = {0};

	if (PG_ARGISNULL(0))
		PG_RETURN_NULL();
	tally = tally_argument(fcinfo, TALLY_RFM_SCHEME, PARAMETERS);
	all = tally_entries(tally);
	if (all.n == 0)
		PG_RETURN_NULL();
	if (tally->parameters[PARAMETER_BUCKETS] < BUCKETS_MIN || tally->parameters[PARAMETER_BUCKETS] > SCORE_MAX)
		tally_damaged();
	scheme.buckets = (int) tally->parameters[PARAMETER_BUCKETS];
	for (; scheme.axes < AXES_MAX; scheme.axes++)
	{
		TallyEntries group = tally_find_group(&all, axis_group[scheme.axes]);

		if (group.n == 0)
			break;
		for (int i = 0; i < scheme.buckets - 1; i++)
			scheme.cut[scheme.axes][i] =
				money_reduced(tally_percentile(group, (double) (i + 1) / scheme.buckets),
							  scheme.axes == MONEY ? tally->scale : 0);
	}
	if (scheme.axes < MONEY)
		tally_damaged();
	PG_RETURN_POINTER(rfm_scheme_seal(&scheme));
}
