/*
 * newton.c
 *	  A damped Newton iteration for likelihoods of two to four parameters.
 *
 * Each step solves (−H + μI) step = gradient by Cholesky's decomposition; μ
 * grows until the matrix is positive definite and the function rises, and
 * shrinks again while it does (Levenberg 1944, Marquardt 1963).  Steps are
 * clamped, because a likelihood far from its maximum is nothing like a
 * parabola.  Deterministic, without memory of its own.
 */
#include <math.h>
#include <string.h>

#include "maths/newton.h"

/* Longest step: in log-parameters a factor of e². */
#define LONGEST_STEP 2.0

/* The damping, relative to the scale; at the upper end no step is left. */
#define LEAST_DAMPING 1e-12
#define MOST_DAMPING 1e12

/* Once the gradient is small, Newton may settle the last digits in so many steps ... */
#define SETTLING_STEPS 3

/* ... until a step is shorter than this many times the tolerance. */
#define SETTLED 10.0

/* Sums of a million terms are known to about this, relatively. */
#define ROUNDING 1e-13

/* Step, and limit on the slope ÷ scale, of the check by values. */
#define CHECK_STEP 1e-3
#define CHECK_SLOPE 1e-5

typedef struct Point
{
	double		at[NEWTON_MAX];
	double		value;
	double		gradient[NEWTON_MAX];
	double		hessian[NEWTON_MAX][NEWTON_MAX];
} Point;

/* A = L Lᵀ in place of A's lower triangle; false unless positive definite. */
static bool
cholesky(double a[NEWTON_MAX][NEWTON_MAX], int n)
{
	for (int i = 0; i < n; i++)
		for (int j = 0; j <= i; j++)
		{
			double		sum = a[i][j];

			for (int k = 0; k < j; k++)
				sum -= a[i][k] * a[j][k];
			if (i != j)
				a[i][j] = sum / a[j][j];
			else if (sum > 1e-14 * fabs(a[i][i]) && isfinite(sum))
				a[i][i] = sqrt(sum);
			else
				return false;
		}
	return true;
}

static void
cholesky_solve(double l[NEWTON_MAX][NEWTON_MAX], int n, const double *right, double *x)
{
	for (int i = 0; i < n; i++)
	{
		x[i] = right[i];
		for (int k = 0; k < i; k++)
			x[i] -= l[i][k] * x[k];
		x[i] /= l[i][i];
	}
	for (int i = n - 1; i >= 0; i--)
	{
		for (int k = i + 1; k < n; k++)
			x[i] -= l[k][i] * x[k];
		x[i] /= l[i][i];
	}
}

/*
 * Evaluate at point->at.  A parameter at its bound with the function rising
 * outwards is taken out of the equations.  Returns whether there is one.
 */
static bool
evaluate(const NewtonProblem *problem, Point *point)
{
	bool		held = false;

	point->value = problem->function(problem->context, point->at, point->gradient, point->hessian);
	for (int i = 0; i < problem->parameters; i++)
	{
		if (fabs(point->at[i]) < NEWTON_BOUND || point->at[i] * point->gradient[i] < 0)
			continue;
		held = true;
		point->gradient[i] = 0;
		for (int j = 0; j < problem->parameters; j++)
			point->hessian[i][j] = point->hessian[j][i] = 0;
		point->hessian[i][i] = -problem->scale;
	}
	return held;
}

static double
largest(const double *vector, int n)
{
	double		most = 0;

	for (int i = 0; i < n; i++)
		most = fabs(vector[i]) <= most ? most : fabs(vector[i]);
	return most;
}

/* −H + damping on the diagonal, decomposed. */
static bool
decompose(const NewtonProblem *problem, const Point *point, double damping,
		  double l[NEWTON_MAX][NEWTON_MAX])
{
	for (int i = 0; i < problem->parameters; i++)
		for (int j = 0; j < problem->parameters; j++)
			l[i][j] = -point->hessian[i][j] + (i == j ? damping * problem->scale : 0);
	return cholesky(l, problem->parameters);
}

/* The step that this damping proposes, and its largest component; −1: none. */
static double
propose(const NewtonProblem *problem, const Point *from, double damping, double *step)
{
	double		l[NEWTON_MAX][NEWTON_MAX];

	if (!decompose(problem, from, damping, l))
		return -1;
	cholesky_solve(l, problem->parameters, from->gradient, step);
	return largest(step, problem->parameters);
}

/* One trial: the point that a damped step leads to, if it is no lower. */
static bool
try_step(const NewtonProblem *problem, const Point *from, double damping, Point *to, bool *held)
{
	int			n = problem->parameters;
	double		step[NEWTON_MAX];
	double		length = propose(problem, from, damping, step);

	if (!(length >= 0 && isfinite(length)))
		return false;
	for (int i = 0; i < n; i++)
	{
		to->at[i] = from->at[i] + step[i] * (length > LONGEST_STEP ? LONGEST_STEP / length : 1);
		to->at[i] = fmax(-NEWTON_BOUND, fmin(NEWTON_BOUND, to->at[i]));
	}
	*held = evaluate(problem, to);
	return to->value >= from->value - ROUNDING * fabs(from->value);
}

static bool
is_interrupted(const NewtonProblem *problem)
{
	return problem->interrupted && problem->interrupted(problem->interrupt_context);
}

/*
 * Is the gradient small, with a maximum beside?  Then a few more steps are
 * taken: a small gradient in a flat direction leaves digits to be had.
 */
static bool
is_settled(const NewtonProblem *problem, const Point *point, int *settling)
{
	double		step[NEWTON_MAX];
	double		length;

	if (!(largest(point->gradient, problem->parameters) / problem->scale < problem->tolerance))
		return false;
	length = propose(problem, point, 0, step);
	return length >= 0
		&& (length < SETTLED * problem->tolerance || (*settling)++ == SETTLING_STEPS);
}

/* The last step is too short to be worth an evaluation, but worth its digits. */
static void
take_last_step(const NewtonProblem *problem, Point *point)
{
	double		step[NEWTON_MAX];
	double		length = propose(problem, point, 0, step);

	if (length >= 0 && length < SETTLED * problem->tolerance)
		for (int i = 0; i < problem->parameters; i++)
			point->at[i] += step[i];
}

/* The standard error of a parameter, by L: the root of the diagonal of (−H)⁻¹. */
static double
deviation(double l[NEWTON_MAX][NEWTON_MAX], int n, int parameter)
{
	double		unit[NEWTON_MAX] = {0};
	double		column[NEWTON_MAX];

	unit[parameter] = 1;
	cholesky_solve(l, n, unit, column);
	return sqrt(column[parameter]);
}

/*
 * Where a function rises for ever it is flat in the end, and rounding decides
 * whether a maximum is seen there.  One whose standard error spans all that a
 * parameter may be is none.
 */
static void
find_deviations(const NewtonProblem *problem, const Point *point, NewtonResult *result)
{
	double		l[NEWTON_MAX][NEWTON_MAX];

	result->maximum = result->stationary && decompose(problem, point, 0, l);
	for (int i = 0; i < problem->parameters && result->maximum; i++)
	{
		bool		at_bound = fabs(point->at[i]) >= NEWTON_BOUND;

		result->deviation[i] = at_bound ? NAN : deviation(l, problem->parameters, i);
		result->maximum = at_bound || result->deviation[i] < NEWTON_BOUND;
	}
	for (int i = 0; i < problem->parameters && !result->maximum; i++)
		result->deviation[i] = NAN;
}

NewtonResult
newton_maximise(const NewtonProblem *problem, const double *start)
{
	int			n = problem->parameters;
	NewtonResult result = {0};
	Point		here = {0},
				there = {0};
	double		damping = 1e-3;
	int			settling = 0;

	memcpy(here.at, start, n * sizeof(double));
	result.at_bound = evaluate(problem, &here);
	while (result.iterations < problem->max_iterations && damping < MOST_DAMPING
		   && !is_interrupted(problem) && !is_settled(problem, &here, &settling))
	{
		bool		held;

		result.iterations++;
		if (try_step(problem, &here, damping, &there, &held))
		{
			here = there;
			result.at_bound = held;
			damping = fmax(LEAST_DAMPING, damping / 100);
		}
		else
			damping = fmax(1e-6, damping * 10);
	}
	result.gradient = largest(here.gradient, n) / problem->scale;
	for (int i = 0; i < n; i++)
		if (fabs(here.gradient[i]) > fabs(here.gradient[result.steepest]))
			result.steepest = i;
	result.stationary = result.gradient < problem->tolerance;
	find_deviations(problem, &here, &result);
	if (result.maximum)
		take_last_step(problem, &here);
	memcpy(result.at, here.at, sizeof(here.at));
	result.value = here.value;
	result.interrupted = is_interrupted(problem);
	return result;
}

NewtonResult
newton_search(const NewtonProblem *likeness, const NewtonProblem *problem,
			  const double (*starts)[NEWTON_MAX], int number)
{
	NewtonResult best = {0};
	int			iterations = 0;

	for (int i = 0; i < number && !best.interrupted; i++)
	{
		NewtonResult found = newton_maximise(likeness, starts[i]);

		iterations += found.iterations;
		if (i == 0 || found.value > best.value || found.interrupted)
			best = found;
	}
	if (!best.interrupted)
		best = newton_maximise(problem, best.at);
	best.iterations += iterations;
	return best;
}

/*
 * The values a little to each side: no higher, and level.  This takes neither
 * the iteration's word nor the gradient's.
 */
bool
newton_is_level(const NewtonProblem *problem, const NewtonResult *result)
{
	double		noise = 10 * ROUNDING * fabs(result->value);
	double		slope = 2 * CHECK_STEP * CHECK_SLOPE * problem->scale;

	for (int i = 0; i < problem->parameters; i++)
	{
		double		at[NEWTON_MAX];
		double		up,
					down;

		memcpy(at, result->at, sizeof(at));
		at[i] = result->at[i] + CHECK_STEP;
		up = problem->function(problem->context, at, NULL, NULL) - result->value;
		at[i] = result->at[i] - CHECK_STEP;
		down = problem->function(problem->context, at, NULL, NULL) - result->value;
		if (!(up <= noise && down <= noise && fabs(up - down) <= slope + noise))
			return false;
	}
	return true;
}

double
newton_parameter(double at)
{
	return fmax(NEWTON_SMALLEST, fmin(NEWTON_LARGEST, exp(at)));
}
