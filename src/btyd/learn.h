/*
 * learn.h
 *	  Fitting a btyd_model to a tally of customers.
 */
#ifndef CRM_BTYD_LEARN_H
#define CRM_BTYD_LEARN_H

#include "btyd/model.h"
#include "maths/workspace.h"
#include "tally/tally.h"

/* The family of a fit that names none: it sees that one-time buyers may be gone, and regular gaps. */
#define BTYD_DEFAULT_FAMILY "mbgcnbd"

extern Tally *btyd_count_customer(Tally *tally, const VisitDays *visits, DateADT as_of);
extern Fitted btyd_fit_entries(const FittedKind *kind, const TallyEntries *entries);
extern int	btyd_kind_argument(FunctionCallInfo fcinfo, int argument);
extern const FittedKind *btyd_kind_parameter(int64 parameter);
extern void fitted_warn(const char *aggregate, const Fitted *fitted);
extern Workspace server_workspace(void);
extern void check_interrupted(bool interrupted);

#endif							/* CRM_BTYD_LEARN_H */
