/*
 * pareto_likelihood.c
 *	  The likelihood of a sample under Pareto/NBD; paretonbd.c has its formula.
 *
 * The derivatives by ln r, ln α, ln s, ln β are moments, under the integrand,
 * of l_α, f_α, l_β, f_β and of their products, f_α(τ) = τ / (α+τ): fifteen
 * integrals.
 *
 * Over a sample t_x and T are whole days: for each x the integrals from every
 * day to the last are summed from the right, cell by cell, each as a multiple
 * of the integrand at its day, so that nothing overflows; a row takes a
 * difference of two, beside the first term of V, which bounds what is taken off.
 */
#include <math.h>
#include <string.h>

#include "btyd/pareto.h"
#include "maths/quadrature.h"
#include "maths/special.h"

/*
 * The moments of the four functions of τ and of their products: one, four,
 * ten, and a zero that makes sixteen, which the compiler turns into vectors.
 */
#define BASIS 4
#define MOMENTS 16

/* Tables of cells are kept for up to so many days; else every row by itself. */
#define MOST_DAYS 16384

/* Cells near day 0 may need several panels, altogether so many more than days. */
#define MORE_PANELS 4096

/* Powers are tabulated while the integrand does not fall below e^−this. */
#define LARGEST_EXPONENT 300.0

/* A row by itself costs about so many nodes of a table. */
#define NODES_A_ROW 150

typedef struct Node
{
	double		weight;
	double		fall;			/* (s+1) (l_β(τ) − l_β(day)) */
	double		drop;			/* l_α(τ) − l_α(day) */
	double		basis[BASIS];
} Node;

typedef struct Cells
{
	int64_t		panels;			/* in use */
	int64_t		most;			/* allocated */
	Node	   *node;			/* PANEL_NODES a panel */
	int64_t    *first;			/* first[d] .. first[d + 1] − 1: panels between days d and d + 1 */
	double		(*moments)[MOMENTS];	/* from day d to the run's last, ÷ integrand at d */
	double	   *up;				/* 1 ÷ integrand at d, and the integrand, where `powers` */
	double	   *down;
	bool		powers;
} Cells;

/* Everything an evaluation needs at hand. */
typedef struct Evaluation
{
	const BtydTable *table;
	Cells	   *cells;			/* NULL: too many days */
	double		p[BTYD_CONTINUOUS];
	double		(*basis)[BASIS];	/* of each day */
	int			moments;		/* 1 for the value alone, or MOMENTS */
} Evaluation;

static void
set_basis(const double *p, double t, double *basis)
{
	basis[0] = log1p(t / p[ALPHA]);
	basis[1] = t / (p[ALPHA] + t);
	basis[2] = log1p(t / p[BETA]);
	basis[3] = t / (p[BETA] + t);
}

/* Unrolled, as -O2 alone does not: two thirds of the time of a large fit. */
static inline __attribute__((always_inline)) void
add_moments(double mass, const double *basis, int moments, double *sum)
{
	int			k = 1 + BASIS;

	sum[0] += mass;
	if (moments == 1)
		return;
#pragma GCC unroll 4
	for (int i = 0; i < BASIS; i++)
	{
		double		first = mass * basis[i];

		sum[1 + i] += first;
#pragma GCC unroll 4
		for (int j = i; j < BASIS; j++)
			sum[k++] += first * basis[j];
	}
}

/* The moments from `from` to `to`, ÷ integrand at `from`. */
static void
moments_between(const Evaluation *evaluation, double x, double from, double to, double *sum)
{
	const double *p = evaluation->p;
	Curve		curve = {p[R] + x, p[ALPHA] + from, p[S] + 1, p[BETA] + from, 0};
	double		end = log1p((to - from) / fmin(curve.alpha, curve.beta));

	memset(sum, 0, evaluation->moments * sizeof(double));
	for (double v = 0, width; v < end; v += width)
	{
		double		time[PANEL_NODES];
		double		weight[PANEL_NODES];
		double		before = sum[0];

		width = pareto_panel(&curve, v, end, time, weight);
		for (int i = 0; i < PANEL_NODES; i++)
		{
			double		basis[BASIS];

			set_basis(p, from + time[i], basis);
			add_moments(weight[i] * exp(pareto_log_curve(&curve, time[i])), basis, evaluation->moments, sum);
		}
		if (sum[0] - before < 1e-19 * sum[0])
			break;
	}
}

static void
add_panel(const Evaluation *evaluation, Cells *cells, double day, const double *time,
		  const double *weight)
{
	Node	   *node = cells->node + cells->panels++ * PANEL_NODES;

	for (int i = 0; i < PANEL_NODES; i++, node++)
	{
		set_basis(evaluation->p, day + time[i], node->basis);
		node->weight = weight[i];
		node->drop = log1p(time[i] / (evaluation->p[ALPHA] + day));
		node->fall = (evaluation->p[S] + 1) * log1p(time[i] / (evaluation->p[BETA] + day));
	}
}

/* The nodes of all cells, for any x: as x <= t_x, no cell at day d sees x > d. */
static void
set_cells(const Evaluation *evaluation, Cells *cells)
{
	const BtydTable *table = evaluation->table;
	const double *p = evaluation->p;

	cells->panels = 0;
	for (int64_t d = 0; d + 1 < table->days; d++)
	{
		double		day = table->day[d];
		double		x = fmin(day, table->visits[table->runs - 1]);
		Curve		curve = {p[R] + x, p[ALPHA] + day, p[S] + 1, p[BETA] + day, 0};
		double		end = log1p((table->day[d + 1] - day) / fmin(curve.alpha, curve.beta));
		double		width;

		cells->first[d] = cells->panels;
		for (double v = 0; v < end && cells->panels + table->days - d < cells->most; v += width)
		{
			double		time[PANEL_NODES];
			double		weight[PANEL_NODES];

			width = pareto_panel(&curve, v, end, time, weight);
			add_panel(evaluation, cells, day, time, weight);
		}
	}
	cells->first[table->days - 1] = cells->panels;
}

/* ln of integrand at day `to` ÷ that at day `from`. */
static inline double
log_ratio(const Evaluation *evaluation, double shape, int64_t from, int64_t to)
{
	const double *a = evaluation->basis[from];
	const double *b = evaluation->basis[to];

	return -shape * (b[0] - a[0]) - (evaluation->p[S] + 1) * (b[2] - a[2]);
}

/* The moments from each day of the run's range to the last of them, from the right. */
static void
sum_cells(const Evaluation *evaluation, double shape, int64_t lowest, int64_t highest)
{
	Cells	   *cells = evaluation->cells;
	int			moments = evaluation->moments;

	memset(cells->moments[highest], 0, sizeof(*cells->moments));
	for (int64_t d = highest - 1; d >= lowest; d--)
	{
		double	   *sum = cells->moments[d];
		double		ratio = exp(log_ratio(evaluation, shape, d, d + 1));
		const Node *end = cells->node + cells->first[d + 1] * PANEL_NODES;

		sum[0] = ratio * cells->moments[d + 1][0];
		if (moments > 1)
			for (int k = 1; k < MOMENTS; k++)
				sum[k] = ratio * cells->moments[d + 1][k];
		for (const Node *node = cells->node + cells->first[d] * PANEL_NODES; node < end; node++)
			add_moments(node->weight * exp(-shape * node->drop - node->fall), node->basis, moments, sum);
	}
}

/*
 * Over the rows of a run: the moments of both parts of V, each ÷ V, and the
 * products of the derivatives of ln V (upper triangle).
 */
typedef struct RunSums
{
	double		value;
	double		product;		/* of V of rows with weight one: one logarithm for many */
	double		alive[MOMENTS];
	double		dead[MOMENTS];
	double		square[NEWTON_MAX][NEWTON_MAX];
} RunSums;

/* Add one row: h its moments since t_x, ratio the integrand at T ÷ that at t_x. */
static inline void
add_row(const Evaluation *evaluation, int64_t row, double shape, const double *h, double ratio,
		RunSums *sums)
{
	const BtydTable *table = evaluation->table;
	const double *p = evaluation->p;
	double		weight = table->weight[row];
	const double *last = evaluation->basis[table->recency[row]];
	const double *age = evaluation->basis[table->age[row]];
	double		alive = ratio * (p[BETA] + table->day[table->age[row]]) / p[S];
	double		v = (alive + h[0]) * p[S] / p[BETA];
	double		inverse = 1 / (alive + h[0]);
	double		first[BASIS];

	sums->value -= weight * (shape * last[0] + (p[S] + 1) * last[2]);
	if (weight == 1 && v > 1e-50 && v < 1e50)
		sums->product *= v;
	else
		sums->value += weight * log(v);
	if (sums->product > 1e250 || sums->product < 1e-250)
	{
		sums->value += log(sums->product);
		sums->product = 1;
	}
	if (evaluation->moments == 1)
		return;
	first[R] = -p[R] * (alive * age[0] + h[1]) * inverse;
	first[ALPHA] = shape * (alive * age[1] + h[2]) * inverse;
	first[S] = (h[0] - p[S] * (alive * age[2] + h[3])) * inverse;
	first[BETA] = (p[S] * (alive * age[3] + h[4]) + h[4] - h[0]) * inverse;
	for (int i = 0; i < BASIS; i++)
		for (int j = i; j < BASIS; j++)
			sums->square[i][j] += weight * first[i] * first[j];
	add_moments(weight * alive * inverse, age, MOMENTS, sums->alive);
	weight *= inverse;
	for (int k = 0; k < MOMENTS; k++)
		sums->dead[k] += weight * h[k];
}

/*
 * One part of V with its moments: the derivatives of its logarithm are
 * constant + slope · basis.  Adds E[∂ᵢ] to the gradient and E[∂ᵢ ∂ⱼ + ∂ᵢⱼ] to
 * the Hessian.
 */
static void
add_part(const double *moment, const double *constant, const double *slope, double *gradient,
		 double (*hessian)[NEWTON_MAX])
{
	const double *mean = moment + 1;
	const double *square = mean + BASIS;
	double		alpha_curve = mean[1] - square[4];
	double		beta_curve = mean[3] - square[9];
	int			k = 0;

	for (int i = 0; i < BASIS; i++)
	{
		gradient[i] += constant[i] * moment[0] + slope[i] * mean[i];
		for (int j = i; j < BASIS; j++)
			hessian[i][j] += constant[i] * constant[j] * moment[0] + constant[i] * slope[j] * mean[j]
				+ constant[j] * slope[i] * mean[i] + slope[i] * slope[j] * square[k++];
	}
	hessian[R][R] += slope[R] * mean[0];
	hessian[R][ALPHA] -= slope[R] * mean[1];
	hessian[ALPHA][ALPHA] -= slope[ALPHA] * alpha_curve;
	hessian[S][S] += slope[S] * mean[2];
	hessian[S][BETA] -= slope[S] * mean[3];
	hessian[BETA][BETA] -= slope[BETA] * beta_curve;
}

static void
add_run(const double *p, double shape, const RunSums *sums, double *gradient,
		double (*hessian)[NEWTON_MAX])
{
	static const double lives[BASIS] = {0, 0, 0, 0};
	static const double dies[BASIS] = {0, 0, 1, -1};
	double		alive_slope[BASIS] = {-p[R], shape, -p[S], p[S]};
	double		dead_slope[BASIS] = {-p[R], shape, -p[S], p[S] + 1};

	add_part(sums->alive, lives, alive_slope, gradient, hessian);
	add_part(sums->dead, dies, dead_slope, gradient, hessian);
	for (int i = 0; i < BASIS; i++)
		for (int j = i; j < BASIS; j++)
			hessian[i][j] -= sums->square[i][j];
}

/* The integrand at each day, if all of them stay well within a double. */
static void
set_powers(const Evaluation *evaluation, double shape)
{
	const BtydTable *table = evaluation->table;
	Cells	   *cells = evaluation->cells;

	cells->powers = log_ratio(evaluation, shape, 0, table->days - 1) > -LARGEST_EXPONENT;
	for (int64_t d = 0; d < table->days && cells->powers; d++)
	{
		cells->down[d] = exp(log_ratio(evaluation, shape, 0, d));
		cells->up[d] = 1 / cells->down[d];
	}
}

/* Is the cells' table cheaper for this run than every row by itself?  If so, set it. */
static bool
tabulate_run(const Evaluation *evaluation, int64_t run, double shape)
{
	const BtydTable *table = evaluation->table;
	const Cells *cells = evaluation->cells;
	int64_t		rows = table->first[run + 1] - table->first[run];
	int64_t		lowest = table->days;
	int64_t		highest = 0;

	for (int64_t row = table->first[run]; row < table->first[run + 1]; row++)
	{
		lowest = table->recency[row] < lowest ? table->recency[row] : lowest;
		highest = table->age[row] > highest ? table->age[row] : highest;
	}
	if (cells == NULL
		|| rows * NODES_A_ROW < (cells->first[highest] - cells->first[lowest]) * PANEL_NODES)
		return false;
	sum_cells(evaluation, shape, lowest, highest);
	set_powers(evaluation, shape);
	return true;
}

/* One run of equal x. */
static double
run_likelihood(const Evaluation *evaluation, int64_t run, double *gradient,
			   double (*hessian)[NEWTON_MAX])
{
	const BtydTable *table = evaluation->table;
	const Cells *cells = evaluation->cells;
	double		x = table->visits[run];
	double		shape = evaluation->p[R] + x;
	bool		tabulated = tabulate_run(evaluation, run, shape);
	RunSums		sums = {.product = 1};

	for (int64_t row = table->first[run]; row < table->first[run + 1]; row++)
	{
		int32_t		last = table->recency[row];
		int32_t		age = table->age[row];
		double		ratio = tabulated && cells->powers ? cells->down[age] * cells->up[last]
			: exp(log_ratio(evaluation, shape, last, age));
		double		h[MOMENTS];

		if (row % BTYD_ROWS_A_QUESTION == 0 && btyd_stopped(table))
			break;
		if (tabulated)
		{
			const double *from = cells->moments[last];
			const double *to = cells->moments[age];

			h[0] = from[0] - ratio * to[0];
			if (gradient)
				for (int k = 0; k < MOMENTS; k++)
					h[k] = from[k] - ratio * to[k];
		}
		else
			moments_between(evaluation, x, table->day[last], table->day[age], h);
		add_row(evaluation, row, shape, h, ratio, &sums);
	}
	if (gradient)
		add_run(evaluation->p, shape, &sums, gradient, hessian);
	return sums.value + log(sums.product);
}

/* The memory for cells, once per table. */
static Cells *
get_cells(const BtydTable *table)
{
	const Workspace *workspace = table->workspace;
	Cells	   *cells = *table->family_scratch;

	if (table->days > MOST_DAYS || cells)
		return cells;
	cells = workspace->allocate(workspace->context, sizeof(Cells));
	cells->most = 2 * table->days + MORE_PANELS;
	cells->node = workspace->allocate(workspace->context, cells->most * PANEL_NODES * sizeof(Node));
	cells->first = workspace->allocate(workspace->context, table->days * sizeof(int64_t));
	cells->moments = workspace->allocate(workspace->context, table->days * sizeof(*cells->moments));
	cells->up = workspace->allocate(workspace->context, table->days * sizeof(double));
	cells->down = workspace->allocate(workspace->context, table->days * sizeof(double));
	return *table->family_scratch = cells;
}

double
pareto_table_likelihood(const BtydTable *table, int stages, const double *at, double *gradient,
						double (*hessian)[NEWTON_MAX])
{
	Evaluation	evaluation = {.table = table, .cells = get_cells(table)};
	double		value = -table->all_visits * at[ALPHA];

	(void) stages;				/* gaps are exponential here */
	evaluation.basis = (double (*)[BASIS]) table->scratch;
	evaluation.moments = gradient ? MOMENTS : 1;
	for (int i = 0; i < BTYD_CONTINUOUS; i++)
		evaluation.p[i] = exp(at[i]);
	for (int64_t d = 0; d < table->days; d++)
		set_basis(evaluation.p, table->day[d], evaluation.basis[d]);
	if (evaluation.cells)
		set_cells(&evaluation, evaluation.cells);
	if (gradient)
	{
		memset(gradient, 0, NEWTON_MAX * sizeof(double));
		memset(hessian, 0, NEWTON_MAX * sizeof(*hessian));
		gradient[ALPHA] = -table->all_visits;
	}
	for (int64_t run = 0; run < table->runs && !btyd_stopped(table); run++)
	{
		double		customers = table->run_customers[run];
		double		r = evaluation.p[R];
		Jet			rising = log_rising(r, table->visits[run]);

		value += customers * rising.value + run_likelihood(&evaluation, run, gradient, hessian);
		if (gradient == NULL)
			continue;
		gradient[R] += customers * r * rising.slope;
		hessian[R][R] += customers * r * (rising.slope + r * rising.curve);
	}
	if (hessian)
		for (int i = 0; i < NEWTON_MAX; i++)
			for (int j = 0; j < i; j++)
				hessian[i][j] = hessian[j][i];
	return value;
}
