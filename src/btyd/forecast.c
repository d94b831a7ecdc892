/*
 * forecast.c
 *	  What any family says of one customer's future.
 */
#include <math.h>

#include "btyd/forecast.h"

/* Beyond this much discounting the horizon makes no difference. */
#define ENDLESS 45.0

/* Beyond this much inflation no visit is worth a finite number: e^709 is the last double. */
#define OVERFLOWING 709.0

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
 * The smallest d in 1 .. limit with P(visit within d | alive) >= target; -1:
 * none.  The chance rises ever more slowly, so by turns the middle is taken
 * on a logarithmic scale and where a straight line would pass the target:
 * half the steps of a bisection.
 */
static int32_t
first_day(const BtydPosterior *posterior, double target, int32_t limit)
{
	const BtydFamily *family = posterior->family;
	int32_t		below = 0;
	int32_t		reached = limit;
	double		chance_below = 0;
	double		chance_reached = family->returns(posterior, limit);

	if (!(chance_reached >= target))
		return -1;
	if (target <= chance_below)
		return 1;
	for (bool straight = false; reached - below > 1; straight = !straight)
	{
		double		guess = straight ?
			below + (reached - below) * (target - chance_below) / (chance_reached - chance_below) :
			sqrt((below + 1.0) * reached);
		int32_t		middle = guess < below + 1 ? below + 1 : guess > reached - 1 ? reached - 1 : (int32_t) guess;
		double		chance = family->returns(posterior, middle);

		if (chance >= target)
		{
			reached = middle;
			chance_reached = chance;
		}
		else
		{
			below = middle;
			chance_below = chance;
		}
	}
	return reached;
}

/* Chances below this are lost in the rounding of what is left of one. */
#define LEAST_CHANCE 1e-3

/* Newton's method doubles the digits: a step below the first leaves an error below the second. */
#define LAST_STEP 1e-7
#define WAITING_TOLERANCE 1e-12
#define WAITING_STEPS 100

BtydWaiting
btyd_waiting(const BtydPosterior *posterior)
{
	BtydWaiting waiting = {.posterior = posterior};

	waiting.all = posterior->family->log_waiting(posterior, 0, &waiting.slope);
	return waiting;
}

/*
 * The time within which the next visit comes with a chance, given that it
 * comes; NaN where it is not found.  ln of the chance to wait longer is almost
 * a straight line in y = ln(1 + t / scale).
 */
static double
waiting_time(const BtydWaiting *waiting, double chance)
{
	const BtydPosterior *posterior = waiting->posterior;
	double		target = waiting->all + log1p(-chance);
	double		low = 0;
	double		high = INFINITY;
	double		y = -log1p(-chance) / fmax(posterior->shape, -waiting->slope);

	for (int i = 0; i < WAITING_STEPS && !isnan(target); i++)
	{
		double		slope;
		double		above = posterior->family->log_waiting(posterior, y, &slope) - target;
		double		next = y - above / slope;

		if (fabs(next - y) <= LAST_STEP * y)
			return posterior->scale * expm1(next);
		if (above > 0)
			low = y;
		else
			high = y;
		if (!(next > low && next < high))
			next = isinf(high) ? 2 * y : (low + high) / 2;
		y = next;
	}
	return NAN;
}

int32_t
btyd_next_visit_day(const BtydWaiting *waiting, double quantile, int32_t limit)
{
	const BtydPosterior *posterior = waiting->posterior;
	double		days = quantile >= LEAST_CHANCE ? waiting_time(waiting, quantile) * (1 - WAITING_TOLERANCE) : NAN;

	if (isnan(days))
		return first_day(posterior, quantile * posterior->family->returns(posterior, INFINITY), limit);
	return days > limit ? -1 : days > 1 ? (int32_t) ceil(days) : 1;
}

static bool
same_posterior(const BtydPosterior *a, const BtydPosterior *b)
{
	return a->family == b->family && a->p_alive == b->p_alive && a->shape == b->shape
		&& a->scale == b->scale && a->drop == b->drop && a->stay == b->stay
		&& a->stages == b->stages && memcmp(a->stage, b->stage, a->stages * sizeof(double)) == 0;
}

double
btyd_discounted_visits(const BtydPosterior *posterior, double days, double rate, BtydMemory *memory)
{
	BtydResult	room = {.days = NAN};
	BtydResult *result = &room;

	if (days <= 0)
		return 0;
	if (rate < 0 && -rate * days > OVERFLOWING)
		return INFINITY;
	if (memory != NULL)
		result = &memory->results[btyd_hash(posterior->p_alive, posterior->shape, posterior->scale) % BTYD_RESULTS];
	if (!(result->days == days && result->rate == rate && same_posterior(&result->posterior, posterior)))
	{
		result->posterior = *posterior;
		result->days = days;
		result->rate = rate;
		result->visits = posterior->p_alive
			* posterior->family->discounted(posterior, rate * days > ENDLESS ? INFINITY : days, rate, memory);
	}
	return result->visits;
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
