/*
 * explain.c
 *	  explain_customer: why a customer has the labels that they have.
 *
 * Every label is explained by the same six entries:
 *
 *	 "latency_status": {
 *	   "label": "due",
 *	   "inputs": {"days_since_last_visit": 30, "visits": 7},
 *	   "thresholds": {"due_after": 20, "overdue_after": 41, "lapsed_after": 90},
 *	   "rule": "days_since_last_visit > due_after and <= overdue_after",
 *	   "next": {"label": "overdue", "in_days": 12},
 *	   "sentence": "The last visit was 30 days ago. ... : due, 12 days until overdue, 61 days until lapsed."}
 *
 * Labels and names of segments consist of letters, digits and underscores, so
 * nothing has to be escaped.
 */
#include "postgres.h"

#include "server/compat.h"

#include "rfm/scheme.h"
#include "rfm/segment_map.h"
#include "segments/stages.h"
#include "server/text_scanner.h"
#include "utils/builtins.h"
#include "utils/fmgrprotos.h"
#include "utils/jsonb.h"

/* The customer in question, and what they are measured by; any of it may be missing. */
typedef struct Customer
{
	HistorySummary summary;
	DateADT		as_of;
	int32		silence;
	const Norms *norms;
	const RfmScheme *scheme;
	const SegmentMap *map;
} Customer;

/* Texts of an explanation; label, inputs, thresholds and next are JSON. */
typedef struct Explanation
{
	const char *label;
	const char *inputs;
	const char *thresholds;
	const char *rule;
	const char *next;			/* NULL: nothing follows */
	const char *sentence;
} Explanation;

static void
put(StringInfo out, const char *name, Explanation explanation)
{
	appendStringInfo(out, ", \"%s\": {\"label\": %s, \"inputs\": %s, \"thresholds\": %s, "
					 "\"rule\": \"%s\", \"next\": %s, \"sentence\": \"%s\"}",
					 name, explanation.label, explanation.inputs, explanation.thresholds, explanation.rule,
					 explanation.next ? explanation.next : "null", explanation.sentence);
}

/* ---- words ---- */

static char *
counted(int64 n, const char *noun)
{
	return psprintf(INT64_FORMAT " %s%s", n, noun, n == 1 ? "" : "s");
}

/* A label as it is said: on track. */
static char *
spoken(const char *label)
{
	char	   *words = pstrdup(label);

	for (char *at = words; *at != '\0'; at++)
		if (*at == '_')
			*at = ' ';
	return words;
}

static char *
quoted(const char *label)
{
	return psprintf("\"%s\"", label);
}

/* ---- labels that silence decides ---- */

/* Labels that follow each other as the silence passes one limit after the other. */
typedef struct SilenceScale
{
	int			n;				/* limits; one label more */
	int32		limit[3];
	CrmLabel	label[4];
} SilenceScale;

/* Limits that are equal leave no day for the label between them. */
static bool
is_skipped(const SilenceScale *scale, int label)
{
	return label > 0 && label < scale->n && scale->limit[label - 1] == scale->limit[label];
}

static int
position_on(const SilenceScale *scale, int32 silence)
{
	int			position = 0;

	while (position < scale->n && silence > scale->limit[position])
		position++;
	return position;
}

static char *
limits_json(const SilenceScale *scale)
{
	StringInfoData out;

	initStringInfo(&out);
	for (int i = 0; i < scale->n; i++)
		appendStringInfo(&out, "%s\"%s_after\": %d", i > 0 ? ", " : "",
						 crm_labels[scale->label[i + 1]], scale->limit[i]);
	return out.data;
}

static char *
silence_rule(const SilenceScale *scale, int position)
{
	const char *lower = position > 0 ? psprintf(" > %s_after", crm_labels[scale->label[position]]) : "";
	const char *upper = position < scale->n ?
		psprintf("%s <= %s_after", position > 0 ? " and" : "", crm_labels[scale->label[position + 1]]) : "";

	return psprintf("days_since_last_visit%s%s", lower, upper);
}

/* ", 9 days until due, 30 days until overdue"; *next is the first of them as JSON. */
static char *
countdown(const SilenceScale *scale, int position, int32 silence, const char **next)
{
	StringInfoData out;

	initStringInfo(&out);
	*next = NULL;
	for (int i = position + 1; i <= scale->n; i++)
	{
		const char *label = crm_labels[scale->label[i]];
		int64		days = (int64) scale->limit[i - 1] + 1 - silence;

		if (is_skipped(scale, i))
			continue;
		appendStringInfo(&out, ", %s until %s", counted(days, "day"), spoken(label));
		if (*next == NULL)
			*next = psprintf("{\"label\": \"%s\", \"in_days\": " INT64_FORMAT "}", label, days);
	}
	return out.data;
}

static char *
visits_json(const Customer *customer)
{
	if (customer->summary.visits == 0)
		return "{\"visits\": 0}";
	return psprintf("{\"days_since_last_visit\": %d, \"visits\": %d}",
					customer->silence, customer->summary.visits);
}

/* A label without thresholds: there is no visit, or no norm for so many. */
static Explanation
explain_no_norm(const Customer *customer, CrmLabel no_visits)
{
	if (customer->summary.visits == 0)
		return (Explanation) {quoted(crm_labels[no_visits]), visits_json(customer), "{}", "visits = 0", NULL,
			psprintf("There is no visit yet: %s.", spoken(crm_labels[no_visits]))};
	return (Explanation) {"null", visits_json(customer), "{}", "nobody in the norms came back", NULL,
		psprintf("Nobody in the norms came back after %s, so there is nothing to compare with.",
				 counted(customer->summary.visits, "visit"))};
}

/* What is usual after so many visits, in words. */
static char *
norm_sentence(const Customer *customer, const NormsStep *step)
{
	return psprintf("The last visit was %s ago. Of the customers who come back after %s "
					"half do within %s, 80 %% within %s, 95 %% within %s",
					counted(customer->silence, "day"), counted(customer->summary.visits, "visit"),
					counted(step->p50, "day"), counted(step->p80, "day"), counted(step->p95, "day"));
}

/* latency_status and activity_level; labels from no_visits on in the order of silence. */
static Explanation
explain_position(const Customer *customer, const CrmLabel labels[5])
{
	LatencyPosition position = latency_position(&customer->summary, customer->norms, customer->as_of);
	const NormsStep *step;
	SilenceScale scale = {3};
	Explanation explanation;
	const char *label;

	if (position == POSITION_NO_VISITS || position == POSITION_UNKNOWN)
		return explain_no_norm(customer, labels[0]);
	step = norms_step(customer->norms, customer->summary.visits);
	scale.limit[0] = step->p50;
	scale.limit[1] = step->p80;
	scale.limit[2] = step->p95;
	memcpy(scale.label, labels + 1, sizeof(scale.label));
	label = crm_labels[labels[position]];
	explanation.label = quoted(label);
	explanation.inputs = visits_json(customer);
	explanation.thresholds = psprintf("{%s}", limits_json(&scale));
	explanation.rule = silence_rule(&scale, position_on(&scale, customer->silence));
	explanation.sentence = psprintf("%s: %s%s.", norm_sentence(customer, step), spoken(label),
									countdown(&scale, position_on(&scale, customer->silence),
											  customer->silence, &explanation.next));
	return explanation;
}

/* ---- labels that visits decide ---- */

/* ", 2 visits until loyal", or nothing once that is reached. */
static char *
visits_until(int32 visits, int32 threshold, CrmLabel label)
{
	if (visits >= threshold)
		return "";
	return psprintf(", %s until %s", counted(threshold - visits, "visit"), spoken(crm_labels[label]));
}

static Explanation
explain_loyalty(const Customer *customer)
{
	static const int32 from[] = {0, 1, LOYALTY_SECOND, LOYALTY_REGULAR, LOYALTY_FAN};
	int32		visits = customer->summary.visits;
	int			level = 0;
	Explanation explanation = {0};
	const char *until = "";

	while (level + 1 < lengthof(from) && visits >= from[level + 1])
		level++;
	if (level + 1 < lengthof(from))
	{
		CrmLabel	next = loyalty_label(from[level + 1]);

		explanation.next = psprintf("{\"label\": \"%s\", \"more_visits\": %d}",
									crm_labels[next], from[level + 1] - visits);
		until = visits_until(visits, from[level + 1], next);
	}
	explanation.label = quoted(crm_labels[loyalty_label(visits)]);
	explanation.inputs = psprintf("{\"visits\": %d}", visits);
	explanation.thresholds = psprintf("{\"second_from\": %d, \"regular_from\": %d, \"fan_from\": %d}",
									  LOYALTY_SECOND, LOYALTY_REGULAR, LOYALTY_FAN);
	explanation.rule = level + 1 == lengthof(from) ? psprintf("visits >= %d", from[level]) :
		from[level] + 1 == from[level + 1] ? psprintf("visits = %d", from[level]) :
		psprintf("visits from %d to %d", from[level], from[level + 1] - 1);
	explanation.sentence = psprintf("%s so far: %s%s.", counted(visits, "visit"),
									spoken(crm_labels[loyalty_label(visits)]), until);
	return explanation;
}

static Explanation
explain_lifecycle(const Customer *customer)
{
	int32		visits = customer->summary.visits;
	LatencyPosition position = latency_position(&customer->summary, customer->norms, customer->as_of);
	CrmLabel	label = lifecycle_label(visits, position);
	SilenceScale scale = {2, {0}, {label, LABEL_sleeping, LABEL_lost}};
	const NormsStep *step;
	Explanation explanation;
	int			place;
	const char *by_visits;
	const char *until;

	if (position == POSITION_NO_VISITS || position == POSITION_UNKNOWN)
		return explain_no_norm(customer, LABEL_prospect);
	step = norms_step(customer->norms, visits);
	scale.limit[0] = step->p80;
	scale.limit[1] = step->p95;
	place = position_on(&scale, customer->silence);
	by_visits = place > 0 ? "" :
		visits < LIFECYCLE_ACTIVE ? psprintf(" and visits < %d", LIFECYCLE_ACTIVE) :
		visits < LIFECYCLE_LOYAL ? psprintf(" and visits < %d", LIFECYCLE_LOYAL) :
		psprintf(" and visits >= %d", LIFECYCLE_LOYAL);
	until = place > 0 ? "" :
		visits < LIFECYCLE_ACTIVE ? visits_until(visits, LIFECYCLE_ACTIVE, LABEL_active) :
		visits_until(visits, LIFECYCLE_LOYAL, LABEL_loyal);
	explanation.label = quoted(crm_labels[label]);
	explanation.inputs = visits_json(customer);
	explanation.thresholds = psprintf("{%s, \"active_from\": %d, \"loyal_from\": %d}", limits_json(&scale),
									  LIFECYCLE_ACTIVE, LIFECYCLE_LOYAL);
	explanation.rule = psprintf("%s%s", silence_rule(&scale, place), by_visits);
	explanation.sentence = psprintf("%s, and %s so far: %s%s%s.", norm_sentence(customer, step),
									counted(visits, "visit"), spoken(crm_labels[label]), until,
									countdown(&scale, place, customer->silence, &explanation.next));
	return explanation;
}

/* ---- scores ---- */

static char *
cuts_json(const RfmScheme *scheme, RfmAxis axis)
{
	StringInfoData out;

	initStringInfo(&out);
	appendStringInfoString(&out, "{\"cuts\": [");
	rfm_scheme_append_cuts(&out, scheme, axis, ", ");
	appendStringInfoString(&out, "]}");
	return out.data;
}

static char *
money_text(Datum amount)
{
	return DatumGetCString(DirectFunctionCall1(numeric_out, amount));
}

/* What the customer has on an axis, and how it is said. */
static void
axis_value(const Customer *customer, RfmAxis axis, const char **json, const char **words)
{
	const HistorySummary *summary = &customer->summary;

	switch (axis)
	{
		case RECENCY:
			*json = psprintf("{\"days_since_last_visit\": %d}", customer->silence);
			*words = psprintf("The last visit was %s ago", counted(customer->silence, "day"));
			break;
		case FREQUENCY:
			*json = psprintf("{\"visits\": %d}", summary->visits);
			*words = psprintf("%s so far", counted(summary->visits, "visit"));
			break;
		case MONEY:
			*words = money_text(NumericGetDatum(money_numeric(summary->money, summary->scale)));
			*json = psprintf("{\"total_spend\": %s}", *words);
			*words = psprintf("%s spent so far", *words);
			break;
	}
}

/* The next score: one down with time, one up with visits or money; as JSON and in words. */
static void
next_score(const Customer *customer, RfmAxis axis, int below, const char **next, const char **words)
{
	const RfmScheme *scheme = customer->scheme;
	const Decimal *cut = &scheme->cut[axis][below];
	int			beyond = below + 1;
	int			score;
	Datum		money;

	*next = NULL;
	*words = "";
	if (below == scheme->buckets - 1)
		return;
	while (beyond < scheme->buckets - 1 && scheme->cut[axis][beyond].units == cut->units &&
		   scheme->cut[axis][beyond].scale == cut->scale)
		beyond++;
	score = axis == RECENCY ? scheme->buckets - beyond : 1 + beyond;
	if (axis == MONEY)
	{
		money = DirectFunctionCall2(numeric_sub, NumericGetDatum(money_numeric(cut->units, cut->scale)),
									NumericGetDatum(money_numeric(customer->summary.money, customer->summary.scale)));
		*next = psprintf("{\"label\": %d, \"money_more_than\": %s}", score, money_text(money));
		*words = psprintf(", more than %s until %d", money_text(money), score);
	}
	else
	{
		int64		distance = cut->units + 1 -
			(axis == RECENCY ? customer->silence : customer->summary.visits);

		*next = psprintf("{\"label\": %d, \"%s\": " INT64_FORMAT "}", score,
						 axis == RECENCY ? "in_days" : "more_visits", distance);
		*words = psprintf(", %s until %d", counted(distance, axis == RECENCY ? "day" : "visit"), score);
	}
}

static Explanation
explain_score(const Customer *customer, RfmAxis axis, int score)
{
	const RfmScheme *scheme = customer->scheme;
	int			below = rfm_cuts_below(scheme, axis, score);
	Explanation explanation;
	const char *value = "";
	const char *until;

	if (score == SCORE_UNKNOWN)
		return (Explanation) {"null", "{}", axis < scheme->axes ? cuts_json(scheme, axis) : "{}",
			axis == MONEY && customer->summary.visits > 0 ? "money is unknown" : "visits = 0", NULL,
			axis == MONEY && customer->summary.visits > 0 ? "There is no money to score." :
			"There is no visit to score."};
	axis_value(customer, axis, &explanation.inputs, &value);
	next_score(customer, axis, below, &explanation.next, &until);
	explanation.label = psprintf("%d", score);
	explanation.thresholds = cuts_json(scheme, axis);
	explanation.rule = psprintf("%d of %d cut points are below", below, scheme->buckets - 1);
	explanation.sentence = psprintf("%s: %d of %d%s.", value, score, scheme->buckets, until);
	return explanation;
}

/* ---- the RFM segment ---- */

static char *
segment_of(const Customer *customer, const HistorySummary *summary, DateADT as_of)
{
	Word		name;

	if (!segment_map_find(customer->map, rfm_scheme_score(customer->scheme, summary, as_of), &name))
		return NULL;
	return pnstrdup(name.text, name.length);
}

/* The rule of a segment, from the printed map: "champions R5 F4-5 | ...". */
static char *
segment_rule(const Customer *customer, const char *segment)
{
	char	   *rule = segment_map_text(customer->map);
	size_t		length = strlen(segment);

	while (strncmp(rule, segment, length) != 0 || rule[length] != ' ')
		rule = strchr(rule, '|') + strlen("| ");
	rule += length + 1;
	length = strcspn(rule, "|");
	return pnstrdup(rule, rule[length] == '|' ? length - 1 : length);
}

/* The segment that silence leads to, and when: the score falls the day after a cut point. */
static char *
segment_by_silence(const Customer *customer, const char *segment, int64 *days)
{
	const RfmScheme *scheme = customer->scheme;

	for (int i = 0; i < scheme->buckets - 1; i++)
	{
		int64		day = customer->summary.last_visit + scheme->cut[RECENCY][i].units + 1;
		char	   *next;

		if (day <= customer->as_of || day >= HISTORY_DAY_END)
			continue;
		next = segment_of(customer, &customer->summary, (DateADT) day);
		*days = day - customer->as_of;
		if (strcmp(next, segment) != 0)
			return next;
	}
	return NULL;
}

static Explanation
explain_segment(const Customer *customer, RfmScore score)
{
	HistorySummary visited = customer->summary;
	char	   *segment = customer->summary.visits == 0 ? NULL :
		segment_of(customer, &customer->summary, customer->as_of);
	char	   *next;
	char	   *after_visit;
	Explanation explanation = {"null", "{}", "{}", "a score is unknown", NULL, "A score is unknown, so there is no segment."};
	int64		days;
	StringInfoData sentence;

	if (segment == NULL)
		return explanation;
	explanation.label = quoted(segment);
	explanation.inputs = score.axis[MONEY] == SCORE_UNKNOWN ?
		psprintf("{\"r\": %d, \"f\": %d}", score.axis[RECENCY], score.axis[FREQUENCY]) :
		psprintf("{\"r\": %d, \"f\": %d, \"m\": %d}", score.axis[RECENCY], score.axis[FREQUENCY], score.axis[MONEY]);
	explanation.rule = segment_rule(customer, segment);
	explanation.thresholds = psprintf("{\"cells\": \"%s\"}", explanation.rule);
	initStringInfo(&sentence);
	appendStringInfo(&sentence, "Recency %d, frequency %d", score.axis[RECENCY], score.axis[FREQUENCY]);
	if (score.axis[MONEY] != SCORE_UNKNOWN)
		appendStringInfo(&sentence, " and money %d", score.axis[MONEY]);
	appendStringInfo(&sentence, ": %s", spoken(segment));
	next = segment_by_silence(customer, segment, &days);
	if (next != NULL)
	{
		explanation.next = psprintf("{\"label\": \"%s\", \"in_days\": " INT64_FORMAT "}", next, days);
		appendStringInfo(&sentence, ", %s until %s", counted(days, "day"), spoken(next));
	}
	/* As if today's visit had brought nothing yet. */
	visited.visits++;
	visited.last_visit = customer->as_of;
	after_visit = segment_of(customer, &visited, customer->as_of);
	if (strcmp(after_visit, segment) != 0)
		appendStringInfo(&sentence, "; a visit makes it %s", spoken(after_visit));
	appendStringInfoChar(&sentence, '.');
	explanation.sentence = sentence.data;
	return explanation;
}

/* ---- all of it ---- */

static void
put_facts(StringInfo out, const Customer *customer)
{
	const HistorySummary *summary = &customer->summary;

	appendStringInfoString(out, "{\"as_of\": \"");
	text_append_day(out, customer->as_of);
	appendStringInfo(out, "\", \"visits\": %d", summary->visits);
	if (summary->visits > 0)
	{
		appendStringInfoString(out, ", \"first_visit\": \"");
		text_append_day(out, summary->first_visit);
		appendStringInfoString(out, "\", \"last_visit\": \"");
		text_append_day(out, summary->last_visit);
		appendStringInfo(out, "\", \"days_since_last_visit\": %d", customer->silence);
	}
	if (summary->has_money)
		appendStringInfo(out, ", \"total_spend\": %s",
						 money_text(NumericGetDatum(money_numeric(summary->money, summary->scale))));
}

static void
put_scores(StringInfo out, const Customer *customer)
{
	RfmScore	score = {{SCORE_UNKNOWN, SCORE_UNKNOWN, SCORE_UNKNOWN}};

	if (customer->summary.visits > 0)
		score = rfm_scheme_score(customer->scheme, &customer->summary, customer->as_of);
	for (int axis = 0; axis < AXES_MAX; axis++)
		put(out, rfm_axis_names[axis], explain_score(customer, axis, score.axis[axis]));
	if (customer->map != NULL)
		put(out, "rfm_segment", explain_segment(customer, score));
}

/* explain_customer(h, norms, scheme, as_of, map) */
CRM_FUNCTION(crm_explain_customer);
Datum
crm_explain_customer(PG_FUNCTION_ARGS)
{
	static const CrmLabel status[] = {LABEL_no_visits, LABEL_on_track, LABEL_due, LABEL_overdue, LABEL_lapsed};
	static const CrmLabel activity[] = {LABEL_no_visits, LABEL_active, LABEL_silent, LABEL_sleeping, LABEL_lost};
	Customer	customer = {0};
	StringInfoData out;

	if (PG_ARGISNULL(0) || PG_ARGISNULL(3))
		PG_RETURN_NULL();
	customer.as_of = check_as_of(PG_GETARG_DATEADT(3));
	customer.summary = history_summary(PG_GETARG_HISTORY(0), DATEVAL_NOBEGIN, customer.as_of);
	if (customer.summary.visits > 0)
		customer.silence = customer.as_of - customer.summary.last_visit;
	if (!PG_ARGISNULL(1))
		customer.norms = reference_argument(fcinfo, 1, norms_load);
	if (!PG_ARGISNULL(2))
		customer.scheme = reference_argument(fcinfo, 2, rfm_scheme_load);
	if (!PG_ARGISNULL(4))
		customer.map = PG_GETARG_SEGMENT_MAP(4);

	initStringInfo(&out);
	put_facts(&out, &customer);
	put(&out, "loyalty_level", explain_loyalty(&customer));
	if (customer.norms != NULL)
	{
		put(&out, "latency_status", explain_position(&customer, status));
		put(&out, "activity_level", explain_position(&customer, activity));
		put(&out, "lifecycle_stage", explain_lifecycle(&customer));
	}
	if (customer.scheme != NULL)
		put_scores(&out, &customer);
	appendStringInfoChar(&out, '}');
	return DirectFunctionCall1(jsonb_in, CStringGetDatum(out.data));
}
