/*
 * spend.h
 *	  The Gamma-Gamma model of what a visit brings: spend.c.
 */
#ifndef CRM_VALUE_SPEND_H
#define CRM_VALUE_SPEND_H

#include <stdbool.h>
#include <stdint.h>

#include "maths/warning.h"
#include "maths/workspace.h"

#define SPEND_PARAMETERS 3		/* p, q, v */

/*
 * Rows are the distinct pairs (x, money of the repeat visit days altogether),
 * sorted by x, then money; money counts units (0.01 for cents).  Rows without
 * a repeat visit or without money above zero are passed over.
 */
typedef struct SpendSample
{
	int64_t		rows;
	const int32_t *visits;
	const int64_t *money;
	const int64_t *count;
	double		unit;
} SpendSample;

typedef struct SpendFit
{
	bool		fitted;
	bool		converged;
	bool		interrupted;
	double		parameters[SPEND_PARAMETERS];
	double		standard_errors[SPEND_PARAMETERS];	/* NaN: unknown */
	double		log_likelihood;
	double		aic;
	int64_t		customers;		/* those fitted on */
	int			iterations;
	Warning		warning;
} SpendFit;

extern const char *const spend_parameter_name[SPEND_PARAMETERS];

extern SpendFit spend_fit(const SpendSample *sample, const Workspace *workspace);

/* NULL when the parameters are usable, else what is wrong with `which`. */
extern const char *spend_parameter_error(const double *parameters, int *which);

/* One customer's log-likelihood: x repeat visits of mean money m, both above zero. */
extern double spend_log_likelihood(const double *parameters, double visits, double mean);

/*
 * Expected money of a visit.  Without repeat visits or money above zero, the
 * population's mean; NaN where that does not exist (q <= 1 and nothing known,
 * or px + q <= 1).
 */
extern double spend_expected(const double *parameters, double visits, double mean);

#endif							/* CRM_VALUE_SPEND_H */
