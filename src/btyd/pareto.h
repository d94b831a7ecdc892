/*
 * pareto.h
 *	  What the two files of Pareto/NBD share: paretonbd.c has one customer and
 *	  the forecasts, pareto_likelihood.c the likelihood of a sample.
 */
#ifndef CRM_BTYD_PARETO_H
#define CRM_BTYD_PARETO_H

#include "btyd/family.h"

/* Places of the parameters. */
enum
{
	R, ALPHA, S, BETA
};

/* (1 + t/α)^−shape (1 + t/β)^−fall e^(−rate t) */
typedef struct Curve
{
	double		shape;
	double		alpha;
	double		fall;
	double		beta;
	double		rate;
} Curve;

extern double pareto_log_curve(const Curve *curve, double t);

/*
 * One panel of a quadrature, in v = ln(1 + t / min(α, β)) from v towards end:
 * times and weights (dt included); returns the panel's width in v.
 */
extern double pareto_panel(const Curve *curve, double v, double end, double *time, double *weight);

/* A BtydLikelihood. */
extern double pareto_table_likelihood(const BtydTable *table, int stages, const double *at,
									  double *gradient, double (*hessian)[NEWTON_MAX]);

#endif							/* CRM_BTYD_PARETO_H */
