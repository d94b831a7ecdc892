/*
 * table.c
 *	  A sample made ready for the likelihoods: days numbered, runs of equal x
 *	  found, what depends on T alone collected.
 *
 * t_x and T are whole days, a few hundred different ones among a million
 * customers: logarithms of them are tabulated once per evaluation, and a row
 * holds places in that table.
 */
#include <math.h>
#include <string.h>

#include "btyd/sample.h"

#define RADIX_BITS 11
#define RADIX (1 << RADIX_BITS)

/* Room for one more than number, as the sums of radix sorts and runs need. */
static void *
take(const Workspace *workspace, int64_t number, size_t size)
{
	return workspace->allocate(workspace->context, (number + 1) * size);
}

static void *
take_zeroed(const Workspace *workspace, int64_t number, size_t size)
{
	return memset(take(workspace, number, size), 0, (number + 1) * size);
}

/* Sort keys by their upper 32 bits, stably; returns the array that holds the result. */
static uint64_t *
radix_sort(uint64_t *keys, uint64_t *other, int64_t n, uint32_t largest)
{
	for (int shift = 0; shift < 32 && largest >> shift > 0; shift += RADIX_BITS)
	{
		int64_t		place[RADIX + 1] = {0};
		uint64_t   *sorted = other;

		for (int64_t i = 0; i < n; i++)
			place[((keys[i] >> (32 + shift)) & (RADIX - 1)) + 1]++;
		for (int i = 0; i < RADIX; i++)
			place[i + 1] += place[i];
		for (int64_t i = 0; i < n; i++)
			sorted[place[(keys[i] >> (32 + shift)) & (RADIX - 1)]++] = keys[i];
		other = keys;
		keys = sorted;
	}
	return keys;
}

/* Number the distinct days among recencies and ages; rows get their places. */
static void
number_days(BtydTable *table)
{
	const Workspace *workspace = table->workspace;
	int64_t		n = 2 * table->rows;
	uint64_t   *keys = take(workspace, n, sizeof(uint64_t));
	uint64_t   *other = take(workspace, n, sizeof(uint64_t));
	uint32_t	largest = 0;
	int64_t		place = -1;
	double		last = -1;

	for (int64_t i = 0; i < n; i++)
	{
		uint32_t	day = i < table->rows ? table->recency[i] : table->age[i - table->rows];

		keys[i] = (uint64_t) day << 32 | i;
		largest = day > largest ? day : largest;
	}
	keys = radix_sort(keys, other, n, largest);
	for (int64_t i = 0; i < n; i++)
		table->days += i == 0 || keys[i] >> 32 != keys[i - 1] >> 32;
	table->day = take(workspace, table->days, sizeof(double));
	for (int64_t i = 0; i < n; i++)
	{
		double		day = keys[i] >> 32;
		int64_t		row = keys[i] & UINT32_MAX;

		if (day != last)
			table->day[++place] = last = day;
		if (row < table->rows)
			table->recency[row] = place;
		else
			table->age[row - table->rows] = place;
	}
}

/* Runs of equal x, and the sums over all rows. */
static void
collect(BtydTable *table, const double *visits)
{
	int64_t		run = -1;

	for (int64_t i = 0; i < table->rows; i++)
	{
		if (i == 0 || visits[i] != visits[i - 1])
		{
			table->first[++run] = i;
			table->visits[run] = visits[i];
		}
		table->run_customers[run] += table->weight[i];
		table->day_customers[table->age[i]] += table->weight[i];
		table->day_visits[table->age[i]] += table->weight[i] * visits[i];
		table->customers += table->weight[i];
		table->all_visits += table->weight[i] * visits[i];
	}
	table->first[table->runs] = table->rows;
}

BtydTable *
btyd_table(const BtydSample *sample, int64_t stride, const Workspace *workspace)
{
	BtydTable  *table = take_zeroed(workspace, 1, sizeof(BtydTable));
	double	   *visits = take(workspace, sample->rows, sizeof(double));
	double		all_visits = 0;

	table->workspace = workspace;
	table->recency = take(workspace, sample->rows, sizeof(int32_t));
	table->age = take(workspace, sample->rows, sizeof(int32_t));
	table->weight = take(workspace, sample->rows, sizeof(double));
	for (int64_t i = 0; i < sample->rows; i++)
	{
		double		count = sample->count[i];

		all_visits += count * sample->visits[i];
		if (sample->visits[i] > 0 && i % stride != 0)
			continue;
		table->runs += table->rows == 0 || visits[table->rows - 1] != sample->visits[i];
		visits[table->rows] = sample->visits[i];
		table->recency[table->rows] = sample->recency[i];
		table->age[table->rows] = sample->age[i];
		table->weight[table->rows++] = sample->visits[i] > 0 ? count : count / stride;
	}
	number_days(table);
	table->first = take(workspace, table->runs, sizeof(int64_t));
	table->visits = take(workspace, table->runs, sizeof(double));
	table->run_customers = take_zeroed(workspace, table->runs, sizeof(double));
	table->day_customers = take_zeroed(workspace, table->days, sizeof(double));
	table->day_visits = take_zeroed(workspace, table->days, sizeof(double));
	table->family_scratch = take_zeroed(workspace, 1, sizeof(void *));
	table->scratch = take(workspace, BTYD_SCRATCH * table->days, sizeof(double));
	collect(table, visits);
	for (int64_t i = 0; i < sample->gaps; i++)
		table->log_gaps += sample->gap_count[i] * log(sample->gap[i]);
	if (all_visits > 0)
		table->log_gaps *= table->all_visits / all_visits;
	return table;
}
