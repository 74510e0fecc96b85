/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef _COMPAT_LINUX_SLAB_H
#define _COMPAT_LINUX_SLAB_H

#include_next <linux/slab.h>

#ifndef XA_HAVE_kmalloc_size_roundup	/* drop with support for < 6.1 */
#include <linux/log2.h>
#include <linux/mm.h>

static inline size_t kmalloc_size_roundup(size_t size)
{
	if (size > KMALLOC_MAX_CACHE_SIZE)
		return PAGE_SIZE << get_order(size);
	if (KMALLOC_MIN_SIZE <= 32 && size > 64 && size <= 96)
		return 96;
	if (KMALLOC_MIN_SIZE <= 64 && size > 128 && size <= 192)
		return 192;
	return max_t(size_t, roundup_pow_of_two(size), KMALLOC_MIN_SIZE);
}
#endif

#endif /* _COMPAT_LINUX_SLAB_H */
