/*
 * codec.c
 *	  Fuzzes the history codec.
 *
 * Any bytes: the reader stays within them, and what it reads can be sorted,
 * brought into canonical form, written, and read back as the same; doing it
 * again gives the same bytes; no order and no unit of money is lost.
 */
#include "fuzz.h"

#include "history/order.h"

typedef struct Days
{
	HistoryDay *days;
	size_t		n;
} Days;

/* Sums that no rearrangement may change; amounts in units of 10^-63 would not fit, so by scale. */
typedef struct Sums
{
	__int128	amount;
	__int128	orders;
	__int128	days;			/* of those with anything, times their number: order does not count */
	bool		has_amount;
} Sums;

static Days
decode(const uint8_t *bytes, size_t size, bool *damaged)
{
	HistoryReader reader;
	HistoryDay	day;
	Days		all = {exactly(size / 2 + 1, sizeof(HistoryDay)), 0};

	history_reader_init(&reader, bytes, size);
	while (history_next(&reader, &day))
	{
		CLAIM(all.n < size / 2 + 1);	/* what the server allocates */
		CLAIM(day.day >= HISTORY_DAY_BASE && day.day < HISTORY_DAY_END);
		CLAIM(day.orders >= 0);
		CLAIM(day.amount < DECIMAL_LIMIT && day.amount > -DECIMAL_LIMIT);
		CLAIM(day.has_amount || day.amount == 0);
		all.days[all.n++] = day;
	}
	CLAIM(reader.at <= reader.end);
	*damaged = reader.damaged;
	return all;
}

static Sums
sums(Days all)
{
	Sums		result = {0};

	for (size_t i = 0; i < all.n; i++)
	{
		result.amount += all.days[i].amount;
		result.orders += all.days[i].orders;
		result.days += (__int128) all.days[i].day * all.days[i].day;
		result.has_amount |= all.days[i].has_amount;
	}
	return result;
}

/* Days as a state holds them: in order of arrival, each written behind the one before it. */
static uint8_t *
arrivals(Days all, size_t *size)
{
	uint8_t    *bytes = exactly(all.n * HISTORY_ENTRY_MAX, 1);
	uint8_t    *exact;
	int32_t		previous_day = HISTORY_DAY_BASE;

	*size = 0;
	for (size_t i = 0; i < all.n; i++)
	{
		*size += history_encode_day(bytes + *size, previous_day, &all.days[i]);
		previous_day = all.days[i].day;
	}
	exact = copy_of(bytes, *size);
	free(bytes);
	return exact;
}

/* Sorts by way of the entries' keys, as the aggregate does; days that are equal keep their order. */
static void
sort(Days all)
{
	Sums		before = sums(all);
	Sums		after;
	size_t		size;
	uint8_t    *bytes = arrivals(all, &size);
	EntryKey   *keys = exactly(ORDER_MAX_KEYS(size), sizeof(EntryKey));
	EntryKey   *scratch = exactly(all.n, sizeof(EntryKey));
	bool		damaged;

	CLAIM(order_collect(bytes, size, keys, &damaged) == all.n && !damaged);
	if (all.n <= ORDER_IN_PLACE)
		order_insertion_sort(keys, all.n);
	else
		while (order_merge_pass(keys, scratch, all.n))
			;
	for (size_t i = 0; i < all.n; i++)
		order_read(bytes, size, keys[i], &all.days[i]);
	free(scratch);
	free(keys);
	free(bytes);
	after = sums(all);
	CLAIM(before.amount == after.amount && before.orders == after.orders && before.days == after.days &&
		  before.has_amount == after.has_amount);
	for (size_t i = 1; i < all.n; i++)
		CLAIM(all.days[i - 1].day <= all.days[i].day);
}

/* Brings into canonical form; false where that is refused, which must have a reason. */
static bool
canonical(Days *all, int *scale)
{
	Sums		before = sums(*all);
	int			scale_before = *scale;
	Sums		after;
	HistoryStatus status = history_canonical(all->days, &all->n, scale);

	if (status == HISTORY_TOO_MANY_ORDERS)
		CLAIM(before.orders > HISTORY_MAX_ORDERS);
	if (status != HISTORY_OK)
		return false;
	after = sums(*all);
	for (int s = scale_before; s > *scale; s--)
		after.amount *= 10;
	CLAIM(before.amount == after.amount && before.orders == after.orders && before.has_amount == after.has_amount);
	CLAIM(after.amount < (__int128) DECIMAL_LIMIT * 10 * all->n + 1 && after.orders <= HISTORY_MAX_ORDERS);
	for (size_t i = 1; i < all->n; i++)
		CLAIM(all->days[i - 1].day < all->days[i].day);
	CLAIM(*scale >= 0 && *scale <= scale_before);
	return true;
}

static uint8_t *
encode(Days all, int scale, size_t *size)
{
	size_t		room = 1 + all.n * HISTORY_ENTRY_MAX;
	uint8_t    *bytes = exactly(room, 1);

	*size = history_encode(bytes, all.days, all.n, scale);
	CLAIM(*size <= room);
	return bytes;
}

static void
check_written(Days all, int scale)
{
	size_t		size;
	size_t		size_again;
	uint8_t    *bytes = encode(all, scale, &size);
	uint8_t    *exact = copy_of(bytes, size);
	uint8_t    *again;
	bool		damaged;
	Days		back = decode(exact + 1, size - 1, &damaged);

	CLAIM(!damaged && back.n == all.n && exact[0] == scale);
	for (size_t i = 0; i < all.n; i++)
		CLAIM(back.days[i].day == all.days[i].day && back.days[i].orders == all.days[i].orders &&
			  back.days[i].amount == all.days[i].amount && back.days[i].has_amount == all.days[i].has_amount);
	CLAIM(canonical(&back, &scale));
	again = encode(back, scale, &size_again);
	CLAIM(size == size_again && memcmp(bytes, again, size) == 0);
	free(bytes);
	free(exact);
	free(again);
	free(back.days);
}

/* Days of the harness's making: any that the server could hand over. */
static Days
invent(Input *input)
{
	size_t		n = take(input, 1) + input->size / 12;
	Days		all = {exactly(n, sizeof(HistoryDay)), n};

	for (size_t i = 0; i < n; i++)
	{
		uint8_t		kind = (uint8_t) take(input, 1);
		int64_t		span = kind & 1 ? 40 : (int64_t) HISTORY_DAY_END - HISTORY_DAY_BASE;
		HistoryDay *day = &all.days[i];

		day->day = (int32_t) (HISTORY_DAY_BASE + (int64_t) (take(input, 4) % (uint64_t) span));
		day->orders = kind & 2 ? 1 : (int32_t) (take(input, 4) & INT32_MAX);
		day->has_amount = (kind & 4) != 0;
		day->amount = day->has_amount ? (int64_t) (take(input, kind & 8 ? 8 : 2) % DECIMAL_LIMIT) : 0;
		if (kind & 16)
			day->amount = -day->amount;
	}
	return all;
}

/* Merging two days is what canonical form makes of them. */
static void
check_merge(Days all)
{
	for (size_t i = 1; i < all.n; i++)
	{
		HistoryDay	pair[2] = {all.days[i - 1], all.days[i]};
		HistoryDay	merged = pair[0];
		size_t		n = 2;
		int			scale = 0;

		pair[1].day = pair[0].day;
		CLAIM(history_merge_day(&merged, &pair[1]) == (history_canonical(pair, &n, &scale) == HISTORY_OK));
		if (n == 1)
			CLAIM(merged.day == pair[0].day && merged.amount == pair[0].amount &&
				  merged.orders == pair[0].orders && merged.has_amount == pair[0].has_amount);
	}
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	Input		input = {data, size};
	int			scale = (int) (take(&input, 1) % (DECIMAL_MAX_SCALE + 1));
	bool		damaged = false;
	Days		all;

	if (take(&input, 1) & 1)
		all = invent(&input);
	else
	{
		uint8_t    *bytes = copy_of(input.at, input.size);

		all = decode(bytes, input.size, &damaged);
		free(bytes);
	}
	if (!damaged)
	{
		check_merge(all);
		sort(all);
		if (canonical(&all, &scale))
			check_written(all, scale);
	}
	free(all.days);
	return 0;
}
