/*
 * order.h
 *	  Bringing packed entries in order.
 *
 * Rows arrive in any order, and so stand the entries of an unfinished state.
 * Not the days are sorted, which have 24 bytes, but one word for each:
 *
 *	 | day 32, since HISTORY_DAY_BASE | offset of the entry's body 31 | unusual 1 |
 *
 * Comparing two words compares their days, and entries of one day stay in the
 * order in which they came.
 */
#ifndef CRM_ORDER_H
#define CRM_ORDER_H

#include "history/codec.h"

typedef uint64_t EntryKey;

/* Up to so many keys insertion sort beats merging, and needs no scratch. */
#define ORDER_IN_PLACE 40

/* Entries have at least two bytes; so many keys at most are in so many bytes. */
#define ORDER_MAX_KEYS(size) ((size) / 2)

static inline int32_t
order_day(EntryKey key)
{
	return (int32_t) (HISTORY_DAY_BASE + (int64_t) (key >> 32));
}

/* The entry of a key: it has been read before, so it is known to be whole. */
static inline void
order_read(const uint8_t *entries, size_t size, EntryKey key, HistoryDay *day)
{
	HistoryReader reader;

	history_reader_init(&reader, entries, size);
	reader.at += (uint32_t) key >> 1;
	history_read_body(&reader, key & 1, day);
	day->day = order_day(key);
}

/* Where the amount of an entry is written that is one order with money >= 0; else NULL. */
static inline const uint8_t *
order_usual_amount(const uint8_t *entries, EntryKey key)
{
	const uint8_t *body = entries + ((uint32_t) key >> 1);

	if (!(key & 1))
		return body;
	return *body == HISTORY_USUAL_BACK ? body + 1 : NULL;
}

extern size_t order_collect(const uint8_t *entries, size_t size, EntryKey *keys, bool *damaged);
extern void order_insertion_sort(EntryKey *keys, size_t n);
extern bool order_merge_pass(EntryKey *keys, EntryKey *scratch, size_t n);

#endif							/* CRM_ORDER_H */
