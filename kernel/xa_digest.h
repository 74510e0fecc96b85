/* SPDX-License-Identifier: GPL-2.0-only */
/* xa_digest - keyed and plain digests for the packet path */
#ifndef _XA_DIGEST_H
#define _XA_DIGEST_H

#include <linux/types.h>

#include "xa_digest_hex.h"

struct xa_digest;

/* Bytes that the largest digest has; for buffers of callers. */
#define XA_DIGEST_MAX	64

/**
 * struct xa_digest_part - a piece of what is digested
 * @data: first byte, may be NULL if there is none
 * @size: bytes
 */
struct xa_digest_part {
	const void *data;
	unsigned int size;
};

struct xa_digest *xa_digest_load(const char *alg);
struct xa_digest *xa_digest_create(const char *alg, const u8 *key,
				   unsigned int key_size);
void xa_digest_destroy(struct xa_digest *d);
unsigned int xa_digest_size(const struct xa_digest *d);
int xa_digest_compute(struct xa_digest *d, const struct xa_digest_part *parts,
		      unsigned int n, u8 *out);

#endif /* _XA_DIGEST_H */
