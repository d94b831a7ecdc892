/*
 * money.h
 *	  Amounts that a reference keeps (cut points, thresholds): exact decimals,
 *	  each with the smallest scale that holds it, so that equal amounts are
 *	  equal bytes.
 */
#ifndef CRM_MONEY_H
#define CRM_MONEY_H

#include "history/history.h"
#include "server/text_scanner.h"

/* A zigzag varint of units, and the scale. */
#define MONEY_MAX_SIZE 10

extern int	money_compare(__int128 a, int a_scale, __int128 b, int b_scale);
extern Decimal money_reduced(int64 units, int scale);
extern Decimal money_from_numeric(Datum amount, const char *what);

extern uint8 *money_put(uint8 *out, Decimal amount);
extern Decimal money_get(const uint8 **at, const uint8 *end, bool *damaged);

extern void money_append(StringInfo out, Decimal amount);
extern Decimal money_take(TextScanner *scanner);

#endif							/* CRM_MONEY_H */
