/*
 * codec.c
 *	  Writing packed days, and bringing days into canonical form.
 *
 * The layout is drawn in codec.h.  Measured against fixed entries of 8, 12
 * and 16 bytes and a struct of arrays, this one is the fastest in an
 * aggregate: the time goes into cache misses, and it is the smallest.
 */
#include "history/codec.h"

#include <string.h>

/*
 * Adds other's orders and money to the same day; false, with day unchanged,
 * where the sum does not fit an entry.  (A refund may bring it back: the
 * caller keeps both and history_canonical decides on the sum of all.)
 */
bool
history_merge_day(HistoryDay *day, const HistoryDay *other)
{
	int64_t		amount = day->amount + other->amount;	/* both below 10^18 */
	int32_t		orders;

	if (amount >= DECIMAL_LIMIT || amount <= -DECIMAL_LIMIT ||
		__builtin_add_overflow(day->orders, other->orders, &orders))
		return false;
	day->amount = amount;
	day->orders = orders;
	day->has_amount |= other->has_amount;
	return true;
}

/* All entries of one day together; wide enough for any number of them. */
typedef struct FoldedDay
{
	__int128	amount;
	int64_t		orders;
	int32_t		day;
	bool		has_amount;
} FoldedDay;

/* Folds the entries from *next on that share a day, and moves *next behind them. */
static FoldedDay
fold_day(const HistoryDay *days, size_t n, size_t *next)
{
	FoldedDay	folded = {.day = days[*next].day};

	for (; *next < n && days[*next].day == folded.day; (*next)++)
	{
		folded.amount += days[*next].amount;
		folded.orders += days[*next].orders;
		folded.has_amount |= days[*next].has_amount;
	}
	return folded;
}

/* How many of the scale's decimals are zero in every day's amount. */
static int
unneeded_decimals(const HistoryDay *days, size_t n, int scale)
{
	int			zeros = scale;

	for (size_t next = 0; next < n && zeros > 0;)
	{
		__int128	amount = fold_day(days, n, &next).amount;

		while (zeros > 0 && (zeros > DECIMAL_DIGITS ? amount != 0 : amount % decimal_power[zeros] != 0))
			zeros--;
	}
	return zeros;
}

static inline bool
too_much_money(__int128 amount)
{
	return amount >= DECIMAL_LIMIT || amount <= -(__int128) DECIMAL_LIMIT;
}

/*
 * Sorted days into canonical ones, in place: the smallest scale, one entry a
 * day.  Checks, at that scale, what readers rely on: a day and the total have
 * at most 18 digits, all orders together fit an integer.
 */
HistoryStatus
history_canonical(HistoryDay *days, size_t *n, int *scale)
{
	int			zeros = unneeded_decimals(days, *n, *scale);
	int64_t		divisor = zeros > DECIMAL_DIGITS ? 1 : decimal_power[zeros];
	size_t		kept = 0;
	__int128	total = 0;
	int64_t		orders = 0;

	for (size_t next = 0; next < *n; kept++)
	{
		FoldedDay	folded = fold_day(days, *n, &next);

		if (divisor > 1)
			folded.amount /= divisor;
		total += folded.amount;
		orders += folded.orders;
		if (too_much_money(folded.amount))
			return HISTORY_TOO_MUCH_MONEY;
		if (orders > HISTORY_MAX_ORDERS)
			return HISTORY_TOO_MANY_ORDERS;
		days[kept] = (HistoryDay) {
			(int64_t) folded.amount, folded.day, (int32_t) folded.orders, folded.has_amount
		};
	}
	*n = kept;
	*scale -= zeros;
	return too_much_money(total) ? HISTORY_TOO_MUCH_MONEY : HISTORY_OK;
}

/* Writes canonical days behind their scale; out has room for 1 + n * HISTORY_ENTRY_MAX. */
size_t
history_encode(uint8_t *out, const HistoryDay *days, size_t n, int scale)
{
	uint8_t    *end = out;
	int32_t		previous_day = HISTORY_DAY_BASE;

	*end++ = (uint8_t) scale;
	for (size_t i = 0; i < n; i++)
	{
		end += history_encode_day(end, previous_day, &days[i]);
		previous_day = days[i].day;
	}
	return (size_t) (end - out);
}
