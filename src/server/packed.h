/*
 * packed.h
 *	  Functions that all our value types share (see packed.c).
 */
#ifndef CRM_PACKED_H
#define CRM_PACKED_H

#include "server/compat.h"

extern PGDLLEXPORT Datum crm_packed_send(PG_FUNCTION_ARGS);

#endif							/* CRM_PACKED_H */
