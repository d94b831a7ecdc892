/*
 * norms_aggregate.c
 *	  Learning latency_norms: from histories to counts of gaps.
 *
 * The state counts (step, kind of gap, days).  Which steps stand alone is
 * known only at the end, so gaps that the pooled last step would take (a
 * customer's latest few) are counted apart from the older ones.
 */
#include "postgres.h"

#include "server/compat.h"

#include "latency/norms.h"
#include "miscadmin.h"
#include "tally/tally.h"

/* The kinds of gaps, and a step and a kind as one group of the tally. */
typedef enum GapKind
{
	GAP_OLD,					/* completed, too old for the pool */
	GAP_LATEST,					/* completed, one of the customer's latest */
	GAP_OPEN,
	GAP_KINDS
} GapKind;

#define GAP_GROUP(step, kind) (((uint64) (step) << 2) | (kind))
#define GAP_STEP(group) ((group) >> 2)
#define GAP_KIND(group) ((GapKind) ((group) & 3))

CRM_FUNCTION(crm_norms_accumulate);
Datum
crm_norms_accumulate(PG_FUNCTION_ARGS)
{
	int64		as_of = tally_as_of_argument(fcinfo, 2);
	Tally	   *tally = tally_to_change(fcinfo, TALLY_LATENCY_NORMS, 1, &as_of, NULL);
	VisitDays	visits = {0};

	if (!PG_ARGISNULL(1))
		visits = history_visit_days(PG_GETARG_HISTORY(1), (DateADT) as_of);
	for (int32 step = 1; step < visits.n; step++)
	{
		GapKind		kind = visits.n - step < NORMS_POOLED_GAPS ? GAP_LATEST : GAP_OLD;

		CHECK_FOR_INTERRUPTS();
		tally = tally_add(tally, GAP_GROUP(step, kind), visits.days[step] - visits.days[step - 1], 1);
	}
	if (visits.n > 0)
	{
		tally = tally_add(tally, GAP_GROUP(visits.n, GAP_OPEN), as_of - visits.days[visits.n - 1], 1);
		pfree(visits.days);
	}
	PG_RETURN_POINTER(tally);
}

/* A count on its way into a step. */
typedef struct StepCount
{
	int64		step;
	GapCount	count;
} StepCount;

#define ST_SORT sort_counts
#define ST_ELEMENT_TYPE StepCount
#define ST_COMPARE(a, b) \
	((a)->step != (b)->step ? ((a)->step < (b)->step ? -1 : 1) : \
	 (a)->count.day < (b)->count.day ? -1 : (a)->count.day > (b)->count.day)
#define ST_SCOPE static
#define ST_DEFINE
#define ST_CHECK_FOR_INTERRUPTS
#include "lib/sort_template.h"

/* The first step that is pooled: the first after step 1 with too few completed gaps. */
static int64
first_pooled_step(const TallyEntries *all)
{
	int64		completed = 0;
	int64		step = 1;

	for (size_t i = 0; i < all->n; i++)
	{
		int64		here = (int64) GAP_STEP(all->entries[i].group);

		if (here != step)
		{
			if (step > 1 && completed < NORMS_ALONE)
				return step;
			if (here != step + 1)
				tally_damaged();
			step = here;
			completed = 0;
		}
		if (GAP_KIND(all->entries[i].group) != GAP_OPEN &&
			__builtin_add_overflow(completed, all->entries[i].count, &completed))
			tally_damaged();
	}
	return step > 1 && completed < NORMS_ALONE ? step : step + 1;
}

/* The counts that the norms consist of, in order of step and day; *n of them. */
static StepCount *
step_counts(const TallyEntries *all, int64 pooled, size_t *n)
{
	StepCount  *counts = palloc_extended((all->n + 1) * sizeof(StepCount), MCXT_ALLOC_HUGE);

	*n = 0;
	for (size_t i = 0; i < all->n; i++)
	{
		const TallyEntry *entry = &all->entries[i];
		int64		step = (int64) GAP_STEP(entry->group);
		GapKind		kind = GAP_KIND(entry->group);
		bool		open = kind == GAP_OPEN;

		if (step < 1 || kind >= GAP_KINDS || entry->count < 0 ||
			entry->value < !open || entry->value > INT32_MAX)
			tally_damaged();
		if (step >= pooled && kind == GAP_OLD)
			continue;
		counts[*n].step = Min(step, pooled);
		counts[*n].count.day = (int32) entry->value;
		counts[*n].count.returned = open ? 0 : entry->count;
		counts[*n].count.open = open ? entry->count : 0;
		(*n)++;
	}
	sort_counts(counts, *n);
	return counts;
}

/* Adds a count to a step; they come in the order of their days. */
static void
add_count(NormsStep *step, const GapCount *count)
{
	GapCount   *next = &step->counts[step->n_counts];

	if (step->n_counts == 0 || next[-1].day != count->day)
	{
		*next = *count;
		step->n_counts++;
	}
	else if (__builtin_add_overflow(next[-1].returned, count->returned, &next[-1].returned) ||
			 __builtin_add_overflow(next[-1].open, count->open, &next[-1].open))
		tally_damaged();
}

/* One step of the norms from its n counts. */
static void
fill_step(NormsStep *step, const StepCount *counts, size_t n)
{
	step->counts = palloc(n * sizeof(GapCount));
	for (size_t i = 0; i < n; i++)
		add_count(step, &counts[i].count);
	if (!norms_step_is_valid(step->counts, step->n_counts))
		tally_damaged();
}

CRM_FUNCTION(crm_norms_final);
Datum
crm_norms_final(PG_FUNCTION_ARGS)
{
	Norms		norms = {0};
	Tally	   *tally;
	TallyEntries all;
	StepCount  *counts;
	size_t		n;
	int64		pooled;

	if (PG_ARGISNULL(0))
		PG_RETURN_NULL();
	tally = tally_argument(fcinfo, TALLY_LATENCY_NORMS, 1);
	all = tally_entries(tally);
	if (all.n == 0)
		PG_RETURN_NULL();
	pooled = first_pooled_step(&all);
	counts = step_counts(&all, pooled, &n);
	if (n == 0 || counts[0].step != 1 || counts[n - 1].step > NORMS_MAX_STEPS)
		tally_damaged();

	norms.as_of = (DateADT) tally->parameters[0];
	norms.n_steps = (int) counts[n - 1].step;
	norms.pooled = norms.n_steps == pooled;
	norms.steps = palloc0(norms.n_steps * sizeof(NormsStep));
	for (size_t first = 0, end; first < n; first = end)
	{
		CHECK_FOR_INTERRUPTS();
		for (end = first + 1; end < n && counts[end].step == counts[first].step; end++)
			;
		fill_step(&norms.steps[counts[first].step - 1], counts + first, end - first);
	}
	PG_RETURN_POINTER(norms_seal(&norms));
}
