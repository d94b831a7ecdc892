/*
 * tiers.h
 *	  value_tiers: the spend that parts the best customers from the rest.
 *
 * Contents, behind the reference's fingerprint:
 *
 *	 | tiers 8 | per tier: share, a double, big-endian 64 | cut point: money.h |
 */
#ifndef CRM_TIERS_H
#define CRM_TIERS_H

#include "history/history.h"
#include "server/reference.h"

/* More tiers than anybody treats differently; they fit the parameters of a tally. */
#define TIERS_MAX 16

/* Shares ascend, so cut points do not: tier i + 1 is above cut i. */
typedef struct ValueTiers
{
	int			n;
	double		share[TIERS_MAX];
	Decimal		cut[TIERS_MAX];
} ValueTiers;

extern void *value_tiers_load(const uint8 *contents, Size size);
extern int	value_tier_of(const ValueTiers *tiers, const HistorySummary *summary);

#endif							/* CRM_TIERS_H */
