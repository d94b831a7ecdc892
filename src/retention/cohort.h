/*
 * cohort.h
 *	  cohort_retention: who is still there so many periods after the first visit.
 *
 * Contents, behind the reference's fingerprint, numbers as varints:
 *
 *	 | zigzag as_of | zigzag period | scale << 1 | has money | points |
 *	 per point: | periods since the point before | ended | active | zigzag revenue |
 *
 * A point is a period in which somebody came, money moved, or that was the
 * last one over for somebody (ended); in others nothing happened, to as many
 * customers as at the next point.
 */
#ifndef CRM_COHORT_H
#define CRM_COHORT_H

#include "history/history.h"
#include "server/reference.h"
#include "server/text_scanner.h"

/* A period is a number of days, or one of the calendar's. */
#define PERIOD_WEEK		(-1)
#define PERIOD_MONTH	(-2)
#define PERIOD_QUARTER	(-3)
#define PERIOD_YEAR		(-4)

typedef struct CohortPoint
{
	int64		period_no;
	int64		ended;			/* customers whose last period over is this one */
	int64		customers;		/* whose period this is over: ended here or later */
	int64		active;
	int64		revenue;
} CohortPoint;

typedef struct Cohort
{
	DateADT		as_of;
	int32		period;
	bool		has_money;
	int			scale;
	size_t		n;
	CohortPoint *points;
} Cohort;

extern struct varlena *cohort_seal(Cohort *cohort);

extern bool period_is_valid(int64 period);
extern int32 period_from_name(const char *name);
extern int32 period_take(TextScanner *scanner);
extern char *period_name(int32 period);
extern int64 period_of(int32 period, DateADT first_visit, int64 day);

#endif							/* CRM_COHORT_H */
