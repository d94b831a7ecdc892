/*
 * coin_likelihood.c
 *	  Gamma-mixed visits and a beta-mixed coin: the likelihood that BG/NBD,
 *	  MBG/NBD and MBG/CNBD-k share, and the posterior of one customer.
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
#include <math.h>
#include <string.h>

#include "btyd/coin.h"
#include "maths/special.h"

/* Many leave at once and the others hardly ever, or all with a like chance. */
const double coin_start[COIN_STARTS][BTYD_CONTINUOUS] = {
	{2.0, 2.0, 0.3, 0.1},
	{0.5, 0.5, 0.3, 0.1},
	{0.25, 0.25, 1.0, 5.0},
	{0.5, 0.5, 0.05, 0.5},
	{1.0, 1.0, 0.9, 1.6},
	{5.0, 5.0, 0.1, 2.0},
};

/* Places of the parameters. */
enum
{
	R, ALPHA, A, B
};

/* A row's e^z is kept below e^this; what is larger is scaled. */
#define LARGEST_EXPONENT 600.0

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

		if (i % BTYD_ROWS_A_QUESTION == 0 && btyd_stopped(table))
			break;
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
	double		c_b = n > 0 ? -b / (b + (n - 1)) : 0;
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

	for (int64_t run = 0; run < table->runs && !btyd_stopped(table); run++)
	{
		double		x = table->visits[run];
		double		n = tosses(rule, x);
		double		customers = table->run_customers[run];
		double		constant = n > 0 ? log(a / (b + (n - 1))) : -INFINITY;
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
		term[j] = j == 0 ? 1 : term[j - 1] * (shape + (j - 1)) / j * v;
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
	return log(p[A] / (p[B] + (n - 1)))
		+ shape * log1p((customer->age - customer->recency) / (p[ALPHA] + customer->recency));
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
