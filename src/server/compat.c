/*
 * compat.c
 *	  What differs between server versions and is more than a macro.
 */
#include "postgres.h"

#include "server/compat.h"

#include "parser/scansup.h"

#if PG_VERSION_NUM >= 160000

ZoneKind
decode_zone_name(const char *name, int *offset, pg_tz **zone)
{
	switch (DecodeTimezoneName(name, offset, zone))
	{
		case TZNAME_FIXED_OFFSET:
			return ZONE_IS_OFFSET;
		case TZNAME_ZONE:
			return ZONE_IS_REGION;
		default:
			return ZONE_DEPENDS_ON_TIME;
	}
}

#else

/* As timestamptz_zone() does it: abbreviations first, then names. */
ZoneKind
decode_zone_name(const char *name, int *offset, pg_tz **zone)
{
	char	   *lower = downcase_truncate_identifier(name, strlen(name), false);
	int			type = DecodeTimezoneAbbrev(0, lower, offset, zone);

	if (type == TZ || type == DTZ)
		return ZONE_IS_OFFSET;
	if (type == DYNTZ)
		return ZONE_DEPENDS_ON_TIME;
	*zone = pg_tzset(name);
	if (*zone == NULL)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("time zone \"%s\" not recognized", name)));
	return ZONE_IS_REGION;
}

#endif
