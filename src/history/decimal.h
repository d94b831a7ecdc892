/*
 * decimal.h
 *	  Exact money: a whole number of units of 10^-scale.
 *
 * Pure arithmetic, no server.  Every amount that enters a history passes
 * through here, whatever its SQL type was, and leaves either exact or with a
 * status that says why it cannot be: nothing is ever rounded silently.
 */
#ifndef CRM_DECIMAL_H
#define CRM_DECIMAL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

/* 18 significant digits: the largest power of ten below 2^63, so that a sum of nine cannot wrap. */
#define DECIMAL_DIGITS 18
#define DECIMAL_LIMIT INT64_C(1000000000000000000)

/* Six bits of a packed history hold the scale. */
#define DECIMAL_MAX_SCALE 63

/* What "double precision is rounded to 6 decimals" means. */
#define DECIMAL_DOUBLE_SCALE 6

/* units / 10^scale; |units| < DECIMAL_LIMIT. */
typedef struct Decimal
{
	int64_t		units;
	int			scale;
} Decimal;

typedef enum DecimalStatus
{
	DECIMAL_OK,
	DECIMAL_NAN,
	DECIMAL_INFINITE,
	DECIMAL_TOO_LONG,			/* more than 18 significant digits */
	DECIMAL_INVALID,			/* not a number at all (text, damaged numeric) */
	DECIMAL_UNDECIDED			/* a double too close to a rounding edge: ask numeric */
} DecimalStatus;

/* Longest text: sign, digits or leading "0." and zeros, point, NUL. */
#define DECIMAL_TEXT_SIZE (DECIMAL_MAX_SCALE + DECIMAL_DIGITS + 4)

extern const int64_t decimal_power[DECIMAL_DIGITS + 1];

extern DecimalStatus decimal_from_integer(int64_t value, Decimal *result);
extern DecimalStatus decimal_from_double(double value, Decimal *result);
extern DecimalStatus decimal_from_numeric(const void *bytes, size_t size, int enough, Decimal *result);
extern DecimalStatus decimal_from_text(const char **text, Decimal *result);
extern void decimal_to_text(int64_t units, int scale, char *text);

/* Multiplies units by 10^digits; false where the result would not fit or digits are negative (but zero is zero). */
static inline bool
decimal_shift(int64_t *units, int digits)
{
	if (digits == 0 || *units == 0)
		return true;
	return digits > 0 && digits <= DECIMAL_DIGITS &&
		!__builtin_mul_overflow(*units, decimal_power[digits], units) &&
		*units > -DECIMAL_LIMIT && *units < DECIMAL_LIMIT;
}

/*
 * A numeric without its length word:
 *
 *	 short  | header 16: 1 0 sign dscale(6) weight(7, signed) | digit 16 | ...
 *	 long   | header 16: 0 sign dscale(14) | weight 16, signed | digit 16 | ...
 *	 special| header 16: 1 1 ...  NaN C000, infinity D000, -infinity F000
 *
 * Digits are base 10000, most significant first; the first one counts
 * 10000^weight.  Neither the first nor the last stored digit is zero.
 */
#define NUMERIC_KIND_MASK	0xC000
#define NUMERIC_KIND_SHORT	0x8000
#define NUMERIC_KIND_SPECIAL	0xC000
#define NUMERIC_NAN_HEADER	0xC000
#define NUMERIC_LONG_NEGATIVE	0x4000
#define NUMERIC_SHORT_NEGATIVE	0x2000
#define NUMERIC_SHORT_WEIGHT	0x003F
#define NUMERIC_SHORT_WEIGHT_SIGN	0x0040
#define NUMERIC_BASE		10000
#define NUMERIC_BASE_DIGITS	4

/*
 * Reads a numeric, without its length word, that is money as it nearly always
 * is: at most cents, below 10^12.  False where it is anything else, and
 * decimal_from_numeric has to see to it.
 */
static inline bool
decimal_cents(const void *bytes, size_t size, int64_t *cents)
{
	const uint8_t *at = bytes;
	uint16_t	header;
	uint16_t	digit;
	int			weight;
	int			digits = (int) (size / sizeof(digit)) - 1;
	int64_t		units = 0;

	if (digits <= 0)
		return false;
	memcpy(&header, at, sizeof(header));
	weight = header & NUMERIC_SHORT_WEIGHT;
	if (header & NUMERIC_SHORT_WEIGHT_SIGN)
		weight -= NUMERIC_SHORT_WEIGHT_SIGN;
	if ((header & NUMERIC_KIND_MASK) != NUMERIC_KIND_SHORT || weight > 2 || weight < digits - 2)
		return false;
	for (int i = 0; i <= weight; i++)
	{
		at += sizeof(digit);
		digit = 0;
		if (i < digits)
			memcpy(&digit, at, sizeof(digit));
		units = units * NUMERIC_BASE + digit;
	}
	units *= 100;
	if (digits == weight + 2)
	{
		memcpy(&digit, at + sizeof(digit), sizeof(digit));
		if (digit % 100 != 0)
			return false;
		units += digit / 100;
	}
	*cents = header & NUMERIC_SHORT_NEGATIVE ? -units : units;
	return true;
}

#endif							/* CRM_DECIMAL_H */
