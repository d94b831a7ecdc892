/*
 * driver.c
 *	  A command line to the mathematics, for the oracles in this folder.
 *
 *	driver < lines			one answer a line, see `answers` below
 *	driver btyd family triples gaps	fit; triples are x t_x T count, gaps day count
 *	driver spend pairs unit		fit; pairs are x money count
 *
 * Input files are sorted as sample.h and spend.h ask.
 */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "btyd/fit.h"
#include "btyd/forecast.h"
#include "maths/special.h"
#include "value/spend.h"

#define MOST_NUMBERS 32

/* Memory as the server gives it: never given back, here until exit. */
static void *
allocate(void *context, size_t bytes)
{
	void	   *memory = malloc(bytes);

	(void) context;
	if (memory == NULL)
		exit(3);
	return memory;
}

/* interrupt_after < 0: never; else from the so many-th question on. */
static long interrupt_after = -1;

static bool
interrupted(void *context)
{
	(void) context;
	if (interrupt_after > 0)
		interrupt_after--;
	return interrupt_after == 0;
}

static const Workspace workspace = {allocate, interrupted, NULL};

static const BtydFamily *
family_named(const char *name)
{
#define FAMILY(family) &btyd_##family,
	static const BtydFamily *const families[] = {BTYD_FAMILIES(FAMILY) NULL};
	int			i = 0;

	while (families[i] && strcmp(families[i]->name, name) != 0)
		i++;
	return families[i];
}

static double
seconds(void)
{
	struct timespec now;

	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
	return now.tv_sec + now.tv_nsec * 1e-9;
}

/*
 * ------------------------------------------------------------------------
 * Questions, one a line: a word, perhaps a family, numbers
 * ------------------------------------------------------------------------
 */

static void
print_jet(Jet jet)
{
	printf("%.17g %.17g %.17g\n", jet.value, jet.slope, jet.curve);
}

/*
 * Of a sample of one customer, as a fit asks; for k > 1 without
 * Σ (k − 1) ln gap − x ln Γ(k).
 */
static double
log_likelihood(const BtydFamily *family, const double *parameters, const BtydCustomer *customer)
{
	int32_t		visits = (int32_t) customer->visits;
	int32_t		recency = (int32_t) customer->recency;
	int32_t		age = (int32_t) customer->age;
	int64_t		one = 1;
	BtydSample	sample = {1, &visits, &recency, &age, &one, 0, NULL, NULL};
	int			stages = family->parameters > BTYD_K ? (int) parameters[BTYD_K] : 1;
	double		at[BTYD_CONTINUOUS];

	for (int i = 0; i < BTYD_CONTINUOUS; i++)
		at[i] = log(parameters[i]);
	return family->likelihood(btyd_table(&sample, 1, &workspace), stages, at, NULL, NULL)
		+ customer->visits * log_gamma(stages);
}

/* What a call site of clv() keeps between customers. */
static BtydMemory memory;

/* Numbers of a customer's question: the parameters, x, t_x, T, then `rest`. */
static void
answer_customer(const char *word, const BtydFamily *family, const double *number)
{
	const double *data = number + family->parameters;
	const double *rest = data + 3;
	BtydCustomer customer = {data[0], data[1], data[2]};
	BtydPosterior posterior = btyd_posterior(family, number, &customer);

	if (strcmp(word, "ll") == 0)
		printf("%.17g\n", log_likelihood(family, number, &customer));
	else if (strcmp(word, "alive") == 0)
		printf("%.17g\n", posterior.p_alive);
	else if (strcmp(word, "visits") == 0)
		printf("%.17g\n", btyd_expected_visits(&posterior, rest[0]));
	else if (strcmp(word, "chance") == 0)
		printf("%.17g\n", btyd_visit_probability(&posterior, rest[0]));
	else if (strcmp(word, "day") == 0)
	{
		BtydWaiting waiting = btyd_waiting(&posterior);

		printf("%d\n", btyd_next_visit_day(&waiting, rest[0], (int32_t) rest[1]));
	}
	else if (strcmp(word, "discounted") == 0)
		printf("%.17g\n", btyd_discounted_visits(&posterior, rest[0], rest[1], &memory));
	else if (strcmp(word, "coverage") == 0)
		printf("%.17g\n", btyd_range_coverage(&posterior, (int32_t) rest[0], rest[1], (int32_t) rest[2]));
	else
		printf("?\n");
}

static void
answer(char *line)
{
	char	   *word = strtok(line, " \n");
	double		number[MOST_NUMBERS] = {0};
	const BtydFamily *family = NULL;
	int			n = 0;

	for (char *token = strtok(NULL, " \n"); token && n < MOST_NUMBERS; token = strtok(NULL, " \n"))
		if (n == 0 && family == NULL && family_named(token))
			family = family_named(token);
		else
			number[n++] = strtod(token, NULL);
	if (word == NULL)
		return;
	if (family)
		answer_customer(word, family, number);
	else if (strcmp(word, "rising") == 0)
		print_jet(log_rising(number[0], number[1]));
	else if (strcmp(word, "trigamma") == 0)
		printf("%.17g\n", trigamma(number[0]));
	else if (strcmp(word, "loggamma") == 0)
		printf("%.17g\n", log_gamma(number[0]));
	else if (strcmp(word, "spendll") == 0)
		printf("%.17g\n", spend_log_likelihood(number, number[3], number[4]));
	else if (strcmp(word, "spend") == 0)
		printf("%.17g\n", spend_expected(number, number[3], number[4]));
	else
		printf("?\n");
}

/*
 * ------------------------------------------------------------------------
 * Fits
 * ------------------------------------------------------------------------
 */

/* A file of `columns` numbers a line, column by column. */
static int64_t
read_columns(const char *path, int columns, int64_t **column)
{
	FILE	   *file = fopen(path, "r");
	int64_t		rows = 0;
	int64_t		room = 1 << 16;
	int64_t		value;

	if (file == NULL)
	{
		perror(path);
		exit(2);
	}
	for (int c = 0; c < columns; c++)
		column[c] = malloc(room * sizeof(int64_t));
	for (int c = 0; fscanf(file, "%ld", &value) == 1; c = (c + 1) % columns)
	{
		if (rows == room)
		{
			room *= 2;
			for (int i = 0; i < columns; i++)
				column[i] = realloc(column[i], room * sizeof(int64_t));
		}
		column[c][rows] = value;
		rows += c == columns - 1;
	}
	fclose(file);
	return rows;
}

static int32_t *
narrow(const int64_t *wide, int64_t n)
{
	int32_t    *result = malloc((n + 1) * sizeof(int32_t));

	for (int64_t i = 0; i < n; i++)
		result[i] = (int32_t) wide[i];
	return result;
}

static void
print_fit(const char *name, const double *parameters, const double *errors, int n, double log_likelihood,
		  double aic, int64_t customers, int iterations, bool converged, bool was_interrupted,
		  double time, const char *warning)
{
	printf("name %s\nparameters", name);
	for (int i = 0; i < n; i++)
		printf(" %.10g", parameters[i]);
	printf("\nerrors");
	for (int i = 0; i < n; i++)
		printf(" %.10g", errors[i]);
	printf("\nll %.10f\naic %.6f\ncustomers %ld\niterations %d\nconverged %d\ninterrupted %d\nseconds %.4f\nwarning %s\n",
		   log_likelihood, aic, customers, iterations, converged, was_interrupted, time, warning);
}

static void
fit_btyd(const char *name, const char *triples, const char *gaps)
{
	int64_t    *triple[4];
	int64_t    *gap[2];
	BtydSample	sample;
	BtydFit		fit;
	double		begin;

	sample.rows = read_columns(triples, 4, triple);
	sample.visits = narrow(triple[0], sample.rows);
	sample.recency = narrow(triple[1], sample.rows);
	sample.age = narrow(triple[2], sample.rows);
	sample.count = triple[3];
	sample.gaps = read_columns(gaps, 2, gap);
	sample.gap = narrow(gap[0], sample.gaps);
	sample.gap_count = gap[1];
	begin = seconds();
	fit = btyd_fit(family_named(name), &sample, &workspace);
	print_fit(name, fit.parameters, fit.standard_errors, fit.family->parameters, fit.log_likelihood,
			  fit.aic, fit.customers, fit.iterations, fit.converged, fit.interrupted,
			  seconds() - begin, fit.warning.text);
}

static void
fit_spend(const char *pairs, double unit)
{
	int64_t    *pair[3];
	SpendSample sample;
	SpendFit	fit;
	double		begin;

	sample.rows = read_columns(pairs, 3, pair);
	sample.visits = narrow(pair[0], sample.rows);
	sample.money = pair[1];
	sample.count = pair[2];
	sample.unit = unit;
	begin = seconds();
	fit = spend_fit(&sample, &workspace);
	print_fit("spend", fit.parameters, fit.standard_errors, SPEND_PARAMETERS, fit.log_likelihood,
			  fit.aic, fit.customers, fit.iterations, fit.converged, fit.interrupted,
			  seconds() - begin, fit.warning.text);
}

int
main(int argc, char **argv)
{
	char		line[4096];

	if (getenv("INTERRUPT_AFTER"))
		interrupt_after = atol(getenv("INTERRUPT_AFTER"));
	if (argc == 5 && strcmp(argv[1], "btyd") == 0)
		fit_btyd(argv[2], argv[3], argv[4]);
	else if (argc == 4 && strcmp(argv[1], "spend") == 0)
		fit_spend(argv[2], atof(argv[3]));
	else
		while (fgets(line, sizeof(line), stdin))
			answer(line);
	return 0;
}
