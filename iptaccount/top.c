// SPDX-License-Identifier: GPL-2.0-only
/* iptaccount: the records with the most traffic */
#include <stdlib.h>
#include <string.h>

#include "top.h"

/**
 * top_init - begin a selection
 * @top:   memory of the caller
 * @room:  how many records to select
 * @order: by what
 *
 * Return: 0, or -1 without memory.
 */
int top_init(struct top *top, size_t room, enum top_order order)
{
	memset(top, 0, sizeof(*top));
	top->room = room;
	top->order = order;
	top->record = calloc(room ? room : 1, sizeof(*top->record));
	return top->record ? 0 : -1;
}

/**
 * top_exit - end it
 * @top: selection
 */
void top_exit(struct top *top)
{
	free(top->record);
	memset(top, 0, sizeof(*top));
}

static uint64_t weight(const struct record *r, enum top_order order)
{
	uint64_t src = order == TOP_BYTES ? r->src_bytes : r->src_packets;
	uint64_t dst = order == TOP_BYTES ? r->dst_bytes : r->dst_packets;

	return src > UINT64_MAX - dst ? UINT64_MAX : src + dst;
}

/* Whether @a stands before @b: more traffic, then the lower address. */
static bool before(const struct record *a, const struct record *b,
		   enum top_order order)
{
	uint64_t x = weight(a, order), y = weight(b, order);

	if (x != y)
		return x > y;
	return memcmp(a->addr, b->addr, sizeof(a->addr)) < 0;
}

static void swap(struct record *a, struct record *b)
{
	struct record tmp = *a;

	*a = *b;
	*b = tmp;
}

/* A new record at the end finds its place. */
static void rise(struct top *top, size_t i)
{
	size_t parent;

	for (; i > 0; i = parent) {
		parent = (i - 1) / 2;
		if (!before(&top->record[parent], &top->record[i], top->order))
			break;
		swap(&top->record[parent], &top->record[i]);
	}
}

/* A new record in front finds its place among the first @count. */
static void sink(struct top *top, size_t count)
{
	size_t i = 0, child;

	while ((child = 2 * i + 1) < count) {
		if (child + 1 < count &&
		    before(&top->record[child], &top->record[child + 1], top->order))
			++child;
		if (!before(&top->record[i], &top->record[child], top->order))
			break;
		swap(&top->record[i], &top->record[child]);
		i = child;
	}
}

/**
 * top_add - offer a record
 * @top: selection
 * @r:   record, copied if it is among the largest so far
 */
void top_add(struct top *top, const struct record *r)
{
	if (top->count < top->room) {
		top->record[top->count] = *r;
		rise(top, top->count++);
	} else if (top->room && before(r, &top->record[0], top->order)) {
		top->record[0] = *r;
		sink(top, top->count);
	}
}

/**
 * top_sort - end the selection: put the largest record first
 * @top: selection
 */
void top_sort(struct top *top)
{
	size_t n = top->count;

	while (n > 1) {
		swap(&top->record[0], &top->record[--n]);
		sink(top, n);
	}
}
