/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * xa_digest_hex - compare a digest with its hexadecimal form
 *
 * Pure code: compiles in the kernel and, for the unit test, on the host.
 */
#ifndef _XA_DIGEST_HEX_H
#define _XA_DIGEST_HEX_H

#include <linux/types.h>
#ifndef __KERNEL__
#include <stdbool.h>
#endif

/* 0-9 or a-f; no branch and no table that a digit could be timed by */
static inline __u32 xa_digest_hex_digit(__u32 n)
{
	return '0' + n + ((9 - n) >> 8 & ('a' - '0' - 10));
}

/**
 * xa_digest_hex_equal - whether hexadecimal digits stand for a digest
 * @digest:   the digest
 * @size:     its bytes
 * @hex:      lower-case digits, not terminated
 * @hex_size: how many; anything but 2 * @size is not equal
 *
 * The time depends on the sizes only, not on where the two differ.
 *
 * Context: any.
 * Return: true if they do.
 */
static inline bool xa_digest_hex_equal(const __u8 *digest, unsigned int size,
				       const __u8 *hex, unsigned int hex_size)
{
	unsigned int i;
	__u32 diff = 0;

	if (hex_size / 2 != size || hex_size % 2 != 0)
		return false;
	for (i = 0; i < size; ++i) {
		diff |= hex[2 * i] ^ xa_digest_hex_digit(digest[i] >> 4);
		diff |= hex[2 * i + 1] ^ xa_digest_hex_digit(digest[i] & 15);
		/* the compiler shall not find out that it could stop here */
		__asm__ ("" : "+r" (diff));
	}
	return diff == 0;
}

/**
 * xa_digest_equal - whether two digests are equal
 * @a:    one
 * @b:    the other
 * @size: bytes of both
 *
 * The time depends on the size only, not on where the two differ.
 *
 * Context: any.
 * Return: true if they are.
 */
static inline bool xa_digest_equal(const __u8 *a, const __u8 *b, unsigned int size)
{
	unsigned int i;
	__u32 diff = 0;

	for (i = 0; i < size; ++i) {
		diff |= a[i] ^ b[i];
		/* the compiler shall not find out that it could stop here */
		__asm__ ("" : "+r" (diff));
	}
	return diff == 0;
}

#endif /* _XA_DIGEST_HEX_H */
