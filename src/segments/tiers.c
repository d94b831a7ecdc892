/*
 * tiers.c
 *	  value_tiers: learning it, its bytes, its text and its JSON, and the tier
 *	  of a customer.
 *
 *	 {top 0.01 above 1840.5, top 0.05 above 912, top 0.2 above 310.25}
 */
#include "postgres.h"

#include "server/compat.h"

#include "catalog/pg_type.h"
#include "common/shortest_dec.h"
#include "lib/stringinfo.h"
#include "port/pg_bswap.h"
#include "segments/tiers.h"
#include "server/text_scanner.h"
#include "tally/money.h"
#include "tally/percentile.h"
#include "utils/array.h"
#include "utils/builtins.h"
#include "utils/float.h"
#include "utils/fmgroids.h"

/* The parameters of the tally: all have room, so that their number is constant. */
enum
{
	PARAMETER_AS_OF,
	PARAMETER_TIERS,
	PARAMETER_SHARES,
	PARAMETERS = PARAMETER_SHARES + TIERS_MAX
};

StaticAssertDecl(PARAMETERS <= TALLY_MAX_PARAMETERS, "all shares are parameters");

/* The group of the tally. */
#define SPEND (1 | TALLY_MONEY_VALUE)

/* ---- what all tiers keep to ---- */

static bool
share_is_valid(const double *share, int i)
{
	return share[i] > (i > 0 ? share[i - 1] : 0) && share[i] < 1;
}

static bool
cut_is_valid(const Decimal *cut, int i)
{
	return i == 0 || money_compare(cut[i].units, cut[i].scale, cut[i - 1].units, cut[i - 1].scale) <= 0;
}

/* ---- bytes ---- */

/* A ReferenceLoader. */
void *
value_tiers_load(const uint8 *contents, Size size)
{
	const uint8 *at = contents;
	const uint8 *end = contents + size;
	ValueTiers *tiers = palloc0(sizeof(ValueTiers));
	bool		damaged = size < 1 || *at < 1 || *at > TIERS_MAX;

	if (damaged)
		reference_damaged();
	tiers->n = *at++;
	for (int i = 0; i < tiers->n; i++)
	{
		uint64		bits;

		if (end - at < sizeof(bits))
			reference_damaged();
		memcpy(&bits, at, sizeof(bits));
		bits = pg_ntoh64(bits);
		memcpy(&tiers->share[i], &bits, sizeof(bits));
		at += sizeof(bits);
		tiers->cut[i] = money_get(&at, end, &damaged);
		if (damaged || !share_is_valid(tiers->share, i) || !cut_is_valid(tiers->cut, i))
			reference_damaged();
	}
	if (at != end)
		reference_damaged();
	return tiers;
}

static struct varlena *
value_tiers_seal(const ValueTiers *tiers)
{
	uint8		contents[1 + TIERS_MAX * (sizeof(uint64) + MONEY_MAX_SIZE)];
	uint8	   *out = contents;

	*out++ = (uint8) tiers->n;
	for (int i = 0; i < tiers->n; i++)
	{
		uint64		bits;

		memcpy(&bits, &tiers->share[i], sizeof(bits));
		bits = pg_hton64(bits);
		memcpy(out, &bits, sizeof(bits));
		out = money_put(out + sizeof(bits), tiers->cut[i]);
	}
	return reference_seal(contents, out - contents);
}

CRM_FUNCTION(crm_value_tiers_recv);
Datum
crm_value_tiers_recv(PG_FUNCTION_ARGS)
{
	PG_RETURN_POINTER(value_tiers_seal(reference_receive((StringInfo) PG_GETARG_POINTER(0), value_tiers_load)));
}

/* ---- text and JSON ---- */

static void
append_share(StringInfo out, double share)
{
	char		text[DOUBLE_SHORTEST_DECIMAL_LEN];

	double_to_shortest_decimal_buf(share, text);
	appendStringInfoString(out, text);
}

CRM_FUNCTION(crm_value_tiers_out);
Datum
crm_value_tiers_out(PG_FUNCTION_ARGS)
{
	ValueTiers *tiers = reference_load(PG_GETARG_VARLENA_PP(0), value_tiers_load);
	StringInfoData out;

	initStringInfo(&out);
	for (int i = 0; i < tiers->n; i++)
	{
		appendStringInfoString(&out, i > 0 ? ", top " : "{top ");
		append_share(&out, tiers->share[i]);
		appendStringInfoString(&out, " above ");
		money_append(&out, tiers->cut[i]);
	}
	appendStringInfoChar(&out, '}');
	PG_RETURN_CSTRING(out.data);
}

CRM_FUNCTION(crm_value_tiers_in);
Datum
crm_value_tiers_in(PG_FUNCTION_ARGS)
{
	TextScanner scanner = {PG_GETARG_CSTRING(0), PG_GETARG_CSTRING(0), "value_tiers",
		"Tiers look like {top 0.05 above 912, top 0.2 above 310.25}; "
	"value_tiers(h, as_of, '{0.05, 0.2}') learns them."};
	ValueTiers	tiers = {0};

	text_expect(&scanner, "{");
	do
	{
		if (tiers.n == TIERS_MAX)
			text_refuse(&scanner, psprintf("There are at most %d shares.", TIERS_MAX));
		text_expect(&scanner, "top ");
		tiers.share[tiers.n] = text_take_double(&scanner);
		if (!share_is_valid(tiers.share, tiers.n))
			text_refuse(&scanner, "Shares must ascend between 0 and 1.");
		text_expect(&scanner, "above ");
		tiers.cut[tiers.n] = money_take(&scanner);
		if (!cut_is_valid(tiers.cut, tiers.n))
			text_refuse(&scanner, "Amounts must not ascend.");
		tiers.n++;
	} while (text_take(&scanner, ","));
	text_expect(&scanner, "}");
	text_end(&scanner);
	PG_RETURN_POINTER(value_tiers_seal(&tiers));
}

/* [{"tier": 1, "share": 0.01, "above": 1840.5}, ...] */
CRM_FUNCTION(crm_value_tiers_to_json);
Datum
crm_value_tiers_to_json(PG_FUNCTION_ARGS)
{
	ValueTiers *tiers = reference_load(PG_GETARG_VARLENA_PP(0), value_tiers_load);
	StringInfoData out;

	initStringInfo(&out);
	for (int i = 0; i < tiers->n; i++)
	{
		appendStringInfo(&out, "%s{\"tier\": %d, \"share\": ", i > 0 ? ", " : "[", i + 1);
		append_share(&out, tiers->share[i]);
		appendStringInfoString(&out, ", \"above\": ");
		money_append(&out, tiers->cut[i]);
		appendStringInfoChar(&out, '}');
	}
	appendStringInfoChar(&out, ']');
	PG_RETURN_TEXT_P(cstring_to_text_with_len(out.data, out.len));
}

/* ---- the aggregate ---- */

/* The shares as parameters of the tally. */
static void
take_shares(FunctionCallInfo fcinfo, int argument, int64 *parameters)
{
	ArrayType  *array;
	Datum	   *elements = NULL;
	int			n = 0;
	double		shares[TIERS_MAX];
	bool		valid;

	if (PG_ARGISNULL(argument))
		ereport(ERROR,
				(errcode(ERRCODE_NULL_VALUE_NOT_ALLOWED),
				 errmsg("shares must not be null"),
				 errhint("For example value_tiers(h, as_of, '{0.01, 0.05, 0.20}').")));
	array = PG_GETARG_ARRAYTYPE_P(argument);
	valid = ARR_NDIM(array) == 1 && !array_contains_nulls(array);
	if (valid)
		deconstruct_array(array, FLOAT8OID, sizeof(float8), FLOAT8PASSBYVAL, TYPALIGN_DOUBLE,
						  &elements, NULL, &n);
	valid = valid && n > 0 && n <= TIERS_MAX;
	for (int i = 0; valid && i < n; i++)
	{
		shares[i] = DatumGetFloat8(elements[i]);
		valid = share_is_valid(shares, i);
	}
	if (!valid)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("shares must be 1 to %d ascending numbers between 0 and 1, not %s", TIERS_MAX,
						OidOutputFunctionCall(F_ARRAY_OUT, PointerGetDatum(array))),
				 errhint("value_tiers(h, as_of, '{0.01, 0.05, 0.20}') gives four tiers: the best 1 %%, the next 4 %%, 15 %%, and the rest.")));
	parameters[PARAMETER_TIERS] = n;
	memcpy(&parameters[PARAMETER_SHARES], shares, n * sizeof(double));
}

static char *
shares_text(const int64 *tiers)
{
	double		share[TIERS_MAX];
	StringInfoData out;

	memcpy(share, &tiers[PARAMETER_SHARES - PARAMETER_TIERS], sizeof(share));
	initStringInfo(&out);
	for (int i = 0; i < *tiers && i < TIERS_MAX; i++)
		appendStringInfo(&out, "%c%s", i == 0 ? '{' : ',', float8out_internal(share[i]));
	appendStringInfoChar(&out, '}');
	return out.data;
}

static const TallyOption options[] = {{"shares", PARAMETER_TIERS, shares_text}, {NULL}};

/* (state, history, as_of, shares) */
CRM_FUNCTION(crm_value_tiers_accum);
Datum
crm_value_tiers_accum(PG_FUNCTION_ARGS)
{
	DateADT		as_of = tally_as_of_argument(fcinfo, 2);
	int64		parameters[PARAMETERS] = {as_of};
	Tally	   *tally;
	HistorySummary summary = {0};

	take_shares(fcinfo, 3, parameters);
	tally = tally_to_change(fcinfo, TALLY_VALUE_TIERS, PARAMETERS, parameters, options);
	if (!PG_ARGISNULL(1))
		summary = history_summary(PG_GETARG_HISTORY(1), DATEVAL_NOBEGIN, as_of);
	if (summary.visits > 0 && summary.has_money)
	{
		tally = tally_align_money(tally, summary.scale, &summary.money, 1);
		tally = tally_add(tally, SPEND, (int64) summary.money, 1);
	}
	PG_RETURN_POINTER(tally);
}

CRM_FUNCTION(crm_value_tiers_final);
Datum
crm_value_tiers_final(PG_FUNCTION_ARGS)
{
	Tally	   *tally;
	TallyEntries all;
	TallyEntries spend;
	ValueTiers	tiers = {0};

	if (PG_ARGISNULL(0))
		PG_RETURN_NULL();
	tally = tally_argument(fcinfo, TALLY_VALUE_TIERS, PARAMETERS);
	all = tally_entries(tally);
	spend = tally_find_group(&all, SPEND);
	if (spend.n == 0)
		PG_RETURN_NULL();
	if (tally->parameters[PARAMETER_TIERS] < 1 || tally->parameters[PARAMETER_TIERS] > TIERS_MAX)
		tally_damaged();
	tiers.n = (int) tally->parameters[PARAMETER_TIERS];
	memcpy(tiers.share, &tally->parameters[PARAMETER_SHARES], tiers.n * sizeof(double));
	for (int i = 0; i < tiers.n; i++)
	{
		if (!share_is_valid(tiers.share, i))
			tally_damaged();
		tiers.cut[i] = money_reduced(tally_percentile(spend, 1 - tiers.share[i]), tally->scale);
	}
	PG_RETURN_POINTER(value_tiers_seal(&tiers));
}

/* ---- a customer's tier ---- */

/* 1 + the number of cut points at or above the spend; 0 where it is unknown. */
int
value_tier_of(const ValueTiers *tiers, const HistorySummary *summary)
{
	int			tier = 1;

	if (summary->visits == 0 || !summary->has_money)
		return 0;
	while (tier <= tiers->n &&
		   money_compare(summary->money, summary->scale,
						 tiers->cut[tier - 1].units, tiers->cut[tier - 1].scale) <= 0)
		tier++;
	return tier;
}

/* value_tier(h, tiers, as_of) */
CRM_FUNCTION(crm_value_tier);
Datum
crm_value_tier(PG_FUNCTION_ARGS)
{
	DateADT		as_of = check_as_of(PG_GETARG_DATEADT(2));
	ValueTiers *tiers = reference_argument(fcinfo, 1, value_tiers_load);
	HistorySummary summary = history_summary(PG_GETARG_HISTORY(0), DATEVAL_NOBEGIN, as_of);
	int			tier = value_tier_of(tiers, &summary);

	if (tier == 0)
		PG_RETURN_NULL();
	PG_RETURN_INT32(tier);
}
