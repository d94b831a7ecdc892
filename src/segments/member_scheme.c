/*
 * member_scheme.c
 *	  member_scheme: its bytes, its text and its JSON.
 *
 * An average that is no decimal is printed as what it was: money / visits.
 *
 *	 {spend in year p15 20, p50 85.5, p85 400.25, visits in year p50 2, p85 7,
 *	  visit value in year p50 136/3, visit value in half-year p85 88.9}
 */
#include "postgres.h"

#include "server/compat.h"

#include "segments/members.h"
#include "server/varint.h"
#include "tally/money.h"
#include "utils/builtins.h"

typedef enum ThresholdKind
{
	KIND_SPEND,
	KIND_VISITS,
	KIND_TICKET
} ThresholdKind;

/* How the thresholds are printed: those of one measure stand together, and ascend. */
static const struct
{
	const char *measure;
	const char *percentile;
	ThresholdKind kind;
}			printed[MEMBER_THRESHOLDS] = {
	[SPEND_YEAR_P15] = {"spend in year", "p15", KIND_SPEND},
	[SPEND_YEAR_P50] = {"spend in year", "p50", KIND_SPEND},
	[SPEND_YEAR_P85] = {"spend in year", "p85", KIND_SPEND},
	[VISITS_YEAR_P50] = {"visits in year", "p50", KIND_VISITS},
	[VISITS_YEAR_P85] = {"visits in year", "p85", KIND_VISITS},
	[TICKET_YEAR_P50] = {"visit value in year", "p50", KIND_TICKET},
	[TICKET_HALF_YEAR_P85] = {"visit value in half-year", "p85", KIND_TICKET},
};

static bool
same_measure(int i, int j)
{
	return i >= 0 && j < MEMBER_THRESHOLDS && strcmp(printed[i].measure, printed[j].measure) == 0;
}

/* ---- what every scheme keeps to ---- */

static int64
common_divisor(int64 a, int64 b)
{
	while (b != 0)
	{
		int64		rest = a % b;

		a = b;
		b = rest;
	}
	return a < 0 ? -a : a;
}

/* units * 10^-scale / visits, in lowest terms, so that equal ones are equal bytes. */
MemberThreshold
member_average(int64 units, int scale, int32 visits)
{
	int64		divisor = common_divisor(units, visits);

	return (MemberThreshold) {true, money_reduced(units / divisor, scale), (int32) (visits / divisor)};
}

static bool
threshold_is_valid(const MemberThreshold *threshold, ThresholdKind kind)
{
	const Decimal *amount = &threshold->amount;

	switch (kind)
	{
		case KIND_SPEND:
			return threshold->visits == 1;
		case KIND_VISITS:
			return threshold->visits == 1 && amount->scale == 0 &&
				amount->units > 0 && amount->units <= PG_INT32_MAX;
		default:
			return threshold->visits > 0 && common_divisor(amount->units, threshold->visits) == 1;
	}
}

/* Percentiles of one measure are there together, and ascend. */
bool
member_scheme_is_valid(const MemberScheme *scheme)
{
	for (int i = 0; i < MEMBER_THRESHOLDS; i++)
	{
		const MemberThreshold *threshold = &scheme->threshold[i];

		if (threshold->known && !threshold_is_valid(threshold, printed[i].kind))
			return false;
		if (!same_measure(i - 1, i))
			continue;
		if (threshold[-1].known != threshold->known)
			return false;
		if (threshold->known && money_compare(threshold[-1].amount.units, threshold[-1].amount.scale,
											  threshold->amount.units, threshold->amount.scale) > 0)
			return false;
	}
	return true;
}

/* ---- bytes ---- */

/* A ReferenceLoader. */
void *
member_scheme_load(const uint8 *contents, Size size)
{
	const uint8 *at = contents;
	const uint8 *end = contents + size;
	MemberScheme *scheme = palloc0(sizeof(MemberScheme));
	bool		damaged = size < 1 || *at >> MEMBER_THRESHOLDS != 0;
	uint8		known;

	if (damaged)
		reference_damaged();
	known = *at++;
	for (int i = 0; i < MEMBER_THRESHOLDS; i++)
	{
		MemberThreshold *threshold = &scheme->threshold[i];
		uint64		visits;

		threshold->known = known >> i & 1;
		if (!threshold->known)
			continue;
		threshold->amount = money_get(&at, end, &damaged);
		visits = varint_get(&at, end, &damaged);
		damaged |= visits > PG_INT32_MAX;
		threshold->visits = (int32) visits;
	}
	if (damaged || at != end || !member_scheme_is_valid(scheme))
		reference_damaged();
	return scheme;
}

struct varlena *
member_scheme_seal(const MemberScheme *scheme)
{
	uint8		contents[1 + MEMBER_THRESHOLDS * (MONEY_MAX_SIZE + VARINT_MAX_SIZE)] = {0};
	uint8	   *out = contents + 1;

	for (int i = 0; i < MEMBER_THRESHOLDS; i++)
		if (scheme->threshold[i].known)
		{
			contents[0] |= 1 << i;
			out = money_put(out, scheme->threshold[i].amount);
			out = varint_put(out, scheme->threshold[i].visits);
		}
	return reference_seal(contents, out - contents);
}

CRM_FUNCTION(crm_member_scheme_recv);
Datum
crm_member_scheme_recv(PG_FUNCTION_ARGS)
{
	PG_RETURN_POINTER(member_scheme_seal(reference_receive((StringInfo) PG_GETARG_POINTER(0), member_scheme_load)));
}

/* ---- text and JSON ---- */

CRM_FUNCTION(crm_member_scheme_out);
Datum
crm_member_scheme_out(PG_FUNCTION_ARGS)
{
	MemberScheme *scheme = reference_load(PG_GETARG_VARLENA_PP(0), member_scheme_load);
	StringInfoData out;

	initStringInfo(&out);
	for (int i = 0; i < MEMBER_THRESHOLDS; i++)
	{
		const MemberThreshold *threshold = &scheme->threshold[i];

		if (!threshold->known)
			continue;
		appendStringInfoString(&out, out.len > 0 ? ", " : "{");
		if (!same_measure(i - 1, i))
			appendStringInfo(&out, "%s ", printed[i].measure);
		appendStringInfo(&out, "%s ", printed[i].percentile);
		money_append(&out, threshold->amount);
		if (threshold->visits != 1)
			appendStringInfo(&out, "/%d", threshold->visits);
	}
	appendStringInfoString(&out, out.len > 0 ? "}" : "{}");
	PG_RETURN_CSTRING(out.data);
}

/* Takes the comma or brace and the words before threshold i; false where another one, or none, stands. */
static bool
take_words(TextScanner *scanner, int i, bool first)
{
	const char *start = scanner->at;

	if ((first || text_take(scanner, ",")) &&
		(same_measure(i - 1, i) || text_take(scanner, printed[i].measure)) &&
		text_take(scanner, printed[i].percentile))
		return true;
	scanner->at = start;
	return false;
}

CRM_FUNCTION(crm_member_scheme_in);
Datum
crm_member_scheme_in(PG_FUNCTION_ARGS)
{
	TextScanner scanner = {PG_GETARG_CSTRING(0), PG_GETARG_CSTRING(0), "member_scheme",
	"It is learned by the aggregate member_scheme(h, as_of)."};
	MemberScheme scheme = {0};
	bool		first = true;

	text_expect(&scanner, "{");
	for (int i = 0; i < MEMBER_THRESHOLDS; i++)
	{
		Decimal		amount;
		int64		visits = 1;

		if (!take_words(&scanner, i, first))
			continue;
		amount = money_take(&scanner);
		if (text_take(&scanner, "/"))
			visits = text_take_integer(&scanner, PG_INT32_MAX);
		if (visits == 0)
			text_refuse(&scanner, "Nothing can be divided by no visits.");
		scheme.threshold[i] = member_average(amount.units, amount.scale, (int32) visits);
		first = false;
	}
	text_expect(&scanner, "}");
	text_end(&scanner);
	if (!member_scheme_is_valid(&scheme))
		text_refuse(&scanner, "The percentiles of a measure must all be there, and must not descend.");
	PG_RETURN_POINTER(member_scheme_seal(&scheme));
}

/* {"spend in year": {"p15": 20, "p50": 85.5, "p85": 400.25}, ...}; an average as {"money": 136, "visits": 3}. */
CRM_FUNCTION(crm_member_scheme_to_json);
Datum
crm_member_scheme_to_json(PG_FUNCTION_ARGS)
{
	MemberScheme *scheme = reference_load(PG_GETARG_VARLENA_PP(0), member_scheme_load);
	StringInfoData out;

	initStringInfo(&out);
	for (int i = 0; i < MEMBER_THRESHOLDS; i++)
	{
		const MemberThreshold *threshold = &scheme->threshold[i];
		bool		average = printed[i].kind == KIND_TICKET;

		if (!threshold->known)
			continue;
		appendStringInfoString(&out, out.len > 0 ? ", " : "{");
		if (!same_measure(i - 1, i))
			appendStringInfo(&out, "\"%s\": {", printed[i].measure);
		appendStringInfo(&out, average ? "\"%s\": {\"money\": " : "\"%s\": ", printed[i].percentile);
		money_append(&out, threshold->amount);
		if (average)
			appendStringInfo(&out, ", \"visits\": %d}", threshold->visits);
		if (!same_measure(i, i + 1))
			appendStringInfoChar(&out, '}');
	}
	appendStringInfoString(&out, out.len > 0 ? "}" : "{}");
	PG_RETURN_TEXT_P(cstring_to_text_with_len(out.data, out.len));
}
