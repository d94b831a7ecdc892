/*
 * segment_rules.h
 *	  The rule list of a segment map: read, checked by enumeration, printed.
 *	  Pure C, so that it can be fuzzed without a server.
 *
 * A map gives every cell of the score grid (R × F, or R × F × M where a rule
 * names M) to exactly one segment:
 *
 *		rules := rule { "|" rule }
 *		rule  := name cells
 *		cells := cell { "," cell }		the comma may be left out around codes
 *		cell  := range { range }		axes that are not named are open
 *			   | digit digit [digit]	a code: R F, or R F M
 *		range := ("R" | "F" | "M") digit [ "-" digit ]
 *
 * There is no order of precedence: a cell that two rules name is an error, as
 * is a cell that no rule names.
 */
#ifndef CRM_SEGMENT_RULES_H
#define CRM_SEGMENT_RULES_H

#include <stdbool.h>
#include <stddef.h>

#define SCORE_MAX			9	/* a score is one digit of the code */
#define BUCKETS_MIN			2	/* one bucket would tell nobody apart */
#define AXES_MAX			3
#define CELLS_MAX			(SCORE_MAX * SCORE_MAX * SCORE_MAX)
#define SEGMENTS_MAX		255 /* a segment's number fits a byte ... */
#define NO_SEGMENT			255 /* ... and so does "none" */
#define SEGMENT_NAME_MAX	63	/* bytes, as for the names of columns */

/* Room for any printed list: names, separators, one range each or the codes. */
#define SEGMENT_RULES_TEXT_MAX \
	(SEGMENTS_MAX * (SEGMENT_NAME_MAX + sizeof(" R1-9 F1-9 M1-9 | ")) + \
	 CELLS_MAX * sizeof("555") + 1)

/* A piece of somebody else's text, not terminated. */
typedef struct Word
{
	const char *text;
	int			length;
} Word;

/*
 * Cells are numbered from the best (555) down to the worst (111), M running
 * fastest.
 */
typedef struct SegmentRules
{
	int			buckets;		/* the largest number in the rules */
	int			axes;			/* 2: R and F decide; 3: M too */
	int			cells;			/* buckets ^ axes */
	int			segments;
	Word		name[SEGMENTS_MAX];
	unsigned char owner[CELLS_MAX]; /* the first segment that names the cell */
	unsigned char rival[CELLS_MAX]; /* another one that does */

	const char *complaint;		/* what is wrong with the text, or NULL */
	Word		at;				/* and where */
} SegmentRules;

extern void segment_rules_read(SegmentRules *rules, const char *text);
extern bool segment_rules_valid(const SegmentRules *rules);
extern void segment_rules_print(const SegmentRules *rules, char *out);
extern int	segment_rules_cells(int buckets, int axes);
extern int	segment_rules_score(const SegmentRules *rules, int cell, int axis);
extern bool segment_rules_reached(const SegmentRules *rules, int segment);

#endif							/* CRM_SEGMENT_RULES_H */
