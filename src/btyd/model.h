/*
 * model.h
 *	  btyd_model, for everything in the server that forecasts with it.
 */
#ifndef CRM_BTYD_MODEL_H
#define CRM_BTYD_MODEL_H

#include "btyd/forecast.h"
#include "history/history.h"
#include "segments/labels.h"
#include "server/fitted.h"

/* The families, each a kind. */
extern const FittedType btyd_model_type;

extern void btyd_model_init(void);
extern const FittedKind *btyd_kind(const text *family);
extern char *btyd_family_names(void);
extern void *btyd_model_load(const uint8 *contents, Size size);

#define PG_GETARG_BTYD_MODEL(n) ((const Fitted *) reference_argument(fcinfo, n, btyd_model_load))

/* A customer with x repeat visits and so on as of as_of; there is a visit. */
static inline BtydCustomer
btyd_customer(const HistorySummary *summary, DateADT as_of)
{
	return (BtydCustomer) {
		.visits = summary->visits - 1,
		.recency = summary->last_visit - summary->first_visit,
		.age = as_of - summary->first_visit
	};
}

/* What a model says of a customer; false where it says nothing: no visit, no parameters. */
extern bool btyd_forecast(const HistorySummary *summary, const Fitted *model, DateADT as_of,
						  BtydPosterior *posterior);

/* The days to the next visit between the quantiles of a level; false where there is none to be expected in time. */
extern bool btyd_next_visit_days(const BtydWaiting *waiting, double level, int32 *low, int32 *high);

/* low, medium or high, on 1 - P(alive). */
extern CrmLabel churn_label(const BtydPosterior *posterior);

#endif							/* CRM_BTYD_MODEL_H */
