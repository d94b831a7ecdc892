/*
 * warning.c
 *	  Reasons to distrust a result, collected into one text.
 */
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "maths/warning.h"

/* What follows the last "; ". */
static const char *
last_reason(const Warning *warning)
{
	const char *last = warning->text;

	for (const char *next; (next = strstr(last, "; "));)
		last = next + strlen("; ");
	return last;
}

static void
add_text(Warning *warning, const char *text)
{
	strncat(warning->text, text, sizeof(warning->text) - strlen(warning->text) - 1);
}

static void __attribute__((format(printf, 2, 0)))
add_formatted(Warning *warning, const char *format, va_list arguments)
{
	size_t		used = strlen(warning->text);

	vsnprintf(warning->text + used, sizeof(warning->text) - used, format, arguments);
}

void
warning_add(Warning *warning, const char *format,...)
{
	va_list		arguments;

	if (warning->text[0] != '\0')
		add_text(warning, "; ");
	va_start(arguments, format);
	add_formatted(warning, format, arguments);
	va_end(arguments);
}

void
warning_add_item(Warning *warning, const char *lead, const char *format,...)
{
	va_list		arguments;

	if (strncmp(last_reason(warning), lead, strlen(lead)) == 0)
		add_text(warning, ", ");
	else
		warning_add(warning, "%s", lead);
	va_start(arguments, format);
	add_formatted(warning, format, arguments);
	va_end(arguments);
}
