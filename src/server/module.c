/*
 * module.c
 *	  What makes the shared library a module that the server accepts.
 */
#include "postgres.h"

#include "server/compat.h"

#include "btyd/model.h"

#if PG_VERSION_NUM >= 180000
PG_MODULE_MAGIC_EXT(.name = "crm_retention", .version = CRM_VERSION);
#else
PG_MODULE_MAGIC;
#endif

extern PGDLLEXPORT void _PG_init(void);

/* The server calls this when it loads the library. */
void
_PG_init(void)
{
	btyd_model_init();
}
