/*
 * mbgnbd.c
 *	  MBG/NBD: exponential gaps, a coin after every visit, the first included
 *	  (Batislam, Denizel & Filiztekin 2007; Hoppe & Wagner 2007).
 */
#include "btyd/coin.h"

static double
likelihood(const BtydTable *table, int stages, const double *at, double *gradient,
		   double (*hessian)[NEWTON_MAX])
{
	return coin_table_likelihood(COIN_ALL_VISITS, table, stages, at, gradient, hessian);
}

static void
posterior(const double *parameters, const BtydCustomer *customer, BtydPosterior *result)
{
	coin_posterior(COIN_ALL_VISITS, 1, parameters, customer, result);
}

const BtydFamily btyd_mbgnbd = {
	.name = "mbgnbd",
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
