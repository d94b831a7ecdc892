/*
 * tally.h
 *	  Counting over a population: the one transition state of all aggregates
 *	  that learn something from many histories.
 *
 * Whatever is learned (norms, schemes, tiers, cohorts, models) follows from
 * how many customers show which whole number: a gap of so many days at step
 * n, a recency, a spend, a triple (x, t_x, T).  So there is one mergeable
 * state: a hash table from (group, value) to a count.  It is exact, counts
 * equal observations once, does not depend on the order of input, and is
 * sorted before anything is computed from it: the same bits from any plan.
 *
 * A flat varlena with slack, changed in place (state.h of the history says
 * why), all numbers in the machine's own order:
 *
 *	 offset 0   length word   32   the capacity
 *			4   purpose       16   which aggregate: states of two never mix
 *			6   scale          8   of the money in it
 *			7   n_parameters   8
 *			8   n_slots       32   a power of two
 *		   12   n_used        32
 *		   16   parameters    64 x n_parameters, constant over the rows: as_of first
 *			.   slots        192 x (1 + n_slots): group, value, count; group 0: empty
 *
 * The first slot is no part of the table.  What is counted waits there until
 * the next comes, while the processor fetches its place: in a table larger
 * than the cache, waiting for that took as long as all else about a row.
 */
#ifndef CRM_TALLY_H
#define CRM_TALLY_H

#include "history/history.h"

typedef struct TallyEntry
{
	uint64		group;
	int64		value;
	int64		count;
} TallyEntry;

typedef struct Tally
{
	int32		vl_len_;
	uint16		purpose;
	uint8		scale;
	uint8		n_parameters;
	uint32		n_slots;
	uint32		n_used;
	int64		parameters[FLEXIBLE_ARRAY_MEMBER];
} Tally;

/* What a group's value or count is: money, in units of 10^-scale, is rescaled with the tally. */
#define TALLY_MONEY_VALUE	(UINT64CONST(1) << 63)
#define TALLY_MONEY_COUNT	(UINT64CONST(1) << 62)

/* The aggregates. The numbers are part of the binary form: never reuse one. */
typedef enum TallyPurpose
{
	TALLY_LATENCY_NORMS = 1,
	TALLY_RFM_SCHEME,
	TALLY_VALUE_TIERS,
	TALLY_MEMBER_SCHEME,
	TALLY_REVENUE_SHARE,
	TALLY_RETENTION,
	TALLY_COHORTS,
	TALLY_BTYD,
	TALLY_SPEND,
	TALLY_BACKTEST,
	TALLY_PURPOSES				/* one behind the last */
} TallyPurpose;

/* Parameters beyond this many are a mistake. */
#define TALLY_MAX_PARAMETERS 32

/* A finished tally: entries in order of (group, value), each pair once, no count zero. */
typedef struct TallyEntries
{
	size_t		n;
	TallyEntry *entries;
} TallyEntries;

/*
 * What is called so where the aggregate is: one parameter or some that follow
 * each other, the first of them, and how they are written.  For the error when
 * it is not the same for all rows.  Lists of them end with a name of NULL.
 */
typedef struct TallyOption
{
	const char *name;
	int			first;
	char	   *(*text) (const int64 *values);
} TallyOption;

extern char *tally_day_text(const int64 *day);

extern Tally *tally_new(TallyPurpose purpose, int n_parameters, const int64 *parameters);
extern Tally *tally_to_change(FunctionCallInfo fcinfo, TallyPurpose purpose,
							  int n_parameters, const int64 *parameters,
							  const TallyOption *options);
extern Tally *tally_add(Tally *tally, uint64 group, int64 value, int64 count);
extern Tally *tally_align_money(Tally *tally, int scale, __int128 *units, int n);
extern Tally *tally_argument(FunctionCallInfo fcinfo, TallyPurpose purpose, int n_parameters);
extern TallyEntries tally_entries(const Tally *tally);
extern void tally_damaged(void) pg_attribute_noreturn();
extern DateADT tally_day_argument(FunctionCallInfo fcinfo, int argument, const char *name);
extern DateADT tally_as_of_argument(FunctionCallInfo fcinfo, int argument);

/* Entries of one group: moves *next behind them. */
static inline TallyEntries
tally_group(const TallyEntries *all, size_t *next)
{
	TallyEntries group = {0, all->entries + *next};

	while (*next < all->n && all->entries[*next].group == group.entries[0].group)
	{
		(*next)++;
		group.n++;
	}
	return group;
}

#endif							/* CRM_TALLY_H */
