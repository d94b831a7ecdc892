/*
 * predict.c
 *	  What a btyd_model says of one customer, as SQL functions.
 */
#include "postgres.h"

#include "server/compat.h"

#include <math.h>

#include "btyd/model.h"
#include "latency/latency.h"
#include "segments/labels.h"
#include "utils/builtins.h"

bool
btyd_forecast(const HistorySummary *summary, const Fitted *model, DateADT as_of, BtydPosterior *posterior)
{
	BtydCustomer customer;

	if (summary->visits == 0 || !model->known)
		return false;
	customer = btyd_customer(summary, as_of);
	*posterior = btyd_posterior(model->kind->model, model->parameters, &customer);
	return true;
}

/* (h, model, as_of, ...): the posterior; false where nothing can be said. */
static bool
forecast_arguments(FunctionCallInfo fcinfo, BtydPosterior *posterior)
{
	DateADT		as_of = check_as_of(PG_GETARG_DATEADT(2));
	HistorySummary summary = history_summary(PG_GETARG_HISTORY(0), DATEVAL_NOBEGIN, as_of);

	return btyd_forecast(&summary, PG_GETARG_BTYD_MODEL(1), as_of, posterior);
}

CRM_FUNCTION(crm_p_alive);
Datum
crm_p_alive(PG_FUNCTION_ARGS)
{
	BtydPosterior posterior;

	if (!forecast_arguments(fcinfo, &posterior))
		PG_RETURN_NULL();
	PG_RETURN_FIGURE(posterior.p_alive);
}

CRM_FUNCTION(crm_expected_visits);
Datum
crm_expected_visits(PG_FUNCTION_ARGS)
{
	int32		days = check_days(PG_GETARG_INT32(3));
	BtydPosterior posterior;

	if (!forecast_arguments(fcinfo, &posterior))
		PG_RETURN_NULL();
	PG_RETURN_FIGURE(btyd_expected_visits(&posterior, days));
}

/* Of a new customer, in the days after the first visit. */
CRM_FUNCTION(crm_expected_visits_new);
Datum
crm_expected_visits_new(PG_FUNCTION_ARGS)
{
	const Fitted *model = PG_GETARG_BTYD_MODEL(0);
	int32		days = check_days(PG_GETARG_INT32(1));
	BtydCustomer nobody = {0, 0, 0};
	BtydPosterior posterior;

	if (!model->known)
		PG_RETURN_NULL();
	posterior = btyd_posterior(model->kind->model, model->parameters, &nobody);
	PG_RETURN_FIGURE(btyd_expected_visits(&posterior, days));
}

CRM_FUNCTION(crm_visit_probability_model);
Datum
crm_visit_probability_model(PG_FUNCTION_ARGS)
{
	int32		days = check_days(PG_GETARG_INT32(3));
	BtydPosterior posterior;

	if (!forecast_arguments(fcinfo, &posterior))
		PG_RETURN_NULL();
	PG_RETURN_FIGURE(btyd_visit_probability(&posterior, days));
}

CRM_FUNCTION(crm_expected_next_visit_model);
Datum
crm_expected_next_visit_model(PG_FUNCTION_ARGS)
{
	BtydPosterior posterior;
	BtydWaiting waiting;
	int32		days;
	DateADT		day;

	if (!forecast_arguments(fcinfo, &posterior))
		PG_RETURN_NULL();
	waiting = btyd_waiting(&posterior);
	days = btyd_next_visit_day(&waiting, 0.5, FORECAST_MAX_DAYS);
	if (days < 0 || !day_ahead(PG_GETARG_DATEADT(2), days, &day))
		PG_RETURN_NULL();
	PG_RETURN_DATEADT(day);
}

bool
btyd_next_visit_days(const BtydWaiting *waiting, double level, int32 *low, int32 *high)
{
	*low = btyd_next_visit_day(waiting, (1 - level) / 2, FORECAST_MAX_DAYS);
	*high = btyd_next_visit_day(waiting, (1 + level) / 2, FORECAST_MAX_DAYS);
	if (*high < 0)
		*high = FORECAST_MAX_DAYS + 1;
	return *low >= 0;
}

CRM_FUNCTION(crm_next_visit_range_model);
Datum
crm_next_visit_range_model(PG_FUNCTION_ARGS)
{
	double		level = check_level(PG_GETARG_FLOAT8(3));
	BtydPosterior posterior;
	BtydWaiting waiting;
	int32		low;
	int32		high;

	if (!forecast_arguments(fcinfo, &posterior))
		PG_RETURN_NULL();
	waiting = btyd_waiting(&posterior);
	if (!btyd_next_visit_days(&waiting, level, &low, &high))
		PG_RETURN_NULL();
	return day_range(fcinfo, PG_GETARG_DATEADT(2), low, high);
}

CrmLabel
churn_label(const BtydPosterior *posterior)
{
	double		gone = 1 - posterior->p_alive;

	return gone < 0.5 ? LABEL_low : gone < 0.75 ? LABEL_medium : LABEL_high;
}

/* No visit is no_data. */
CRM_FUNCTION(crm_churn_risk);
Datum
crm_churn_risk(PG_FUNCTION_ARGS)
{
	DateADT		as_of = check_as_of(PG_GETARG_DATEADT(2));
	HistorySummary summary = history_summary(PG_GETARG_HISTORY(0), DATEVAL_NOBEGIN, as_of);
	CrmLabel	label = LABEL_no_data;
	BtydPosterior posterior;

	if (summary.visits > 0)
	{
		if (!btyd_forecast(&summary, PG_GETARG_BTYD_MODEL(1), as_of, &posterior))
			PG_RETURN_NULL();
		label = churn_label(&posterior);
	}
	PG_RETURN_TEXT_P(cstring_to_text(crm_labels[label]));
}
