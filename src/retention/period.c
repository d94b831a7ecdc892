/*
 * period.c
 *	  The periods of a cohort: weeks, months, quarters and years of the
 *	  calendar, or numbers of days from each customer's first visit on.
 */
#include "postgres.h"

#include "server/compat.h"

#include "retention/cohort.h"
#include "utils/builtins.h"

/* 2000-01-01 was a Saturday: day 2 was a Monday. */
#define SOME_MONDAY 2

static const struct
{
	const char *name;
	int32		period;
}			calendar[] = {
	{"day", 1},
	{"week", PERIOD_WEEK},
	{"month", PERIOD_MONTH},
	{"quarter", PERIOD_QUARTER},
	{"year", PERIOD_YEAR},
};

bool
period_is_valid(int64 period)
{
	return period >= PERIOD_YEAR && period != 0 && period <= PG_INT32_MAX;
}

/* The period of that name; 0 where it is none. */
int32
period_from_name(const char *name)
{
	for (int i = 0; i < lengthof(calendar); i++)
		if (strcmp(calendar[i].name, name) == 0)
			return calendar[i].period;
	return 0;
}

/* Reads what period_name writes. */
int32
period_take(TextScanner *scanner)
{
	int32		days;

	for (int i = 0; i < lengthof(calendar); i++)
		if (text_take(scanner, calendar[i].name))
			return calendar[i].period;
	days = (int32) text_take_integer(scanner, PG_INT32_MAX);
	if (days == 0)
		text_refuse(scanner, "A period has a day at least.");
	text_expect(scanner, "days");
	return days;
}

/* "month", or "30 days". */
char *
period_name(int32 period)
{
	for (int i = 0; i < lengthof(calendar); i++)
		if (calendar[i].period == period)
			return pstrdup(calendar[i].name);
	return psprintf("%d days", period);
}

static int64
floor_div(int64 a, int64 b)
{
	return a / b - (a % b < 0);
}

/* The number of the period that day is in; numbers of one period follow each other. */
int64
period_of(int32 period, DateADT first_visit, int64 day)
{
	int			year;
	int			month;
	int			dom;

	if (period > 0)
		return floor_div(day - first_visit, period);
	if (period == PERIOD_WEEK)
		return floor_div(day - SOME_MONDAY, 7);
	j2date((int) (day + POSTGRES_EPOCH_JDATE), &year, &month, &dom);
	return period == PERIOD_YEAR ? year :
		period == PERIOD_QUARTER ? (int64) year * 4 + (month - 1) / 3 :
		(int64) year * 12 + month;
}
