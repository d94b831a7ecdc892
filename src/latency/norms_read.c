/*
 * norms_read.c
 *	  Reading latency_norms: rates, quantiles, the table, JSON.
 */
#include "postgres.h"

#include "server/compat.h"

#include "common/shortest_dec.h"
#include "funcapi.h"
#include "latency/latency.h"
#include "miscadmin.h"
#include "server/text_scanner.h"
#include "utils/builtins.h"

/* A quantile is a share of those who come back. */
double
check_quantile(double quantile)
{
	if (!(quantile >= 0 && quantile <= 1))
		ereport(ERROR,
				(errcode(ERRCODE_NUMERIC_VALUE_OUT_OF_RANGE),
				 errmsg("quantile must be between 0 and 1, not %g", quantile),
				 errhint("The median is 0.5, for example expected_latency(norms, 1, 0.5).")));
	return quantile;
}

/* return_rate(norms, n, days): days NULL means the end of the curve. */
CRM_FUNCTION(crm_return_rate);
Datum
crm_return_rate(PG_FUNCTION_ARGS)
{
	const NormsStep *step;

	if (PG_ARGISNULL(0) || PG_ARGISNULL(1) || PG_GETARG_INT32(1) < 1)
		PG_RETURN_NULL();
	step = norms_step(PG_GETARG_NORMS(0), PG_GETARG_INT32(1));
	PG_RETURN_FLOAT8(PG_ARGISNULL(2) ? step->curve.end : curve_at(&step->curve, PG_GETARG_INT32(2)));
}

static Datum
day_or_null(FunctionCallInfo fcinfo, int32 day)
{
	if (day == CURVE_NO_DAY)
		PG_RETURN_NULL();
	PG_RETURN_INT32(day);
}

CRM_FUNCTION(crm_expected_latency);
Datum
crm_expected_latency(PG_FUNCTION_ARGS)
{
	const Norms *norms = PG_GETARG_NORMS(0);
	int32		n = PG_GETARG_INT32(1);
	double		quantile = check_quantile(PG_GETARG_FLOAT8(2));

	if (n < 1)
		PG_RETURN_NULL();
	return day_or_null(fcinfo, curve_quantile(&norms_step(norms, n)->curve, quantile));
}

/* Where the typical sequence, the median of each step, turns. */
CRM_FUNCTION(crm_norms_turns);
Datum
crm_norms_turns(PG_FUNCTION_ARGS)
{
	const Norms *norms = PG_GETARG_NORMS(0);
	int32	   *medians = palloc(norms->n_steps * sizeof(int32));
	int32		n = 0;

	/* A step without a median has no step with one behind it. */
	while (n < norms->n_steps && norms->steps[n].p50 != CURVE_NO_DAY)
	{
		medians[n] = norms->steps[n].p50;
		n++;
	}
	latency_return_turns(fcinfo, medians, n);
	PG_RETURN_NULL();
}

CRM_FUNCTION(crm_norms_table);
Datum
crm_norms_table(PG_FUNCTION_ARGS)
{
	const Norms *norms = PG_GETARG_NORMS(0);
	ReturnSetInfo *result = (ReturnSetInfo *) fcinfo->resultinfo;

	InitMaterializedSRF(fcinfo, 0);
	for (int i = 0; i < norms->n_steps; i++)
	{
		const NormsStep *step = &norms->steps[i];
		const ReturnCurve *curve = &step->curve;
		bool		unknown = step->p50 == CURVE_NO_DAY;
		bool		nulls[11] = {[7] = unknown, unknown, unknown, unknown};
		Datum		values[11] = {
			Int32GetDatum(i + 1),
			BoolGetDatum(norms->pooled && i == norms->n_steps - 1),
			Int64GetDatum(curve->customers),
			Int64GetDatum(curve->returned),
			Int64GetDatum(curve->open),
			Float8GetDatum(curve->end),
			Int32GetDatum(curve->horizon),
			Int32GetDatum(curve_quantile(curve, 0.2)),
			Int32GetDatum(step->p50),
			Int32GetDatum(step->p80),
			Int32GetDatum(step->p95)
		};

		CHECK_FOR_INTERRUPTS();
		tuplestore_putvalues(result->setResult, result->setDesc, values, nulls);
	}
	PG_RETURN_NULL();
}

static void
append_day_or_null(StringInfo out, const char *name, int32 day)
{
	if (day == CURVE_NO_DAY)
		appendStringInfo(out, ", \"%s\": null", name);
	else
		appendStringInfo(out, ", \"%s\": %d", name, day);
}

/* norms_table() as {"as_of": ..., "steps": [{...}, ...]} */
CRM_FUNCTION(crm_norms_to_json);
Datum
crm_norms_to_json(PG_FUNCTION_ARGS)
{
	const Norms *norms = PG_GETARG_NORMS(0);
	StringInfoData out;

	initStringInfo(&out);
	appendStringInfoString(&out, "{\"as_of\": \"");
	text_append_day(&out, norms->as_of);
	appendStringInfoString(&out, "\", \"steps\": [");
	for (int i = 0; i < norms->n_steps; i++)
	{
		const NormsStep *step = &norms->steps[i];
		const ReturnCurve *curve = &step->curve;
		char		return_rate[DOUBLE_SHORTEST_DECIMAL_LEN];

		CHECK_FOR_INTERRUPTS();
		double_to_shortest_decimal_buf(curve->end, return_rate);
		appendStringInfo(&out, "%s{\"step\": %d, \"pooled\": %s, \"customers\": " INT64_FORMAT
						 ", \"returned\": " INT64_FORMAT ", \"open\": " INT64_FORMAT
						 ", \"return_rate\": %s, \"horizon\": %d",
						 i > 0 ? ", " : "", i + 1,
						 norms->pooled && i == norms->n_steps - 1 ? "true" : "false",
						 curve->customers, curve->returned, curve->open,
						 return_rate, curve->horizon);
		append_day_or_null(&out, "p20", curve_quantile(curve, 0.2));
		append_day_or_null(&out, "median", step->p50);
		append_day_or_null(&out, "p80", step->p80);
		append_day_or_null(&out, "p95", step->p95);
		appendStringInfoChar(&out, '}');
	}
	appendStringInfoString(&out, "]}");
	PG_RETURN_TEXT_P(cstring_to_text_with_len(out.data, out.len));
}
