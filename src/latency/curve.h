/*
 * curve.h
 *	  How long customers take to come back: one step's Kaplan-Meier curve.
 *
 * Pure mathematics, no server.
 */
#ifndef CRM_CURVE_H
#define CRM_CURVE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Gaps of one length at one step: completed ones, and open ones as old as that. */
typedef struct GapCount
{
	int32_t		day;
	int64_t		returned;
	int64_t		open;
} GapCount;

/*
 * On days[i] the curve F rises; from there up to the day before days[i + 1]
 * surviving[i] = 1 - F have not come back.  remaining[i] is what F still rises
 * by from days[i] to the horizon, days[i] included, summed from the right: a
 * difference of two values of F would cancel where little of the curve is left.
 */
typedef struct ReturnCurve
{
	int64_t		customers;		/* returned + open */
	int64_t		returned;
	int64_t		open;
	int32_t		horizon;		/* the last day that is read */
	int32_t		n;				/* days on which F rises, up to the horizon */
	int32_t    *days;
	double	   *surviving;
	double	   *remaining;		/* n + 1 of them, the last is 0 */
	double		end;			/* F at the horizon: the return rate */
} ReturnCurve;

/*
 * A curve is read as long as this many customers are still at risk: beyond,
 * one return more or less moves it by a tenth.
 */
#define CURVE_AT_RISK 10

/* Quotients of sums of products are compared with a quantile up to this much. */
#define CURVE_TOLERANCE 1e-12

/* No day: nobody came back, or none so late. */
#define CURVE_NO_DAY (-1)

extern void curve_estimate(ReturnCurve *curve, const GapCount *counts, size_t n);
extern double curve_surviving(const ReturnCurve *curve, int64_t day);
extern double curve_rise(const ReturnCurve *curve, int64_t from, int64_t to);
extern int32_t curve_next(const ReturnCurve *curve, int64_t silence, double quantile);

/* F(day); beyond the horizon the curve stays where it ends. */
static inline double
curve_at(const ReturnCurve *curve, int64_t day)
{
	return 1 - curve_surviving(curve, day);
}

/* The quantile among those who come back. */
static inline int32_t
curve_quantile(const ReturnCurve *curve, double quantile)
{
	return curve_next(curve, 0, quantile);
}

#endif							/* CRM_CURVE_H */
