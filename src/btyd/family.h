/*
 * family.h
 *	  What a buy-till-you-die family is: one table of functions.
 *
 * Every family tells the same story: a customer comes at a rate of their own,
 * and at some moment that nobody sees stops for good.  Durations are days.
 * A family is one file that fills one BtydFamily, and a line of BTYD_FAMILIES.
 */
#ifndef CRM_BTYD_FAMILY_H
#define CRM_BTYD_FAMILY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "maths/newton.h"
#include "maths/workspace.h"

/* r, alpha, a, b and the regularity k. */
#define BTYD_PARAMETERS 5

/* The parameters that are fitted as real numbers; k follows them. */
#define BTYD_CONTINUOUS 4
#define BTYD_K 4

/* The largest regularity: a gap of 12 stages varies by 29 % of its mean. */
#define BTYD_MAX_STAGES 12

/* What is known of one customer: the sufficient statistics. */
typedef struct BtydCustomer
{
	double		visits;			/* repeat visits x, a whole number */
	double		recency;		/* t_x: last visit − first visit */
	double		age;			/* T: as_of − first visit */
} BtydCustomer;

/*
 * What the data say about that customer's future.  Given alive, the stage
 * rate is Gamma(shape, scale); the dropout is Beta(drop, stay) per visit, or
 * Gamma(drop, stay) in time for paretonbd.  Computed once, asked often.
 */
typedef struct BtydPosterior
{
	const struct BtydFamily *family;
	double		p_alive;
	double		shape;
	double		scale;
	double		drop;
	double		stay;
	int			stages;
	double		stage[BTYD_MAX_STAGES]; /* P(j stages of the open gap done | alive) */
} BtydPosterior;

/*
 * What discounting finds out that the next customers may need as well.  A pure
 * function of its key, so that nothing depends on who came before; all zero at
 * the start.
 */
#define BTYD_WORTHS 32			/* a power of two */
#define BTYD_WORTHS_BLOCKS 1024

typedef struct BtydWorthsKey
{
	double		drop;
	double		stay;
	double		step;
	int			stages;			/* 0: nothing yet */
	int			number;			/* nodes BTYD_WORTHS · number and so on: coin_discount.c */
} BtydWorthsKey;

typedef struct BtydWorths
{
	BtydWorthsKey key;
	double		worth[BTYD_WORTHS];
} BtydWorths;

/* The last result of customers whose posterior has the same hash. */
#define BTYD_RESULTS 256

typedef struct BtydResult
{
	BtydPosterior posterior;
	double		days;
	double		rate;
	double		visits;
} BtydResult;

typedef struct BtydMemory
{
	BtydWorths	worths[BTYD_WORTHS_BLOCKS];
	BtydResult	results[BTYD_RESULTS];
} BtydMemory;

/* A family tabulates up to so many functions of a day. */
#define BTYD_SCRATCH 4

/*
 * A sample made ready for many evaluations of its likelihood: table.c.
 *
 *	day        0    1    2   …          the distinct days among t_x and T, rising
 *	row        recency[], age[] are places in `day`; weight[] customers
 *	run        rows first[i] .. first[i + 1] − 1 have visits[i]
 */
typedef struct BtydTable
{
	int64_t		rows;
	int32_t    *recency;
	int32_t    *age;
	double	   *weight;
	int64_t		runs;
	int64_t    *first;
	double	   *visits;
	double	   *run_customers;
	int64_t		days;
	double	   *day;
	double	   *day_customers;	/* customers whose age is this day */
	double	   *day_visits;		/* and their repeat visits */
	double		customers;
	double		all_visits;
	double		log_gaps;		/* Σ ln(gap) */
	double	   *scratch;		/* BTYD_SCRATCH doubles a day */
	void	  **family_scratch;	/* what a family allocates at its first evaluation */
	const Workspace *workspace;
} BtydTable;

/* Rows between two questions whether to stop: at most some 20 ms of work. */
#define BTYD_ROWS_A_QUESTION 4096

/* Once true it stays so: what is computed then is thrown away. */
static inline bool
btyd_stopped(const BtydTable *table)
{
	return table->workspace->interrupted(table->workspace->context);
}

/*
 * The log-likelihood of a table at log-parameters; gradient and Hessian in
 * log-parameters too, unless NULL.  Anything, soon, where btyd_stopped.
 */
typedef double (*BtydLikelihood) (const BtydTable *table, int stages, const double *at,
								  double *gradient, double (*hessian)[NEWTON_MAX]);

#define BTYD_MAX_STARTS 8

typedef struct BtydFamily
{
	const char *name;
	int			parameters;
	const char *parameter_name[BTYD_PARAMETERS];
	int			max_stages;		/* 1: the gaps are exponential */
	int			starts;
	const double (*start)[BTYD_CONTINUOUS]; /* alpha, beta ÷ their scales, see fit.c */
	bool		stay_is_days;	/* the fourth parameter is a duration */

	BtydLikelihood likelihood;
	BtydLikelihood undying;		/* the same without dropout: r, alpha only */

	/* Everything but `family`. */
	void		(*posterior) (const double *parameters, const BtydCustomer *customer,
							  BtydPosterior *posterior);

	/* Given alive: expected visits within so many days. */
	double		(*visits) (const BtydPosterior *posterior, double days);

	/* Given alive: chance of at least one visit within so many days, or ever (INFINITY). */
	double		(*returns) (const BtydPosterior *posterior, double days);

	/*
	 * Given alive and that there is a visit to come: ln of the chance that it
	 * comes later than t, at y = ln(1 + t / scale), up to a constant, and its
	 * derivative by y; NaN where that takes too long.
	 */
	double		(*log_waiting) (const BtydPosterior *posterior, double y, double *slope);

	/*
	 * Given alive: the visits within so many days, or ever (INFINITY), each
	 * times e^(−rate t); INFINITY where that diverges.  rate >= 0 where it is
	 * for ever.  memory may be NULL.
	 */
	double		(*discounted) (const BtydPosterior *posterior, double days, double rate,
							   BtydMemory *memory);
} BtydFamily;

/* Of three numbers, for tables of up to 2^16 places. */
static inline size_t
btyd_hash(double a, double b, double c)
{
	double		number[3] = {a, b, c};
	uint64_t	bits[3];

	memcpy(bits, number, sizeof(bits));
	return (size_t) (((bits[0] * 31 + bits[1]) * 31 + bits[2]) * UINT64_C(0x9E3779B97F4A7C15) >> 48);
}

/*
 * The list of families, the one place to touch when adding one: family x is
 * btyd_x.  Models are stored by their number here: only add, at the end.
 */
#define BTYD_FAMILIES(EACH) \
	EACH(bgnbd) \
	EACH(mbgnbd) \
	EACH(paretonbd) \
	EACH(mbgcnbd)

#define BTYD_DECLARE(family) extern const BtydFamily btyd_##family;
BTYD_FAMILIES(BTYD_DECLARE)
#undef BTYD_DECLARE

#define BTYD_NUMBER(family) BTYD_NUMBER_##family,
enum
{
	BTYD_FAMILIES(BTYD_NUMBER)
};
#undef BTYD_NUMBER

/*
 * NULL when the parameters are usable, else what is wrong with them; `which`
 * is then the offending one.
 */
extern const char *btyd_parameter_error(const BtydFamily *family, const double *parameters,
										int *which);

#endif							/* CRM_BTYD_FAMILY_H */
