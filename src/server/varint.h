/*
 * varint.h
 *	  Whole numbers of seven bits a byte, least significant first; the top bit
 *	  is set on all bytes but the last.  Pure code.
 */
#ifndef CRM_VARINT_H
#define CRM_VARINT_H

#include <stdbool.h>
#include <stdint.h>

/* 63 bits in bytes of seven. */
#define VARINT_MAX_SIZE 9

/* Days between visits and amounts in cents mostly have two bytes: those go without the loop. */
static inline uint8_t *
varint_put(uint8_t *out, uint64_t value)
{
	if (value - 0x80 < 0x4000 - 0x80)
	{
		out[0] = (uint8_t) (value | 0x80);
		out[1] = (uint8_t) (value >> 7);
		return out + 2;
	}
	for (; value >= 0x80; value >>= 7)
		*out++ = (uint8_t) (value | 0x80);
	*out++ = (uint8_t) value;
	return out;
}

/* Reads a number below 2^63; a longer one, or one that runs out, sets *damaged. */
static inline uint64_t
varint_get(const uint8_t **at, const uint8_t *end, bool *damaged)
{
	const uint8_t *byte = *at;
	uint64_t	value = 0;

	if (end - byte >= 2 && byte[0] >= 0x80 && byte[1] < 0x80)
	{
		*at += 2;
		return (uint64_t) byte[1] << 7 | (byte[0] & 0x7F);
	}
	for (int shift = 0; *at < end && shift < 63; shift += 7)
	{
		uint8_t		next = *(*at)++;

		value |= (uint64_t) (next & 0x7F) << shift;
		if (next < 0x80)
			return value;
	}
	*damaged = true;
	return 0;
}

/* Signed numbers as unsigned ones, small magnitudes first: 0 -1 1 -2 2 ... */
static inline uint64_t
zigzag(int64_t value)
{
	return value < 0 ? ~((uint64_t) value << 1) : (uint64_t) value << 1;
}

static inline int64_t
unzigzag(uint64_t value)
{
	return (int64_t) (value >> 1) ^ -(int64_t) (value & 1);
}

#endif							/* CRM_VARINT_H */
