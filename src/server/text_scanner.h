/*
 * text_scanner.h
 *	  Reading and writing the text forms of our values.
 */
#ifndef CRM_TEXT_SCANNER_H
#define CRM_TEXT_SCANNER_H

#include "lib/stringinfo.h"
#include "utils/date.h"

/* A place in a text; whatever cannot be read there is refused by an error that shows it. */
typedef struct TextScanner
{
	const char *text;			/* all of it, for the message */
	const char *at;
	const char *type;
	const char *hint;
} TextScanner;

extern void text_refuse(const TextScanner *scanner, const char *why) pg_attribute_noreturn();
extern bool text_at(TextScanner *scanner, const char *word);
extern bool text_take(TextScanner *scanner, const char *word);
extern void text_expect(TextScanner *scanner, const char *word);
extern int64 text_take_integer(TextScanner *scanner, int64 max);
extern double text_take_double(TextScanner *scanner);
extern DateADT text_take_day(TextScanner *scanner);
extern void text_end(TextScanner *scanner);

extern void text_append_day(StringInfo out, DateADT day);

#endif							/* CRM_TEXT_SCANNER_H */
