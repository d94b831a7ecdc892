/*
 * packed.c
 *	  What all our value types have in common.
 *
 * A history and every reference are varlenas in canonical form: equal values
 * are equal bytes.  So equality, hashing and the binary form are the same
 * functions for all of them.
 */
#include "postgres.h"

#include "server/compat.h"

#include "common/hashfn.h"
#include "utils/builtins.h"

static bool
packed_equal(FunctionCallInfo fcinfo)
{
	struct varlena *a = PG_GETARG_VARLENA_PP(0);
	struct varlena *b = PG_GETARG_VARLENA_PP(1);

	return VARSIZE_ANY_EXHDR(a) == VARSIZE_ANY_EXHDR(b) &&
		memcmp(VARDATA_ANY(a), VARDATA_ANY(b), VARSIZE_ANY_EXHDR(a)) == 0;
}

CRM_FUNCTION(crm_packed_eq);
Datum
crm_packed_eq(PG_FUNCTION_ARGS)
{
	PG_RETURN_BOOL(packed_equal(fcinfo));
}

CRM_FUNCTION(crm_packed_ne);
Datum
crm_packed_ne(PG_FUNCTION_ARGS)
{
	PG_RETURN_BOOL(!packed_equal(fcinfo));
}

CRM_FUNCTION(crm_packed_hash);
Datum
crm_packed_hash(PG_FUNCTION_ARGS)
{
	struct varlena *value = PG_GETARG_VARLENA_PP(0);

	return hash_any((unsigned char *) VARDATA_ANY(value), VARSIZE_ANY_EXHDR(value));
}

CRM_FUNCTION(crm_packed_hash_extended);
Datum
crm_packed_hash_extended(PG_FUNCTION_ARGS)
{
	struct varlena *value = PG_GETARG_VARLENA_PP(0);

	return hash_any_extended((unsigned char *) VARDATA_ANY(value), VARSIZE_ANY_EXHDR(value),
							 PG_GETARG_INT64(1));
}

/* The binary form is the contents; each type's receive function checks them. */
CRM_FUNCTION(crm_packed_send);
Datum
crm_packed_send(PG_FUNCTION_ARGS)
{
	struct varlena *value = PG_GETARG_VARLENA_PP(0);

	PG_RETURN_BYTEA_P(cstring_to_text_with_len(VARDATA_ANY(value), VARSIZE_ANY_EXHDR(value)));
}
