/*
 * value.c
 *	  Customer lifetime value, as SQL functions.
 */
#include "postgres.h"

#include "server/compat.h"

#include <math.h>

#include "btyd/model.h"
#include "latency/latency.h"
#include "utils/builtins.h"
#include "utils/float.h"
#include "utils/fmgrprotos.h"
#include "value/clv.h"
#include "value/model.h"
#include "value/spend.h"

/* ---- by a model ---- */

double
spend_forecast(const HistorySummary *summary, const Fitted *model)
{
	double		visits = summary->visits - 1;
	double		money = (double) (summary->visit_money - summary->first_money) / pow(10, summary->scale);

	if (summary->visits == 0 || !model->known)
		return NAN;
	return spend_expected(model->parameters, visits, visits > 0 ? money / visits : 0);
}

CRM_FUNCTION(crm_expected_spend);
Datum
crm_expected_spend(PG_FUNCTION_ARGS)
{
	HistorySummary summary = history_summary(PG_GETARG_HISTORY(0), DATEVAL_NOBEGIN,
											 check_as_of(PG_GETARG_DATEADT(2)));

	PG_RETURN_FIGURE(spend_forecast(&summary, PG_GETARG_SPEND_MODEL(1)));
}

static void
check_rates(double annual_rate, double margin)
{
	if (!(annual_rate > -1 && isfinite(annual_rate)))
		ereport(ERROR,
				(errcode(ERRCODE_NUMERIC_VALUE_OUT_OF_RANGE),
				 errmsg("annual_discount_rate must be a finite number above -1, not %s", float8out_internal(annual_rate)),
				 errhint("Ten per cent a year is 0.10.")));
	if (!(margin >= 0 && isfinite(margin)))
		ereport(ERROR,
				(errcode(ERRCODE_NUMERIC_VALUE_OUT_OF_RANGE),
				 errmsg("margin must be a finite number of at least 0, not %s", float8out_internal(margin)),
				 errhint("Thirty per cent of revenue is 0.3.")));
}

/* clv(h, model, spend, as_of, days, annual_discount_rate, margin): only days may be NULL. */
CRM_FUNCTION(crm_clv);
Datum
crm_clv(PG_FUNCTION_ARGS)
{
	DateADT		as_of;
	double		days;
	HistorySummary summary;
	BtydPosterior posterior;

	for (int i = 0; i < PG_NARGS(); i++)
		if (i != 4 && PG_ARGISNULL(i))
			PG_RETURN_NULL();
	as_of = check_as_of(PG_GETARG_DATEADT(3));
	days = PG_ARGISNULL(4) ? INFINITY : check_days(PG_GETARG_INT32(4));
	check_rates(PG_GETARG_FLOAT8(5), PG_GETARG_FLOAT8(6));
	summary = history_summary(PG_GETARG_HISTORY(0), DATEVAL_NOBEGIN, as_of);
	if (!btyd_forecast(&summary, PG_GETARG_BTYD_MODEL(1), as_of, &posterior))
		PG_RETURN_NULL();
	PG_RETURN_FIGURE(model_clv(&posterior, spend_forecast(&summary, PG_GETARG_SPEND_MODEL(2)),
							   days, PG_GETARG_FLOAT8(5), PG_GETARG_FLOAT8(6),
							   reference_memory(fcinfo, sizeof(BtydMemory))));
}

/* ---- by what was ---- */

/* Average value of repeat visits x their number - acquisition cost: exact. */
CRM_FUNCTION(crm_repeat_clv);
Datum
crm_repeat_clv(PG_FUNCTION_ARGS)
{
	Numeric		cost = PG_GETARG_NUMERIC(1);
	HistorySummary summary = history_summary(PG_GETARG_HISTORY(0), DATEVAL_NOBEGIN, DATEVAL_NOEND);

	if (numeric_is_nan(cost) || numeric_is_inf(cost))
		ereport(ERROR,
				(errcode(ERRCODE_NUMERIC_VALUE_OUT_OF_RANGE),
				 errmsg("acquisition_cost must be a finite number, not %s",
						DatumGetCString(DirectFunctionCall1(numeric_out, NumericGetDatum(cost))))));
	if (summary.visits == 0 || !summary.has_money)
		PG_RETURN_NULL();
	return DirectFunctionCall2(numeric_sub,
							   NumericGetDatum(money_numeric(summary.visit_money - summary.first_money, summary.scale)),
							   NumericGetDatum(cost));
}
