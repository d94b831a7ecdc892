/*
 * beta_mean.c
 *	  2F1(1, b; c; z), c = a + b: the mean of 1 / (1 − (1−p) z), p ~ Beta(a, b).
 *
 * Gauss's continued fraction (1812; Cuyt et al. 2008, 15.3.3),
 *
 *	1 / (1 − e₁z / (1 − e₂z / (1 − …)))
 *	e₂ₘ₊₁ = (b+m) (c+m−1) / ((c+2m−1) (c+2m)),	e₂ₘ = m (a+m−1) / ((c+2m−2) (c+2m−1))
 *
 * is the Gauss–Jacobi rule for that mean: n terms are n/2 nodes, and each leaves
 * (1−r) / (1+r) < e^−2r of the error, r = √(1−z).  Near z = 1, where it is slow,
 * the series in 1 − z takes its place (Abramowitz & Stegun 1964, 15.3.6):
 *
 *	(c−1) / (a−1) · 2F1(1, b; 2−a; 1−z) + Γ(c) Γ(1−a) / Γ(b) · z^(1−c) (1−z)^(a−1)
 *
 * unless a is large or close to a whole number, where the two parts cancel.
 *
 * Numerators and denominators of the fraction follow one recurrence without a
 * division, P[n] = P[n−1] − e z P[n−2], so that the values at several z cost
 * little more than one.
 */
#include <math.h>
#include <string.h>

#include "maths/beta_mean.h"
#include "maths/special.h"

#define LAST_TERM 1e-13

/* The series serves where its terms fall quickly from the start. */
#define SERIES_NEAR 0.15
#define SERIES_GROWTH 1.0
#define LARGEST_A 8.0
#define LEAST_DISTANCE 0.01

/* The denominators fall, at worst like (1−z)^(n/2): rescaled below this, looked at so often. */
#define SMALL 1e-100
#define LOOK_EVERY 8

/* Several means side by side: what the processor's vectors are for. */
typedef double Lanes __attribute__((vector_size(MEAN_LANES * sizeof(double))));

static double
terms_of_fraction(double lost, double exponent)
{
	return 2 + exponent / (2 * sqrt(lost));
}

/* e of the fraction. */
static inline double
coefficient(double a, double b, int n)
{
	double		c = a + b;
	int			m = n / 2;

	if (n == 1)
		return b / c;
	return (n % 2 ? (b + m) * (c + m - 1) : m * (a + m - 1)) / ((c + n - 2) * (c + n - 1));
}

static void
prepare_series(BetaMean *mean)
{
	double		a = mean->a;
	double		b = mean->b;
	double		term = 1;
	int			n;

	mean->regular = (a + b - 1) / (a - 1);
	mean->log_singular = log_rising(b, a).value + log(fabs(tgamma(1 - a)));
	mean->sign = tgamma(1 - a) < 0 ? -1 : 1;
	for (n = 0; n < BETA_MEAN_TERMS && !(fabs(term) < LAST_TERM); n++)
	{
		mean->series[n] = (b + n) / (2 - a + n);
		term *= mean->series[n] * mean->near;
	}
	mean->series_terms = n;
}

bool
beta_mean_prepare(BetaMean *mean, double a, double b, double smallest)
{
	double		terms;

	mean->a = a;
	mean->b = b;
	mean->near = fmin(SERIES_NEAR, SERIES_GROWTH / b);
	if (a > LARGEST_A || (a > 0.5 && fabs(a - round(a)) < LEAST_DISTANCE) || smallest > mean->near)
		mean->near = 0;
	else
		prepare_series(mean);
	terms = terms_of_fraction(fmax(smallest, mean->near), BETA_MEAN_EXPONENT);
	if (!(terms < BETA_MEAN_TERMS))
		return false;
	mean->fraction_terms = (int) terms;
	for (int n = 1; n <= mean->fraction_terms; n++)
		mean->fraction[n - 1] = coefficient(a, b, n);
	return true;
}

static inline __attribute__((always_inline)) void
by_fraction(const BetaMean *mean, const Lanes *lost, int terms, Lanes *value)
{
	Lanes	z = 1 - *lost;
	Lanes	p_before = {0};
	Lanes	q_before = p_before + 1;
	Lanes	p = q_before;
	Lanes	q = q_before;

	for (int n = 0; n < terms; n++)
	{
		Lanes	factor = mean->fraction[n] * z;
		Lanes	p_next = p - factor * p_before;
		Lanes	q_next = q - factor * q_before;

		p_before = p;
		q_before = q;
		p = p_next;
		q = q_next;
		for (int i = 0; n % LOOK_EVERY == 0 && i < MEAN_LANES; i++)
			if (q[i] < SMALL)
			{
				p[i] /= SMALL;
				q[i] /= SMALL;
				p_before[i] /= SMALL;
				q_before[i] /= SMALL;
			}
	}
	*value = p / q;
}

static inline __attribute__((always_inline)) void
by_series(const BetaMean *mean, const Lanes *lost, Lanes *value)
{
	Lanes	sum = *lost * 0 + 1;

	for (int n = mean->series_terms - 1; n >= 0; n--)
		sum = 1 + mean->series[n] * *lost * sum;
	*value = sum * mean->regular;
	for (int i = 0; i < MEAN_LANES; i++)
		(*value)[i] += mean->sign * exp(mean->log_singular + (mean->a - 1) * log((*lost)[i])
										+ (1 - mean->a - mean->b) * log1p(-(*lost)[i]));
}

void
beta_means(const BetaMean *mean, const double *lost, double exponent, double *value)
{
	Lanes		at;
	Lanes		series = {0};
	Lanes		fraction = {0};
	double		least = 1;
	int			near = 0;

	memcpy(&at, lost, sizeof(at));
	for (int i = 0; i < MEAN_LANES; i++)
		if (lost[i] <= mean->near)
			near++;
		else if (lost[i] < least)
			least = lost[i];
	if (near > 0)
		by_series(mean, &at, &series);
	if (near < MEAN_LANES)
	{
		int			terms = (int) terms_of_fraction(least, exponent);

		by_fraction(mean, &at, terms < mean->fraction_terms ? terms : mean->fraction_terms, &fraction);
	}
	for (int i = 0; i < MEAN_LANES; i++)
		value[i] = lost[i] <= mean->near ? series[i] : fraction[i];
}

double
beta_mean(double a, double b, double lost)
{
	double		r = sqrt(lost);
	double		terms = lost < 1 ? 2 + BETA_MEAN_EXPONENT / (log1p(r) - log1p(-r)) : 0;
	double		value = 1;

	if (!(terms < BETA_MEAN_TERMS))
		return NAN;
	for (int n = (int) terms; n > 0; n--)
		value = 1 - coefficient(a, b, n) * (1 - lost) / value;
	return 1 / value;
}
