/*
 * bgnbd.c
 *	  BG/NBD: exponential gaps, a coin after every visit but the first (Fader,
 *	  Hardie & Lee 2005, "Counting your customers the easy way", Marketing
 *	  Science 24).  Whoever came once is alive with probability 1.
 */
#include "btyd/coin.h"

static double
likelihood(const BtydTable *table, int stages, const double *at, double *gradient,
		   double (*hessian)[NEWTON_MAX])
{
	return coin_table_likelihood(COIN_REPEAT_VISITS, table, stages, at, gradient, hessian);
}

static void
posterior(const double *parameters, const BtydCustomer *customer, BtydPosterior *result)
{
	coin_posterior(COIN_REPEAT_VISITS, 1, parameters, customer, result);
}

const BtydFamily btyd_bgnbd = {
	.name = "bgnbd",
	.parameters = 4,
	.parameter_name = {"r", "alpha", "a", "b"},
	.max_stages = 1,
	.starts = COIN_STARTS,
	.start = coin_start,
	.likelihood = likelihood,
	.undying = coin_undying,
	.posterior = posterior,
	.visits = coin_visits,
	.returns = coin_returns,
	.log_waiting = coin_log_waiting,
	.discounted = coin_discounted,
};
