/*
 * segment_rules.c
 *	  Fuzzes the rule lists of segment maps.
 *
 * Any text: a complaint points into it; a map that is accepted gives every
 * cell a segment that is reached, and printed and read again it is the same.
 */
#include "fuzz.h"

#include "rfm/segment_rules.h"

static void
check_complaint(const SegmentRules *rules, const char *text)
{
	CLAIM(rules->at.length >= 0);
	if (rules->at.length > 0)
		CLAIM(rules->at.text >= text && rules->at.text + rules->at.length <= text + strlen(text));
}

static void
check_valid(const SegmentRules *rules)
{
	SegmentRules *again = exactly(1, sizeof(SegmentRules));
	char	   *printed = exactly(SEGMENT_RULES_TEXT_MAX, 1);
	char	   *printed_again = exactly(SEGMENT_RULES_TEXT_MAX, 1);

	for (int cell = 0; cell < rules->cells; cell++)
		CLAIM(rules->owner[cell] < rules->segments);
	for (int segment = 0; segment < rules->segments; segment++)
	{
		CLAIM(segment_rules_reached(rules, segment));
		CLAIM(rules->name[segment].length > 0 && rules->name[segment].length <= SEGMENT_NAME_MAX);
	}
	segment_rules_print(rules, printed);
	segment_rules_read(again, printed);
	CLAIM(again->complaint == NULL && segment_rules_valid(again));
	CLAIM(rules->buckets == again->buckets && rules->axes == again->axes && rules->segments == again->segments);
	CLAIM(memcmp(rules->owner, again->owner, rules->cells) == 0);
	segment_rules_print(again, printed_again);
	CLAIM(strcmp(printed, printed_again) == 0);
	free(again);
	free(printed);
	free(printed_again);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	SegmentRules *rules = exactly(1, sizeof(SegmentRules));
	char	   *text = exactly(size + 1, 1);

	if (size > 0)
		memcpy(text, data, size);
	text[size] = '\0';
	segment_rules_read(rules, text);
	if (rules->complaint != NULL)
		check_complaint(rules, text);
	else
	{
		CLAIM(rules->buckets >= BUCKETS_MIN && rules->buckets <= SCORE_MAX);
		CLAIM(rules->cells == segment_rules_cells(rules->buckets, rules->axes));
		if (segment_rules_valid(rules))
			check_valid(rules);
	}
	free(rules);
	free(text);
	return 0;
}
