/* SPDX-License-Identifier: GPL-2.0-only */
/* xa_addrdb_pure - what the pure parts need, in the kernel and on the host */
#ifndef _XA_ADDRDB_PURE_H
#define _XA_ADDRDB_PURE_H

#ifdef __KERNEL__

#include <linux/errno.h>
#include <linux/log2.h>
#include <linux/mm.h>
#include <linux/overflow.h>
#include <linux/sched.h>
#include <linux/slab.h>
#include <linux/string.h>
#include <linux/types.h>

#else /* the host: unit tests and fuzzers */

#include <errno.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <linux/types.h>

typedef __u8 u8;
typedef __u16 u16;
typedef __u32 u32;
typedef __u64 u64;

enum { GFP_KERNEL_ACCOUNT };

static inline void *kvmalloc_array(size_t n, size_t size, int gfp)
{
	(void)gfp;
	return calloc(n, size);
}

#define kvcalloc		kvmalloc_array
#define kzalloc(size, gfp)	kvmalloc_array(1, size, gfp)
#define kvfree			free
#define kfree			free
#define cond_resched()		((void)0)
#define ilog2(n)		(31 - __builtin_clz(n))

#endif

#endif /* _XA_ADDRDB_PURE_H */
