/*
 * reference.c
 *	  Sealing references, and remembering what was made of them.
 */
#include "postgres.h"

#include "server/compat.h"

#include "access/detoast.h"
#include "common/hashfn.h"
#include "libpq/pqformat.h"
#include "port/pg_bswap.h"
#include "server/reference.h"
#include "utils/memutils.h"

/* What a call site remembers of one of its arguments. */
typedef struct Remembered
{
	MemoryContext context;		/* of loaded; NULL: nothing remembered */
	void	   *loaded;
	uint64		fingerprint;
	bool		toasted;		/* pointer is where it was fetched from */
	varatt_external pointer;
} Remembered;

typedef struct CallSite
{
	Remembered	arguments[REFERENCE_MAX_ARGUMENTS];
} CallSite;

void
reference_damaged(void)
{
	ereport(ERROR,
			(errcode(ERRCODE_INVALID_BINARY_REPRESENTATION),
			 errmsg("reference value is damaged"),
			 errhint("Learn it again from the histories.")));
}

static uint64
fingerprint_of(const uint8 *contents, Size size)
{
	return DatumGetUInt64(hash_any_extended(contents, (int) size, 0));
}

static uint64
stored_fingerprint(struct varlena *reference)
{
	uint64		fingerprint;

	if (VARSIZE_ANY_EXHDR(reference) < REFERENCE_FINGERPRINT_SIZE)
		reference_damaged();
	memcpy(&fingerprint, VARDATA_ANY(reference), sizeof(fingerprint));
	return pg_ntoh64(fingerprint);
}

/* Puts the fingerprint before contents. */
struct varlena *
reference_seal(const uint8 *contents, Size size)
{
	uint64		fingerprint = pg_hton64(fingerprint_of(contents, size));
	Size		total = VARHDRSZ + sizeof(fingerprint) + size;
	struct varlena *reference = palloc(total);

	SET_VARSIZE(reference, total);
	memcpy(VARDATA(reference), &fingerprint, sizeof(fingerprint));
	memcpy(VARDATA(reference) + sizeof(fingerprint), contents, size);
	return reference;
}

/* What load makes of a plain or short reference, in the current context. */
void *
reference_load(struct varlena *reference, ReferenceLoader load)
{
	if (VARSIZE_ANY_EXHDR(reference) < REFERENCE_FINGERPRINT_SIZE)
		reference_damaged();
	return load((uint8 *) VARDATA_ANY(reference) + REFERENCE_FINGERPRINT_SIZE,
				VARSIZE_ANY_EXHDR(reference) - REFERENCE_FINGERPRINT_SIZE);
}

/* A reference in binary form: the loader checks the contents, we the fingerprint. */
struct varlena *
reference_receive(StringInfo message, ReferenceLoader load)
{
	Size		size = message->len - message->cursor;
	const uint8 *bytes = (const uint8 *) pq_getmsgbytes(message, size);
	struct varlena *reference;

	if (size < REFERENCE_FINGERPRINT_SIZE)
		reference_damaged();
	reference = reference_seal(bytes + REFERENCE_FINGERPRINT_SIZE, size - REFERENCE_FINGERPRINT_SIZE);
	if (memcmp(VARDATA(reference), bytes, REFERENCE_FINGERPRINT_SIZE) != 0)
		reference_damaged();
	reference_load(reference, load);
	return reference;
}

/* Equal references are equal bytes: what was given must be what we would write ourselves. */
struct varlena *
reference_canonical(struct varlena *given, struct varlena *again)
{
	if (VARSIZE(given) != VARSIZE(again) ||
		memcmp(VARDATA(given), VARDATA(again), VARSIZE(given) - VARHDRSZ) != 0)
		reference_damaged();
	return again;
}

/* Whether the datum, still toasted perhaps, is the one remembered. */
static bool
is_remembered(const Remembered *memory, struct varlena *datum)
{
	if (memory->context == NULL)
		return false;
	if (VARATT_IS_EXTERNAL_ONDISK(datum))
	{
		varatt_external pointer;

		VARATT_EXTERNAL_GET_POINTER(pointer, datum);
		return memory->toasted && memcmp(&pointer, &memory->pointer, sizeof(pointer)) == 0;
	}
	if (VARATT_IS_EXTENDED(datum) && !VARATT_IS_SHORT(datum))
		datum = (struct varlena *)
			PG_DETOAST_DATUM_SLICE(PointerGetDatum(datum), 0, REFERENCE_FINGERPRINT_SIZE);
	return stored_fingerprint(datum) == memory->fingerprint;
}

static void
remember(FunctionCallInfo fcinfo, Remembered *memory, struct varlena *datum, ReferenceLoader load)
{
	struct varlena *reference = PG_DETOAST_DATUM_PACKED(PointerGetDatum(datum));
	MemoryContext context = AllocSetContextCreate(fcinfo->flinfo->fn_mcxt, "crm_retention reference",
												  ALLOCSET_SMALL_SIZES);
	MemoryContext caller = MemoryContextSwitchTo(context);
	void	   *loaded = reference_load(reference, load);

	MemoryContextSwitchTo(caller);
	if (memory->context != NULL)
		MemoryContextDelete(memory->context);
	memory->context = context;
	memory->loaded = loaded;
	memory->fingerprint = stored_fingerprint(reference);
	memory->toasted = VARATT_IS_EXTERNAL_ONDISK(datum);
	if (memory->toasted)
		VARATT_EXTERNAL_GET_POINTER(memory->pointer, datum);
}

/*
 * What load makes of a reference argument, which is not NULL: from memory
 * where the call before had the same one.  The result belongs to the call
 * site and is valid until its next call.
 */
void *
reference_argument(FunctionCallInfo fcinfo, int argument, ReferenceLoader load)
{
	struct varlena *datum = (struct varlena *) PG_GETARG_POINTER(argument);
	FmgrInfo   *site = fcinfo->flinfo;
	Remembered *memory;

	if (site->fn_extra == NULL)
		site->fn_extra = MemoryContextAllocZero(site->fn_mcxt, sizeof(CallSite));
	memory = &((CallSite *) site->fn_extra)->arguments[argument];
	if (!is_remembered(memory, datum))
		remember(fcinfo, memory, datum, load);
	return memory->loaded;
}
