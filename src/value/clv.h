/*
 * clv.h
 *	  Customer lifetime value by a model: clv.c.
 */
#ifndef CRM_VALUE_CLV_H
#define CRM_VALUE_CLV_H

#include "btyd/family.h"

/*
 * margin × expected spend × the discounted visits within `days` (INFINITY:
 * ever).  annual_rate > −1.  INFINITY where it diverges.
 * memory may be NULL.
 */
extern double model_clv(const BtydPosterior *posterior, double expected_spend, double days,
						double annual_rate, double margin, BtydMemory *memory);

#endif							/* CRM_VALUE_CLV_H */
