/*
 * families.c
 *	  What holds for every family.
 */
#include <math.h>

#include "btyd/family.h"

const char *
btyd_parameter_error(const BtydFamily *family, const double *parameters, int *which)
{
	for (int i = 0; i < family->parameters; i++)
	{
		*which = i;
		if (i == BTYD_K)
		{
			if (!(parameters[i] >= 1 && parameters[i] <= BTYD_MAX_STAGES)
				|| parameters[i] != floor(parameters[i]))
				return "must be a whole number from 1 to 12";
		}
		else if (!(parameters[i] >= NEWTON_SMALLEST && parameters[i] <= NEWTON_LARGEST))
			return "must lie between 1e-8 and 1e8";
	}
	return NULL;
}
