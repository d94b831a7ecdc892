/*
 * sample.h
 *	  What a fit learns from, as plain arrays that the caller has sorted.
 */
#ifndef CRM_BTYD_SAMPLE_H
#define CRM_BTYD_SAMPLE_H

#include <stdint.h>

#include "btyd/family.h"

/*
 * Equal customers are counted once: rows are the distinct triples (x, t_x, T),
 * sorted by x, then t_x, then T; gaps the distinct lengths of gaps in days,
 * rising, each at least 1.  The same arrays give the same bits.
 */
typedef struct BtydSample
{
	int64_t		rows;
	const int32_t *visits;		/* x */
	const int32_t *recency;		/* t_x, at least x */
	const int32_t *age;			/* T, at least t_x */
	const int64_t *count;		/* customers */
	int64_t		gaps;
	const int32_t *gap;
	const int64_t *gap_count;
} BtydSample;

/*
 * The table of a sample.  With stride > 1, of every stride-th row of those who
 * came back, and of all others with that part of their weight: a small likeness
 * of the sample to search for a place to start from.
 */
extern BtydTable *btyd_table(const BtydSample *sample, int64_t stride, const Workspace *workspace);

#endif							/* CRM_BTYD_SAMPLE_H */
