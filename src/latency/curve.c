/*
 * curve.c
 *	  The product-limit estimate of the days until a customer comes back.
 *
 * E. L. Kaplan and P. Meier, "Nonparametric Estimation from Incomplete
 * Observations", JASA 53 (1958): S(t) = product over the days u <= t of
 * 1 - d(u) / n(u), with d(u) returns on day u and n(u) customers at risk, who
 * neither came back nor dropped out of sight before u.  An open gap is a
 * customer who dropped out of sight today: leaving those out, as an average
 * of completed gaps does, makes everybody look faster than they are.
 */
#include "latency/curve.h"

/* The last day on which CURVE_AT_RISK customers were at risk; all of it when they never were. */
static int32_t
find_horizon(const GapCount *counts, size_t n, int64_t customers)
{
	int64_t		at_risk = 0;

	if (n == 0)
		return 0;
	if (customers < CURVE_AT_RISK)
		return counts[n - 1].day;
	while (n > 0 && at_risk < CURVE_AT_RISK)
	{
		n--;
		at_risk += counts[n].returned + counts[n].open;
	}
	return counts[n].day;
}

/*
 * Estimates the curve of counts, which are in order of days, each day once.
 * curve->days and surviving have room for n, remaining for n + 1.
 */
void
curve_estimate(ReturnCurve *curve, const GapCount *counts, size_t n)
{
	double		surviving = 1;
	int64_t		at_risk;

	curve->returned = curve->open = 0;
	for (size_t i = 0; i < n; i++)
	{
		curve->returned += counts[i].returned;
		curve->open += counts[i].open;
	}
	curve->customers = curve->returned + curve->open;
	curve->horizon = find_horizon(counts, n, curve->customers);

	curve->n = 0;
	at_risk = curve->customers;
	for (size_t i = 0; i < n && counts[i].day <= curve->horizon; i++)
	{
		if (counts[i].returned > 0)
		{
			curve->days[curve->n] = counts[i].day;
			curve->remaining[curve->n] = surviving * (double) counts[i].returned / (double) at_risk;
			surviving *= (double) (at_risk - counts[i].returned) / (double) at_risk;
			curve->surviving[curve->n++] = surviving;
		}
		at_risk -= counts[i].returned + counts[i].open;
	}
	curve->end = 1 - surviving;
	curve->remaining[curve->n] = 0;
	for (int32_t i = curve->n - 1; i >= 0; i--)
		curve->remaining[i] += curve->remaining[i + 1];
}

/* The index behind the last day on which F rises that is not after day. */
static int32_t
rises_until(const ReturnCurve *curve, int64_t day)
{
	int32_t		low = 0;
	int32_t		high = curve->n;

	while (low < high)
	{
		int32_t		middle = low + (high - low) / 2;

		if (curve->days[middle] <= day)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

/* 1 - F(day). */
double
curve_surviving(const ReturnCurve *curve, int64_t day)
{
	int32_t		rises = rises_until(curve, day);

	return rises > 0 ? curve->surviving[rises - 1] : 1;
}

/* F(to) - F(from). */
double
curve_rise(const ReturnCurve *curve, int64_t from, int64_t to)
{
	return curve->remaining[rises_until(curve, from)] - curve->remaining[rises_until(curve, to)];
}

/*
 * The smallest day t > silence with (F(t) - F(silence)) / (F(end) - F(silence))
 * >= quantile: the quantile of the gap given that it is longer than silence
 * and that there is an end to it.  CURVE_NO_DAY where nobody was ever later.
 */
int32_t
curve_next(const ReturnCurve *curve, int64_t silence, double quantile)
{
	int32_t		low = rises_until(curve, silence);
	int32_t		high = curve->n - 1;
	double		left = curve->remaining[low];

	if (low >= curve->n)
		return CURVE_NO_DAY;
	while (low < high)
	{
		int32_t		middle = low + (high - low) / 2;

		if ((left - curve->remaining[middle + 1]) / left >= quantile - CURVE_TOLERANCE)
			high = middle;
		else
			low = middle + 1;
	}
	return curve->days[low];
}
