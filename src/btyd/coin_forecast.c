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
#include "maths/quadrature.h"
#include "maths/special.h"

/* e^−this is nothing beside one: 1e-14. */
#define NOTHING 32.0

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

/* Longer sums than this are left to the quadrature below; discounted, that takes many of its kind. */
#define LONGEST_SUM 1500.0
#define LONGEST_DISCOUNTED_SUM 20000.0

/* About how many terms the sum over M takes. */
static double
sum_length(double shape, double tau)
{
	return tau * (fmax(0, shape - 1) + 40) + 9 * sqrt(shape * tau * (1 + tau));
}

/* Orders suffice for z <= 1; the series is left when its terms are below this. */
#define MOST_ORDERS 16
#define LARGEST_DISCOUNT 1.0
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
static double
summed_visits(const BtydPosterior *posterior, double tau, double z)
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
 * ------------------------------------------------------------------------
 * Quadrature over p ~ Beta(drop, stay), for times that are long against α + T
 *
 * The trapezoidal rule in y = ln(p / (1 − p)), where everything is analytic
 * for |Im y| < π/2 and the rule converges like e^(−π²/h).  Towards both ends
 * the integrand becomes a constant times e^(drop y) or e^(−stay y), and the
 * rest of the rule is a geometric series.
 * ------------------------------------------------------------------------
 */
#define BETA_STEP 0.25
#define BETA_NODES 1024

typedef struct BetaNodes
{
	int			nodes;
	double		p[BETA_NODES];
	double		q[BETA_NODES];	/* 1 − p, exactly */
	double		weight[BETA_NODES]; /* their sum is 1 */
} BetaNodes;

static double
log_beta_weight(double y, double drop, double stay)
{
	return y > 0 ? -stay * y - (drop + stay) * log1p(exp(-y)) : drop * y - (drop + stay) * log1p(exp(y));
}

/* Nodes from `y` in steps of `step` until the weight is nothing or y is at `end`. */
static double
add_beta_nodes(BetaNodes *beta, double y, double step, double end, double drop, double stay, double top)
{
	double		sum = 0;
	double		tail = step < 0 ? drop : stay;

	while (beta->nodes < BETA_NODES)
	{
		double		log_weight = log_beta_weight(y, drop, stay) - top;
		double		weight = exp(log_weight);
		bool		last = log_weight < -NOTHING || (step < 0 ? y <= end : y >= end);

		if (last)
			weight /= -expm1(-tail * fabs(step));
		beta->p[beta->nodes] = 1 / (1 + exp(-y));
		beta->q[beta->nodes] = 1 / (1 + exp(y));
		beta->weight[beta->nodes++] = weight;
		sum += weight;
		if (last)
			break;
		y += step;
	}
	return sum;
}

/* smallest: the functions to be integrated are constant for ln p below it. */
static void
set_beta_nodes(BetaNodes *beta, double drop, double stay, double smallest)
{
	double		step = fmin(BETA_STEP, sqrt(1 / drop + 1 / stay) / 1.5);
	double		low = fmin(smallest, 0) - NOTHING;
	double		middle = fmax(low, fmin(NOTHING, log(drop / stay)));
	double		top = log_beta_weight(middle, drop, stay);
	double		sum;

	beta->nodes = 0;
	sum = add_beta_nodes(beta, middle, -step, low, drop, stay, top);
	sum += add_beta_nodes(beta, middle + step, step, NOTHING, drop, stay, top);
	for (int i = 0; i < beta->nodes; i++)
		beta->weight[i] /= sum;
}

/*
 * Expected visits at a given p.  With θ = (1−p)^(1/k) and the k-th roots of
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

/* Those of the other roots, of which two each are conjugate; 1 − θω is not small there. */
static double
visits_at_others(const BtydPosterior *posterior, double tau, double theta)
{
	int			k = posterior->stages;
	double		sum = 0;

	for (int root = 1; 2 * root <= k; root++)
	{
		double complex omega = cexp(2 * M_PI * I * root / k);
		double complex leave = 1 - theta * omega;
		double complex growth = 1 + tau * leave;
		double complex power = cexp(-posterior->shape * clog(growth));
		double complex shrink = 1 / growth;
		double complex factor = omega * pow(theta, 1 - k);
		double complex part = 0;

		for (int j = 0; j < k; j++)
		{
			part += posterior->stage[j] * factor * (1 - power);
			factor *= theta * omega;
			power *= shrink;
		}
		sum += (2 * root == k ? 1 : 2) * creal(part / leave);
	}
	return sum;
}

static double
visits_at(const BtydPosterior *posterior, double tau, double p, double q)
{
	double		theta = pow(q, 1.0 / posterior->stages);

	return (visits_at_one(posterior, tau, p, theta) + visits_at_others(posterior, tau, theta)) / posterior->stages;
}

/* The roots of unity cancel where θ^(k−1) is small; there a few terms of the sum do. */
#define SMALLEST_THETA_POWER 1e-3
#define FEW_TERMS 6

static double
integrated_visits(const BtydPosterior *posterior, double tau)
{
	int			k = posterior->stages;
	BetaNodes	beta;
	double		chance[FEW_TERMS] = {0};
	double		sum = 0;

	set_beta_nodes(&beta, posterior->drop, posterior->stay,
				   log(k) - log1p((posterior->shape + k) * tau));
	for (int i = 0; i < FEW_TERMS; i++)
		for (int j = 0; j < k; j++)
			chance[i] += posterior->stage[j] * at_least(posterior->shape + j, tau, (i + 1) * k - j);
	for (int node = 0; node < beta.nodes; node++)
	{
		double		q = beta.q[node];
		double		visits = 0;

		if (k > 1 && pow(q, (k - 1.0) / k) < SMALLEST_THETA_POWER)
			for (int i = FEW_TERMS - 1; i >= 0; i--)
				visits = visits * q + chance[i];
		else
			visits = visits_at(posterior, tau, beta.p[node], q);
		sum += beta.weight[node] * visits;
	}
	return sum;
}

double
coin_visits(const BtydPosterior *posterior, double days)
{
	double		tau = days / posterior->scale;

	if (sum_length(posterior->shape + posterior->stages, tau) > LONGEST_SUM)
		return integrated_visits(posterior, tau);
	return summed_visits(posterior, tau, 0);
}

/*
 * ------------------------------------------------------------------------
 * Discounted visits
 * ------------------------------------------------------------------------
 */

/* ---- for ever ---- */

/*
 * At given λ and p the visits to come are worth φ^(k−j) / (1 − (1−p) φ^k),
 * φ = λ / (λ + rate).  Over λ the trapezoidal rule in d = ln(scale · λ / shape),
 * whose error is |Γ(shape + 2πi/step)| / Γ(shape); the mean over p at each λ is
 * a continued fraction, or where that is long (a rate of next to nothing) the
 * rule for p above.
 */
#define RATE_NODES 1024

/* Terms are left out below this part of the largest. */
#define LAST_PART 1e-12

/* From here on Stirling's series is as good as a gamma function, and does not cancel. */
#define STIRLING_FROM 1000.0

typedef struct RateNodes
{
	double		shape;
	double		unit;			/* rate · scale */
	int			nodes;
	double		largest;		/* of part[] */
	double		part[RATE_NODES + MEAN_LANES]; /* weight · Σ_j P(j) φ^(k−j) */
	double		z[RATE_NODES + MEAN_LANES];	/* φ^k */
	double		lost[RATE_NODES + MEAN_LANES]; /* 1 − φ^k, exactly */
} RateNodes;

/* ln of the gamma density of shape at d = 0, by d. */
static double
log_density_at_centre(double shape)
{
	if (shape > STIRLING_FROM)
		return 0.5 * log(shape / (2 * M_PI)) - (1 - 1 / (30 * shape * shape)) / (12 * shape);
	return shape * log(shape) - shape - log_gamma(shape);
}

static double
rate_step(double shape, int stages)
{
	return 2 * M_PI / sqrt(320 + 58 * (shape + stages));
}

/* Nodes from d in steps of `step` until what they add is nothing. */
static void
add_rate_nodes(RateNodes *rates, const BtydPosterior *posterior, double d, double step)
{
	int			k = posterior->stages;
	double		growth = expm1(d);
	double		step_growth = expm1(step);
	double		before = 0;

	for (; rates->nodes < RATE_NODES; d += step, growth += step_growth * (1 + growth))
	{
		double		lambda = rates->shape * (1 + growth);
		double		phi = lambda / (lambda + rates->unit);
		double		weight = exp(rates->shape * (d - growth));
		double		z = phi;
		double		powers = 1;
		double		next = posterior->stage[k - 1];
		double		part;

		for (int j = k - 2; j >= 0; j--)
		{
			next = posterior->stage[j] + next * (lambda + rates->unit) / (rates->shape + j);
			powers += z;
			z *= phi;
		}
		part = weight * z * next;
		rates->z[rates->nodes] = z;
		rates->lost[rates->nodes] = rates->unit / (lambda + rates->unit) * powers;
		rates->part[rates->nodes++] = part;
		rates->largest = fmax(rates->largest, part);
		if (part < LAST_PART * rates->largest && part < before)
			return;
		before = part;
	}
}

/* The same by the rule for p. */
static double
integrate_over_dropout(const BtydPosterior *posterior, const RateNodes *rates)
{
	double		least = 1;
	BetaNodes	beta;
	double		sum = 0;

	for (int i = 0; i < rates->nodes; i++)
		least = fmin(least, rates->lost[i]);
	set_beta_nodes(&beta, posterior->drop, posterior->stay, log(least));
	for (int i = 0; i < rates->nodes; i++)
	{
		double		later = 0;

		for (int node = 0; node < beta.nodes; node++)
			later += beta.weight[node] / (rates->lost[i] + beta.p[node] * rates->z[i]);
		sum += rates->part[i] * later;
	}
	return sum;
}

/* Σ part · E[1 / (1 − (1−p) φ^k)]. */
static double
sum_over_dropout(const BtydPosterior *posterior, const RateNodes *rates)
{
	BetaMean	mean;
	double		smallest = 1;
	double		sum = 0;

	for (int i = 0; i < rates->nodes; i++)
		smallest = fmin(smallest, rates->lost[i]);
	if (!beta_mean_prepare(&mean, posterior->drop, posterior->stay, smallest))
		return integrate_over_dropout(posterior, rates);
	for (int i = 0; i < rates->nodes; i += MEAN_LANES)
	{
		double		later[MEAN_LANES];
		double		most = 0;

		for (int lane = 0; lane < MEAN_LANES; lane++)
			most = fmax(most, rates->part[i + lane]);
		beta_means(&mean, rates->lost + i, BETA_MEAN_EXPONENT + log(most / rates->largest), later);
		for (int lane = 0; lane < MEAN_LANES; lane++)
			sum += rates->part[i + lane] * later[lane];
	}
	return sum;
}

static double
discounted_for_ever(const BtydPosterior *posterior, double rate)
{
	double		shape = posterior->shape;
	double		step = rate_step(shape, posterior->stages);
	RateNodes	rates;

	rates.shape = shape;
	rates.unit = rate * posterior->scale;
	rates.nodes = 0;
	rates.largest = 0;
	add_rate_nodes(&rates, posterior, 0, step);
	add_rate_nodes(&rates, posterior, -step, -step);
	for (int lane = 0; lane < MEAN_LANES; lane++)
	{
		/* The last group is filled up with nothing. */
		rates.part[rates.nodes + lane] = 0;
		rates.lost[rates.nodes + lane] = 1;
	}
	return sum_over_dropout(posterior, &rates) * step * exp(log_density_at_centre(shape));
}

/* Bends and decay, in e-foldings, that eight nodes follow to 1e-11 within one panel. */
#define PANEL_BENDS 3.0

/* Bends fade as time passes: panels may widen by this part of the stages passed. */
#define PANEL_GROWTH 0.05

/* In v, where the singularity at t = −scale is π away. */
#define WIDEST_PANEL 2.0

/*
 * By parts, ∫₀^H e^(−δt) dE = e^(−δH) E(H) + δ ∫₀^H e^(−δt) E(t) dt.  E(t) is
 * analytic for t > −scale, and bends with every stage, or where k = 1 with
 * the dropout alone.  Panels are laid in v, t = scale (e^v − 1).
 */
static double
discounted_by_parts(const BtydPosterior *posterior, double days, double rate)
{
	double		scale = posterior->scale;
	double		bend = scale / posterior->shape;
	double		end = log1p(days / scale);
	double		sum = 0;

	if (posterior->stages == 1)
		bend *= fmax(1, (posterior->drop + posterior->stay) / (posterior->drop + NOTHING));
	for (double v = 0, width; v < end; v += width)
	{
		double		grown = exp(v);
		double		faded = 1 + PANEL_GROWTH * v * scale / bend;
		double		span = PANEL_BENDS / (1 / (bend * grown * faded) + fabs(rate));
		double		part = 0;

		width = fmin(fmin(WIDEST_PANEL, log1p(span / (scale * grown))), end - v);
		for (int i = 0; i < PANEL_NODES; i++)
		{
			double		t = scale * expm1(v + width * panel_node[i]);

			part += panel_weight[i] * (scale + t) * exp(-rate * t) * coin_visits(posterior, t);
		}
		sum += part * width;
	}
	return exp(-rate * days) * coin_visits(posterior, days) + rate * sum;
}

double
coin_discounted(const BtydPosterior *posterior, double days, double rate)
{
	double		tau = days / posterior->scale;

	if (isinf(days) && rate == 0)
		return posterior->drop > 1
			? (posterior->drop + posterior->stay - 1) / (posterior->drop - 1) : INFINITY;
	if (isinf(days))
		return discounted_for_ever(posterior, rate);
	if (fabs(rate * days) > LARGEST_DISCOUNT
		|| sum_length(posterior->shape + posterior->stages, tau) > LONGEST_DISCOUNTED_SUM)
		return discounted_by_parts(posterior, days, rate);
	return summed_visits(posterior, tau, rate * days);
}
