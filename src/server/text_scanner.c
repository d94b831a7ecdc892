/*
 * text_scanner.c
 *	  Reading and writing the text forms of our values.
 */
#include "postgres.h"

#include "server/compat.h"

#include <ctype.h>

#include "history/codec.h"
#include "server/text_scanner.h"
#include "utils/builtins.h"
#include "mb/pg_wchar.h"
#include "utils/datetime.h"

/* Enough of a text to recognise the place. */
#define SHOWN 60

void
text_refuse(const TextScanner *scanner, const char *why)
{
	int			shown = pg_mbcliplen(scanner->at, strlen(scanner->at), SHOWN);

	ereport(ERROR,
			(errcode(ERRCODE_INVALID_TEXT_REPRESENTATION),
			 errmsg("invalid input syntax for type %s: \"%s\"", scanner->type, scanner->text),
			 *scanner->at == '\0' ? errdetail("%s It ends here.", why) :
			 errdetail("%s At \"%.*s\".", why, shown, scanner->at),
			 errhint("%s", scanner->hint)));
}

static void
skip_space(TextScanner *scanner)
{
	while (isspace((unsigned char) *scanner->at))
		scanner->at++;
}

/* Whether word stands here. */
bool
text_at(TextScanner *scanner, const char *word)
{
	skip_space(scanner);
	return strncmp(scanner->at, word, strlen(word)) == 0;
}

bool
text_take(TextScanner *scanner, const char *word)
{
	if (!text_at(scanner, word))
		return false;
	scanner->at += strlen(word);
	return true;
}

void
text_expect(TextScanner *scanner, const char *word)
{
	if (!text_take(scanner, word))
		text_refuse(scanner, psprintf("\"%s\" is expected.", word));
}

/* A whole number from 0 to max. */
int64
text_take_integer(TextScanner *scanner, int64 max)
{
	int64		value = 0;
	bool		fits = true;

	skip_space(scanner);
	if (!isdigit((unsigned char) *scanner->at))
		text_refuse(scanner, "A whole number is expected.");
	while (isdigit((unsigned char) *scanner->at))
	{
		fits = fits && !__builtin_mul_overflow(value, INT64CONST(10), &value) &&
			!__builtin_add_overflow(value, (int64) (*scanner->at - '0'), &value);
		scanner->at++;
	}
	if (!fits || value > max)
		text_refuse(scanner, psprintf("A number up to " INT64_FORMAT " is expected.", max));
	return value;
}

/* A finite number, as float8 reads it. */
double
text_take_double(TextScanner *scanner)
{
	char	   *end;
	double		value;

	skip_space(scanner);
	errno = 0;
	value = strtod(scanner->at, &end);
	if (end == scanner->at || !isfinite(value))
		text_refuse(scanner, "A finite number is expected.");
	scanner->at = end;
	return value;
}

/* A number of at most max_digits; -1 where there is none. */
static int
take_digits(const char **at, int max_digits)
{
	int			value = 0;
	int			digits = 0;

	for (; isdigit((unsigned char) **at) && digits < max_digits; digits++)
		value = value * 10 + *(*at)++ - '0';
	return digits == 0 ? -1 : value;
}

/* yyyy-mm-dd[ BC], ISO 8601 whatever the session's DateStyle. */
DateADT
text_take_day(TextScanner *scanner)
{
	const char *start;
	int			year;
	int			month = 0;
	int			dom = 0;
	int			check[3];
	int			day;

	skip_space(scanner);
	start = scanner->at;
	year = take_digits(&scanner->at, 7);
	if (year > 0 && *scanner->at == '-')
	{
		scanner->at++;
		month = take_digits(&scanner->at, 2);
	}
	if (month > 0 && *scanner->at == '-')
	{
		scanner->at++;
		dom = take_digits(&scanner->at, 2);
	}
	if (text_take(scanner, "BC"))
		year = 1 - year;
	if (dom > 0 && IS_VALID_JULIAN(year, month, dom))
	{
		day = date2j(year, month, dom);
		j2date(day, &check[0], &check[1], &check[2]);
		day -= POSTGRES_EPOCH_JDATE;
		if (check[0] == year && check[1] == month && check[2] == dom &&
			day >= HISTORY_DAY_BASE && day < HISTORY_DAY_END)
			return day;
	}
	scanner->at = start;
	text_refuse(scanner, "A day such as 2024-01-31 is expected.");
}

/* Nothing but space may follow. */
void
text_end(TextScanner *scanner)
{
	skip_space(scanner);
	if (*scanner->at != '\0')
		text_refuse(scanner, "The end is expected.");
}

void
text_append_day(StringInfo out, DateADT day)
{
	int			year;
	int			month;
	int			dom;

	j2date(day + POSTGRES_EPOCH_JDATE, &year, &month, &dom);
	appendStringInfo(out, "%04d-%02d-%02d%s", year > 0 ? year : 1 - year, month, dom,
					 year > 0 ? "" : " BC");
}
