/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * radix - sort millions of records by address: stable, in linear time
 *
 * Included where it is used, so that the size of a record is known to the
 * compiler. Digits are of 16 bits, the least one first; one that is the same
 * in all records, as most of those of an IPv6 address are, costs no move.
 */
#ifndef _ADDRDB_RADIX_H
#define _ADDRDB_RADIX_H

#include <stdlib.h>
#include <string.h>

#include "addrdb.h"

#define XA_RADIX_ADDR	8	/* digits of an address */

static inline uint16_t xa_radix_addr(struct xa_addr a, unsigned int digit)
{
	return (digit < 4 ? a.lo : a.hi) >> (16 * (digit & 3));
}

typedef uint16_t xa_radix_digit(const void *record, unsigned int digit);

/* Return: false if it was not done: few records, or no memory */
static inline bool xa_radix_sort(void *records, size_t n, size_t size, unsigned int digits,
				 xa_radix_digit *digit_of)
{
	char *from = records, *to = NULL, *spare, *swap;
	size_t *start = NULL, i, sum, count;
	unsigned int d;

	if (n > 4096) {
		to = malloc(n * size);
		start = malloc(65536 * sizeof(*start));
	}
	spare = to;
	for (d = 0; to && start && d < digits; d++) {
		memset(start, 0, 65536 * sizeof(*start));
		for (i = 0; i < n; i++)
			start[digit_of(from + i * size, d)]++;
		if (start[digit_of(from, d)] == n)
			continue;
		for (i = 0, sum = 0; i < 65536; i++, sum += count) {
			count = start[i];
			start[i] = sum;
		}
		for (i = 0; i < n; i++)
			memcpy(to + start[digit_of(from + i * size, d)]++ * size,
			       from + i * size, size);
		swap = from;
		from = to;
		to = swap;
	}
	if (spare && start && from != records)
		memcpy(records, from, n * size);
	free(start);
	free(spare);
	return spare && d == digits;
}

#endif /* _ADDRDB_RADIX_H */
