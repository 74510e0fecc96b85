// SPDX-License-Identifier: GPL-2.0-only
/*
 * xa_addrdb_core - build the lookup table of an address database
 *
 * The table is built twice by the same code: without an arena to learn its
 * size, then into one of exactly that size. Time is linear in the number of
 * boundaries. No state, no locks; the kernel's caller may sleep.
 */
#include "xa_addrdb_core.h"

/* Chosen by measurement: tests/unit/addrdb_core --bench with other values. */
#ifndef XA_ADDRDB_BUCKET_MAX
#define XA_ADDRDB_BUCKET_MAX	12U	/* boundaries, at most 16 */
#endif
#ifndef XA_ADDRDB_CROWD
#define XA_ADDRDB_CROWD		1	/* log2 of boundaries per table entry */
#endif
#define XA_ADDRDB_MIN_BITS	4U	/* bounds the depth: 64 / 4 */
#define XA_ADDRDB_MAX_BITS	12U
#define XA_ADDRDB_ROOT_BITS	16U
#define XA_ADDRDB_MAX_WORDS	(XA_ADDRDB_OFFSET_MASK + 1U)

/* What the recursion carries. words counts on when the arena is full. */
struct builder {
	const struct xa_addrdb_bounds *b;
	u32 *arena;		/* NULL while counting */
	u32 words;
	u8 addr_bits;		/* of hi: 32 or 64 */
	bool wide;
};

/* Boundaries first .. last-1 lie below a prefix of depth bits, behind its start. */
struct span {
	u32 first;
	u32 last;
	u32 class;		/* at the start of the prefix */
	u8 depth;
};

static u64 lo_of(const struct builder *bl, u32 i)
{
	return bl->b->lo ? bl->b->lo[i] : 0;
}

static u64 rest_of(const struct builder *bl, u32 i, u8 depth)
{
	return depth < 64 ? bl->b->hi[i] << depth : 0;
}

/* Room for n words, aligned to 8 bytes if even is set. */
static u32 reserve(struct builder *bl, u32 n, bool even)
{
	u32 at = bl->words + (even ? bl->words & 1 : 0);

	bl->words = at + n;
	if (bl->words > XA_ADDRDB_MAX_WORDS)
		bl->words = XA_ADDRDB_MAX_WORDS + 1;
	return at;
}

static void put_value(u32 *values, u32 i, u32 class, bool wide)
{
	if (wide)
		values[i] = class;
	else
		((u16 *)values)[i] = class;
}

/* n + 1 values, the one behind the last boundary first. */
static void put_values(const struct builder *bl, u32 *values,
		       const struct span *s)
{
	u32 n = s->last - s->first, i;

	if (!bl->wide)
		values[n / 2] = 0;	/* the odd half word */
	for (i = 0; i < n; i++)
		put_value(values, i, bl->b->class[s->last - 1 - i], bl->wide);
	put_value(values, n, s->class, bl->wide);
}

static u32 value_words(const struct builder *bl, u32 n)
{
	return bl->wide ? n + 1 : n / 2 + 1;
}

static u32 make_deep(struct builder *bl, const struct span *s)
{
	u32 n = s->last - s->first, i;
	u32 at = reserve(bl, 2 + 4 * n + value_words(bl, n), true);
	u64 *keys;

	if (bl->arena) {
		bl->arena[at] = n;
		bl->arena[at + 1] = 0;
		keys = (u64 *)(bl->arena + at + 2);
		for (i = 0; i < n; i++) {
			keys[2 * i] = rest_of(bl, s->last - 1 - i, s->depth);
			keys[2 * i + 1] = lo_of(bl, s->last - 1 - i);
		}
		put_values(bl, (u32 *)(keys + 2 * n), s);
	}
	return XA_ADDRDB_BUCKET | XA_ADDRDB_DEEP << XA_ADDRDB_KIND_SHIFT | at;
}

static enum xa_addrdb_kind bucket_kind(const struct builder *bl,
				       const struct span *s)
{
	u64 rest = 0, lo = 0;
	u32 i;

	for (i = s->first; i < s->last; i++) {
		rest |= rest_of(bl, i, s->depth);
		lo |= lo_of(bl, i);
	}
	if (lo)
		return XA_ADDRDB_DEEP;
	if (!(rest << 16))
		return XA_ADDRDB_KEY16;
	return rest << 32 ? XA_ADDRDB_KEY64 : XA_ADDRDB_KEY32;
}

static void put_keys(const struct builder *bl, u32 *p, const struct span *s,
		     enum xa_addrdb_kind kind)
{
	u32 n = s->last - s->first, i;

	for (i = 0; i < n; i++) {
		u64 rest = rest_of(bl, s->last - 1 - i, s->depth);

		if (kind == XA_ADDRDB_KEY16)
			((u16 *)p)[i] = rest >> 48;
		else if (kind == XA_ADDRDB_KEY32)
			p[i] = rest >> 32;
		else
			((u64 *)p)[i] = rest;
	}
}

static u32 make_bucket(struct builder *bl, const struct span *s)
{
	enum xa_addrdb_kind kind = bucket_kind(bl, s);
	u32 n = s->last - s->first;
	u32 keys = kind == XA_ADDRDB_KEY16 ? (n + 1) / 2 :
		   kind == XA_ADDRDB_KEY32 ? n : 2 * n;
	u32 at;

	if (kind == XA_ADDRDB_DEEP)
		return make_deep(bl, s);
	at = reserve(bl, keys + value_words(bl, n), kind == XA_ADDRDB_KEY64);
	if (bl->arena) {
		bl->arena[at + keys - 1] = 0;	/* the odd half word */
		put_keys(bl, bl->arena + at, s, kind);
		put_values(bl, bl->arena + at + keys, s);
	}
	return XA_ADDRDB_BUCKET | (u32)kind << XA_ADDRDB_KIND_SHIFT |
	       (n - 1) << XA_ADDRDB_KEYS_SHIFT | at;
}

static u32 make_entry(struct builder *bl, const struct span *s);

/*
 * The 2^bits entries below a prefix. A boundary at the very start of an
 * entry is that entry's class; the others lie inside it.
 */
static u32 make_table(struct builder *bl, const struct span *s, u8 bits)
{
	const struct xa_addrdb_bounds *b = bl->b;
	struct span sub = { s->first, s->first, s->class, s->depth + bits };
	u32 at = reserve(bl, 1U << bits, false);
	u32 slot, e;

	for (slot = 0; slot < 1U << bits; slot++) {
		u64 start = (u64)slot << (64 - bits);

		if (sub.first < s->last && !lo_of(bl, sub.first) &&
		    rest_of(bl, sub.first, s->depth) == start)
			sub.class = b->class[sub.first++];
		sub.last = sub.first;
		while (sub.last < s->last &&
		       rest_of(bl, sub.last, s->depth) >> (64 - bits) == slot)
			sub.last++;
		e = make_entry(bl, &sub);
		if (bl->arena)
			bl->arena[at + slot] = e;
		if (sub.last > sub.first)
			sub.class = b->class[sub.last - 1];
		sub.first = sub.last;
	}
	cond_resched();
	return (u32)bits << XA_ADDRDB_BITS_SHIFT | at;
}

static u8 table_bits(u32 n, u32 left)
{
	u32 bits = ilog2(n);

	bits = bits > XA_ADDRDB_CROWD ? bits - XA_ADDRDB_CROWD : 0;
	if (bits < XA_ADDRDB_MIN_BITS)
		bits = XA_ADDRDB_MIN_BITS;
	if (bits > XA_ADDRDB_MAX_BITS)
		bits = XA_ADDRDB_MAX_BITS;
	return bits < left ? bits : left;
}

static u32 make_entry(struct builder *bl, const struct span *s)
{
	u32 n = s->last - s->first;
	u32 left = bl->addr_bits - s->depth;

	if (!n)
		return XA_ADDRDB_LEAF | s->class;
	if (bl->words > XA_ADDRDB_MAX_WORDS)
		return XA_ADDRDB_LEAF;	/* too big; counting ends here */
	if (n <= XA_ADDRDB_BUCKET_MAX)
		return make_bucket(bl, s);
	if (!left)
		return make_deep(bl, s);
	return make_table(bl, s, table_bits(n, left));
}

static u8 root_bits(u32 n)
{
	u32 bits = ilog2(n) + 1;

	return bits < XA_ADDRDB_MIN_BITS ? XA_ADDRDB_MIN_BITS :
	       bits > XA_ADDRDB_ROOT_BITS ? XA_ADDRDB_ROOT_BITS : bits;
}

static void make_root(struct builder *bl)
{
	/* boundary 0 is address 0, the start of the root's first entry */
	struct span all = { 0, bl->b->n, 0, 0 };

	bl->words = 0;
	make_table(bl, &all, root_bits(bl->b->n));
}

static int check_bounds(const struct xa_addrdb_bounds *b, u32 *max_class)
{
	u32 i;

	if (!b->n || b->n > XA_ADDRDB_MAX_BOUNDS)
		return -EINVAL;
	if (b->hi[0] || (b->lo && b->lo[0]))
		return -EINVAL;
	*max_class = 0;
	for (i = 0; i < b->n; i++) {
		if (!(i & 0xffff))
			cond_resched();
		if (b->class[i] >= XA_ADDRDB_MAX_CLASSES)
			return -EINVAL;
		if (b->class[i] > *max_class)
			*max_class = b->class[i];
		if (!b->lo && (u32)b->hi[i])
			return -EINVAL;
		if (i && (b->hi[i] < b->hi[i - 1] ||
			  (b->hi[i] == b->hi[i - 1] &&
			   (!b->lo || b->lo[i] <= b->lo[i - 1]))))
			return -EINVAL;
	}
	return 0;
}

/**
 * xa_addrdb_table_create - build the lookup structure of a family
 * @t: filled in
 * @b: the boundaries, no longer needed afterwards
 *
 * Context: may sleep.
 * Return: 0, -EINVAL: boundaries not ascending or out of bounds, -E2BIG: the
 *         table would be larger than 64 MiB, -ENOMEM.
 */
int xa_addrdb_table_create(struct xa_addrdb_table *t,
			   const struct xa_addrdb_bounds *b)
{
	struct builder bl = { .b = b, .addr_bits = b->lo ? 64 : 32 };
	u32 max_class;
	int err;

	err = check_bounds(b, &max_class);
	if (err)
		return err;
	bl.wide = max_class > 0xffff;
	make_root(&bl);
	if (bl.words > XA_ADDRDB_MAX_WORDS)
		return -E2BIG;
	bl.arena = kvmalloc_array(bl.words, sizeof(u32), GFP_KERNEL_ACCOUNT);
	if (!bl.arena)
		return -ENOMEM;
	t->words = bl.words;
	t->shift = 64 - root_bits(b->n);
	t->wide = bl.wide;
	t->arena = bl.arena;
	make_root(&bl);
	return 0;
}

/**
 * xa_addrdb_table_destroy - free what xa_addrdb_table_create() made
 * @t: no reader may be left
 *
 * Context: may sleep.
 */
void xa_addrdb_table_destroy(struct xa_addrdb_table *t)
{
	kvfree(t->arena);
	t->arena = NULL;
}

/**
 * xa_addrdb_deep - search a bucket of keys with all bits
 * @p:    the bucket: number of keys, a pad word, keys descending, values
 * @key:  what is left of the upper half, left-justified
 * @lo:   lower half
 * @wide: values are u32
 *
 * Context: any.
 * Return: the class.
 */
u32 xa_addrdb_deep(const u32 *p, u64 key, u64 lo, bool wide)
{
	const u64 *keys = (const u64 *)(p + 2);
	u32 from = 0, to = p[0], mid;	/* keys before from are greater */

	while (from < to) {
		mid = from + (to - from) / 2;
		if (keys[2 * mid] > key ||
		    (keys[2 * mid] == key && keys[2 * mid + 1] > lo))
			from = mid + 1;
		else
			to = mid;
	}
	return xa_addrdb_value((const u32 *)(keys + 2 * p[0]), from, wide);
}
