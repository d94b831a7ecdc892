/*
 * warning.h
 *	  Reasons to distrust a result, collected into one text.
 */
#ifndef CRM_MATHS_WARNING_H
#define CRM_MATHS_WARNING_H

typedef struct Warning
{
	char		text[512];		/* "" while there is none; reasons joined by "; " */
} Warning;

extern void warning_add(Warning *warning, const char *format,...)
			__attribute__((format(printf, 2, 3)));

/* One more item of the last reason where that begins with `lead`, else a reason of its own. */
extern void warning_add_item(Warning *warning, const char *lead, const char *format,...)
			__attribute__((format(printf, 3, 4)));

#endif							/* CRM_MATHS_WARNING_H */
