/*
 * sequence.h
 *	  The sequence of one customer's gaps: mean, median, spread, turns.
 *
 * Pure mathematics, no server.
 */
#ifndef CRM_SEQUENCE_H
#define CRM_SEQUENCE_H

#include <stdbool.h>
#include <stdint.h>

typedef struct LatencyTurn
{
	int32_t		visit_no;		/* the visit before the first gap in the new direction */
	bool		slowing;
	int32_t		before;			/* the gap that leads to that visit */
	int32_t		after;			/* the gap that follows it */
} LatencyTurn;

extern double sequence_median(const int32_t *gaps, int32_t n);
extern double sequence_stddev(const int32_t *gaps, int32_t n);
extern int32_t sequence_turns(const int32_t *gaps, int32_t n, LatencyTurn *turns);

#endif							/* CRM_SEQUENCE_H */
