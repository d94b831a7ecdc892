/*
 * coin.h
 *	  The models in which a customer tosses a coin after each visit:
 *	  coin_likelihood.c, coin_forecast.c and coin_discount.c, of which bgnbd.c,
 *	  mbgnbd.c and mbgcnbd.c are made.
 */
#ifndef CRM_BTYD_COIN_H
#define CRM_BTYD_COIN_H

#include "btyd/family.h"

typedef enum CoinRule
{
	COIN_NEVER,					/* nobody leaves */
	COIN_REPEAT_VISITS,			/* after every visit but the first */
	COIN_ALL_VISITS				/* after every visit */
} CoinRule;

/* coin_likelihood.c */
extern double coin_table_likelihood(CoinRule rule, const BtydTable *table, int stages,
									const double *at, double *gradient,
									double (*hessian)[NEWTON_MAX]);
extern double coin_undying(const BtydTable *table, int stages, const double *at,
						   double *gradient, double (*hessian)[NEWTON_MAX]);
extern void coin_posterior(CoinRule rule, int stages, const double *parameters,
						   const BtydCustomer *customer, BtydPosterior *posterior);

/* coin_forecast.c */
extern double coin_visits(const BtydPosterior *posterior, double days);
extern double coin_returns(const BtydPosterior *posterior, double days);
extern double coin_log_waiting(const BtydPosterior *posterior, double y, double *slope);

/*
 * Expected visits within so many days, each worth e^(−rate t), by a sum over
 * stages, and how many of these it takes.
 */
extern double coin_summed_visits(const BtydPosterior *posterior, double days, double rate);
extern double coin_last_stage(const BtydPosterior *posterior, double days, double rate);

/* coin_discount.c */
extern double coin_discounted(const BtydPosterior *posterior, double days, double rate,
							  BtydMemory *memory);

/* Where the fits of these models start: r, alpha ÷ scale, a, b. */
#define COIN_STARTS 6
extern const double coin_start[COIN_STARTS][BTYD_CONTINUOUS];

#endif							/* CRM_BTYD_COIN_H */
