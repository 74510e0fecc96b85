// SPDX-License-Identifier: GPL-2.0-only
/*
 * xa_addrdb_upload - from the bytes of an upload to a checked database
 *
 * The sender announces how much will come, so the arrays are allocated once
 * and bounded; what exceeds the announcement is refused, and so is an end
 * before it is reached. Nothing is believed: order, numbers and labels are
 * checked before the lookup tables are built.
 *
 * The bytes come from netlink attributes, aligned to 4 bytes.
 */
#ifdef __KERNEL__
#include <asm/byteorder.h>
#else
#include <arpa/inet.h>
#define be32_to_cpu	ntohl
#endif

#include "xa_addrdb_upload.h"
#include "xa_iso3166.h"

static bool label_char(u32 c)
{
	return (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
}

/**
 * xa_addrdb_label_valid - whether a number can be a label
 * @id:    the database
 * @label: a packed country code or an AS number
 *
 * Context: any.
 * Return: true if it can.
 */
bool xa_addrdb_label_valid(enum xa_addrdb_id id, u32 label)
{
	if (id == XA_ADDRDB_ASN)
		return label;
	return label <= 0xffff && label_char(label >> 8) &&
	       label_char(label & 0xff);
}

/**
 * xa_addrdb_number - what a label is as a number
 * @id:    the database
 * @label: one of its labels
 *
 * Context: any.
 * Return: the AS number, or the number of the country in ISO 3166-1. 0 if it
 *         has none.
 */
u32 xa_addrdb_number(enum xa_addrdb_id id, u32 label)
{
	u32 from = 0, to = sizeof(xa_iso3166) / sizeof(*xa_iso3166), mid, code;

	if (id == XA_ADDRDB_ASN)
		return label;
	while (from < to) {
		mid = from + (to - from) / 2;
		code = (u32)xa_iso3166[mid].code[0] << 8 | (u32)xa_iso3166[mid].code[1];
		if (code == label)
			return xa_iso3166[mid].number;
		if (code < label)
			from = mid + 1;
		else
			to = mid;
	}
	return 0;
}

/* Where a label is in an ascending list, or would be. */
static u32 lower_bound(const u32 *list, u32 n, u32 label)
{
	u32 from = 0, to = n, mid;

	while (from < to) {
		mid = from + (to - from) / 2;
		if (list[mid] < label)
			from = mid + 1;
		else
			to = mid;
	}
	return from;
}

/**
 * xa_addrdb_label_find - place of a label in a database
 * @data:  the database
 * @label: wanted
 * @at:    the place, if it is there
 *
 * Context: any.
 * Return: whether it is there.
 */
bool xa_addrdb_label_find(const struct xa_addrdb_data *data, u32 label, u32 *at)
{
	*at = lower_bound(data->labels, data->n_labels, label);
	return *at < data->n_labels && data->labels[*at] == label;
}

/**
 * xa_addrdb_class_has - whether a class has one of some labels
 * @data:   the database
 * @class:  one of its classes, or 0
 * @labels: ascending
 * @n:      length of @labels
 *
 * Takes min(labels of the class, @n) searches. A class seldom has more than
 * one or two labels.
 *
 * Context: any.
 * Return: true if so.
 */
bool xa_addrdb_class_has(const struct xa_addrdb_data *data, u32 class,
			 const u32 *labels, u32 n)
{
	const u32 *members = data->members + data->class_at[class];
	u32 n_members = data->class_at[class + 1] - data->class_at[class];
	u32 i, at, place;

	if (n_members <= n) {
		for (i = 0; i < n_members; i++) {
			at = lower_bound(labels, n, data->labels[members[i]]);
			if (at < n && labels[at] == data->labels[members[i]])
				return true;
		}
		return false;
	}
	for (i = 0; i < n; i++) {
		if (!xa_addrdb_label_find(data, labels[i], &place))
			continue;
		at = lower_bound(members, n_members, place);
		if (at < n_members && members[at] == place)
			return true;
	}
	return false;
}

/* In loops of millions of short steps. */
static void rest(u32 step)
{
	if (!(step & 0xffff))
		cond_resched();
}

static void *array(u32 n, size_t size)
{
	return kvmalloc_array(n ? n : 1, size, GFP_KERNEL_ACCOUNT);
}

static bool counts_valid(const struct xa_addrdb_counts *n)
{
	return n->labels && n->labels <= XA_ADDRDB_MAX_LABELS &&
	       n->classes < XA_ADDRDB_MAX_CLASSES &&
	       n->members >= n->classes && n->members <= XA_ADDRDB_MAX_MEMBERS &&
	       n->bounds[0] && n->bounds[0] <= XA_ADDRDB_MAX_BOUNDS &&
	       n->bounds[1] && n->bounds[1] <= XA_ADDRDB_MAX_BOUNDS;
}

/**
 * xa_addrdb_upload_create - make room for an upload
 * @id:   database that it is for
 * @want: how much will come
 *
 * Context: may sleep.
 * Return: the upload, or NULL if the counts are out of bounds or there is no
 *         memory.
 */
struct xa_addrdb_upload *
xa_addrdb_upload_create(enum xa_addrdb_id id, const struct xa_addrdb_counts *want)
{
	struct xa_addrdb_upload *up;

	if (!counts_valid(want))
		return NULL;
	up = kzalloc(sizeof(*up), GFP_KERNEL_ACCOUNT);
	if (!up)
		return NULL;
	up->id = id;
	up->want = *want;
	up->labels = array(want->labels, sizeof(u32));
	up->members = array(want->members, sizeof(u32));
	up->hi[0] = array(want->bounds[0], sizeof(u64));
	up->class[0] = array(want->bounds[0], sizeof(u32));
	up->hi[1] = array(want->bounds[1], sizeof(u64));
	up->lo = array(want->bounds[1], sizeof(u64));
	up->class[1] = array(want->bounds[1], sizeof(u32));
	if (up->labels && up->members && up->hi[0] && up->class[0] &&
	    up->hi[1] && up->lo && up->class[1])
		return up;
	xa_addrdb_upload_destroy(up);
	return NULL;
}

/**
 * xa_addrdb_upload_destroy - forget an upload
 * @up: the upload, or NULL
 *
 * Context: may sleep.
 */
void xa_addrdb_upload_destroy(struct xa_addrdb_upload *up)
{
	if (!up)
		return;
	kvfree(up->labels);
	kvfree(up->members);
	kvfree(up->hi[0]);
	kvfree(up->hi[1]);
	kvfree(up->lo);
	kvfree(up->class[0]);
	kvfree(up->class[1]);
	kfree(up);
}

/* How many records of size bytes came; 0: not a whole number, or too many */
static u32 records(size_t len, size_t size, u32 have, u32 want)
{
	size_t n = len / size;

	return len % size || n > want - have ? 0 : n;
}

/**
 * xa_addrdb_upload_labels - take labels
 * @up:    the upload
 * @bytes: u32[], ascending
 * @len:   bytes of it
 *
 * Context: process.
 * Return: 0 or -EINVAL: more than announced, not whole, not in order or not
 *         a label.
 */
int xa_addrdb_upload_labels(struct xa_addrdb_upload *up, const void *bytes, size_t len)
{
	u32 n = records(len, sizeof(u32), up->have.labels, up->want.labels);
	u32 *labels = up->labels, i = up->have.labels;

	if (!n)
		return -EINVAL;
	memcpy(labels + i, bytes, len);
	for (; i < up->have.labels + n; i++)
		if (!xa_addrdb_label_valid(up->id, labels[i]) ||
		    (i && labels[i] <= labels[i - 1]))
			return -EINVAL;
	up->have.labels = i;
	return 0;
}

/**
 * xa_addrdb_upload_members - take lists of the classes' members
 * @up:    the upload
 * @bytes: u32[], see %XA_ADDRDB_ATTR_MEMBERS; checked at the end
 * @len:   bytes of it
 *
 * Context: process.
 * Return: 0 or -EINVAL: more than announced or not whole.
 */
int xa_addrdb_upload_members(struct xa_addrdb_upload *up, const void *bytes, size_t len)
{
	u32 n = records(len, sizeof(u32), up->have.members, up->want.members);

	if (!n)
		return -EINVAL;
	memcpy(up->members + up->have.members, bytes, len);
	up->have.members += n;
	return 0;
}

/**
 * xa_addrdb_upload_bounds4 - take IPv4 boundaries
 * @up:    the upload
 * @bytes: struct xa_addrdb_bound4[]; order is checked at the end
 * @len:   bytes of it
 *
 * Context: process.
 * Return: 0 or -EINVAL: more than announced, not whole or no such class.
 */
int xa_addrdb_upload_bounds4(struct xa_addrdb_upload *up, const void *bytes, size_t len)
{
	const struct xa_addrdb_bound4 *b = bytes;
	u32 n = records(len, sizeof(*b), up->have.bounds[0], up->want.bounds[0]);
	u32 at = up->have.bounds[0], i;

	if (!n)
		return -EINVAL;
	for (i = 0; i < n; i++, at++) {
		if (b[i].class > up->want.classes)
			return -EINVAL;
		up->hi[0][at] = (u64)be32_to_cpu(b[i].addr) << 32;
		up->class[0][at] = b[i].class;
	}
	up->have.bounds[0] = at;
	return 0;
}

/**
 * xa_addrdb_upload_bounds6 - take IPv6 boundaries
 * @up:    the upload
 * @bytes: struct xa_addrdb_bound6[]; order is checked at the end
 * @len:   bytes of it
 *
 * Context: process.
 * Return: 0 or -EINVAL: more than announced, not whole or no such class.
 */
int xa_addrdb_upload_bounds6(struct xa_addrdb_upload *up, const void *bytes, size_t len)
{
	const struct xa_addrdb_bound6 *b = bytes;
	u32 n = records(len, sizeof(*b), up->have.bounds[1], up->want.bounds[1]);
	u32 at = up->have.bounds[1], i;

	if (!n)
		return -EINVAL;
	for (i = 0; i < n; i++, at++) {
		if (b[i].class > up->want.classes)
			return -EINVAL;
		up->hi[1][at] = (u64)be32_to_cpu(b[i].addr[0]) << 32 |
				be32_to_cpu(b[i].addr[1]);
		up->lo[at] = (u64)be32_to_cpu(b[i].addr[2]) << 32 |
			     be32_to_cpu(b[i].addr[3]);
		up->class[1][at] = b[i].class;
	}
	up->have.bounds[1] = at;
	return 0;
}

/* Walk the lists; class_at gets where each begins once counts are dropped. */
static int take_members(struct xa_addrdb_data *data,
			const struct xa_addrdb_upload *up)
{
	const u32 *m = up->members, *end = m + up->want.members;
	u32 class, n, i, at = 0;

	data->class_at[0] = 0;
	for (class = 1; class <= data->n_classes; class++) {
		data->class_at[class] = at;
		if (m == end)
			return -EINVAL;
		n = *m++;
		if (!n || n > (size_t)(end - m) || n > data->n_members - at)
			return -EINVAL;
		for (i = 0; i < n; i++) {
			if (m[i] >= data->n_labels || (i && m[i] <= m[i - 1]))
				return -EINVAL;
			data->members[at++] = m[i];
			rest(at);
		}
		m += n;
	}
	data->class_at[class] = at;
	return m == end ? 0 : -EINVAL;
}

/* The other way round: which classes has a label? A counting sort. */
static void take_classes(struct xa_addrdb_data *data)
{
	u32 class, i, sum = 0, n;

	for (i = 0; i < data->n_members; i++) {
		data->label_at[data->members[i]]++;
		rest(i);
	}
	for (i = 0; i < data->n_labels; i++) {
		n = data->label_at[i];
		data->label_at[i] = sum;
		sum += n;
	}
	for (class = 1; class <= data->n_classes; class++)
		for (i = data->class_at[class]; i < data->class_at[class + 1]; i++) {
			data->classes[data->label_at[data->members[i]]++] = class;
			rest(i);
		}
	/* each place is now the end of its label, the begin of the next */
	for (i = data->n_labels; i; i--)
		data->label_at[i] = data->label_at[i - 1];
	data->label_at[0] = 0;
}

/* Of several labels that have a number the first one counts. */
static void take_numbers(struct xa_addrdb_data *data, enum xa_addrdb_id id)
{
	u32 class, i, number;

	data->numbers[0] = 0;
	for (class = 1; class <= data->n_classes; class++) {
		number = 0;
		for (i = data->class_at[class]; !number && i < data->class_at[class + 1]; i++)
			number = xa_addrdb_number(id, data->labels[data->members[i]]);
		data->numbers[class] = number;
		rest(class);
	}
}

static int take_tables(struct xa_addrdb_data *data,
		       const struct xa_addrdb_upload *up)
{
	struct xa_addrdb_bounds b;
	u32 f, i;
	int err;

	for (f = 0; f < 2; f++) {
		b.hi = up->hi[f];
		b.lo = f ? up->lo : NULL;
		b.class = up->class[f];
		b.n = up->want.bounds[f];
		err = xa_addrdb_table_create(&data->table[f], &b);
		if (err)
			return err;
		for (i = 0; i < b.n; i++) {
			data->ranges[f] += b.class[i] != 0;
			rest(i);
		}
	}
	return 0;
}

static bool is_complete(const struct xa_addrdb_upload *up)
{
	return up->have.labels == up->want.labels &&
	       up->have.members == up->want.members &&
	       up->have.bounds[0] == up->want.bounds[0] &&
	       up->have.bounds[1] == up->want.bounds[1];
}

static struct xa_addrdb_data *data_alloc(const struct xa_addrdb_upload *up)
{
	struct xa_addrdb_data *data = kzalloc(sizeof(*data), GFP_KERNEL_ACCOUNT);

	if (!data)
		return NULL;
	data->n_labels = up->want.labels;
	data->n_classes = up->want.classes;
	data->n_members = up->want.members - up->want.classes;
	data->labels = array(data->n_labels, sizeof(u32));
	data->class_at = array(data->n_classes + 2, sizeof(u32));
	data->members = array(data->n_members, sizeof(u32));
	data->label_at = kvcalloc(data->n_labels + 1, sizeof(u32), GFP_KERNEL_ACCOUNT);
	data->classes = array(data->n_members, sizeof(u32));
	data->numbers = array(data->n_classes + 1, sizeof(u32));
	if (data->labels && data->class_at && data->members &&
	    data->label_at && data->classes && data->numbers)
		return data;
	xa_addrdb_data_destroy(data);
	return NULL;
}

/**
 * xa_addrdb_upload_finish - check an upload and build the database
 * @up:  complete upload; still the caller's
 * @err: 0, -EINVAL: incomplete or malformed, -E2BIG, -ENOMEM
 *
 * Context: may sleep.
 * Return: the database, or NULL and *@err.
 */
struct xa_addrdb_data *
xa_addrdb_upload_finish(struct xa_addrdb_upload *up, int *err)
{
	struct xa_addrdb_data *data;

	*err = -EINVAL;
	if (!is_complete(up))
		return NULL;
	*err = -ENOMEM;
	data = data_alloc(up);
	if (!data)
		return NULL;
	memcpy(data->labels, up->labels, data->n_labels * sizeof(u32));
	*err = take_members(data, up);
	if (!*err) {
		take_classes(data);
		take_numbers(data, up->id);
		*err = take_tables(data, up);
	}
	if (!*err)
		return data;
	xa_addrdb_data_destroy(data);
	return NULL;
}

/**
 * xa_addrdb_data_destroy - free a database
 * @data: no reader may be left; or NULL
 *
 * Context: may sleep.
 */
void xa_addrdb_data_destroy(struct xa_addrdb_data *data)
{
	if (!data)
		return;
	xa_addrdb_table_destroy(&data->table[0]);
	xa_addrdb_table_destroy(&data->table[1]);
	kvfree(data->labels);
	kvfree(data->class_at);
	kvfree(data->members);
	kvfree(data->label_at);
	kvfree(data->classes);
	kvfree(data->numbers);
	kfree(data);
}

/**
 * xa_addrdb_data_memory - memory of a database beside its two tables
 * @data: the database
 *
 * Context: any.
 * Return: bytes.
 */
u64 xa_addrdb_data_memory(const struct xa_addrdb_data *data)
{
	return sizeof(*data) + sizeof(u32) *
	       (2ULL * data->n_labels + 1 + 2ULL * data->n_classes + 3 +
		2ULL * data->n_members);
}
