/*
 * special.c
 *	  Differences of log-gammas that do not cancel, and their derivatives.
 *
 * The likelihoods of all our models are built from Γ(z + n) / Γ(z).  Taken as
 * a difference of two log-gammas that ratio loses every digit when z is large
 * (a fit without dropout ends at b = 3e5).  A short product is exact; beyond
 * that Stirling's series is differenced term by term, after both arguments
 * have been raised to where five terms of it reach double precision.
 */
#include <math.h>

#include "maths/special.h"

/* Products up to this length are multiplied out. */
#define SHORT_PRODUCT 32

/* From here on the first term left out of each series is below 2e-16. */
#define STIRLING_FROM 16.0

/*
 * What Stirling's formula leaves of ln Γ and its derivatives (Abramowitz &
 * Stegun 1964, 6.1.41, 6.3.18, 6.4.12):
 *	ln Γ(z) = (z − ½) ln z − z + ½ ln 2π + value
 *	  ψ(z)  = ln z + slope
 *	  ψ'(z) = curve
 */
static Jet
stirling_rest(double z)
{
	double		u = 1 / z;
	double		w = u * u;
	Jet			rest;

	rest.value = u * (1.0 / 12 - w * (1.0 / 360 - w * (1.0 / 1260 - w * (1.0 / 1680 - w * (1.0 / 1188 - w * (691.0 / 360360))))));
	rest.slope = -u / 2 - w * (1.0 / 12 - w * (1.0 / 120 - w * (1.0 / 252 - w * (1.0 / 240 - w * (1.0 / 132 - w * (691.0 / 32760))))));
	rest.curve = u + w / 2 + w * u * (1.0 / 6 - w * (1.0 / 30 - w * (1.0 / 42 - w * (1.0 / 30 - w * (5.0 / 66 - w * (691.0 / 2730))))));
	return rest;
}

/* The product z (z + 1) … (z + n − 1) as a logarithm, n a small integer. */
static Jet
log_product(double z, int n)
{
	Jet			sum = {0, 0, 0};
	double		product = 1;

	for (int i = 0; i < n; i++)
	{
		double		inverse = 1 / (z + i);

		product *= z + i;
		if (product > 1e200 || product < 1e-200)
		{
			sum.value += log(product);
			product = 1;
		}
		sum.slope += inverse;
		sum.curve -= inverse * inverse;
	}
	sum.value += log(product);
	return sum;
}

/* How many steps of one raise z to STIRLING_FROM. */
static int
steps_up(double z)
{
	return z >= STIRLING_FROM ? 0 : (int) ceil(STIRLING_FROM - z);
}

Jet
log_rising(double z, double n)
{
	int			raise_low = steps_up(z);
	int			raise_high = steps_up(z + n);
	double		low = z + raise_low;
	double		high = z + n + raise_high;
	double		width = n + raise_high - raise_low;
	double		growth = log1p(width / low);
	Jet			below,
				above,
				low_rest,
				high_rest,
				result;

	if (n <= SHORT_PRODUCT && n == floor(n))
		return log_product(z, (int) n);

	below = log_product(z, raise_low);
	above = log_product(z + n, raise_high);
	low_rest = stirling_rest(low);
	high_rest = stirling_rest(high);
	result.value = (low - 0.5) * growth + width * (log(high) - 1)
		+ (high_rest.value - low_rest.value) + (below.value - above.value);
	result.slope = growth + (high_rest.slope - low_rest.slope) + (below.slope - above.slope);
	result.curve = (high_rest.curve - low_rest.curve) + (below.curve - above.curve);
	return result;
}

/* The C library's, without its global sign. */
double
log_gamma(double z)
{
	int			sign;

	return lgamma_r(z, &sign);
}

double
trigamma(double z)
{
	int			raise = steps_up(z);

	return stirling_rest(z + raise).curve - log_product(z, raise).curve;
}
