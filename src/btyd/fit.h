/*
 * fit.h
 *	  Maximum likelihood for any family: fit.c.
 */
#ifndef CRM_BTYD_FIT_H
#define CRM_BTYD_FIT_H

#include "btyd/sample.h"
#include "maths/warning.h"

typedef struct BtydFit
{
	const BtydFamily *family;
	bool		fitted;			/* parameters were found at all; else `warning` says why not */
	bool		converged;		/* and they are a maximum of the likelihood */
	bool		interrupted;	/* stopped by the workspace: throw this away */
	double		parameters[BTYD_PARAMETERS];
	double		standard_errors[BTYD_PARAMETERS];	/* NaN: unknown */
	double		log_likelihood;
	double		aic;
	int64_t		customers;
	int			iterations;
	Warning		warning;		/* empty: none */
} BtydFit;

extern BtydFit btyd_fit(const BtydFamily *family, const BtydSample *sample,
						const Workspace *workspace);

#endif							/* CRM_BTYD_FIT_H */
