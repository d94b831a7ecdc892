/*
 * beta_mean.c
 *	  Means over p ~ Beta(a, b): of anything by a rule, of 1 / (1 − (1−p) z) by
 *	  a continued fraction.
 */
#include <math.h>
#include <stdbool.h>

#include "maths/beta_mean.h"

/*
 * ------------------------------------------------------------------------
 * The rule
 *
 * The trapezoidal rule in y = ln(p / (1 − p)), where everything is analytic
 * for |Im y| < π/2 and the rule converges like e^(−π²/h).  Towards both ends
 * the integrand becomes a constant times e^(a y) or e^(−b y), and the rest of
 * the rule is a geometric series.
 * ------------------------------------------------------------------------
 */
#define STEP 0.25

/* e^−this is nothing beside one: 1e-14. */
#define NOTHING 32.0

static double
log_weight(double y, double a, double b)
{
	return (y > 0 ? -b : a) * y - (a + b) * log1p(exp(-fabs(y)));
}

/* Up to a constant, the most that f may be: ln 1 / p, level below `smallest`. */
static double
log_bound(double y, double smallest)
{
	return -fmax(fmin(y, 0), smallest);
}

static void
add_node(BetaRule *rule, double y, double weight)
{
	double		small = exp(-fabs(y));
	double		large = 1 / (1 + small);

	small *= large;
	rule->p[rule->nodes] = y > 0 ? large : small;
	rule->q[rule->nodes] = y > 0 ? small : large;
	rule->weight[rule->nodes++] = weight;
}

/* Nodes from `y` in steps of `step` until what they add is nothing or y is at `end`. */
static double
add_nodes(BetaRule *rule, double y, double step, double end, double a, double b, double smallest,
		  double middle)
{
	double		top = log_weight(middle, a, b);
	double		bound = log_bound(middle, smallest);
	double		sum = 0;

	for (bool last = false; !last && rule->nodes < BETA_NODES; y += step)
	{
		double		height = log_weight(y, a, b) - top;
		double		weight = exp(height);

		last = height + log_bound(y, smallest) - bound < -NOTHING || (step < 0 ? y <= end : y >= end);
		if (last)
			weight /= -expm1(-(step < 0 ? a : b) * fabs(step));
		add_node(rule, y, weight);
		sum += weight;
	}
	return sum;
}

void
beta_rule_set(BetaRule *rule, double a, double b, double smallest)
{
	double		step = fmin(STEP, sqrt(1 / a + 1 / b) / 1.5);
	double		level = fmin(smallest, 0);
	double		low = level - NOTHING;
	double		middle = fmax(low, fmin(NOTHING, log(a / b)));
	double		sum;

	rule->nodes = 0;
	sum = add_nodes(rule, middle, -step, low, a, b, level, middle);
	sum += add_nodes(rule, middle + step, step, NOTHING, a, b, level, middle);
	for (int i = 0; i < rule->nodes; i++)
		rule->weight[i] /= sum;
}

/*
 * ------------------------------------------------------------------------
 * The fraction: Gauss (1812; Cuyt et al. 2008, 15.3.3), with c = a + b
 *
 *	1 / (1 − e₁z / (1 − e₂z / (1 − …)))
 *	e₂ₘ₊₁ = (b+m) (c+m−1) / ((c+2m−1) (c+2m)),	e₂ₘ = m (a+m−1) / ((c+2m−2) (c+2m−1))
 *
 * Each denominator is taken (c+n−2) times and two are made one, to divide less.
 * It is the Gauss–Jacobi rule for that mean: n terms are n/2 nodes, and each
 * leaves (1−r) / (1+r) < e^−2r of the error, r = √(1−z).
 * ------------------------------------------------------------------------
 */
#define MOST_NODES 256.0

/* e^−this of the error is nothing. */
#define EXPONENT 28.0

double
beta_mean(double a, double b, double lost)
{
	double		r = sqrt(lost);
	double		z = 1 - lost;
	double		c = a + b;
	double		nodes = lost < 1 ? ceil(1 + EXPONENT / 2 / (log1p(r) - log1p(-r))) : 0;
	double		value = c + 2 * nodes;

	if (!(nodes < MOST_NODES))
		return NAN;
	for (double m = nodes; m > 0; m--)
		value = c + 2 * m - 2
			- m * (a + m - 1) * z * value / ((c + 2 * m - 1) * value - (b + m) * (c + m - 1) * z);
	return value / (value - b * z);
}
