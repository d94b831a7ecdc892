/*
 * backtest.c
 *	  Would the model have been right?  Fitted up to one day, held against
 *	  what came after it, with the naive forecast ("as last period") beside.
 */
#include "postgres.h"

#include "server/compat.h"

#include <math.h>

#include "access/htup_details.h"
#include "btyd/learn.h"
#include "funcapi.h"
#include "miscadmin.h"
#include "segments/labels.h"
#include "utils/array.h"
#include "utils/builtins.h"
#include "utils/lsyscache.h"
#include "utils/typcache.h"

/* The range of next visits whose coverage is reported. */
#define COVERAGE_LEVEL 0.8

/* Customers by repeat visits up to calibrate_until: 0 to 6, and 7 and more. */
#define FREQUENCIES 8

/*
 * One customer in a tally: x + 1, actual and naive visits in the group, t_x, T
 * and the first visit's day in the test window (0: none) in the value.
 */
#define VISIT_BITS	20
#define DAY_BITS	21
#define VISIT_MAX	((1 << VISIT_BITS) - 2)
#define DAY_MAX		((1 << DAY_BITS) - 1)

/* So many customers of VISIT_MAX visits can still be summed up. */
#define CUSTOMERS_MAX (PG_INT64_MAX >> VISIT_BITS)
#define BACKTEST_GAPS (UINT64CONST(1) << 61)

typedef struct Tested
{
	int32		visits;			/* repeat visits up to calibrate_until */
	int32		recency;
	int32		age;
	int32		actual;			/* visit days in the test window */
	int32		naive;			/* and in the window of that length before it */
	int32		first_day;		/* of the test window with a visit, counted from 1; 0: none */
} Tested;

static uint64
tested_group(const Tested *tested)
{
	return (uint64) (tested->visits + 1) << (2 * VISIT_BITS) |
		(uint64) tested->actual << VISIT_BITS | (uint64) tested->naive;
}

static int64
tested_value(const Tested *tested)
{
	return (int64) tested->recency << (2 * DAY_BITS) | (int64) tested->age << DAY_BITS | tested->first_day;
}

static Tested
tested_entry(const TallyEntry *entry, int32 window)
{
	Tested		tested = {
		.visits = (int32) (entry->group >> (2 * VISIT_BITS)) - 1,
		.actual = (int32) (entry->group >> VISIT_BITS) & ((1 << VISIT_BITS) - 1),
		.naive = (int32) entry->group & ((1 << VISIT_BITS) - 1),
		.recency = (int32) (entry->value >> (2 * DAY_BITS)),
		.age = (int32) (entry->value >> DAY_BITS) & DAY_MAX,
		.first_day = (int32) entry->value & DAY_MAX
	};

	if (entry->group >> (3 * VISIT_BITS) != 0 || entry->value < 0 || entry->count < 1 ||
		tested.visits < 0 || tested.recency > tested.age || tested.recency < tested.visits ||
		(tested.visits == 0 && tested.recency > 0) || tested.first_day > window ||
		(tested.first_day == 0) != (tested.actual == 0))
		tally_damaged();
	return tested;
}

/* ---- transition ---- */

/* What happened by test_until to a customer seen by calibrate_until; the gaps go into *tally. */
static bool
test_customer(const VisitHistory *history, DateADT calibrate_until, DateADT test_until,
			  const FittedKind *kind, Tested *tested, Tally **tally)
{
	const BtydFamily *family = kind->model;
	int64		naive_from = (int64) calibrate_until - (test_until - calibrate_until);
	HistoryReader reader;
	HistoryDay	day;
	int32		seen = 0;
	DateADT		first = 0;
	DateADT		last = 0;

	*tested = (Tested) {0};
	history_open(history, &reader);
	while (history_next_visit(&reader, &day) && day.day <= test_until)
	{
		if (day.day > calibrate_until)
		{
			if (tested->actual++ == 0)
				tested->first_day = day.day - calibrate_until;
			continue;
		}
		if (seen++ == 0)
			first = day.day;
		else if (family->max_stages > 1)
			*tally = tally_add(*tally, BACKTEST_GAPS, day.day - last, 1);
		last = day.day;
		tested->naive += day.day > naive_from;
	}
	tested->visits = seen - 1;
	tested->recency = last - first;
	tested->age = calibrate_until - first;
	if (seen > 0 && (tested->age > DAY_MAX || tested->visits > VISIT_MAX || tested->actual > VISIT_MAX))
		ereport(ERROR,
				(errcode(ERRCODE_PROGRAM_LIMIT_EXCEEDED),
				 errmsg("a backtest takes customers of at most %d days and %d visits, not %d and %d",
						DAY_MAX, VISIT_MAX, tested->age, Max(seen, tested->actual))));
	return seen > 0;
}

static const TallyOption options[] = {
	{"calibrate_until", 0, tally_day_text}, {"test_until", 1, tally_day_text}, {"family", 2, btyd_kind_text}, {NULL}
};

CRM_FUNCTION(crm_backtest_accumulate);
Datum
crm_backtest_accumulate(PG_FUNCTION_ARGS)
{
	int64		parameters[3] = {
		tally_day_argument(fcinfo, 2, "calibrate_until"), tally_day_argument(fcinfo, 3, "test_until"),
		btyd_kind_argument(fcinfo, 4)
	};
	Tally	   *tally;
	Tested		tested;

	if (parameters[1] <= parameters[0] || parameters[1] - parameters[0] > DAY_MAX)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("test_until must be 1 to %d days after calibrate_until, not " INT64_FORMAT,
						DAY_MAX, parameters[1] - parameters[0]),
				 errhint("For example backtest(h, '2024-06-30', '2024-12-31').")));
	tally = tally_to_change(fcinfo, TALLY_BACKTEST, 3, parameters, options);
	if (!PG_ARGISNULL(1) &&
		test_customer(PG_GETARG_HISTORY(1), (DateADT) parameters[0], (DateADT) parameters[1],
					  btyd_kind_parameter(parameters[2]), &tested, &tally))
		tally = tally_add(tally, tested_group(&tested), tested_value(&tested), 1);
	PG_RETURN_POINTER(tally);
}

/* ---- the report ---- */

/* Sums over customers, of one frequency or of all. */
typedef struct Sums
{
	int64		customers;
	int64		actual;
	int64		naive;
	double		predicted;
	double		error;			/* |predicted - actual| */
	double		error_squared;
	int64		naive_error;
	double		naive_error_squared;
	double		predicted_squared;
	double		cross;			/* predicted x actual */
	double		actual_squared;
	int64		returned;		/* customers with a visit in the window */
	double		covered;
} Sums;

static void
add_customers(Sums *sums, const Tested *tested, int64 count, double predicted, double covered)
{
	int64		naive_error = tested->naive - tested->actual;
	double		error = predicted - tested->actual;

	sums->customers += count;
	sums->actual += count * tested->actual;
	sums->naive += count * tested->naive;
	sums->predicted += count * predicted;
	sums->error += count * fabs(error);
	sums->error_squared += count * error * error;
	sums->naive_error += count * (naive_error < 0 ? -naive_error : naive_error);
	sums->naive_error_squared += (double) count * naive_error * naive_error;
	sums->predicted_squared += count * predicted * predicted;
	sums->cross += count * predicted * tested->actual;
	sums->actual_squared += (double) count * tested->actual * tested->actual;
	sums->returned += tested->actual > 0 ? count : 0;
	sums->covered += count * covered;
}

/* The fit to what was known on calibrate_until. */
static Fitted
fit_calibration(const TallyEntries *all, const Tally *tally, int32 window)
{
	const FittedKind *kind = btyd_kind_parameter(tally->parameters[2]);
	Tally	   *sample = tally_new(TALLY_BTYD, 0, NULL);
	TallyEntries entries;
	int64		customers = 0;

	for (size_t i = 0; i < all->n; i++)
	{
		const TallyEntry *entry = &all->entries[i];

		if (entry->group == BACKTEST_GAPS)
			sample = tally_add(sample, BTYD_GAPS_GROUP, entry->value, entry->count);
		else
		{
			Tested		tested = tested_entry(entry, window);

			if (entry->count > CUSTOMERS_MAX - customers)
				tally_damaged();
			customers += entry->count;
			sample = tally_add(sample, tested.visits + 1,
							   btyd_triple(tested.recency, tested.age), entry->count);
		}
	}
	entries = tally_entries(sample);
	return btyd_fit_entries(kind, &entries);
}

/* Holds the model against every customer; sums[FREQUENCIES] is over all. */
static void
hold_against(const Fitted *model, const TallyEntries *all, int32 window, Sums *sums)
{
	for (size_t i = 0; i < all->n && all->entries[i].group != BACKTEST_GAPS; i++)
	{
		int64		count = all->entries[i].count;
		Tested		tested = tested_entry(&all->entries[i], window);
		double		predicted = 0;
		double		covered = 0;

		CHECK_FOR_INTERRUPTS();
		if (model->known)
		{
			BtydCustomer customer = {tested.visits, tested.recency, tested.age};
			BtydPosterior posterior = btyd_posterior(model->kind->model, model->parameters, &customer);

			predicted = btyd_expected_visits(&posterior, window);
			if (tested.actual > 0)
				covered = btyd_range_coverage(&posterior, window, COVERAGE_LEVEL, tested.first_day);
		}
		add_customers(&sums[Min(tested.visits, FREQUENCIES - 1)], &tested, count, predicted, covered);
		add_customers(&sums[FREQUENCIES], &tested, count, predicted, covered);
	}
}

/* Pearson's correlation of predicted and actual; NaN where one of them does not vary. */
static double
correlation(const Sums *sums)
{
	double		n = (double) sums->customers;
	double		covariance = n * sums->cross - sums->predicted * sums->actual;
	double		spread = (n * sums->predicted_squared - sums->predicted * sums->predicted) *
		(n * sums->actual_squared - (double) sums->actual * sums->actual);

	return spread > 0 ? fmax(-1, fmin(1, covariance / sqrt(spread))) : NAN;
}

static const char *
verdict(const Sums *sums)
{
	bool		mean_lost = sums->error > (double) sums->naive_error;
	bool		square_lost = sums->error_squared > sums->naive_error_squared;

	return crm_labels[mean_lost && square_lost ? LABEL_worse : mean_lost || square_lost ? LABEL_mixed : LABEL_better];
}

/* A number, or NULL where it is none or the model is not known. */
static void
put_figure(Datum *value, bool *null, bool known, double figure)
{
	*value = Float8GetDatum(figure);
	*null = !known || !isfinite(figure);
}

/* The array of backtest_row, one for each frequency that occurs. */
static Datum
frequency_rows(const Sums *sums, bool known, Oid array_type)
{
	Oid			row_type = get_element_type(array_type);
	TupleDesc	row = lookup_rowtype_tupdesc(row_type, -1);
	Datum		rows[FREQUENCIES];
	int			n = 0;

	for (int i = 0; i < FREQUENCIES; i++)
	{
		double		customers = (double) sums[i].customers;
		Datum		values[5] = {Int32GetDatum(i), Int64GetDatum(sums[i].customers)};
		bool		nulls[5] = {0};

		if (sums[i].customers == 0)
			continue;
		put_figure(&values[2], &nulls[2], true, sums[i].actual / customers);
		put_figure(&values[3], &nulls[3], known, sums[i].predicted / customers);
		put_figure(&values[4], &nulls[4], true, sums[i].naive / customers);
		rows[n++] = HeapTupleGetDatum(heap_form_tuple(row, values, nulls));
	}
	ReleaseTupleDesc(row);
	return PointerGetDatum(construct_array(rows, n, row_type, -1, false, TYPALIGN_DOUBLE));
}

CRM_FUNCTION(crm_backtest_final);
Datum
crm_backtest_final(PG_FUNCTION_ARGS)
{
	Sums		sums[FREQUENCIES + 1] = {0};
	Sums	   *total = &sums[FREQUENCIES];
	Datum		values[16];
	bool		nulls[16] = {0};
	TupleDesc	row;
	Tally	   *tally;
	TallyEntries all;
	Fitted		model;
	int32		window;
	double		n;

	if (PG_ARGISNULL(0))
		PG_RETURN_NULL();
	tally = tally_argument(fcinfo, TALLY_BACKTEST, 3);
	all = tally_entries(tally);
	if (tally->parameters[1] <= tally->parameters[0] || tally->parameters[1] >= HISTORY_DAY_END ||
		tally->parameters[1] - tally->parameters[0] > DAY_MAX)
		tally_damaged();
	window = (int32) (tally->parameters[1] - tally->parameters[0]);
	if (all.n == 0)
		PG_RETURN_NULL();
	if (get_call_result_type(fcinfo, NULL, &row) != TYPEFUNC_COMPOSITE)
		ereport(ERROR,
				(errcode(ERRCODE_FEATURE_NOT_SUPPORTED),
				 errmsg("backtest must be called where a row is accepted")));
	model = fit_calibration(&all, tally, window);
	fitted_warn("backtest", &model);
	hold_against(&model, &all, window, sums);

	n = (double) total->customers;
	values[0] = DateADTGetDatum((DateADT) tally->parameters[0]);
	values[1] = DateADTGetDatum((DateADT) tally->parameters[1]);
	values[2] = CStringGetTextDatum(model.kind->name);
	values[3] = Int64GetDatum(total->customers);
	values[4] = Int64GetDatum(total->actual);
	put_figure(&values[5], &nulls[5], model.known, total->predicted);
	values[6] = Int64GetDatum(total->naive);
	put_figure(&values[7], &nulls[7], model.known, total->error / n);
	put_figure(&values[8], &nulls[8], true, total->naive_error / n);
	put_figure(&values[9], &nulls[9], model.known, sqrt(total->error_squared / n));
	put_figure(&values[10], &nulls[10], true, sqrt(total->naive_error_squared / n));
	put_figure(&values[11], &nulls[11], model.known, correlation(total));
	put_figure(&values[12], &nulls[12], model.known, total->covered / total->returned);
	values[13] = CStringGetTextDatum(verdict(total));
	nulls[13] = !model.known;
	values[14] = CStringGetTextDatum(model.warning.text);
	nulls[14] = model.warning.text[0] == '\0';
	values[15] = frequency_rows(sums, model.known, TupleDescAttr(row, 15)->atttypid);
	PG_RETURN_DATUM(HeapTupleGetDatum(heap_form_tuple(BlessTupleDesc(row), values, nulls)));
}
