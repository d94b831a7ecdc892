/*
 * io.c
 *	  visit_history as text, binary and JSON.
 *
 * The text form is meant to be read, and to be written by hand in a test:
 *
 *	 {2024-01-05: 12.5, 2024-01-19: 40 in 2 orders, 2024-02-01: -5 in 0 orders, 2024-03-10}
 *
 * One order is not mentioned, a day without money has no colon, refunds alone
 * are "in 0 orders".  Days are ISO 8601 whatever the session's DateStyle, with
 * " BC" where needed.  Input takes them in any order and adds up equal days.
 */
#include "postgres.h"

#include "server/compat.h"

#include "history/state.h"
#include "lib/stringinfo.h"
#include "libpq/pqformat.h"
#include "server/packed.h"
#include "utils/builtins.h"
#include "utils/jsonb.h"

/* ---- out ---- */

static void
append_day_text(StringInfo out, DateADT day)
{
	int			year;
	int			month;
	int			dom;

	j2date(day + POSTGRES_EPOCH_JDATE, &year, &month, &dom);
	appendStringInfo(out, "%04d-%02d-%02d%s", year > 0 ? year : 1 - year, month, dom,
					 year > 0 ? "" : " BC");
}

char *
history_text(const VisitHistory *history)
{
	StringInfoData out;
	HistoryReader reader;
	HistoryDay	day;
	int			scale = history_open(history, &reader);
	const char *separator = "";

	initStringInfo(&out);
	appendStringInfoChar(&out, '{');
	while (history_next_day(&reader, &day))
	{
		appendStringInfoString(&out, separator);
		append_day_text(&out, day.day);
		if (day.has_amount)
		{
			char		amount[DECIMAL_TEXT_SIZE];

			decimal_to_text(day.amount, scale, amount);
			appendStringInfo(&out, ": %s", amount);
		}
		if (day.orders != 1)
			appendStringInfo(&out, " in %d orders", day.orders);
		separator = ", ";
	}
	appendStringInfoChar(&out, '}');
	return out.data;
}

/* [{"day": "2024-01-05", "orders": 1, "amount": 12.5}, ...] */
static char *
history_json_text(const VisitHistory *history)
{
	StringInfoData out;
	HistoryReader reader;
	HistoryDay	day;
	int			scale = history_open(history, &reader);
	const char *separator = "";

	initStringInfo(&out);
	appendStringInfoChar(&out, '[');
	while (history_next_day(&reader, &day))
	{
		char		amount[DECIMAL_TEXT_SIZE] = "null";

		if (day.has_amount)
			decimal_to_text(day.amount, scale, amount);
		appendStringInfo(&out, "%s{\"day\": \"", separator);
		append_day_text(&out, day.day);
		appendStringInfo(&out, "\", \"orders\": %d, \"amount\": %s}", day.orders, amount);
		separator = ", ";
	}
	appendStringInfoChar(&out, ']');
	return out.data;
}

/* ---- in ---- */

pg_attribute_noreturn()
static void
bad_text(const char *text, const char *at)
{
	ereport(ERROR,
			(errcode(ERRCODE_INVALID_TEXT_REPRESENTATION),
			 errmsg("invalid input syntax for type visit_history: \"%s\"", text),
			 *at == '\0' ? errdetail("It ends too early.") : errdetail("At \"%s\".", at),
			 errhint("To aggregate a column of text, write visit_history(day::date). "
					 "A value looks like {2024-01-05: 12.50, 2024-01-19: 40 in 2 orders, 2024-03-10}.")));
}

static const char *
skip_space(const char *at)
{
	while (isspace((unsigned char) *at))
		at++;
	return at;
}

/* Takes word, and space before it; false where something else stands there. */
static bool
take(const char **at, const char *word)
{
	const char *start = skip_space(*at);
	size_t		size = strlen(word);

	if (strncmp(start, word, size) != 0)
		return false;
	*at = start + size;
	return true;
}

/* Takes a number of at most nine digits; -1 where there is none. */
static int
take_number(const char **at, int max_digits)
{
	int			value = 0;
	int			digits = 0;

	for (; **at >= '0' && **at <= '9' && digits < max_digits; digits++)
		value = value * 10 + *(*at)++ - '0';
	return digits == 0 ? -1 : value;
}

/* Takes yyyy-mm-dd[ BC]; false where no legal date stands there. */
static bool
take_day(const char **at, DateADT *day)
{
	int			year;
	int			month;
	int			dom;
	int			check[3];

	*at = skip_space(*at);
	year = take_number(at, 7);
	if (year <= 0 || *(*at)++ != '-' || (month = take_number(at, 2)) < 0 ||
		*(*at)++ != '-' || (dom = take_number(at, 2)) < 0)
		return false;
	if (take(at, "BC"))
		year = 1 - year;
	if (!IS_VALID_JULIAN(year, month, dom))
		return false;
	*day = date2j(year, month, dom) - POSTGRES_EPOCH_JDATE;
	j2date(*day + POSTGRES_EPOCH_JDATE, &check[0], &check[1], &check[2]);
	return check[0] == year && check[1] == month && check[2] == dom &&
		*day >= HISTORY_DAY_BASE && *day < HISTORY_DAY_END;
}

/* Takes one day with its money and orders. */
static void
take_entry(const char *text, const char **at, HistoryDay *day, int *scale)
{
	Decimal		amount = {0, 0};
	const char *start = *at;

	if (!take_day(at, &day->day))
		bad_text(text, start);
	day->has_amount = take(at, ":");
	day->orders = 1;
	if (day->has_amount)
	{
		*at = skip_space(*at);
		start = *at;
		switch (decimal_from_text(at, &amount))
		{
			case DECIMAL_OK:
				break;
			case DECIMAL_TOO_LONG:
				ereport(ERROR,
						(errcode(ERRCODE_NUMERIC_VALUE_OUT_OF_RANGE),
						 errmsg("amount in \"%s\" needs more than %d significant digits", start, DECIMAL_DIGITS)));
				break;
			default:
				bad_text(text, start);
		}
	}
	start = *at;
	if (take(at, "in "))
	{
		*at = skip_space(*at);
		day->orders = take_number(at, 9);
		if (day->orders < 0 || !(take(at, "orders") || take(at, "order")))
			bad_text(text, start);
	}
	if (day->orders == 0 && amount.units >= 0)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_TEXT_REPRESENTATION),
				 errmsg("a day with 0 orders must have a negative amount (refunds), not \"%.20s\"", start)));
	day->amount = amount.units;
	*scale = amount.scale;
}

/* The days of text as a state, NULL for {}; the state brings them in order. */
static HistoryState *
parse_state(const char *text)
{
	HistoryState *state = NULL;
	const char *at = text;

	if (!take(&at, "{"))
		bad_text(text, skip_space(at));
	if (!take(&at, "}"))
	{
		do
		{
			HistoryDay	day;
			int			scale;

			take_entry(text, &at, &day, &scale);
			state = state_add(state, day, scale, scale);
		} while (take(&at, ","));
		if (!take(&at, "}"))
			bad_text(text, skip_space(at));
	}
	at = skip_space(at);
	if (*at != '\0')
		bad_text(text, at);
	return state;
}

VisitHistory *
history_parse(const char *text)
{
	HistoryState *state = parse_state(text);

	return state ? state_finish(state) : history_pack_ordered(NULL, 0, 0);
}

/* ---- the SQL functions of the type ---- */

CRM_FUNCTION(crm_history_in);
Datum
crm_history_in(PG_FUNCTION_ARGS)
{
	PG_RETURN_POINTER(history_parse(PG_GETARG_CSTRING(0)));
}

CRM_FUNCTION(crm_history_out);
Datum
crm_history_out(PG_FUNCTION_ARGS)
{
	PG_RETURN_CSTRING(history_text(PG_GETARG_HISTORY(0)));
}

static VisitHistory *
receive(StringInfo message)
{
	int			size = message->len - message->cursor;

	return history_from_bytes((const uint8 *) pq_getmsgbytes(message, size), size);
}

CRM_FUNCTION(crm_history_recv);
Datum
crm_history_recv(PG_FUNCTION_ARGS)
{
	PG_RETURN_POINTER(receive((StringInfo) PG_GETARG_POINTER(0)));
}

CRM_FUNCTION(crm_history_to_json);
Datum
crm_history_to_json(PG_FUNCTION_ARGS)
{
	PG_RETURN_TEXT_P(cstring_to_text(history_json_text(PG_GETARG_HISTORY(0))));
}

CRM_FUNCTION(crm_history_to_jsonb);
Datum
crm_history_to_jsonb(PG_FUNCTION_ARGS)
{
	return DirectFunctionCall1(jsonb_in, CStringGetDatum(history_json_text(PG_GETARG_HISTORY(0))));
}

/*
 * The same for the transition state, which some other server may ship as text
 * or binary before it is finished: it travels as the history that it holds.
 */
static HistoryState *
state_from_history(const VisitHistory *history)
{
	return state_add_history(NULL, history);
}

CRM_FUNCTION(crm_history_state_in);
Datum
crm_history_state_in(PG_FUNCTION_ARGS)
{
	PG_RETURN_POINTER(state_from_history(history_parse(PG_GETARG_CSTRING(0))));
}

CRM_FUNCTION(crm_history_state_out);
Datum
crm_history_state_out(PG_FUNCTION_ARGS)
{
	PG_RETURN_CSTRING(history_text(state_finish((HistoryState *) PG_DETOAST_DATUM(PG_GETARG_DATUM(0)))));
}

CRM_FUNCTION(crm_history_state_recv);
Datum
crm_history_state_recv(PG_FUNCTION_ARGS)
{
	PG_RETURN_POINTER(state_from_history(receive((StringInfo) PG_GETARG_POINTER(0))));
}

CRM_FUNCTION(crm_history_state_send);
Datum
crm_history_state_send(PG_FUNCTION_ARGS)
{
	return DirectFunctionCall1(crm_packed_send,
							   PointerGetDatum(state_finish((HistoryState *) PG_DETOAST_DATUM(PG_GETARG_DATUM(0)))));
}
