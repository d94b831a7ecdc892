/*
 * norms.c
 *	  latency_norms: its bytes and its text.
 *
 * The text form holds the counts themselves, so that it can be dumped and
 * restored, and reads: per step, day returned/open.
 *
 *	 {as_of 2024-06-30, step 1: 0 0/4, 7 12/1, 9 3/0, steps 2+: 5 8/0, 6 1/2}
 */
#include "postgres.h"

#include "server/compat.h"

#include "latency/norms.h"
#include "server/text_scanner.h"
#include "server/varint.h"
#include "utils/builtins.h"

pg_attribute_noreturn()
static void
norms_damaged(void)
{
	ereport(ERROR,
			(errcode(ERRCODE_INVALID_BINARY_REPRESENTATION),
			 errmsg("latency_norms is damaged"),
			 errhint("Learn it again from the histories: latency_norms(h, as_of).")));
}

/* ---- from counts to curves ---- */

/* What every value of the type keeps to, wherever it came from. */
bool
norms_step_is_valid(const GapCount *counts, size_t n)
{
	int64		customers = 0;

	for (size_t i = 0; i < n; i++)
		if (counts[i].day < (i > 0 ? counts[i - 1].day + 1 : 0) ||
			counts[i].day > NORMS_LONGEST_GAP ||
			counts[i].returned < 0 || counts[i].open < 0 ||
			(counts[i].day == 0 && counts[i].returned > 0) ||
			(counts[i].returned == 0 && counts[i].open == 0) ||
			__builtin_add_overflow(customers, counts[i].returned, &customers) ||
			__builtin_add_overflow(customers, counts[i].open, &customers))
			return false;
	return n > 0;
}

static void
work_out(NormsStep *step)
{
	step->curve.days = palloc_extended(step->n_counts * sizeof(int32), MCXT_ALLOC_HUGE);
	step->curve.surviving = palloc_extended(step->n_counts * sizeof(double), MCXT_ALLOC_HUGE);
	step->curve.remaining = palloc_extended((step->n_counts + 1) * sizeof(double), MCXT_ALLOC_HUGE);
	curve_estimate(&step->curve, step->counts, step->n_counts);
	step->p50 = curve_quantile(&step->curve, 0.5);
	step->p80 = curve_quantile(&step->curve, 0.8);
	step->p95 = curve_quantile(&step->curve, 0.95);
}

/* ---- bytes ---- */

static void
load_step(NormsStep *step, const uint8 **at, const uint8 *end)
{
	bool		damaged = false;
	uint64		points = varint_get(at, end, &damaged);
	uint64		day = 0;

	if (damaged || points > (uint64) (end - *at) / 3)	/* a point has three bytes or more */
		norms_damaged();
	step->n_counts = points;
	step->counts = palloc_extended(points * sizeof(GapCount), MCXT_ALLOC_HUGE);
	for (uint64 i = 0; i < points; i++)
	{
		day += varint_get(at, end, &damaged);
		if (day > INT32_MAX)
			norms_damaged();
		step->counts[i].day = (int32) day;
		step->counts[i].returned = varint_get(at, end, &damaged);
		step->counts[i].open = varint_get(at, end, &damaged);
	}
	if (damaged || !norms_step_is_valid(step->counts, step->n_counts))
		norms_damaged();
	work_out(step);
}

/* A ReferenceLoader. */
void *
norms_load(const uint8 *contents, Size size)
{
	const uint8 *at = contents;
	const uint8 *end = contents + size;
	bool		damaged = false;
	int64		as_of = unzigzag(varint_get(&at, end, &damaged));
	uint64		steps = varint_get(&at, end, &damaged);
	Norms	   *norms = palloc(sizeof(Norms));

	if (damaged || as_of < HISTORY_DAY_BASE || as_of >= HISTORY_DAY_END ||
		steps >> 1 == 0 || steps >> 1 > NORMS_MAX_STEPS || steps >> 1 > (uint64) (end - at) / 4)
		norms_damaged();
	norms->as_of = (DateADT) as_of;
	norms->pooled = steps & 1;
	norms->n_steps = (int) (steps >> 1);
	norms->steps = palloc(norms->n_steps * sizeof(NormsStep));
	for (int i = 0; i < norms->n_steps; i++)
		load_step(&norms->steps[i], &at, end);
	if (at != end || (norms->pooled && norms->n_steps < 2))
		norms_damaged();
	return norms;
}

/* The stored value; of norms only the counts need be there. */
struct varlena *
norms_seal(const Norms *norms)
{
	Size		room = 2 * VARINT_MAX_SIZE;
	uint8	   *contents;
	uint8	   *out;

	for (int i = 0; i < norms->n_steps; i++)
		room += (1 + 3 * norms->steps[i].n_counts) * VARINT_MAX_SIZE;
	contents = palloc_extended(room, MCXT_ALLOC_HUGE);
	out = varint_put(contents, zigzag(norms->as_of));
	out = varint_put(out, (uint64) norms->n_steps << 1 | norms->pooled);
	for (int i = 0; i < norms->n_steps; i++)
	{
		const NormsStep *step = &norms->steps[i];
		int32		day = 0;

		out = varint_put(out, step->n_counts);
		for (size_t k = 0; k < step->n_counts; k++)
		{
			out = varint_put(out, step->counts[k].day - day);
			out = varint_put(out, step->counts[k].returned);
			out = varint_put(out, step->counts[k].open);
			day = step->counts[k].day;
		}
	}
	return reference_seal(contents, out - contents);
}

CRM_FUNCTION(crm_norms_recv);
Datum
crm_norms_recv(PG_FUNCTION_ARGS)
{
	PG_RETURN_POINTER(norms_seal(reference_receive((StringInfo) PG_GETARG_POINTER(0), norms_load)));
}

/* ---- text ---- */

CRM_FUNCTION(crm_norms_out);
Datum
crm_norms_out(PG_FUNCTION_ARGS)
{
	Norms	   *norms = reference_load(PG_GETARG_VARLENA_PP(0), norms_load);
	StringInfoData out;

	initStringInfo(&out);
	appendStringInfoString(&out, "{as_of ");
	text_append_day(&out, norms->as_of);
	for (int i = 0; i < norms->n_steps; i++)
	{
		const NormsStep *step = &norms->steps[i];

		appendStringInfo(&out, norms->pooled && i == norms->n_steps - 1 ? ", steps %d+:" : ", step %d:", i + 1);
		for (size_t k = 0; k < step->n_counts; k++)
			appendStringInfo(&out, "%s %d " INT64_FORMAT "/" INT64_FORMAT, k > 0 ? "," : "",
							 step->counts[k].day, step->counts[k].returned, step->counts[k].open);
	}
	appendStringInfoChar(&out, '}');
	PG_RETURN_CSTRING(out.data);
}

/* Reads the counts of one step: day returned/open, ... up to a word or the end. */
static void
parse_counts(TextScanner *scanner, NormsStep *step)
{
	size_t		room = 16;

	step->n_counts = 0;
	step->counts = palloc(room * sizeof(GapCount));
	do
	{
		GapCount   *count;

		if (step->n_counts == room)
			step->counts = repalloc_huge(step->counts, (room *= 2) * sizeof(GapCount));
		count = &step->counts[step->n_counts++];
		count->day = (int32) text_take_integer(scanner, INT32_MAX);
		count->returned = text_take_integer(scanner, PG_INT64_MAX);
		text_expect(scanner, "/");
		count->open = text_take_integer(scanner, PG_INT64_MAX);
	} while (!text_at(scanner, ", step") && text_take(scanner, ","));
	if (!norms_step_is_valid(step->counts, step->n_counts))
		text_refuse(scanner, "Days must ascend, and every count must be of somebody.");
}

CRM_FUNCTION(crm_norms_in);
Datum
crm_norms_in(PG_FUNCTION_ARGS)
{
	TextScanner scanner = {PG_GETARG_CSTRING(0), PG_GETARG_CSTRING(0), "latency_norms",
	"It is learned by the aggregate latency_norms(h, as_of)."};
	Norms		norms = {0};
	int			room = 8;

	norms.steps = palloc(room * sizeof(NormsStep));
	text_expect(&scanner, "{");
	text_expect(&scanner, "as_of ");
	norms.as_of = text_take_day(&scanner);
	while (!norms.pooled && text_take(&scanner, ","))
	{
		bool		pooled;

		if (norms.n_steps == room)
			norms.steps = repalloc_huge(norms.steps, (room *= 2) * sizeof(NormsStep));
		pooled = text_take(&scanner, "steps ");
		if (!pooled)
			text_expect(&scanner, "step ");
		if (text_take_integer(&scanner, NORMS_MAX_STEPS) != norms.n_steps + 1 || (pooled && norms.n_steps == 0))
			text_refuse(&scanner, "Steps are numbered from 1, and the first is never pooled.");
		if (pooled)
			text_expect(&scanner, "+");
		text_expect(&scanner, ":");
		norms.pooled = pooled;
		parse_counts(&scanner, &norms.steps[norms.n_steps++]);
	}
	text_expect(&scanner, "}");
	text_end(&scanner);
	if (norms.n_steps == 0)
		text_refuse(&scanner, "There must be a step 1.");
	PG_RETURN_POINTER(norms_seal(&norms));
}
