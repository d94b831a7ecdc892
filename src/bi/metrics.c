/*
 * metrics.c
 *	  customer_metrics: everything about a customer in one row.
 *
 * The history is decoded once, into the summaries and gaps that the metrics
 * are functions of; the metrics are those of the single functions, by the
 * same code and with the same defaults.
 */
#include "postgres.h"

#include "server/compat.h"

#include <math.h>

#include "access/htup_details.h"
#include "btyd/model.h"
#include "funcapi.h"
#include "latency/latency.h"
#include "latency/sequence.h"
#include "rfm/scheme.h"
#include "rfm/segment_map.h"
#include "segments/labels.h"
#include "segments/members.h"
#include "segments/stages.h"
#include "segments/tiers.h"
#include "utils/builtins.h"
#include "value/clv.h"
#include "value/model.h"

/* The options of the single functions, as their declarations have them. */
#define DEFAULT_OVERDUE_QUANTILE	0.8
#define DEFAULT_RANGE_LEVEL			0.8
#define DEFAULT_PROBABILITY_DAYS	30
#define DEFAULT_FORECAST_DAYS		365
#define DEFAULT_DISCOUNT_RATE		0.10
#define DEFAULT_MARGIN				1

/* The arguments of customer_metrics. */
enum
{
	ARGUMENT_HISTORY,
	ARGUMENT_NORMS,
	ARGUMENT_SCHEME,
	ARGUMENT_TIERS,
	ARGUMENT_MEMBERS,
	ARGUMENT_MODEL,
	ARGUMENT_SPEND,
	ARGUMENT_AS_OF,
	ARGUMENT_MAP
};

/* Its columns, as bi.sql declares them. */
typedef enum MetricColumn
{
	VISIT_COUNT,
	ORDER_COUNT,
	FIRST_VISIT,
	LAST_VISIT,
	DAYS_SINCE_LAST_VISIT,
	TENURE,
	TOTAL_SPEND,
	AVERAGE_ORDER_VALUE,
	AVERAGE_VISIT_VALUE,
	SPEND_LAST_365,
	SPEND_PREVIOUS_365,
	LATENCY,
	MEDIAN_LATENCY,
	LATENCY_STDDEV,
	LATENCY_VARIATION,
	SILENCE_RATIO,
	LATENCY_STATUS,
	PACE,
	DAYS_UNTIL_OVERDUE,
	EXPECTED_NEXT_VISIT,
	NEXT_VISIT_FROM,
	NEXT_VISIT_TO,
	NEXT_VISIT_SOURCE,
	VISIT_PROBABILITY,
	RFM_R,
	RFM_F,
	RFM_M,
	RFM_CODE,
	RFM_SEGMENT,
	LIFECYCLE_STAGE,
	ACTIVITY_LEVEL,
	LOYALTY_LEVEL,
	GROWTH_STATE,
	VALUE_TIER,
	MEMBER_SEGMENT,
	MEMBER_ALL_SEGMENTS,
	P_ALIVE,
	CHURN_RISK,
	EXPECTED_VISITS,
	EXPECTED_SPEND,
	CLV,
	REPEAT_CLV,
	METRIC_COLUMNS
} MetricColumn;

/* What the metrics are functions of: the history up to as_of, decoded. */
typedef struct Customer
{
	DateADT		as_of;
	MemberVisits visits;		/* the year of the members is the last of the columns, too */
	HistorySummary previous_year;
	int32		n_gaps;
	int32	   *gaps;
} Customer;

/* The row in the making: all NULL but for what was set. */
typedef struct Row
{
	Datum		values[METRIC_COLUMNS];
	bool		nulls[METRIC_COLUMNS];
} Row;

/* ---- decoding ---- */

static Customer
customer_of(const VisitHistory *history, DateADT as_of)
{
	Customer	customer = {.as_of = as_of};
	MemberVisits *visits = &customer.visits;
	DateADT		year = member_window(as_of, MEMBER_YEAR);
	DateADT		half_year = member_window(as_of, MEMBER_HALF_YEAR);
	DateADT		quarter = member_window(as_of, MEMBER_QUARTER);
	DateADT		previous_year = member_window(as_of, 2 * MEMBER_YEAR);
	HistoryReader reader;
	HistoryDay	day;
	int			scale = history_open(history, &reader);

	visits->life.scale = visits->year.scale = visits->half_year.scale = customer.previous_year.scale = scale;
	/* An entry has at least two bytes. */
	customer.gaps = palloc((VARSIZE_ANY_EXHDR(history) / 2 + 1) * sizeof(int32));
	while (history_next_day(&reader, &day) && day.day <= as_of)
	{
		if (day.orders > 0 && visits->life.visits > 0)
			customer.gaps[customer.n_gaps++] = day.day - visits->life.last_visit;
		history_summary_add(&visits->life, &day);
		if (day.day >= year)
			history_summary_add(&visits->year, &day);
		else if (day.day >= previous_year)
			history_summary_add(&customer.previous_year, &day);
		if (day.day >= half_year)
			history_summary_add(&visits->half_year, &day);
		visits->quarter += day.day >= quarter && day.orders > 0;
	}
	return customer;
}

/* ---- filling the row ---- */

static void
put(Row *row, MetricColumn column, Datum value)
{
	row->values[column] = value;
	row->nulls[column] = false;
}

/* NULL rather than a number that is none. */
static void
put_figure(Row *row, MetricColumn column, double value)
{
	if (isfinite(value))
		put(row, column, Float8GetDatum(value));
}

static void
put_label(Row *row, MetricColumn column, CrmLabel label)
{
	if (label != LABEL_UNKNOWN)
		put(row, column, CStringGetTextDatum(crm_labels[label]));
}

static void
put_money(Row *row, MetricColumn column, __int128 units, int scale)
{
	put(row, column, NumericGetDatum(money_numeric(units, scale)));
}

static void
put_visits(Row *row, const Customer *customer)
{
	const HistorySummary *life = &customer->visits.life;

	put(row, VISIT_COUNT, Int32GetDatum(life->visits));
	put(row, ORDER_COUNT, Int32GetDatum(life->orders));
	put_label(row, LOYALTY_LEVEL, loyalty_label(life->visits));
	if (life->visits == 0)
		return;
	put(row, FIRST_VISIT, DateADTGetDatum(life->first_visit));
	put(row, LAST_VISIT, DateADTGetDatum(life->last_visit));
	put(row, DAYS_SINCE_LAST_VISIT, Int32GetDatum(customer->as_of - life->last_visit));
	put(row, TENURE, Int32GetDatum(customer->as_of - life->first_visit));
	put_label(row, GROWTH_STATE,
			  growth_label(life->first_visit < member_window(customer->as_of, 2 * MEMBER_YEAR),
						   customer->previous_year.visits > 0, customer->visits.year.visits > 0));
}

static void
put_spend(Row *row, const Customer *customer)
{
	const HistorySummary *life = &customer->visits.life;

	if (!life->has_money)
		return;
	put_money(row, TOTAL_SPEND, life->money, life->scale);
	put_money(row, SPEND_LAST_365, customer->visits.year.money, life->scale);
	put_money(row, SPEND_PREVIOUS_365, customer->previous_year.money, life->scale);
	if (life->visits == 0)
		return;
	put(row, AVERAGE_ORDER_VALUE, money_per(life->money, life->scale, life->orders));
	put(row, AVERAGE_VISIT_VALUE, money_per(life->money, life->scale, life->visits));
	put_money(row, REPEAT_CLV, life->visit_money - life->first_money, life->scale);
}

/* The customer's own rhythm. */
static void
put_rhythm(Row *row, const Customer *customer)
{
	const HistorySummary *life = &customer->visits.life;
	double		mean;

	if (customer->n_gaps == 0)
		return;
	mean = latency_mean(life);
	put_figure(row, LATENCY, mean);
	put_figure(row, SILENCE_RATIO, (customer->as_of - life->last_visit) / mean);
	if (customer->n_gaps > 1)
	{
		double		stddev = sequence_stddev(customer->gaps, customer->n_gaps);

		put_figure(row, LATENCY_STDDEV, stddev);
		put_figure(row, LATENCY_VARIATION, stddev / mean);
	}
	put_figure(row, MEDIAN_LATENCY, sequence_median(customer->gaps, customer->n_gaps));
}

static void
put_position(Row *row, const Customer *customer, const Norms *norms)
{
	const HistorySummary *life = &customer->visits.life;
	LatencyPosition position = latency_position(life, norms, customer->as_of);
	int32		days;

	put_label(row, LATENCY_STATUS, latency_status_label(position));
	put_label(row, ACTIVITY_LEVEL, activity_label(position));
	put_label(row, LIFECYCLE_STAGE, lifecycle_label(life->visits, position));
	put_label(row, PACE, latency_pace(norms, customer->gaps, customer->n_gaps));
	if (latency_days_until(life, norms, customer->as_of, DEFAULT_OVERDUE_QUANTILE, &days))
		put(row, DAYS_UNTIL_OVERDUE, Int32GetDatum(days));
}

/* A day that is expected, the days around it, and where they come from. */
static void
put_next_visit(Row *row, const char *source, DateADT day)
{
	put(row, EXPECTED_NEXT_VISIT, DateADTGetDatum(day));
	put(row, NEXT_VISIT_SOURCE, CStringGetTextDatum(source));
}

static void
put_next_visit_range(Row *row, DateADT as_of, int64 low, int64 high)
{
	DateADT		from;
	DateADT		to;
	bool		closed;

	if (!days_ahead(as_of, low, high, &from, &to, &closed))
		return;
	put(row, NEXT_VISIT_FROM, DateADTGetDatum(from));
	if (closed)
		put(row, NEXT_VISIT_TO, DateADTGetDatum(to));
}

/* The next visit by a model; false where it says nothing. */
static bool
put_next_visit_model(Row *row, const Customer *customer, const BtydPosterior *posterior)
{
	BtydWaiting waiting = btyd_waiting(posterior);
	int32		days = btyd_next_visit_day(&waiting, 0.5, FORECAST_MAX_DAYS);
	int32		low;
	int32		high;
	DateADT		day;

	if (days < 0 || !day_ahead(customer->as_of, days, &day))
		return false;
	put_next_visit(row, crm_labels[LABEL_model], day);
	if (btyd_next_visit_days(&waiting, DEFAULT_RANGE_LEVEL, &low, &high))
		put_next_visit_range(row, customer->as_of, low, high);
	return true;
}

static bool
put_next_visit_norms(Row *row, const Customer *customer, const NormsStanding *standing)
{
	int64		days = norms_next_visit(standing, 0.5);
	DateADT		day;

	if (days == CURVE_NO_DAY || !day_ahead(customer->as_of, days, &day))
		return false;
	put_next_visit(row, crm_labels[LABEL_norms], day);
	put_next_visit_range(row, customer->as_of, norms_next_visit(standing, (1 - DEFAULT_RANGE_LEVEL) / 2),
						 norms_next_visit(standing, (1 + DEFAULT_RANGE_LEVEL) / 2));
	return true;
}

/* From the model, else the norms, else the own rhythm; either of the first two is NULL where it says nothing. */
static void
put_forecast(Row *row, const Customer *customer, const BtydPosterior *posterior, const NormsStanding *standing)
{
	DateADT		day;

	if (posterior != NULL)
		put_figure(row, VISIT_PROBABILITY, btyd_visit_probability(posterior, DEFAULT_PROBABILITY_DAYS));
	if (standing != NULL && row->nulls[VISIT_PROBABILITY])
		put_figure(row, VISIT_PROBABILITY, norms_visit_probability(standing, DEFAULT_PROBABILITY_DAYS));

	if (posterior != NULL && put_next_visit_model(row, customer, posterior))
		return;
	if (standing != NULL && put_next_visit_norms(row, customer, standing))
		return;
	if (own_next_visit(&customer->visits.life, &day))
		put_next_visit(row, crm_labels[LABEL_rhythm], day);
}

/* Scores, and their segment unless map is NULL. */
static void
put_rfm(Row *row, const Customer *customer, const RfmScheme *scheme, const SegmentMap *map)
{
	RfmScore	score;
	Word		name;
	int			code;

	if (customer->visits.life.visits == 0)
		return;
	score = rfm_scheme_score(scheme, &customer->visits.life, customer->as_of);
	for (int axis = 0; axis < AXES_MAX; axis++)
		if (score.axis[axis] != SCORE_UNKNOWN)
			put(row, RFM_R + axis, Int16GetDatum((int16) score.axis[axis]));
	code = rfm_code(score);
	if (code != SCORE_UNKNOWN)
		put(row, RFM_CODE, Int32GetDatum(code));
	if (map != NULL && segment_map_find(map, score, &name))
		put(row, RFM_SEGMENT, PointerGetDatum(cstring_to_text_with_len(name.text, name.length)));
}

static void
put_members(Row *row, const Customer *customer, const MemberScheme *scheme)
{
	CrmLabel	labels[MEMBER_SEGMENTS];
	int			n = member_labels_of(scheme, &customer->visits, customer->as_of, labels);
	StringInfoData all;

	initStringInfo(&all);
	for (int i = 0; i < n; i++)
		appendStringInfo(&all, "%s%s", i > 0 ? ", " : "", crm_labels[labels[i]]);
	put_label(row, MEMBER_SEGMENT, labels[0]);
	put(row, MEMBER_ALL_SEGMENTS, PointerGetDatum(cstring_to_text_with_len(all.data, all.len)));
}

/* What a model says; false where it says nothing. */
static bool
put_model(Row *row, const Customer *customer, const Fitted *model, BtydPosterior *posterior)
{
	if (customer->visits.life.visits == 0)
		put_label(row, CHURN_RISK, LABEL_no_data);
	if (!btyd_forecast(&customer->visits.life, model, customer->as_of, posterior))
		return false;
	put_figure(row, P_ALIVE, posterior->p_alive);
	put_label(row, CHURN_RISK, churn_label(posterior));
	put_figure(row, EXPECTED_VISITS, btyd_expected_visits(posterior, DEFAULT_FORECAST_DAYS));
	return true;
}

/* posterior is NULL without a model. */
static void
put_value(Row *row, const Customer *customer, const Fitted *spend, const BtydPosterior *posterior)
{
	double		expected = spend_forecast(&customer->visits.life, spend);

	put_figure(row, EXPECTED_SPEND, expected);
	if (posterior != NULL)
		put_figure(row, CLV, model_clv(posterior, expected, DEFAULT_FORECAST_DAYS,
									   DEFAULT_DISCOUNT_RATE, DEFAULT_MARGIN, NULL));
}

/* ---- the function ---- */

/* A reference, or NULL. */
static const void *
reference_or_null(FunctionCallInfo fcinfo, int argument, ReferenceLoader load)
{
	return PG_ARGISNULL(argument) ? NULL : reference_argument(fcinfo, argument, load);
}

static void
fill_row(FunctionCallInfo fcinfo, Row *row)
{
	Customer	customer = customer_of(PG_GETARG_HISTORY(ARGUMENT_HISTORY),
									   check_as_of(PG_GETARG_DATEADT(ARGUMENT_AS_OF)));
	const Norms *norms = reference_or_null(fcinfo, ARGUMENT_NORMS, norms_load);
	const RfmScheme *scheme = reference_or_null(fcinfo, ARGUMENT_SCHEME, rfm_scheme_load);
	const ValueTiers *tiers = reference_or_null(fcinfo, ARGUMENT_TIERS, value_tiers_load);
	const MemberScheme *members = reference_or_null(fcinfo, ARGUMENT_MEMBERS, member_scheme_load);
	const Fitted *model = reference_or_null(fcinfo, ARGUMENT_MODEL, btyd_model_load);
	const Fitted *spend = reference_or_null(fcinfo, ARGUMENT_SPEND, spend_model_load);
	BtydPosterior posterior;
	NormsStanding standing;
	bool		foretold = model != NULL && put_model(row, &customer, model, &posterior);
	bool		stands = norms != NULL &&
		norms_standing(&customer.visits.life, norms, customer.as_of, &standing);
	int			tier;

	put_visits(row, &customer);
	put_spend(row, &customer);
	if (norms != NULL)
		put_position(row, &customer, norms);
	put_rhythm(row, &customer);
	put_forecast(row, &customer, foretold ? &posterior : NULL, stands ? &standing : NULL);
	if (scheme != NULL)
		put_rfm(row, &customer, scheme, PG_ARGISNULL(ARGUMENT_MAP) ? NULL : PG_GETARG_SEGMENT_MAP(ARGUMENT_MAP));
	if (tiers != NULL && (tier = value_tier_of(tiers, &customer.visits.life)) > 0)
		put(row, VALUE_TIER, Int32GetDatum(tier));
	if (members != NULL)
		put_members(row, &customer, members);
	if (spend != NULL)
		put_value(row, &customer, spend, foretold ? &posterior : NULL);
}

/* customer_metrics(h, norms, scheme, tiers, members, model, spend, as_of, map) */
CRM_FUNCTION(crm_customer_metrics);
Datum
crm_customer_metrics(PG_FUNCTION_ARGS)
{
	TupleDesc	columns = reference_result_row(fcinfo);
	Row			row;

	memset(row.nulls, true, sizeof(row.nulls));
	memset(row.values, 0, sizeof(row.values));
	if (!PG_ARGISNULL(ARGUMENT_HISTORY) && !PG_ARGISNULL(ARGUMENT_AS_OF))
		fill_row(fcinfo, &row);
	PG_RETURN_DATUM(HeapTupleGetDatum(heap_form_tuple(columns, row.values, row.nulls)));
}
