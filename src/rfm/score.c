/*
 * score.c
 *	  rfm_score as seen from C, rfm_code, and quantile_score.
 *
 * Scores are tie-exact everywhere: equal values get equal scores, because a
 * score counts the cut points below the value and never splits a run of
 * peers, as NTILE does.
 */
#include "postgres.h"

#include "rfm/score.h"

#include "access/htup_details.h"
#include "access/tupmacs.h"
#include "server/compat.h"
#include "windowapi.h"

/*
 * Far more than anyone draws apart, and few enough that rank × buckets stays
 * within 64 bits for any partition.
 */
#define QUANTILES_MAX	1000000

/*
 * Reads the row as rfm.sql declares it, three int2 of which the NULL ones take
 * no room; looking up a descriptor of it would cost more than everything else.
 * Anybody can write such a row, so the range is checked.
 */
RfmScore
rfm_score_read(HeapTupleHeader score)
{
	RfmScore	result;
	bool		any_null = (score->t_infomask & HEAP_HASNULL) != 0;
	const char *data = (const char *) score + score->t_hoff;
	int			axis;

	for (axis = 0; axis < AXES_MAX; axis++)
	{
		int16		value;

		result.axis[axis] = SCORE_UNKNOWN;
		if (any_null && att_isnull(axis, score->t_bits))
			continue;
		memcpy(&value, data, sizeof(value));
		data += sizeof(value);
		if (value < 1 || value > SCORE_MAX)
			ereport(ERROR,
					(errcode(ERRCODE_NUMERIC_VALUE_OUT_OF_RANGE),
					 errmsg("score %c = %d is not between 1 and %d",
							"rfm"[axis], value, SCORE_MAX),
					 errhint("Scores come from rfm(h, scheme, as_of).")));
		result.axis[axis] = value;
	}
	return result;
}

/* The scores as one number; SCORE_UNKNOWN if one of them is. */
int
rfm_code(RfmScore score)
{
	int			code = 0;
	int			axis;

	for (axis = 0; axis < AXES_MAX; axis++)
	{
		if (score.axis[axis] == SCORE_UNKNOWN)
			return SCORE_UNKNOWN;
		code = code * 10 + score.axis[axis];
	}
	return code;
}

CRM_FUNCTION(crm_rfm_code);
Datum
crm_rfm_code(PG_FUNCTION_ARGS)
{
	int			code = rfm_code(rfm_score_read(PG_GETARG_HEAPTUPLEHEADER(0)));

	if (code == SCORE_UNKNOWN)
		PG_RETURN_NULL();
	PG_RETURN_INT32(code);
}

/*
 * How many rows of the partition come before the current row's first peer:
 * rank() − 1.  Rows are visited in order, so one number is remembered.
 */
static int64
rows_before_peers(WindowObject window)
{
	int64	   *before = WinGetPartitionLocalMemory(window, sizeof(int64));
	int64		row = WinGetCurrentPosition(window);

	if (row > 0 && !WinRowsArePeers(window, row - 1, row))
		*before = row;
	WinSetMarkPosition(window, row);
	return *before;
}

/*
 * quantile_score(buckets) OVER (ORDER BY ...)
 *
 * The cut points of N ordered rows are the rows ceil(jN/k), j = 1 .. k−1,
 * those that percentile_disc(j/k) returns.  The score is 1 + the number of
 * cut points that lie before the row's first peer,
 *
 *		1 + #{j : ceil(jN/k) <= b}		with b = rank − 1.
 *
 * As b is an integer, ceil(jN/k) <= b means j <= bk/N, and b < N keeps that
 * below k: the count is floor(bk/N).
 */
CRM_FUNCTION(crm_quantile_score);
Datum
crm_quantile_score(PG_FUNCTION_ARGS)
{
	WindowObject window = PG_WINDOW_OBJECT();
	int64		before = rows_before_peers(window);
	bool		isnull;
	int32		buckets = DatumGetInt32(WinGetFuncArgCurrent(window, 0, &isnull));

	if (isnull)
		PG_RETURN_NULL();
	if (buckets < 1 || buckets > QUANTILES_MAX)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("number of buckets must be between 1 and %d, not %d",
						QUANTILES_MAX, buckets),
				 errhint("For example quantile_score(5) OVER (ORDER BY spend).")));
	PG_RETURN_INT32(1 + before * buckets / WinGetPartitionRowCount(window));
}
