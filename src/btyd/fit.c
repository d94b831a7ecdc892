/*
 * fit.c
 *	  Maximum likelihood for any family.
 *
 * A search from several starts on a likeness of the sample, small enough to be
 * cheap; the best of them carried on over the whole sample; the regularity k
 * raised from 1 while the likelihood gains.  Then the result is doubted: is
 * the likelihood flat there by its values alone, is it a maximum, do the data
 * determine every parameter, and does dropout explain anything at all?
 * Without dropout every optimiser "converges" somewhere on a flat ridge.
 */
#include <math.h>
#include <string.h>

#include "btyd/fit.h"

/* The likeness has about so many rows of customers who came back. */
#define LIKENESS_ROWS 1024

#define SEARCH_TOLERANCE 1e-6
#define TOLERANCE 1e-8
#define SEARCH_ITERATIONS 60
#define ITERATIONS 200

/* Half of χ² with two degrees of freedom at 5 %: what two parameters gain by chance. */
#define CHANCE_GAIN 3.0

/*
 * The search for k ends after so many in a row that lost more than CHANCE_GAIN.
 * A few customers hardly tell one k from the next: there all are tried.
 */
#define LOSSES 2

/* Standard error of a log-parameter beyond which the data say nothing of it. */
#define UNDETERMINED 3.0

/* Logarithm of a shape beyond which a distribution is a point; below minus this, two points. */
#define A_POINT 9.2				/* ln 1e4 */

#define FEW_CUSTOMERS 50

typedef struct Target
{
	const BtydTable *table;
	BtydLikelihood likelihood;
	int			stages;
	int			parameters;
} Target;

static double
target_value(void *context, const double *at, double *gradient, double (*hessian)[NEWTON_MAX])
{
	const Target *target = context;

	return target->likelihood(target->table, target->stages, at, gradient, hessian);
}

static NewtonProblem
problem_for(Target *target, double tolerance, int iterations)
{
	const Workspace *workspace = target->table->workspace;

	return (NewtonProblem) {
		.function = target_value,
		.context = target,
		.parameters = target->parameters,
		.scale = target->table->customers,
		.tolerance = tolerance,
		.max_iterations = iterations,
		.interrupted = workspace->interrupted,
		.interrupt_context = workspace->context,
	};
}

/* The family's i-th start, alpha in units of the mean time per stage. */
static void
set_start(const BtydFamily *family, const BtydTable *table, int stages, int i, double *at)
{
	double		time = 0;

	for (int64_t d = 0; d < table->days; d++)
		time += table->day[d] * table->day_customers[d];
	for (int j = 0; j < BTYD_CONTINUOUS; j++)
		at[j] = log(family->start[i][j]);
	at[1] += log(time / (stages * table->all_visits));
	if (family->stay_is_days)
		at[3] += log(time / table->customers);
}

/* Where the likeness led to no maximum of the whole, the search is repeated on the whole. */
static NewtonResult
search(const BtydFamily *family, const BtydTable *likeness, const BtydTable *table, int stages)
{
	Target		part = {likeness, family->likelihood, stages, BTYD_CONTINUOUS};
	Target		whole = {table, family->likelihood, stages, BTYD_CONTINUOUS};
	NewtonProblem first = problem_for(&part, SEARCH_TOLERANCE, SEARCH_ITERATIONS);
	NewtonProblem then = problem_for(&whole, TOLERANCE, ITERATIONS);
	double		starts[BTYD_MAX_STARTS][NEWTON_MAX];
	NewtonResult found;
	NewtonResult again;

	for (int i = 0; i < family->starts; i++)
		set_start(family, likeness, stages, i, starts[i]);
	found = newton_search(&first, &then, starts, family->starts);
	if (found.maximum || found.at_bound || found.interrupted || likeness == table)
		return found;
	first = problem_for(&whole, SEARCH_TOLERANCE, SEARCH_ITERATIONS);
	again = newton_search(&first, &then, starts, family->starts);
	again.iterations += found.iterations;
	return again.value > found.value || again.interrupted ? again : found;
}

/* The best without dropout, which has r and alpha alone: from what was found with it, and afresh. */
static NewtonResult
search_undying(const BtydFamily *family, const BtydTable *likeness, const BtydTable *table, int stages,
			   const NewtonResult *found)
{
	Target		part = {likeness, family->undying, stages, 2};
	Target		whole = {table, family->undying, stages, 2};
	NewtonProblem first = problem_for(&part, SEARCH_TOLERANCE, SEARCH_ITERATIONS);
	NewtonProblem then = problem_for(&whole, TOLERANCE, ITERATIONS);
	double		starts[2][NEWTON_MAX];

	memcpy(starts[0], found->at, sizeof(starts[0]));
	set_start(family, likeness, stages, 0, starts[1]);
	return newton_search(&first, &then, starts, 2);
}

/* What is to be known of the sample itself; false when there is nothing to fit. */
static bool
judge_sample(const BtydTable *table, BtydFit *fit)
{
	int64_t		ages = 0;

	for (int64_t d = 0; d < table->days; d++)
		ages += table->day_customers[d] > 0;
	if (fit->customers == 0)
		warning_add(&fit->warning, "no customers");
	else if (table->all_visits == 0)
		warning_add(&fit->warning, "nobody came back");
	else
	{
		if (fit->customers < FEW_CUSTOMERS)
			warning_add(&fit->warning, "only %d customer%s", (int) fit->customers, fit->customers == 1 ? "" : "s");
		if (table->rows == 1 && fit->customers > 1)
			warning_add(&fit->warning, "all customers are alike");
		else if (ages == 1 && fit->customers > 1)
			warning_add(&fit->warning, "all customers came first on the same day");
		return true;
	}
	return false;
}

/* Why there is no maximum: where the parameters went, and what they say there. */
static void
explain_failure(const NewtonResult *found, bool dropout, BtydFit *fit)
{
	static const char lead[] = "did not converge: ";
	const BtydFamily *family = fit->family;

	for (int i = 0; i < BTYD_CONTINUOUS; i++)
		if (fabs(found->at[i]) >= NEWTON_BOUND)
			warning_add_item(&fit->warning, lead, "%s ran to %.0e", family->parameter_name[i],
							 newton_parameter(found->at[i]));
	if (!found->at_bound && !found->stationary)
		warning_add_item(&fit->warning, lead, "the likelihood still rises by %.0e a customer with ln(%s)",
						 found->gradient, family->parameter_name[found->steepest]);
	else if (!found->at_bound)
		warning_add_item(&fit->warning, lead, found->maximum ? "the likelihood is not level here"
						 : "the likelihood has no clear maximum here");
	if (found->at[0] > A_POINT)
		warning_add_item(&fit->warning, lead, "as if all customers came at one rate");
	if (dropout && found->at[2] > A_POINT && found->at[3] > A_POINT)
		warning_add_item(&fit->warning, lead, "as if all were as likely to leave");
	if (dropout && found->at[3] < -A_POINT)
		warning_add_item(&fit->warning, lead, "as if some left at once and the others never");
}

/* Doubt the result, and say why; gain is what dropout adds to the log-likelihood. */
static void
judge_result(Target *target, const NewtonResult *found, double gain, BtydFit *fit)
{
	NewtonProblem problem = problem_for(target, TOLERANCE, ITERATIONS);
	bool		dropout = gain >= CHANCE_GAIN;

	fit->converged = found->maximum && !found->at_bound && newton_is_level(&problem, found);
	if (!dropout)
		warning_add(&fit->warning, "found no dropout: it gains %.2f of log-likelihood, below %.1f",
					fmax(0, gain), CHANCE_GAIN);
	for (int i = 0; i < BTYD_CONTINUOUS; i++)
		if (dropout && found->deviation[i] > UNDETERMINED && fabs(found->at[i]) < NEWTON_BOUND)
			warning_add_item(&fit->warning, "the data do not determine ", "%s",
							 fit->family->parameter_name[i]);
	if (!fit->converged)
		explain_failure(found, dropout, fit);
}

static void
report(const NewtonResult *found, int stages, BtydFit *fit)
{
	const BtydFamily *family = fit->family;

	for (int i = 0; i < BTYD_CONTINUOUS; i++)
	{
		fit->parameters[i] = newton_parameter(found->at[i]);
		fit->standard_errors[i] = fit->parameters[i] * found->deviation[i];
	}
	fit->parameters[BTYD_K] = stages;
	fit->log_likelihood = found->value;
	fit->aic = 2 * family->parameters - 2 * found->value;
}

BtydFit
btyd_fit(const BtydFamily *family, const BtydSample *sample, const Workspace *workspace)
{
	BtydFit		fit = {.family = family, .log_likelihood = NAN, .aic = NAN};
	BtydTable  *table = btyd_table(sample, 1, workspace);
	BtydTable  *likeness = table;
	NewtonResult best = {0};
	NewtonResult undying;
	Target		target = {table, family->likelihood, 0, BTYD_CONTINUOUS};
	int			losses = 0;

	for (int i = 0; i < BTYD_PARAMETERS; i++)
		fit.parameters[i] = fit.standard_errors[i] = NAN;
	fit.customers = (int64_t) table->customers;
	if (!judge_sample(table, &fit))
		return fit;
	if (table->rows > 2 * LIKENESS_ROWS)
		likeness = btyd_table(sample, table->rows / LIKENESS_ROWS, workspace);

	for (int stages = 1; stages <= family->max_stages && losses < LOSSES; stages++)
	{
		NewtonResult found = search(family, likeness, table, stages);

		fit.iterations += found.iterations;
		if (found.interrupted)
		{
			fit.interrupted = true;
			return fit;
		}
		if (target.stages == 0 || found.value > best.value)
		{
			best = found;
			target.stages = stages;
			losses = 0;
		}
		else
			losses += found.value < best.value - CHANCE_GAIN;
	}
	fit.fitted = true;
	report(&best, target.stages, &fit);
	undying = search_undying(family, likeness, table, target.stages, &best);
	judge_result(&target, &best, best.value - undying.value, &fit);
	fit.interrupted = btyd_stopped(table);
	return fit;
}
