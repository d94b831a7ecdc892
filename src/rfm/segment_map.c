/*
 * segment_map.c
 *	  The type segment_map and rfm_segment.  What a rule list means is decided
 *	  in segment_rules.c; here it is stored, sent, and complained about.
 */
#include "postgres.h"

#include "rfm/segment_map.h"

#include "lib/stringinfo.h"
#include "libpq/pqformat.h"
#include "mb/pg_wchar.h"
#include "server/compat.h"
#include "utils/builtins.h"

/* The first byte of the binary form; the rule list follows as text. */
#define SEGMENT_MAP_WIRE_VERSION	1

/* So many cells or segments an error lists; it counts the rest. */
#define LISTED_MAX	12

/* The stored form, as segment_map.h draws it. */
typedef struct MapHeader
{
	uint8		buckets;
	uint8		axes;
	uint8		segments;
	uint8		owner[FLEXIBLE_ARRAY_MEMBER];
} MapHeader;

/* A list within an error's detail. */
typedef struct Listing
{
	StringInfo	out;
	int			listed;
} Listing;

/* Writes the heading or the comma; false once enough has been listed. */
static bool
listing_next(Listing *listing, const char *heading)
{
	if (listing->listed++ >= LISTED_MAX)
		return false;
	if (listing->listed > 1)
		appendStringInfoString(listing->out, ", ");
	else
		appendStringInfo(listing->out, "%s%s: ", listing->out->len > 0 ? " " : "", heading);
	return true;
}

static void
listing_end(Listing *listing)
{
	if (listing->listed > LISTED_MAX)
		appendStringInfo(listing->out, " and %d more", listing->listed - LISTED_MAX);
	if (listing->listed > 0)
		appendStringInfoChar(listing->out, '.');
}

static void
append_cell(StringInfo out, const SegmentRules *rules, int cell)
{
	int			axis;

	for (axis = 0; axis < rules->axes; axis++)
		appendStringInfo(out, "%s%c%d", axis > 0 ? " " : "", "RFM"[axis],
						 segment_rules_score(rules, cell, axis));
}

static void
append_word(StringInfo out, Word word)
{
	appendBinaryStringInfo(out, word.text, word.length);
}

static void
list_missing(StringInfo out, const SegmentRules *rules)
{
	Listing		listing = {out, 0};
	int			cell;

	for (cell = 0; cell < rules->cells; cell++)
	{
		if (rules->owner[cell] == NO_SEGMENT &&
			listing_next(&listing, "In no segment"))
			append_cell(out, rules, cell);
	}
	listing_end(&listing);
}

static void
list_doubled(StringInfo out, const SegmentRules *rules)
{
	Listing		listing = {out, 0};
	int			cell;

	for (cell = 0; cell < rules->cells; cell++)
	{
		if (rules->rival[cell] == NO_SEGMENT ||
			!listing_next(&listing, "In more than one"))
			continue;
		append_cell(out, rules, cell);
		appendStringInfoString(out, " (");
		append_word(out, rules->name[rules->owner[cell]]);
		appendStringInfoString(out, " and ");
		append_word(out, rules->name[rules->rival[cell]]);
		appendStringInfoChar(out, ')');
	}
	listing_end(&listing);
}

static void
list_unreachable(StringInfo out, const SegmentRules *rules)
{
	Listing		listing = {out, 0};
	int			segment;

	for (segment = 0; segment < rules->segments; segment++)
	{
		if (!segment_rules_reached(rules, segment) &&
			listing_next(&listing, "Never reached, as earlier segments hold all of their cells"))
			append_word(out, rules->name[segment]);
	}
	listing_end(&listing);
}

/* The text cannot be read: says where and why. */
static void
complain_of_text(const SegmentRules *rules)
{
	/* an overlong word is cut, but not within a character */
	int			shown = pg_mbcliplen(rules->at.text, rules->at.length, SEGMENT_NAME_MAX);

	ereport(ERROR,
			(errcode(ERRCODE_INVALID_TEXT_REPRESENTATION),
			 rules->at.length > 0 ?
			 errmsg("invalid segment map at \"%.*s\"", shown, rules->at.text) :
			 errmsg("invalid segment map: a rule is missing at its end"),
			 errdetail("%s", rules->complaint),
			 errhint("Write rules such as \"good R4-5 F3-5 | fair R4-5 F1-2 | poor R1-3\", or the name of a built-in map: rf25, rfm125 or rfm27.")));
}

/* The text can be read, but is no map: says which cells are wrong. */
static void
complain_of_cells(const SegmentRules *rules)
{
	StringInfoData detail;

	initStringInfo(&detail);
	list_missing(&detail, rules);
	list_doubled(&detail, rules);
	list_unreachable(&detail, rules);
	ereport(ERROR,
			(errcode(ERRCODE_INVALID_TEXT_REPRESENTATION),
			 errmsg("segment map must give every cell exactly one segment"),
			 errdetail_internal("%s", detail.data),
			 errhint("The largest number in the rules is %d, so the scores 1 to %d of %s must be covered, each combination once.",
					 rules->buckets, rules->buckets,
					 rules->axes == AXES_MAX ? "R, F and M" : "R and F")));
}

static SegmentMap *
pack(const SegmentRules *rules)
{
	Size		size = offsetof(MapHeader, owner) + rules->cells;
	SegmentMap *map;
	MapHeader  *header;
	uint8	   *next;
	int			segment;

	for (segment = 0; segment < rules->segments; segment++)
		size += 1 + rules->name[segment].length;
	map = palloc(VARHDRSZ + size);
	SET_VARSIZE(map, VARHDRSZ + size);

	header = (MapHeader *) VARDATA(map);
	header->buckets = rules->buckets;
	header->axes = rules->axes;
	header->segments = rules->segments;
	memcpy(header->owner, rules->owner, rules->cells);
	next = header->owner + rules->cells;
	for (segment = 0; segment < rules->segments; segment++)
	{
		Word		name = rules->name[segment];

		*next++ = name.length;
		memcpy(next, name.text, name.length);
		next += name.length;
	}
	return map;
}

/* The names stay in the map. */
static void
unpack(const SegmentMap *map, SegmentRules *rules)
{
	const MapHeader *header = (const MapHeader *) VARDATA_ANY(map);
	const uint8 *next;
	int			segment;

	rules->buckets = header->buckets;
	rules->axes = header->axes;
	rules->cells = segment_rules_cells(header->buckets, header->axes);
	rules->segments = header->segments;
	memcpy(rules->owner, header->owner, rules->cells);
	next = header->owner + rules->cells;
	for (segment = 0; segment < rules->segments; segment++)
	{
		rules->name[segment].length = *next++;
		rules->name[segment].text = (const char *) next;
		next += rules->name[segment].length;
	}
}

static SegmentMap *
parse(const char *text)
{
	SegmentRules rules;

	segment_rules_read(&rules, text);
	if (rules.complaint != NULL)
		complain_of_text(&rules);
	if (!segment_rules_valid(&rules))
		complain_of_cells(&rules);
	return pack(&rules);
}

char *
segment_map_text(const SegmentMap *map)
{
	SegmentRules rules;
	char	   *text = palloc(SEGMENT_RULES_TEXT_MAX);

	unpack(map, &rules);
	segment_rules_print(&rules, text);
	return text;
}

CRM_FUNCTION(crm_segment_map_in);
Datum
crm_segment_map_in(PG_FUNCTION_ARGS)
{
	PG_RETURN_POINTER(parse(PG_GETARG_CSTRING(0)));
}

CRM_FUNCTION(crm_segment_map_out);
Datum
crm_segment_map_out(PG_FUNCTION_ARGS)
{
	PG_RETURN_CSTRING(segment_map_text(PG_GETARG_SEGMENT_MAP(0)));
}

/*
 * The binary form is a version byte and the rule list, in the client's
 * encoding because of the names.  It is read like any other text, so there is
 * nothing to forge.
 */
CRM_FUNCTION(crm_segment_map_recv);
Datum
crm_segment_map_recv(PG_FUNCTION_ARGS)
{
	StringInfo	buf = (StringInfo) PG_GETARG_POINTER(0);
	int			version = pq_getmsgbyte(buf);
	int			length;
	char	   *text;

	if (version != SEGMENT_MAP_WIRE_VERSION)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_BINARY_REPRESENTATION),
				 errmsg("binary segment map has version %d, expected %d",
						version, SEGMENT_MAP_WIRE_VERSION)));
	text = pq_getmsgtext(buf, buf->len - buf->cursor, &length);
	PG_RETURN_POINTER(parse(text));
}

CRM_FUNCTION(crm_segment_map_send);
Datum
crm_segment_map_send(PG_FUNCTION_ARGS)
{
	char	   *text = segment_map_text(PG_GETARG_SEGMENT_MAP(0));
	StringInfoData buf;

	pq_begintypsend(&buf);
	pq_sendbyte(&buf, SEGMENT_MAP_WIRE_VERSION);
	pq_sendtext(&buf, text, strlen(text));
	PG_RETURN_BYTEA_P(pq_endtypsend(&buf));
}

static void
append_json_cells(StringInfo out, const SegmentRules *rules, int segment)
{
	const char *separator = "";
	int			axis,
				cell;

	for (cell = 0; cell < rules->cells; cell++)
	{
		if (rules->owner[cell] != segment)
			continue;
		appendStringInfoString(out, separator);
		for (axis = 0; axis < rules->axes; axis++)
			appendStringInfo(out, "%d", segment_rules_score(rules, cell, axis));
		separator = ", ";
	}
}

/* Names need no escaping: they consist of letters, digits and underscores. */
CRM_FUNCTION(crm_segment_map_to_json);
Datum
crm_segment_map_to_json(PG_FUNCTION_ARGS)
{
	SegmentRules rules;
	StringInfoData out;
	int			segment;

	unpack(PG_GETARG_SEGMENT_MAP(0), &rules);
	initStringInfo(&out);
	appendStringInfo(&out, "{\"buckets\": %d, \"axes\": \"%.*s\", \"segments\": [",
					 rules.buckets, rules.axes, "RFM");
	for (segment = 0; segment < rules.segments; segment++)
	{
		appendStringInfo(&out, "%s{\"segment\": \"", segment > 0 ? ", " : "");
		append_word(&out, rules.name[segment]);
		appendStringInfoString(&out, "\", \"cells\": [");
		append_json_cells(&out, &rules, segment);
		appendStringInfoString(&out, "]}");
	}
	appendStringInfoString(&out, "]}");
	PG_RETURN_TEXT_P(cstring_to_text_with_len(out.data, out.len));
}

/* A score from another number of buckets is noticed if it is too high. */
static void
check_buckets(int buckets, RfmScore score)
{
	int			axis;

	for (axis = 0; axis < AXES_MAX; axis++)
	{
		if (score.axis[axis] > buckets)
			ereport(ERROR,
					(errcode(ERRCODE_NUMERIC_VALUE_OUT_OF_RANGE),
					 errmsg("score %c = %d is outside the scores 1 to %d of the segment map",
							"rfm"[axis], score.axis[axis], buckets),
					 errhint("Score by a scheme of %d buckets, such as rfm_scheme(h, as_of, %d), or use a map with more.",
							 buckets, buckets)));
	}
}

/* False if a score that the map needs is unknown. */
bool
segment_map_find(const SegmentMap *map, RfmScore score, Word *name)
{
	const MapHeader *header = (const MapHeader *) VARDATA_ANY(map);
	const uint8 *next;
	int			cell = 0;
	int			axis,
				segment;

	check_buckets(header->buckets, score);
	for (axis = 0; axis < header->axes; axis++)
	{
		if (score.axis[axis] == SCORE_UNKNOWN)
			return false;
		cell = cell * header->buckets + header->buckets - score.axis[axis];
	}
	next = header->owner + segment_rules_cells(header->buckets, header->axes);
	for (segment = header->owner[cell]; segment > 0; segment--)
		next += 1 + *next;
	name->length = *next;
	name->text = (const char *) next + 1;
	return true;
}

CRM_FUNCTION(crm_rfm_segment);
Datum
crm_rfm_segment(PG_FUNCTION_ARGS)
{
	RfmScore	score = rfm_score_read(PG_GETARG_HEAPTUPLEHEADER(0));
	Word		name;

	if (!segment_map_find(PG_GETARG_SEGMENT_MAP(1), score, &name))
		PG_RETURN_NULL();
	PG_RETURN_TEXT_P(cstring_to_text_with_len(name.text, name.length));
}
