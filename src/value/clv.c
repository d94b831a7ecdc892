/*
 * clv.c
 *	  Customer lifetime value: by repeat visits, by retention, by a model.
 */
#include <math.h>

#include "btyd/forecast.h"
#include "value/clv.h"

#define DAYS_A_YEAR 365.0

double
repeat_clv(double average_value, double repeat_visits, double acquisition_cost)
{
	return average_value * repeat_visits - acquisition_cost;
}

/* Σ_{t<n} ratio^t, n < 0 for ever. */
static double
geometric_sum(double ratio, int n)
{
	if (n < 0)
		return ratio < 1 ? 1 / (1 - ratio) : INFINITY;
	if (ratio == 1)
		return n;
	return ratio > 0 ? expm1(n * log(ratio)) / (ratio - 1) : n > 0;
}

double
retention_clv(const double *revenue, int length, double retention, double discount_rate, int periods)
{
	double		ratio = retention / (1 + discount_rate);
	int			listed = periods < 0 || periods > length - 1 ? length - 1 : periods;
	double		weight = 1;
	double		sum = 0;

	for (int t = 0; t < listed; t++)
	{
		sum += weight * revenue[t];
		weight *= ratio;
	}

	/* From here on the last revenue repeats. */
	if (periods != listed && weight > 0 && revenue[length - 1] != 0)
		sum += weight * revenue[length - 1]
			* geometric_sum(ratio, periods < 0 ? -1 : periods - listed);
	return sum;
}

double
model_clv(const BtydPosterior *posterior, double expected_spend, double days, double annual_rate,
		  double margin)
{
	double		rate = log1p(annual_rate) / DAYS_A_YEAR;

	double		visits = btyd_discounted_visits(posterior, days, rate);

	return isinf(visits) ? INFINITY : margin * expected_spend * visits;
}
