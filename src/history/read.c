/*
 * read.c
 *	  The reading functions of visit_history.
 *
 * Decoding costs about 5 ns a visit, so there is no stored summary: one pass
 * over the days answers everything.
 */
#include "postgres.h"

#include "server/compat.h"

#include "access/htup_details.h"
#include "funcapi.h"
#include "history/state.h"
#include "miscadmin.h"
#include "utils/builtins.h"
#include "utils/fmgrprotos.h"

/* ---- what the functions are made of ---- */

/* One pass over the days from from_day to to_day, both included. */
HistorySummary
history_summary(const VisitHistory *history, DateADT from_day, DateADT to_day)
{
	HistorySummary summary = {0};
	HistoryReader reader;
	HistoryDay	day;

	summary.scale = history_open(history, &reader);
	while (history_next_day(&reader, &day) && day.day <= to_day)
		if (day.day >= from_day)
			history_summary_add(&summary, &day);
	return summary;
}

static HistorySummary
summary_of(FunctionCallInfo fcinfo)
{
	return history_summary(PG_GETARG_HISTORY(0), DATEVAL_NOBEGIN, DATEVAL_NOEND);
}

/* The visit days up to as_of, in the current context. */
VisitDays
history_visit_days(const VisitHistory *history, DateADT as_of)
{
	VisitDays	visits = {0};
	HistoryReader reader;
	HistoryDay	day;

	history_open(history, &reader);
	/* An entry has at least two bytes. */
	visits.days = palloc((VARSIZE_ANY_EXHDR(history) / 2 + 1) * sizeof(DateADT));
	while (history_next_visit(&reader, &day) && day.day <= as_of)
		visits.days[visits.n++] = day.day;
	return visits;
}

/* units / 10^scale, exactly. */
Numeric
money_numeric(__int128 units, int scale)
{
	int64		high = (int64) (units / DECIMAL_LIMIT);
	int64		low = (int64) (units % DECIMAL_LIMIT);
	Datum		result = NumericGetDatum(int64_div_fast_to_numeric(low, scale));

	/* A part of a history can pass the 18 digits that its total keeps to. */
	if (high != 0)
		result = DirectFunctionCall2(numeric_add, result,
									 DirectFunctionCall2(numeric_mul,
														 NumericGetDatum(int64_div_fast_to_numeric(high, scale)),
														 NumericGetDatum(int64_to_numeric(DECIMAL_LIMIT))));
	return DatumGetNumeric(result);
}

/* The same per so many visits or orders. */
Datum
money_per(__int128 units, int scale, int64 count)
{
	return DirectFunctionCall2(numeric_div, NumericGetDatum(money_numeric(units, scale)),
							   NumericGetDatum(int64_to_numeric(count)));
}

/* ---- counts, days, money ---- */

CRM_FUNCTION(crm_visit_count);
Datum
crm_visit_count(PG_FUNCTION_ARGS)
{
	PG_RETURN_INT32(summary_of(fcinfo).visits);
}

CRM_FUNCTION(crm_order_count);
Datum
crm_order_count(PG_FUNCTION_ARGS)
{
	PG_RETURN_INT32(summary_of(fcinfo).orders);
}

CRM_FUNCTION(crm_first_visit);
Datum
crm_first_visit(PG_FUNCTION_ARGS)
{
	HistoryReader reader;
	HistoryDay	day;

	history_open(PG_GETARG_HISTORY(0), &reader);
	if (!history_next_visit(&reader, &day))
		PG_RETURN_NULL();
	PG_RETURN_DATEADT(day.day);
}

CRM_FUNCTION(crm_last_visit);
Datum
crm_last_visit(PG_FUNCTION_ARGS)
{
	HistorySummary summary = summary_of(fcinfo);

	if (summary.visits == 0)
		PG_RETURN_NULL();
	PG_RETURN_DATEADT(summary.last_visit);
}

CRM_FUNCTION(crm_total_spend);
Datum
crm_total_spend(PG_FUNCTION_ARGS)
{
	HistorySummary summary = summary_of(fcinfo);

	if (!summary.has_money)
		PG_RETURN_NULL();
	PG_RETURN_NUMERIC(money_numeric(summary.money, summary.scale));
}

CRM_FUNCTION(crm_average_order_value);
Datum
crm_average_order_value(PG_FUNCTION_ARGS)
{
	HistorySummary summary = summary_of(fcinfo);

	if (!summary.has_money || summary.orders == 0)
		PG_RETURN_NULL();
	return money_per(summary.money, summary.scale, summary.orders);
}

CRM_FUNCTION(crm_average_visit_value);
Datum
crm_average_visit_value(PG_FUNCTION_ARGS)
{
	HistorySummary summary = summary_of(fcinfo);

	if (!summary.has_money || summary.visits == 0)
		PG_RETURN_NULL();
	return money_per(summary.money, summary.scale, summary.visits);
}

/* ---- as of a day ---- */

CRM_FUNCTION(crm_days_since_last_visit);
Datum
crm_days_since_last_visit(PG_FUNCTION_ARGS)
{
	DateADT		as_of = check_as_of(PG_GETARG_DATEADT(1));
	HistorySummary summary = history_summary(PG_GETARG_HISTORY(0), DATEVAL_NOBEGIN, as_of);

	if (summary.visits == 0)
		PG_RETURN_NULL();
	PG_RETURN_INT32(as_of - summary.last_visit);
}

CRM_FUNCTION(crm_tenure);
Datum
crm_tenure(PG_FUNCTION_ARGS)
{
	DateADT		as_of = check_as_of(PG_GETARG_DATEADT(1));
	HistorySummary summary = history_summary(PG_GETARG_HISTORY(0), DATEVAL_NOBEGIN, as_of);

	if (summary.visits == 0)
		PG_RETURN_NULL();
	PG_RETURN_INT32(as_of - summary.first_visit);
}

static Datum
between(FunctionCallInfo fcinfo, DateADT from_day, DateADT to_day)
{
	size_t		n;
	size_t		kept = 0;
	int			scale;
	HistoryDay *days = history_days(PG_GETARG_HISTORY(0), &n, &scale);

	for (size_t i = 0; i < n; i++)
		if (days[i].day >= from_day && days[i].day <= to_day)
			days[kept++] = days[i];
	PG_RETURN_POINTER(history_pack_ordered(days, kept, scale));
}

CRM_FUNCTION(crm_as_of);
Datum
crm_as_of(PG_FUNCTION_ARGS)
{
	return between(fcinfo, DATEVAL_NOBEGIN, PG_GETARG_DATEADT(1));
}

CRM_FUNCTION(crm_between_days);
Datum
crm_between_days(PG_FUNCTION_ARGS)
{
	return between(fcinfo, PG_GETARG_DATEADT(1), PG_GETARG_DATEADT(2));
}

CRM_FUNCTION(crm_visits_between);
Datum
crm_visits_between(PG_FUNCTION_ARGS)
{
	PG_RETURN_INT32(history_summary(PG_GETARG_HISTORY(0), PG_GETARG_DATEADT(1), PG_GETARG_DATEADT(2)).visits);
}

/* Whether any day has an amount; as a rule the first one says so. */
static bool
has_money(const VisitHistory *history)
{
	HistoryReader reader;
	HistoryDay	day;

	history_open(history, &reader);
	while (history_next_day(&reader, &day))
		if (day.has_amount)
			return true;
	return false;
}

/* 0 in an empty window of a history that has money anywhere. */
CRM_FUNCTION(crm_spend_between);
Datum
crm_spend_between(PG_FUNCTION_ARGS)
{
	VisitHistory *history = PG_GETARG_HISTORY(0);
	HistorySummary window = history_summary(history, PG_GETARG_DATEADT(1), PG_GETARG_DATEADT(2));

	if (!window.has_money && !has_money(history))
		PG_RETURN_NULL();
	PG_RETURN_NUMERIC(money_numeric(window.money, window.scale));
}

/* (frequency, recency, t, monetary_value): what buy-till-you-die models know of a customer. */
CRM_FUNCTION(crm_btyd_summary);
Datum
crm_btyd_summary(PG_FUNCTION_ARGS)
{
	DateADT		as_of = check_as_of(PG_GETARG_DATEADT(1));
	HistorySummary summary = history_summary(PG_GETARG_HISTORY(0), DATEVAL_NOBEGIN, as_of);
	TupleDesc	row;
	Datum		values[4] = {0};
	bool		nulls[4] = {true, true, true, true};

	if (get_call_result_type(fcinfo, NULL, &row) != TYPEFUNC_COMPOSITE)
		ereport(ERROR,
				(errcode(ERRCODE_FEATURE_NOT_SUPPORTED),
				 errmsg("btyd_summary must be called where a row is accepted")));
	if (summary.visits > 0)
	{
		int32		repeats = summary.visits - 1;

		values[0] = Int32GetDatum(repeats);
		values[1] = Int32GetDatum(summary.last_visit - summary.first_visit);
		values[2] = Int32GetDatum(as_of - summary.first_visit);
		nulls[0] = nulls[1] = nulls[2] = false;
		nulls[3] = !summary.has_money;
		if (summary.has_money)
			values[3] = repeats == 0 ? NumericGetDatum(int64_to_numeric(0)) :
				money_per(summary.visit_money - summary.first_money, summary.scale, repeats);
	}
	PG_RETURN_DATUM(HeapTupleGetDatum(heap_form_tuple(BlessTupleDesc(row), values, nulls)));
}

/* ---- the visits as rows ---- */

/* setof (visit_no, day, orders, amount, latency): latency is the way to the next visit. */
CRM_FUNCTION(crm_visits);
Datum
crm_visits(PG_FUNCTION_ARGS)
{
	ReturnSetInfo *result = (ReturnSetInfo *) fcinfo->resultinfo;
	size_t		n;
	int			scale;
	HistoryDay *days = history_days(PG_GETARG_HISTORY(0), &n, &scale);
	int32		visit_no = 0;

	InitMaterializedSRF(fcinfo, 0);
	for (size_t i = 0; i < n; i++)
	{
		size_t		next = i + 1;
		bool		is_visit = days[i].orders > 0;
		Datum		values[5];
		bool		nulls[5] = {!is_visit, false, false, !days[i].has_amount, true};

		CHECK_FOR_INTERRUPTS();
		while (next < n && days[next].orders == 0)
			next++;
		visit_no += is_visit;
		values[0] = Int32GetDatum(visit_no);
		values[1] = DateADTGetDatum(days[i].day);
		values[2] = Int32GetDatum(days[i].orders);
		values[3] = NumericGetDatum(money_numeric(days[i].amount, scale));
		values[4] = Int32GetDatum(next < n ? days[next].day - days[i].day : 0);
		nulls[4] = !is_visit || next >= n;
		tuplestore_putvalues(result->setResult, result->setDesc, values, nulls);
		pfree(DatumGetPointer(values[3]));
	}
	PG_RETURN_NULL();
}

/* ---- merging ---- */

CRM_FUNCTION(crm_history_merge);
Datum
crm_history_merge(PG_FUNCTION_ARGS)
{
	HistoryState *state = state_add_history(NULL, PG_GETARG_HISTORY(0));

	PG_RETURN_POINTER(state_finish(state_add_history(state, PG_GETARG_HISTORY(1))));
}
