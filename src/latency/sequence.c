/*
 * sequence.c
 *	  Arithmetic on one customer's gaps.
 */
#include "latency/sequence.h"

#include <math.h>
#include <stdlib.h>

static int
compare_gaps(const void *a, const void *b)
{
	int32_t		left = *(const int32_t *) a;
	int32_t		right = *(const int32_t *) b;

	return (left > right) - (left < right);
}

/* As percentile_cont(0.5): the mean of the middle two of an even number. Sorts gaps; n > 0. */
double
sequence_median(int32_t *gaps, int32_t n)
{
	int32_t		lower = (n - 1) / 2;
	int32_t		upper = n / 2;

	qsort(gaps, (size_t) n, sizeof(int32_t), compare_gaps);
	return ((double) gaps[lower] + (double) gaps[upper]) / 2;
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
