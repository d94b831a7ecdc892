/*
 * spend.c
 *	  The Gamma-Gamma model of what a visit brings (Fader & Hardie 2013, "The
 *	  gamma-gamma model of monetary value").
 *
 * A visit's money is Gamma(p, ν), ν ~ Gamma(q, v).  Of a customer with x repeat
 * visits that brought M = xm the density of the mean m is (equation 1a)
 *
 *	Γ(px+q) / (Γ(px) Γ(q)) · (M/(v+M))^px · (v/(v+M))^q / m
 *
 * Customers of equal x share everything but Σ ln(1 + M/v) and, for the
 * derivatives by ln v, Σ f and Σ f (1 − f), f = M / (v+M).
 */
#include <math.h>
#include <string.h>

#include "maths/newton.h"
#include "maths/special.h"
#include "value/spend.h"

/* Places of the parameters. */
enum
{
	P, Q, V
};

const char *const spend_parameter_name[SPEND_PARAMETERS] = {"p", "q", "v"};

/*
 * A fit keeps its parameters within these too: v is exp(± NEWTON_BOUND) times
 * a mean of money, which is 1e-6 to 1e18.
 */
static const double smallest[SPEND_PARAMETERS] = {1e-8, 1e-8, 1e-16};
static const double largest[SPEND_PARAMETERS] = {1e8, 1e8, 1e28};

#define FEW_CUSTOMERS 50
#define LIKENESS_ROWS 8192
#define SEARCH_TOLERANCE 1e-6
#define TOLERANCE 1e-8
#define SEARCH_ITERATIONS 60
#define ITERATIONS 200

/* Standard error of a log-parameter beyond which the data say nothing of it. */
#define UNDETERMINED 3.0

/* A log-parameter that got so far is on its way to infinity. */
#define A_POINT 9.2				/* ln 1e4 */

/* p, q; v follows from the mean, pv / (q − 1). */
static const double spend_start[][2] = {{6, 4}, {1, 2}, {2, 10}, {20, 3}, {0.5, 1.5}};

#define STARTS ((int) (sizeof(spend_start) / sizeof(*spend_start)))

/* Rows first[i] .. first[i + 1] − 1 of money[] have visits[i]; money ÷ its mean a visit. */
typedef struct SpendTable
{
	int64_t		rows;
	double	   *money;
	double	   *weight;
	int64_t		runs;
	int64_t    *first;
	double	   *visits;
	double	   *customers;
	double	   *log_money;		/* Σ ln M */
	double		all;			/* customers */
} SpendTable;

/* Σ over a run of ln(1 + M/v), f and f (1 − f). */
typedef struct RunSums
{
	double		log_growth;
	double		f;
	double		f_curve;
} RunSums;

static RunSums
sum_run(const SpendTable *table, int64_t run, double v)
{
	RunSums		sums = {0};
	double		product = 1;

	for (int64_t i = table->first[run]; i < table->first[run + 1]; i++)
	{
		double		weight = table->weight[i];
		double		growth = 1 + table->money[i] / v;
		double		rest = 1 / growth;

		if (weight == 1 && growth > 1.01 && growth < 1e50)
			product *= growth;
		else
			sums.log_growth += weight * log1p(table->money[i] / v);
		if (product > 1e250)
		{
			sums.log_growth += log(product);
			product = 1;
		}
		sums.f += weight * (1 - rest);
		sums.f_curve += weight * rest * (1 - rest);
	}
	sums.log_growth += log(product);
	return sums;
}

/* The log-likelihood at ln p, ln q, ln v: a NewtonFunction. */
static double
likelihood(void *context, const double *at, double *gradient, double (*hessian)[NEWTON_MAX])
{
	const SpendTable *table = context;
	double		p = exp(at[P]);
	double		q = exp(at[Q]);
	double		v = exp(at[V]);
	double		value = 0;

	if (gradient)
	{
		memset(gradient, 0, NEWTON_MAX * sizeof(double));
		memset(hessian, 0, NEWTON_MAX * sizeof(*hessian));
	}
	for (int64_t run = 0; run < table->runs; run++)
	{
		double		n = table->customers[run];
		double		x = table->visits[run];
		double		px = p * x;
		RunSums		sums = sum_run(table, run, v);
		Jet			by_px = log_rising(px, q);
		Jet			by_q = log_rising(q, px);
		double		excess = sums.log_growth + n * at[V] - table->log_money[run];
		double		slope_p = x * (n * by_px.slope - excess);
		double		slope_q = n * by_q.slope - sums.log_growth;

		value += n * (by_px.value - log_gamma(q) + log(x)) - q * sums.log_growth - px * excess
			- table->log_money[run];
		if (gradient == NULL)
			continue;
		gradient[P] += p * slope_p;
		gradient[Q] += q * slope_q;
		gradient[V] += (px + q) * sums.f - n * px;
		hessian[P][P] += p * slope_p + n * px * px * by_px.curve;
		hessian[P][Q] += n * px * q * trigamma(px + q);
		hessian[P][V] += px * (sums.f - n);
		hessian[Q][Q] += q * slope_q + n * q * q * by_q.curve;
		hessian[Q][V] += q * sums.f;
		hessian[V][V] -= (px + q) * sums.f_curve;
	}
	if (hessian)
		for (int i = 0; i < SPEND_PARAMETERS; i++)
			for (int j = 0; j < i; j++)
				hessian[i][j] = hessian[j][i];
	return value;
}

/* Every stride-th usable row of the sample; money in multiples of `scale`. */
static SpendTable
make_table(const SpendSample *sample, int64_t stride, double scale, const Workspace *workspace)
{
	size_t		bytes = (sample->rows / stride + 2) * sizeof(double);
	SpendTable	table = {
		.money = workspace->allocate(workspace->context, bytes),
		.weight = workspace->allocate(workspace->context, bytes),
		.first = workspace->allocate(workspace->context, bytes),
		.visits = workspace->allocate(workspace->context, bytes),
		.customers = workspace->allocate(workspace->context, bytes),
		.log_money = workspace->allocate(workspace->context, bytes),
	};

	for (int64_t i = 0; i < sample->rows; i += stride)
	{
		int64_t		row = table.rows;
		double		money = sample->money[i] * sample->unit / scale;

		if (sample->visits[i] <= 0 || sample->money[i] <= 0)
			continue;
		if (row == 0 || table.visits[table.runs - 1] != sample->visits[i])
		{
			table.first[table.runs] = row;
			table.visits[table.runs] = sample->visits[i];
			table.customers[table.runs] = table.log_money[table.runs] = 0;
			table.runs++;
		}
		table.money[row] = money;
		table.weight[row] = sample->count[i];
		table.customers[table.runs - 1] += table.weight[row];
		table.log_money[table.runs - 1] += table.weight[row] * log(money);
		table.all += table.weight[row];
		table.rows++;
	}
	table.first[table.runs] = table.rows;
	return table;
}

/* Mean money of a repeat visit over the usable rows; 0 without any. */
static double
mean_money(const SpendSample *sample)
{
	double		money = 0;
	double		visits = 0;

	for (int64_t i = 0; i < sample->rows; i++)
		if (sample->visits[i] > 0 && sample->money[i] > 0)
		{
			money += (double) sample->count[i] * sample->money[i];
			visits += (double) sample->count[i] * sample->visits[i];
		}
	return visits > 0 ? money * sample->unit / visits : 0;
}

static NewtonResult
search(SpendTable *likeness, SpendTable *table, const Workspace *workspace, NewtonProblem *problem)
{
	NewtonProblem first;
	double		starts[STARTS][NEWTON_MAX];

	*problem = (NewtonProblem) {
		.function = likelihood,
		.context = table,
		.parameters = SPEND_PARAMETERS,
		.scale = table->all,
		.tolerance = TOLERANCE,
		.max_iterations = ITERATIONS,
		.interrupted = workspace->interrupted,
		.interrupt_context = workspace->context,
	};
	first = *problem;
	first.context = likeness;
	first.scale = likeness->all;
	first.tolerance = SEARCH_TOLERANCE;
	first.max_iterations = SEARCH_ITERATIONS;
	for (int i = 0; i < STARTS; i++)
	{
		double		p = spend_start[i][0];
		double		q = spend_start[i][1];

		starts[i][P] = log(p);
		starts[i][Q] = log(q);
		starts[i][V] = log((q - 1) / p);
	}
	return newton_search(&first, problem, starts, STARTS);
}

static void
explain_failure(const NewtonResult *found, SpendFit *fit)
{
	if (found->at[P] > A_POINT)
		warning_add(&fit->warning, "did not converge: as if each customer always spent the same");
	else if (found->at[Q] > A_POINT)
		warning_add(&fit->warning, "did not converge: as if customers differed by chance only");
	else
		warning_add(&fit->warning, "did not converge: the likelihood has no clear maximum here");
}

/* Parameters in money again, and whether to trust them. */
static void
report(const NewtonProblem *problem, const NewtonResult *found, double scale, SpendFit *fit)
{
	bool		maximum = found->maximum && !found->at_bound;

	fit->fitted = true;
	fit->converged = maximum && newton_is_level(problem, found);
	for (int i = 0; i < SPEND_PARAMETERS; i++)
	{
		fit->parameters[i] = newton_parameter(found->at[i]) * (i == V ? scale : 1);
		if (!maximum)
			continue;
		fit->standard_errors[i] = fit->parameters[i] * found->deviation[i];
		if (found->deviation[i] > UNDETERMINED)
			warning_add_item(&fit->warning, "the data do not determine ", "%s", spend_parameter_name[i]);
	}
	if (!fit->converged)
		explain_failure(found, fit);
	if (fit->parameters[Q] <= 1)
		warning_add(&fit->warning, "q <= 1: the mean of this population's spend does not exist");

	/* The density is of money, not of multiples of its mean. */
	fit->log_likelihood = found->value - fit->customers * log(scale);
	fit->aic = 2 * SPEND_PARAMETERS - 2 * fit->log_likelihood;
}

SpendFit
spend_fit(const SpendSample *sample, const Workspace *workspace)
{
	SpendFit	fit = {.log_likelihood = NAN, .aic = NAN};
	double		scale = mean_money(sample);
	SpendTable	table;
	SpendTable	likeness;
	NewtonProblem problem;
	NewtonResult found;

	for (int i = 0; i < SPEND_PARAMETERS; i++)
		fit.parameters[i] = fit.standard_errors[i] = NAN;
	if (scale == 0)
	{
		warning_add(&fit.warning, "nobody came back and spent money");
		return fit;
	}
	likeness = table = make_table(sample, 1, scale, workspace);
	fit.customers = (int64_t) table.all;
	if (fit.customers < FEW_CUSTOMERS)
		warning_add(&fit.warning, "only %d customer%s", (int) fit.customers, fit.customers == 1 ? "" : "s");
	if (table.rows == 1 && fit.customers > 1)
		warning_add(&fit.warning, "all customers are alike");
	if (table.rows > 2 * LIKENESS_ROWS)
		likeness = make_table(sample, sample->rows / LIKENESS_ROWS, scale, workspace);
	if (likeness.rows == 0)
		likeness = table;
	found = search(&likeness, &table, workspace, &problem);
	fit.iterations = found.iterations;
	fit.interrupted = found.interrupted;
	if (!fit.interrupted)
		report(&problem, &found, scale, &fit);
	return fit;
}

const char *
spend_parameter_error(const double *parameters, int *which)
{
	for (*which = 0; *which < SPEND_PARAMETERS; (*which)++)
		if (!(parameters[*which] >= smallest[*which] * (1 - 1e-12) && parameters[*which] <= largest[*which] * (1 + 1e-12)))
			return *which == V ? "must lie between 1e-16 and 1e28" : "must lie between 1e-8 and 1e8";
	return NULL;
}

double
spend_log_likelihood(const double *parameters, double visits, double mean)
{
	double		px = parameters[P] * visits;
	double		growth = visits * mean / parameters[V];

	return log_rising(px, parameters[Q]).value - log_gamma(parameters[Q])
		- px * log1p(1 / growth) - parameters[Q] * log1p(growth) - log(mean);
}

/* Fader & Hardie 2013, equation 5. */
double
spend_expected(const double *parameters, double visits, double mean)
{
	double		px = visits > 0 && mean > 0 ? parameters[P] * visits : 0;

	if (px == 0)
		return parameters[Q] > 1 ? parameters[P] * parameters[V] / (parameters[Q] - 1) : NAN;
	if (px + parameters[Q] <= 1)
		return NAN;
	return parameters[P] * (parameters[V] + visits * mean) / (px + parameters[Q] - 1);
}
