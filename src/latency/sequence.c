/*
 * sequence.c
 *	  Arithmetic on one customer's gaps.
 */
#include "latency/sequence.h"

#include <math.h>

static int32_t
count_up_to(const int32_t *gaps, int32_t n, int32_t limit)
{
	int32_t		count = 0;

	for (int32_t i = 0; i < n; i++)
		count += gaps[i] <= limit;
	return count;
}

/*
 * The gap with so many before it in order: by bisection of the gaps between
 * the smallest and the largest, so that a million take no longer than a few
 * dozen looks at each, in whatever order they come.
 */
static int32_t
gap_of_rank(const int32_t *gaps, int32_t n, int32_t rank)
{
	int32_t		low = gaps[0];
	int32_t		high = gaps[0];

	for (int32_t i = 1; i < n; i++)
	{
		low = gaps[i] < low ? gaps[i] : low;
		high = gaps[i] > high ? gaps[i] : high;
	}
	while (low < high)
	{
		int32_t		middle = low + (high - low) / 2;

		if (count_up_to(gaps, n, middle) > rank)
			high = middle;
		else
			low = middle + 1;
	}
	return low;
}

/* As percentile_cont(0.5): the mean of the middle two of an even number.  n > 0. */
double
sequence_median(const int32_t *gaps, int32_t n)
{
	int32_t		lower = gap_of_rank(gaps, n, (n - 1) / 2);
	int32_t		upper = n % 2 == 0 && count_up_to(gaps, n, lower) == n / 2 ? gap_of_rank(gaps, n, n / 2) : lower;

	return ((double) lower + (double) upper) / 2;
}

/* Sample standard deviation; the sums are exact. n > 1. */
double
sequence_stddev(const int32_t *gaps, int32_t n)
{
	__int128	sum = 0;
	__int128	squares = 0;

	for (int32_t i = 0; i < n; i++)
	{
		sum += gaps[i];
		squares += (__int128) gaps[i] * gaps[i];
	}
	return sqrt((double) (squares * n - sum * sum) / ((double) n * (n - 1)));
}

/*
 * The visits at which gaps stop shrinking and start growing, or the reverse.
 * Equal gaps keep the direction.  turns has room for n; returns their number.
 */
int32_t
sequence_turns(const int32_t *gaps, int32_t n, LatencyTurn *turns)
{
	int32_t		found = 0;
	int			direction = 0;

	for (int32_t i = 1; i < n; i++)
	{
		int			change = (gaps[i] > gaps[i - 1]) - (gaps[i] < gaps[i - 1]);

		if (change == 0)
			continue;
		if (direction == -change)
			turns[found++] = (LatencyTurn) {i + 1, change > 0, gaps[i - 1], gaps[i]};
		direction = change;
	}
	return found;
}
