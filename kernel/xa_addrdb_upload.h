/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * xa_addrdb_upload - from the bytes of an upload to a checked database
 *
 * Pure code: no locks, no state of its own, compiles on the host too.
 */
#ifndef _XA_ADDRDB_UPLOAD_H
#define _XA_ADDRDB_UPLOAD_H

#include "xa_addrdb_nl.h"
#include "xa_addrdb_core.h"

/* Most labels of a database, and most words of its classes. */
#define XA_ADDRDB_MAX_LABELS	(1U << 20)
#define XA_ADDRDB_MAX_MEMBERS	(1U << 23)

/**
 * struct xa_addrdb_data - a database, immutable
 * @table:      lookup structure of IPv4 and of IPv6
 * @labels:     ascending
 * @class_at:   where a class begins in @members; @n_classes + 1 of them and
 *              one more for the end
 * @members:    the labels (places in @labels) of each class
 * @label_at:   where a label begins in @classes; @n_labels + 1
 * @classes:    the classes of each label
 * @numbers:    what each class is as a number: see xa_addrdb_number(); @n_classes + 1
 * @n_labels:   length of @labels
 * @n_classes:  number of the last class; 0 is the empty class
 * @n_members:  length of @members and of @classes
 * @ranges:     ranges with a label, of IPv4 and of IPv6
 */
struct xa_addrdb_data {
	struct xa_addrdb_table table[2];
	u32 *labels;
	u32 *class_at;
	u32 *members;
	u32 *label_at;
	u32 *classes;
	u32 *numbers;
	u32 n_labels;
	u32 n_classes;
	u32 n_members;
	u32 ranges[2];
};

/**
 * struct xa_addrdb_counts - how much an upload will bring
 * @labels:  labels
 * @classes: classes, without class 0
 * @members: words that list the members of the classes
 * @bounds:  boundaries of IPv4 and of IPv6
 */
struct xa_addrdb_counts {
	u32 labels;
	u32 classes;
	u32 members;
	u32 bounds[2];
};

/* An upload in progress: arrays of what was announced, and how far they are. */
struct xa_addrdb_upload {
	enum xa_addrdb_id id;
	struct xa_addrdb_counts want;
	struct xa_addrdb_counts have;
	u32 *labels;
	u32 *members;
	u64 *hi[2];
	u64 *lo;
	u32 *class[2];
};

bool xa_addrdb_label_valid(enum xa_addrdb_id id, u32 label);
u32 xa_addrdb_number(enum xa_addrdb_id id, u32 label);
bool xa_addrdb_label_find(const struct xa_addrdb_data *data, u32 label, u32 *at);
bool xa_addrdb_class_has(const struct xa_addrdb_data *data, u32 class,
			 const u32 *labels, u32 n);

struct xa_addrdb_upload *
xa_addrdb_upload_create(enum xa_addrdb_id id, const struct xa_addrdb_counts *want);
void xa_addrdb_upload_destroy(struct xa_addrdb_upload *up);
int xa_addrdb_upload_labels(struct xa_addrdb_upload *up, const void *bytes, size_t len);
int xa_addrdb_upload_members(struct xa_addrdb_upload *up, const void *bytes, size_t len);
int xa_addrdb_upload_bounds4(struct xa_addrdb_upload *up, const void *bytes, size_t len);
int xa_addrdb_upload_bounds6(struct xa_addrdb_upload *up, const void *bytes, size_t len);
struct xa_addrdb_data *
xa_addrdb_upload_finish(struct xa_addrdb_upload *up, int *err);
void xa_addrdb_data_destroy(struct xa_addrdb_data *data);
u64 xa_addrdb_data_memory(const struct xa_addrdb_data *data);

#endif /* _XA_ADDRDB_UPLOAD_H */
