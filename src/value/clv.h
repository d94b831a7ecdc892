/*
 * clv.h
 *	  Customer lifetime value from plain figures: clv.c.
 */
#ifndef CRM_VALUE_CLV_H
#define CRM_VALUE_CLV_H

#include "btyd/family.h"

/* The average value of repeat visits × their number − the cost of acquisition. */
extern double repeat_clv(double average_value, double repeat_visits, double acquisition_cost);

/*
 * Σ_{t<N} R_{t+1} ρ^t / (1+d)^t, the last of `length` (>= 1) revenues repeating;
 * periods < 0: for ever.  INFINITY where that diverges.
 */
extern double retention_clv(const double *revenue, int length, double retention,
							double discount_rate, int periods);

/*
 * margin × expected spend × the discounted visits within `days` (INFINITY:
 * ever).  annual_rate > −1.  INFINITY where it diverges.
 */
extern double model_clv(const BtydPosterior *posterior, double expected_spend, double days,
						double annual_rate, double margin);

#endif							/* CRM_VALUE_CLV_H */
