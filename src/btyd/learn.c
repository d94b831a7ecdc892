/*
 * learn.c
 *	  The aggregate fit_btyd(): from histories to a sample to a model.
 *
 * The state counts equal (x, t_x, T) once and keeps a histogram of the gaps,
 * through whose logarithms alone they enter the likelihood.  Whole numbers
 * all, sorted before the fit: the same bits from any plan.
 */
#include "postgres.h"

#include "server/compat.h"

#include "btyd/fit.h"
#include "btyd/learn.h"
#include "miscadmin.h"
#include "utils/memutils.h"

/* ---- the sample as groups of a tally ---- */

/* The gaps, where the family looks at them, and the triple. */
Tally *
btyd_count_customer(Tally *tally, const VisitHistory *history, DateADT as_of, const FittedKind *kind)
{
	const BtydFamily *family = kind->model;
	HistoryReader reader;
	HistoryDay	day;
	int32		visits = 0;
	DateADT		first = 0;
	DateADT		last = 0;

	history_open(history, &reader);
	while (history_next_visit(&reader, &day) && day.day <= as_of)
	{
		if (visits++ == 0)
			first = day.day;
		else if (family->max_stages > 1)
			tally = tally_add(tally, BTYD_GAPS_GROUP, day.day - last, 1);
		last = day.day;
	}
	if (visits > 0)
		tally = tally_add(tally, visits, btyd_triple(last - first, as_of - first), 1);
	return tally;
}

/* Arrays of a sample, from sorted entries that are checked. */
static BtydSample
sample_of(const TallyEntries *all)
{
	int32	   *visits = palloc_extended((all->n + 1) * sizeof(int32), MCXT_ALLOC_HUGE);
	int32	   *recency = palloc_extended((all->n + 1) * sizeof(int32), MCXT_ALLOC_HUGE);
	int32	   *age = palloc_extended((all->n + 1) * sizeof(int32), MCXT_ALLOC_HUGE);
	int64	   *count = palloc_extended((all->n + 1) * sizeof(int64), MCXT_ALLOC_HUGE);
	BtydSample	sample = {0};
	int64		all_counts = 0;

	for (size_t i = 0; i < all->n; i++)
	{
		const TallyEntry *entry = &all->entries[i];
		bool		gap = entry->group == BTYD_GAPS_GROUP;

		visits[i] = gap ? 0 : (int32) (entry->group - 1);
		recency[i] = (int32) (entry->value >> 32);
		age[i] = (int32) (entry->value & PG_UINT32_MAX);
		count[i] = entry->count;
		if (entry->count < 1 || entry->count > FITTED_MAX_CUSTOMERS - all_counts ||
			entry->value < 0 || age[i] < 0 ||
			(gap ? entry->value < 1 || entry->value > PG_INT32_MAX :
			 entry->group > PG_INT32_MAX || recency[i] > age[i] || recency[i] < visits[i] ||
			 (visits[i] == 0 && recency[i] > 0)))
			tally_damaged();
		all_counts += entry->count;
		if (gap)
			sample.gaps++;
		else
			sample.rows++;
	}
	sample.visits = visits;
	sample.recency = recency;
	sample.age = age;
	sample.count = count;
	sample.gap = age + sample.rows;
	sample.gap_count = count + sample.rows;
	return sample;
}

/* ---- the fit ---- */

static void *
allocate(void *context, size_t bytes)
{
	return MemoryContextAllocHuge(context, bytes);
}

/*
 * The mathematics is not jumped out of: it returns, and we throw.  What else
 * sets InterruptPending, such as a message of a parallel worker, does not end
 * a query, and waits.
 */
static bool
interrupted(void *context)
{
	return QueryCancelPending || ProcDiePending;
}

Workspace
server_workspace(void)
{
	return (Workspace) {allocate, interrupted, CurrentMemoryContext};
}

/* Follows a fit: raises what made it stop. */
void
check_interrupted(bool interrupted)
{
	CHECK_FOR_INTERRUPTS();
	if (interrupted)
		ereport(ERROR,
				(errcode(ERRCODE_QUERY_CANCELED),
				 errmsg("the fit was interrupted")));
}

/* Fits kind to what entries count; warns where the fit is not to be trusted. */
Fitted
btyd_fit_entries(const FittedKind *kind, const TallyEntries *entries)
{
	MemoryContext work = AllocSetContextCreate(CurrentMemoryContext, "crm_retention fit", ALLOCSET_DEFAULT_SIZES);
	MemoryContext caller = MemoryContextSwitchTo(work);
	BtydSample	sample = sample_of(entries);
	Workspace	workspace = server_workspace();
	BtydFit		fit = btyd_fit(kind->model, &sample, &workspace);
	Fitted		fitted = {0};

	MemoryContextSwitchTo(caller);
	MemoryContextDelete(work);
	check_interrupted(fit.interrupted);
	fitted.kind = kind;
	fitted.known = fit.fitted;
	fitted.fitted = true;
	fitted.converged = fit.converged;
	memcpy(fitted.parameters, fit.parameters, kind->parameters * sizeof(double));
	memcpy(fitted.standard_errors, fit.standard_errors, kind->parameters * sizeof(double));
	fitted.log_likelihood = fit.log_likelihood;
	fitted.aic = fit.aic;
	fitted.customers = fit.customers;
	fitted.iterations = fit.iterations;
	fitted.warning = fit.warning;
	fitted_settle(&fitted);
	return fitted;
}

void
fitted_warn(const char *aggregate, const Fitted *fitted)
{
	if (fitted->warning.text[0] != '\0')
		ereport(WARNING,
				(errmsg("%s: %s", aggregate, fitted->warning.text)));
}

/* ---- the aggregate ---- */

char *
btyd_kind_text(const int64 *kind)
{
	return pstrdup(btyd_kind_parameter(*kind)->name);
}

static const TallyOption options[] = {{"family", 1, btyd_kind_text}, {NULL}};

CRM_FUNCTION(crm_btyd_accumulate);
Datum
crm_btyd_accumulate(PG_FUNCTION_ARGS)
{
	int64		parameters[2] = {tally_as_of_argument(fcinfo, 2), btyd_kind_argument(fcinfo, 3)};
	Tally	   *tally = tally_to_change(fcinfo, TALLY_BTYD, 2, parameters, options);

	if (!PG_ARGISNULL(1))
		tally = btyd_count_customer(tally, PG_GETARG_HISTORY(1), (DateADT) parameters[0],
									btyd_kind_parameter(parameters[1]));
	PG_RETURN_POINTER(tally);
}

/* The number of the family that an argument names; the default's where there is none. */
int
btyd_kind_argument(FunctionCallInfo fcinfo, int argument)
{
	if (PG_NARGS() <= argument)
		return BTYD_DEFAULT_FAMILY;
	if (PG_ARGISNULL(argument))
		ereport(ERROR,
				(errcode(ERRCODE_NULL_VALUE_NOT_ALLOWED),
				 errmsg("family must not be null"),
				 errhint("The families are %s.", btyd_family_names())));
	return (int) (btyd_kind(PG_GETARG_TEXT_PP(argument)) - btyd_model_type.kind);
}

const FittedKind *
btyd_kind_parameter(int64 parameter)
{
	if (parameter < 0 || parameter >= btyd_model_type.kinds)
		tally_damaged();
	return &btyd_model_type.kind[parameter];
}

CRM_FUNCTION(crm_btyd_final);
Datum
crm_btyd_final(PG_FUNCTION_ARGS)
{
	Tally	   *tally;
	TallyEntries all;
	Fitted		fitted;

	if (PG_ARGISNULL(0))
		PG_RETURN_NULL();
	tally = tally_argument(fcinfo, TALLY_BTYD, 2);
	all = tally_entries(tally);
	if (all.n == 0)
		PG_RETURN_NULL();
	fitted = btyd_fit_entries(btyd_kind_parameter(tally->parameters[1]), &all);
	fitted_warn("fit_btyd", &fitted);
	PG_RETURN_POINTER(fitted_seal(&btyd_model_type, &fitted));
}
