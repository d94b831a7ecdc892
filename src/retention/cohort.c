/*
 * cohort.c
 *	  cohort_retention: its bytes, its text and its JSON, and cohort_table.
 *
 *	 {month, as_of 2024-06-30, 0: 100/100 1250.5, 1: 41/100 520, 3: 30/70 401.25}
 *
 * reads: of 100 customers whose period 0 is over 100 came in it and brought
 * 1250.5.  Without money the last number is left out.
 */
#include "postgres.h"

#include "server/compat.h"

#include "funcapi.h"
#include "miscadmin.h"
#include "retention/cohort.h"
#include "server/text_scanner.h"
#include "server/varint.h"
#include "tally/money.h"
#include "utils/builtins.h"
#include "utils/fmgrprotos.h"

/* ---- what every value keeps to ---- */

/* Sums up who is still there from the end; false where that is nobody's count. */
static bool
count_customers(Cohort *cohort)
{
	int64		customers = 0;

	for (size_t i = cohort->n; i-- > 0;)
	{
		CohortPoint *point = &cohort->points[i];

		if (point->ended < 0 || __builtin_add_overflow(customers, point->ended, &customers) ||
			point->active < 0 || point->active > customers || customers == 0 ||
			point->period_no < 0 || point->period_no > PG_INT32_MAX ||
			(i > 0 && point->period_no <= point[-1].period_no) ||
			(point->ended == 0 && point->active == 0 && point->revenue == 0) ||
			(point->revenue != 0 && !cohort->has_money) ||
			point->revenue >= DECIMAL_LIMIT || point->revenue <= -DECIMAL_LIMIT)
			return false;
		point->customers = customers;
	}
	return true;
}

/* The smallest scale that holds all revenues. */
static void
reduce_scale(Cohort *cohort)
{
	for (; cohort->scale > 0; cohort->scale--)
	{
		for (size_t i = 0; i < cohort->n; i++)
			if (cohort->points[i].revenue % 10 != 0)
				return;
		for (size_t i = 0; i < cohort->n; i++)
			cohort->points[i].revenue /= 10;
	}
}

/* ---- bytes ---- */

/* A ReferenceLoader. */
static void *
cohort_load(const uint8 *contents, Size size)
{
	const uint8 *at = contents;
	const uint8 *end = contents + size;
	Cohort	   *cohort = palloc0(sizeof(Cohort));
	bool		damaged = false;
	int64		as_of = unzigzag(varint_get(&at, end, &damaged));
	int64		period = unzigzag(varint_get(&at, end, &damaged));
	uint64		money = varint_get(&at, end, &damaged);
	uint64		n = varint_get(&at, end, &damaged);
	int64		period_no = -1;

	/* A point has four bytes at least. */
	if (damaged || as_of < HISTORY_DAY_BASE || as_of >= HISTORY_DAY_END || !period_is_valid(period) ||
		money >> 1 > DECIMAL_MAX_SCALE || n > (uint64) (end - at) / 4)
		reference_damaged();
	cohort->as_of = (DateADT) as_of;
	cohort->period = (int32) period;
	cohort->has_money = money & 1;
	cohort->scale = (int) (money >> 1);
	cohort->n = n;
	cohort->points = palloc_extended((n + 1) * sizeof(CohortPoint), MCXT_ALLOC_HUGE);
	for (size_t i = 0; i < n; i++)
	{
		CohortPoint *point = &cohort->points[i];
		uint64		periods = varint_get(&at, end, &damaged);

		if (damaged || periods > PG_INT32_MAX)
			reference_damaged();
		period_no += (int64) periods;
		point->period_no = period_no;
		point->ended = (int64) varint_get(&at, end, &damaged);
		point->active = (int64) varint_get(&at, end, &damaged);
		point->revenue = unzigzag(varint_get(&at, end, &damaged));
	}
	if (damaged || at != end || !count_customers(cohort))
		reference_damaged();
	return cohort;
}

/* The stored value; counts the customers of its points. */
struct varlena *
cohort_seal(Cohort *cohort)
{
	uint8	   *contents = palloc_extended((4 + 4 * cohort->n) * VARINT_MAX_SIZE, MCXT_ALLOC_HUGE);
	uint8	   *out;
	int64		period_no = -1;

	if (!count_customers(cohort))
		reference_damaged();
	reduce_scale(cohort);
	cohort->has_money &= cohort->n > 0;	/* or the text could not say so */
	out = varint_put(contents, zigzag(cohort->as_of));
	out = varint_put(out, zigzag(cohort->period));
	out = varint_put(out, (uint64) cohort->scale << 1 | cohort->has_money);
	out = varint_put(out, cohort->n);
	for (size_t i = 0; i < cohort->n; i++)
	{
		const CohortPoint *point = &cohort->points[i];

		out = varint_put(out, point->period_no - period_no);
		out = varint_put(out, point->ended);
		out = varint_put(out, point->active);
		out = varint_put(out, zigzag(point->revenue));
		period_no = point->period_no;
	}
	return reference_seal(contents, out - contents);
}

CRM_FUNCTION(crm_cohort_recv);
Datum
crm_cohort_recv(PG_FUNCTION_ARGS)
{
	PG_RETURN_POINTER(cohort_seal(reference_receive((StringInfo) PG_GETARG_POINTER(0), cohort_load)));
}

/* ---- text and JSON ---- */

static void
append_revenue(StringInfo out, const Cohort *cohort, const CohortPoint *point)
{
	money_append(out, money_reduced(point->revenue, cohort->scale));
}

CRM_FUNCTION(crm_cohort_out);
Datum
crm_cohort_out(PG_FUNCTION_ARGS)
{
	Cohort	   *cohort = reference_load(PG_GETARG_VARLENA_PP(0), cohort_load);
	StringInfoData out;

	initStringInfo(&out);
	appendStringInfo(&out, "{%s, as_of ", period_name(cohort->period));
	text_append_day(&out, cohort->as_of);
	for (size_t i = 0; i < cohort->n; i++)
	{
		const CohortPoint *point = &cohort->points[i];

		appendStringInfo(&out, ", " INT64_FORMAT ": " INT64_FORMAT "/" INT64_FORMAT,
						 point->period_no, point->active, point->customers);
		if (!cohort->has_money)
			continue;
		appendStringInfoChar(&out, ' ');
		append_revenue(&out, cohort, point);
	}
	appendStringInfoChar(&out, '}');
	PG_RETURN_CSTRING(out.data);
}

/* Brings the revenues so far to a finer scale; false where that takes too many digits. */
static bool
refine_scale(Cohort *cohort, int scale)
{
	for (size_t i = 0; i < cohort->n; i++)
		if (!decimal_shift(&cohort->points[i].revenue, scale - cohort->scale))
			return false;
	cohort->scale = scale;
	return true;
}

/* Reads n: active/customers [revenue]; ended holds the customers for now. */
static void
take_point(TextScanner *scanner, Cohort *cohort, size_t *room)
{
	CohortPoint point = {0};
	Decimal		revenue = {0};

	point.period_no = text_take_integer(scanner, PG_INT32_MAX);
	text_expect(scanner, ":");
	point.active = text_take_integer(scanner, PG_INT64_MAX);
	text_expect(scanner, "/");
	point.ended = text_take_integer(scanner, PG_INT64_MAX);
	if (cohort->n == 0)
		cohort->has_money = !text_at(scanner, ",") && !text_at(scanner, "}");
	if (cohort->has_money)
		revenue = money_take(scanner);
	if ((revenue.scale > cohort->scale && !refine_scale(cohort, revenue.scale)) ||
		!decimal_shift(&revenue.units, cohort->scale - revenue.scale))
		text_refuse(scanner, "All revenues together need more than 18 digits.");
	point.revenue = revenue.units;
	if (cohort->n == *room)
		cohort->points = repalloc_huge(cohort->points, (*room *= 2) * sizeof(CohortPoint));
	cohort->points[cohort->n++] = point;
}

CRM_FUNCTION(crm_cohort_in);
Datum
crm_cohort_in(PG_FUNCTION_ARGS)
{
	TextScanner scanner = {PG_GETARG_CSTRING(0), PG_GETARG_CSTRING(0), "cohort_retention",
	"It is learned by the aggregate cohort_retention(h, period, as_of)."};
	Cohort		cohort = {0};
	size_t		room = 16;

	cohort.points = palloc(room * sizeof(CohortPoint));
	text_expect(&scanner, "{");
	cohort.period = period_take(&scanner);
	text_expect(&scanner, ", as_of ");
	cohort.as_of = text_take_day(&scanner);
	while (text_take(&scanner, ","))
		take_point(&scanner, &cohort, &room);
	text_expect(&scanner, "}");
	text_end(&scanner);
	for (size_t i = 0; i + 1 < cohort.n; i++)
		cohort.points[i].ended -= cohort.points[i + 1].ended;
	if (!count_customers(&cohort))
		text_refuse(&scanner, "Periods must ascend, customers must not, and somebody must be active or leave.");
	PG_RETURN_POINTER(cohort_seal(&cohort));
}

/* {"period": "month", "as_of": "2024-06-30", "periods": [{"period_no": 0, "customers": ..., ...}, ...]} */
CRM_FUNCTION(crm_cohort_to_json);
Datum
crm_cohort_to_json(PG_FUNCTION_ARGS)
{
	Cohort	   *cohort = reference_load(PG_GETARG_VARLENA_PP(0), cohort_load);
	StringInfoData out;

	initStringInfo(&out);
	appendStringInfo(&out, "{\"period\": \"%s\", \"as_of\": \"", period_name(cohort->period));
	text_append_day(&out, cohort->as_of);
	appendStringInfoString(&out, "\", \"periods\": [");
	for (size_t i = 0; i < cohort->n; i++)
	{
		const CohortPoint *point = &cohort->points[i];

		appendStringInfo(&out, "%s{\"period_no\": " INT64_FORMAT ", \"customers\": " INT64_FORMAT
						 ", \"active\": " INT64_FORMAT ", \"revenue\": ",
						 i > 0 ? ", " : "", point->period_no, point->customers, point->active);
		if (cohort->has_money)
			append_revenue(&out, cohort, point);
		else
			appendStringInfoString(&out, "null");
		appendStringInfoChar(&out, '}');
	}
	appendStringInfoString(&out, "]}");
	PG_RETURN_TEXT_P(cstring_to_text_with_len(out.data, out.len));
}

/* ---- the table ---- */

static void
put_row(ReturnSetInfo *result, const Cohort *cohort, const CohortPoint *point)
{
	Datum		values[6] = {
		Int32GetDatum((int32) point->period_no),
		Int64GetDatum(point->customers),
		Int64GetDatum(point->active),
		Float8GetDatum((double) point->active / (double) point->customers),
	};
	bool		nulls[6] = {false, false, false, false, !cohort->has_money, !cohort->has_money};

	if (cohort->has_money)
	{
		values[4] = NumericGetDatum(money_numeric(point->revenue, cohort->scale));
		values[5] = DirectFunctionCall2(numeric_div, values[4],
										NumericGetDatum(int64_to_numeric(point->customers)));
	}
	tuplestore_putvalues(result->setResult, result->setDesc, values, nulls);
	if (cohort->has_money)
	{
		pfree(DatumGetPointer(values[4]));
		pfree(DatumGetPointer(values[5]));
	}
}

/* setof (period_no, customers, active, retention, revenue, revenue_per_customer) */
CRM_FUNCTION(crm_cohort_table);
Datum
crm_cohort_table(PG_FUNCTION_ARGS)
{
	ReturnSetInfo *result = (ReturnSetInfo *) fcinfo->resultinfo;
	Cohort	   *cohort = reference_load(PG_GETARG_VARLENA_PP(0), cohort_load);
	int64		period_no = 0;

	InitMaterializedSRF(fcinfo, 0);
	for (size_t i = 0; i < cohort->n; i++)
	{
		/* Before a point, the periods in which nothing happened. */
		for (; period_no <= cohort->points[i].period_no; period_no++)
		{
			CohortPoint quiet = {period_no, 0, cohort->points[i].customers, 0, 0};

			CHECK_FOR_INTERRUPTS();
			put_row(result, cohort, period_no < cohort->points[i].period_no ? &quiet : &cohort->points[i]);
		}
	}
	PG_RETURN_NULL();
}
