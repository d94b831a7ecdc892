/*
 * money.c
 *	  Amounts that a reference keeps (see money.h).
 */
#include "postgres.h"

#include "server/compat.h"

#include "server/varint.h"
#include "tally/money.h"
#include "utils/fmgrprotos.h"

/* Beyond whatever a history's money can sum up to, and ten times that still fits. */
#define OUT_OF_REACH ((__int128) DECIMAL_LIMIT * DECIMAL_LIMIT)

/* Refines units to a scale, as far as that can change a comparison. */
static __int128
refined(__int128 units, int from_scale, int to_scale)
{
	for (; from_scale < to_scale && units > -OUT_OF_REACH && units < OUT_OF_REACH; from_scale++)
		units *= 10;
	return units;
}

/* a / 10^a_scale against b / 10^b_scale: negative, 0 or positive. */
int
money_compare(__int128 a, int a_scale, __int128 b, int b_scale)
{
	a = refined(a, a_scale, b_scale);
	b = refined(b, b_scale, a_scale);
	return (a > b) - (a < b);
}

/* units / 10^scale with the smallest scale. */
Decimal
money_reduced(int64 units, int scale)
{
	if (units == 0)
		scale = 0;
	for (; scale > 0 && units % 10 == 0; scale--)
		units /= 10;
	return (Decimal) {units, scale};
}

Decimal
money_from_numeric(Datum amount, const char *what)
{
	struct varlena *bytes = PG_DETOAST_DATUM_PACKED(amount);
	Decimal		result;

	if (decimal_from_numeric(VARDATA_ANY(bytes), VARSIZE_ANY_EXHDR(bytes), 0, &result) != DECIMAL_OK)
		ereport(ERROR,
				(errcode(ERRCODE_NUMERIC_VALUE_OUT_OF_RANGE),
				 errmsg("%s must be a finite amount of at most %d significant digits, not %s",
						what, DECIMAL_DIGITS, DatumGetCString(DirectFunctionCall1(numeric_out, amount)))));
	return money_reduced(result.units, result.scale);
}

uint8 *
money_put(uint8 *out, Decimal amount)
{
	out = varint_put(out, zigzag(amount.units));
	*out++ = (uint8) amount.scale;
	return out;
}

/* Sets *damaged at whatever money_put does not write. */
Decimal
money_get(const uint8 **at, const uint8 *end, bool *damaged)
{
	Decimal		amount = {0};

	amount.units = unzigzag(varint_get(at, end, damaged));
	if (*at >= end)
		*damaged = true;
	else
		amount.scale = *(*at)++;
	if (amount.units <= -DECIMAL_LIMIT || amount.units >= DECIMAL_LIMIT ||
		amount.scale > DECIMAL_MAX_SCALE || money_reduced(amount.units, amount.scale).scale != amount.scale)
		*damaged = true;
	return amount;
}

void
money_append(StringInfo out, Decimal amount)
{
	char		text[DECIMAL_TEXT_SIZE];

	decimal_to_text(amount.units, amount.scale, text);
	appendStringInfoString(out, text);
}

Decimal
money_take(TextScanner *scanner)
{
	Decimal		amount;

	text_at(scanner, "");		/* only skips space */
	if (decimal_from_text(&scanner->at, &amount) != DECIMAL_OK)
		text_refuse(scanner, "An amount of at most 18 significant digits is expected.");
	return money_reduced(amount.units, amount.scale);
}
