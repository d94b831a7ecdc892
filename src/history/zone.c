/*
 * zone.c
 *	  The calendar day of a timestamptz in a time zone.
 *
 * Between two changes of the clocks a zone is a constant offset, and the rows
 * of a query mostly fall between the same two: so the last interval of
 * constant offset is kept and a row costs two comparisons and a division.
 * What the server says of a zone's name (abbreviations such as CET, which
 * have no summer time, go before zones) holds here too.
 */
#include "postgres.h"

#include "server/compat.h"

#include "history/history.h"
#include "history/zone.h"
#include "pgtime.h"
#include "utils/builtins.h"
#include "utils/datetime.h"

/* A zone and an interval [low, high) in which its offset from UTC is constant. */
typedef struct ZoneInterval
{
	pg_tz	   *zone;
	pg_time_t	low;			/* Unix seconds */
	pg_time_t	high;
	int64		offset;			/* local minus UTC, in microseconds */
} ZoneInterval;

/* What a call site remembers of the zone it was called with last. */
typedef struct ZoneCache
{
	ZoneInterval interval;
	bool		known;			/* name is set, and interval is its zone's */
	Size		name_size;
	char		name[TZ_STRLEN_MAX + 1];
} ZoneCache;

static DateADT
day_of_microseconds(int64 microseconds)
{
	int64		day = microseconds / USECS_PER_DAY;

	if (microseconds % USECS_PER_DAY < 0)
		day--;
	return (DateADT) day;
}

static void
check_finite(Timestamp at)
{
	if (TIMESTAMP_NOT_FINITE(at))
		history_day_not_finite(TIMESTAMP_IS_NOEND(at));
}

DateADT
day_of_timestamp(Timestamp at)
{
	check_finite(at);
	return day_of_microseconds(at);
}

/* Seconds since 1970 of the second that at lies in. */
static pg_time_t
unix_seconds(TimestampTz at)
{
	int64		seconds = at / USECS_PER_SEC;

	if (at % USECS_PER_SEC < 0)
		seconds--;
	return (pg_time_t) (seconds + ((int64) (POSTGRES_EPOCH_JDATE - UNIX_EPOCH_JDATE)) * SECS_PER_DAY);
}

/* Makes interval the one of constant offset that at lies in (as far as it is ahead of at). */
static void
find_interval(ZoneInterval *interval, pg_time_t at)
{
	long		offsets[2];
	int			is_dst[2];
	pg_time_t	change;
	struct pg_tm *local = pg_localtime(&at, interval->zone);
	int			changes = pg_next_dst_boundary(&at, &offsets[0], &is_dst[0], &change,
											   &offsets[1], &is_dst[1], interval->zone);

	if (local == NULL || changes < 0)
		ereport(ERROR,
				(errcode(ERRCODE_DATETIME_VALUE_OUT_OF_RANGE),
				 errmsg("timestamp out of range for time zone \"%s\"",
						pg_get_timezone_name(interval->zone))));
	interval->low = at;
	interval->high = changes > 0 ? change : PG_INT64_MAX;
	interval->offset = local->tm_gmtoff * USECS_PER_SEC;
}

static DateADT
day_in_interval(ZoneInterval *interval, TimestampTz at)
{
	pg_time_t	seconds = unix_seconds(at);

	if (seconds < interval->low || seconds >= interval->high)
		find_interval(interval, seconds);
	return day_of_microseconds(at + interval->offset);
}

static void
use_zone(ZoneInterval *interval, pg_tz *zone)
{
	interval->zone = zone;
	interval->low = PG_INT64_MAX;	/* empty: found at the first use */
	interval->high = PG_INT64_MIN;
}

/* The call site's memory, made at the first call. */
static ZoneCache *
zone_cache(FunctionCallInfo fcinfo)
{
	FmgrInfo   *site = fcinfo->flinfo;

	if (site->fn_extra == NULL)
		site->fn_extra = MemoryContextAllocZero(site->fn_mcxt, sizeof(ZoneCache));
	return site->fn_extra;
}

/* As at::date says it under the session's TimeZone. */
DateADT
day_in_session_zone(FunctionCallInfo fcinfo, TimestampTz at)
{
	ZoneCache  *cache = zone_cache(fcinfo);

	check_finite(at);
	if (cache->interval.zone != session_timezone)
		use_zone(&cache->interval, session_timezone);
	return day_in_interval(&cache->interval, at);
}

/* Finds out what name means; false for an abbreviation whose meaning depends on the time. */
static bool
resolve_zone(ZoneCache *cache, const char *name)
{
	int			offset = 0;
	pg_tz	   *zone = NULL;

	switch (decode_zone_name(name, &offset, &zone))
	{
		case ZONE_IS_OFFSET:
			cache->interval.zone = NULL;
			cache->interval.low = PG_INT64_MIN;
			cache->interval.high = PG_INT64_MAX;
			cache->interval.offset = offset * USECS_PER_SEC;
			return true;
		case ZONE_IS_REGION:
			use_zone(&cache->interval, zone);
			return true;
		case ZONE_DEPENDS_ON_TIME:
			break;
	}
	return false;
}

/* As (at AT TIME ZONE zone)::date says it. */
DateADT
day_in_zone(FunctionCallInfo fcinfo, TimestampTz at, text *zone)
{
	ZoneCache  *cache = zone_cache(fcinfo);
	Size		size = VARSIZE_ANY_EXHDR(zone);

	check_finite(at);
	if (!cache->known || cache->name_size != size ||
		memcmp(cache->name, VARDATA_ANY(zone), size) != 0)
	{
		cache->known = false;
		if (size > TZ_STRLEN_MAX || !resolve_zone(cache, text_to_cstring(zone)))
			return day_of_microseconds(DatumGetTimestamp(
				DirectFunctionCall2(timestamptz_zone, PointerGetDatum(zone), TimestampTzGetDatum(at))));
		memcpy(cache->name, VARDATA_ANY(zone), size);
		cache->name_size = size;
		cache->known = true;
	}
	return day_in_interval(&cache->interval, at);
}
