/*
 * beta_mean.h
 *	  The mean of 1 / (1 − (1−p) z) over p ~ Beta(a, b), which is Gauss's
 *	  2F1(1, b; a+b; z): beta_mean.c.
 */
#ifndef CRM_MATHS_BETA_MEAN_H
#define CRM_MATHS_BETA_MEAN_H

#include <stdbool.h>

/* Means at several z are worked out side by side. */
#define MEAN_LANES 4

/* e^−this of the error is nothing. */
#define BETA_MEAN_EXPONENT 28.0

/* The most terms of the fraction and of the series. */
#define BETA_MEAN_TERMS 512

/* Everything that does not depend on z. */
typedef struct BetaMean
{
	double		a;
	double		b;
	double		near;			/* the series serves 1 − z up to here */
	double		regular;		/* (a+b−1) / (a−1) */
	double		log_singular;	/* ln |Γ(a+b) Γ(1−a) / Γ(b)|, and its sign */
	double		sign;
	int			series_terms;
	double		series[BETA_MEAN_TERMS];
	int			fraction_terms;
	double		fraction[BETA_MEAN_TERMS];
} BetaMean;

/* For 1 − z >= smallest > 0; false where that takes more terms than there is room for. */
extern bool beta_mean_prepare(BetaMean *mean, double a, double b, double smallest);

/* At MEAN_LANES values of lost = 1 − z, 0 < lost <= 1; e^−exponent of the error may be left. */
extern void beta_means(const BetaMean *mean, const double *lost, double exponent, double *value);

/* One mean, lost = 1 − z; NaN where it takes more terms than BETA_MEAN_TERMS. */
extern double beta_mean(double a, double b, double lost);

#endif							/* CRM_MATHS_BETA_MEAN_H */
