/*
 * model.c
 *	  The type spend_model and the aggregate fit_spend().
 */
#include "postgres.h"

#include "server/compat.h"

#include <math.h>

#include "btyd/learn.h"
#include "miscadmin.h"
#include "tally/tally.h"
#include "utils/builtins.h"
#include "utils/memutils.h"
#include "value/model.h"
#include "value/spend.h"

/* ---- the type ---- */

static const char *
parameter_error(const FittedKind *kind, const double *parameters, int *which)
{
	return spend_parameter_error(parameters, which);
}

static const FittedKind kind = {"gammagamma", SPEND_PARAMETERS, spend_parameter_name, parameter_error, NULL};

const FittedType spend_model_type = {"spend_model", 1, &kind};

/* A ReferenceLoader. */
void *
spend_model_load(const uint8 *contents, Size size)
{
	return fitted_load(&spend_model_type, contents, size);
}

CRM_FUNCTION(crm_spend_model_in);
Datum
crm_spend_model_in(PG_FUNCTION_ARGS)
{
	PG_RETURN_POINTER(fitted_seal(&spend_model_type, fitted_parse(&spend_model_type, PG_GETARG_CSTRING(0))));
}

static char *
model_text(FunctionCallInfo fcinfo)
{
	return fitted_text(reference_load(PG_GETARG_VARLENA_PP(0), spend_model_load));
}

CRM_FUNCTION(crm_spend_model_out);
Datum
crm_spend_model_out(PG_FUNCTION_ARGS)
{
	PG_RETURN_CSTRING(model_text(fcinfo));
}

CRM_FUNCTION(crm_spend_model_recv);
Datum
crm_spend_model_recv(PG_FUNCTION_ARGS)
{
	PG_RETURN_POINTER(fitted_seal(&spend_model_type, reference_receive((StringInfo) PG_GETARG_POINTER(0), spend_model_load)));
}

CRM_FUNCTION(crm_spend_model_to_json);
Datum
crm_spend_model_to_json(PG_FUNCTION_ARGS)
{
	PG_RETURN_TEXT_P(cstring_to_text(model_text(fcinfo)));
}

CRM_FUNCTION(crm_spend_model_summary);
Datum
crm_spend_model_summary(PG_FUNCTION_ARGS)
{
	return fitted_summary(fcinfo, PG_GETARG_SPEND_MODEL(0));
}

CRM_FUNCTION(crm_spend_model_from_parameters);
Datum
crm_spend_model_from_parameters(PG_FUNCTION_ARGS)
{
	double		parameters[SPEND_PARAMETERS];

	for (int i = 0; i < SPEND_PARAMETERS; i++)
		parameters[i] = PG_GETARG_FLOAT8(i);
	PG_RETURN_POINTER(fitted_seal(&spend_model_type,
								  fitted_from_parameters(&spend_model_type, &kind, parameters)));
}

/* ---- the aggregate: who came back how often, and brought how much then ---- */

/* Group x counts the money of the repeat visit days. */
#define SPEND_GROUP(visits) (TALLY_MONEY_VALUE | (uint64) (visits))

/* The first group counts everybody with a visit: without any there is no model. */
#define SPEND_CUSTOMERS 1

/* Reads no more than it asks for: a whole history_summary() takes longer. */
static Tally *
count_customer(Tally *tally, const VisitHistory *history, DateADT as_of)
{
	HistoryReader reader;
	HistoryDay	day;
	int			scale = history_open(history, &reader);
	int32		visits = 0;
	__int128	repeat_money = 0;

	while (history_next_visit(&reader, &day) && day.day <= as_of)
		if (visits++ > 0)
			repeat_money += day.amount;
	if (visits > 0)
		tally = tally_add(tally, SPEND_CUSTOMERS, 0, 1);
	if (repeat_money > 0)
	{
		tally = tally_align_money(tally, scale, &repeat_money, 1);
		tally = tally_add(tally, SPEND_GROUP(visits - 1), (int64) repeat_money, 1);
	}
	return tally;
}

CRM_FUNCTION(crm_spend_accumulate);
Datum
crm_spend_accumulate(PG_FUNCTION_ARGS)
{
	int64		as_of = tally_as_of_argument(fcinfo, 2);
	Tally	   *tally = tally_to_change(fcinfo, TALLY_SPEND, 1, &as_of, NULL);

	if (!PG_ARGISNULL(1))
		tally = count_customer(tally, PG_GETARG_HISTORY(1), (DateADT) as_of);
	PG_RETURN_POINTER(tally);
}

static SpendSample
sample_of(const TallyEntries *all, int scale)
{
	int32	   *visits = palloc_extended((all->n + 1) * sizeof(int32), MCXT_ALLOC_HUGE);
	int64	   *money = palloc_extended((all->n + 1) * sizeof(int64), MCXT_ALLOC_HUGE);
	int64	   *count = palloc_extended((all->n + 1) * sizeof(int64), MCXT_ALLOC_HUGE);
	int64		customers = 0;

	for (size_t i = 0; i < all->n; i++)
	{
		const TallyEntry *entry = &all->entries[i];
		uint64		x = entry->group & ~TALLY_MONEY_VALUE;

		if (!(entry->group & TALLY_MONEY_VALUE) || x < 1 || x > PG_INT32_MAX ||
			entry->value < 1 || entry->value >= DECIMAL_LIMIT ||
			entry->count < 1 || entry->count > FITTED_MAX_CUSTOMERS - customers)
			tally_damaged();
		customers += entry->count;
		visits[i] = (int32) x;
		money[i] = entry->value;
		count[i] = entry->count;
	}
	return (SpendSample) {all->n, visits, money, count, pow(10, -scale)};
}

CRM_FUNCTION(crm_spend_final);
Datum
crm_spend_final(PG_FUNCTION_ARGS)
{
	MemoryContext work;
	MemoryContext caller;
	Tally	   *tally;
	TallyEntries all;
	SpendSample sample;
	Workspace	workspace;
	SpendFit	fit;
	Fitted		fitted = {.kind = &kind, .fitted = true};

	if (PG_ARGISNULL(0))
		PG_RETURN_NULL();
	tally = tally_argument(fcinfo, TALLY_SPEND, 1);
	all = tally_entries(tally);
	if (all.n == 0)
		PG_RETURN_NULL();
	work = AllocSetContextCreate(CurrentMemoryContext, "crm_retention fit", ALLOCSET_DEFAULT_SIZES);
	caller = MemoryContextSwitchTo(work);
	if (all.entries[0].group == SPEND_CUSTOMERS && all.entries[0].value == 0 &&
		all.entries[0].count > 0)
	{
		all.entries++;
		all.n--;
	}
	sample = sample_of(&all, tally->scale);
	workspace = server_workspace();
	fit = spend_fit(&sample, &workspace);
	MemoryContextSwitchTo(caller);
	MemoryContextDelete(work);
	check_interrupted(fit.interrupted);

	fitted.known = fit.fitted;
	fitted.converged = fit.converged;
	memcpy(fitted.parameters, fit.parameters, sizeof(fit.parameters));
	memcpy(fitted.standard_errors, fit.standard_errors, sizeof(fit.standard_errors));
	fitted.log_likelihood = fit.log_likelihood;
	fitted.aic = fit.aic;
	fitted.customers = fit.customers;
	fitted.iterations = fit.iterations;
	fitted.warning = fit.warning;
	fitted_settle(&fitted);
	fitted_warn("fit_spend", &fitted);
	PG_RETURN_POINTER(fitted_seal(&spend_model_type, &fitted));
}
