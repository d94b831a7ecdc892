/*
 * members.h
 *	  member_scheme: the thresholds of the seven member segments.
 *
 * Contents, behind the reference's fingerprint; a threshold that could not be
 * learned, because nobody visited in its window or nobody's visits had money,
 * is left out:
 *
 *	 | which thresholds are there 8 | those, in order: money.h | varint visits |
 *
 * The visits are what the money is divided by: 1 but for averages.
 */
#ifndef CRM_MEMBERS_H
#define CRM_MEMBERS_H

#include "history/history.h"
#include "segments/labels.h"
#include "server/reference.h"

/* The windows that end on as_of, in days. */
#define MEMBER_YEAR			365
#define MEMBER_HALF_YEAR	183
#define MEMBER_QUARTER		91

/* Whoever comes this often is highly loyal, and was here lately. */
#define MEMBER_LOYAL_DAYS	30

/* Slipping takes so many visits, to have had a rhythm, and so long a tenure. */
#define MEMBER_SLIPPING_VISITS	3

/* What the thresholds are percentiles of: see members.c. */
typedef enum MemberThresholdName
{
	SPEND_YEAR_P15,
	SPEND_YEAR_P50,
	SPEND_YEAR_P85,
	VISITS_YEAR_P50,
	VISITS_YEAR_P85,
	TICKET_YEAR_P50,
	TICKET_HALF_YEAR_P85,
	MEMBER_THRESHOLDS
} MemberThresholdName;

/* An amount, a count, or an average: amount / visits. */
typedef struct MemberThreshold
{
	bool		known;
	Decimal		amount;
	int32		visits;
} MemberThreshold;

typedef struct MemberScheme
{
	MemberThreshold threshold[MEMBER_THRESHOLDS];
} MemberScheme;

/* The segments in order of precedence, and how they are called. */
typedef enum MemberSegment
{
	MEMBER_SLEEPING,
	MEMBER_SLIPPING,
	MEMBER_HIGH_VALUE,
	MEMBER_HIGH_LOYALTY,
	MEMBER_HIGH_TICKET,
	MEMBER_FREQUENT_LOW_TICKET,
	MEMBER_RARE_LOW_TICKET,
	MEMBER_SEGMENTS
} MemberSegment;

/* What the rules look at: the visits up to as_of, and those in its windows. */
typedef struct MemberVisits
{
	HistorySummary life;
	HistorySummary year;
	HistorySummary half_year;
	int32		quarter;		/* how many */
} MemberVisits;

extern const CrmLabel member_labels[MEMBER_SEGMENTS];

extern bool member_scheme_is_valid(const MemberScheme *scheme);
extern void *member_scheme_load(const uint8 *contents, Size size);
extern struct varlena *member_scheme_seal(const MemberScheme *scheme);
extern MemberThreshold member_average(int64 units, int scale, int32 visits);
extern int	member_labels_of(const MemberScheme *scheme, const MemberVisits *visits, DateADT as_of,
							 CrmLabel labels[MEMBER_SEGMENTS]);

/* The first day of a window that ends on as_of. */
static inline DateADT
member_window(DateADT as_of, int32 days)
{
	return (DateADT) Max((int64) as_of - days + 1, HISTORY_DAY_BASE);
}

#endif							/* CRM_MEMBERS_H */
