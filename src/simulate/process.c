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
 *	 exponential ones, beta variates from dividing gamma ones.  That is why
 *	 all shapes are multiples of one half.
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
	/* name  share opens closes  k  2r alpha 2a 2b  2p 2q gamma */
	{"store", 0.50, 9, 20, 2, 4, 7.0, 1, 1, 12, 8, 18.0},
	{"online", 0.20, 6, 24, 1, 3, 20.0, 2, 2, 8, 7, 37.5},
	{"app", 0.20, 11, 22, 3, 4, 3.0, 1, 2, 12, 10, 8.0},
	{"hotel", 0.10, 14, 22, 4, 5, 30.0, 2, 3, 16, 8, 112.5},
};

/*
 * First visits thin out in a straight line from the first day to none after
 * two years, as in a shop that has just begun to keep records.
 */
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

/*
 * Gamma with shape 1/2: an exponential times a Beta(1/2, 1/2), which is
 * u^2 / (u^2 + v^2) of a point in the quarter circle (Joehnk 1964).  The
 * squares are integers, and u is never 0.
 */
static double
gamma_half(const Customer *c)
{
	for (;;)
	{
		uint64_t	u = (draw(c) >> 33) | 1;
		uint64_t	v = draw(c) >> 33;
		uint64_t	radius = u * u + v * v;

		if (radius <= UINT64_C(1) << 62)
			return exponential(c) * (double) (u * u) / (double) radius;
	}
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
	double		gone;
	double		u;
	double		v;

	c->bits = bits;
	c->channel = draw_channel(c);
	channel = &simulate_channels[c->channel];

	c->stage_rate = gamma_halves(c, channel->rate_halves) / channel->rate_scale;
	gone = gamma_halves(c, channel->dropout_halves);
	c->dropout = gone / (gone + gamma_halves(c, channel->loyal_halves));
	c->price_rate = gamma_halves(c, channel->price_halves) /
		(100.0 * channel->price_scale);

	/* the smaller of two uniform draws has the density 2 (1 - t) */
	u = uniform(c);
	v = uniform(c);
	c->clock = ARRIVAL_DAYS * (u < v ? u : v);
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
