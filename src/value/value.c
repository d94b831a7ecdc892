/*
 * value.c
 *	  Customer lifetime value, as SQL functions.
 */
#include "postgres.h"

#include "server/compat.h"

#include <math.h>

#include "btyd/model.h"
#include "catalog/pg_type.h"
#include "latency/latency.h"
#include "utils/array.h"
#include "utils/builtins.h"
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
				 errmsg("annual_discount_rate must be above -1, not %g", annual_rate),
				 errhint("Ten per cent a year is 0.10.")));
	if (!isfinite(margin))
		ereport(ERROR,
				(errcode(ERRCODE_NUMERIC_VALUE_OUT_OF_RANGE),
				 errmsg("margin must be finite, not %g", margin),
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
									days, PG_GETARG_FLOAT8(5), PG_GETARG_FLOAT8(6)));
}

/* ---- by what was, and by retention ---- */

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

/* The array as doubles; NULL members are refused. */
static double *
revenue_argument(ArrayType *array, int *n)
{
	Datum	   *values;
	bool	   *nulls;
	double	   *revenue;

	deconstruct_array(array, NUMERICOID, -1, false, TYPALIGN_INT, &values, &nulls, n);
	revenue = palloc((*n + 1) * sizeof(double));
	for (int i = 0; i < *n; i++)
	{
		if (nulls[i])
			ereport(ERROR,
					(errcode(ERRCODE_NULL_VALUE_NOT_ALLOWED),
					 errmsg("revenue of period %d must not be null", i + 1),
					 errhint("Write 0 for a period without revenue.")));
		revenue[i] = DatumGetFloat8(DirectFunctionCall1(numeric_float8, values[i]));
		if (!isfinite(revenue[i]))
			ereport(ERROR,
					(errcode(ERRCODE_NUMERIC_VALUE_OUT_OF_RANGE),
					 errmsg("revenue of period %d must be a finite number", i + 1)));
	}
	return revenue;
}

/* A rate of at least low (NaN and infinity are none). */
static double
rate_argument(FunctionCallInfo fcinfo, int argument, const char *name, double low)
{
	double		rate = PG_GETARG_FLOAT8(argument);

	if (!(rate >= low && isfinite(rate)))
		ereport(ERROR,
				(errcode(ERRCODE_NUMERIC_VALUE_OUT_OF_RANGE),
				 errmsg("%s must be at least %g, not %g", name, low, rate),
				 errhint("A rate of eight per cent is 0.08.")));
	return rate;
}

/* retention_clv(revenue, retention, discount_rate, periods): only periods may be NULL. */
CRM_FUNCTION(crm_retention_clv);
Datum
crm_retention_clv(PG_FUNCTION_ARGS)
{
	double		retention;
	double		discount_rate;
	int			periods = -1;
	double	   *revenue;
	int			n;
	double		value;

	if (PG_ARGISNULL(0) || PG_ARGISNULL(1) || PG_ARGISNULL(2))
		PG_RETURN_NULL();
	retention = rate_argument(fcinfo, 1, "retention", 0);
	discount_rate = rate_argument(fcinfo, 2, "discount_rate", 0);
	if (!PG_ARGISNULL(3))
	{
		periods = PG_GETARG_INT32(3);
		if (periods < 0)
			ereport(ERROR,
					(errcode(ERRCODE_NUMERIC_VALUE_OUT_OF_RANGE),
					 errmsg("periods must not be negative, not %d", periods),
					 errhint("NULL means for ever.")));
	}
	revenue = revenue_argument(PG_GETARG_ARRAYTYPE_P(0), &n);
	if (n == 0)
		PG_RETURN_NULL();
	value = retention_clv(revenue, n, retention, discount_rate, periods);
	if (!isfinite(value))
		PG_RETURN_NULL();
	return DirectFunctionCall1(float8_numeric, Float8GetDatum(value));
}
