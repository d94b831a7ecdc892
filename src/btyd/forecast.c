/*
 * forecast.c
 *	  What any family says of one customer's future.
 */
#include <math.h>

#include "btyd/forecast.h"
#include "maths/quadrature.h"

/* Beyond this much discounting the horizon makes no difference. */
#define ENDLESS 45.0

/* Panels of the discount integral: decay within one, bends within one. */
#define PANEL_DISCOUNT 4.0
#define PANEL_BENDS 8.0

/* Bends fade as time passes, and the panels may widen by this much of what has passed. */
#define PANEL_GROWTH 0.25

BtydPosterior
btyd_posterior(const BtydFamily *family, const double *parameters, const BtydCustomer *customer)
{
	BtydPosterior posterior = {.family = family};

	family->posterior(parameters, customer, &posterior);
	return posterior;
}

double
btyd_expected_visits(const BtydPosterior *posterior, double days)
{
	return days > 0 ? posterior->p_alive * posterior->family->visits(posterior, days) : 0;
}

double
btyd_visit_probability(const BtydPosterior *posterior, double days)
{
	return days > 0 ? posterior->p_alive * posterior->family->returns(posterior, days) : 0;
}

/*
 * The smallest d in 1 .. limit with P(visit within d | alive) >= target, by
 * bisection; −1: none.
 */
static int32_t
first_day(const BtydPosterior *posterior, double target, int32_t limit)
{
	const BtydFamily *family = posterior->family;
	int32_t		below = 0;
	int32_t		reached = limit;

	if (!(family->returns(posterior, limit) >= target))
		return -1;
	while (reached - below > 1)
	{
		int32_t		middle = below + (reached - below) / 2;

		if (family->returns(posterior, middle) >= target)
			reached = middle;
		else
			below = middle;
	}
	return reached;
}

int32_t
btyd_next_visit_day(const BtydPosterior *posterior, double quantile, int32_t limit)
{
	return first_day(posterior, quantile * posterior->family->returns(posterior, INFINITY), limit);
}

/* One panel of ∫ e^(−rate t) E(t) dt. */
static double
discounted_panel(const BtydPosterior *posterior, double from, double width, double rate)
{
	double		sum = 0;

	for (int i = 0; i < PANEL_NODES; i++)
	{
		double		t = from + width * panel_node[i];

		sum += panel_weight[i] * exp(-rate * t) * posterior->family->visits(posterior, t);
	}
	return sum * width;
}

/*
 * By parts, ∫₀^H e^(−δt) dE = e^(−δH) E(H) + δ ∫₀^H e^(−δt) E(t) dt.
 */
static double
discounted_until(const BtydPosterior *posterior, double days, double rate)
{
	double		reach = posterior->reach;
	double		bend = posterior->bend;
	double		sum = 0;

	for (double at = 0, width; at < days; at += width)
	{
		double		grown = 1 + at / reach;
		double		bends = PANEL_BENDS + PANEL_GROWTH * log(grown) * reach / bend;

		width = fmin(reach * grown, fmin(bends * bend * grown, PANEL_DISCOUNT / fabs(rate)));

		/* The last panel is not to be a sliver that rounding leaves. */
		if (at + 1.0001 * width >= days)
			width = days - at;
		sum += discounted_panel(posterior, at, width, rate);
	}
	return exp(-rate * days) * posterior->family->visits(posterior, days) + rate * sum;
}

double
btyd_discounted_visits(const BtydPosterior *posterior, double days, double rate)
{
	if (days <= 0)
		return 0;
	if (isinf(days) && rate < 0)
		return INFINITY;
	if (isinf(days) || rate * days > ENDLESS)
		return posterior->p_alive * posterior->family->discounted(posterior, rate);
	if (rate == 0)
		return btyd_expected_visits(posterior, days);
	return posterior->p_alive * discounted_until(posterior, days, rate);
}

double
btyd_range_coverage(const BtydPosterior *posterior, int32_t window, double level, int32_t day)
{
	const BtydFamily *family = posterior->family;
	double		all = family->returns(posterior, window);
	double		low = (1 - level) / 2 * all;
	double		high = (1 + level) / 2 * all;
	int32_t		first = first_day(posterior, low, window);
	int32_t		last = first_day(posterior, high, window);
	double		before,
				after;

	if (day < first || day > last)
		return 0;
	if (day > first && day < last)
		return 1;

	/* The part of the bounding day's chance that lies between the quantiles. */
	before = day > 1 ? family->returns(posterior, day - 1) : 0;
	after = family->returns(posterior, day);
	return (fmin(after, high) - fmax(before, low)) / (after - before);
}
