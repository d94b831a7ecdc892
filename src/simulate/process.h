/*
 * process.h
 *	  The purchase process behind simulate_transactions, as plain C.
 */
#ifndef CRM_SIMULATE_PROCESS_H
#define CRM_SIMULATE_PROCESS_H

#include <stdbool.h>
#include <stdint.h>

/*
 * Where the randomness comes from: each call to draw gives 64 independent
 * bits.  The process asks for nothing else, so that the same bits give the
 * same customers everywhere.
 */
typedef struct RandomBits
{
	uint64_t	(*draw) (void *generator);
	void	   *generator;
} RandomBits;

/*
 * The true parameters of one channel.  doc/simulation.md repeats this table;
 * the symbols are those of the papers named in process.c.
 *
 * Shapes of gamma distributions are multiples of one half and are stored
 * doubled, as halves; those of beta distributions are one over a whole number,
 * which is stored as the root: process.c tells why.
 */
typedef struct Channel
{
	const char *name;
	double		share;			/* of all customers */
	int			opens;			/* first and last hour of business: */
	int			closes;			/* time of day is uniform in between */
	int			stages;			/* k: gaps are Erlang-k, 1 is irregular */
	int			rate_halves;	/* 2 r:     stage rate ~ Gamma(r, alpha) */
	double		rate_scale;		/* alpha, in days */
	int			dropout_root;	/* 1 / a:   dropout    ~ Beta(a, b) */
	int			loyal_root;		/* 1 / b */
	int			spend_halves;	/* 2 p:     spend      ~ Gamma(p, nu) */
	int			price_halves;	/* 2 q:     nu         ~ Gamma(q, gamma) */
	double		price_scale;	/* gamma, in units of money */
} Channel;

#define SIMULATE_CHANNELS 4
extern const Channel simulate_channels[SIMULATE_CHANNELS];

/* One row of the result; days count from the first day of the window. */
typedef struct Transaction
{
	int32_t		day;
	int32_t		second;			/* of the day */
	int64_t		cents;			/* negative: a refund */
} Transaction;

/* A visit gives one order or two, and perhaps a refund. */
#define VISIT_MAX_TRANSACTIONS 3

/* One customer, while the customer's life is being told. */
typedef struct Customer
{
	RandomBits	bits;
	int			channel;		/* index into simulate_channels */

	/* drawn once, fixed for life */
	double		stage_rate;		/* lambda, per day */
	double		dropout;		/* p, after each visit */
	double		price_rate;		/* nu, per cent of money */

	/* the clock runs in days and fractions; visits fall on whole days */
	double		clock;
	int32_t		next_visit;		/* day, NEVER once the customer is gone */

	/* the transactions of the current visit, and how many were handed out */
	Transaction visit[VISIT_MAX_TRANSACTIONS];
	int			filled;
	int			taken;
} Customer;

extern void customer_begin(Customer *customer, RandomBits bits);
extern bool customer_next(Customer *customer, int32_t last_day,
						  Transaction *transaction);

#endif							/* CRM_SIMULATE_PROCESS_H */
