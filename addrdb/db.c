// SPDX-License-Identifier: GPL-2.0-only
/* db - a database in memory */
#include <stdlib.h>
#include <string.h>

#include "addrdb.h"
#include "radix.h"

void xa_db_init(struct xa_db *db, const struct xa_kind *kind)
{
	memset(db, 0, sizeof(*db));
	db->kind = kind;
}

void xa_db_free(struct xa_db *db)
{
	free(db->range[XA_IPV4]);
	free(db->range[XA_IPV6]);
	free(db->label);
	xa_db_init(db, db->kind);
}

/* Room for one more element; the array doubles. */
static bool grow(void *array, size_t n, size_t *room, size_t size,
		 struct xa_err *err)
{
	size_t more = *room ? *room * 2 : 256;
	void *p;

	if (n < *room)
		return true;
	p = reallocarray(*(void **)array, more, size);
	if (!p)
		return xa_fail(err, "no memory for %zu elements", more);
	*(void **)array = p;
	*room = more;
	return true;
}

bool xa_db_add_label(struct xa_db *db, uint32_t label, struct xa_err *err)
{
	if (db->labels && db->label[db->labels - 1] == label)
		return true;
	if (!grow(&db->label, db->labels, &db->label_room, sizeof(*db->label), err))
		return false;
	db->label[db->labels++] = label;
	return true;
}

bool xa_db_add(struct xa_db *db, int family, const struct xa_range *r,
	       struct xa_err *err)
{
	if (!xa_db_add_label(db, r->label, err) ||
	    !grow(&db->range[family], db->n[family], &db->room[family],
		  sizeof(*r), err))
		return false;
	db->range[family][db->n[family]++] = *r;
	return true;
}

static int range_cmp(const void *a, const void *b)
{
	const struct xa_range *x = a, *y = b;

	if (x->label != y->label)
		return x->label < y->label ? -1 : 1;
	return xa_addr_cmp(x->first, y->first);
}

/* The address is the low part of the key, the label the high one. */
static uint16_t range_digit(const void *record, unsigned int digit)
{
	const struct xa_range *r = record;

	return digit < XA_RADIX_ADDR ? xa_radix_addr(r->first, digit) :
				       r->label >> (16 * (digit - XA_RADIX_ADDR));
}

static int label_cmp(const void *a, const void *b)
{
	uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;

	return x < y ? -1 : x > y;
}

/* Whether b begins within a or right behind it. */
static bool joins(int family, const struct xa_range *a, const struct xa_range *b)
{
	if (a->label != b->label)
		return false;
	if (xa_addr_cmp(b->first, a->last) <= 0)
		return true;
	return xa_addr_cmp(a->last, xa_addr_max(family)) < 0 &&
	       !xa_addr_cmp(xa_addr_next(a->last), b->first);
}

static void sort_ranges(struct xa_db *db, int family)
{
	struct xa_range *r = db->range[family];
	size_t i, n = 0;

	if (!db->n[family])
		return;
	for (i = 1; i < db->n[family] && range_cmp(r + i - 1, r + i) <= 0; i++)
		;
	if (i < db->n[family] &&
	    !xa_radix_sort(r, db->n[family], sizeof(*r), XA_RADIX_ADDR + 2, range_digit))
		qsort(r, db->n[family], sizeof(*r), range_cmp);
	for (i = 1; i < db->n[family]; i++) {
		if (!joins(family, &r[n], &r[i]))
			r[++n] = r[i];
		else if (xa_addr_cmp(r[i].last, r[n].last) > 0)
			r[n].last = r[i].last;
	}
	db->n[family] = n + 1;
}

/* Sort by label and address; join neighbours and overlaps of one label. */
bool xa_db_sort(struct xa_db *db, struct xa_err *err)
{
	size_t i, n = 0;

	sort_ranges(db, XA_IPV4);
	sort_ranges(db, XA_IPV6);
	if (!db->labels)
		return xa_fail(err, "the database is empty");
	qsort(db->label, db->labels, sizeof(*db->label), label_cmp);
	for (i = 1; i < db->labels; i++)
		if (db->label[i] != db->label[n])
			db->label[++n] = db->label[i];
	db->labels = n + 1;
	return true;
}

/* The ranges of a label in a sorted database: how many, and the first. */
size_t xa_db_label_ranges(const struct xa_db *db, int family, uint32_t label,
			  const struct xa_range **first)
{
	const struct xa_range *r = db->range[family];
	size_t from = 0, to = db->n[family], mid;

	while (from < to) {
		mid = (from + to) / 2;
		if (r[mid].label < label)
			from = mid + 1;
		else
			to = mid;
	}
	*first = r + from;
	while (to < db->n[family] && r[to].label == label)
		to++;
	return to - from;
}
