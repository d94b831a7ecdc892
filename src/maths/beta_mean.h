/*
 * beta_mean.h
 *	  Means over p ~ Beta(a, b): beta_mean.c.
 */
#ifndef CRM_MATHS_BETA_MEAN_H
#define CRM_MATHS_BETA_MEAN_H

/*
 * A quadrature for functions f(p) that vary like 1 / (c + p) or less, c > 0:
 * the mean of f is Σ weight · f(p).
 */
#define BETA_NODES 4096

typedef struct BetaRule
{
	int			nodes;
	double		p[BETA_NODES];
	double		q[BETA_NODES];	/* 1 − p, exactly */
	double		weight[BETA_NODES]; /* their sum is 1 */
} BetaRule;

/* smallest: f is constant for ln p below it. */
extern void beta_rule_set(BetaRule *rule, double a, double b, double smallest);

/*
 * 2F1(1, b; a+b; 1 − lost), the mean of 1 / (1 − (1−p) (1−lost)), 0 < lost <= 1;
 * NaN where its fraction is long: there a rule is the better way.
 */
extern double beta_mean(double a, double b, double lost);

#endif							/* CRM_MATHS_BETA_MEAN_H */
