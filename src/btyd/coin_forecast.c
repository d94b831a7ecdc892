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
		term *= (shape + m - 1) / m * q;
		rest -= term;
	}
	if (rest > 0.1 * some)
		return rest;
	for (rest = 0;; m++)
	{
		term *= (shape + m - 1) / m * q;
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
		term *= (shape + j - 1) / j * v;
		sum += term;
	}
	*slope = -(shape + k - 1) * term / sum;
	return log(sum) - shape * y;
}

/*
 * ------------------------------------------------------------------------
 * Expected visits
 *
 * The i-th visit to come happens within t if its k stages each are done, j of
 * the first being done already, and i − 1 tosses are survived:
 *	E = Σ_i (b')_{i−1} / (a+b')_{i−1} · P(M >= ik − j),	b' = b + n
 * Summed over the distribution of M from its mode outwards, every term is
 * positive and the sum is divided by its own weight: nothing cancels.
 *
 * Discounted: given M = m stages within t, these lie as m independent uniform
 * points would, whatever λ, so the l-th is worth, with z = rate · t,
 *	1F1(l; m+1; −z) = Σ_s (−z)^s / s! · (l)_s / (m+1)_s.
 * Every order s needs one more running sum; few do when e^(−zu) is developed
 * about u = ½ and then written in powers of u, whose coefficients are
 *	(−z)^s / s! · e^(−z/2) Σ_{i<orders−s} (z/2)^i / i!.
 * ------------------------------------------------------------------------
 */

/* Longer sums than this are left to the quadrature below. */
#define LONGEST_SUM 1500.0

double
coin_sum_length(const BtydPosterior *posterior, double tau)
{
	double		shape = posterior->shape + posterior->stages;

	return tau * (fmax(0, shape - 1) + 40) + 9 * sqrt(shape * tau * (1 + tau));
}

/* Orders suffice for z <= 1, COIN_MOST_DISCOUNT; the series is left when its terms are below this. */
#define MOST_ORDERS 16
#define LAST_ORDER 1e-12

/* Stages less likely than this are left out. */
#define LEAST_STAGE 1e-20

/* Terms of the sum over M are left out below this part of it. */
#define LAST_MASS 1e-14

/* The visits that m stages make: Σ over them of P(survived so long) · (l)_s. */
typedef struct VisitSums
{
	const BtydPosterior *posterior;
	int			orders;
	int			stage;			/* stages of the open gap */
	int			visits;
	double		survived;
	double		sum[MOST_ORDERS];
} VisitSums;

/* One more stage, the l-th from now. */
static inline __attribute__((always_inline)) void
add_stage(VisitSums *sums, int l)
{
	const BtydPosterior *posterior = sums->posterior;
	double		term = sums->survived;

	if (++sums->stage < posterior->stages)
		return;
	for (int s = 0; s < sums->orders; s++)
	{
		sums->sum[s] += term;
		term *= l + s;
	}
	sums->survived *= (posterior->stay + sums->visits)
		/ (posterior->drop + posterior->stay + sums->visits);
	sums->visits++;
	sums->stage = 0;
}

/* Go down from the mode until hardly any mass is left: the place, and the mass there. */
static int
lower_end(double shape, double q, int mode, double *mass)
{
	int			m = mode;

	*mass = 1;
	while (m > 0 && *mass > LAST_MASS * 1e-3)
	{
		*mass *= m / ((shape + m - 1) * q);
		m--;
	}
	return m;
}

/* `done` stages of the open gap are done already; orders − 1 powers of z are heeded. */
static inline __attribute__((always_inline)) double
sum_over_stages(const BtydPosterior *posterior, double tau, int done, int orders,
				const double *coefficient)
{
	double		shape = posterior->shape + done;
	double		q = tau / (1 + tau);
	int			mode = (int) fmax(0, floor((shape - 1) * tau));
	VisitSums	sums = {.posterior = posterior, .orders = orders, .stage = done, .survived = 1};
	double		inverse[2 * MOST_ORDERS];	/* 1/n at n mod their number */
	double		mass;
	double		total = 0;
	double		sum = 0;
	int			m = lower_end(shape, q, mode, &mass);

	for (int l = 1; l <= m; l++)
		add_stage(&sums, l);
	for (int n = m + 1; n < m + orders; n++)
		inverse[n % (2 * MOST_ORDERS)] = 1.0 / n;
	for (;; add_stage(&sums, ++m))
	{
		double		worth = coefficient[orders - 1] * sums.sum[orders - 1];
		double		ratio;

		for (int s = orders - 1; s > 0; s--)
			worth = coefficient[s - 1] * sums.sum[s - 1] + worth * inverse[(m + s) % (2 * MOST_ORDERS)];
		total += mass;
		sum += mass * worth;
		inverse[(m + orders) % (2 * MOST_ORDERS)] = 1.0 / (m + orders);
		ratio = (shape + m) * q * inverse[(m + 1) % (2 * MOST_ORDERS)];
		if (mass * sums.sum[0] <= LAST_MASS * sum && m > mode
			&& mass * ratio * (sums.sum[0] + 1 / (1 - ratio)) <= LAST_MASS * sum * (1 - ratio))
			return sum / total;
		mass *= ratio;
	}
}

/* The coefficients of e^(−z u) in powers of u; returns how many. */
static int
set_coefficients(double z, double *coefficient)
{
	double		half = 1;
	double		taylor[MOST_ORDERS];	/* Σ_{i<=n} (z/2)^i / i! */
	int			orders = 1;

	taylor[0] = 1;
	while (fabs(half) > LAST_ORDER && orders < MOST_ORDERS)
	{
		half *= z / 2 / orders;
		taylor[orders] = taylor[orders - 1] + half;
		orders++;
	}
	coefficient[0] = exp(-z / 2);
	for (int s = 1; s < orders; s++)
		coefficient[s] = coefficient[s - 1] * -z / s;
	for (int s = 0; s < orders; s++)
		coefficient[s] *= taylor[orders - 1 - s];
	return orders;
}

/* Σ over the stages done of the open gap. */
double
coin_summed_visits(const BtydPosterior *posterior, double tau, double z)
{
	double		coefficient[MOST_ORDERS] = {1};
	int			orders = z == 0 ? 1 : set_coefficients(z, coefficient);
	double		sum = 0;

	for (int j = 0; j < posterior->stages; j++)
		if (posterior->stage[j] > LEAST_STAGE)
			sum += posterior->stage[j]
				* (orders == 1 ? sum_over_stages(posterior, tau, j, 1, coefficient)
				   : sum_over_stages(posterior, tau, j, orders, coefficient));
	return sum;
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

	if (coin_sum_length(posterior, tau) > LONGEST_SUM)
		return integrated_visits(posterior, tau);
	return coin_summed_visits(posterior, tau, 0);
}
