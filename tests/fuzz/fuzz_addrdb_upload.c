// SPDX-License-Identifier: GPL-2.0-only
/*
 * fuzz_addrdb_upload - what the kernel takes by netlink: bytes become the
 * counts of an upload and attributes. What is accepted must be a database in
 * which every class and label leads somewhere.
 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "../../kernel/xa_addrdb_upload.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static uint8_t attr[65536] __attribute__((aligned(4)));

/* Four kinds of attributes, each a byte of kind, two of length, the bytes. */
static void feed(struct xa_addrdb_upload *up, const uint8_t *data, size_t size)
{
	static int (*const take[])(struct xa_addrdb_upload *, const void *, size_t) = {
		xa_addrdb_upload_labels, xa_addrdb_upload_members,
		xa_addrdb_upload_bounds4, xa_addrdb_upload_bounds6,
	};

	while (size >= 3) {
		size_t len = data[1] | (size_t)data[2] << 8;
		int kind = data[0] & 3;

		data += 3;
		size -= 3;
		len = len < size ? len : size;
		memcpy(attr, data, len);
		take[kind](up, attr, len);
		data += len;
		size -= len;
	}
}

/*
 * The labels of the odd places are a set: compiled as the kernel does it, and
 * compared label by label, it must have the same classes.
 */
static void compare(const struct xa_addrdb_data *d)
{
	uint8_t in[256] = { 0 };
	uint32_t set[256], n = 0, i, c;

	for (i = 1; i < d->n_labels; i += 2) {
		set[n++] = d->labels[i];
		for (c = d->label_at[i]; c < d->label_at[i + 1]; c++)
			in[d->classes[c]] = 1;
	}
	for (c = 0; c <= d->n_classes; c++)
		if (xa_addrdb_class_has(d, c, set, n) != in[c])
			abort();
	/* a short set, so that the classes are searched and not the set */
	for (c = 0; n && c <= d->n_classes; c++)
		for (i = d->class_at[c]; i < d->class_at[c + 1]; i++)
			if (!xa_addrdb_class_has(d, c, d->labels + d->members[i], 1))
				abort();
}

static void inspect(const struct xa_addrdb_data *d)
{
	uint32_t c, i, class, at;

	for (c = 0; c <= d->n_classes; c++)
		for (i = d->class_at[c]; i < d->class_at[c + 1]; i++)
			if (d->members[i] >= d->n_labels)
				abort();
	for (c = 0; c < d->n_labels; c++)
		for (i = d->label_at[c]; i < d->label_at[c + 1]; i++)
			if (!d->classes[i] || d->classes[i] > d->n_classes)
				abort();
	compare(d);
	for (i = 0; i < 256; i++) {
		class = xa_addrdb_lookup4(&d->table[0], i << 24 | i);
		if (class > d->n_classes)
			abort();
		class = xa_addrdb_lookup6(&d->table[1], (u64)i << 56, i);
		if (class > d->n_classes)
			abort();
	}
	if (!xa_addrdb_label_find(d, d->labels[0], &at) || at)
		abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct xa_addrdb_counts want;
	struct xa_addrdb_upload *up;
	struct xa_addrdb_data *d;
	int err;

	if (size < 6)
		return 0;
	want.labels = data[1];
	want.classes = data[2];
	want.members = data[3];
	want.bounds[0] = data[4];
	want.bounds[1] = data[5];
	up = xa_addrdb_upload_create(data[0] & 1, &want);
	if (!up)
		return 0;
	feed(up, data + 6, size - 6);
	d = xa_addrdb_upload_finish(up, &err);
	if (!d != !!err)
		abort();
	if (d)
		inspect(d);
	xa_addrdb_data_destroy(d);
	xa_addrdb_upload_destroy(up);
	return 0;
}
