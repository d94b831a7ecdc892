/*
 * zone.h
 *	  The calendar day of a timestamptz in a time zone.
 */
#ifndef CRM_ZONE_H
#define CRM_ZONE_H

#include "utils/date.h"
#include "utils/timestamp.h"

extern DateADT day_of_timestamp(Timestamp at);
extern DateADT day_in_session_zone(FunctionCallInfo fcinfo, TimestampTz at);
extern DateADT day_in_zone(FunctionCallInfo fcinfo, TimestampTz at, text *zone);

#endif							/* CRM_ZONE_H */
