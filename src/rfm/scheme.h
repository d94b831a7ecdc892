/*
 * scheme.h
 *	  rfm_scheme: the cut points between the scores, frozen.
 *
 * Contents, behind the reference's fingerprint; a scheme that was learned
 * without money has two axes:
 *
 *	 | buckets 8 | axes 8 | per axis, buckets - 1 cut points: money.h |
 */
#ifndef CRM_SCHEME_H
#define CRM_SCHEME_H

#include "history/history.h"
#include "rfm/score.h"
#include "server/reference.h"

typedef enum RfmAxis
{
	RECENCY,					/* days since the last visit */
	FREQUENCY,					/* visits */
	MONEY						/* total spend */
} RfmAxis;

/* Cut points ascend; those of recency and frequency are whole numbers. */
typedef struct RfmScheme
{
	int			buckets;
	int			axes;			/* 2 without money, else 3 */
	Decimal		cut[AXES_MAX][SCORE_MAX - 1];
} RfmScheme;

extern const char *const rfm_axis_names[AXES_MAX];

extern void *rfm_scheme_load(const uint8 *contents, Size size);
extern struct varlena *rfm_scheme_seal(const RfmScheme *scheme);
extern void rfm_scheme_append_cuts(StringInfo out, const RfmScheme *scheme, int axis, const char *separator);
extern RfmScore rfm_scheme_score(const RfmScheme *scheme, const HistorySummary *summary, DateADT as_of);

/* How many cut points lie below a value that scores so. */
static inline int
rfm_cuts_below(const RfmScheme *scheme, RfmAxis axis, int score)
{
	return axis == RECENCY ? scheme->buckets - score : score - 1;
}

#endif							/* CRM_SCHEME_H */
