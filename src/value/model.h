/*
 * model.h
 *	  spend_model, for everything in the server that values customers with it.
 */
#ifndef CRM_VALUE_MODEL_H
#define CRM_VALUE_MODEL_H

#include "history/history.h"
#include "server/fitted.h"

extern const FittedType spend_model_type;

extern void *spend_model_load(const uint8 *contents, Size size);

#define PG_GETARG_SPEND_MODEL(n) ((const Fitted *) reference_argument(fcinfo, n, spend_model_load))

/* Expected money of the next visit; NaN where nothing can be said. */
extern double spend_forecast(const HistorySummary *summary, const Fitted *model);

#endif							/* CRM_VALUE_MODEL_H */
