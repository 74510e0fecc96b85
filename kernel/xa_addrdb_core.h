/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * xa_addrdb_core - from an address to its class, in a few dependent loads
 *
 * DOC: the table
 *
 * The input is a sorted list of boundaries: "from this address on, class C".
 * A class is a number; what it stands for is none of this file's business.
 *
 * The table is a trie whose nodes differ in width. An entry, a u32, is
 *
 *	leaf	the class of all addresses below
 *	table	2^d entries, indexed by the next d bits of the address; d grows
 *		with the number of boundaries below, so crowded regions are
 *		crossed in one step and empty ones cost nothing
 *	bucket	up to 16 boundaries, as narrow keys (16, 32 or 64 bits of what
 *		is left of the address), searched by counting
 *	deep	a bucket of any size whose keys have the rest of all 128 bits;
 *		only for boundaries that are finer than an IPv6 /64
 *
 * Everything lies in one array of u32 ("the arena"), so a table is one
 * allocation, immutable once built, and freed in one go. Example: IPv4,
 * boundaries 0.0.0.0 -> 0, 10.0.0.0 -> 1, 10.0.3.0 -> 2, 10.1.0.0 -> 0.
 * Four boundaries get a root of 4 bits; all four lie below its first entry:
 *
 *	arena[0]       bucket of three 32-bit keys at 16
 *	arena[1..15]   leaf 0
 *	arena[16..18]  0xa0100000 0xa0003000 0xa0000000: the addresses without
 *	               the root's 4 bits, left-justified, descending
 *	arena[19..20]  u16 values 0 2 1 0
 *
 * 10.0.2.7 is 0xa0002070 there: two keys are greater, value 2 says class 1.
 *
 * A bucket's value is found by the number of keys greater than the address:
 * all of them greater means the class before the first boundary, which is
 * the last value. That order lets a key list be padded with zeros.
 *
 * What a look-up costs is loads that depend on each other: of the root, of the
 * tables below and of the bucket. Of the 385,372 IPv4 ranges in Debian's
 * tor-geoipdb 83 % take three at most, the others four or five; of the 276,389
 * in IPv6 74 % take five at most, a few up to 14. The root, 256 KiB, is in some
 * cache; what is behind it need not be.
 *
 * The same source compiles in the kernel and on the host (tests, fuzzer).
 */
#ifndef _XA_ADDRDB_CORE_H
#define _XA_ADDRDB_CORE_H

#include "xa_addrdb_pure.h"

/* Most classes of a table, and most boundaries of a family. */
#define XA_ADDRDB_MAX_CLASSES	(1U << 20)
#define XA_ADDRDB_MAX_BOUNDS	(1U << 22)

/**
 * struct xa_addrdb_bounds - where classes begin
 * @hi:    ascending addresses: the upper half of an IPv6 address, or an IPv4
 *         address in the upper 32 bits. The first boundary is address 0
 * @lo:    lower halves of IPv6 addresses, NULL for IPv4
 * @class: class from there on, below %XA_ADDRDB_MAX_CLASSES
 * @n:     length of the arrays, at least 1
 */
struct xa_addrdb_bounds {
	const u64 *hi;
	const u64 *lo;
	const u32 *class;
	u32 n;
};

/**
 * struct xa_addrdb_table - a lookup structure of one family, immutable
 * @arena: tables and buckets; the root table begins at 0
 * @words: length of @arena
 * @shift: 64 - bits of the root's index
 * @wide:  bucket values are u32 instead of u16
 */
struct xa_addrdb_table {
	u32 *arena;
	u32 words;
	u8 shift;
	bool wide;
};

enum {
	XA_ADDRDB_LEAF		= 1U << 31,
	XA_ADDRDB_BUCKET	= 1U << 30,

	/* table: bits of the index */
	XA_ADDRDB_BITS_SHIFT	= 26,
	XA_ADDRDB_BITS_MASK	= 0xf,

	/* bucket: kind of the keys, their number less one */
	XA_ADDRDB_KIND_SHIFT	= 28,
	XA_ADDRDB_KIND_MASK	= 3,
	XA_ADDRDB_KEYS_SHIFT	= 24,
	XA_ADDRDB_KEYS_MASK	= 0xf,

	/* both: place in the arena */
	XA_ADDRDB_OFFSET_MASK	= (1U << 24) - 1,
};

enum xa_addrdb_kind {
	XA_ADDRDB_KEY16,
	XA_ADDRDB_KEY32,
	XA_ADDRDB_KEY64,
	XA_ADDRDB_DEEP,
};

int xa_addrdb_table_create(struct xa_addrdb_table *t,
			   const struct xa_addrdb_bounds *b);
void xa_addrdb_table_destroy(struct xa_addrdb_table *t);
u32 xa_addrdb_deep(const u32 *p, u64 key, u64 lo, bool wide);

static inline u32 xa_addrdb_value(const u32 *values, u32 i, bool wide)
{
	return wide ? values[i] : ((const u16 *)values)[i];
}

static inline u32 xa_addrdb_bucket(const u32 *p, u32 e, u64 key, u64 lo,
				   bool wide)
{
	u32 n = ((e >> XA_ADDRDB_KEYS_SHIFT) & XA_ADDRDB_KEYS_MASK) + 1;
	u32 i, greater = 0;

	switch ((e >> XA_ADDRDB_KIND_SHIFT) & XA_ADDRDB_KIND_MASK) {
	case XA_ADDRDB_KEY16:
		n = (n + 1) / 2;
		for (i = 0; i < n; i++, p++) {
			greater += ((const u16 *)p)[0] > (u16)(key >> 48);
			greater += ((const u16 *)p)[1] > (u16)(key >> 48);
		}
		break;
	case XA_ADDRDB_KEY32:
		for (i = 0; i < n; i++, p++)
			greater += *p > (u32)(key >> 32);
		break;
	case XA_ADDRDB_KEY64:
		for (i = 0; i < n; i++, p += 2)
			greater += *(const u64 *)p > key;
		break;
	default:
		return xa_addrdb_deep(p, key, lo, wide);
	}
	return xa_addrdb_value(p, greater, wide);
}

static inline u32 xa_addrdb_walk(const struct xa_addrdb_table *t, u64 key,
				 u64 lo)
{
	const u32 *arena = t->arena;
	u32 e = arena[key >> t->shift];
	u32 bits = 64 - t->shift;

	while (!(e & XA_ADDRDB_LEAF)) {
		key <<= bits;
		if (e & XA_ADDRDB_BUCKET)
			return xa_addrdb_bucket(arena + (e & XA_ADDRDB_OFFSET_MASK),
						e, key, lo, t->wide);
		bits = (e >> XA_ADDRDB_BITS_SHIFT) & XA_ADDRDB_BITS_MASK;
		e = arena[(e & XA_ADDRDB_OFFSET_MASK) + (key >> (64 - bits))];
	}
	return e & ~XA_ADDRDB_LEAF;
}

/**
 * xa_addrdb_lookup4 - the class of an IPv4 address
 * @t:    table built without &xa_addrdb_bounds.lo
 * @addr: host byte order
 *
 * Context: any; the caller keeps @t alive.
 */
static inline u32 xa_addrdb_lookup4(const struct xa_addrdb_table *t, u32 addr)
{
	return xa_addrdb_walk(t, (u64)addr << 32, 0);
}

/**
 * xa_addrdb_lookup6 - the class of an IPv6 address
 * @t:  table built with &xa_addrdb_bounds.lo
 * @hi: upper half of the address, host byte order
 * @lo: lower half
 *
 * Context: any; the caller keeps @t alive.
 */
static inline u32 xa_addrdb_lookup6(const struct xa_addrdb_table *t, u64 hi,
				    u64 lo)
{
	return xa_addrdb_walk(t, hi, lo);
}

#endif /* _XA_ADDRDB_CORE_H */
