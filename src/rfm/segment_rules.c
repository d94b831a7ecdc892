/*
 * segment_rules.c
 *	  See segment_rules.h for the grammar.
 *
 * How many buckets a map has, and whether it uses M, is known only at the end
 * of the text, so the rules are first painted on a grid of the largest size,
 * where an open axis runs over all nine scores.  Then the part that the map
 * really has is copied into its numbered cells.
 */
#include "rfm/segment_rules.h"

#include <stdio.h>
#include <string.h>

static const char axis_letter[AXES_MAX + 1] = "RFM";

/* The maps that can be called by a name. */
static const struct
{
	const char *name;
	const char *rules;
}			built_in[] =
{
	{"rf25",
		"champions R5 F4-5 | loyal R3-4 F4-5 | potential_loyalist R4-5 F2-3 | "
		"new R5 F1 | promising R4 F1 | need_attention R3 F3 | "
		"about_to_sleep R3 F1-2 | at_risk R1-2 F3-4 | cant_lose R1-2 F5 | "
	"hibernating R1-2 F1-2"},
	{"rfm125",
		"champions 555 554 544 545 454 455 445 | "
		"loyal 543 444 435 355 354 345 344 335 | "
		"potential_loyalist 553 551 552 541 542 533 532 531 452 451 442 441 "
		"431 453 433 432 423 353 352 351 342 341 333 323 | "
		"new 512 511 422 421 412 411 311 | "
		"promising 525 524 523 522 521 515 514 513 425 424 413 414 415 315 "
		"314 313 | "
		"need_attention 535 534 443 434 343 334 325 324 | "
		"about_to_sleep 331 321 312 221 213 231 241 251 | "
		"at_risk 255 254 245 244 253 252 243 242 235 234 225 224 153 152 145 "
		"143 142 135 134 133 125 124 | "
		"cant_lose 155 154 144 214 215 115 114 113 | "
		"hibernating 332 322 233 232 223 222 132 123 122 212 211 | "
	"lost 111 112 121 131 141 151"},
	{"rfm27",
		"champions 333 332 323 | loyal 321 322 331 232 233 | "
		"recent 312 313 311 222 223 | need_attention 213 221 123 132 133 | "
	"at_risk 231 212 122 131 211 | inactive 111 112 113 121"},
};

/* Bounds on each axis; a low of 0 stands for an axis that is not named. */
typedef struct Box
{
	int			low[AXES_MAX];
	int			high[AXES_MAX];
} Box;

/* The largest grid, and which segments claim each of its cells. */
typedef struct Grid
{
	unsigned char owner[SCORE_MAX][SCORE_MAX][SCORE_MAX];
	unsigned char rival[SCORE_MAX][SCORE_MAX][SCORE_MAX];
} Grid;

static bool
is_space(char c)
{
	return c != '\0' && strchr(" \t\n\v\f\r", c) != NULL;
}

static bool
is_digit(char c)
{
	return c >= '0' && c <= '9';
}

static bool
is_score(char c)
{
	return c >= '1' && c <= '9';
}

/*
 * Every byte of a multibyte character is beyond ASCII in all encodings that a
 * server can have, so names may be in any script.
 */
static bool
is_name_character(char c)
{
	return is_digit(c) || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
		c == '_' || (unsigned char) c >= 0x80;
}

static bool
same_word(Word word, Word other)
{
	return word.length == other.length &&
		memcmp(word.text, other.text, word.length) == 0;
}

static bool
is_separator(Word word)
{
	return word.length == 1 && word.text[0] == '|';
}

/* The next word or separator; at the end of the text a word of length 0. */
static Word
next_word(const char **cursor)
{
	Word		word;

	while (is_space(**cursor))
		(*cursor)++;
	word.text = *cursor;
	if (**cursor == '|' || **cursor == ',')
		(*cursor)++;
	else
		*cursor += strcspn(*cursor, " \t\n\v\f\r|,");
	word.length = *cursor - word.text;
	return word;
}

/* R, F or M in either case, as 0, 1 or 2; -1 for anything else. */
static int
axis_of(char letter)
{
	int			axis;

	for (axis = 0; axis < AXES_MAX; axis++)
	{
		if (letter == axis_letter[axis] || letter == axis_letter[axis] + ('a' - 'A'))
			return axis;
	}
	return -1;
}

/* Was this word meant as a cell?  Then it cannot be a segment's name. */
static bool
resembles_cell(Word word)
{
	bool		digits = false;
	int			i;

	for (i = 0; i < word.length; i++)
	{
		if (is_digit(word.text[i]))
			digits = true;
		else if (word.text[i] != '-' && axis_of(word.text[i]) < 0)
			return false;
	}
	return digits;
}

/* Reads `R5` or `F4-5` into one axis of the box, which must be free. */
static const char *
read_range(Word word, Box *box)
{
	int			axis = axis_of(word.text[0]);
	char		low,
				high;

	if (axis < 0 || (word.length != 2 && (word.length != 4 || word.text[2] != '-')))
		return "A cell is written as ranges of R, F and M such as R5 F4-5, or as a code such as 54 or 543.";
	low = word.text[1];
	high = word.text[word.length - 1];
	if (!is_score(low) || !is_score(high))
		return "A score is a number from 1 to 9.";
	if (low > high)
		return "A range goes from the lower score to the higher.";
	if (box->low[axis] != 0)
		return "This axis is already named in the same cell; a comma starts the next cell.";
	box->low[axis] = low - '0';
	box->high[axis] = high - '0';
	return NULL;
}

/* Reads `54` or `543` into an empty box. */
static const char *
read_code(Word word, Box *box)
{
	int			axis;

	if (word.length != 2 && word.length != 3)
		return "A code has two digits, R and F, or three, R, F and M.";
	for (axis = 0; axis < word.length; axis++)
	{
		if (!is_score(word.text[axis]))
			return "A score is a number from 1 to 9.";
		box->low[axis] = box->high[axis] = word.text[axis] - '0';
	}
	return NULL;
}

/* Gives the box to the segment that was named last, and empties it. */
static void
claim(SegmentRules *rules, Grid *grid, Box *box)
{
	int			segment = rules->segments - 1;
	int			low[AXES_MAX];
	int			high[AXES_MAX];
	int			axis,
				r,
				f,
				m;

	for (axis = 0; axis < AXES_MAX; axis++)
	{
		bool		named = box->low[axis] != 0;

		low[axis] = named ? box->low[axis] : 1;
		high[axis] = named ? box->high[axis] : SCORE_MAX;
		if (box->high[axis] > rules->buckets)
			rules->buckets = box->high[axis];
		if (named && axis == AXES_MAX - 1)
			rules->axes = AXES_MAX;
	}
	for (r = low[0] - 1; r < high[0]; r++)
		for (f = low[1] - 1; f < high[1]; f++)
			for (m = low[2] - 1; m < high[2]; m++)
			{
				if (grid->owner[r][f][m] == NO_SEGMENT)
					grid->owner[r][f][m] = segment;
				else if (grid->owner[r][f][m] != segment)
					grid->rival[r][f][m] = segment;
			}
	memset(box, 0, sizeof(*box));
}

static bool
is_empty(const Box *box)
{
	int			axis;

	for (axis = 0; axis < AXES_MAX; axis++)
	{
		if (box->low[axis] != 0)
			return false;
	}
	return true;
}

/* Reads a rule's name and makes it the last segment. */
static const char *
read_name(Word name, SegmentRules *rules)
{
	int			i;

	if (name.length == 0 || is_separator(name) || resembles_cell(name))
		return "A rule begins with the name of its segment.";
	for (i = 0; i < name.length; i++)
	{
		if (!is_name_character(name.text[i]))
			return "A segment's name consists of letters, digits and underscores.";
	}
	if (name.length > SEGMENT_NAME_MAX)
		return "A segment's name has at most 63 bytes.";
	for (i = 0; i < rules->segments; i++)
	{
		if (same_word(rules->name[i], name))
			return "This segment has two rules; write its cells in one, separated by commas.";
	}
	if (rules->segments == SEGMENTS_MAX)
		return "A map has at most 255 segments.";
	rules->name[rules->segments++] = name;
	return NULL;
}

/* Reads the cells of a rule, up to its end. */
static const char *
read_cells(const char **cursor, SegmentRules *rules, Grid *grid)
{
	const char *complaint = NULL;
	bool		any = false;
	Box			box;
	Word		word;

	memset(&box, 0, sizeof(box));
	for (word = next_word(cursor);
		 word.length > 0 && !is_separator(word);
		 word = next_word(cursor))
	{
		bool		code = is_digit(word.text[0]);

		/* a code is a cell by itself, and a comma ends one */
		if ((code || word.text[0] == ',') && !is_empty(&box))
			claim(rules, grid, &box);
		if (word.text[0] == ',')
			continue;

		rules->at = word;
		complaint = code ? read_code(word, &box) : read_range(word, &box);
		if (complaint != NULL)
			return complaint;
		if (code)
			claim(rules, grid, &box);
		any = true;
	}
	if (!any)
		return "This segment has no cells: no customer could belong to it.";
	if (!is_empty(&box))
		claim(rules, grid, &box);
	*cursor = word.text;
	return NULL;
}

static const char *
read_rules(const char *cursor, SegmentRules *rules, Grid *grid)
{
	const char *complaint;

	do
	{
		rules->at = next_word(&cursor);
		complaint = read_name(rules->at, rules);
		if (complaint == NULL)
			complaint = read_cells(&cursor, rules, grid);
		if (complaint != NULL)
			return complaint;
	} while (next_word(&cursor).length > 0);

	if (rules->buckets < BUCKETS_MIN)
		return "The largest number in the rules is the number of buckets, and a map has at least 2.";
	return NULL;
}

/* The rules behind a built-in's name; any other text stands for itself. */
static const char *
rules_called(const char *text)
{
	const char *cursor = text;
	Word		word = next_word(&cursor);
	size_t		i;

	if (next_word(&cursor).length > 0)
		return text;
	for (i = 0; i < sizeof(built_in) / sizeof(built_in[0]); i++)
	{
		Word		name = {built_in[i].name, (int) strlen(built_in[i].name)};

		if (same_word(word, name))
			return built_in[i].rules;
	}
	return text;
}

/*
 * Reads a rule list or a built-in's name.  Afterwards `complaint` is set if
 * the text cannot be read; otherwise segment_rules_valid says whether it is a
 * map.  The names point into the text.
 */
void
segment_rules_read(SegmentRules *rules, const char *text)
{
	Grid		grid;
	int			cell;

	rules->buckets = 0;
	rules->axes = AXES_MAX - 1;
	rules->cells = 0;
	rules->segments = 0;
	memset(&grid, NO_SEGMENT, sizeof(grid));
	rules->complaint = read_rules(rules_called(text), rules, &grid);
	if (rules->complaint != NULL)
		return;

	rules->cells = segment_rules_cells(rules->buckets, rules->axes);
	for (cell = 0; cell < rules->cells; cell++)
	{
		int			r = segment_rules_score(rules, cell, 0) - 1;
		int			f = segment_rules_score(rules, cell, 1) - 1;
		int			m = rules->axes < AXES_MAX ? 0 : segment_rules_score(rules, cell, 2) - 1;

		rules->owner[cell] = grid.owner[r][f][m];
		rules->rival[cell] = grid.rival[r][f][m];
	}
}

/*
 * Total and disjoint?  A segment that is never given needs no check of its
 * own: each names a cell, so it has lost all of them to others.
 */
bool
segment_rules_valid(const SegmentRules *rules)
{
	int			cell;

	if (rules->complaint != NULL)
		return false;
	for (cell = 0; cell < rules->cells; cell++)
	{
		if (rules->owner[cell] == NO_SEGMENT || rules->rival[cell] != NO_SEGMENT)
			return false;
	}
	return true;
}

/* The number of cells: buckets to the power of axes. */
int
segment_rules_cells(int buckets, int axes)
{
	int			cells = 1;

	while (axes-- > 0)
		cells *= buckets;
	return cells;
}

/* The score that a cell stands for on one axis. */
int
segment_rules_score(const SegmentRules *rules, int cell, int axis)
{
	int			stride = segment_rules_cells(rules->buckets, rules->axes - 1 - axis);

	return rules->buckets - cell / stride % rules->buckets;
}

/* Is the segment the first to name some cell? */
bool
segment_rules_reached(const SegmentRules *rules, int segment)
{
	return memchr(rules->owner, segment, rules->cells) != NULL;
}

/* The smallest box around a segment's cells; do they fill it? */
static bool
fills_box(const SegmentRules *rules, int segment, Box *box)
{
	int			volume = 1;
	int			owned = 0;
	int			axis,
				cell;

	memset(box, 0, sizeof(*box));
	for (cell = 0; cell < rules->cells; cell++)
	{
		if (rules->owner[cell] != segment)
			continue;
		for (axis = 0; axis < rules->axes; axis++)
		{
			int			score = segment_rules_score(rules, cell, axis);

			if (owned == 0 || score < box->low[axis])
				box->low[axis] = score;
			if (owned == 0 || score > box->high[axis])
				box->high[axis] = score;
		}
		owned++;
	}
	for (axis = 0; axis < rules->axes; axis++)
		volume *= box->high[axis] - box->low[axis] + 1;
	return owned == volume;
}

static char *
print_box(const Box *box, int axes, char *out)
{
	int			axis;

	for (axis = 0; axis < axes; axis++)
	{
		out += sprintf(out, " %c%d", axis_letter[axis], box->low[axis]);
		if (box->high[axis] > box->low[axis])
			out += sprintf(out, "-%d", box->high[axis]);
	}
	return out;
}

static char *
print_codes(const SegmentRules *rules, int segment, char *out)
{
	int			axis,
				cell;

	for (cell = 0; cell < rules->cells; cell++)
	{
		if (rules->owner[cell] != segment)
			continue;
		*out++ = ' ';
		for (axis = 0; axis < rules->axes; axis++)
			*out++ = '0' + segment_rules_score(rules, cell, axis);
	}
	return out;
}

/*
 * Prints a valid map, in the order in which its segments were given: as
 * ranges where one cell of ranges says it all, else as codes from the best
 * down.  The room needed is SEGMENT_RULES_TEXT_MAX.
 */
void
segment_rules_print(const SegmentRules *rules, char *out)
{
	int			segment;

	for (segment = 0; segment < rules->segments; segment++)
	{
		Word		name = rules->name[segment];
		Box			box;

		if (segment > 0)
			out += sprintf(out, " | ");
		memcpy(out, name.text, name.length);
		out += name.length;
		if (fills_box(rules, segment, &box))
			out = print_box(&box, rules->axes, out);
		else
			out = print_codes(rules, segment, out);
	}
	*out = '\0';
}
