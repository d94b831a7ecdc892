/*
 * norms.h
 *	  latency_norms: what is normal for a group, step by step.
 *
 * Step n is the way from visit n to visit n + 1.  The stored value keeps the
 * counts of gaps, exact and small; the curves are worked out from them when
 * the value is used.  Contents, behind the reference's fingerprint, all
 * numbers varints:
 *
 *	 | zigzag as_of | steps << 1 | last is pooled |
 *	 per step: | points | per point: | days since the point before | returned | open |
 */
#ifndef CRM_NORMS_H
#define CRM_NORMS_H

#include "history/history.h"
#include "latency/curve.h"
#include "server/reference.h"

/* A later step stands alone while it has this many completed gaps. */
#define NORMS_ALONE 30

/* The pooled last step takes at most this many of a customer's latest gaps. */
#define NORMS_POOLED_GAPS 5

/* More steps than any customer has gaps would be a forgery. */
#define NORMS_MAX_STEPS (1 << 20)

/* From the first legal date to the last: no gap is longer. */
#define NORMS_LONGEST_GAP (HISTORY_DAY_END - 1 - HISTORY_DAY_BASE)

typedef struct NormsStep
{
	GapCount   *counts;
	size_t		n_counts;
	ReturnCurve curve;
	int32		p50;			/* quantiles among those who come back; CURVE_NO_DAY: none did */
	int32		p80;
	int32		p95;
} NormsStep;

typedef struct Norms
{
	DateADT		as_of;
	bool		pooled;			/* the last step stands for itself and all later ones */
	int			n_steps;
	NormsStep  *steps;			/* steps[0] is step 1 */
} Norms;

extern void *norms_load(const uint8 *contents, Size size);

#define PG_GETARG_NORMS(n) ((const Norms *) reference_argument(fcinfo, n, norms_load))

extern struct varlena *norms_seal(const Norms *norms);
extern bool norms_step_is_valid(const GapCount *counts, size_t n);

/* Step n, or the last one where there are fewer; n is at least 1. */
static inline const NormsStep *
norms_step(const Norms *norms, int32 n)
{
	return &norms->steps[Min(n, norms->n_steps) - 1];
}

#endif							/* CRM_NORMS_H */
