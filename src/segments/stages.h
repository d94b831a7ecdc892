/*
 * stages.h
 *	  Where a customer stands: activity, loyalty, lifecycle, growth.
 */
#ifndef CRM_STAGES_H
#define CRM_STAGES_H

#include "latency/latency.h"
#include "segments/labels.h"

/* Visits from which on a loyalty level holds. */
#define LOYALTY_SECOND	2
#define LOYALTY_REGULAR 3
#define LOYALTY_FAN		5

/* Visits from which on a customer who is not silent is active, and loyal. */
#define LIFECYCLE_ACTIVE	2
#define LIFECYCLE_LOYAL		4

extern CrmLabel activity_label(LatencyPosition position);
extern CrmLabel loyalty_label(int32 visits);
extern CrmLabel lifecycle_label(int32 visits, LatencyPosition position);
extern CrmLabel growth_label(bool earlier, bool before, bool inside);

#endif							/* CRM_STAGES_H */
