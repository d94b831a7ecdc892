/*
 * retention.c
 *	  Customer lifetime value by retention, the textbook sum, in the server's
 *	  numeric: money to the last digit, and no sum that overflows a double.
 *
 * With R the revenue of the periods, rho the retention and d the discount,
 *
 *	Σ R[t + 1] · (rho / (1+d))^t,	t = 0, 1, ...
 *
 * The revenues listed are summed by Horner's scheme from the last; that one
 * repeats, so that behind them stands a geometric sum in closed form.
 */
#include "postgres.h"

#include "server/compat.h"

#include <math.h>

#include "catalog/pg_type.h"
#include "common/shortest_dec.h"
#include "miscadmin.h"
#include "utils/array.h"
#include "utils/builtins.h"
#include "utils/float.h"
#include "utils/fmgrprotos.h"
#include "utils/numeric.h"

/*
 * Results have so many decimals, or as many as the revenues where these have
 * more; so many more are carried, which leaves the last of the result exact
 * below 10^24: 10^10 periods lose ten of the 34 digits between.
 */
#define RESULT_DECIMALS 16
#define CARRIED_DECIMALS 50

/* ---- the arguments ---- */

typedef struct Revenues
{
	int			n;
	Datum	   *amount;			/* numeric */
	int			decimals;		/* of the one that has most */
} Revenues;

/* NULL members are refused, and what is no number. */
static Revenues
revenues_argument(ArrayType *array)
{
	Revenues	revenues = {0};
	bool	   *nulls;

	deconstruct_array(array, NUMERICOID, -1, false, TYPALIGN_INT, &revenues.amount, &nulls, &revenues.n);
	for (int i = 0; i < revenues.n; i++)
	{
		Numeric		amount;

		if (nulls[i])
			ereport(ERROR,
					(errcode(ERRCODE_NULL_VALUE_NOT_ALLOWED),
					 errmsg("revenue of period %d must not be null", i + 1),
					 errhint("Write 0 for a period without revenue.")));
		amount = DatumGetNumeric(revenues.amount[i]);
		if (numeric_is_nan(amount) || numeric_is_inf(amount))
			ereport(ERROR,
					(errcode(ERRCODE_NUMERIC_VALUE_OUT_OF_RANGE),
					 errmsg("revenue of period %d must be a finite number", i + 1)));
		revenues.decimals = Max(revenues.decimals,
								DatumGetInt32(DirectFunctionCall1(numeric_scale, revenues.amount[i])));
	}
	return revenues;
}

/* A rate of 0 or more (NaN and infinity are none). */
static double
rate_argument(FunctionCallInfo fcinfo, int argument, const char *name)
{
	double		rate = PG_GETARG_FLOAT8(argument);

	if (!(rate >= 0 && isfinite(rate)))
		ereport(ERROR,
				(errcode(ERRCODE_NUMERIC_VALUE_OUT_OF_RANGE),
				 errmsg("%s must be a finite number of at least 0, not %s", name, float8out_internal(rate)),
				 errhint("A rate of eight per cent is 0.08.")));
	return rate;
}

/* A number of periods; FOR_EVER where it is NULL. */
#define FOR_EVER (-1)

static int
periods_argument(FunctionCallInfo fcinfo, int argument)
{
	if (PG_ARGISNULL(argument))
		return FOR_EVER;
	if (PG_GETARG_INT32(argument) < 0)
		ereport(ERROR,
				(errcode(ERRCODE_NUMERIC_VALUE_OUT_OF_RANGE),
				 errmsg("periods must not be negative, not %d", PG_GETARG_INT32(argument)),
				 errhint("NULL means for ever.")));
	return PG_GETARG_INT32(argument);
}

/* ---- the sum ---- */

/*
 * What a rate says when it is written out: 0.8, not the binary fraction
 * nearest to it, whatever the session's extra_float_digits.
 */
static Datum
rate_numeric(double rate)
{
	char		text[DOUBLE_SHORTEST_DECIMAL_LEN];

	double_to_shortest_decimal_buf(rate, text);
	return DirectFunctionCall3(numeric_in, CStringGetDatum(text), ObjectIdGetDatum(InvalidOid), Int32GetDatum(-1));
}

static Datum
whole(int number)
{
	return NumericGetDatum(int64_to_numeric(number));
}

static Datum
rounded(Datum number, int decimals)
{
	return DirectFunctionCall2(numeric_round, number, Int32GetDatum(decimals));
}

static int
compare(Datum a, Datum b)
{
	return DatumGetInt32(DirectFunctionCall2(numeric_cmp, a, b));
}

/* What a period brings is worth `ratio` of the same a period earlier. */
typedef struct Discount
{
	Datum		growth;			/* 1 + d */
	Datum		loss;			/* 1 + d - rho */
	Datum		ratio;			/* rho / (1 + d) */
	int			decimals;		/* that are carried */
} Discount;

static Discount
discount_of(double retention, double discount_rate, int decimals)
{
	Datum		kept = rate_numeric(retention);
	Discount	discount;

	/* A ratio of 1e-300 needs its digits, too. */
	if (retention > 0 && retention < 1)
		decimals -= (int) floor(log10(retention));
	discount.decimals = decimals;
	discount.growth = DirectFunctionCall2(numeric_add, whole(1), rate_numeric(discount_rate));
	discount.loss = DirectFunctionCall2(numeric_sub, discount.growth, kept);
	discount.ratio = DirectFunctionCall2(numeric_div, rounded(kept, decimals), discount.growth);
	return discount;
}

/*
 * The sum over t < periods of ratio^t: (1 - ratio^periods) · growth / loss.
 * periods is at least 1, and loss above zero where that is FOR_EVER.
 */
static Datum
geometric_sum(const Discount *discount, int periods)
{
	Datum		weight = whole(1);

	if (compare(discount->loss, whole(0)) == 0)
		return whole(periods);
	if (periods != FOR_EVER)
		weight = DirectFunctionCall2(numeric_sub, weight,
									 DirectFunctionCall2(numeric_power, discount->ratio, whole(periods)));
	weight = DirectFunctionCall2(numeric_mul, weight, discount->growth);
	return DirectFunctionCall2(numeric_div, rounded(weight, discount->decimals), discount->loss);
}

/* Revenues in the first periods; behind the last of them, which repeats, a geometric sum. */
static Datum
discounted_sum(const Revenues *revenues, const Discount *discount, int periods)
{
	int			last = revenues->n - 1;
	int			listed = periods == FOR_EVER || periods > last ? last : periods;
	Datum		sum = whole(0);

	if (listed != periods)
		sum = DirectFunctionCall2(numeric_mul, revenues->amount[last],
								  geometric_sum(discount, periods == FOR_EVER ? FOR_EVER : periods - last));
	for (int t = listed - 1; t >= 0; t--)
	{
		Datum		later = rounded(DirectFunctionCall2(numeric_mul, discount->ratio, sum), discount->decimals);

		CHECK_FOR_INTERRUPTS();
		pfree(DatumGetPointer(sum));
		sum = DirectFunctionCall2(numeric_add, revenues->amount[t], later);
		pfree(DatumGetPointer(later));
	}
	return sum;
}

/* retention_clv(revenue, retention, discount_rate, periods): only periods may be NULL. */
CRM_FUNCTION(crm_retention_clv);
Datum
crm_retention_clv(PG_FUNCTION_ARGS)
{
	double		retention;
	double		discount_rate;
	int			periods;
	Revenues	revenues;
	Discount	discount;
	Datum		sum;

	if (PG_ARGISNULL(0) || PG_ARGISNULL(1) || PG_ARGISNULL(2))
		PG_RETURN_NULL();
	retention = rate_argument(fcinfo, 1, "retention");
	discount_rate = rate_argument(fcinfo, 2, "discount_rate");
	periods = periods_argument(fcinfo, 3);
	revenues = revenues_argument(PG_GETARG_ARRAYTYPE_P(0));
	if (revenues.n == 0)
		PG_RETURN_NULL();
	discount = discount_of(retention, discount_rate, revenues.decimals + CARRIED_DECIMALS);

	/* For ever, and nothing that makes it less: infinite, unless nothing repeats. */
	if (periods == FOR_EVER && compare(discount.loss, whole(0)) <= 0)
	{
		if (compare(revenues.amount[revenues.n - 1], whole(0)) != 0)
			PG_RETURN_NULL();
		periods = revenues.n - 1;
	}
	sum = discounted_sum(&revenues, &discount, periods);
	return DirectFunctionCall1(numeric_trim_scale, rounded(sum, Max(revenues.decimals, RESULT_DECIMALS)));
}
