/*
 * members.c
 *	  The seven member segments: learning their thresholds, and telling which
 *	  of them a customer is in.
 *
 * "Top x" is above percentile_disc(1 - x) and "bottom x" below
 * percentile_disc(x) of the customers with a visit in the window.  An average
 * is a quotient of two whole numbers and compared as one, by cross-
 * multiplication: no rounding decides who is in.
 */
#include "postgres.h"

#include "server/compat.h"

#include "catalog/pg_type.h"
#include "segments/members.h"
#include "tally/money.h"
#include "tally/percentile.h"
#include "utils/array.h"
#include "utils/builtins.h"

const CrmLabel member_labels[MEMBER_SEGMENTS] = {
	[MEMBER_SLEEPING] = LABEL_sleeping,
	[MEMBER_SLIPPING] = LABEL_slipping,
	[MEMBER_HIGH_VALUE] = LABEL_high_value,
	[MEMBER_HIGH_LOYALTY] = LABEL_high_loyalty,
	[MEMBER_HIGH_TICKET] = LABEL_high_ticket,
	[MEMBER_FREQUENT_LOW_TICKET] = LABEL_frequent_low_ticket,
	[MEMBER_RARE_LOW_TICKET] = LABEL_rare_low_ticket,
};

/*
 * The groups of the tally.  Averages are counted by (visits, money), with the
 * visits in the lower half of the group.
 */
#define CUSTOMERS	1			/* value 0: everybody with a visit */
#define VISITS_YEAR 2
#define SPEND_YEAR	(3 | TALLY_MONEY_VALUE)
#define TICKET_YEAR (UINT64CONST(1) << 32 | TALLY_MONEY_VALUE)
#define TICKET_HALF_YEAR (UINT64CONST(2) << 32 | TALLY_MONEY_VALUE)
#define TICKET_MEASURE(group) ((group) & ~UINT64CONST(0xFFFFFFFF))
#define TICKET_VISITS(group) ((group) & UINT64CONST(0xFFFFFFFF))

/* ---- learning ---- */

/* (state, history, as_of) */
CRM_FUNCTION(crm_member_scheme_accum);
Datum
crm_member_scheme_accum(PG_FUNCTION_ARGS)
{
	int64		as_of = tally_as_of_argument(fcinfo, 2);
	Tally	   *tally = tally_to_change(fcinfo, TALLY_MEMBER_SCHEME, 1, &as_of, NULL);
	VisitHistory *history;
	HistorySummary year;
	HistorySummary half_year;
	__int128	units[2];

	if (PG_ARGISNULL(1))
		PG_RETURN_POINTER(tally);
	history = PG_GETARG_HISTORY(1);
	if (history_summary(history, DATEVAL_NOBEGIN, as_of).visits > 0)
		tally = tally_add(tally, CUSTOMERS, 0, 1);
	year = history_summary(history, member_window(as_of, MEMBER_YEAR), as_of);
	if (year.visits == 0)
		PG_RETURN_POINTER(tally);
	tally = tally_add(tally, VISITS_YEAR, year.visits, 1);
	half_year = history_summary(history, member_window(as_of, MEMBER_HALF_YEAR), as_of);
	units[0] = year.money;
	units[1] = half_year.money;
	tally = tally_align_money(tally, year.scale, units, lengthof(units));
	if (year.has_money)
	{
		tally = tally_add(tally, SPEND_YEAR, (int64) units[0], 1);
		tally = tally_add(tally, TICKET_YEAR | year.visits, (int64) units[0], 1);
	}
	if (half_year.visits > 0 && half_year.has_money)
		tally = tally_add(tally, TICKET_HALF_YEAR | half_year.visits, (int64) units[1], 1);
	PG_RETURN_POINTER(tally);
}

/* An average of so many customers. */
typedef struct Ticket
{
	int64		units;
	int64		visits;
	int64		customers;
} Ticket;

#define ST_SORT sort_tickets
#define ST_ELEMENT_TYPE Ticket
#define ST_COMPARE(a, b) \
	money_compare((__int128) (a)->units * (b)->visits, 0, (__int128) (b)->units * (a)->visits, 0)
#define ST_SCOPE static
#define ST_DEFINE
#define ST_CHECK_FOR_INTERRUPTS
#include "miscadmin.h"
#include "lib/sort_template.h"

static MemberThreshold
ticket_percentile(const Tally *tally, const TallyEntries *all, uint64 measure, double fraction)
{
	Ticket	   *tickets = palloc_extended((all->n + 1) * sizeof(Ticket), MCXT_ALLOC_HUGE);
	size_t		n = 0;
	int64		customers = 0;
	int64		row;

	for (size_t i = 0; i < all->n; i++)
	{
		const TallyEntry *entry = &all->entries[i];
		int64		visits = TICKET_VISITS(entry->group);

		if (TICKET_MEASURE(entry->group) != measure)
			continue;
		if (visits < 1 || visits > PG_INT32_MAX || entry->count < 0 ||
			__builtin_add_overflow(customers, entry->count, &customers))
			tally_damaged();
		tickets[n++] = (Ticket) {entry->value, visits, entry->count};
	}
	if (n == 0)
		return (MemberThreshold) {0};
	sort_tickets(tickets, n);
	row = percentile_row(fraction, customers);
	for (n = 0; row > tickets[n].customers; n++)
		row -= tickets[n].customers;
	return member_average(tickets[n].units, tally->scale, (int32) tickets[n].visits);
}

static MemberThreshold
percentile(const TallyEntries *all, uint64 group, double fraction, int scale)
{
	TallyEntries found = tally_find_group(all, group);

	if (found.n == 0)
		return (MemberThreshold) {0};
	return (MemberThreshold) {true, money_reduced(tally_percentile(found, fraction), scale), 1};
}

CRM_FUNCTION(crm_member_scheme_final);
Datum
crm_member_scheme_final(PG_FUNCTION_ARGS)
{
	Tally	   *tally;
	TallyEntries all;
	MemberScheme scheme;
	MemberThreshold *threshold = scheme.threshold;

	if (PG_ARGISNULL(0))
		PG_RETURN_NULL();
	tally = tally_argument(fcinfo, TALLY_MEMBER_SCHEME, 1);
	all = tally_entries(tally);
	if (all.n == 0)
		PG_RETURN_NULL();
	threshold[SPEND_YEAR_P15] = percentile(&all, SPEND_YEAR, 0.15, tally->scale);
	threshold[SPEND_YEAR_P50] = percentile(&all, SPEND_YEAR, 0.5, tally->scale);
	threshold[SPEND_YEAR_P85] = percentile(&all, SPEND_YEAR, 0.85, tally->scale);
	threshold[VISITS_YEAR_P50] = percentile(&all, VISITS_YEAR, 0.5, 0);
	threshold[VISITS_YEAR_P85] = percentile(&all, VISITS_YEAR, 0.85, 0);
	threshold[TICKET_YEAR_P50] = ticket_percentile(tally, &all, TICKET_YEAR, 0.5);
	threshold[TICKET_HALF_YEAR_P85] = ticket_percentile(tally, &all, TICKET_HALF_YEAR, 0.85);
	if (!member_scheme_is_valid(&scheme))
		tally_damaged();
	PG_RETURN_POINTER(member_scheme_seal(&scheme));
}

/* ---- a customer ---- */

/* units * 10^-scale / visits against the threshold: negative, 0 or positive; false where either is unknown. */
static bool
compare(const MemberScheme *scheme, MemberThresholdName name,
		__int128 units, int scale, int32 visits, int *order)
{
	const MemberThreshold *threshold = &scheme->threshold[name];

	if (!threshold->known)
		return false;
	*order = money_compare(units * threshold->visits, scale,
						   (__int128) threshold->amount.units * visits, threshold->amount.scale);
	return true;
}

static bool
is_above(const MemberScheme *scheme, MemberThresholdName name, __int128 units, int scale, int32 visits)
{
	int			order = 0;

	return compare(scheme, name, units, scale, visits, &order) && order > 0;
}

static bool
is_below(const MemberScheme *scheme, MemberThresholdName name, __int128 units, int scale, int32 visits)
{
	int			order = 0;

	return compare(scheme, name, units, scale, visits, &order) && order < 0;
}

/* Visits of the last quarter come at less than half the customer's own rate. */
static bool
is_slipping(const HistorySummary *life, int32 quarter_visits, DateADT as_of)
{
	int64		tenure = (int64) as_of - life->first_visit;

	return life->visits >= MEMBER_SLIPPING_VISITS && tenure >= MEMBER_QUARTER &&
		2 * quarter_visits * tenure < (int64) MEMBER_QUARTER * (life->visits - 1);
}

/* Comes at least every so many days, and did lately. */
static bool
is_regular_guest(const HistorySummary *year, DateADT as_of)
{
	return year->visits >= 2 &&
		(int64) year->last_visit - year->first_visit <= (int64) MEMBER_LOYAL_DAYS * (year->visits - 1) &&
		as_of - year->last_visit <= MEMBER_LOYAL_DAYS;
}

/* The labels of a customer, in order of precedence; at least one.  Returns how many. */
int
member_labels_of(const MemberScheme *scheme, const MemberVisits *visits, DateADT as_of,
				 CrmLabel labels[MEMBER_SEGMENTS])
{
	const HistorySummary *life = &visits->life;
	const HistorySummary *year = &visits->year;
	const HistorySummary *half = &visits->half_year;
	bool		spent = year->visits > 0 && year->has_money;
	bool		low_ticket = spent && is_below(scheme, TICKET_YEAR_P50, year->money, year->scale, year->visits);
	bool		in[MEMBER_SEGMENTS];
	int			n = 0;

	if (life->visits == 0)
	{
		labels[0] = LABEL_prospect;
		return 1;
	}
	in[MEMBER_SLEEPING] = half->visits == 0;
	in[MEMBER_SLIPPING] = is_slipping(life, visits->quarter, as_of);
	in[MEMBER_HIGH_VALUE] = spent && is_above(scheme, SPEND_YEAR_P85, year->money, year->scale, 1);
	in[MEMBER_HIGH_LOYALTY] = spent && is_above(scheme, SPEND_YEAR_P50, year->money, year->scale, 1) &&
		is_regular_guest(year, as_of);
	in[MEMBER_HIGH_TICKET] = half->visits > 0 && half->has_money &&
		is_above(scheme, TICKET_HALF_YEAR_P85, half->money, half->scale, half->visits);
	in[MEMBER_FREQUENT_LOW_TICKET] = low_ticket && is_above(scheme, VISITS_YEAR_P85, year->visits, 0, 1);
	in[MEMBER_RARE_LOW_TICKET] = low_ticket && (int64) as_of - life->first_visit > MEMBER_QUARTER &&
		!is_above(scheme, VISITS_YEAR_P50, year->visits, 0, 1) &&
		is_below(scheme, SPEND_YEAR_P15, year->money, year->scale, 1);
	for (int segment = 0; segment < MEMBER_SEGMENTS; segment++)
		if (in[segment])
			labels[n++] = member_labels[segment];
	if (n == 0)
		labels[n++] = LABEL_regular;
	return n;
}

/* (h, scheme, as_of): the same. */
static int
labels_of_call(FunctionCallInfo fcinfo, CrmLabel labels[MEMBER_SEGMENTS])
{
	const VisitHistory *history = PG_GETARG_HISTORY(0);
	DateADT		as_of = check_as_of(PG_GETARG_DATEADT(2));
	MemberVisits visits = {
		.life = history_summary(history, DATEVAL_NOBEGIN, as_of),
		.year = history_summary(history, member_window(as_of, MEMBER_YEAR), as_of),
		.half_year = history_summary(history, member_window(as_of, MEMBER_HALF_YEAR), as_of),
		.quarter = history_summary(history, member_window(as_of, MEMBER_QUARTER), as_of).visits
	};

	return member_labels_of(reference_argument(fcinfo, 1, member_scheme_load), &visits, as_of, labels);
}

/* member_segment(h, scheme, as_of) */
CRM_FUNCTION(crm_member_segment);
Datum
crm_member_segment(PG_FUNCTION_ARGS)
{
	CrmLabel	labels[MEMBER_SEGMENTS];

	labels_of_call(fcinfo, labels);
	return label_datum(fcinfo, labels[0]);
}

/* member_segments(h, scheme, as_of) */
CRM_FUNCTION(crm_member_segments);
Datum
crm_member_segments(PG_FUNCTION_ARGS)
{
	CrmLabel	labels[MEMBER_SEGMENTS];
	Datum		words[MEMBER_SEGMENTS];
	int			n = labels_of_call(fcinfo, labels);

	for (int i = 0; i < n; i++)
		words[i] = CStringGetTextDatum(crm_labels[labels[i]]);
	PG_RETURN_ARRAYTYPE_P(construct_array(words, n, TEXTOID, -1, false, TYPALIGN_INT));
}
