/*
 * order.c
 *	  Bringing packed entries in order: collecting their keys, sorting them.
 */
#include "history/order.h"

#include <string.h>

/* A usual entry has a head of at most two bytes, the flags' one where it goes back, and an amount of at most four. */
#define USUAL_ENTRY_MAX 7

/*
 * The key of the entry at the reader, where it is a usual one and not among
 * the last bytes; else zero, which is no key, with the reader unmoved.  Reads
 * little: the amount is only passed over.
 */
static inline EntryKey
usual_key(HistoryReader *reader, const uint8_t *entries)
{
	const uint8_t *at = reader->at;
	const uint8_t *body;
	uint32_t	head;
	int64_t		day;

	if (reader->end - at < USUAL_ENTRY_MAX)
		return 0;
	head = *at++;
	if (head >= 0x80)
	{
		if (*at >= 0x80)
			return 0;
		head = (head & 0x7F) | (uint32_t) *at++ << 7;
	}
	body = at;
	if (head & 1 && *at++ != HISTORY_USUAL_BACK)
		return 0;
	day = reader->day + (head & 1 ? -(int64_t) (head >> 1) : (int64_t) (head >> 1));
	if (*at++ >= 0x80 && *at++ >= 0x80 && *at++ >= 0x80 && *at++ >= 0x80)
		return 0;
	if (day < HISTORY_DAY_BASE || day >= HISTORY_DAY_END)
		return 0;
	reader->at = at;
	reader->day = (int32_t) day;
	return (EntryKey) (day - HISTORY_DAY_BASE) << 32 | (EntryKey) (body - entries) << 1 | (head & 1);
}

/* The keys of all entries, in order of arrival; keys has room for ORDER_MAX_KEYS. */
size_t
order_collect(const uint8_t *entries, size_t size, EntryKey *keys, bool *damaged)
{
	HistoryReader reader;
	size_t		n = 0;

	history_reader_init(&reader, entries, size);
	while (reader.at < reader.end)
	{
		EntryKey	key = usual_key(&reader, entries);

		if (key == 0)
		{
			uint64_t	head = history_varint(&reader);
			EntryKey	body = (EntryKey) (reader.at - entries) << 1 | (head & 1);
			HistoryDay	day;
			bool		back = history_read_body(&reader, head & 1, &day);

			if (!history_move(&reader, back ? -(int64_t) (head >> 1) : (int64_t) (head >> 1)))
				break;
			key = (EntryKey) ((int64_t) reader.day - HISTORY_DAY_BASE) << 32 | body;
		}
		keys[n++] = key;
	}
	*damaged = reader.damaged;
	return n;
}

/* For few keys. */
void
order_insertion_sort(EntryKey *keys, size_t n)
{
	for (size_t i = 1; i < n; i++)
	{
		EntryKey	key = keys[i];
		size_t		j = i;

		for (; j > 0 && keys[j - 1] > key; j--)
			keys[j] = keys[j - 1];
		keys[j] = key;
	}
}

static size_t
run_end(const EntryKey *keys, size_t start, size_t n)
{
	size_t		end = start + 1;

	while (end < n && keys[end - 1] <= keys[end])
		end++;
	return end;
}

/* Merges the ascending [0, middle) and [middle, n); scratch holds the first. */
static void
merge_runs(EntryKey *keys, size_t middle, size_t n, EntryKey *scratch)
{
	size_t		left = 0;
	size_t		right = middle;

	memcpy(scratch, keys, middle * sizeof(EntryKey));
	for (size_t out = 0; left < middle; out++)
		keys[out] = right < n && keys[right] < scratch[left] ? keys[right++] : scratch[left++];
}

/*
 * One pass of a natural merge sort: joins neighbouring ascending runs.  False
 * once all is one run.  Partial states that were appended to each other are
 * runs, and orders tables are nearly sorted by time, so runs are merged and
 * not sorted again; the server's sort only notices input that is sorted
 * throughout.  scratch has room for n.
 */
bool
order_merge_pass(EntryKey *keys, EntryKey *scratch, size_t n)
{
	size_t		start = 0;

	while (start < n)
	{
		size_t		middle = run_end(keys, start, n);
		size_t		end = middle < n ? run_end(keys, middle, n) : n;

		if (start == 0 && middle >= n)
			return false;
		if (middle < n)
			merge_runs(keys + start, middle - start, end - start, scratch);
		start = end;
	}
	return n > 0;
}
