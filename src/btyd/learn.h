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
#define BTYD_DEFAULT_FAMILY BTYD_NUMBER_mbgcnbd

/* A sample as a tally: group x + 1 counts (t_x, T), one group behind them counts gaps. */
#define BTYD_GAPS_GROUP (UINT64CONST(1) << 32)

static inline int64
btyd_triple(int32 recency, int32 age)
{
	return (int64) recency << 32 | age;
}

extern Tally *btyd_count_customer(Tally *tally, const VisitHistory *history, DateADT as_of,
								  const FittedKind *kind);
extern Fitted btyd_fit_entries(const FittedKind *kind, const TallyEntries *entries);
extern int	btyd_kind_argument(FunctionCallInfo fcinfo, int argument);
extern const FittedKind *btyd_kind_parameter(int64 parameter);
extern char *btyd_kind_text(const int64 *kind);
extern void fitted_warn(const char *aggregate, const Fitted *fitted);
extern Workspace server_workspace(void);
extern void check_interrupted(bool interrupted);

#endif							/* CRM_BTYD_LEARN_H */
