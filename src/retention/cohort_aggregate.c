/*
 * cohort_aggregate.c
 *	  cohort_retention(h, period, as_of): from histories to periods.
 *
 * A period is over when the day after as_of is in a later one.  What happens
 * in a period that is not over for a customer is left out, as are the
 * customers themselves: nothing unfinished counts as a loss.
 */
#include "postgres.h"

#include "server/compat.h"

#include "retention/cohort.h"
#include "tally/percentile.h"
#include "utils/builtins.h"

/* The parameters of the tally. */
enum
{
	PARAMETER_AS_OF,
	PARAMETER_PERIOD,
	PARAMETERS
};

/*
 * The groups of the tally; values are numbers of periods, counted from a
 * customer's first.  The last one over is -1 for whom none is.
 */
#define LAST_OVER	1
#define ACTIVE		2
#define HAS_MONEY	3			/* value 0: somebody's orders had amounts */
#define REVENUE		(4 | TALLY_MONEY_COUNT)

/* ---- transition ---- */

#define PERIOD_HINT \
	errhint("Use day, week, month, quarter, year or a number of days, for example cohort_retention(h, 'month', as_of).")

static int32
period_argument(FunctionCallInfo fcinfo, bool by_name)
{
	int32		period;

	if (PG_ARGISNULL(2))
		ereport(ERROR,
				(errcode(ERRCODE_NULL_VALUE_NOT_ALLOWED),
				 errmsg("period must not be null"),
				 PERIOD_HINT));
	if (!by_name)
	{
		period = PG_GETARG_INT32(2);
		if (period < 1)
			ereport(ERROR,
					(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
					 errmsg("a period must have at least one day, not %d", period),
					 PERIOD_HINT));
		return period;
	}
	period = period_from_name(text_to_cstring(PG_GETARG_TEXT_PP(2)));
	if (period == 0)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("unknown period \"%s\"", text_to_cstring(PG_GETARG_TEXT_PP(2))),
				 PERIOD_HINT));
	return period;
}

/* What happened in one period of a customer. */
static Tally *
add_period(Tally *tally, int64 period_no, int scale, bool visited, bool has_money, __int128 money)
{
	if (visited)
		tally = tally_add(tally, ACTIVE, period_no, 1);
	if (has_money)
	{
		tally = tally_align_money(tally, scale, &money, 1);
		tally = tally_add(tally, REVENUE, period_no, (int64) money);
	}
	return tally;
}

static Tally *
add_customer(Tally *tally, const VisitHistory *history, int32 period, DateADT as_of)
{
	HistorySummary life = history_summary(history, DATEVAL_NOBEGIN, as_of);
	int64		first;
	int64		last_over;
	int64		current = -1;
	bool		visited = false;
	bool		has_money = false;
	__int128	money = 0;
	HistoryReader reader;
	HistoryDay	day;

	if (life.visits == 0)
		return tally;
	first = period_of(period, life.first_visit, life.first_visit);
	last_over = period_of(period, life.first_visit, (int64) as_of + 1) - first - 1;
	tally = tally_add(tally, LAST_OVER, last_over, 1);
	if (life.has_money)
		tally = tally_add(tally, HAS_MONEY, 0, 1);
	history_open(history, &reader);
	while (history_next_day(&reader, &day) && day.day <= as_of)
	{
		int64		period_no = period_of(period, life.first_visit, day.day) - first;

		/* Refunds before the first period belong to none. */
		if (period_no < 0)
			continue;
		if (period_no > last_over)
			break;
		if (period_no != current)
		{
			tally = add_period(tally, current, life.scale, visited, has_money, money);
			current = period_no;
			visited = has_money = false;
			money = 0;
		}
		visited |= day.orders > 0;
		has_money |= day.has_amount;
		money += day.amount;
	}
	return add_period(tally, current, life.scale, visited, has_money, money);
}

static char *
period_text(const int64 *period)
{
	return period_name((int32) *period);
}

static const TallyOption options[] = {{"period", PARAMETER_PERIOD, period_text}, {NULL}};

static Datum
cohort_accum(FunctionCallInfo fcinfo, bool by_name)
{
	DateADT		as_of = tally_as_of_argument(fcinfo, 3);
	int64		parameters[PARAMETERS] = {as_of, period_argument(fcinfo, by_name)};
	Tally	   *tally = tally_to_change(fcinfo, TALLY_COHORTS, PARAMETERS, parameters, options);

	if (!PG_ARGISNULL(1))
		tally = add_customer(tally, PG_GETARG_HISTORY(1), (int32) parameters[PARAMETER_PERIOD], as_of);
	PG_RETURN_POINTER(tally);
}

/* (state, history, period text, as_of) */
CRM_FUNCTION(crm_cohort_accum_calendar);
Datum
crm_cohort_accum_calendar(PG_FUNCTION_ARGS)
{
	return cohort_accum(fcinfo, true);
}

/* (state, history, days, as_of) */
CRM_FUNCTION(crm_cohort_accum_days);
Datum
crm_cohort_accum_days(PG_FUNCTION_ARGS)
{
	return cohort_accum(fcinfo, false);
}

/* ---- the end ---- */

/* The count of a period in a group whose periods are asked for in order. */
static int64
take_count(const TallyEntries *group, size_t *next, int64 period_no)
{
	while (*next < group->n && group->entries[*next].value < period_no)
		(*next)++;
	return *next < group->n && group->entries[*next].value == period_no ? group->entries[*next].count : 0;
}

/* The next period that any of the groups has something to say about; false at their ends. */
static bool
next_period(const TallyEntries *groups, const size_t *next, int n, int64 after, int64 *period_no)
{
	bool		found = false;

	for (int i = 0; i < n; i++)
	{
		size_t		at = next[i];

		while (at < groups[i].n && groups[i].entries[at].value <= after)
			at++;
		if (at < groups[i].n && (!found || groups[i].entries[at].value < *period_no))
		{
			*period_no = groups[i].entries[at].value;
			found = true;
		}
	}
	return found;
}

CRM_FUNCTION(crm_cohort_final);
Datum
crm_cohort_final(PG_FUNCTION_ARGS)
{
	Tally	   *tally;
	TallyEntries all;
	TallyEntries groups[3];
	size_t		next[3] = {0};
	Cohort		cohort = {0};
	int64		period_no = -1;

	if (PG_ARGISNULL(0))
		PG_RETURN_NULL();
	tally = tally_argument(fcinfo, TALLY_COHORTS, PARAMETERS);
	all = tally_entries(tally);
	if (all.n == 0)
		PG_RETURN_NULL();
	if (!period_is_valid(tally->parameters[PARAMETER_PERIOD]))
		tally_damaged();
	groups[0] = tally_find_group(&all, LAST_OVER);
	groups[1] = tally_find_group(&all, ACTIVE);
	groups[2] = tally_find_group(&all, REVENUE);
	cohort.as_of = (DateADT) tally->parameters[PARAMETER_AS_OF];
	cohort.period = (int32) tally->parameters[PARAMETER_PERIOD];
	cohort.scale = tally->scale;
	cohort.has_money = tally_find_group(&all, HAS_MONEY).n > 0;
	cohort.points = palloc_extended((all.n + 1) * sizeof(CohortPoint), MCXT_ALLOC_HUGE);
	while (next_period(groups, next, lengthof(groups), period_no, &period_no))
	{
		CohortPoint *point = &cohort.points[cohort.n++];

		*point = (CohortPoint) {
			.period_no = period_no,
			.ended = take_count(&groups[0], &next[0], period_no),
			.active = take_count(&groups[1], &next[1], period_no),
			.revenue = take_count(&groups[2], &next[2], period_no)
		};
		if (point->revenue >= DECIMAL_LIMIT || point->revenue <= -DECIMAL_LIMIT)
			ereport(ERROR,
					(errcode(ERRCODE_NUMERIC_VALUE_OUT_OF_RANGE),
					 errmsg("revenue of period " INT64_FORMAT " needs more than %d significant digits",
							period_no, DECIMAL_DIGITS),
					 errhint("Round the amounts, for example visit_history(day, round(amount, 4)).")));
	}
	PG_RETURN_POINTER(cohort_seal(&cohort));
}
