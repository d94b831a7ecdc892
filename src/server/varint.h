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

static inline uint8_t *
varint_put(uint8_t *out, uint64_t value)
{
	for (; value >= 0x80; value >>= 7)
		*out++ = (uint8_t) (value | 0x80);
	*out++ = (uint8_t) value;
	return out;
}

/* Reads a number below 2^63; a longer one, or one that runs out, sets *damaged. */
static inline uint64_t
varint_get(const uint8_t **at, const uint8_t *end, bool *damaged)
{
	uint64_t	value = 0;

	for (int shift = 0; *at < end && shift < 63; shift += 7)
	{
		uint8_t		byte = *(*at)++;

		value |= (uint64_t) (byte & 0x7F) << shift;
		if (byte < 0x80)
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
