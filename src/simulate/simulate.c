/*
 * simulate.c
 *	  simulate_transactions: the process of process.c as a set of rows.
 *
 * One row per call, so memory stays the same however many rows are asked for.
 */
#include "postgres.h"

#include "common/pg_prng.h"
#include "datatype/timestamp.h"
#include "funcapi.h"
#include "miscadmin.h"
#include "utils/builtins.h"
#include "utils/date.h"
#include "utils/numeric.h"
#include "utils/timestamp.h"

#include "server/compat.h"
#include "simulate/process.h"

/* The first day that a timestamp cannot hold; the earliest is also a date's. */
#define TIMESTAMP_END_DATE (TIMESTAMP_END_JULIAN - POSTGRES_EPOCH_JDATE)

#define EXAMPLE_HINT \
	errhint("For example: simulate_transactions(1000, '2023-01-01', '2024-12-31', 42).")

CRM_FUNCTION(crm_simulate_transactions);

typedef struct Simulation
{
	int32		customers;
	DateADT		first_day;
	int32		window_end;		/* last day, counted from the first */
	uint64		key;			/* the seed, scrambled */

	int64		customer_id;	/* 0 before the first customer */
	Customer	customer;
	pg_prng_state generator;	/* of the current customer */

	Datum		channels[SIMULATE_CHANNELS];	/* names as text */
} Simulation;

static uint64_t
draw_bits(void *generator)
{
	return pg_prng_uint64(generator);
}

static char *
date_text(DateADT day)
{
	return DatumGetCString(DirectFunctionCall1(date_out, DateADTGetDatum(day)));
}

static void
check_arguments(int32 customers, DateADT first_day, DateADT last_day)
{
	if (customers < 0)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("number of customers must not be negative, but is %d",
						customers),
				 EXAMPLE_HINT));
	if (DATE_NOT_FINITE(first_day) || DATE_NOT_FINITE(last_day))
		ereport(ERROR,
				(errcode(ERRCODE_DATETIME_VALUE_OUT_OF_RANGE),
				 errmsg("first_day %s and last_day %s must both be finite",
						date_text(first_day), date_text(last_day)),
				 EXAMPLE_HINT));
	if (first_day > last_day)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("first_day %s is after last_day %s",
						date_text(first_day), date_text(last_day)),
				 EXAMPLE_HINT));
	if (last_day >= TIMESTAMP_END_DATE)
		ereport(ERROR,
				(errcode(ERRCODE_DATETIME_VALUE_OUT_OF_RANGE),
				 errmsg("last_day %s is after %s, the last day of a timestamp",
						date_text(last_day), date_text(TIMESTAMP_END_DATE - 1)),
				 EXAMPLE_HINT));
}

static Simulation *
simulation_begin(int32 customers, DateADT first_day, DateADT last_day,
				 int64 seed)
{
	Simulation *simulation = palloc0(sizeof(Simulation));

	simulation->customers = customers;
	simulation->first_day = first_day;
	simulation->window_end = last_day - first_day;

	/* neighbouring seeds must not give neighbouring streams */
	pg_prng_seed(&simulation->generator, (uint64) seed);
	simulation->key = pg_prng_uint64(&simulation->generator);

	for (int i = 0; i < SIMULATE_CHANNELS; i++)
		simulation->channels[i] = CStringGetTextDatum(simulate_channels[i].name);
	return simulation;
}

/* The next row, from this customer or a later one; false at the end. */
static bool
simulation_next(Simulation *simulation, Transaction *transaction)
{
	while (simulation->customer_id == 0 ||
		   !customer_next(&simulation->customer, simulation->window_end,
						  transaction))
	{
		/* many customers in a row may have nothing in a short window */
		CHECK_FOR_INTERRUPTS();
		if (simulation->customer_id == simulation->customers)
			return false;
		simulation->customer_id++;

		/* a stream from seed and customer alone */
		pg_prng_seed(&simulation->generator,
					 simulation->key + (uint64) simulation->customer_id);
		customer_begin(&simulation->customer,
					   (RandomBits) {draw_bits, &simulation->generator});
	}
	return true;
}

static Datum
make_row(const Simulation *simulation, const Transaction *transaction,
		 TupleDesc tupdesc)
{
	Timestamp	ordered_at;
	Datum		values[4];
	bool		nulls[4] = {false};

	ordered_at = ((int64) simulation->first_day + transaction->day) * USECS_PER_DAY +
		transaction->second * USECS_PER_SEC;

	values[0] = Int64GetDatum(simulation->customer_id);
	values[1] = TimestampGetDatum(ordered_at);
	values[2] = NumericGetDatum(int64_div_fast_to_numeric(transaction->cents, 2));
	values[3] = simulation->channels[simulation->customer.channel];
	return HeapTupleGetDatum(heap_form_tuple(tupdesc, values, nulls));
}

Datum
crm_simulate_transactions(PG_FUNCTION_ARGS)
{
	FuncCallContext *call;
	Transaction transaction;

	if (SRF_IS_FIRSTCALL())
	{
		int32		customers = PG_GETARG_INT32(0);
		DateADT		first_day = PG_GETARG_DATEADT(1);
		DateADT		last_day = PG_GETARG_DATEADT(2);
		TupleDesc	tupdesc;
		MemoryContext old;

		check_arguments(customers, first_day, last_day);
		call = SRF_FIRSTCALL_INIT();
		old = MemoryContextSwitchTo(call->multi_call_memory_ctx);
		if (get_call_result_type(fcinfo, NULL, &tupdesc) != TYPEFUNC_COMPOSITE)
			ereport(ERROR,
					(errcode(ERRCODE_FEATURE_NOT_SUPPORTED),
					 errmsg("function returning record called in context that cannot accept type record")));
		call->tuple_desc = BlessTupleDesc(tupdesc);
		call->user_fctx = simulation_begin(customers, first_day, last_day,
										   PG_GETARG_INT64(3));
		MemoryContextSwitchTo(old);
	}

	call = SRF_PERCALL_SETUP();
	if (!simulation_next(call->user_fctx, &transaction))
		SRF_RETURN_DONE(call);
	SRF_RETURN_NEXT(call, make_row(call->user_fctx, &transaction,
								   call->tuple_desc));
}
