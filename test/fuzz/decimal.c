/*
 * decimal.c
 *	  Fuzzes exact money: numerics, texts and doubles.
 *
 * Any bytes and any text: nothing is read or written out of bounds, and what
 * is accepted is in lowest terms.  A number given as a numeric's digits and as
 * text is the same number.  A double is rounded as numeric would round it.
 */
#include "fuzz.h"

#include "history/decimal.h"

#include <math.h>

static void
check_bounds(DecimalStatus status, Decimal value)
{
	if (status != DECIMAL_OK)
		return;
	CLAIM(value.units < DECIMAL_LIMIT && value.units > -DECIMAL_LIMIT);
	CLAIM(value.scale >= 0 && value.scale <= DECIMAL_MAX_SCALE);
}

static void
check_lowest(DecimalStatus status, Decimal value)
{
	check_bounds(status, value);
	if (status == DECIMAL_OK)
		CLAIM(value.scale == 0 || value.units % 10 != 0);
}

/* Written and read again it is the same. */
static void
check_text(Decimal value)
{
	char	   *text = exactly(DECIMAL_TEXT_SIZE, 1);
	const char *at = text;
	Decimal		again;

	decimal_to_text(value.units, value.scale, text);
	CLAIM(decimal_from_text(&at, &again) == DECIMAL_OK);
	CLAIM(*at == '\0' && again.units == value.units && again.scale == value.scale);
	free(text);
}

static void
fuzz_text(Input input)
{
	char	   *text = exactly(input.size + 1, 1);
	const char *at = text;
	Decimal		value;
	DecimalStatus status;

	if (input.size > 0)
		memcpy(text, input.at, input.size);
	text[input.size] = '\0';
	status = decimal_from_text(&at, &value);
	CLAIM(at >= text && at <= text + strlen(text));
	CLAIM(status == DECIMAL_OK || status == DECIMAL_TOO_LONG || status == DECIMAL_INVALID);
	check_lowest(status, value);
	if (status == DECIMAL_OK)
		check_text(value);
	free(text);
}

/* Bytes that need not be a numeric at all. */
static void
fuzz_numeric_bytes(Input input)
{
	int			enough = (int) (take(&input, 1) % (DECIMAL_MAX_SCALE + 1));
	void	   *bytes = copy_of(input.at, input.size);
	Decimal		value;

	check_bounds(decimal_from_numeric(bytes, input.size, enough, &value), value);
	free(bytes);
}

#define MOST_DIGITS 12

/* The number as text: sign, whole digits, point, the rest. */
static void
write_text(char *text, bool negative, int weight, const int *digits, int n)
{
	if (negative)
		*text++ = '-';
	if (weight < 0)
		*text++ = '0';
	for (int i = 0; i <= weight; i++)
		text += sprintf(text, "%04d", i < n ? digits[i] : 0);
	if (n > weight + 1)
	{
		*text++ = '.';
		for (int i = weight + 1; i < n; i++)
			text += sprintf(text, "%04d", i >= 0 ? digits[i] : 0);
	}
	*text = '\0';
}

/* A numeric as the server writes it, and the same as text. */
static void
fuzz_numeric(Input input)
{
	int			enough = (int) (take(&input, 1) % (DECIMAL_MAX_SCALE + 1));
	int			n = (int) (take(&input, 1) % (MOST_DIGITS + 1));
	bool		negative = take(&input, 1) & 1;
	bool		is_long = take(&input, 1) & 1;
	int			weight = (int) (take(&input, 1) % 128) - 64;
	int			digits[MOST_DIGITS];
	uint16_t	words[2 + MOST_DIGITS];
	int			n_words = 0;
	char		text[1024];
	const char *at = text;
	Decimal		value;
	Decimal		expected;
	DecimalStatus status;
	uint16_t   *exact;

	for (int i = 0; i < n; i++)
	{
		uint8_t		kind = (uint8_t) take(&input, 1);

		digits[i] = kind < 100 ? 0 : kind < 150 ? 100 * (kind - 100) : (int) (take(&input, 2) % 10000);
	}
	if (n > 0 && digits[0] == 0)
		digits[0] = 1;
	if (n > 0 && digits[n - 1] == 0)
		digits[n - 1] = 5000;
	if (n == 0)
	{
		negative = false;
		weight = 0;
	}
	if (is_long)
	{
		words[n_words++] = negative ? 0x4000 : 0;
		words[n_words++] = (uint16_t) weight;
	}
	else
		words[n_words++] = (uint16_t) (0x8000 | (negative ? 0x2000 : 0) | (weight < 0 ? 0x40 : 0) | (weight & 0x3F));
	for (int i = 0; i < n; i++)
		words[n_words++] = (uint16_t) digits[i];

	exact = copy_of(words, n_words * sizeof(uint16_t));
	status = decimal_from_numeric(exact, n_words * sizeof(uint16_t), enough, &value);
	free(exact);
	check_bounds(status, value);
	write_text(text, negative, weight, digits, n);
	if (decimal_from_text(&at, &expected) != status)
	{
		/* Only where the scale that would be enough leaves no room. */
		CLAIM(status == DECIMAL_TOO_LONG && enough > expected.scale);
		CLAIM(!decimal_shift(&expected.units, enough - expected.scale));
		return;
	}
	if (status != DECIMAL_OK)
		return;
	CLAIM(*at == '\0' && value.scale >= expected.scale);
	CLAIM(value.scale == expected.scale || value.scale <= enough);
	CLAIM(decimal_shift(&expected.units, value.scale - expected.scale) && value.units == expected.units);
}

/*
 * round(value::numeric, 6): numeric takes 15 significant digits of a double
 * and rounds half away from zero.
 */
static void
fuzz_double(Input input)
{
	uint64_t	bits = take(&input, 8);
	double		value;
	Decimal		result;
	DecimalStatus status;
	char		text[64];
	__int128	mantissa = 0;
	int			exponent;

	memcpy(&value, &bits, sizeof(value));
	if (take(&input, 1) & 1)
		value = (double) (int64_t) bits / 1e7;
	status = decimal_from_double(value, &result);
	check_lowest(status, result);
	CLAIM((status == DECIMAL_NAN) == (bool) isnan(value) && (status == DECIMAL_INFINITE) == (bool) isinf(value));
	if (status != DECIMAL_OK)
		return;
	snprintf(text, sizeof(text), "%.14e", fabs(value));
	for (const char *at = text; *at != 'e'; at++)
		if (*at != '.')
			mantissa = mantissa * 10 + (*at - '0');
	exponent = atoi(strchr(text, 'e') + 1) - 14 + DECIMAL_DOUBLE_SCALE;
	for (; exponent > 0; exponent--)
		mantissa *= 10;
	if (exponent < -18)
		mantissa = 0;
	else if (exponent < 0)
	{
		__int128	power = decimal_power[-exponent];

		mantissa = (mantissa + power / 2) / power;
	}
	for (int scale = result.scale; scale < DECIMAL_DOUBLE_SCALE; scale++)
		result.units *= 10;
	CLAIM(result.units == (value < 0 ? -mantissa : mantissa));
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static void (*const kinds[]) (Input) = {fuzz_text, fuzz_numeric_bytes, fuzz_numeric, fuzz_double};
	Input		input = {data, size};

	kinds[take(&input, 1) % 4] (input);
	return 0;
}
