/*
 * shares.c
 *	  What part of the customers, or of their money, stays: repeat_rate,
 *	  repeat_revenue_share, customer_retention, revenue_retention,
 *	  net_revenue_retention, and revenue_share, the concentration.
 *
 * The first five are one sum divided by another: their state has a whole and a
 * part of it, of heads or of money, and they have one final function.
 */
#include "postgres.h"

#include "server/compat.h"

#include <math.h>

#include "tally/money.h"
#include "tally/percentile.h"
#include "utils/float.h"
#include "utils/rangetypes.h"
#include "utils/typcache.h"

/* Which of the five a state belongs to. */
typedef enum ShareKind
{
	REPEAT_RATE = 1,
	REPEAT_REVENUE_SHARE,
	CUSTOMER_RETENTION,
	REVENUE_RETENTION,
	NET_REVENUE_RETENTION
} ShareKind;

/* The parameters of the tally; the bounds are 0 where there are none. */
enum
{
	PARAMETER_AS_OF,			/* always 0: these know no as_of */
	PARAMETER_KIND,
	PARAMETER_BEFORE_FROM,
	PARAMETER_BEFORE_TO,
	PARAMETER_AFTER_FROM,
	PARAMETER_AFTER_TO,
	PARAMETERS
};

/* The groups of the tally, all with value 0 and what was summed up as their count. */
#define HEADS_WHOLE 1
#define HEADS_PART	2
#define MONEY_WHOLE (3 | TALLY_MONEY_COUNT)
#define MONEY_PART	(4 | TALLY_MONEY_COUNT)

/* ---- transition ---- */

static Tally *
add_heads(Tally *tally, bool in_part)
{
	tally = tally_add(tally, HEADS_WHOLE, 0, 1);
	return in_part ? tally_add(tally, HEADS_PART, 0, 1) : tally;
}

static Tally *
add_money(Tally *tally, int scale, __int128 whole, __int128 part)
{
	__int128	units[2] = {whole, part};

	tally = tally_align_money(tally, scale, units, lengthof(units));
	tally = tally_add(tally, MONEY_WHOLE, 0, (int64) units[0]);
	return tally_add(tally, MONEY_PART, 0, (int64) units[1]);
}

static HistorySummary
whole_history(FunctionCallInfo fcinfo)
{
	return history_summary(PG_GETARG_HISTORY(1), DATEVAL_NOBEGIN, DATEVAL_NOEND);
}

/* (state, history): of the customers, those with a second visit. */
CRM_FUNCTION(crm_repeat_rate_accum);
Datum
crm_repeat_rate_accum(PG_FUNCTION_ARGS)
{
	int64		parameters[PARAMETERS] = {0, REPEAT_RATE};
	Tally	   *tally = tally_to_change(fcinfo, TALLY_RETENTION, PARAMETERS, parameters, NULL);
	int32		visits = PG_ARGISNULL(1) ? 0 : whole_history(fcinfo).visits;

	if (visits > 0)
		tally = add_heads(tally, visits > 1);
	PG_RETURN_POINTER(tally);
}

/* (state, history): of their money, what came after the day of the first visit. */
CRM_FUNCTION(crm_repeat_revenue_share_accum);
Datum
crm_repeat_revenue_share_accum(PG_FUNCTION_ARGS)
{
	int64		parameters[PARAMETERS] = {0, REPEAT_REVENUE_SHARE};
	Tally	   *tally = tally_to_change(fcinfo, TALLY_RETENTION, PARAMETERS, parameters, NULL);
	HistorySummary all;

	if (PG_ARGISNULL(1))
		PG_RETURN_POINTER(tally);
	all = whole_history(fcinfo);
	if (all.visits > 0)
		tally = add_money(tally, all.scale, all.money,
						  history_summary(PG_GETARG_HISTORY(1), all.first_visit + 1, DATEVAL_NOEND).money);
	PG_RETURN_POINTER(tally);
}

/* The first and last day of a range; false where it is empty. Open ends become the ends of date. */
static bool
range_days(FunctionCallInfo fcinfo, int argument, const char *name, int64 *from_day, int64 *to_day)
{
	RangeType  *range;
	RangeBound	lower;
	RangeBound	upper;
	bool		empty;

	if (PG_ARGISNULL(argument))
		ereport(ERROR,
				(errcode(ERRCODE_NULL_VALUE_NOT_ALLOWED),
				 errmsg("%s must not be null", name),
				 errhint("Name the days, for example daterange('2024-01-01', '2025-01-01').")));
	range = PG_GETARG_RANGE_P(argument);
	range_deserialize(range_get_typcache(fcinfo, RangeTypeGetOid(range)), range, &lower, &upper, &empty);
	*from_day = lower.infinite ? DATEVAL_NOBEGIN : DatumGetDateADT(lower.val);
	*to_day = upper.infinite ? DATEVAL_NOEND : DatumGetDateADT(upper.val);
	/* A range of days has its lower bound included and its upper one excluded, but for infinite days. */
	*from_day += !lower.infinite && !lower.inclusive;
	*to_day -= !upper.infinite && !upper.inclusive;
	return !empty && *from_day <= DATEVAL_NOEND && *to_day >= DATEVAL_NOBEGIN;
}

static char *
range_text(const int64 *days)
{
	return psprintf("%s to %s", tally_day_text(&days[0]), tally_day_text(&days[1]));
}

static const TallyOption ranges[] = {
	{"before", PARAMETER_BEFORE_FROM, range_text}, {"after", PARAMETER_AFTER_FROM, range_text}, {NULL}
};

/* (state, history, before, after): what is left of those who came before, once they came after. */
static Datum
retention_accum(FunctionCallInfo fcinfo, ShareKind kind)
{
	int64		parameters[PARAMETERS] = {0, kind};
	HistorySummary before = {0};
	HistorySummary after = {0};
	bool		asked[2];
	Tally	   *tally;

	asked[0] = range_days(fcinfo, 2, "before", &parameters[PARAMETER_BEFORE_FROM], &parameters[PARAMETER_BEFORE_TO]);
	asked[1] = range_days(fcinfo, 3, "after", &parameters[PARAMETER_AFTER_FROM], &parameters[PARAMETER_AFTER_TO]);
	tally = tally_to_change(fcinfo, TALLY_RETENTION, PARAMETERS, parameters, ranges);
	if (asked[0] && !PG_ARGISNULL(1))
		before = history_summary(PG_GETARG_HISTORY(1), parameters[PARAMETER_BEFORE_FROM], parameters[PARAMETER_BEFORE_TO]);
	if (before.visits == 0)
		PG_RETURN_POINTER(tally);
	if (asked[1])
		after = history_summary(PG_GETARG_HISTORY(1), parameters[PARAMETER_AFTER_FROM], parameters[PARAMETER_AFTER_TO]);
	if (kind == CUSTOMER_RETENTION)
		tally = add_heads(tally, after.visits > 0);
	else if (before.has_money || after.has_money)
		tally = add_money(tally, before.scale, before.money,
						  after.visits == 0 ? 0 : kind == REVENUE_RETENTION ? before.money : after.money);
	PG_RETURN_POINTER(tally);
}

CRM_FUNCTION(crm_customer_retention_accum);
Datum
crm_customer_retention_accum(PG_FUNCTION_ARGS)
{
	return retention_accum(fcinfo, CUSTOMER_RETENTION);
}

CRM_FUNCTION(crm_revenue_retention_accum);
Datum
crm_revenue_retention_accum(PG_FUNCTION_ARGS)
{
	return retention_accum(fcinfo, REVENUE_RETENTION);
}

CRM_FUNCTION(crm_net_revenue_retention_accum);
Datum
crm_net_revenue_retention_accum(PG_FUNCTION_ARGS)
{
	return retention_accum(fcinfo, NET_REVENUE_RETENTION);
}

/* ---- the end ---- */

static int64
sum_of(const TallyEntries *all, uint64 group)
{
	TallyEntries found = tally_find_group(all, group);

	return found.n == 0 ? 0 : found.entries[0].count;
}

/* The part of a whole; NULL where the whole is nothing, or less than that. */
static Datum
share(FunctionCallInfo fcinfo, __int128 part, __int128 whole)
{
	if (whole <= 0)
		PG_RETURN_NULL();
	PG_RETURN_FLOAT8((double) part / (double) whole);
}

CRM_FUNCTION(crm_retention_final);
Datum
crm_retention_final(PG_FUNCTION_ARGS)
{
	TallyEntries all;

	if (PG_ARGISNULL(0))
		PG_RETURN_NULL();
	all = tally_entries(tally_argument(fcinfo, TALLY_RETENTION, PARAMETERS));
	return share(fcinfo, (__int128) sum_of(&all, HEADS_PART) + sum_of(&all, MONEY_PART),
				 (__int128) sum_of(&all, HEADS_WHOLE) + sum_of(&all, MONEY_WHOLE));
}

/* ---- concentration ---- */

/* The parameters and the group of revenue_share: how many customers spent how much. */
enum
{
	PARAMETER_TOP_SHARE = PARAMETER_AS_OF + 1,
	CONCENTRATION_PARAMETERS
};

#define SPEND (1 | TALLY_MONEY_VALUE)

/* So that a share of 0.07 of 100 customers, 7.000000000000001 in floating point, is seven. */
#define SHARE_TOLERANCE 1e-9

static char *
top_share_text(const int64 *bits)
{
	double		top_share;

	memcpy(&top_share, bits, sizeof(top_share));
	return float8out_internal(top_share);
}

static const TallyOption options[] = {{"top_share", PARAMETER_TOP_SHARE, top_share_text}, {NULL}};

/* (state, history, top_share) */
CRM_FUNCTION(crm_revenue_share_accum);
Datum
crm_revenue_share_accum(PG_FUNCTION_ARGS)
{
	int64		parameters[CONCENTRATION_PARAMETERS] = {0};
	double		top_share;
	Tally	   *tally;
	HistorySummary all = {0};

	if (PG_ARGISNULL(2))
		ereport(ERROR,
				(errcode(ERRCODE_NULL_VALUE_NOT_ALLOWED),
				 errmsg("top_share must not be null"),
				 errhint("revenue_share(h, 0.2) is what the best fifth brings.")));
	top_share = PG_GETARG_FLOAT8(2);
	if (!(top_share >= 0 && top_share <= 1))
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("top_share must be between 0 and 1, not %g", top_share),
				 errhint("revenue_share(h, 0.2) is what the best fifth brings.")));
	top_share += 0.0;			/* -0 is 0 */
	memcpy(&parameters[PARAMETER_TOP_SHARE], &top_share, sizeof(top_share));
	tally = tally_to_change(fcinfo, TALLY_REVENUE_SHARE, CONCENTRATION_PARAMETERS, parameters, options);
	if (!PG_ARGISNULL(1))
		all = whole_history(fcinfo);
	if (all.visits > 0 && all.has_money)
	{
		tally = tally_align_money(tally, all.scale, &all.money, 1);
		tally = tally_add(tally, SPEND, (int64) all.money, 1);
	}
	PG_RETURN_POINTER(tally);
}

CRM_FUNCTION(crm_revenue_share_final);
Datum
crm_revenue_share_final(PG_FUNCTION_ARGS)
{
	Tally	   *tally;
	TallyEntries all;
	TallyEntries spend;
	double		top_share;
	int64		best;
	__int128	their_money = 0;
	__int128	money = 0;

	if (PG_ARGISNULL(0))
		PG_RETURN_NULL();
	tally = tally_argument(fcinfo, TALLY_REVENUE_SHARE, CONCENTRATION_PARAMETERS);
	memcpy(&top_share, &tally->parameters[PARAMETER_TOP_SHARE], sizeof(top_share));
	if (!(top_share >= 0 && top_share <= 1))
		tally_damaged();
	all = tally_entries(tally);
	spend = tally_find_group(&all, SPEND);
	best = (int64) ceil(top_share * tally_rows(spend) - SHARE_TOLERANCE);
	for (size_t i = spend.n; i-- > 0;)
	{
		const TallyEntry *entry = &spend.entries[i];
		int64		among_best = Min(entry->count, best);

		their_money += (__int128) entry->value * among_best;
		money += (__int128) entry->value * entry->count;
		best -= among_best;
	}
	return share(fcinfo, their_money, money);
}
