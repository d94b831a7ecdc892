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
#include "miscadmin.h"
#include "server/packed.h"
#include "server/text_scanner.h"
#include "utils/builtins.h"

/* ---- out ---- */

static char *
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
		CHECK_FOR_INTERRUPTS();
		appendStringInfoString(&out, separator);
		text_append_day(&out, day.day);
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
CRM_FUNCTION(crm_history_to_json);
Datum
crm_history_to_json(PG_FUNCTION_ARGS)
{
	StringInfoData out;
	HistoryReader reader;
	HistoryDay	day;
	int			scale = history_open(PG_GETARG_HISTORY(0), &reader);
	const char *separator = "";

	initStringInfo(&out);
	appendStringInfoChar(&out, '[');
	while (history_next_day(&reader, &day))
	{
		char		amount[DECIMAL_TEXT_SIZE] = "null";

		CHECK_FOR_INTERRUPTS();
		if (day.has_amount)
			decimal_to_text(day.amount, scale, amount);
		appendStringInfo(&out, "%s{\"day\": \"", separator);
		text_append_day(&out, day.day);
		appendStringInfo(&out, "\", \"orders\": %d, \"amount\": %s}", day.orders, amount);
		separator = ", ";
	}
	appendStringInfoChar(&out, ']');
	PG_RETURN_TEXT_P(cstring_to_text_with_len(out.data, out.len));
}

/* ---- in ---- */

/* Reads one day: date[: amount][ in n orders]. */
static void
take_entry(TextScanner *scanner, HistoryDay *day, int *scale)
{
	Decimal		amount = {0, 0};

	day->day = text_take_day(scanner);
	day->has_amount = text_take(scanner, ": ");
	day->orders = 1;
	if (day->has_amount)
		switch (decimal_from_text(&scanner->at, &amount))
		{
			case DECIMAL_OK:
				break;
			case DECIMAL_TOO_LONG:
				ereport(ERROR,
						(errcode(ERRCODE_NUMERIC_VALUE_OUT_OF_RANGE),
						 errmsg("amount in visit_history needs more than %d significant digits", DECIMAL_DIGITS),
						 errhint("Round it, for example to cents.")));
				break;
			default:
				text_refuse(scanner, "An amount is expected.");
		}
	if (text_take(scanner, "in "))
	{
		day->orders = (int32) text_take_integer(scanner, HISTORY_MAX_ORDERS);
		if (!text_take(scanner, "orders"))
			text_expect(scanner, "order");
	}
	if (day->orders == 0 && amount.units >= 0)
		text_refuse(scanner, "A day with 0 orders has refunds: a negative amount.");
	day->amount = amount.units;
	*scale = amount.scale;
}

/* The days of text as a state, NULL for {}; the state brings them in order. */
static HistoryState *
parse_state(const char *text)
{
	TextScanner scanner = {text, text, "visit_history",
		"Where the column is text, write visit_history(day::date) to aggregate. "
	"A value looks like {2024-01-05: 12.50, 2024-01-19: 40 in 2 orders, 2024-03-10}."};
	HistoryState *state = NULL;

	text_expect(&scanner, "{");
	if (!text_take(&scanner, "}"))
	{
		do
		{
			HistoryDay	day;
			int			scale;

			CHECK_FOR_INTERRUPTS();
			take_entry(&scanner, &day, &scale);
			state = state_add(state, &day, scale, scale);
		} while (text_take(&scanner, ","));
		text_expect(&scanner, "}");
	}
	text_end(&scanner);
	return state;
}

static VisitHistory *
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
