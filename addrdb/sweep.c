// SPDX-License-Identifier: GPL-2.0-only
/*
 * sweep - from labelled ranges to pieces of the address space with classes
 *
 * Every range is two events, its begin and the address behind its end. In
 * the order of addresses they tell which labels are active; each different
 * set of active labels becomes a class.
 */
#include <stdlib.h>
#include <string.h>

#include "addrdb.h"
#include "radix.h"

struct event {
	struct xa_addr at;
	uint32_t label;		/* place among the database's labels */
	bool begin;
};

/* Labels that are active, ascending. */
struct active {
	uint32_t *label;
	size_t n, room;
};

static int event_cmp(const void *a, const void *b)
{
	return xa_addr_cmp(((const struct event *)a)->at,
			   ((const struct event *)b)->at);
}

static uint16_t event_digit(const void *record, unsigned int digit)
{
	return xa_radix_addr(((const struct event *)record)->at, digit);
}

static struct event *make_events(const struct xa_db *db, int family, size_t *n)
{
	const struct xa_range *r = db->range[family], *end = r + db->n[family];
	struct event *e = calloc(db->n[family] * 2 + 1, sizeof(*e));
	uint32_t place = 0;

	*n = 0;
	for (; e && r < end; r++) {
		while (db->label[place] != r->label)
			place++;
		e[(*n)++] = (struct event){ r->first, place, true };
		if (xa_addr_cmp(r->last, xa_addr_max(family)))
			e[(*n)++] = (struct event){ xa_addr_next(r->last), place, false };
	}
	if (e && !xa_radix_sort(e, *n, sizeof(*e), XA_RADIX_ADDR, event_digit))
		qsort(e, *n, sizeof(*e), event_cmp);
	return e;
}

static bool activate(struct active *a, const struct event *e)
{
	size_t i = 0;

	while (i < a->n && a->label[i] < e->label)
		i++;
	if (!e->begin) {
		memmove(a->label + i, a->label + i + 1,
			(--a->n - i) * sizeof(*a->label));
		return true;
	}
	if (a->n == a->room) {
		uint32_t *p = reallocarray(a->label, a->room * 2 + 8, sizeof(*p));

		if (!p)
			return false;
		a->label = p;
		a->room = a->room * 2 + 8;
	}
	memmove(a->label + i + 1, a->label + i, (a->n++ - i) * sizeof(*a->label));
	a->label[i] = e->label;
	return true;
}

static size_t hash_of(const struct active *a)
{
	uint64_t h = 1469598103934665603ULL;
	size_t i;

	for (i = 0; i < a->n; i++)
		h = (h ^ a->label[i]) * 1099511628211ULL;
	return h ^ h >> 29;
}

static bool same(const uint32_t *member, const struct active *a)
{
	return member[0] == a->n &&
	       !memcmp(member + 1, a->label, a->n * sizeof(*a->label));
}

static size_t probe(const struct xa_classes *c, const struct active *a)
{
	size_t i = hash_of(a) & (c->slots - 1);

	while (c->slot[i] && !same(c->member + c->slot[i] - 1, a))
		i = (i + 1) & (c->slots - 1);
	return i;
}

/* Twice the slots: all classes are entered anew. */
static bool rehash(struct xa_classes *c)
{
	size_t slots = c->slots ? c->slots * 2 : 1024, i, at = 0;
	uint32_t class = 1;

	free(c->slot);
	free(c->number);
	c->slot = calloc(slots, sizeof(*c->slot));
	c->number = calloc(slots, sizeof(*c->number));
	if (!c->slot || !c->number)
		return false;
	c->slots = slots;
	for (; at < c->n; at += c->member[at] + 1) {
		struct active a = { c->member + at + 1, c->member[at], 0 };

		i = probe(c, &a);
		c->slot[i] = at + 1;
		c->number[i] = class++;
	}
	return true;
}

static bool class_append(struct xa_classes *c, const struct active *a)
{
	if (c->n + a->n + 1 > c->room) {
		size_t room = (c->room + a->n + 512) * 2;
		uint32_t *p = reallocarray(c->member, room, sizeof(*p));

		if (!p)
			return false;
		c->member = p;
		c->room = room;
	}
	c->member[c->n++] = a->n;
	memcpy(c->member + c->n, a->label, a->n * sizeof(*a->label));
	c->n += a->n;
	c->count++;
	return true;
}

/* The number of the active set, a new one if it was not seen yet. */
static bool class_of(struct xa_classes *c, const struct active *a, uint32_t *class)
{
	size_t i, at = c->n;

	*class = 0;
	if (!a->n)
		return true;
	if (c->count * 2 >= c->slots && !rehash(c))
		return false;
	i = probe(c, a);
	if (!c->slot[i]) {
		if (!class_append(c, a))
			return false;
		c->slot[i] = at + 1;
		c->number[i] = c->count;
	}
	*class = c->number[i];
	return true;
}

static bool bound_append(struct xa_bounds *b, struct xa_addr at, uint32_t class)
{
	if (b->n && b->class[b->n - 1] == class)
		return true;
	if (b->n == b->room) {
		size_t room = b->room * 2 + 1024;
		struct xa_addr *p = reallocarray(b->at, room, sizeof(*p));
		uint32_t *q = p ? reallocarray(b->class, room, sizeof(*q)) : NULL;

		if (p)
			b->at = p;
		if (!q)
			return false;
		b->class = q;
		b->room = room;
	}
	b->at[b->n] = at;
	b->class[b->n++] = class;
	return true;
}

static bool sweep(const struct event *e, size_t n, struct active *a,
		  struct xa_bounds *b, struct xa_classes *c)
{
	struct xa_addr zero = { 0, 0 };
	uint32_t class;
	size_t i;

	if (!n || xa_addr_cmp(e[0].at, zero))
		if (!bound_append(b, zero, 0))
			return false;
	for (i = 0; i < n; i++) {
		if (!activate(a, &e[i]))
			return false;
		if (i + 1 < n && !xa_addr_cmp(e[i].at, e[i + 1].at))
			continue;
		if (!class_of(c, a, &class) || !bound_append(b, e[i].at, class))
			return false;
	}
	return true;
}

/*
 * Cut the address space of a family; db is sorted. Classes are added to c,
 * which both families share.
 */
bool xa_sweep(const struct xa_db *db, int family, struct xa_bounds *b,
	      struct xa_classes *c, struct xa_err *err)
{
	struct active a = { NULL, 0, 0 };
	struct event *e;
	bool good;
	size_t n;

	memset(b, 0, sizeof(*b));
	e = make_events(db, family, &n);
	good = e && sweep(e, n, &a, b, c);
	free(e);
	free(a.label);
	return good || xa_fail(err, "no memory for %zu ranges", db->n[family]);
}

void xa_bounds_free(struct xa_bounds *b)
{
	free(b->at);
	free(b->class);
	memset(b, 0, sizeof(*b));
}

void xa_classes_free(struct xa_classes *c)
{
	free(c->member);
	free(c->slot);
	free(c->number);
	memset(c, 0, sizeof(*c));
}
