/*
 * process.c
 *	  The purchase process behind simulate_transactions, as plain C.
 *
 * Within a channel this is the model MBG/CNBD-k (Platzer & Reutterer 2016;
 * Reutterer, Platzer & Schroeder 2021) with Gamma-Gamma spending (Fader &
 * Hardie 2013): whoever fits those models to the rows gets the parameters of
 * the table below back.  doc/simulation.md describes it for users.
 *
 * The rows must be the same to the last cent on every machine, so nothing
 * here depends on a mathematical library or on a compiler's mood:
 *
 * - No logarithm and no power is ever taken.  Exponential variates come from
 *	 comparing uniform ones (von Neumann 1951), gamma variates from adding
 *	 exponential ones, beta variates from whole powers of uniform ones (Joehnk
 *	 1964).  That is why the shapes of gammas are multiples of one half and
 *	 those of betas one over a whole number.
 * - What remains is + - * / of IEEE 754 doubles, which is exact to the last
 *	 bit by standard.  A compiler may still fuse a product and a sum into one
 *	 operation with one rounding; therefore no sum has a rounded product as a
 *	 term: a division comes last, or the product is exact, as those of
 *	 uniform draws (32 bits) with small integers are.
 *
 * A customer's draws are made in one fixed order and none depends on the end
 * of the window, so a longer window only adds rows.
 */
#include "simulate/process.h"

const Channel simulate_channels[SIMULATE_CHANNELS] = {
	/* name  share opens closes  k  2r alpha 1/a 1/b  2p 2q gamma */
	{"store", 0.50, 9, 20, 2, 8, 44.0, 8, 4, 12, 8, 18.0},
	{"online", 0.20, 6, 24, 1, 6, 90.0, 6, 4, 8, 7, 37.5},
	{"app", 0.20, 11, 22, 3, 7, 15.0, 8, 3, 12, 10, 8.0},
	{"hotel", 0.10, 14, 22, 4, 10, 80.0, 3, 2, 16, 8, 112.5},
};

/* First visits are spread evenly over two years; nobody comes new after. */
static const double ARRIVAL_DAYS = 730.0;

/* Share of visits with a second order on the same day. */
static const double TWO_ORDERS = 0.04;

/*
 * Share of visits whose last order is given back in full, 1 to 14 days later,
 * or at the next visit if that is sooner.
 */
static const double REFUNDED = 0.02;
static const double REFUND_DAYS = 14.0;

/* Beyond any window: the dates of a timestamp span some 109 million days. */
static const int32_t NEVER = INT32_MAX;
static const double CLOCK_END = 1e9;

/* ----------
 * Distributions
 * ----------
 */

static inline uint64_t
draw(const Customer *c)
{
	return c->bits.draw(c->bits.generator);
}

/* Uniform in [0, 1), a multiple of 2^-32. */
static inline double
uniform(const Customer *c)
{
	return (double) (draw(c) >> 32) * 0x1p-32;
}

/*
 * Exponential with mean 1 (von Neumann 1951, "Various techniques used in
 * connection with random digits").  From x the uniform draws fall n times in
 * a row; n is even with probability exp(-x).  If so, x is the fraction of the
 * result; if not, the whole part grows by one and we start again.  The result
 * is an odd multiple of 2^-33: never 0, so that quotients of gamma variates
 * are finite and money fits into 64 bits.
 */
static double
exponential(const Customer *c)
{
	uint32_t	whole = 0;

	for (;;)
	{
		uint32_t	x = (uint32_t) (draw(c) >> 32);
		uint32_t	last = x;
		bool		even = true;

		for (;;)
		{
			uint32_t	next = (uint32_t) (draw(c) >> 32);

			if (next >= last)
				break;
			last = next;
			even = !even;
		}
		if (even)
			return whole + (x + 0.5) * 0x1p-32;
		whole++;
	}
}

/* A uniform draw to an integer power, in units of 2^-62; never 0. */
static uint64_t
uniform_power(const Customer *c, int exponent)
{
	double		u = uniform(c);
	double		power = u;

	for (int i = 1; i < exponent; i++)
		power *= u;
	return (uint64_t) (power * 0x1p62) | 1;
}

/* A beta variate as a fraction, for whoever has to multiply before dividing. */
typedef struct Fraction
{
	double		part;
	double		whole;
} Fraction;

/*
 * Beta with shapes 1/m and 1/n: u^m / (u^m + v^n) of those uniform points
 * where the sum is at most 1 (Joehnk 1964).  The sum is one of integers.
 */
static Fraction
beta_of_roots(const Customer *c, int m, int n)
{
	for (;;)
	{
		uint64_t	part = uniform_power(c, m);
		uint64_t	whole = part + uniform_power(c, n);

		if (whole <= UINT64_C(1) << 62)
			return (Fraction) {(double) part, (double) whole};
	}
}

/* Gamma with shape 1/2: an exponential times a Beta(1/2, 1/2). */
static double
gamma_half(const Customer *c)
{
	Fraction	beta = beta_of_roots(c, 2, 2);

	return exponential(c) * beta.part / beta.whole;
}

/* Gamma with shape halves / 2 and scale 1. */
static double
gamma_halves(const Customer *c, int halves)
{
	double		sum = (halves % 2 != 0) ? gamma_half(c) : 0.0;

	for (int i = 0; i < halves / 2; i++)
		sum += exponential(c);
	return sum;
}

/* ----------
 * The life of a customer
 * ----------
 */

static int
draw_channel(const Customer *c)
{
	double		u = uniform(c);
	int			channel = 0;

	while (channel < SIMULATE_CHANNELS - 1 &&
		   u >= simulate_channels[channel].share)
		u -= simulate_channels[channel++].share;
	return channel;
}

/* Time of day is uniform over the channel's hours. */
static int32_t
draw_second(const Customer *c)
{
	const Channel *channel = &simulate_channels[c->channel];
	int32_t		hours = channel->closes - channel->opens;

	return channel->opens * 3600 + (int32_t) (uniform(c) * (hours * 3600));
}

/* Record a transaction of the current visit. */
static void
add_transaction(Customer *c, int32_t day, int64_t cents)
{
	c->visit[c->filled++] = (Transaction) {day, draw_second(c), cents};
}

/*
 * After a visit the customer is gone with probability p; if not, the next
 * visit comes after an Erlang-k gap.  The clock keeps its fractions, so
 * rounding to days does not add up.  A visit that would fall on the day of
 * the last one takes place on the day after.
 */
static void
plan_next_visit(Customer *c)
{
	int32_t		today = c->next_visit;
	int			stages = simulate_channels[c->channel].stages;

	c->next_visit = NEVER;
	if (uniform(c) < c->dropout)
		return;

	c->clock += gamma_halves(c, 2 * stages) / c->stage_rate;
	if (c->clock >= CLOCK_END)
		return;

	c->next_visit = (int32_t) c->clock;
	if (c->next_visit <= today)
		c->next_visit = today + 1;
}

/*
 * The orders of a visit share one Gamma-Gamma spend, so that money per visit
 * follows the model whether there are two orders or one.  An order is worth a
 * cent at least.
 */
static void
make_visit(Customer *c)
{
	const Channel *channel = &simulate_channels[c->channel];
	int32_t		today = c->next_visit;
	double		spend = gamma_halves(c, channel->spend_halves) / c->price_rate;
	int64_t		cents = (int64_t) (spend + 0.5);

	c->filled = c->taken = 0;
	if (cents < 1)
		cents = 1;
	if (uniform(c) < TWO_ORDERS && cents > 1)
	{
		int64_t		first = 1 + (int64_t) (uniform(c) * (double) (cents - 1));

		add_transaction(c, today, first);
		cents -= first;
	}
	add_transaction(c, today, cents);

	plan_next_visit(c);
	if (uniform(c) < REFUNDED)
	{
		int32_t		back = today + 1 + (int32_t) (uniform(c) * REFUND_DAYS);

		if (back > c->next_visit)
			back = c->next_visit;
		add_transaction(c, back, -cents);
	}
}

/* Draw a customer's fixed traits and the day of the first visit. */
void
customer_begin(Customer *c, RandomBits bits)
{
	const Channel *channel;
	Fraction	dropout;

	c->bits = bits;
	c->channel = draw_channel(c);
	channel = &simulate_channels[c->channel];

	c->stage_rate = gamma_halves(c, channel->rate_halves) / channel->rate_scale;
	dropout = beta_of_roots(c, channel->dropout_root, channel->loyal_root);
	c->dropout = dropout.part / dropout.whole;
	c->price_rate = gamma_halves(c, channel->price_halves) /
		(100.0 * channel->price_scale);

	c->clock = ARRIVAL_DAYS * uniform(c);
	c->next_visit = (int32_t) c->clock;
	c->filled = c->taken = 0;
}

/*
 * The customer's next transaction up to the last day; false if there is none.
 * Transactions come in the order of their days, so the first one beyond the
 * last day ends the story.
 */
bool
customer_next(Customer *c, int32_t last_day, Transaction *transaction)
{
	if (c->taken == c->filled)
	{
		if (c->next_visit > last_day)
			return false;
		make_visit(c);
	}
	*transaction = c->visit[c->taken++];
	return transaction->day <= last_day;
}
