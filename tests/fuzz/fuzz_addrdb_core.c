// SPDX-License-Identifier: GPL-2.0-only
/*
 * fuzz_addrdb_core - the table builder of the address database: bytes become boundaries, once as
 * they are (the builder must refuse what is not sorted) and once sorted (the
 * table must then agree with a plain search at every boundary).
 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "../../kernel/xa_addrdb_core.h"

#define MOST 4096U

static u64 hi[MOST + 1], lo[MOST + 1];
static u32 class[MOST + 1];

struct record {
	u64 hi;
	u64 lo;
	u32 class;
} __attribute__((packed));

static int order(const void *a, const void *b)
{
	const struct record *x = a, *y = b;

	if (x->hi != y->hi)
		return x->hi < y->hi ? -1 : 1;
	return x->lo < y->lo ? -1 : x->lo > y->lo;
}

static u32 plain(u32 n, u64 h, u64 l)
{
	while (n-- > 1)
		if (hi[n] < h || (hi[n] == h && lo[n] <= l))
			break;
	return class[n];
}

static void check(bool six, u32 n)
{
	struct xa_addrdb_bounds b = { hi, six ? lo : NULL, class, n };
	struct xa_addrdb_table t;
	u32 i;

	if (xa_addrdb_table_create(&t, &b))
		return;
	for (i = 0; i < n; i++) {
		u64 h = hi[i], l = six ? lo[i] - 1 : 0;	/* the address before */

		if (!six || !lo[i])
			h -= six ? 1 : 1ULL << 32;
		if (xa_addrdb_walk(&t, hi[i], lo[i]) != class[i] ||
		    xa_addrdb_walk(&t, h, l) != plain(n, h, l))
			abort();
	}
	xa_addrdb_table_destroy(&t);
}

static u32 fill(const struct record *r, u32 n, bool six)
{
	u32 i, at = 1;

	hi[0] = lo[0] = class[0] = 0;
	for (i = 0; i < n; i++) {
		hi[at] = six ? r[i].hi : r[i].hi & ~0ULL << 32;
		lo[at] = six ? r[i].lo : 0;
		class[at] = r[i].class % XA_ADDRDB_MAX_CLASSES;
		at += hi[at] > hi[at - 1] || (hi[at] == hi[at - 1] && lo[at] > lo[at - 1]);
	}
	return at;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct record r[MOST];
	u32 n, i;
	bool six;

	if (!size)
		return 0;
	six = *data & 1;
	n = (size - 1) / sizeof(*r);
	n = n < MOST ? n : MOST;
	memcpy(r, data + 1, n * sizeof(*r));
	for (i = 0; i < n; i++) {
		hi[i] = r[i].hi;
		lo[i] = six ? r[i].lo : 0;
		class[i] = r[i].class;
	}
	check(six, n);
	qsort(r, n, sizeof(*r), order);
	check(six, fill(r, n, six));
	return 0;
}
