/*
 * forecast.h
 *	  What any family says of one customer's future: forecast.c.
 */
#ifndef CRM_BTYD_FORECAST_H
#define CRM_BTYD_FORECAST_H

#include "btyd/family.h"

/* A customer not seen yet is {0, 0, 0} on the day of the first visit. */
extern BtydPosterior btyd_posterior(const BtydFamily *family, const double *parameters,
									const BtydCustomer *customer);

/* Expected visits, and the chance of at least one, within so many days. */
extern double btyd_expected_visits(const BtydPosterior *posterior, double days);
extern double btyd_visit_probability(const BtydPosterior *posterior, double days);

/*
 * The waiting for the next visit, given that there is one.  Set once, asked
 * for several quantiles; the posterior must stay where it is.
 */
typedef struct BtydWaiting
{
	const BtydPosterior *posterior;
	double		all;			/* ln of the chance that there is a next visit, up to a constant */
	double		slope;			/* at once: of ln of the chance to wait longer, by ln(1 + t / scale) */
} BtydWaiting;

extern BtydWaiting btyd_waiting(const BtydPosterior *posterior);

/* The smallest whole day d >= 1 by which it has come with a chance >= quantile; −1 beyond `limit`. */
extern int32_t btyd_next_visit_day(const BtydWaiting *waiting, double quantile, int32_t limit);

/*
 * Expected visits within so many days (INFINITY: ever), each discounted at the
 * continuous rate a day from when it happens.  INFINITY where it diverges.
 * memory may be NULL.
 */
extern double btyd_discounted_visits(const BtydPosterior *posterior, double days, double rate,
									 BtydMemory *memory);

/*
 * How much of a visit on whole day `day`, 1 .. window, counts as lying within
 * the range of the given level, the range being conditioned on a visit within
 * the window.  Averages to the level exactly when the model is true.
 */
extern double btyd_range_coverage(const BtydPosterior *posterior, int32_t window, double level,
								  int32_t day);

#endif							/* CRM_BTYD_FORECAST_H */
