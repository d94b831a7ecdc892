/*
 * state.c
 *	  Building a history: the state's own arithmetic.  The aggregate's
 *	  functions, which feed it, are in accumulate.c.
 *
 * Rows are appended as they come.  A row of the day written last is merged
 * into that entry, a row of an earlier day is written as a backward entry and
 * marks the state unsorted; finishing then sorts.  Combining two states
 * appends one to the other, which the merge sort of order.c recognises as two
 * runs.
 */
#include "postgres.h"

#include "server/compat.h"

#include "history/order.h"
#include "history/state.h"
#include "miscadmin.h"
#include "port/pg_bitutils.h"
#include "utils/memutils.h"

/*
 * 32 bytes are slower (most groups grow), 128 no faster; and the allocator
 * rounds up to powers of two, so anything else wastes what it rounds.
 */
#define STATE_FIRST_SIZE 64

/*
 * From this size on a state that is unsorted is sorted before it grows: a
 * guest account with millions of orders in random order has a few thousand
 * different days, and its state stays that small.
 */
#define STATE_COMPACT_SIZE 16384

pg_attribute_noreturn()
static void
too_many_digits(int64 amount, int scale)
{
	char		text[DECIMAL_TEXT_SIZE];

	decimal_to_text(amount, scale, text);
	ereport(ERROR,
			(errcode(ERRCODE_NUMERIC_VALUE_OUT_OF_RANGE),
			 errmsg("money of one customer needs more than %d significant digits", DECIMAL_DIGITS),
			 errdetail("The amount %s does not fit beside amounts with other decimals.", text),
			 errhint("Round the amounts, for example visit_history(day, round(amount, 4)).")));
}

static void
check_state(const HistoryState *state)
{
	if (VARSIZE(state) < sizeof(HistoryState) ||
		state->used < sizeof(HistoryState) || state->used > VARSIZE(state) ||
		state->last_size > state->used - sizeof(HistoryState) ||
		state->scale > DECIMAL_MAX_SCALE)
		history_damaged();
}

static HistoryState *
new_state(Size size, int scale)
{
	HistoryState *state = palloc0(size);

	SET_VARSIZE(state, size);
	state->used = sizeof(HistoryState);
	state->last_day = HISTORY_DAY_BASE;
	state->scale = scale;
	return state;
}

static inline void
open_state(const HistoryState *state, HistoryReader *reader)
{
	history_reader_init(reader, state->entries, state->used - sizeof(HistoryState));
}

static HistoryState *sorted_copy(const HistoryState *state);

/* A copy with twice the room, in the current context. */
static HistoryState *
double_size(const HistoryState *state)
{
	HistoryState *larger;

	if (VARSIZE(state) > MaxAllocSize / 2)
		ereport(ERROR,
				(errcode(ERRCODE_PROGRAM_LIMIT_EXCEEDED),
				 errmsg("history of one customer is longer than %u bytes", VARSIZE(state))));
	larger = new_state(Max(VARSIZE(state) * 2, STATE_FIRST_SIZE), state->scale);
	memcpy(&larger->used, &state->used, state->used - offsetof(HistoryState, used));
	return larger;
}

/*
 * A state with room for more, in the current context; in an aggregate the
 * executor moves it to the group's and frees the old one.
 */
static HistoryState *
grow(const HistoryState *state)
{
	if (state->flags & STATE_UNSORTED && VARSIZE(state) >= STATE_COMPACT_SIZE)
	{
		HistoryState *compact = sorted_copy(state);

		if (compact->used <= VARSIZE(compact) / 2)
			return compact;
		state = compact;
	}
	return double_size(state);
}

/* Writes day, whose amount has the state's scale, behind the last entry. */
static HistoryState *
append_day(HistoryState *state, const HistoryDay *day)
{
	int			size;

	if (day->day <= state->last_day && state->last_size > 0)
		state->flags |= STATE_UNSORTED;
	if (day->amount >= STATE_LARGE_AMOUNT || day->amount <= -STATE_LARGE_AMOUNT ||
		day->orders > STATE_LARGE_ORDERS)
		state->flags |= STATE_LARGE;

	if (state->used + HISTORY_ENTRY_MAX <= VARSIZE(state))
		size = history_encode_day((uint8 *) state + state->used, state->last_day, day);
	else
	{
		/* Hardly any entry is as long as the longest: see whether this one fits. */
		uint8		bytes[HISTORY_ENTRY_MAX];

		size = history_encode_day(bytes, state->last_day, day);
		if (state->used + size > VARSIZE(state))
			return append_day(grow(state), day);	/* its last day may be another one */
		memcpy((uint8 *) state + state->used, bytes, size);
	}
	state->used += size;
	Assert(state->used <= VARSIZE(state));
	state->last_size = size;
	state->last_day = day->day;
	return state;
}

/*
 * Merges day into the last entry, which is of the same day: reads it back,
 * adds, and writes it again.  False where the sum does not fit an entry.
 */
static bool
merge_into_last(HistoryState **state, HistoryDay *day)
{
	HistoryReader reader;
	HistoryDay	last;
	int64		moved;

	history_reader_init(&reader, (uint8 *) *state + (*state)->used - (*state)->last_size,
						(*state)->last_size);
	history_read_entry(&reader, &last, &moved);
	if (reader.damaged)
		history_damaged();
	if (!history_merge_day(&last, day))
		return false;
	last.day = day->day;
	(*state)->used -= (*state)->last_size;
	(*state)->last_size = 0;
	(*state)->last_day = (int32) (day->day - moved);
	*state = append_day(*state, &last);
	return true;
}

/*
 * The same entries with their amounts in units of 10^-scale: finer than they
 * are, or coarser where can_coarsen() says that nothing is lost.
 */
static HistoryState *
rescale(const HistoryState *state, int scale)
{
	HistoryState *result = new_state(VARSIZE(state), scale);
	HistoryReader reader;
	HistoryDay	day;

	result->flags = state->flags;
	open_state(state, &reader);
	while (history_next_day(&reader, &day))
	{
		int64		amount = day.amount;

		if (scale < state->scale)
			day.amount /= decimal_power[state->scale - scale];
		else if (!decimal_shift(&day.amount, scale - state->scale))
			too_many_digits(amount, state->scale);
		result = append_day(result, &day);
	}
	return result;
}

/* Whether no amount needs more than scale decimals, fewer than the state has. */
static bool
can_coarsen(const HistoryState *state, int scale)
{
	HistoryReader reader;
	HistoryDay	day;

	if (scale < 0 || scale >= state->scale || state->scale - scale > DECIMAL_DIGITS)
		return false;
	open_state(state, &reader);
	while (history_next_day(&reader, &day))
		if (day.amount % decimal_power[state->scale - scale] != 0)
			return false;
	return true;
}

/*
 * Adds one day, whose amount is in units of 10^-scale, to the state (NULL: to
 * a new one).  usual_scale is what amounts of this column are likely to need:
 * a state that starts with it need not be written again at the first cent.
 * day is a pointer, and is changed, because copying one stalls the processor.
 */
HistoryState *
state_add(HistoryState *state, HistoryDay *day, int scale, int usual_scale)
{
	int64		amount = day->amount;

	if (state == NULL)
	{
		/* Not where the usual scale would be too much for this amount. */
		state = new_state(STATE_FIRST_SIZE,
						  decimal_shift(&amount, usual_scale - scale) ? usual_scale : scale);
	}
	else
		check_state(state);

	amount = day->amount;
	if (scale > state->scale && amount != 0)
		state = rescale(state, scale);
	while (!decimal_shift(&day->amount, state->scale - scale))
	{
		/* The usual scale may be more than any amount so far needs. */
		day->amount = amount;
		if (!can_coarsen(state, state->scale - 1))
			too_many_digits(amount, scale);
		state = rescale(state, state->scale - 1);
	}

	if (day->day == state->last_day && state->last_size > 0 && merge_into_last(&state, day))
		return state;
	return append_day(state, day);
}

/* Adds all days of a reader, whose amounts are in units of 10^-scale. */
static HistoryState *
add_all(HistoryState *state, HistoryReader *reader, int scale)
{
	HistoryDay	day;

	while (history_next_day(reader, &day))
		state = state_add(state, &day, scale, scale);
	return state;
}

HistoryState *
state_add_history(HistoryState *state, const VisitHistory *history)
{
	HistoryReader reader;
	int			scale = history_open(history, &reader);

	if (state == NULL)
		state = new_state(Max(STATE_FIRST_SIZE, pg_nextpower2_32(VARSIZE_ANY(history) + sizeof(HistoryState))), scale);
	return add_all(state, &reader, scale);
}

/* Adds the days of another state, in the order in which they came there. */
HistoryState *
state_combine(HistoryState *state, const HistoryState *other)
{
	HistoryReader reader;

	check_state(other);
	if (state == NULL)
		state = new_state(VARSIZE(other), other->scale);
	open_state(other, &reader);
	return add_all(state, &reader, other->scale);
}

/* The keys of a state's entries, in the order of their days; in the current context. */
static EntryKey *
sorted_keys(const HistoryState *state, size_t *n)
{
	size_t		size = state->used - sizeof(HistoryState);
	EntryKey   *keys = palloc_extended((ORDER_MAX_KEYS(size) + 1) * sizeof(EntryKey), MCXT_ALLOC_HUGE);
	bool		damaged;

	*n = order_collect(state->entries, size, keys, &damaged);
	if (damaged)
		history_damaged();
	if (*n <= ORDER_IN_PLACE)
		order_insertion_sort(keys, *n);
	else
	{
		EntryKey   *scratch = palloc_extended(*n * sizeof(EntryKey), MCXT_ALLOC_HUGE);

		while (order_merge_pass(keys, scratch, *n))
			CHECK_FOR_INTERRUPTS();
		pfree(scratch);
	}
	return keys;
}

static inline void
read_entry(const HistoryState *state, EntryKey key, HistoryDay *day)
{
	order_read(state->entries, state->used - sizeof(HistoryState), key, day);
}

/* The same days in order, equal ones merged, with the same room or more. */
static HistoryState *
sorted_copy(const HistoryState *state)
{
	HistoryState *copy = new_state(VARSIZE(state), state->scale);
	size_t		n;
	EntryKey   *keys = sorted_keys(state, &n);

	for (size_t i = 0; i < n; i++)
	{
		HistoryDay	day;

		read_entry(state, keys[i], &day);
		copy = state_add(copy, &day, state->scale, state->scale);
	}
	pfree(keys);
	return copy;
}

/* The entries of one day, from *next on, as one; moves *next behind them. */
static HistoryDay
folded_day(const HistoryState *state, const EntryKey *keys, size_t n, size_t *next)
{
	HistoryDay	day;
	HistoryDay	other;

	read_entry(state, keys[*next], &day);
	while (++*next < n && order_day(keys[*next]) == day.day)
	{
		read_entry(state, keys[*next], &other);
		day.amount += other.amount;
		day.orders += other.orders;
		day.has_amount |= other.has_amount;
	}
	return day;
}

/*
 * The history of a state without large entries, written in one pass; or NULL
 * where its amounts need fewer decimals than the state has.  The amount of a
 * usual entry that has its day to itself is copied as it stands.
 */
static VisitHistory *
pack_small(const HistoryState *state, const EntryKey *keys, size_t n)
{
	VisitHistory *history = palloc(VARHDRSZ + 1 + n * HISTORY_ENTRY_MAX);
	uint8	   *out = (uint8 *) VARDATA(history);
	int32		previous_day = HISTORY_DAY_BASE;
	bool		exact = state->scale == 0;	/* some amount needs all decimals */

	*out++ = n > 0 ? state->scale : 0;
	for (size_t i = 0; i < n;)
	{
		const uint8 *amount = NULL;

		if (exact && (i + 1 == n || order_day(keys[i + 1]) != order_day(keys[i])))
			amount = order_usual_amount(state->entries, keys[i]);
		if (amount)
		{
			int32		day = order_day(keys[i++]);

			out = varint_put(out, (uint64) ((int64) day - previous_day) << 1);
			previous_day = day;
			do
				*out++ = *amount;
			while (*amount++ >= 0x80);
		}
		else
		{
			HistoryDay	day = folded_day(state, keys, n, &i);

			exact = exact || day.amount % 10 != 0;
			out += history_encode_day(out, previous_day, &day);
			previous_day = day.day;
		}
	}
	SET_VARSIZE(history, out - (uint8 *) history);
	return exact ? history : NULL;
}

/* The history of any state: all days at once, and every sum checked. */
static VisitHistory *
pack_checked(const HistoryState *state, const EntryKey *keys, size_t n)
{
	HistoryDay *days = palloc_extended(n * sizeof(HistoryDay), MCXT_ALLOC_HUGE);

	for (size_t i = 0; i < n; i++)
		read_entry(state, keys[i], &days[i]);
	return history_pack_ordered(days, n, state->scale);
}

/* Days that came in order are copied as they stand. */
static VisitHistory *
pack(const HistoryState *state)
{
	Size		size = state->used - sizeof(HistoryState);
	VisitHistory *history = NULL;
	EntryKey   *keys;
	size_t		n;

	if (state->flags == 0 && size < STATE_LARGE_SIZE && !can_coarsen(state, state->scale - 1))
	{
		history = palloc(VARHDRSZ + 1 + size);
		SET_VARSIZE(history, VARHDRSZ + 1 + size);
		*(uint8 *) VARDATA(history) = size > 0 ? state->scale : 0;
		memcpy(VARDATA(history) + 1, state->entries, size);
		return history;
	}

	keys = sorted_keys(state, &n);
	if (!(state->flags & STATE_LARGE) && size < STATE_LARGE_SIZE)
		history = pack_small(state, keys, n);
	if (history == NULL)
		history = pack_checked(state, keys, n);
	pfree(keys);
	return history;
}

/* The finished history.  The state is left as it is: a window aggregate goes on with it. */
VisitHistory *
state_finish(const HistoryState *state)
{
	VisitHistory *history;

	check_state(state);
	history = pack(state);
	Assert(history_is_canonical(history));
	return history;
}
