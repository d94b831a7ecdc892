/*
 * reference.h
 *	  References (norms, schemes, tiers, models): stored small, used fast.
 *
 * A reference is learned once and applied to millions of customers, so its
 * stored bytes are kept compact and what it is used for is worked out at the
 * first call and remembered by the call site.  To recognise a reference
 * without reading all of it, every one begins with a fingerprint of the rest:
 *
 *	 | length word 8 or 32 | fingerprint 64, big-endian | contents |
 */
#ifndef CRM_REFERENCE_H
#define CRM_REFERENCE_H

#include "access/tupdesc.h"
#include "fmgr.h"
#include "lib/stringinfo.h"

#define REFERENCE_FINGERPRINT_SIZE 8

/*
 * Makes what the functions use from a reference's contents, in the current
 * context; raises an error where they are not what our encoder writes.
 */
typedef void *(*ReferenceLoader) (const uint8 *contents, Size size);

/* References of one call are arguments below this number. */
#define REFERENCE_MAX_ARGUMENTS 12

extern void *reference_argument(FunctionCallInfo fcinfo, int argument, ReferenceLoader load);
extern void *reference_memory(FunctionCallInfo fcinfo, Size size);
extern TupleDesc reference_result_row(FunctionCallInfo fcinfo);
extern void *reference_load(struct varlena *reference, ReferenceLoader load);
extern struct varlena *reference_seal(const uint8 *contents, Size size);
extern void reference_damaged(void) pg_attribute_noreturn();
extern void *reference_receive(StringInfo message, ReferenceLoader load);

#endif							/* CRM_REFERENCE_H */
