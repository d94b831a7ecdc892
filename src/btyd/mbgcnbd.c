/*
 * mbgcnbd.c
 *	  MBG/CNBD-k: gaps of k exponential stages, hence more regular than chance,
 *	  and a coin after every visit (Platzer & Reutterer 2016; Reutterer, Platzer
 *	  & Schröder 2021).  k is the fifth parameter; with k = 1 this is MBG/NBD.
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
	coin_posterior(COIN_ALL_VISITS, (int) parameters[BTYD_K], parameters, customer, result);
}

const BtydFamily btyd_mbgcnbd = {
	.name = "mbgcnbd",
	.parameters = 5,
	.parameter_name = {"r", "alpha", "a", "b", "k"},
	.max_stages = BTYD_MAX_STAGES,
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
