/*
 * codec.h
 *	  The packed days of one customer: how they are written and read.
 *
 * Pure code, no server.  A packed history is
 *
 *	 | scale 8 | day entry | day entry | ...
 *
 * (an empty history is the scale byte alone, zero), and a day entry is
 *
 *	 | varint (delta << 1 | 0) | varint amount |                    one order, money >= 0
 *	 | varint (delta << 1 | 1) | varint (orders << 3 | flags) | varint |amount| if HAS_AMOUNT |
 *
 * delta counts the days since the previous entry (the first: since
 * HISTORY_DAY_BASE), amount counts units of 10^-scale; varint.h has the varint.
 *
 * Canonical: days strictly ascend, no day is empty, the scale is the smallest
 * that holds every amount, varints are as short as they can be.  Then equal
 * histories are equal bytes, whatever order their rows came in.
 *
 * An unfinished aggregate state holds the same entries in any order, where
 * the flag BACK says that delta counts backwards (or not at all).
 */
#ifndef CRM_CODEC_H
#define CRM_CODEC_H

#include "history/decimal.h"
#include "server/varint.h"

/* Day 0 is 2000-01-01, as everywhere in the server; the first legal date is 4714-11-24 BC. */
#define HISTORY_DAY_BASE (-2451545)
#define HISTORY_DAY_END  2145031949		/* the first day after the last legal date */

/* Orders of one customer are counted in a signed 32-bit integer, in C as in SQL. */
#define HISTORY_MAX_ORDERS INT32_MAX

/* varint of 33 bits, of 34, and of 60: no entry is longer. */
#define HISTORY_ENTRY_MAX (5 + 5 + 9)

#define HISTORY_HAS_AMOUNT 1
#define HISTORY_NEGATIVE   2
#define HISTORY_BACK       4
#define HISTORY_FLAG_BITS  3

/* What follows the head of an entry that goes back, but is one order with money >= 0 otherwise. */
#define HISTORY_USUAL_BACK (1 << HISTORY_FLAG_BITS | HISTORY_HAS_AMOUNT | HISTORY_BACK)

/* One day of one customer: a visit when it has orders, else refunds only. */
typedef struct HistoryDay
{
	int64_t		amount;			/* net, in units of 10^-scale; 0 where has_amount is false */
	int32_t		day;
	int32_t		orders;
	bool		has_amount;
} HistoryDay;

typedef struct HistoryReader
{
	const uint8_t *at;
	const uint8_t *end;
	int32_t		day;			/* of the entry read last */
	bool		damaged;		/* the bytes were no history */
} HistoryReader;

static inline void
history_reader_init(HistoryReader *reader, const uint8_t *entries, size_t size)
{
	reader->at = entries;
	reader->end = entries + size;
	reader->day = HISTORY_DAY_BASE;
	reader->damaged = false;
}

static inline uint64_t
history_varint(HistoryReader *reader)
{
	return varint_get(&reader->at, reader->end, &reader->damaged);
}

/*
 * Reads what follows an entry's head; true where the head's days count
 * backwards.  Bounds of the day are the caller's business.
 */
static inline bool
history_read_body(HistoryReader *reader, bool unusual, HistoryDay *day)
{
	bool		back = false;
	uint64_t	amount;

	day->orders = 1;
	day->has_amount = true;
	if (unusual)
	{
		uint64_t	orders = history_varint(reader);

		back = (orders & HISTORY_BACK) != 0;
		day->has_amount = (orders & HISTORY_HAS_AMOUNT) != 0;
		amount = day->has_amount ? history_varint(reader) : 0;
		day->amount = orders & HISTORY_NEGATIVE ? -(int64_t) amount : (int64_t) amount;
		orders >>= HISTORY_FLAG_BITS;
		reader->damaged |= orders > HISTORY_MAX_ORDERS;
		day->orders = (int32_t) orders;
	}
	else
	{
		amount = history_varint(reader);
		day->amount = (int64_t) amount;
	}
	reader->damaged |= amount >= DECIMAL_LIMIT;
	return back;
}

/*
 * Reads one entry but for its day, and by how many days it moves from the
 * entry before it.
 */
static inline void
history_read_entry(HistoryReader *reader, HistoryDay *day, int64_t *moved)
{
	uint64_t	head = history_varint(reader);
	bool		back = history_read_body(reader, head & 1, day);

	*moved = back ? -(int64_t) (head >> 1) : (int64_t) (head >> 1);
}

/* Moves the reader's day; false where what was read is nothing that an encoder writes. */
static inline bool
history_move(HistoryReader *reader, int64_t moved)
{
	if (moved < (int64_t) HISTORY_DAY_BASE - reader->day ||
		moved >= (int64_t) HISTORY_DAY_END - reader->day)
		reader->damaged = true;
	if (reader->damaged)
		return false;
	reader->day += (int32_t) moved;
	return true;
}

/*
 * Reads the next entry.  False at the end, and false with reader->damaged at
 * anything that no encoder writes: every bound that readers rely on is
 * checked by this and by the functions above, and nowhere else.
 */
static inline bool
history_next(HistoryReader *reader, HistoryDay *day)
{
	int64_t		moved;

	if (reader->at >= reader->end)
		return false;
	history_read_entry(reader, day, &moved);
	if (!history_move(reader, moved))
		return false;
	day->day = reader->day;
	return true;
}

/*
 * Writes one entry and returns its length; out has room for HISTORY_ENTRY_MAX.
 * Whether days go back or forth is not asked where all else is usual: in
 * random order no processor can foresee it.
 */
static inline int
history_encode_day(uint8_t *out, int32_t previous_day, const HistoryDay *day)
{
	int64_t		delta = (int64_t) day->day - previous_day;
	bool		back = delta < 0;
	uint64_t	distance = (uint64_t) (back ? -delta : delta) << 1;
	uint8_t    *end;

	if (day->orders == 1 && day->has_amount && day->amount >= 0)
	{
		end = varint_put(out, distance | back);
		*end = HISTORY_USUAL_BACK;
		end = varint_put(end + back, (uint64_t) day->amount);
	}
	else
	{
		uint64_t	orders = (uint64_t) day->orders << HISTORY_FLAG_BITS;

		if (day->has_amount)
			orders |= HISTORY_HAS_AMOUNT;
		if (day->amount < 0)
			orders |= HISTORY_NEGATIVE;
		if (back)
			orders |= HISTORY_BACK;
		end = varint_put(varint_put(out, distance | 1), orders);
		if (day->has_amount)
			end = varint_put(end, day->amount < 0 ? -(uint64_t) day->amount : (uint64_t) day->amount);
	}
	return (int) (end - out);
}

typedef enum HistoryStatus
{
	HISTORY_OK,
	HISTORY_TOO_MUCH_MONEY,		/* a day or the total has more than 18 digits */
	HISTORY_TOO_MANY_ORDERS
} HistoryStatus;

extern bool history_merge_day(HistoryDay *day, const HistoryDay *other);
extern HistoryStatus history_canonical(HistoryDay *days, size_t *n, int *scale);
extern size_t history_encode(uint8_t *out, const HistoryDay *days, size_t n, int scale);

#endif							/* CRM_CODEC_H */
