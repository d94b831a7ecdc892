/*
 * percentile.h
 *	  Percentiles of what was tallied, exactly as percentile_disc gives them.
 */
#ifndef CRM_PERCENTILE_H
#define CRM_PERCENTILE_H

#include "tally/tally.h"

extern TallyEntries tally_find_group(const TallyEntries *all, uint64 group);
extern int64 tally_rows(TallyEntries group);
extern int64 percentile_row(double fraction, int64 rows);
extern int64 tally_percentile(TallyEntries group, double fraction);

#endif							/* CRM_PERCENTILE_H */
