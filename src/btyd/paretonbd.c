/*
 * paretonbd.c
 *	  Pareto/NBD: exponential gaps at a rate λ ~ Gamma(r, α), a lifetime that
 *	  ends at a rate μ ~ Gamma(s, β) (Schmittlein, Morrison & Colombo 1987;
 *	  Fader & Hardie 2005, "A note on deriving the Pareto/NBD model").
 *
 * The likelihood without 2F1: the customer is alive at T, or died at some τ
 * since the last visit.  Up to Γ(r+x) / Γ(r) · α^−x, with l_α(τ) = ln(1 + τ/α),
 *
 *	V = e^(−(r+x) l_α(T) − s l_β(T))
 *	    + ∫ from t_x to T of (s/β) e^(−(r+x) l_α(τ) − (s+1) l_β(τ)) dτ
 *
 * Every term is positive, and on panels that are short against α+τ and β+τ
 * eight Gauss–Legendre nodes give double precision for any parameters, where
 * the hypergeometric forms overflow.  Where little of the integral lies beyond
 * T, a difference of two of Gauss's fractions is as good and quicker.
 */
#include <math.h>

#include "btyd/coin.h"
#include "btyd/pareto.h"
#include "maths/beta_mean.h"
#include "maths/quadrature.h"
#include "maths/special.h"

/*
 * Ordinary customers, and those of whom many leave at once and the others
 * hardly ever: s and beta small, a hill of its own.
 */
static const double pareto_start[][BTYD_CONTINUOUS] = {
	{0.5, 0.5, 0.6, 0.3},
	{1.0, 1.0, 1.0, 1.0},
	{0.25, 0.25, 0.3, 0.3},
	{5.0, 5.0, 0.5, 5.0},
	{2.0, 2.0, 0.1, 1e-3},
	{1.0, 1.0, 0.1, 1e-6},
};

/*
 * ------------------------------------------------------------------------
 * Integrals of (1 + t/α)^−shape (1 + t/β)^−fall e^(−rate t)
 * ------------------------------------------------------------------------
 */

/*
 * Panels are laid in v, t = near (e^v − 1), near = min(α, β): there both
 * singularities are π away.
 */
#define WIDEST_PANEL 2.0

/* The exponent may fall by this much within one panel. */
#define PANEL_DECAY 4.0

/* e^−this is nothing beside one. */
#define NOTHING 42.0

/* From so many times α and β on, the curve is a power of t. */
#define FAR 1e17

double
pareto_log_curve(const Curve *curve, double t)
{
	return -curve->shape * log1p(t / curve->alpha) - curve->fall * log1p(t / curve->beta)
		- curve->rate * t;
}

/* How fast the exponent falls, by v. */
static double
decay_at(const Curve *curve, double near, double v)
{
	double		at = near * expm1(v);

	return (near + at) * (curve->shape / (curve->alpha + at) + curve->fall / (curve->beta + at)
						  + fabs(curve->rate));
}

double
pareto_panel(const Curve *curve, double v, double end, double *time, double *weight)
{
	double		near = fmin(curve->alpha, curve->beta);
	double		width = fmin(end - v, WIDEST_PANEL);

	/* The decay grows with v: what the panel's end allows counts as well. */
	width = fmin(width, PANEL_DECAY / decay_at(curve, near, v));
	width = fmin(width, PANEL_DECAY / decay_at(curve, near, v + width));
	for (int i = 0; i < PANEL_NODES; i++)
	{
		double		node = v + width * panel_node[i];

		time[i] = near * expm1(node);
		weight[i] = panel_weight[i] * width * (near + time[i]);
	}
	return width;
}

/*
 * ∫ from t to INFINITY, rate = 0.  With A = alpha + t, B = beta + t and c = A / B
 * it is the curve at t times
 *	A / (shape+fall−1) · 2F1(1, fall; shape+fall; 1 − c)
 *	= B / (shape+fall−1) · 2F1(1, shape; shape+fall; 1 − 1/c)
 * (Abramowitz & Stegun 1964, 15.3.1, 15.3.4), of which one has an argument
 * between 0 and 1.  This is what stands beside the curve; NaN where it takes
 * too long.
 */
static double
tail(const Curve *curve, double t)
{
	double		a = curve->alpha + t;
	double		b = curve->beta + t;

	return (a <= b ? a * beta_mean(curve->shape, curve->fall, a / b)
			: b * beta_mean(curve->fall, curve->shape, b / a)) / (curve->shape + curve->fall - 1);
}

/* Where what is left is more than this part of the whole, a difference would cost digits. */
#define MOST_LEFT 0.9

/* ∫ from 0 to length, rate = 0, as a difference of two tails; NaN where that will not do. */
static double
difference_of_tails(const Curve *curve, double length)
{
	double		whole = tail(curve, 0);
	double		left = isinf(length) ? 0 : exp(pareto_log_curve(curve, length)) * tail(curve, length);

	return left <= MOST_LEFT * whole ? whole - left : NAN;
}

/* ∫ from 0 to length, which may be INFINITY when shape + fall > 1 or rate > 0. */
static double
curve_integral(const Curve *curve, double length)
{
	double		near = fmin(curve->alpha, curve->beta);
	double		far = curve->rate < 0 ? INFINITY : FAR * fmax(curve->alpha, curve->beta);
	double		closed = curve->rate == 0 ? difference_of_tails(curve, length) : NAN;
	double		last = curve->rate < 0 ? exp(pareto_log_curve(curve, length)) : 0;
	double		end;
	double		sum = 0;

	if (!isnan(closed))
		return closed;
	if (curve->rate > 0)
		far = fmin(far, NOTHING / curve->rate);
	end = log1p(fmin(length, far) / near);
	for (double v = 0, width; v < end; v += width)
	{
		double		time[PANEL_NODES];
		double		weight[PANEL_NODES];
		double		part = 0;

		width = pareto_panel(curve, v, end, time, weight);
		for (int i = 0; i < PANEL_NODES; i++)
			part += weight[i] * exp(pareto_log_curve(curve, time[i]));
		sum += part;
		if (part < 1e-19 * sum && curve->rate >= 0)
			return sum;

		/* Under inflation the curve may rise again, but its logarithm is convex: no higher than at the ends. */
		if (curve->rate < 0)
		{
			double		t = near * expm1(v + width);

			if ((length - t) * fmax(exp(pareto_log_curve(curve, t)), last) < 1e-17 * sum)
				return sum;
		}
	}
	if (length > far && curve->rate == 0)
	{
		/* What is left of a power law; short of infinity, only a part of it. */
		double		power = curve->shape + curve->fall - 1;

		sum += far * exp(pareto_log_curve(curve, far)) * -expm1(-power * log(length / far)) / power;
	}
	return sum;
}

/*
 * ------------------------------------------------------------------------
 * One customer
 * ------------------------------------------------------------------------
 */

/*
 * The two parts of V, the dead's ÷ the alive's: with L = T − t_x,
 *	(s / (β+t_x)) ∫ from 0 to L of (1 + u/(α+t_x))^−(r+x) (1 + u/(β+t_x))^−(s+1) du
 *	÷ ((1 + L/(α+t_x))^−(r+x) (1 + L/(β+t_x))^−s)
 */
static void
posterior(const double *p, const BtydCustomer *customer, BtydPosterior *result)
{
	double		silence = customer->age - customer->recency;
	Curve		dying = {p[R] + customer->visits, p[ALPHA] + customer->recency, p[S] + 1, p[BETA] + customer->recency, 0};
	double		dead = log(p[S] / dying.beta * curve_integral(&dying, silence));
	double		alive = -dying.shape * log1p(silence / dying.alpha) - p[S] * log1p(silence / dying.beta);

	result->p_alive = 1 / (1 + exp(dead - alive));
	result->shape = p[R] + customer->visits;
	result->scale = p[ALPHA] + customer->age;
	result->drop = p[S];
	result->stay = p[BETA] + customer->age;
	result->stages = 1;
	result->stage[0] = 1;
}

/* E = shape / scale · ∫₀^t (1 + u / (β+T))^−s du: Fader & Hardie's equation 22. */
static double
visits(const BtydPosterior *posterior, double days)
{
	double		power = posterior->drop - 1;
	double		growth = log1p(days / posterior->stay);

	return posterior->shape / posterior->scale * posterior->stay
		* (power == 0 ? growth : -expm1(-power * growth) / power);
}

/* The first visit comes at u and the customer still lives then: its density ÷ that at 0. */
static Curve
waiting_curve(const BtydPosterior *posterior)
{
	return (Curve) {posterior->shape + 1, posterior->scale, posterior->drop, posterior->stay, 0};
}

static double
returns(const BtydPosterior *posterior, double days)
{
	Curve		curve = waiting_curve(posterior);

	return fmin(1, posterior->shape / posterior->scale * curve_integral(&curve, days));
}

/* The chance that the next visit comes later than t, and comes, is the same integral from t on. */
static double
log_waiting(const BtydPosterior *posterior, double y, double *slope)
{
	Curve		curve = waiting_curve(posterior);
	double		days = posterior->scale * expm1(y);
	double		beyond = tail(&curve, days);

	*slope = -(posterior->scale + days) / beyond;
	return log(beyond) - curve.shape * y - curve.fall * log1p(days / curve.beta);
}

/* Within this much discounting the series is short, and within that of a whole number it cancels. */
#define SERIES_MOST 1.5
#define SERIES_LARGEST 8.0
#define SERIES_DISTANCE 0.01

/*
 * ∫ from 0 to INFINITY of (1 + t)^−s e^(−u t) dt = e^u E_s(u), the generalised
 * exponential integral, by its series (Olver et al. 2010, 8.19.10):
 *	E_s(u) = Γ(1−s) u^(s−1) − Σ_m (−u)^m / (m! (1−s+m))
 * NaN where that is not short, or cancels.
 */
static double
endless_integral(double s, double u)
{
	double		power = 1;
	double		sum = 0;

	if (u > SERIES_MOST || s > SERIES_LARGEST || (s > 0.5 && fabs(s - round(s)) < SERIES_DISTANCE))
		return NAN;
	for (int m = 0; fabs(power) > 1e-17; m++)
	{
		sum += power / (1 - s + m);
		power *= -u / (m + 1);
	}
	return exp(u) * (tgamma(1 - s) * pow(u, s - 1) - sum);
}

static double
discounted(const BtydPosterior *posterior, double days, double rate, BtydMemory *memory)
{
	Curve		curve = {0, posterior->stay, posterior->drop, posterior->stay, rate};
	double		visits_a_day = posterior->shape / posterior->scale;

	(void) memory;
	if (rate == 0)
		return visits(posterior, days);
	if (isinf(days))
	{
		double		integral = posterior->stay * endless_integral(posterior->drop, rate * posterior->stay);

		if (!isnan(integral))
			return visits_a_day * integral;
	}
	return visits_a_day * curve_integral(&curve, days);
}

const BtydFamily btyd_paretonbd = {
	.name = "paretonbd",
	.parameters = 4,
	.parameter_name = {"r", "alpha", "s", "beta"},
	.max_stages = 1,
	.starts = sizeof(pareto_start) / sizeof(*pareto_start),
	.start = pareto_start,
	.stay_is_days = true,
	.likelihood = pareto_table_likelihood,
	.undying = coin_undying,
	.posterior = posterior,
	.visits = visits,
	.returns = returns,
	.log_waiting = log_waiting,
	.discounted = discounted,
};
