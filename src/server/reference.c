/*
 * reference.c
 *	  Sealing references, and remembering what was made of them.
 */
#include "postgres.h"

#include "server/compat.h"

#include "access/detoast.h"
#include "common/hashfn.h"
#include "funcapi.h"
#include "libpq/pqformat.h"
#include "miscadmin.h"
#include "port/pg_bswap.h"
#include "server/reference.h"
#include "utils/memutils.h"

/* How a reference is recognised: by where it is stored out of line, else by its fingerprint. */
typedef struct ReferenceKey
{
	bool		toasted;
	uint64		fingerprint;
	varatt_external pointer;
} ReferenceKey;

/* What was made of a reference; it stands in its own context. */
typedef struct Remembered
{
	struct Remembered *next;	/* used less lately */
	MemoryContext context;
	Size		size;
	ReferenceKey key;
	void	   *loaded;
} Remembered;

typedef struct CallSite
{
	Remembered *arguments[REFERENCE_MAX_ARGUMENTS];
	TupleDesc	row;			/* of the result; NULL: not looked up */
	void	   *memory;			/* of the function's own; NULL: not asked for */
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

/*
 * What load makes of a reference in binary form.  It is to be sealed again, so
 * that equal references are equal bytes however they were sent: with numbers
 * written longer than need be, for example.
 */
void *
reference_receive(StringInfo message, ReferenceLoader load)
{
	Size		size = message->len - message->cursor;
	const uint8 *bytes = (const uint8 *) pq_getmsgbytes(message, size);
	const uint8 *contents = bytes + REFERENCE_FINGERPRINT_SIZE;
	uint64		fingerprint;

	if (size < REFERENCE_FINGERPRINT_SIZE)
		reference_damaged();
	memcpy(&fingerprint, bytes, sizeof(fingerprint));
	size -= REFERENCE_FINGERPRINT_SIZE;
	if (pg_ntoh64(fingerprint) != fingerprint_of(contents, size))
		reference_damaged();
	return load(contents, size);
}

static ReferenceKey
key_of(struct varlena *datum)
{
	ReferenceKey key = {0};

	if (VARATT_IS_EXTERNAL_ONDISK(datum))
	{
		key.toasted = true;
		VARATT_EXTERNAL_GET_POINTER(key.pointer, datum);
		return key;
	}
	if (VARATT_IS_EXTENDED(datum) && !VARATT_IS_SHORT(datum))
		datum = (struct varlena *)
			PG_DETOAST_DATUM_SLICE(PointerGetDatum(datum), 0, REFERENCE_FINGERPRINT_SIZE);
	key.fingerprint = stored_fingerprint(datum);
	return key;
}

static bool
same_key(const ReferenceKey *a, const ReferenceKey *b)
{
	return a->toasted == b->toasted && a->fingerprint == b->fingerprint &&
		(!a->toasted || memcmp(&a->pointer, &b->pointer, sizeof(a->pointer)) == 0);
}

static Remembered *
remember(MemoryContext parent, const ReferenceKey *key, struct varlena *datum, ReferenceLoader load)
{
	struct varlena *reference = PG_DETOAST_DATUM_PACKED(PointerGetDatum(datum));
	MemoryContext context = AllocSetContextCreate(parent, "crm_retention reference", ALLOCSET_SMALL_SIZES);
	MemoryContext caller = MemoryContextSwitchTo(context);
	Remembered *memory = palloc0(sizeof(Remembered));

	memory->context = context;
	memory->key = *key;
	memory->loaded = reference_load(reference, load);
	memory->size = MemoryContextMemAllocated(context, true);
	MemoryContextSwitchTo(caller);
	return memory;
}

/* Forgets what was not used lately beyond work_mem; never the first. */
static void
forget(Remembered *memory)
{
	Size		kept = 0;

	while (memory->next != NULL)
	{
		Remembered *next = memory->next;

		kept += memory->size;
		if (kept + next->size <= work_mem * (Size) 1024)
		{
			memory = next;
			continue;
		}
		kept -= memory->size;
		memory->next = next->next;
		MemoryContextDelete(next->context);
	}
}

static CallSite *
call_site(FunctionCallInfo fcinfo)
{
	FmgrInfo   *site = fcinfo->flinfo;

	if (site->fn_extra == NULL)
		site->fn_extra = MemoryContextAllocZero(site->fn_mcxt, sizeof(CallSite));
	return site->fn_extra;
}

/*
 * What load makes of a reference argument, which is not NULL: from memory
 * where an earlier call had the same one, as when every customer is measured
 * by the reference of their segment.  The result belongs to the call site and
 * is valid until its next call.
 */
void *
reference_argument(FunctionCallInfo fcinfo, int argument, ReferenceLoader load)
{
	struct varlena *datum = (struct varlena *) PG_GETARG_POINTER(argument);
	Remembered **first = &call_site(fcinfo)->arguments[argument];
	Remembered **link = first;
	ReferenceKey key = key_of(datum);
	Remembered *memory;

	while (*link != NULL && !same_key(&(*link)->key, &key))
		link = &(*link)->next;
	memory = *link;
	if (memory == *first && memory != NULL)
		return memory->loaded;
	if (memory != NULL)
		*link = memory->next;
	else
		memory = remember(fcinfo->flinfo->fn_mcxt, &key, datum, load);
	memory->next = *first;
	*first = memory;
	forget(memory);
	return memory->loaded;
}

/* So many bytes that stay between calls, zero at the first. */
void *
reference_memory(FunctionCallInfo fcinfo, Size size)
{
	CallSite   *site = call_site(fcinfo);

	if (site->memory == NULL)
		site->memory = MemoryContextAllocZero(fcinfo->flinfo->fn_mcxt, size);
	return site->memory;
}

/* The row that the function returns; the call site looks it up once. */
TupleDesc
reference_result_row(FunctionCallInfo fcinfo)
{
	CallSite   *site = call_site(fcinfo);

	if (site->row == NULL)
	{
		MemoryContext caller = MemoryContextSwitchTo(fcinfo->flinfo->fn_mcxt);
		TupleDesc	row;

		if (get_call_result_type(fcinfo, NULL, &row) != TYPEFUNC_COMPOSITE)
			ereport(ERROR,
					(errcode(ERRCODE_FEATURE_NOT_SUPPORTED),
					 errmsg("a function that returns a row must be called where a row is accepted")));
		site->row = BlessTupleDesc(CreateTupleDescCopy(row));
		MemoryContextSwitchTo(caller);
	}
	return site->row;
}
