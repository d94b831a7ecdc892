/*
 * tally.c
 *	  The counting state of the population aggregates (drawn in tally.h).
 */
#include "postgres.h"

#include "server/compat.h"

#include "lib/stringinfo.h"
#include "libpq/pqformat.h"
#include "miscadmin.h"
#include "port/pg_bitutils.h"
#include "tally/tally.h"
#include "utils/builtins.h"
#include "utils/date.h"
#include "utils/memutils.h"

/* A group of one customer in a GROUP BY should stay small: 16 + 8 + (1 + 4) * 24 = 144 bytes. */
#define FIRST_SLOTS 4

/* Linear probing slows down beyond three quarters. */
#define IS_FULL(used, slots) ((uint64) (used) * 4 >= (uint64) (slots) * 3)

/* Odd constants of high entropy (Knuth 1973; the golden ratio and pi). */
#define HASH_GROUP	UINT64CONST(0x9E3779B97F4A7C15)
#define HASH_VALUE	UINT64CONST(0x243F6A8885A308D3)

/* Odd, hence it visits every slot of a power of two once. */
#define LEAP 0x9E3779B1u

/* Digits of the sort: small enough for a tally of a few entries. */
#define RADIX 256

void
tally_damaged(void)
{
	ereport(ERROR,
			(errcode(ERRCODE_INVALID_BINARY_REPRESENTATION),
			 errmsg("population_state is damaged"),
			 errhint("It is the transition state of our aggregates and not made by hand.")));
}

/* ---- the hash table ---- */

/* The slot of what waits, the table behind it: n_slots + 1 entries altogether. */
static inline TallyEntry *
slots(const Tally *tally)
{
	return (TallyEntry *) (tally->parameters + tally->n_parameters);
}

static Size
tally_size(int n_parameters, uint64 n_slots)
{
	return offsetof(Tally, parameters) + n_parameters * sizeof(int64) + (1 + n_slots) * sizeof(TallyEntry);
}

static Tally *
new_tally(TallyPurpose purpose, int scale, int n_parameters, const int64 *parameters, uint64 n_slots)
{
	Size		size = tally_size(n_parameters, n_slots);
	Tally	   *tally;

	if (size > MaxAllocSize)
		ereport(ERROR,
				(errcode(ERRCODE_PROGRAM_LIMIT_EXCEEDED),
				 errmsg("more than " UINT64_FORMAT " different observations in one group", n_slots / 2),
				 errhint("Aggregate by channel, shop or cohort, or over a sample of the customers.")));
	tally = palloc0(size);
	SET_VARSIZE(tally, size);
	tally->purpose = purpose;
	tally->scale = scale;
	tally->n_parameters = n_parameters;
	tally->n_slots = n_slots;
	if (n_parameters > 0)
		memcpy(tally->parameters, parameters, n_parameters * sizeof(int64));
	return tally;
}

/* An empty tally in the current context. */
Tally *
tally_new(TallyPurpose purpose, int n_parameters, const int64 *parameters)
{
	return new_tally(purpose, 0, n_parameters, parameters, FIRST_SLOTS);
}

/*
 * Where (group, value) belongs in the table.  The place is in the hash's upper
 * bits: a larger table has the same order, and growing passes through both
 * from front to back.
 */
static inline uint32
home(const Tally *tally, uint64 group, int64 value)
{
	uint64		hash = (group * HASH_GROUP ^ (uint64) value) * HASH_VALUE;

	return (uint32) (((unsigned __int128) hash * tally->n_slots) >> 64);
}

static inline bool
is_same(const TallyEntry *entry, uint64 group, int64 value)
{
	return entry->group == group && entry->value == value;
}

/* The slot of (group, value) in the table, or the empty one that it will have. */
static inline TallyEntry *
find_slot(const Tally *tally, uint64 group, int64 value)
{
	TallyEntry *table = slots(tally) + 1;
	uint32		mask = tally->n_slots - 1;
	uint32		i = home(tally, group, value);

	while (table[i].group != 0 && !is_same(&table[i], group, value))
		i = (i + 1) & mask;
	return &table[i];
}

static inline void
add_count(TallyEntry *entry, int64 count)
{
	if (__builtin_add_overflow(entry->count, count, &entry->count))
		ereport(ERROR,
				(errcode(ERRCODE_NUMERIC_VALUE_OUT_OF_RANGE),
				 errmsg("sum over the customers of a group is out of range")));
}

static inline void
add_to_slot(Tally *tally, TallyEntry *slot, const TallyEntry *entry)
{
	if (slot->group == 0)
	{
		slot->group = entry->group;
		slot->value = entry->value;
		tally->n_used++;
		Assert(tally->n_used < tally->n_slots);	/* or find_slot() would not end */
	}
	add_count(slot, entry->count);
}

static inline void
add_to_table(Tally *tally, const TallyEntry *entry)
{
	add_to_slot(tally, find_slot(tally, entry->group, entry->value), entry);
}

/* Everything in a table of twice the size. */
static Tally *
grow(const Tally *tally)
{
	Tally	   *larger = new_tally(tally->purpose, tally->scale, tally->n_parameters,
								   tally->parameters, (uint64) tally->n_slots * 2);
	TallyEntry *slot = slots(tally);

	for (uint32 i = 0; i <= tally->n_slots; i++)
	{
		CHECK_FOR_INTERRUPTS();
		if (slot[i].group != 0)
			add_to_table(larger, &slot[i]);
	}
	return larger;
}

/*
 * Counts (group, value) count times more.  group is not 0.  The result is the
 * tally itself or, where it was full, a larger one in the current context.
 */
Tally *
tally_add(Tally *tally, uint64 group, int64 value, int64 count)
{
	TallyEntry *waiting = slots(tally);

	if (waiting->group != 0)
	{
		TallyEntry *slot = find_slot(tally, waiting->group, waiting->value);

		if (slot->group == 0 && IS_FULL(tally->n_used + 1, tally->n_slots))
			tally = grow(tally);
		else
			add_to_slot(tally, slot, waiting);
		waiting = slots(tally);
	}
	*waiting = (TallyEntry) {group, value, count};
	__builtin_prefetch(waiting + 1 + home(tally, group, value), 1);
	return tally;
}

/* ---- money ---- */

pg_attribute_noreturn()
static void
too_many_digits(void)
{
	ereport(ERROR,
			(errcode(ERRCODE_NUMERIC_VALUE_OUT_OF_RANGE),
			 errmsg("money of all customers together needs more than %d significant digits", DECIMAL_DIGITS),
			 errhint("Round the amounts, for example visit_history(day, round(amount, 4)).")));
}

/* The same tally with its money in units of 10^-scale, which is finer than before. */
static Tally *
rescale(const Tally *tally, int scale)
{
	Tally	   *result = new_tally(tally->purpose, scale, tally->n_parameters,
								   tally->parameters, tally->n_slots);
	TallyEntry *slot = slots(tally);
	int			digits = scale - tally->scale;

	for (uint32 i = 0; i <= tally->n_slots; i++)
	{
		TallyEntry	entry = slot[i];

		if (entry.group == 0)
			continue;
		if (((entry.group & TALLY_MONEY_VALUE) && !decimal_shift(&entry.value, digits)) ||
			((entry.group & TALLY_MONEY_COUNT) && !decimal_shift(&entry.count, digits)))
			too_many_digits();
		add_to_table(result, &entry);
	}
	return result;
}

/*
 * Brings the tally and n amounts, given in units of 10^-scale, to one scale.
 * Afterwards each amount has at most 18 digits.
 */
Tally *
tally_align_money(Tally *tally, int scale, __int128 *units, int n)
{
	if (scale > tally->scale)
		tally = rescale(tally, scale);
	for (int i = 0; i < n; i++)
	{
		int64		amount = (int64) units[i];

		if (units[i] <= -(__int128) DECIMAL_LIMIT || units[i] >= DECIMAL_LIMIT ||
			!decimal_shift(&amount, tally->scale - scale))
			too_many_digits();
		units[i] = amount;
	}
	return tally;
}

/* ---- states as arguments ---- */

static void
check_tally(const Tally *tally)
{
	if (VARSIZE(tally) < offsetof(Tally, parameters) ||
		tally->n_parameters > TALLY_MAX_PARAMETERS ||
		tally->n_slots < FIRST_SLOTS || (tally->n_slots & (tally->n_slots - 1)) != 0 ||
		VARSIZE(tally) != tally_size(tally->n_parameters, tally->n_slots) ||
		tally->n_used >= tally->n_slots || tally->scale > DECIMAL_MAX_SCALE ||
		tally->purpose == 0 || tally->purpose >= TALLY_PURPOSES)
		tally_damaged();
}

static Tally *
tally_from_datum(Datum datum)
{
	Tally	   *tally = (Tally *) PG_DETOAST_DATUM(datum);

	check_tally(tally);
	return tally;
}

static void
check_purpose(const Tally *tally, TallyPurpose purpose, int n_parameters)
{
	if (tally->purpose != purpose || tally->n_parameters != n_parameters)
		ereport(ERROR,
				(errcode(ERRCODE_DATATYPE_MISMATCH),
				 errmsg("population_state of aggregate %d given to aggregate %d",
						tally->purpose, purpose)));
}

char *
tally_day_text(const int64 *day)
{
	return DatumGetCString(DirectFunctionCall1(date_out, DateADTGetDatum((DateADT) *day)));
}

static void
refuse_parameter(const char *name, const char *before, const char *now, const char *hint)
{
	ereport(ERROR,
			(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
			 errmsg("%s must be the same for all rows of an aggregate, not %s and %s", name, before, now),
			 errhint("%s", hint)));
}

/* The first parameter is as_of; states that are combined have no names for the others. */
static void
check_parameters(const Tally *tally, const int64 *parameters, const TallyOption *options)
{
	if (memcmp(tally->parameters, parameters, tally->n_parameters * sizeof(int64)) == 0)
		return;
	for (; options != NULL && options->name != NULL; options++)
	{
		const char *before = options->text(tally->parameters + options->first);
		const char *now = options->text(parameters + options->first);

		if (strcmp(before, now) != 0)
			refuse_parameter(options->name, before, now,
							 "Write a constant there, not a column of the rows.");
	}
	if (tally->parameters[0] != parameters[0])
		refuse_parameter("as_of", tally_day_text(tally->parameters), tally_day_text(parameters),
						 "Cut the histories instead where days differ: as_of(h, day).");
	for (int i = 1; i < tally->n_parameters; i++)
		if (tally->parameters[i] != parameters[i])
			refuse_parameter(psprintf("parameter %d of population_state", i + 1),
							 psprintf(INT64_FORMAT, tally->parameters[i]), psprintf(INT64_FORMAT, parameters[i]),
							 "Combine states of the same call only.");
}

/*
 * The state that a transition function changes: argument 0, or a new one.
 * In an aggregate it is changed in place, elsewhere a copy is.
 */
Tally *
tally_to_change(FunctionCallInfo fcinfo, TallyPurpose purpose, int n_parameters, const int64 *parameters,
				const TallyOption *options)
{
	Tally	   *tally;

	if (PG_ARGISNULL(0))
		return new_tally(purpose, 0, n_parameters, parameters, FIRST_SLOTS);
	tally = tally_from_datum(PG_GETARG_DATUM(0));
	check_purpose(tally, purpose, n_parameters);
	check_parameters(tally, parameters, options);
	if (!AggCheckCallContext(fcinfo, NULL))
		tally = (Tally *) PG_DETOAST_DATUM_COPY(PointerGetDatum(tally));
	return tally;
}

/* The state that a final function reads: argument 0, which is not NULL. */
Tally *
tally_argument(FunctionCallInfo fcinfo, TallyPurpose purpose, int n_parameters)
{
	Tally	   *tally = tally_from_datum(PG_GETARG_DATUM(0));

	check_purpose(tally, purpose, n_parameters);
	return tally;
}

/* A day that a transition function is given. */
DateADT
tally_day_argument(FunctionCallInfo fcinfo, int argument, const char *name)
{
	if (PG_ARGISNULL(argument))
		ereport(ERROR,
				(errcode(ERRCODE_NULL_VALUE_NOT_ALLOWED),
				 errmsg("%s must not be null", name),
				 errhint("Name the day, for example current_date.")));
	return check_day(PG_GETARG_DATEADT(argument), name);
}

DateADT
tally_as_of_argument(FunctionCallInfo fcinfo, int argument)
{
	return tally_day_argument(fcinfo, argument, "as_of");
}

/* ---- the finished tally ---- */

/* Two numbers as one that sorts as the pair. */
static inline unsigned __int128
sort_key(const TallyEntry *entry)
{
	return (unsigned __int128) entry->group << 64 | ((uint64) entry->value ^ UINT64CONST(1) << 63);
}

static inline int
lowest_bit(unsigned __int128 bits)
{
	return (uint64) bits != 0 ? pg_rightmost_one_pos64((uint64) bits) : 64 + pg_rightmost_one_pos64(bits >> 64);
}

/*
 * Sorts by (group, value), a radix sort from the lowest bit in which keys
 * differ: few do, and a comparing sort takes ten times as long.  n entries in
 * either of two arrays; returns the one that holds the result.
 */
static TallyEntry *
sort_entries(TallyEntry *entries, TallyEntry *other, size_t n)
{
	unsigned __int128 differ = 0;

	for (size_t i = 1; i < n; i++)
		differ |= sort_key(&entries[i]) ^ sort_key(&entries[0]);
	while (differ != 0)
	{
		size_t		place[RADIX + 1] = {0};
		int			shift = lowest_bit(differ);
		TallyEntry *sorted = other;

		CHECK_FOR_INTERRUPTS();
		for (size_t i = 0; i < n; i++)
			place[(sort_key(&entries[i]) >> shift & (RADIX - 1)) + 1]++;
		for (int i = 0; i < RADIX; i++)
			place[i + 1] += place[i];
		for (size_t i = 0; i < n; i++)
			sorted[place[sort_key(&entries[i]) >> shift & (RADIX - 1)]++] = entries[i];
		other = entries;
		entries = sorted;
		differ &= ~((unsigned __int128) (RADIX - 1) << shift);
	}
	return entries;
}

/* The entries in order, in the current context. */
TallyEntries
tally_entries(const Tally *tally)
{
	Size		room = ((Size) tally->n_used + 2) * sizeof(TallyEntry);
	TallyEntry *entries = palloc_extended(room, MCXT_ALLOC_HUGE);
	TallyEntry *other = palloc_extended(room, MCXT_ALLOC_HUGE);
	TallyEntry *slot = slots(tally);
	TallyEntry	waiting = slot[0];
	TallyEntries result = {0};

	for (uint32 i = 1; i <= tally->n_slots; i++)
	{
		TallyEntry	entry = slot[i];

		if (is_same(&entry, waiting.group, waiting.value))
		{
			add_count(&entry, waiting.count);
			waiting.count = 0;
		}
		if (result.n > tally->n_used)
			tally_damaged();
		entries[result.n] = entry;
		result.n += entry.group != 0 && entry.count != 0;
	}
	if (waiting.count != 0)
		entries[result.n++] = waiting;
	result.entries = sort_entries(entries, other, result.n);
	pfree(result.entries == entries ? other : entries);
	return result;
}

/* Any aggregate's combine function. */
CRM_FUNCTION(crm_tally_combine);
Datum
crm_tally_combine(PG_FUNCTION_ARGS)
{
	Tally	   *other;
	Tally	   *tally;
	TallyEntry *slot;

	if (PG_ARGISNULL(1))
	{
		if (PG_ARGISNULL(0))
			PG_RETURN_NULL();
		PG_RETURN_POINTER(tally_from_datum(PG_GETARG_DATUM(0)));
	}
	other = tally_from_datum(PG_GETARG_DATUM(1));
	tally = tally_to_change(fcinfo, other->purpose, other->n_parameters, other->parameters, NULL);
	if (tally->scale > other->scale)
		other = rescale(other, tally->scale);
	else if (tally->scale < other->scale)
		tally = rescale(tally, other->scale);
	slot = slots(other);

	/* In leaps over all slots: in their own order they would crowd the front of a smaller table. */
	for (uint32 i = 0; i <= other->n_slots; i++)
	{
		TallyEntry *entry = &slot[i == 0 ? 0 : 1 + (i * LEAP & (other->n_slots - 1))];

		CHECK_FOR_INTERRUPTS();
		if (entry->group != 0)
			tally = tally_add(tally, entry->group, entry->value, entry->count);
	}
	PG_RETURN_POINTER(tally);
}

/* ---- the state as text and binary, for servers that ship it so ---- */

/* purpose scale (parameters) {group:value*count, ...} in order, so that equal states print equal. */
CRM_FUNCTION(crm_tally_out);
Datum
crm_tally_out(PG_FUNCTION_ARGS)
{
	Tally	   *tally = tally_from_datum(PG_GETARG_DATUM(0));
	TallyEntries all = tally_entries(tally);
	StringInfoData out;

	initStringInfo(&out);
	appendStringInfo(&out, "%d %d %d %zu", tally->purpose, tally->scale, tally->n_parameters, all.n);
	for (int i = 0; i < tally->n_parameters; i++)
		appendStringInfo(&out, " " INT64_FORMAT, tally->parameters[i]);
	for (size_t i = 0; i < all.n; i++)
		appendStringInfo(&out, " " UINT64_FORMAT " " INT64_FORMAT " " INT64_FORMAT,
						 all.entries[i].group, all.entries[i].value, all.entries[i].count);
	PG_RETURN_CSTRING(out.data);
}

/* A tally from outside, entry by entry: nothing about it is trusted. */
static Tally *
tally_start(int64 purpose, int64 scale, int64 n_parameters, const int64 *parameters)
{
	if (purpose <= 0 || purpose >= TALLY_PURPOSES || scale < 0 || scale > DECIMAL_MAX_SCALE)
		tally_damaged();
	/* as_of, or 0 where an aggregate has none */
	if (n_parameters > 0 && (parameters[0] < HISTORY_DAY_BASE || parameters[0] >= HISTORY_DAY_END))
		tally_damaged();
	return new_tally((TallyPurpose) purpose, (int) scale, (int) n_parameters, parameters, FIRST_SLOTS);
}

static Tally *
tally_add_checked(Tally *tally, uint64 group, int64 value, int64 count)
{
	Tally	   *result;

	if (group == 0 || count == 0 ||
		((group & TALLY_MONEY_VALUE) && (value <= -DECIMAL_LIMIT || value >= DECIMAL_LIMIT)))
		tally_damaged();
	result = tally_add(tally, group, value, count);
	if (result != tally)
		pfree(tally);
	return result;
}

static uint64
text_number(char **at)
{
	char	   *start = *at;
	uint64		value;

	errno = 0;
	value = *start == '-' || (*start == ' ' && start[1] == '-') ?
		(uint64) strtoll(start, at, 10) : (uint64) strtoull(start, at, 10);
	if (errno != 0 || *at == start)
		tally_damaged();
	return value;
}

CRM_FUNCTION(crm_tally_in);
Datum
crm_tally_in(PG_FUNCTION_ARGS)
{
	char	   *at = PG_GETARG_CSTRING(0);
	uint64		head[4];
	int64		parameters[TALLY_MAX_PARAMETERS];
	Tally	   *tally;

	for (int i = 0; i < 4; i++)
		head[i] = text_number(&at);
	if (head[2] > TALLY_MAX_PARAMETERS)
		tally_damaged();
	for (uint64 i = 0; i < head[2]; i++)
		parameters[i] = (int64) text_number(&at);
	tally = tally_start((int64) head[0], (int64) head[1], (int64) head[2], parameters);
	for (uint64 i = 0; i < head[3]; i++)
	{
		uint64		group = text_number(&at);
		int64		value = (int64) text_number(&at);

		CHECK_FOR_INTERRUPTS();
		tally = tally_add_checked(tally, group, value, (int64) text_number(&at));
	}
	if (*at != '\0')
		tally_damaged();
	PG_RETURN_POINTER(tally);
}

CRM_FUNCTION(crm_tally_send);
Datum
crm_tally_send(PG_FUNCTION_ARGS)
{
	Tally	   *tally = tally_from_datum(PG_GETARG_DATUM(0));
	TallyEntries all = tally_entries(tally);
	StringInfoData out;

	pq_begintypsend(&out);
	pq_sendint16(&out, tally->purpose);
	pq_sendint8(&out, tally->scale);
	pq_sendint8(&out, tally->n_parameters);
	pq_sendint32(&out, (uint32) all.n);
	for (int i = 0; i < tally->n_parameters; i++)
		pq_sendint64(&out, tally->parameters[i]);
	for (size_t i = 0; i < all.n; i++)
	{
		pq_sendint64(&out, all.entries[i].group);
		pq_sendint64(&out, all.entries[i].value);
		pq_sendint64(&out, all.entries[i].count);
	}
	PG_RETURN_BYTEA_P(pq_endtypsend(&out));
}

CRM_FUNCTION(crm_tally_recv);
Datum
crm_tally_recv(PG_FUNCTION_ARGS)
{
	StringInfo	in = (StringInfo) PG_GETARG_POINTER(0);
	int			purpose = pq_getmsgint(in, 2);
	int			scale = pq_getmsgbyte(in);
	int			n_parameters = pq_getmsgbyte(in);
	uint32		n = pq_getmsgint(in, 4);
	int64		parameters[TALLY_MAX_PARAMETERS];
	Tally	   *tally;

	if (n_parameters > TALLY_MAX_PARAMETERS)
		tally_damaged();
	for (int i = 0; i < n_parameters; i++)
		parameters[i] = pq_getmsgint64(in);
	tally = tally_start(purpose, scale, n_parameters, parameters);
	for (uint32 i = 0; i < n; i++)
	{
		uint64		group = pq_getmsgint64(in);
		int64		value = pq_getmsgint64(in);

		CHECK_FOR_INTERRUPTS();
		tally = tally_add_checked(tally, group, value, pq_getmsgint64(in));
	}
	PG_RETURN_POINTER(tally);
}
