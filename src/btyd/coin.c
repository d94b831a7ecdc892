/*
 * coin.c
 *	  Gamma-mixed visits and a beta-mixed coin: the likelihood and the forecasts
 *	  that BG/NBD, MBG/NBD and MBG/CNBD-k share.
 *
 * A customer's gaps are Erlang(k, λ): k stages, each exponential at rate λ.
 * After a visit they toss a coin and leave for good with probability p.
 * λ ~ Gamma(r, α), p ~ Beta(a, b), independent of each other.  With x repeat
 * visits, the last at t_x, of an observation of length T, silence s = T − t_x
 * and n tosses, n − 1 of which are known to have been survived, the likelihood
 * (Reutterer, Platzer & Schröder 2021, for n = x + 1; Fader, Hardie & Lee
 * 2005, equation 6, for k = 1 and n = x) is, up to the density of the gaps,
 *
 *	B(a, b+n) / B(a, b) · Γ(r+kx) / Γ(r) · α^r / (α+T)^(r+kx) · (S + e^z)
 *	S   = Σ_{j<k} (r+kx)_j / j! · v^j,	v = s / (α+T)	still alive, j stages done
 *	e^z = a / (b+n−1) · ((α+T) / (α+t_x))^(r+kx)		left after the last visit
 *
 * All derivatives are by ln r, ln α, ln a, ln b.  ψ stands for ln α; then
 * l(d) = ln(1 + d/α) has l' = −f and f' = −f (1 − f), f(d) = d / (α+d).
 */
#include <complex.h>
#include <math.h>
#include <string.h>

#include "btyd/coin.h"
#include "maths/quadrature.h"
#include "maths/special.h"

const double coin_start[COIN_STARTS][BTYD_CONTINUOUS] = {
	{0.5, 0.5, 0.9, 1.6},
	{1.0, 1.0, 1.0, 5.0},
	{2.0, 2.0, 0.3, 0.6},
	{0.25, 0.25, 2.0, 3.0},
	{5.0, 5.0, 0.1, 2.0},
	{1.0, 1.0, 5.0, 50.0},
};

/* Places of the parameters. */
enum
{
	R, ALPHA, A, B
};

/* A row's e^z is kept below e^this; what is larger is scaled. */
#define LARGEST_EXPONENT 600.0

/* e^−this is nothing beside one. */
#define NOTHING 42.0

/* The number of tosses whose outcomes the likelihood sums over. */
static double
tosses(CoinRule rule, double visits)
{
	return rule == COIN_NEVER ? 0 : rule == COIN_ALL_VISITS ? visits + 1 : visits;
}

/*
 * ------------------------------------------------------------------------
 * The likelihood of a table
 * ------------------------------------------------------------------------
 */

/* S and its derivatives by v and by the shape r + kx. */
typedef struct StageSum
{
	double		s,
				v,
				vv,
				r,
				rv,
				rr;
} StageSum;

/* The coefficients (r+kx)_j / j! of S and their derivatives by r. */
typedef struct StageCoefficients
{
	int			stages;
	double		c[BTYD_MAX_STAGES];
	double		slope[BTYD_MAX_STAGES];
	double		curve[BTYD_MAX_STAGES];
} StageCoefficients;

/* Over the rows of one run; `c` is the derivative by z's constant. */
typedef struct RunSums
{
	double		value,
				r,
				psi,
				c,
				rr,
				rpsi,
				psipsi,
				rc,
				psic,
				cc;
} RunSums;

static void
set_coefficients(StageCoefficients *stage, double shape, int stages)
{
	double		c = 1,
				h = 0,
				h2 = 0;

	stage->stages = stages;
	for (int j = 0; j < stages; j++)
	{
		stage->c[j] = c;
		stage->slope[j] = c * h;
		stage->curve[j] = c * (h * h - h2);
		c *= (shape + j) / (j + 1);
		h += 1 / (shape + j);
		h2 += 1 / ((shape + j) * (shape + j));
	}
}

/* Horner's scheme, derivatives running along. */
static inline StageSum
sum_stages(const StageCoefficients *stage, double v)
{
	StageSum	sum = {0};

	for (int j = stage->stages - 1; j >= 0; j--)
	{
		sum.vv = sum.vv * v + 2 * sum.v;
		sum.v = sum.v * v + sum.s;
		sum.s = sum.s * v + stage->c[j];
		sum.rv = sum.rv * v + sum.r;
		sum.r = sum.r * v + stage->slope[j];
		sum.rr = sum.rr * v + stage->curve[j];
	}
	return sum;
}

/*
 * Add the derivatives of ln W, W = S + e^z, for one row.  delta = l(T) − l(t_x);
 * s is NULL where S = 1.
 */
static inline __attribute__((always_inline)) void
add_derivatives(RunSums *sums, double weight, const StageSum *s, double v, double e, double inverse,
				double shape, double delta, double f_age, double f_recency)
{
	double		d = f_age - f_recency;
	double		z_psi = -shape * d;
	double		r = e * delta;
	double		psi = e * z_psi;
	double		c = e * inverse;
	double		rr = r * delta;
	double		rpsi = psi * delta - e * d;
	double		psipsi = z_psi * (psi - e * (1 - f_age - f_recency));

	if (s)
	{
		double		v_psi = -v * (1 - f_age);
		double		v_psipsi = v * (1 - f_age) * (1 - 2 * f_age);

		r += s->r;
		psi += s->v * v_psi;
		rr += s->rr;
		rpsi += s->rv * v_psi;
		psipsi += s->vv * v_psi * v_psi + s->v * v_psipsi;
	}
	r *= inverse;
	psi *= inverse;
	sums->r += weight * r;
	sums->psi += weight * psi;
	sums->c += weight * c;
	sums->rr += weight * (rr * inverse - r * r);
	sums->rpsi += weight * (rpsi * inverse - r * psi);
	sums->psipsi += weight * (psipsi * inverse - psi * psi);
	sums->rc += weight * c * (delta - r);
	sums->psic += weight * c * (z_psi - psi);
	sums->cc += weight * c * (1 - c);
}

/* The functions of a day that a run's rows look up. */
typedef struct DayTables
{
	double	   *l;
	double	   *f;
	double	   *up;				/* e^(shape l) and its inverse, where `powers` */
	double	   *down;
	bool		powers;
} DayTables;

/*
 * Powers of the days pay where a run has more rows than there are days, if
 * they stay within a double.
 */
static void
set_powers(DayTables *tables, const BtydTable *table, int64_t run, double shape)
{
	tables->powers = table->first[run + 1] - table->first[run] > table->days
		&& shape * tables->l[table->days - 1] < LARGEST_EXPONENT / 2;
	if (!tables->powers)
		return;
	for (int64_t d = 0; d < table->days; d++)
	{
		tables->up[d] = exp(shape * tables->l[d]);
		tables->down[d] = 1 / tables->up[d];
	}
}

/*
 * Σ weight · ln W over the rows of a run.  Where the weight is one, W are
 * multiplied and one logarithm taken when the product has grown large.
 * constant = ln(a / (b+n−1)), −infinity where nobody can have left.
 */
static inline __attribute__((always_inline)) RunSums
sum_rows(const BtydTable *table, int64_t run, const DayTables *tables, double alpha, double shape,
		 double constant, int stages, bool derivatives)
{
	const double *l = tables->l;
	const double *f = tables->f;
	double		factor = exp(constant);
	StageCoefficients stage;
	RunSums		sums = {0};
	double		product = 1;

	if (stages > 1)
		set_coefficients(&stage, shape, stages);
	for (int64_t i = table->first[run]; i < table->first[run + 1]; i++)
	{
		int32_t		recency = table->recency[i];
		int32_t		age = table->age[i];
		double		weight = table->weight[i];
		double		delta = l[age] - l[recency];
		double		z = constant + shape * delta;
		double		v = 0;
		double		e;
		StageSum	s = {1, 0, 0, 0, 0, 0};

		if (stages > 1)
		{
			v = (table->day[age] - table->day[recency]) / (alpha + table->day[age]);
			s = sum_stages(&stage, v);
		}
		if (z > LARGEST_EXPONENT)
		{
			/* S is below e^300: nothing of it is left beside e^z. */
			s = (StageSum) {0};
			sums.value += weight * z;
			e = 1;
		}
		else
		{
			e = tables->powers ? factor * tables->up[age] * tables->down[recency] : exp(z);
			if (weight == 1 && s.s < 1e50 && e < 1e50)
				product *= s.s + e;
			else
				sums.value += weight * log(s.s + e);
			if (product > 1e250)
			{
				sums.value += log(product);
				product = 1;
			}
		}
		if (derivatives)
			add_derivatives(&sums, weight, stages > 1 ? &s : NULL, v, e, 1 / (s.s + e), shape, delta,
							f[age], f[recency]);
	}
	sums.value += log(product);
	return sums;
}

static RunSums
sum_run(const BtydTable *table, int64_t run, DayTables *tables, double alpha, double shape,
		double constant, int stages, bool derivatives)
{
	set_powers(tables, table, run, shape);
	if (stages > 1)
		return sum_rows(table, run, tables, alpha, shape, constant, stages, derivatives);
	return sum_rows(table, run, tables, alpha, shape, constant, 1, derivatives);
}

/* The factors that depend on T alone, a histogram. */
static double
sum_days(const BtydTable *table, const double *l, const double *f, double r, int stages,
		 double *gradient, double (*hessian)[NEWTON_MAX])
{
	double		value = 0;

	for (int64_t d = 0; d < table->days; d++)
	{
		double		customers = table->day_customers[d];
		double		shapes = r * customers + stages * table->day_visits[d];

		value -= shapes * l[d];
		if (gradient == NULL)
			continue;
		gradient[R] -= r * customers * l[d];
		gradient[ALPHA] += shapes * f[d];
		hessian[R][R] -= r * customers * l[d];
		hessian[R][ALPHA] += r * customers * f[d];
		hessian[ALPHA][ALPHA] -= shapes * f[d] * (1 - f[d]);
	}
	return value;
}

/* A run's Γ(r+kx) / Γ(r) and its row sums, by ln r and ln α. */
static void
add_rate(double *gradient, double (*hessian)[NEWTON_MAX], const RunSums *sums, Jet rising,
		 double customers, double r)
{
	double		slope = customers * rising.slope + sums->r;

	gradient[R] += r * slope;
	gradient[ALPHA] += sums->psi;
	hessian[R][R] += r * slope + r * r * (customers * rising.curve + sums->rr);
	hessian[R][ALPHA] += r * sums->rpsi;
	hessian[ALPHA][ALPHA] += sums->psipsi;
}

/* A run's B(a, b+n) / B(a, b) and its row sums, by ln a and ln b. */
static void
add_coin(double *gradient, double (*hessian)[NEWTON_MAX], const RunSums *sums, Jet by_b, Jet by_ab,
		 double customers, double r, double a, double b, double n)
{
	double		c_b = n > 0 ? -b / (b + n - 1) : 0;
	double		slope = by_b.slope - by_ab.slope;

	gradient[A] += sums->c - customers * a * by_ab.slope;
	gradient[B] += c_b * sums->c + customers * b * slope;
	hessian[R][A] += r * sums->rc;
	hessian[R][B] += c_b * r * sums->rc;
	hessian[ALPHA][A] += sums->psic;
	hessian[ALPHA][B] += c_b * sums->psic;
	hessian[A][A] += sums->cc - customers * a * (by_ab.slope + a * by_ab.curve);
	hessian[A][B] += c_b * sums->cc - customers * a * b * by_ab.curve;
	hessian[B][B] += c_b * c_b * sums->cc + (c_b + c_b * c_b) * sums->c
		+ customers * b * (slope + b * (by_b.curve - by_ab.curve));
}

double
coin_table_likelihood(CoinRule rule, const BtydTable *table, int stages, const double *at,
					  double *gradient, double (*hessian)[NEWTON_MAX])
{
	double		r = exp(at[R]);
	double		alpha = exp(at[ALPHA]);
	double		a = rule == COIN_NEVER ? 0 : exp(at[A]);
	double		b = rule == COIN_NEVER ? 1 : exp(at[B]);
	double	   *l = table->scratch;
	double	   *f = l + table->days;
	DayTables	tables = {l, f, f + table->days, f + 2 * table->days, false};
	double		value;

	for (int64_t d = 0; d < table->days; d++)
	{
		l[d] = log1p(table->day[d] / alpha);
		f[d] = table->day[d] / (alpha + table->day[d]);
	}
	if (gradient)
	{
		memset(gradient, 0, NEWTON_MAX * sizeof(double));
		memset(hessian, 0, NEWTON_MAX * sizeof(*hessian));
		gradient[ALPHA] = -stages * table->all_visits;
	}
	value = sum_days(table, l, f, r, stages, gradient, hessian);
	value += (stages - 1) * table->log_gaps
		- table->all_visits * (stages * at[ALPHA] + log_gamma(stages));

	for (int64_t run = 0; run < table->runs; run++)
	{
		double		x = table->visits[run];
		double		n = tosses(rule, x);
		double		customers = table->run_customers[run];
		double		constant = n > 0 ? log(a / (b + n - 1)) : -INFINITY;
		Jet			rising = log_rising(r, stages * x);
		Jet			by_b = log_rising(b, n);
		Jet			by_ab = log_rising(a + b, n);
		RunSums		sums = {0};

		if (n > 0 || stages > 1)
			sums = sum_run(table, run, &tables, alpha, r + stages * x, constant, stages, gradient != NULL);
		value += customers * (rising.value + by_b.value - by_ab.value) + sums.value;
		if (gradient == NULL)
			continue;
		add_rate(gradient, hessian, &sums, rising, customers, r);
		if (rule != COIN_NEVER)
			add_coin(gradient, hessian, &sums, by_b, by_ab, customers, r, a, b, n);
	}
	if (hessian)
		for (int i = 0; i < NEWTON_MAX; i++)
			for (int j = 0; j < i; j++)
				hessian[i][j] = hessian[j][i];
	return value;
}

double
coin_undying(const BtydTable *table, int stages, const double *at, double *gradient,
			 double (*hessian)[NEWTON_MAX])
{
	return coin_table_likelihood(COIN_NEVER, table, stages, at, gradient, hessian);
}

/*
 * ------------------------------------------------------------------------
 * One customer
 * ------------------------------------------------------------------------
 */

/* The terms of S into term[]; returns their sum. */
static double
stage_terms(double shape, double v, int stages, double *term)
{
	double		sum = 0;

	for (int j = 0; j < stages; j++)
	{
		term[j] = j == 0 ? 1 : term[j - 1] * (shape + j - 1) / j * v;
		sum += term[j];
	}
	return sum;
}

/* z of the header comment; −infinity where the customer cannot have left. */
static double
log_left(CoinRule rule, int stages, const double *p, const BtydCustomer *customer)
{
	double		n = tosses(rule, customer->visits);
	double		shape = p[R] + stages * customer->visits;

	if (n == 0)
		return -INFINITY;
	return log(p[A] / (p[B] + n - 1))
		+ shape * log1p((customer->age - customer->recency) / (p[ALPHA] + customer->recency));
}

double
coin_log_likelihood(CoinRule rule, int stages, const double *p, const BtydCustomer *customer)
{
	double		n = tosses(rule, customer->visits);
	double		events = stages * customer->visits;
	double		term[BTYD_MAX_STAGES];
	double		v = (customer->age - customer->recency) / (p[ALPHA] + customer->age);
	double		alive = log(stage_terms(p[R] + events, v, stages, term));
	double		left = log_left(rule, stages, p, customer);

	return log_rising(p[R], events).value
		- p[R] * log1p(customer->age / p[ALPHA]) - events * log(p[ALPHA] + customer->age)
		+ log_rising(p[B], n).value - log_rising(p[A] + p[B], n).value
		+ (isinf(left) ? alive : log_add(alive, left));
}

void
coin_posterior(CoinRule rule, int stages, const double *p, const BtydCustomer *customer,
			   BtydPosterior *posterior)
{
	double		shape = p[R] + stages * customer->visits;
	double		v = (customer->age - customer->recency) / (p[ALPHA] + customer->age);
	double		sum = stage_terms(shape, v, stages, posterior->stage);

	posterior->p_alive = 1 / (1 + exp(log_left(rule, stages, p, customer) - log(sum)));
	posterior->shape = shape;
	posterior->scale = p[ALPHA] + customer->age;
	posterior->drop = p[A];
	posterior->stay = p[B] + tosses(rule, customer->visits);
	posterior->stages = stages;
	for (int j = 0; j < stages; j++)
		posterior->stage[j] /= sum;
}

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
 * Every order s needs one more running sum.
 * ------------------------------------------------------------------------
 */

/* Longer sums than this are left to the quadrature below. */
#define LONGEST_SUM 1500.0

/* About how many terms the sum over M takes. */
static double
sum_length(double shape, double tau)
{
	return tau * (fmax(0, shape - 1) + 40) + 9 * sqrt(shape * tau * (1 + tau));
}

/* Orders suffice for z <= 1; the series is left when its terms are below this. */
#define MOST_ORDERS 16
#define LARGEST_DISCOUNT 1.0
#define LAST_ORDER 1e-13

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
	while (m > 0 && *mass > 1e-20)
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
		double		ratio = (shape + m) * q / (m + 1);
		double		part = mass;

		total += mass;
		sum += mass * sums.sum[0];
		for (int s = 1; s < orders; s++)
		{
			part *= inverse[(m + s) % (2 * MOST_ORDERS)];
			sum += coefficient[s] * part * sums.sum[s];
		}
		if (m > mode && sums.visits > 0
			&& mass * ratio * (sums.sum[0] + 1 / (1 - ratio)) <= 1e-17 * sum * (1 - ratio))
			return sum / total;
		if (orders > 1)
			inverse[(m + orders) % (2 * MOST_ORDERS)] = 1.0 / (m + orders);
		mass *= ratio;
	}
}

/* Σ over the stages done of the open gap. */
static double
summed_visits(const BtydPosterior *posterior, double tau, double z)
{
	double		coefficient[MOST_ORDERS] = {1};
	int			orders = 1;
	double		sum = 0;

	while (z != 0 && orders < MOST_ORDERS && fabs(coefficient[orders - 1]) > LAST_ORDER)
	{
		coefficient[orders] = coefficient[orders - 1] * -z / orders;
		orders++;
	}
	for (int j = 0; j < posterior->stages; j++)
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

/* 1 − e^−u, complex. */
static double complex
one_minus_exp(double complex u)
{
	double		half = sin(cimag(u) / 2);

	return -expm1(-creal(u)) + 2 * exp(-creal(u)) * half * half + I * exp(-creal(u)) * sin(cimag(u));
}

/*
 * Expected visits at a given p.  With θ = (1−p)^(1/k) and the k-th roots of
 * unity ω, Σ_i (1−p)^(i−1) P(M >= ik − j) is
 *	1/k Σ_ω ω^(j+1) θ^(j+1−k) (1 − (1 + τ (1 − θω))^−(shape+j)) / (1 − θω).
 */
static double
visits_at(const BtydPosterior *posterior, double tau, double p, double q)
{
	int			k = posterior->stages;
	double		theta = pow(q, 1.0 / k);
	double		sum = 0;

	for (int root = 0; 2 * root <= k; root++)
	{
		double		angle = 2 * M_PI * root / k;
		double complex omega = cos(angle) + I * sin(angle);
		double complex leave = root == 0 ? -expm1(log1p(-p) / k) : 1 - theta * omega;
		double complex growth = 1 + tau * leave;
		double complex log_growth = root == 0 ? log1p(tau * creal(leave)) : clog(growth);
		double complex factor = omega;
		double		scale = pow(theta, 1 - k);
		double complex part = 0;

		if (root == 0 && creal(leave) < 1e-300)
		{
			for (int j = 0; j < k; j++)
				sum += posterior->stage[j] * (posterior->shape + j) * tau;
			continue;
		}
		for (int j = 0; j < k; j++)
		{
			part += posterior->stage[j] * factor * scale
				* one_minus_exp((posterior->shape + j) * log_growth);
			factor *= omega;
			scale *= theta;
		}
		sum += (root == 0 || 2 * root == k ? 1 : 2) * creal(part / leave);
	}
	return sum / k;
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

/*
 * For ever: at given λ and p the visits to come are worth
 * φ^(k−j) / (1 − (1−p) φ^k), φ = λ / (λ + rate).  Over λ the trapezoidal rule
 * in y = ln(scale · λ).
 */
static double
discounted_for_ever(const BtydPosterior *posterior, double rate)
{
	int			k = posterior->stages;
	double		shape = posterior->shape;
	double		unit = rate * posterior->scale;
	double		step = fmin(BETA_STEP, 1 / (1.5 * sqrt(shape)));
	double		y = log(shape + k + NOTHING + 10 * sqrt(shape + k));
	double		end = fmin(0, log(unit)) - NOTHING;
	double		log_norm = log_gamma(shape);
	BetaNodes	beta;
	double		sum = 0;

	set_beta_nodes(&beta, posterior->drop, posterior->stay, log(k * unit) - y);
	for (; y > end; y -= step)
	{
		double		lambda = exp(y);
		double		weight = exp(shape * y - lambda - log_norm) * step;
		double		log_phi = -log1p(unit / lambda);
		double		phi_k = exp(k * log_phi);
		double		lost = -expm1(k * log_phi);
		double		next = 0;
		double		power = 1;
		double		later = 0;

		if (weight * phi_k < 1e-300)
			continue;
		for (int j = 0; j < k; j++)
		{
			next += posterior->stage[j] * power * exp((k - j) * log_phi);
			power *= lambda / (shape + j);
		}
		for (int i = 0; i < beta.nodes; i++)
			later += beta.weight[i] / (lost + beta.p[i] * phi_k);
		sum += weight * next * later;
	}
	return sum;
}

/* Bends and decay, in e-foldings, that eight nodes follow to 1e-11 within one panel. */
#define PANEL_BENDS 5.0

/* Bends fade as time passes: panels may widen by this part of the stages passed. */
#define PANEL_GROWTH 0.05

/*
 * By parts, ∫₀^H e^(−δt) dE = e^(−δH) E(H) + δ ∫₀^H e^(−δt) E(t) dt.  E(t) is
 * analytic for t > −scale, and bends with every stage, or where k = 1 with
 * the dropout alone.
 */
static double
discounted_by_parts(const BtydPosterior *posterior, double days, double rate)
{
	double		scale = posterior->scale;
	double		bend = scale / posterior->shape;
	double		sum = 0;

	if (posterior->stages == 1)
		bend *= fmax(1, (posterior->drop + posterior->stay) / (posterior->drop + NOTHING));
	for (double at = 0, width; at < days; at += width)
	{
		double		grown = 1 + at / scale;
		double		faded = 1 + PANEL_GROWTH * log(grown) * scale / bend;
		double		part = 0;

		width = fmin(scale * grown, PANEL_BENDS / (1 / (bend * grown * faded) + fabs(rate)));
		width = fmin(width, days - at);
		for (int i = 0; i < PANEL_NODES; i++)
		{
			double		t = at + width * panel_node[i];

			part += panel_weight[i] * exp(-rate * t) * coin_visits(posterior, t);
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
		|| sum_length(posterior->shape + posterior->stages, tau) > LONGEST_SUM)
		return discounted_by_parts(posterior, days, rate);
	return summed_visits(posterior, tau, rate * days);
}
