/*
 * scheme.c
 *	  rfm_scheme: its bytes, its text and its JSON, and scoring by it.
 *
 * The text form names the scores that nobody can have, because a cut point
 * that falls on many equal values takes their whole bucket:
 *
 *	 {5 buckets, recency 12 30 61 144, frequency 1 1 1 3 (no score 2, 3), money 9.5 20 41.25 80}
 */
#include "postgres.h"

#include "server/compat.h"

#include "access/htup_details.h"
#include "catalog/pg_type.h"
#include "funcapi.h"
#include "rfm/scheme.h"
#include "server/text_scanner.h"
#include "tally/money.h"
#include "utils/array.h"
#include "utils/builtins.h"
#include "utils/lsyscache.h"
#include "utils/memutils.h"

const char *const rfm_axis_names[AXES_MAX] = {"recency", "frequency", "money"};

/* ---- what every scheme keeps to ---- */

static bool
cut_is_valid(const RfmScheme *scheme, int axis, int i)
{
	const Decimal *cut = &scheme->cut[axis][i];

	if (axis != MONEY && (cut->scale != 0 || cut->units < 0 || cut->units > PG_INT32_MAX))
		return false;
	return i == 0 || money_compare(cut[-1].units, cut[-1].scale, cut->units, cut->scale) <= 0;
}

static bool
scheme_is_valid(const RfmScheme *scheme)
{
	for (int axis = 0; axis < scheme->axes; axis++)
		for (int i = 0; i < scheme->buckets - 1; i++)
			if (!cut_is_valid(scheme, axis, i))
				return false;
	return true;
}

/* Whether no value can score so: the two cut points around it are the same. */
static bool
has_collapsed(const RfmScheme *scheme, RfmAxis axis, int score)
{
	int			below = rfm_cuts_below(scheme, axis, score);
	const Decimal *cut = scheme->cut[axis];

	return below > 0 && below < scheme->buckets - 1 &&
		cut[below - 1].units == cut[below].units && cut[below - 1].scale == cut[below].scale;
}

/* ---- bytes ---- */

/* A ReferenceLoader. */
void *
rfm_scheme_load(const uint8 *contents, Size size)
{
	const uint8 *at = contents;
	const uint8 *end = contents + size;
	RfmScheme  *scheme = palloc0(sizeof(RfmScheme));
	bool		damaged = false;

	if (size < 2)
		reference_damaged();
	scheme->buckets = *at++;
	scheme->axes = *at++;
	if (scheme->buckets < BUCKETS_MIN || scheme->buckets > SCORE_MAX ||
		scheme->axes < MONEY || scheme->axes > AXES_MAX)
		reference_damaged();
	for (int axis = 0; axis < scheme->axes; axis++)
		for (int i = 0; i < scheme->buckets - 1; i++)
			scheme->cut[axis][i] = money_get(&at, end, &damaged);
	if (damaged || at != end || !scheme_is_valid(scheme))
		reference_damaged();
	return scheme;
}

struct varlena *
rfm_scheme_seal(const RfmScheme *scheme)
{
	uint8		contents[2 + AXES_MAX * (SCORE_MAX - 1) * MONEY_MAX_SIZE];
	uint8	   *out = contents;

	if (!scheme_is_valid(scheme))
		reference_damaged();
	*out++ = (uint8) scheme->buckets;
	*out++ = (uint8) scheme->axes;
	for (int axis = 0; axis < scheme->axes; axis++)
		for (int i = 0; i < scheme->buckets - 1; i++)
			out = money_put(out, scheme->cut[axis][i]);
	return reference_seal(contents, out - contents);
}

CRM_FUNCTION(crm_rfm_scheme_recv);
Datum
crm_rfm_scheme_recv(PG_FUNCTION_ARGS)
{
	PG_RETURN_POINTER(rfm_scheme_seal(reference_receive((StringInfo) PG_GETARG_POINTER(0), rfm_scheme_load)));
}

/* ---- text and JSON ---- */

void
rfm_scheme_append_cuts(StringInfo out, const RfmScheme *scheme, int axis, const char *separator)
{
	for (int i = 0; i < scheme->buckets - 1; i++)
	{
		appendStringInfoString(out, i > 0 ? separator : "");
		money_append(out, scheme->cut[axis][i]);
	}
}

/* "1, 2", or nothing where all scores can occur. */
static char *
collapsed_scores(const RfmScheme *scheme, int axis)
{
	StringInfoData out;

	initStringInfo(&out);
	for (int score = 1; score <= scheme->buckets; score++)
		if (has_collapsed(scheme, axis, score))
			appendStringInfo(&out, "%s%d", out.len > 0 ? ", " : "", score);
	return out.data;
}

CRM_FUNCTION(crm_rfm_scheme_out);
Datum
crm_rfm_scheme_out(PG_FUNCTION_ARGS)
{
	RfmScheme  *scheme = reference_load(PG_GETARG_VARLENA_PP(0), rfm_scheme_load);
	StringInfoData out;

	initStringInfo(&out);
	appendStringInfo(&out, "{%d buckets", scheme->buckets);
	for (int axis = 0; axis < scheme->axes; axis++)
	{
		char	   *collapsed = collapsed_scores(scheme, axis);

		appendStringInfo(&out, ", %s ", rfm_axis_names[axis]);
		rfm_scheme_append_cuts(&out, scheme, axis, " ");
		if (*collapsed != '\0')
			appendStringInfo(&out, " (no score %s)", collapsed);
	}
	appendStringInfoChar(&out, '}');
	PG_RETURN_CSTRING(out.data);
}

/* What is said about collapsed scores may be left out, but not be wrong. */
static void
take_collapsed(TextScanner *scanner, const RfmScheme *scheme, int axis)
{
	if (!text_take(scanner, "(no score "))
		return;
	if (!text_take(scanner, psprintf("%s)", collapsed_scores(scheme, axis))))
		text_refuse(scanner, "The cut points say otherwise.");
}

CRM_FUNCTION(crm_rfm_scheme_in);
Datum
crm_rfm_scheme_in(PG_FUNCTION_ARGS)
{
	TextScanner scanner = {PG_GETARG_CSTRING(0), PG_GETARG_CSTRING(0), "rfm_scheme",
		"A scheme looks like {3 buckets, recency 30 90, frequency 1 4, money 20 99.50}; "
	"rfm_scheme(h, as_of) learns one, rfm_scheme_from makes one of cut points."};
	RfmScheme	scheme = {0};

	text_expect(&scanner, "{");
	scheme.buckets = (int) text_take_integer(&scanner, SCORE_MAX);
	if (scheme.buckets < BUCKETS_MIN)
		text_refuse(&scanner, "There must be two buckets or more.");
	text_expect(&scanner, "buckets");
	while (scheme.axes < AXES_MAX && text_take(&scanner, ","))
	{
		text_expect(&scanner, rfm_axis_names[scheme.axes]);
		for (int i = 0; i < scheme.buckets - 1; i++)
		{
			scheme.cut[scheme.axes][i] = money_take(&scanner);
			if (!cut_is_valid(&scheme, scheme.axes, i))
				text_refuse(&scanner, "Cut points must not descend; those of recency and frequency are whole numbers from 0.");
		}
		take_collapsed(&scanner, &scheme, scheme.axes++);
	}
	text_expect(&scanner, "}");
	text_end(&scanner);
	if (scheme.axes < MONEY)
		text_refuse(&scanner, "Recency and frequency are needed.");
	PG_RETURN_POINTER(rfm_scheme_seal(&scheme));
}

CRM_FUNCTION(crm_rfm_scheme_to_json);
Datum
crm_rfm_scheme_to_json(PG_FUNCTION_ARGS)
{
	RfmScheme  *scheme = reference_load(PG_GETARG_VARLENA_PP(0), rfm_scheme_load);
	StringInfoData out;

	initStringInfo(&out);
	appendStringInfo(&out, "{\"buckets\": %d", scheme->buckets);
	for (int axis = 0; axis < scheme->axes; axis++)
	{
		appendStringInfo(&out, ", \"%s\": {\"cuts\": [", rfm_axis_names[axis]);
		rfm_scheme_append_cuts(&out, scheme, axis, ", ");
		appendStringInfo(&out, "], \"collapsed\": [%s]}", collapsed_scores(scheme, axis));
	}
	if (scheme->axes < AXES_MAX)
		appendStringInfo(&out, ", \"%s\": null", rfm_axis_names[MONEY]);
	appendStringInfoChar(&out, '}');
	PG_RETURN_TEXT_P(cstring_to_text_with_len(out.data, out.len));
}

/* ---- by hand ---- */

/* The elements of an array of cut points, none of them NULL. */
static int
cut_elements(ArrayType *array, Oid type, const char *name, Datum **elements)
{
	int			n;
	int16		length;
	bool		by_value;
	char		alignment;

	get_typlenbyvalalign(type, &length, &by_value, &alignment);
	if (ARR_NDIM(array) > 1 || array_contains_nulls(array))
		ereport(ERROR,
				(errcode(ERRCODE_NULL_VALUE_NOT_ALLOWED),
				 errmsg("%s must be a plain list of cut points without nulls", name),
				 errhint("For example rfm_scheme_from('{30, 90}', '{1, 4}', '{20, 99.50}').")));
	deconstruct_array(array, type, length, by_value, alignment, elements, NULL, &n);
	return n;
}

/* Adds one axis; the first one says how many buckets there are. */
static void
take_axis(RfmScheme *scheme, ArrayType *array)
{
	const char *name = rfm_axis_names[scheme->axes];
	Datum	   *elements;
	int			n = cut_elements(array, scheme->axes == MONEY ? NUMERICOID : INT4OID, name, &elements);

	if (scheme->axes == 0)
		scheme->buckets = n + 1;
	if (n + 1 < BUCKETS_MIN || n + 1 > SCORE_MAX)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("%s must have %d to %d cut points, not %d", name, BUCKETS_MIN - 1, SCORE_MAX - 1, n),
				 errhint("There is one less than there are buckets, for example rfm_scheme_from('{30, 90}', '{1, 4}', '{20, 99.50}').")));
	if (n + 1 != scheme->buckets)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("%s has %d cut points, but %s has %d", name, n,
						rfm_axis_names[RECENCY], scheme->buckets - 1),
				 errhint("For example rfm_scheme_from('{30, 90}', '{1, 4}', '{20, 99.50}').")));
	for (int i = 0; i < n; i++)
	{
		scheme->cut[scheme->axes][i] = scheme->axes == MONEY ? money_from_numeric(elements[i], "cut point") :
			(Decimal) {DatumGetInt32(elements[i]), 0};
		if (!cut_is_valid(scheme, scheme->axes, i))
			ereport(ERROR,
					(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
					 errmsg("cut points of %s must not descend%s", name,
							scheme->axes == MONEY ? "" : " or be negative"),
					 errhint("The smallest comes first, also of recency, where few days score best.")));
	}
	scheme->axes++;
}

/* rfm_scheme_from(recency int[], frequency int[], money numeric[]); without money where that is NULL. */
CRM_FUNCTION(crm_rfm_scheme_from);
Datum
crm_rfm_scheme_from(PG_FUNCTION_ARGS)
{
	RfmScheme	scheme = {0};

	if (PG_ARGISNULL(RECENCY) || PG_ARGISNULL(FREQUENCY))
		PG_RETURN_NULL();
	take_axis(&scheme, PG_GETARG_ARRAYTYPE_P(RECENCY));
	take_axis(&scheme, PG_GETARG_ARRAYTYPE_P(FREQUENCY));
	if (!PG_ARGISNULL(MONEY))
		take_axis(&scheme, PG_GETARG_ARRAYTYPE_P(MONEY));
	PG_RETURN_POINTER(rfm_scheme_seal(&scheme));
}

/* ---- scoring ---- */

static int
score_on(const RfmScheme *scheme, RfmAxis axis, __int128 units, int scale)
{
	const Decimal *cut = scheme->cut[axis];
	int			below = 0;

	while (below < scheme->buckets - 1 &&
		   money_compare(cut[below].units, cut[below].scale, units, scale) < 0)
		below++;
	return axis == RECENCY ? scheme->buckets - below : 1 + below;
}

/* The scores of a customer whose history up to as_of is summed up, with a visit. */
RfmScore
rfm_scheme_score(const RfmScheme *scheme, const HistorySummary *summary, DateADT as_of)
{
	RfmScore	score = {{SCORE_UNKNOWN, SCORE_UNKNOWN, SCORE_UNKNOWN}};

	score.axis[RECENCY] = score_on(scheme, RECENCY, as_of - summary->last_visit, 0);
	score.axis[FREQUENCY] = score_on(scheme, FREQUENCY, summary->visits, 0);
	if (summary->has_money && scheme->axes > MONEY)
		score.axis[MONEY] = score_on(scheme, MONEY, summary->money, summary->scale);
	return score;
}

/*
 * A row of rfm_score, as rfm.sql declares it.  Its three columns never change,
 * so they are described once a session; only the type's number is looked up.
 */
static Datum
score_row(FunctionCallInfo fcinfo, RfmScore score)
{
	static TupleDesc columns = NULL;
	Datum		values[AXES_MAX];
	bool		nulls[AXES_MAX];
	HeapTuple	tuple;

	if (columns == NULL)
	{
		MemoryContext caller = MemoryContextSwitchTo(TopMemoryContext);
		TupleDesc	made = CreateTemplateTupleDesc(AXES_MAX);

		for (int axis = 0; axis < AXES_MAX; axis++)
			TupleDescInitEntry(made, axis + 1, rfm_axis_names[axis], INT2OID, -1, 0);
		columns = made;
		MemoryContextSwitchTo(caller);
	}
	for (int axis = 0; axis < AXES_MAX; axis++)
	{
		values[axis] = Int16GetDatum((int16) score.axis[axis]);
		nulls[axis] = score.axis[axis] == SCORE_UNKNOWN;
	}
	tuple = heap_form_tuple(columns, values, nulls);
	HeapTupleHeaderSetTypeId(tuple->t_data, get_func_rettype(fcinfo->flinfo->fn_oid));
	HeapTupleHeaderSetTypMod(tuple->t_data, -1);
	HeapTupleHeaderSetDatumLength(tuple->t_data, tuple->t_len);
	PG_RETURN_HEAPTUPLEHEADER(tuple->t_data);
}

/* rfm(h, scheme, as_of) */
CRM_FUNCTION(crm_rfm);
Datum
crm_rfm(PG_FUNCTION_ARGS)
{
	DateADT		as_of = check_as_of(PG_GETARG_DATEADT(2));
	RfmScheme  *scheme = reference_argument(fcinfo, 1, rfm_scheme_load);
	HistorySummary summary = history_summary(PG_GETARG_HISTORY(0), DATEVAL_NOBEGIN, as_of);

	if (summary.visits == 0)
		PG_RETURN_NULL();
	return score_row(fcinfo, rfm_scheme_score(scheme, &summary, as_of));
}
