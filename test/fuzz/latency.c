/*
 * latency.c
 *	  Fuzzes the return curve and the arithmetic on gaps, against their
 *	  definitions by brute force.
 */
#include "fuzz.h"

#include "latency/curve.h"
#include "latency/sequence.h"

#include <math.h>

/* Counts that the server accepts: days ascend, everybody counts, the sum fits. */
static GapCount *
invent(Input *input, size_t *n)
{
	GapCount   *counts;
	int64_t		day = 0;
	int64_t		rest = INT64_MAX;

	*n = 1 + take(input, 1) % 40;
	counts = exactly(*n, sizeof(GapCount));
	for (size_t i = 0; i < *n; i++)
	{
		uint8_t		kind = (uint8_t) take(input, 1);
		size_t		bytes = kind & 1 ? 1 : kind & 2 ? 2 : 8;

		day += 1 + (int64_t) take(input, kind & 4 ? 1 : 3);
		counts[i].day = (int32_t) day;
		counts[i].returned = (int64_t) (take(input, bytes) % ((uint64_t) rest / 2 + 1));
		rest -= counts[i].returned;
		counts[i].open = (int64_t) (take(input, bytes) % ((uint64_t) rest / 2 + 1));
		rest -= counts[i].open;
		if (counts[i].returned + counts[i].open == 0 && rest > 0)
		{
			counts[i].open = 1;
			rest--;
		}
	}
	return counts;
}

static void
check_shape(const ReturnCurve *curve, const GapCount *counts, size_t n)
{
	int64_t		returned = 0;
	int64_t		open = 0;

	for (size_t i = 0; i < n; i++)
	{
		returned += counts[i].returned;
		open += counts[i].open;
	}
	CLAIM(curve->returned == returned && curve->open == open && curve->customers == returned + open);
	CLAIM(curve->n >= 0 && curve->n <= (int32_t) n);
	for (int32_t i = 0; i < curve->n; i++)
	{
		double		before = i > 0 ? curve->surviving[i - 1] : 1;

		CLAIM(i == 0 || curve->days[i] > curve->days[i - 1]);
		CLAIM(curve->days[i] <= curve->horizon);
		CLAIM(curve->surviving[i] >= 0 && curve->surviving[i] <= before);
		CLAIM(curve->remaining[i] > 0 && curve->remaining[i] >= curve->remaining[i + 1]);
		CLAIM(fabs(curve->remaining[i] - (before - 1 + curve->end)) <= 1e-12);
	}
	CLAIM(curve->remaining[curve->n] == 0 && curve->end >= 0 && curve->end <= 1);
	CLAIM(curve->end == 1 - (curve->n > 0 ? curve->surviving[curve->n - 1] : 1));
}

/* How many rises there are up to a day, by looking at every one. */
static int32_t
slow_rises(const ReturnCurve *curve, int64_t day)
{
	int32_t		rises = 0;

	for (int32_t i = 0; i < curve->n; i++)
		rises += curve->days[i] <= day;
	return rises;
}

static int32_t
slow_next(const ReturnCurve *curve, int64_t silence, double quantile)
{
	double		left = curve->remaining[slow_rises(curve, silence)];

	for (int32_t i = 0; i < curve->n; i++)
		if (curve->days[i] > silence &&
			((left - curve->remaining[i + 1]) / left >= quantile - CURVE_TOLERANCE || i == curve->n - 1))
			return curve->days[i];
	return CURVE_NO_DAY;
}

static void
fuzz_curve(Input *input)
{
	size_t		n;
	GapCount   *counts = invent(input, &n);
	ReturnCurve curve;

	curve.days = exactly(n, sizeof(int32_t));
	curve.surviving = exactly(n, sizeof(double));
	curve.remaining = exactly(n + 1, sizeof(double));
	curve_estimate(&curve, counts, n);
	check_shape(&curve, counts, n);
	for (int i = 0; i < 10; i++)
	{
		int64_t		silence = (int64_t) (take(input, 3) % ((uint64_t) curve.horizon + 3)) - 1;
		double		quantile = (double) take(input, 2) / 65535;

		int64_t		later = silence + (int64_t) take(input, 2);
		int32_t		rises = slow_rises(&curve, silence);

		CLAIM(curve_surviving(&curve, silence) == (rises > 0 ? curve.surviving[rises - 1] : 1));
		CLAIM(curve_rise(&curve, silence, later) == curve.remaining[rises] - curve.remaining[slow_rises(&curve, later)]);
		CLAIM(curve_rise(&curve, silence, later) >= 0);
		CLAIM(curve_next(&curve, silence, quantile) == slow_next(&curve, silence, quantile));
	}
	CLAIM(curve_at(&curve, INT64_MAX) == curve.end && curve_at(&curve, INT64_MIN) == 0);
	CLAIM(curve_next(&curve, INT64_MAX, 0) == CURVE_NO_DAY);
	free(curve.days);
	free(curve.surviving);
	free(curve.remaining);
	free(counts);
}

static void
fuzz_sequence(Input *input)
{
	int32_t		n = 2 + (int32_t) (take(input, 1) % 60);
	int32_t    *gaps = exactly(n, sizeof(int32_t));
	LatencyTurn *turns = exactly(n, sizeof(LatencyTurn));
	uint8_t		kind = (uint8_t) take(input, 1);
	int64_t		span = 4294967295;	/* of all dates there are */
	int32_t		n_turns;
	double		stddev;
	double		median;
	int32_t		lowest;
	int32_t		highest;

	for (int32_t i = 0; i < n; i++)
	{
		gaps[i] = 1 + (int32_t) (take(input, kind & 1 ? 1 : 4) % (uint64_t) (kind & 2 ? 5 : span / 2 / n));
		lowest = i == 0 || gaps[i] < lowest ? gaps[i] : lowest;
		highest = i == 0 || gaps[i] > highest ? gaps[i] : highest;
	}
	n_turns = sequence_turns(gaps, n, turns);
	CLAIM(n_turns >= 0 && n_turns < n);
	for (int32_t i = 0; i < n_turns; i++)
	{
		CLAIM(turns[i].visit_no >= 2 && turns[i].visit_no <= n);
		CLAIM(turns[i].before == gaps[turns[i].visit_no - 2] && turns[i].after == gaps[turns[i].visit_no - 1]);
		CLAIM(turns[i].slowing == (turns[i].after > turns[i].before));
		CLAIM(i == 0 || turns[i].slowing != turns[i - 1].slowing);
	}
	stddev = sequence_stddev(gaps, n);
	CLAIM(isfinite(stddev) && stddev >= 0 && (stddev == 0) == (lowest == highest));
	median = sequence_median(gaps, n);
	CLAIM(median >= lowest && median <= highest);
	free(gaps);
	free(turns);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	Input		input = {data, size};

	if (take(&input, 1) & 1)
		fuzz_sequence(&input);
	else
		fuzz_curve(&input);
	return 0;
}
