/*
 * newton.h
 *	  The maximum of a smooth function of a few parameters.
 */
#ifndef CRM_MATHS_NEWTON_H
#define CRM_MATHS_NEWTON_H

#include <stdbool.h>

#define NEWTON_MAX 4

/* The parameters are logarithms; each stays within exp(± this). */
#define NEWTON_BOUND 18.420680743952367	/* ln 1e8 */
#define NEWTON_LARGEST 1e8
#define NEWTON_SMALLEST 1e-8

/*
 * The function at `at`; fills the gradient and the Hessian (symmetric, both
 * triangles) unless they are NULL.
 */
typedef double (*NewtonFunction) (void *context, const double *at,
								  double *gradient, double (*hessian)[NEWTON_MAX]);

/*
 * Once `interrupted` is true it stays so, and the function may return anything:
 * it is asked again after the last evaluation that a result rests on.
 */
typedef struct NewtonProblem
{
	NewtonFunction function;
	void	   *context;
	int			parameters;
	double		scale;			/* the gradient is judged divided by this */
	double		tolerance;		/* ... and has to be below this */
	int			max_iterations;
	bool		(*interrupted) (void *context);
	void	   *interrupt_context;
} NewtonProblem;

typedef struct NewtonResult
{
	double		at[NEWTON_MAX];
	double		value;
	double		gradient;		/* largest component ÷ scale, off the bounds */
	int			steepest;		/* which that is */
	int			iterations;
	bool		stationary;		/* that gradient is below the tolerance */
	bool		maximum;		/* and the Hessian is negative definite */
	bool		at_bound;
	bool		interrupted;
	double		deviation[NEWTON_MAX];	/* standard errors; NaN unless maximum, and at a bound */
} NewtonResult;

extern NewtonResult newton_maximise(const NewtonProblem *problem, const double *start);

/*
 * The best of several starts on `likeness`, a cheaper problem with about the
 * same maximum, carried on over `problem`.
 */
extern NewtonResult newton_search(const NewtonProblem *likeness, const NewtonProblem *problem,
								  const double (*starts)[NEWTON_MAX], int number);

/* Is the function level there by its values alone, with nothing higher beside?  Anything when interrupted. */
extern bool newton_is_level(const NewtonProblem *problem, const NewtonResult *result);

/* The parameter of a logarithm; at the bounds, those to the digit. */
extern double newton_parameter(double at);

#endif							/* CRM_MATHS_NEWTON_H */
