/*
 * coin_discount.c
 *	  Gamma-mixed visits and a beta-mixed coin: the visits to come, each worth
 *	  e^(−rate t), for BG/NBD, MBG/NBD and MBG/CNBD-k; notation as in
 *	  coin_forecast.c.
 */
#include <math.h>
#include <string.h>

#include "btyd/coin.h"
#include "maths/beta_mean.h"
#include "maths/quadrature.h"
#include "maths/special.h"

/*
 * ------------------------------------------------------------------------
 * For ever
 *
 * At given λ and p the visits to come are worth φ^(k−j) / (1 − (1−p) φ^k),
 * φ = λ / (λ + rate).  Over λ the trapezoidal rule in w = ln(λ / rate), whose
 * error is |Γ(shape + 2πi/step)| / Γ(shape).
 *
 * At a multiple of the step, φ and the mean over p are the same for all
 * customers of equal drop and stay, that is of so many visits: `worth` is
 * worked out in blocks of nodes and remembered.  What is a customer's own is
 * the weight, the gamma density.
 * ------------------------------------------------------------------------
 */

/* Terms are left out below this part of the largest. */
#define LAST_PART 1e-12

/* From here on Stirling's series is as good as a gamma function, and does not cancel. */
#define STIRLING_FROM 1000.0

/* ln of the gamma density of shape at its centre, λ · scale = shape, by ln λ. */
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

/* The block's φ^k E[1 / (1 − (1−p) φ^k)]. */
static void
fill_block(BtydWorths *block)
{
	int			k = block->key.stages;
	double		z[BTYD_WORTHS];
	double		lost[BTYD_WORTHS];	/* 1 − z, exactly */
	BetaRule	rule;

	for (int i = 0; i < BTYD_WORTHS; i++)
	{
		double		w = (block->key.number * (double) BTYD_WORTHS + i) * block->key.step;
		double		phi = 1 / (1 + exp(-w));
		double		powers = 1;

		z[i] = phi;
		for (int j = 1; j < k; j++)
		{
			powers += z[i];
			z[i] *= phi;
		}
		lost[i] = powers / (1 + exp(w));
	}
	beta_rule_set(&rule, block->key.drop, block->key.stay, log(lost[BTYD_WORTHS - 1]));
	for (int i = 0; i < BTYD_WORTHS; i++)
	{
		double		mean = 0;

		for (int node = 0; node < rule.nodes; node++)
			mean += rule.weight[node] / (lost[i] + rule.p[node] * z[i]);
		block->worth[i] = z[i] * mean;
	}
}

/* Blocks of equal hash stand one after the other, so many at most. */
#define PROBES 8

static bool
same_key(const BtydWorthsKey *a, const BtydWorthsKey *b)
{
	return a->drop == b->drop && a->stay == b->stay && a->step == b->step
		&& a->stages == b->stages && a->number == b->number;
}

/* From memory, or into `room` where there is none. */
static const double *
worths(BtydMemory *memory, const BtydWorthsKey *key, BtydWorths *room)
{
	BtydWorths *block = room;

	if (memory != NULL)
	{
		size_t		hash = btyd_hash(key->stay, key->drop, key->step) + key->number;
		int			probe = 0;

		do
			block = &memory->worths[(hash + probe) % BTYD_WORTHS_BLOCKS];
		while (++probe < PROBES && block->key.stages != 0 && !same_key(&block->key, key));
	}
	if (!same_key(&block->key, key))
	{
		block->key = *key;
		fill_block(block);
	}
	return block->worth;
}

/* The nodes from `node` in steps of ±1 until what they add is nothing. */
static double
add_rate_nodes(const BtydPosterior *posterior, double unit, const double *term, double step,
			   int node, int direction, BtydMemory *memory)
{
	double		shape = posterior->shape;
	BtydWorthsKey key = {posterior->drop, posterior->stay, step, posterior->stages, 0};
	BtydWorths	room = {.key = {0}};
	const double *worth = NULL;
	double		d = node * step - log(shape / unit);
	double		growth = expm1(d);
	double		step_growth = expm1(direction * step);
	double		largest = 0;
	double		before;
	double		part = 0;
	double		sum = 0;

	do
	{
		double		lambda = shape * (1 + growth);
		double		next = term[posterior->stages - 1];
		int			place = node & (BTYD_WORTHS - 1);

		for (int j = posterior->stages - 2; j >= 0; j--)
			next = term[j] + next * (lambda + unit);
		if (worth == NULL || place == (direction > 0 ? 0 : BTYD_WORTHS - 1))
		{
			key.number = (node - place) / BTYD_WORTHS;
			worth = worths(memory, &key, &room);
		}
		before = part;
		part = exp(shape * (d - growth)) * worth[place] * next;
		sum += part;
		largest = fmax(largest, part);
		node += direction;
		d += direction * step;
		growth += step_growth * (1 + growth);
	} while (part > LAST_PART * largest || part > before);
	return sum;
}

static double
discounted_for_ever(const BtydPosterior *posterior, double rate, BtydMemory *memory)
{
	double		shape = posterior->shape;
	double		unit = rate * posterior->scale;
	double		step = rate_step(shape, posterior->stages);
	int			centre = (int) lrint(log(shape / unit) / step);
	double		term[BTYD_MAX_STAGES];	/* P(j) / (shape)_j */
	double		rising = 1;
	double		sum;

	for (int j = 0; j < posterior->stages; rising *= shape + j++)
		term[j] = posterior->stage[j] / rising;
	sum = add_rate_nodes(posterior, unit, term, step, centre, 1, memory)
		+ add_rate_nodes(posterior, unit, term, step, centre - 1, -1, memory);
	return sum * step * exp(log_density_at_centre(shape));
}

/*
 * ------------------------------------------------------------------------
 * Within some time
 * ------------------------------------------------------------------------
 */

/* Longer sums than this take longer than the integral by parts. */
#define LONGEST_SUM 300000.0

/* In a sum, more inflation than e^this cancels, and more discount might overflow. */
#define MOST_DISCOUNT 10.0

/* Bends and decay, in e-foldings, that eight nodes follow to 1e-11 within one panel. */
#define PANEL_BENDS 3.0

/* Bends fade as time passes: panels may widen by this part of the stages passed. */
#define PANEL_GROWTH 0.05

/* In v, where the singularity at t = −scale is π away, and those of many stages little more than π/2. */
#define WIDEST_PANEL 1.0

/* e^−this is nothing beside one. */
#define NOTHING 32.0

/* Where inflation leaves less than this of e^(−δH) E(H), the rest is not good to 1e-9. */
#define LEAST_LEFT 1e-2

/*
 * By parts, ∫₀^H e^(−δt) dE = e^(−δH) E(H) + δ ∫₀^H e^(−δt) E(t) dt.  E(t) is
 * analytic for t > −scale, and bends with every stage, those of the open gap
 * too, or where k = 1 with the dropout alone.  Panels are laid in v,
 * t = scale (e^v − 1).  NaN where δ < 0 and nearly all cancels.
 */
static double
discounted_by_parts(const BtydPosterior *posterior, double days, double rate)
{
	double		scale = posterior->scale;
	double		bend = scale / (posterior->shape + posterior->stages);
	double		end = log1p(days / scale);
	double		whole = exp(-rate * days) * coin_visits(posterior, days);
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
	return whole + rate * sum >= LEAST_LEFT * whole ? whole + rate * sum : NAN;
}

double
coin_discounted(const BtydPosterior *posterior, double days, double rate, BtydMemory *memory)
{
	if (isinf(days) && rate == 0)
		return posterior->drop > 1
			? (posterior->drop + posterior->stay - 1) / (posterior->drop - 1) : INFINITY;
	if (isinf(days))
		return discounted_for_ever(posterior, rate, memory);
	if (fabs(rate * days) > MOST_DISCOUNT || coin_last_stage(posterior, days, rate) > LONGEST_SUM)
		return discounted_by_parts(posterior, days, rate);
	return coin_summed_visits(posterior, days, rate);
}
