/*
 * state.h
 *	  The transition state of visit_history(): a history under construction.
 *
 * A flat varlena with slack, changed in place.  An expanded object would make
 * hash aggregation quadratic in the number of groups, and "internal" could
 * neither be shipped to another machine nor be any faster: two thirds of the
 * time of a GROUP BY customer are the executor's cache misses on its hash
 * table, so what counts is that a group is small (64 bytes hold a dozen
 * visits) and touched once per row.  Of our own part, three quarters is the
 * miss on the first load of the header, which therefore holds all that a row
 * has to know (doc/fast.md).
 *
 *	 offset 0   length word  32   the capacity, a power of two
 *			4   used         32   bytes in use, this header included
 *			8   last_day     32   of the entry written last
 *		   12   scale         8   of all amounts so far
 *		   13   flags         8   STATE_...
 *		   14   last_size    16   length of the entry written last, 0: none
 *		   16   entries           as codec.h draws them, in order of arrival
 */
#ifndef CRM_STATE_H
#define CRM_STATE_H

#include "history/history.h"

typedef struct HistoryState
{
	int32		vl_len_;
	uint32		used;
	int32		last_day;
	uint8		scale;
	uint8		flags;
	uint16		last_size;
	uint8		entries[FLEXIBLE_ARRAY_MEMBER];
} HistoryState;

#define STATE_UNSORTED	1		/* some entry is not after the one before it */
#define STATE_LARGE		2		/* an entry is so large that sums must be checked */

/*
 * Fewer than a million entries, each below these, cannot pass the 18 digits
 * and the integer that history_canonical checks.
 */
#define STATE_LARGE_AMOUNT	INT64_C(1000000000000)
#define STATE_LARGE_ORDERS	1000
#define STATE_LARGE_SIZE	2000000

/*
 * A usual entry: one order, not negative and below STATE_USUAL_AMOUNT (four
 * bytes), STATE_USUAL_DAYS at most before or after the last (three bytes, and
 * one for the direction).
 */
#define STATE_USUAL_AMOUNT	(INT64_C(1) << 28)
#define STATE_USUAL_DAYS	(1 << 19)
#define STATE_USUAL_SIZE	(3 + 1 + 4)

/*
 * Adds a usual entry of another day than the last one's, its amount in the
 * state's own scale, where there is room: nearly every row.  False, with the
 * state unchanged, where state_add has to see to it.
 */
static inline bool
state_add_usual(HistoryState *state, int32 day, int64 amount)
{
	uint32		used = state->used;
	int64		moved = (int64) day - state->last_day;
	HistoryDay	entry = {.day = day, .amount = amount, .orders = 1, .has_amount = true};
	int			size;

	if (used <= sizeof(HistoryState) || VARSIZE(state) < STATE_USUAL_SIZE || used > VARSIZE(state) - STATE_USUAL_SIZE ||
		moved == 0 || moved >= STATE_USUAL_DAYS || moved <= -STATE_USUAL_DAYS ||
		amount < 0 || amount >= STATE_USUAL_AMOUNT)
		return false;
	size = history_encode_day((uint8 *) state + used, state->last_day, &entry);
	if (moved < 0)
		state->flags |= STATE_UNSORTED;
	state->used = used + size;
	state->last_size = size;
	state->last_day = day;
	return true;
}

extern HistoryState *state_add(HistoryState *state, HistoryDay *day, int scale, int usual_scale);
extern HistoryState *state_add_history(HistoryState *state, const VisitHistory *history);
extern HistoryState *state_combine(HistoryState *state, const HistoryState *other);
extern VisitHistory *state_finish(const HistoryState *state);

#endif							/* CRM_STATE_H */
