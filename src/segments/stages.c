/*
 * stages.c
 *	  Activity level, loyalty level, lifecycle stage and growth state.
 *
 * Activity and lifecycle read the same position of the silence: against the
 * norms of the customer's own step (latency_position), or against fixed days.
 */
#include "postgres.h"

#include "server/compat.h"

#include "segments/stages.h"
#include "utils/builtins.h"

/* ---- the rules ---- */

CrmLabel
activity_label(LatencyPosition position)
{
	static const CrmLabel labels[] = {
		[POSITION_NO_VISITS] = LABEL_no_visits,
		[POSITION_WITHIN_P50] = LABEL_active,
		[POSITION_WITHIN_P80] = LABEL_silent,
		[POSITION_WITHIN_P95] = LABEL_sleeping,
		[POSITION_BEYOND] = LABEL_lost,
		[POSITION_UNKNOWN] = LABEL_UNKNOWN,
	};

	return labels[position];
}

CrmLabel
loyalty_label(int32 visits)
{
	return visits == 0 ? LABEL_no_visits :
		visits < LOYALTY_SECOND ? LABEL_new :
		visits < LOYALTY_REGULAR ? LABEL_second :
		visits < LOYALTY_FAN ? LABEL_regular : LABEL_fan;
}

CrmLabel
lifecycle_label(int32 visits, LatencyPosition position)
{
	switch (position)
	{
		case POSITION_NO_VISITS:
			return LABEL_prospect;
		case POSITION_UNKNOWN:
			return LABEL_UNKNOWN;
		case POSITION_BEYOND:
			return LABEL_lost;
		case POSITION_WITHIN_P95:
			return LABEL_sleeping;
		default:
			return visits < LIFECYCLE_ACTIVE ? LABEL_new :
				visits < LIFECYCLE_LOYAL ? LABEL_active : LABEL_loyal;
	}
}

/* Visits inside a period, in the one of the same length before it, and earlier. */
CrmLabel
growth_label(bool earlier, bool before, bool inside)
{
	if (inside)
		return before ? LABEL_retained : earlier ? LABEL_resurrected : LABEL_new;
	return before ? LABEL_dormant : earlier ? LABEL_inactive : LABEL_UNKNOWN;
}

/* from_day .. to_day against the period of the same length before it. */
static CrmLabel
growth_of(const VisitHistory *history, DateADT from_day, DateADT to_day)
{
	int64		before_day = 2 * (int64) from_day - to_day - 1;
	bool		earlier = false;
	bool		before = false;
	bool		inside = false;
	HistoryReader reader;
	HistoryDay	day;

	history_open(history, &reader);
	while (history_next_visit(&reader, &day) && day.day <= to_day)
	{
		if (day.day >= from_day)
			inside = true;
		else if (day.day >= before_day)
			before = true;
		else
			earlier = true;
	}
	return growth_label(earlier, before, inside);
}

/* The position by days that hold for every customer: silent, sleeping, lost beyond so many. */
static LatencyPosition
position_by_days(const HistorySummary *summary, DateADT as_of, const int32 after[3])
{
	int32		silence = as_of - summary->last_visit;

	return summary->visits == 0 ? POSITION_NO_VISITS :
		silence <= after[0] ? POSITION_WITHIN_P50 :
		silence <= after[1] ? POSITION_WITHIN_P80 :
		silence <= after[2] ? POSITION_WITHIN_P95 : POSITION_BEYOND;
}

/* ---- the SQL functions ---- */

/* Days of silence in the order of what they lead to. */
static void
check_days_ascend(int32 lower, const char *lower_name, int32 upper, const char *upper_name)
{
	if (lower < 0 || lower > upper)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("%s = %d must not be negative or more than %s = %d",
						lower_name, lower, upper_name, upper),
				 errhint("Silence passes them one after the other, for example activity_level(h, 30, 90, 180) or lifecycle_stage(h, 60, 180).")));
}

CRM_FUNCTION(crm_activity_level);
Datum
crm_activity_level(PG_FUNCTION_ARGS)
{
	DateADT		as_of = check_as_of(PG_GETARG_DATEADT(2));
	HistorySummary summary = history_summary(PG_GETARG_HISTORY(0), DATEVAL_NOBEGIN, as_of);

	return label_datum(fcinfo, activity_label(latency_position(&summary, PG_GETARG_NORMS(1), as_of)));
}

/* (h, silent_after, sleeping_after, lost_after, as_of) */
CRM_FUNCTION(crm_activity_level_days);
Datum
crm_activity_level_days(PG_FUNCTION_ARGS)
{
	int32		after[3] = {PG_GETARG_INT32(1), PG_GETARG_INT32(2), PG_GETARG_INT32(3)};
	DateADT		as_of = check_as_of(PG_GETARG_DATEADT(4));
	HistorySummary summary = history_summary(PG_GETARG_HISTORY(0), DATEVAL_NOBEGIN, as_of);

	check_days_ascend(after[0], "silent_after", after[1], "sleeping_after");
	check_days_ascend(after[1], "sleeping_after", after[2], "lost_after");
	return label_datum(fcinfo, activity_label(position_by_days(&summary, as_of, after)));
}

CRM_FUNCTION(crm_lifecycle_stage);
Datum
crm_lifecycle_stage(PG_FUNCTION_ARGS)
{
	DateADT		as_of = check_as_of(PG_GETARG_DATEADT(2));
	HistorySummary summary = history_summary(PG_GETARG_HISTORY(0), DATEVAL_NOBEGIN, as_of);

	return label_datum(fcinfo, lifecycle_label(summary.visits, latency_position(&summary, PG_GETARG_NORMS(1), as_of)));
}

/* (h, sleeping_after, lost_after, as_of) */
CRM_FUNCTION(crm_lifecycle_stage_days);
Datum
crm_lifecycle_stage_days(PG_FUNCTION_ARGS)
{
	int32		after[3] = {PG_GETARG_INT32(1), PG_GETARG_INT32(1), PG_GETARG_INT32(2)};
	DateADT		as_of = check_as_of(PG_GETARG_DATEADT(3));
	HistorySummary summary = history_summary(PG_GETARG_HISTORY(0), DATEVAL_NOBEGIN, as_of);

	check_days_ascend(after[1], "sleeping_after", after[2], "lost_after");
	return label_datum(fcinfo, lifecycle_label(summary.visits, position_by_days(&summary, as_of, after)));
}

CRM_FUNCTION(crm_loyalty_level);
Datum
crm_loyalty_level(PG_FUNCTION_ARGS)
{
	DateADT		as_of = check_as_of(PG_GETARG_DATEADT(1));

	return label_datum(fcinfo, loyalty_label(history_summary(PG_GETARG_HISTORY(0), DATEVAL_NOBEGIN, as_of).visits));
}

/* (h, from_day, to_day) */
CRM_FUNCTION(crm_growth_state);
Datum
crm_growth_state(PG_FUNCTION_ARGS)
{
	DateADT		from_day = PG_GETARG_DATEADT(1);
	DateADT		to_day = PG_GETARG_DATEADT(2);

	if (DATE_NOT_FINITE(from_day) || DATE_NOT_FINITE(to_day) || from_day > to_day)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("a period must have two finite days in order, not %s and %s",
						DatumGetCString(DirectFunctionCall1(date_out, DateADTGetDatum(from_day))),
						DatumGetCString(DirectFunctionCall1(date_out, DateADTGetDatum(to_day)))),
				 errhint("Both days are included, for example growth_state(h, '2024-03-01', '2024-03-31').")));
	return label_datum(fcinfo, growth_of(PG_GETARG_HISTORY(0), from_day, to_day));
}
