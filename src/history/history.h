/*
 * history.h
 *	  The type visit_history, for everything in the server that reads it.
 *
 * A visit_history is a varlena whose contents are the packed days that
 * codec.h draws: one scale byte, then one entry a day.
 *
 *	 | length word 8 or 32 | scale 8 | day entry | day entry | ...
 */
#ifndef CRM_HISTORY_H
#define CRM_HISTORY_H

#include "history/codec.h"
#include "utils/date.h"
#include "utils/numeric.h"

typedef struct varlena VisitHistory;

/* Thirty million visits or so: one a day for 80,000 years. */
#define HISTORY_MAX_SIZE (64 * 1024 * 1024)

#define PG_GETARG_HISTORY(n) ((VisitHistory *) PG_GETARG_VARLENA_PP(n))

/*
 * What most metrics need, gathered in one pass.  Visits are days with an
 * order; money is the net of all days, refunds-only ones included.
 */
typedef struct HistorySummary
{
	int32		visits;
	int32		orders;
	DateADT		first_visit;	/* both undefined without a visit */
	DateADT		last_visit;
	bool		has_money;
	int			scale;			/* of the units below */
	__int128	money;			/* all days */
	__int128	first_money;	/* the first visit's day */
	__int128	visit_money;	/* all visit days */
} HistorySummary;

/* The visit days of a history, in order: what sequences are computed from. */
typedef struct VisitDays
{
	int32		n;
	DateADT    *days;
} VisitDays;

extern int	history_open(const VisitHistory *history, HistoryReader *reader);
extern void history_damaged(void) pg_attribute_noreturn();
extern void history_day_not_finite(bool future) pg_attribute_noreturn();
extern void history_day_out_of_range(void) pg_attribute_noreturn();
extern DateADT check_day(DateADT day, const char *name);
extern DateADT check_as_of(DateADT as_of);

extern HistorySummary history_summary(const VisitHistory *history, DateADT from_day, DateADT to_day);
extern VisitDays history_visit_days(const VisitHistory *history, DateADT as_of);
extern Numeric money_numeric(__int128 units, int scale);
extern Datum money_per(__int128 units, int scale, int64 count);

extern HistoryDay *history_days(const VisitHistory *history, size_t *n, int *scale);
extern VisitHistory *history_pack_ordered(HistoryDay *days, size_t n, int scale);
extern bool history_is_canonical(const VisitHistory *history);
extern VisitHistory *history_from_bytes(const uint8 *bytes, size_t size);

/* The next day of an opened history; false at its end. */
static inline bool
history_next_day(HistoryReader *reader, HistoryDay *day)
{
	if (history_next(reader, day))
		return true;
	if (reader->damaged)
		history_damaged();
	return false;
}

/* The next day with an order. */
static inline bool
history_next_visit(HistoryReader *reader, HistoryDay *day)
{
	while (history_next_day(reader, day))
		if (day->orders > 0)
			return true;
	return false;
}

/* Adds a day, behind those already in it, to a summary. */
static inline void
history_summary_add(HistorySummary *summary, const HistoryDay *day)
{
	summary->has_money |= day->has_amount;
	summary->money += day->amount;
	if (day->orders == 0)
		return;
	if (summary->visits == 0)
	{
		summary->first_visit = day->day;
		summary->first_money = day->amount;
	}
	summary->visits++;
	summary->orders += day->orders;
	summary->last_visit = day->day;
	summary->visit_money += day->amount;
}

#endif							/* CRM_HISTORY_H */
