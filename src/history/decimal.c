/*
 * decimal.c
 *	  Exact money: reading integers, doubles, text and the server's numeric.
 *
 * The server's own conversion of numeric to anything goes through text and
 * takes about 190 ns; walking its base-10000 digits takes about 10 ns and is
 * what makes the aggregate fast.  The layout of those digits is private to
 * numeric.c but has been stable since 9.0 (it is the on-disk format); it is
 * repeated below, and the regression test numeric_reader compares the walk
 * with the server's own arithmetic.
 */
#include "history/decimal.h"

#include <math.h>
#include <string.h>

const int64_t decimal_power[DECIMAL_DIGITS + 1] = {
	INT64_C(1), INT64_C(10), INT64_C(100), INT64_C(1000), INT64_C(10000),
	INT64_C(100000), INT64_C(1000000), INT64_C(10000000), INT64_C(100000000),
	INT64_C(1000000000), INT64_C(10000000000), INT64_C(100000000000),
	INT64_C(1000000000000), INT64_C(10000000000000),
	INT64_C(100000000000000), INT64_C(1000000000000000),
	INT64_C(10000000000000000), INT64_C(100000000000000000),
	INT64_C(1000000000000000000)
};

_Static_assert(sizeof(int16_t) == 2 && sizeof(uint16_t) == 2, "numeric digits are 16 bits");

/* Removes trailing decimal zeros behind the point and checks the bounds. */
static DecimalStatus
decimal_normalise(int64_t units, int scale, Decimal *result)
{
	if (units == 0)
		scale = 0;
	while (scale > 0 && units % 10 == 0)
	{
		units /= 10;
		scale--;
	}
	if (scale > DECIMAL_MAX_SCALE || units >= DECIMAL_LIMIT || units <= -DECIMAL_LIMIT)
		return DECIMAL_TOO_LONG;
	result->units = units;
	result->scale = scale;
	return DECIMAL_OK;
}

DecimalStatus
decimal_from_integer(int64_t value, Decimal *result)
{
	return decimal_normalise(value, 0, result);
}

/*
 * round(value::numeric, 6) without the detour, wherever that is certain: the
 * product with 10^6 must be below 10^15, where a double still resolves an
 * eighth, and clearly nearer to one whole number than to the next.
 * The rest is DECIMAL_UNDECIDED and the caller asks numeric itself.
 */
DecimalStatus
decimal_from_double(double value, Decimal *result)
{
	double		scaled;
	double		whole;

	if (isnan(value))
		return DECIMAL_NAN;
	if (isinf(value))
		return DECIMAL_INFINITE;
	scaled = value * 1e6;
	if (fabs(scaled) >= 1e15)
		return DECIMAL_UNDECIDED;
	whole = round(scaled);
	if (fabs(scaled - whole) > 0.25)
		return DECIMAL_UNDECIDED;
	return decimal_normalise((int64_t) whole, DECIMAL_DOUBLE_SCALE, result);
}

static inline uint16_t
load16(const uint8_t *at)
{
	uint16_t	value;

	memcpy(&value, at, sizeof(value));	/* short varlena headers leave it unaligned */
	return value;
}

/*
 * The scale of the result is enough, where enough decimals will do, and else
 * the smallest: a column of cents is read as cents, without a look at whether
 * the last one is zero, and needs no shifting afterwards.
 */
DecimalStatus
decimal_from_numeric(const void *bytes, size_t size, int enough, Decimal *result)
{
	const uint8_t *at = bytes;
	uint16_t	header;
	int			weight;
	bool		negative;
	int			digits;
	int			exponent;		/* of the last digit, in powers of 10000 */
	int			zeros = 0;		/* decimal zeros at the end of the last digit */
	int64_t		units = 0;
	int			last;

	if (size < sizeof(header))
		return DECIMAL_INVALID;
	header = load16(at);
	at += sizeof(header);
	size -= sizeof(header);
	if ((header & NUMERIC_KIND_MASK) == NUMERIC_KIND_SPECIAL)
		return header == NUMERIC_NAN_HEADER ? DECIMAL_NAN : DECIMAL_INFINITE;
	if ((header & NUMERIC_KIND_MASK) == NUMERIC_KIND_SHORT)
	{
		negative = (header & NUMERIC_SHORT_NEGATIVE) != 0;
		weight = header & NUMERIC_SHORT_WEIGHT;
		if (header & NUMERIC_SHORT_WEIGHT_SIGN)
			weight -= NUMERIC_SHORT_WEIGHT_SIGN;
	}
	else
	{
		if (size < sizeof(header))
			return DECIMAL_INVALID;
		negative = (header & NUMERIC_KIND_MASK) == NUMERIC_LONG_NEGATIVE;
		weight = (int16_t) load16(at);
		at += sizeof(header);
		size -= sizeof(header);
	}

	digits = (int) (size / sizeof(uint16_t));
	result->units = 0;
	result->scale = 0;
	if (digits == 0)
		return DECIMAL_OK;

	/* Seven base-10000 digits between two that are not zero: at least 22 decimal ones. */
	if (digits > 6)
		return DECIMAL_TOO_LONG;
	for (int i = 0; i < digits - 1; i++, at += sizeof(uint16_t))
	{
		/* Another digit, and the last one behind it, would make more than 18. */
		if (units >= DECIMAL_LIMIT / NUMERIC_BASE)
			return DECIMAL_TOO_LONG;
		units = units * NUMERIC_BASE + load16(at);
	}

	/* The last digit stands behind the point as a rule, and money leaves zeros at its end. */
	last = load16(at);
	exponent = weight - (digits - 1);
	if (exponent < 0)
	{
		int			fine = -exponent * NUMERIC_BASE_DIGITS;

		if (last % 100 == 0)
		{
			last /= 100;
			zeros = 2;
		}
		if (fine - zeros > enough && last % 10 == 0)
		{
			last /= 10;
			zeros++;
		}
	}
	if (!decimal_shift(&units, NUMERIC_BASE_DIGITS - zeros))
		return DECIMAL_TOO_LONG;
	units += last;
	if (exponent > 0 &&
		(exponent > DECIMAL_DIGITS || !decimal_shift(&units, exponent * NUMERIC_BASE_DIGITS)))
		return DECIMAL_TOO_LONG;
	result->scale = exponent < 0 ? -exponent * NUMERIC_BASE_DIGITS - zeros : 0;
	if (units >= DECIMAL_LIMIT || result->scale > DECIMAL_MAX_SCALE)
		return DECIMAL_TOO_LONG;
	result->units = negative ? -units : units;
	return DECIMAL_OK;
}

/* Reads [-]digits[.digits] and moves *text behind it. */
DecimalStatus
decimal_from_text(const char **text, Decimal *result)
{
	const char *at = *text;
	bool		negative = *at == '-';
	bool		behind_point = false;
	int			seen = 0;
	int			scale = 0;
	int			zeros = 0;		/* behind the point, not yet known to be needed */
	int64_t		units = 0;

	if (negative)
		at++;
	for (;; at++)
	{
		if (*at == '.' && !behind_point && at[1] >= '0' && at[1] <= '9')
		{
			behind_point = true;
			continue;
		}
		if (*at < '0' || *at > '9')
			break;
		seen++;
		if (behind_point && *at == '0')
		{
			zeros++;
			continue;
		}
		if (scale + zeros > DECIMAL_MAX_SCALE || !decimal_shift(&units, zeros + 1))
			return DECIMAL_TOO_LONG;
		units += *at - '0';
		if (behind_point)
			scale += zeros + 1;
		zeros = 0;
	}
	*text = at;
	if (seen == 0)
		return DECIMAL_INVALID;
	return decimal_normalise(negative ? -units : units, scale, result);
}

/* Writes units / 10^scale; text has room for DECIMAL_TEXT_SIZE. */
void
decimal_to_text(int64_t units, int scale, char *text)
{
	char		digits[DECIMAL_TEXT_SIZE];
	int			n = 0;
	uint64_t	rest = units < 0 ? -(uint64_t) units : (uint64_t) units;

	for (; rest > 0 || n <= scale; rest /= 10)
		digits[n++] = (char) ('0' + rest % 10);
	if (units < 0)
		*text++ = '-';
	while (n > 0)
	{
		if (n == scale)
			*text++ = '.';
		*text++ = digits[--n];
	}
	*text = '\0';
}
