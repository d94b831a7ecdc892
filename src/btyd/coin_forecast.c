/*
 * coin_forecast.c
 *	  Gamma-mixed visits and a beta-mixed coin: what is to be expected of one
 *	  customer, for BG/NBD, MBG/NBD and MBG/CNBD-k.
 *
 * Given alive, the stage rate is Gamma(shape, scale) and the chance to leave
 * after a visit Beta(drop, stay); stage[j] of the open gap are done already
 * (coin_likelihood.c).  tau is a time ÷ scale.
 */
#include <complex.h>
#include <math.h>

#include "btyd/coin.h"
#include "maths/beta_mean.h"

/*
 * P(M >= least), M the stages of `days` at rate λ ~ Gamma(shape, scale): a
 * negative binomial, tau = days / scale.  One minus the head; where that
 * cancels, the tail itself.
 */
static double
at_least(double shape, double tau, int least)
{
	double		log_none = -shape * log1p(tau);
	double		q = tau / (1 + tau);
	double		some = -expm1(log_none);
	double		term = exp(log_none);
	double		rest = some;
	int			m;

	if (least <= 0)
		return 1;
	for (m = 1; m < least; m++)
	{
		term *= (shape + (m - 1)) / m * q;
		rest -= term;
	}
	if (rest > 0.1 * some)
		return rest;
	for (rest = 0;; m++)
	{
		term *= (shape + (m - 1)) / m * q;
		rest += term;
		if (term * (shape + m) <= 1e-17 * rest * (m + 1 - q * (shape + m)))
			return rest;
	}
}

double
coin_returns(const BtydPosterior *posterior, double days)
{
	double		tau = days / posterior->scale;
	double		sum = 0;

	if (isinf(days))
		return 1;
	for (int j = 0; j < posterior->stages; j++)
		sum += posterior->stage[j] * at_least(posterior->shape + j, tau, posterior->stages - j);
	return fmin(1, sum);
}

/*
 * The next visit is later than t where fewer than k stages fit into the whole
 * silence: with λ given the visits alone, Gamma(shape, scale − silence), that is
 * a negative binomial's head, which stands in the same ratio to the head at 0.
 * At y = ln(1 + t / scale), up to a constant, its logarithm is
 *	−shape y + ln Σ_{j<k} (shape)_j / j! v^j,	1 − v = (1 − v₀) e^−y
 * The sum's derivative telescopes.
 */
double
coin_log_waiting(const BtydPosterior *posterior, double y, double *slope)
{
	int			k = posterior->stages;
	double		shape = posterior->shape;

	/* stage[1] / stage[0] = shape · v₀; without stages there is no silence to heed. */
	double		silent = k > 1 ? posterior->stage[1] / (posterior->stage[0] * shape) : 0;
	double		v = silent - (1 - silent) * expm1(-y);
	double		term = 1;
	double		sum = 1;

	for (int j = 1; j < k; j++)
	{
		term *= (shape + (j - 1)) / j * v;
		sum += term;
	}
	*slope = -(shape + k - 1) * term / sum;
	return log(sum) - shape * y;
}

/*
 * ------------------------------------------------------------------------
 * Expected visits, each worth e^(−rate t)
 *
 * Stages are counted from the last visit on: the visits to come are the stages
 * k, 2k, and so on, and the i-th happens when i − 1 tosses are survived, with
 * b' = b + n:
 *	Σ_i (b')_{i−1} / (a+b')_{i−1} · C_ik,	C_n = E[e^(−rate t); t < days], t of stage n.
 * With j stages done, u = t / scale has the density u^(n−j−1) (1+u)^−(shape+n) /
 * B(n−j, shape+j).  Integrating the derivative of u (1+u) times that gives, from
 * the last n downwards, with S_n = C_n − C_{n+1},
 *	S_n = ((n+1−j) S_{n+1} + rate · scale · C_{n+1}) / (shape+n)
 *		  + e^(−rate days) / (1+tau) · P(n stages),
 * and without discount S_n = P(n stages).  Unless the rate is negative all terms
 * are positive, and the sum is divided by that of its own P: nothing cancels.
 * ------------------------------------------------------------------------
 */

/* Longer sums than this take longer than the quadrature below. */
#define LONGEST_SUM 6000.0

/* e^−this is nothing beside one: 1e-12. */
#define NOTHING 28.0

/*
 * The last stage that is heeded.  After stage k those to come are at most a
 * negative binomial of shape + k, and discount adds a Poisson number to that
 * shape, of mean rate · days; the tail is bounded as by Bernstein
 * (Boucheron, Lugosi & Massart 2013, 2.4).
 */
double
coin_last_stage(const BtydPosterior *posterior, double days, double rate)
{
	double		tau = days / posterior->scale;
	double		discount = fabs(rate * days);
	double		mean = (posterior->shape + posterior->stages) * tau + discount * (1 + tau);
	double		variance = (mean + discount * tau) * (1 + tau);

	return posterior->stages + mean + sqrt(2 * NOTHING * variance) + NOTHING * (tau + 0.5);
}

/* Where tau is 1e-8, masses grow by 1e450 from the last stage to the first. */
#define LEAST_MASS 1e-200

/* With fewer than `ways` stages of the open gap done. */
static inline __attribute__((always_inline)) double
sum_over_stages(const BtydPosterior *posterior, double days, double rate, int ways)
{
	double		shape = posterior->shape;
	double		tau = days / posterior->scale;
	double		growth = (1 + tau) / tau;
	double		discount = rate * posterior->scale;
	double		end = exp(-rate * days);
	double		rest = end / (1 + tau);
	double		visit = ceil(coin_last_stage(posterior, days, rate) / posterior->stages);
	double		n = visit * posterior->stages;
	double		part = LEAST_MASS;
	double		mass[BTYD_MAX_STAGES];	/* P(j done, n stages), up to a constant */
	double		step[BTYD_MAX_STAGES];	/* S_n */
	double		worth[BTYD_MAX_STAGES]; /* C_n */
	double		total = 0;
	double		visits = 0;

	for (int j = 0; j < ways; j++)
	{
		mass[j] = posterior->stage[j] * part;
		worth[j] = step[j] = end * mass[j];
		part *= (n - j) / ((shape + j) * tau);
	}
	for (; visit > 0; visit--)
	{
		visits *= (posterior->stay + (visit - 1)) / (posterior->drop + posterior->stay + (visit - 1));
		for (int j = 0; j < ways; j++)
			visits += worth[j];
		for (int i = 0; i < posterior->stages; i++, n--)
		{
			double		inverse = 1 / (shape + (n - 1));

			total += mass[0];
			for (int j = 0; j < ways; j++)
			{
				double		up = (n - j) * inverse;

				mass[j] *= up * growth;
				step[j] = up * step[j] + discount * inverse * worth[j] + rest * mass[j];
				worth[j] += step[j];
			}
		}
	}
	return visits * posterior->stage[0] / (total + mass[0]);
}

double
coin_summed_visits(const BtydPosterior *posterior, double days, double rate)
{
	int			ways = posterior->stages;

	while (ways > 1 && posterior->stage[ways - 1] == 0)
		ways--;
	if (ways == 1)
		return sum_over_stages(posterior, days, rate, 1);
	if (ways == 2)
		return sum_over_stages(posterior, days, rate, 2);
	return sum_over_stages(posterior, days, rate, ways);
}

/*
 * Times that are long against α + T: a rule for p ~ Beta(drop, stay) over the
 * expected visits at a given p.  With θ = (1−p)^(1/k) and the k-th roots of
 * unity ω, Σ_i (1−p)^(i−1) P(M >= ik − j) is
 *	1/k Σ_ω ω^(j+1) θ^(j+1−k) (1 − (1 + τ (1 − θω))^−(shape+j)) / (1 − θω).
 */

/* The part of ω = 1, which is all of it where k = 1. */
static double
visits_at_one(const BtydPosterior *posterior, double tau, double p, double theta)
{
	int			k = posterior->stages;
	double		leave = -expm1(log1p(-p) / k);
	double		log_growth = log1p(tau * leave);
	double		scale = pow(theta, 1 - k) / leave;
	double		sum = 0;

	for (int j = 0; j < k; j++)
	{
		sum += posterior->stage[j]
			* (leave < 1e-300 ? (posterior->shape + j) * tau : -scale * expm1(-(posterior->shape + j) * log_growth));
		scale *= theta;
	}
	return sum;
}

/* |z|², which overflows no sooner than a forecast. */
static double
square(double complex z)
{
	return creal(z) * creal(z) + cimag(z) * cimag(z);
}

static double complex
power_of(double complex base, double exponent)
{
	double		size = exp(exponent / 2 * log(square(base)));
	double		angle = exponent * carg(base);

	return size * cos(angle) + I * (size * sin(angle));
}

/* Those of the other roots, of which two each are conjugate; 1 − θω is not small there. */
static double
visits_at_others(const BtydPosterior *posterior, double tau, double theta, const double complex *root)
{
	int			k = posterior->stages;
	double		sum = 0;

	for (int i = 1; 2 * i <= k; i++)
	{
		double complex omega = root[i];
		double complex leave = 1 - theta * omega;
		double complex growth = 1 + tau * leave;
		double complex power = power_of(growth, -posterior->shape);
		double complex shrink = conj(growth) / square(growth);
		double complex factor = omega;
		double complex part = 0;

		for (int j = 0; j < k; j++)
		{
			part += posterior->stage[j] * factor * (1 - power);
			factor *= theta * omega;
			power *= shrink;
		}
		sum += (2 * i == k ? 1 : 2) * creal(part * conj(leave)) / square(leave);
	}
	return sum * pow(theta, 1 - k);
}

/* The roots of unity cancel where θ^(k−1) is small; there a few terms of the sum do. */
#define SMALLEST_THETA_POWER 1e-3
#define FEW_TERMS 6

static double
integrated_visits(const BtydPosterior *posterior, double tau)
{
	int			k = posterior->stages;
	double complex root[BTYD_MAX_STAGES];
	double		others_at_zero;
	double		chance[FEW_TERMS] = {0};
	double		sum = 0;
	BetaRule	beta;

	beta_rule_set(&beta, posterior->drop, posterior->stay,
				  log(k) - log1p((posterior->shape + k) * tau));
	for (int i = 0; i < k; i++)
		root[i] = cexp(2 * M_PI * I * i / k);
	others_at_zero = visits_at_others(posterior, tau, 1, root);
	for (int i = 0; i < FEW_TERMS; i++)
		for (int j = 0; j < k; j++)
			chance[i] += posterior->stage[j] * at_least(posterior->shape + j, tau, (i + 1) * k - j);
	for (int node = 0; node < beta.nodes; node++)
	{
		double		q = beta.q[node];
		double		theta = k == 1 ? q : pow(q, 1.0 / k);
		double		visits = 0;

		if (k > 1 && q < SMALLEST_THETA_POWER * theta)
			for (int i = FEW_TERMS - 1; i >= 0; i--)
				visits = visits * q + chance[i];
		else
			visits = (visits_at_one(posterior, tau, beta.p[node], theta)
					  + (theta == 1 ? others_at_zero : visits_at_others(posterior, tau, theta, root))) / k;
		sum += beta.weight[node] * visits;
	}
	return sum;
}

double
coin_visits(const BtydPosterior *posterior, double days)
{
	double		tau = days / posterior->scale;

	if (coin_last_stage(posterior, days, 0) > LONGEST_SUM)
		return integrated_visits(posterior, tau);
	return coin_summed_visits(posterior, days, 0);
}
