/*
 * pack.c
 *	  Between the bytes of a visit_history and its days.
 */
#include "postgres.h"

#include "server/compat.h"

#include "history/history.h"
#include "utils/memutils.h"

void
history_damaged(void)
{
	ereport(ERROR,
			(errcode(ERRCODE_INVALID_BINARY_REPRESENTATION),
			 errmsg("visit_history is damaged"),
			 errhint("Build it again from the transactions, for example visit_history(day, amount).")));
}

void
history_day_not_finite(bool future)
{
	ereport(ERROR,
			(errcode(ERRCODE_DATETIME_VALUE_OUT_OF_RANGE),
			 errmsg("day of a visit must be finite, not %s", future ? "infinity" : "-infinity"),
			 errhint("Leave such rows out, for example visit_history(day, amount) FILTER (WHERE isfinite(day)).")));
}

void
history_day_out_of_range(void)
{
	ereport(ERROR,
			(errcode(ERRCODE_DATETIME_VALUE_OUT_OF_RANGE),
			 errmsg("day of a visit is outside the range of date")));
}

/* An argument that is a day and can be computed with. */
DateADT
check_day(DateADT day, const char *name)
{
	if (DATE_NOT_FINITE(day))
		ereport(ERROR,
				(errcode(ERRCODE_DATETIME_VALUE_OUT_OF_RANGE),
				 errmsg("%s must be a finite date, not %s", name, DATE_IS_NOEND(day) ? "infinity" : "-infinity"),
				 errhint("Use a day, for example current_date.")));
	return day;
}

DateADT
check_as_of(DateADT as_of)
{
	return check_day(as_of, "as_of");
}

/* Sets the reader to the first day and returns the scale of the amounts. */
int
history_open(const VisitHistory *history, HistoryReader *reader)
{
	Size		size = VARSIZE_ANY_EXHDR(history);
	const uint8 *bytes = (const uint8 *) VARDATA_ANY(history);

	if (size < 1 || bytes[0] > DECIMAL_MAX_SCALE)
		history_damaged();
	history_reader_init(reader, bytes + 1, size - 1);
	return bytes[0];
}

/* All days as an array in the current context. */
HistoryDay *
history_days(const VisitHistory *history, size_t *n, int *scale)
{
	HistoryReader reader;
	HistoryDay *days;

	*scale = history_open(history, &reader);
	/* An entry has at least two bytes; one more for the look at the end. */
	days = palloc_extended((VARSIZE_ANY_EXHDR(history) / 2 + 1) * sizeof(HistoryDay), MCXT_ALLOC_HUGE);
	for (*n = 0; history_next_day(&reader, &days[*n]); (*n)++)
		;
	return days;
}

/* What reads a history may rely on arrays of its days being allocatable. */
static void
check_size(Size size)
{
	if (size > HISTORY_MAX_SIZE)
		ereport(ERROR,
				(errcode(ERRCODE_PROGRAM_LIMIT_EXCEEDED),
				 errmsg("history of one customer has %zu bytes, more than %d", size, HISTORY_MAX_SIZE)));
}

static VisitHistory *
encode(const HistoryDay *days, size_t n, int scale)
{
	Size		room = VARHDRSZ + 1 + n * HISTORY_ENTRY_MAX;
	VisitHistory *history = palloc_extended(room, MCXT_ALLOC_HUGE);
	Size		size = VARHDRSZ + history_encode((uint8 *) VARDATA(history), days, n, scale);

	check_size(size);
	SET_VARSIZE(history, size);
	return history;
}

/* Days in ascending order into a history; the array is changed. */
VisitHistory *
history_pack_ordered(HistoryDay *days, size_t n, int scale)
{
	switch (history_canonical(days, &n, &scale))
	{
		case HISTORY_TOO_MUCH_MONEY:
			ereport(ERROR,
					(errcode(ERRCODE_NUMERIC_VALUE_OUT_OF_RANGE),
					 errmsg("money of one customer needs more than %d significant digits", DECIMAL_DIGITS),
					 errdetail("A day or the total reaches %d digits, %d of them behind the point.",
							   DECIMAL_DIGITS + 1, scale),
					 errhint("Round the amounts, for example visit_history(day, round(amount, 4)).")));
			break;
		case HISTORY_TOO_MANY_ORDERS:
			ereport(ERROR,
					(errcode(ERRCODE_NUMERIC_VALUE_OUT_OF_RANGE),
					 errmsg("one customer has more than %d orders", HISTORY_MAX_ORDERS)));
			break;
		case HISTORY_OK:
			break;
	}
	return encode(days, n, scale);
}

/* Whether these are the bytes that we write for the days in them. */
bool
history_is_canonical(const VisitHistory *history)
{
	size_t		n;
	int			scale;
	HistoryDay *days = history_days(history, &n, &scale);
	VisitHistory *again;

	for (size_t i = 0; i < n; i++)
		if ((days[i].orders == 0 && days[i].amount >= 0) || (i > 0 && days[i - 1].day >= days[i].day))
			return false;
	again = history_pack_ordered(days, n, scale);
	return VARSIZE(again) == VARSIZE(history) &&
		memcmp(VARDATA(again), VARDATA(history), VARSIZE(history) - VARHDRSZ) == 0;
}

/*
 * A history from outside, byte for byte as history_encode would have written
 * it, or an error: whatever is stored can be trusted by those who read it.
 */
VisitHistory *
history_from_bytes(const uint8 *bytes, size_t size)
{
	VisitHistory *given;

	check_size(VARHDRSZ + size);
	given = palloc(VARHDRSZ + size);
	SET_VARSIZE(given, VARHDRSZ + size);
	memcpy(VARDATA(given), bytes, size);
	if (!history_is_canonical(given))
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_BINARY_REPRESENTATION),
				 errmsg("visit_history of %zu bytes is not in canonical form", size),
				 errhint("Binary values come from visit_history_send, for example by COPY ... (FORMAT binary).")));
	return given;
}
