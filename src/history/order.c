/*
 * order.c
 *	  Bringing packed entries in order: collecting their keys, sorting them.
 */
#include "history/order.h"

#include <string.h>

/* The keys of all entries, in order of arrival; keys has room for ORDER_MAX_KEYS. */
size_t
order_collect(const uint8_t *entries, size_t size, EntryKey *keys, bool *damaged)
{
	HistoryReader reader;
	size_t		n = 0;

	history_reader_init(&reader, entries, size);
	while (reader.at < reader.end)
	{
		uint64_t	head = history_varint(&reader);
		EntryKey	body = (EntryKey) (reader.at - entries) << 1 | (head & 1);
		HistoryDay	day;
		bool		back = history_read_body(&reader, head & 1, &day);

		if (!history_move(&reader, back ? -(int64_t) (head >> 1) : (int64_t) (head >> 1)))
			break;
		keys[n++] = (EntryKey) ((int64_t) reader.day - HISTORY_DAY_BASE) << 32 | body;
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
