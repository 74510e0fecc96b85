// SPDX-License-Identifier: GPL-2.0-only
/* 6.1 has kmalloc_size_roundup(). */
#include <linux/slab.h>

size_t probe(size_t size);
size_t probe(size_t size)
{
	return kmalloc_size_roundup(size);
}
