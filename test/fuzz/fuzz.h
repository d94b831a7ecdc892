/*
 * fuzz.h
 *	  What the harnesses share: input taken bit by bit, memory of exactly the
 *	  size asked for (so that the sanitizer sees the first byte too many), and
 *	  claims that abort when they do not hold.
 */
#ifndef CRM_FUZZ_H
#define CRM_FUZZ_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define CLAIM(condition) \
	do { \
		if (!(condition)) \
		{ \
			fprintf(stderr, "%s:%d: does not hold: %s\n", __FILE__, __LINE__, #condition); \
			abort(); \
		} \
	} while (0)

/* Input that was not used yet; what is behind its end reads as zeros. */
typedef struct Input
{
	const uint8_t *at;
	size_t		size;
} Input;

static inline uint64_t
take(Input *input, size_t bytes)
{
	uint64_t	value = 0;

	while (bytes-- > 0)
	{
		value = value << 8 | (input->size > 0 ? *input->at : 0);
		if (input->size > 0)
		{
			input->at++;
			input->size--;
		}
	}
	return value;
}

/* Memory of n elements; never NULL. */
static inline void *
exactly(size_t n, size_t size)
{
	void	   *memory = malloc(n * size);

	CLAIM(memory != NULL || n * size == 0);
	return memory != NULL ? memory : malloc(1);
}

static inline void *
copy_of(const void *bytes, size_t size)
{
	void	   *copy = exactly(size, 1);

	if (size > 0)
		memcpy(copy, bytes, size);
	return copy;
}

extern int	LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#endif							/* CRM_FUZZ_H */
