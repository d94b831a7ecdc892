/*
 * percentile.c
 *	  Percentiles of what was tallied, exactly as percentile_disc gives them.
 */
#include "postgres.h"

#include "server/compat.h"

#include <math.h>

#include "tally/percentile.h"

/* The entries of one group; none where nothing was counted. */
TallyEntries
tally_find_group(const TallyEntries *all, uint64 group)
{
	for (size_t next = 0; next < all->n;)
	{
		TallyEntries found = tally_group(all, &next);

		if (found.entries[0].group == group)
			return found;
	}
	return (TallyEntries) {0, NULL};
}

/* How many observations a group of counts holds. */
int64
tally_rows(TallyEntries group)
{
	int64		rows = 0;

	for (size_t i = 0; i < group.n; i++)
		if (group.entries[i].count < 0 ||
			__builtin_add_overflow(rows, group.entries[i].count, &rows))
			tally_damaged();
	return rows;
}

/*
 * Which of so many ordered rows percentile_disc(fraction) returns, from 1.
 * The product is the server's, in double precision, so that ours are its
 * values for any fraction; for j/2 to j/9 it is the exact ceil(j rows / k).
 */
int64
percentile_row(double fraction, int64 rows)
{
	int64		row = (int64) ceil(fraction * rows);

	return Min(Max(row, 1), rows);
}

/* percentile_disc(fraction) of a group that is not empty. */
int64
tally_percentile(TallyEntries group, double fraction)
{
	int64		row = percentile_row(fraction, tally_rows(group));
	size_t		i = 0;

	while (row > group.entries[i].count)
		row -= group.entries[i++].count;
	return group.entries[i].value;
}
