/*
 * workspace.h
 *	  What the mathematics asks of whoever runs it: memory, and whether to stop.
 *
 * Memory is asked for and never given back: the caller owns a region (the
 * server a temporary memory context) and drops it whole afterwards.
 */
#ifndef CRM_MATHS_WORKSPACE_H
#define CRM_MATHS_WORKSPACE_H

#include <stdbool.h>
#include <stddef.h>

typedef struct Workspace
{
	void	   *(*allocate) (void *context, size_t bytes);	/* never NULL */
	bool		(*interrupted) (void *context);	/* once true, always; must not throw */
	void	   *context;
} Workspace;

#endif							/* CRM_MATHS_WORKSPACE_H */
