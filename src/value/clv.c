/*
 * clv.c
 *	  Customer lifetime value by a model.
 */
#include <math.h>

#include "btyd/forecast.h"
#include "value/clv.h"

#define DAYS_A_YEAR 365.0

double
model_clv(const BtydPosterior *posterior, double expected_spend, double days, double annual_rate,
		  double margin, BtydMemory *memory)
{
	double		rate = log1p(annual_rate) / DAYS_A_YEAR;
	double		visits = btyd_discounted_visits(posterior, days, rate, memory);

	return isinf(visits) ? INFINITY : margin * expected_spend * visits;
}
