/*
 * warning.c
 *	  Reasons to distrust a result, collected into one text.
 */
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "maths/warning.h"

void
warning_add(Warning *warning, const char *format,...)
{
	size_t		used = strlen(warning->text);
	va_list		arguments;

	if (used > 0)
		used += snprintf(warning->text + used, sizeof(warning->text) - used, "; ");
	if (used >= sizeof(warning->text))
		return;
	va_start(arguments, format);
	vsnprintf(warning->text + used, sizeof(warning->text) - used, format, arguments);
	va_end(arguments);
}
