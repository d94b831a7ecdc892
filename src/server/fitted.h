/*
 * fitted.h
 *	  A model with a few parameters, and how it was fitted: the value behind
 *	  btyd_model and spend_model.
 *
 * Contents behind the reference's fingerprint; doubles are big-endian and NaN
 * where a figure is not known:
 *
 *	 | kind 8 | flags 8 | parameters 64 x n | standard errors 64 x n |
 *	 | log-likelihood 64 | aic 64 | customers 64 | iterations 32 | warning, text |
 */
#ifndef CRM_FITTED_H
#define CRM_FITTED_H

#include <math.h>

#include "maths/warning.h"
#include "server/reference.h"

#define FITTED_PARAMETERS 5

/* JSON has no larger whole numbers that all readers agree on: 2^53. */
#define FITTED_MAX_CUSTOMERS INT64CONST(9007199254740992)

/* A kind of model: what its parameters are called, and which are possible. */
typedef struct FittedKind
{
	const char *name;
	int			parameters;
	const char *const *parameter_name;

	/* NULL, or what is wrong with parameter *which. */
	const char *(*error) (const struct FittedKind *kind, const double *parameters, int *which);
	const void *model;			/* the mathematics' own description of it */
} FittedKind;

/* All kinds of one SQL type, by the number that is stored. */
typedef struct FittedType
{
	const char *name;
	int			kinds;
	const FittedKind *kind;
} FittedType;

typedef struct Fitted
{
	const FittedKind *kind;
	bool		known;			/* there are parameters: given, or found by a fit */
	bool		fitted;			/* by a fit, which the rest describes */
	bool		converged;
	double		parameters[FITTED_PARAMETERS];
	double		standard_errors[FITTED_PARAMETERS];
	double		log_likelihood;
	double		aic;
	int64		customers;
	int32		iterations;
	Warning		warning;
} Fitted;

/* NULL rather than a number that is none. */
#define PG_RETURN_FIGURE(figure) \
	do { \
		double		figure_ = (figure); \
\
		if (!isfinite(figure_)) \
			PG_RETURN_NULL(); \
		PG_RETURN_FLOAT8(figure_); \
	} while (0)

extern Fitted *fitted_load(const FittedType *type, const uint8 *contents, Size size);
extern void fitted_settle(Fitted *fitted);
extern struct varlena *fitted_seal(const FittedType *type, const Fitted *fitted);
extern char *fitted_text(const Fitted *fitted);
extern Fitted *fitted_parse(const FittedType *type, const char *text);
extern Fitted *fitted_from_parameters(const FittedType *type, const FittedKind *kind,
									  const double *parameters);
extern Datum fitted_summary(FunctionCallInfo fcinfo, const Fitted *fitted);

#endif							/* CRM_FITTED_H */
