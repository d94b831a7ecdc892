/*
 * segment_map.h
 *	  The type segment_map: which segment each cell of the score grid is in.
 *
 *	 | length word 8 or 32 | buckets 8 | axes 8 | segments 8 |
 *	 | one byte a cell: the number of its segment |
 *	 | for each segment: length of its name 8, name |
 *
 * Cells are numbered as in segment_rules.h and segments in the order in which
 * they were written, so equal maps have equal bytes, and finding a segment is
 * one look-up.
 */
#ifndef CRM_SEGMENT_MAP_H
#define CRM_SEGMENT_MAP_H

#include "rfm/score.h"

typedef struct varlena SegmentMap;

#define PG_GETARG_SEGMENT_MAP(n) ((SegmentMap *) PG_GETARG_VARLENA_PP(n))

extern char *segment_map_text(const SegmentMap *map);
extern bool segment_map_find(const SegmentMap *map, RfmScore score, Word *name);

#endif							/* CRM_SEGMENT_MAP_H */
