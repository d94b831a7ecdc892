/*
 * score.h
 *	  The composite type rfm_score: one customer's place in a scheme.
 */
#ifndef CRM_SCORE_H
#define CRM_SCORE_H

#include "access/htup.h"

#include "rfm/segment_rules.h"

/* An unknown score: a NULL attribute. */
#define SCORE_UNKNOWN	0

/* R, F and M, each 1 to 9 or SCORE_UNKNOWN. */
typedef struct RfmScore
{
	int			axis[AXES_MAX];
} RfmScore;

extern int	rfm_code(RfmScore score);
extern RfmScore rfm_score_read(HeapTupleHeader score);

#endif							/* CRM_SCORE_H */
