/*
 * compat.h
 *	  Every difference between the server versions we build against (15 and
 *	  later), in one place, and the declaration of an SQL-callable function.
 */
#ifndef CRM_COMPAT_H
#define CRM_COMPAT_H

/*
 * The module is built with hidden visibility, so that none of our names can
 * collide with another library's.  Version 16 exports what
 * PG_FUNCTION_INFO_V1 declares by itself; 15 has to be told.
 */
#if PG_VERSION_NUM < 160000
#undef PGDLLEXPORT
#define PGDLLEXPORT __attribute__((visibility("default")))
#endif

#include "fmgr.h"
#include "utils/datetime.h"

#if PG_VERSION_NUM >= 160000
#include "varatt.h"
#endif

/* Gone from 18 on, where the server says pg_noreturn before the declaration. */
#if PG_VERSION_NUM >= 180000
#define pg_attribute_noreturn() __attribute__((noreturn))
#endif

#define CRM_FUNCTION(name) \
	extern PGDLLEXPORT Datum name(PG_FUNCTION_ARGS); \
	PG_FUNCTION_INFO_V1(name)

/* From 16 on make_range() can return a soft error; we want none. */
#if PG_VERSION_NUM >= 160000
#define make_range_compat(typcache, lower, upper, empty) make_range(typcache, lower, upper, empty, NULL)
#else
#define make_range_compat(typcache, lower, upper, empty) make_range(typcache, lower, upper, empty)
#endif

/* What a time zone's name is, as AT TIME ZONE understands it. */
typedef enum ZoneKind
{
	ZONE_IS_OFFSET,				/* an abbreviation with a fixed offset, such as EST */
	ZONE_IS_REGION,				/* a zone with a history, such as Europe/Berlin */
	ZONE_DEPENDS_ON_TIME		/* an abbreviation whose offset changed, such as MSK */
} ZoneKind;

/* *offset: seconds east of Greenwich, for ZONE_IS_OFFSET; *zone for the others. */
extern ZoneKind decode_zone_name(const char *name, int *offset, pg_tz **zone);

#endif							/* CRM_COMPAT_H */
