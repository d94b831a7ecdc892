/*
 * module.c
 *	  What makes the shared library a module that the server accepts.
 */
#include "postgres.h"

#include "server/compat.h"

#if PG_VERSION_NUM >= 180000
PG_MODULE_MAGIC_EXT(.name = "crm_retention", .version = CRM_VERSION);
#else
PG_MODULE_MAGIC;
#endif
