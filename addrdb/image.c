// SPDX-License-Identifier: GPL-2.0-only
/*
 * image - a database in one file, in the form that the kernel takes
 *
 * A head, then parts one behind the other: arrays of 32-bit words in the
 * byte order of the machine, as an upload sends them. The sum in the head
 * covers all of it, so that half a file, or a damaged one, is never taken
 * for a database. A file of another version or byte order is not read; the
 * folder beside it tells the same, more slowly.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "addrdb.h"
#include "xa_addrdb_nl.h"

static const char magic[8] = "xaddrdb";

#define IMAGE_VERSION	1

/* Bytes that are read at a time, in whole records: what a message holds. */
#define CHUNK		XA_IMAGE_CHUNK

static const size_t record[XA_PARTS] = {
	[XA_PART_LABELS]  = sizeof(uint32_t),
	[XA_PART_RANGES]  = 2 * sizeof(uint32_t),
	[XA_PART_MEMBERS] = sizeof(uint32_t),
	[XA_PART_BOUNDS4] = sizeof(struct xa_addrdb_bound4),
	[XA_PART_BOUNDS6] = sizeof(struct xa_addrdb_bound6),
};

size_t xa_image_record(enum xa_part part)
{
	return record[part];
}

/*
 * Against damage, not against forgery. Each step can be undone, so that one
 * wrong word always gives another sum.
 */
static uint64_t add_sum(uint64_t sum, const void *bytes, size_t len)
{
	const uint8_t *p = bytes, *end = p + len;
	uint32_t word;

	for (; p < end; p += sizeof(word)) {
		memcpy(&word, p, sizeof(word));
		sum = (sum ^ word) * 0x9e3779b97f4a7c15ULL;
		sum = sum << 31 | sum >> 33;
	}
	return sum;
}

static uint64_t sum_of_head(const struct xa_image_head *head)
{
	return add_sum(0, head, offsetof(struct xa_image_head, sum));
}

void xa_image_free(struct xa_image *img)
{
	int i;

	for (i = 0; i < XA_PARTS; i++)
		free(img->part[i]);
	memset(img, 0, sizeof(*img));
}

static bool alloc_part(struct xa_image *img, enum xa_part part, size_t n)
{
	img->head.n[part] = n;
	img->part[part] = calloc(n + 1, record[part]);
	return img->part[part];
}

static void put_bounds(struct xa_image *img, const struct xa_bounds b[2])
{
	struct xa_addrdb_bound4 *out4 = img->part[XA_PART_BOUNDS4];
	struct xa_addrdb_bound6 *out6 = img->part[XA_PART_BOUNDS6];
	size_t i;

	for (i = 0; i < b[XA_IPV4].n; i++) {
		out4[i].addr = htonl(b[XA_IPV4].at[i].lo);
		out4[i].class = b[XA_IPV4].class[i];
	}
	for (i = 0; i < b[XA_IPV6].n; i++) {
		xa_addr_store(XA_IPV6, b[XA_IPV6].at[i], (uint8_t *)out6[i].addr);
		out6[i].class = b[XA_IPV6].class[i];
	}
}

/* How many ranges each label has: the size of its files, for comparison. */
static void put_ranges(struct xa_image *img, const struct xa_db *db)
{
	uint32_t *out = img->part[XA_PART_RANGES];
	size_t i, place;
	int f;

	for (f = XA_IPV4; f <= XA_IPV6; f++)
		for (place = 0, i = 0; i < db->n[f]; i++) {
			while (db->label[place] != db->range[f][i].label)
				place++;
			out[2 * place + f]++;
		}
}

static bool fill(struct xa_image *img, const struct xa_db *db,
		 const struct xa_bounds b[2], const struct xa_classes *c)
{
	img->head.classes = c->count;
	if (!alloc_part(img, XA_PART_LABELS, db->labels) ||
	    !alloc_part(img, XA_PART_RANGES, db->labels) ||
	    !alloc_part(img, XA_PART_MEMBERS, c->n) ||
	    !alloc_part(img, XA_PART_BOUNDS4, b[XA_IPV4].n) ||
	    !alloc_part(img, XA_PART_BOUNDS6, b[XA_IPV6].n))
		return false;
	memcpy(img->part[XA_PART_LABELS], db->label, db->labels * sizeof(*db->label));
	if (c->n)
		memcpy(img->part[XA_PART_MEMBERS], c->member, c->n * sizeof(*c->member));
	put_ranges(img, db);
	put_bounds(img, b);
	return true;
}

/* The image of a sorted database. */
bool xa_image_make(struct xa_image *img, const struct xa_db *db, struct xa_err *err)
{
	struct xa_classes c = { .n = 0 };
	struct xa_bounds b[2] = { { .n = 0 } };
	bool good;
	int i;

	memset(img, 0, sizeof(*img));
	memcpy(img->head.magic, magic, sizeof(magic));
	img->head.version = IMAGE_VERSION;
	img->head.kind = db->kind->id;
	img->head.date = db->date;
	good = xa_sweep(db, XA_IPV4, &b[XA_IPV4], &c, err) &&
	       xa_sweep(db, XA_IPV6, &b[XA_IPV6], &c, err);
	if (good && !fill(img, db, b, &c))
		good = xa_fail(err, "no memory for %zu labels", db->labels);
	xa_bounds_free(&b[XA_IPV4]);
	xa_bounds_free(&b[XA_IPV6]);
	xa_classes_free(&c);
	if (!good) {
		xa_image_free(img);
		return false;
	}
	img->head.sum = sum_of_head(&img->head);
	for (i = 0; i < XA_PARTS; i++)
		img->head.sum = add_sum(img->head.sum, img->part[i],
					img->head.n[i] * record[i]);
	return true;
}

static bool write_bytes(int fd, const void *bytes, size_t len)
{
	const uint8_t *p = bytes;
	ssize_t n;

	while (len) {
		n = write(fd, p, len);
		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			return false;
		p += n;
		len -= n;
	}
	return true;
}

/* Write an image; it is on disk when this returns. */
bool xa_image_write(const struct xa_image *img, int fd, struct xa_err *err)
{
	bool good = write_bytes(fd, &img->head, sizeof(img->head));
	int i;

	for (i = 0; i < XA_PARTS && good; i++)
		good = write_bytes(fd, img->part[i], img->head.n[i] * record[i]);
	return (good && !fsync(fd)) || xa_fail(err, "cannot write: %s", strerror(errno));
}

static bool read_bytes(int fd, void *bytes, size_t len)
{
	uint8_t *p = bytes;
	ssize_t n;

	while (len) {
		n = read(fd, p, len);
		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			return false;
		p += n;
		len -= n;
	}
	return true;
}

/* Read the head of a file; the file has the length that it says. */
bool xa_image_read_head(int fd, const struct xa_kind *kind,
			struct xa_image_head *head, struct xa_err *err)
{
	uint64_t want = sizeof(*head);
	struct stat st;
	int i;

	if (fstat(fd, &st) || !S_ISREG(st.st_mode) || !read_bytes(fd, head, sizeof(*head)) ||
	    memcmp(head->magic, magic, sizeof(magic)))
		return xa_fail(err, "it is no image of a database");
	if (head->version != IMAGE_VERSION)
		return xa_fail(err, "it is of another version or byte order");
	if (head->kind != kind->id)
		return xa_fail(err, "it is no %s database", kind->name);
	for (i = 0; i < XA_PARTS; i++)
		want += (uint64_t)head->n[i] * record[i];
	if (want != (uint64_t)st.st_size || !head->n[XA_PART_LABELS] ||
	    head->n[XA_PART_RANGES] != head->n[XA_PART_LABELS])
		return xa_fail(err, "it is damaged: %lld bytes", (long long)st.st_size);
	return true;
}

static bool pump_part(int fd, enum xa_part part, uint64_t n, uint64_t *sum,
		      xa_image_cb *cb, void *data, struct xa_err *err)
{
	uint32_t words[CHUNK / sizeof(uint32_t)];
	uint64_t most = CHUNK / record[part], some;

	for (; n; n -= some) {
		some = n < most ? n : most;
		if (!read_bytes(fd, words, some * record[part]))
			return xa_fail(err, "short read");
		*sum = add_sum(*sum, words, some * record[part]);
		if (!cb(data, part, words, some, err))
			return false;
	}
	return true;
}

/*
 * Give all parts to a function, some records at a time, from behind the head
 * on. Only when this returns true is it known that they are not damaged.
 */
bool xa_image_pump(int fd, const struct xa_image_head *head, xa_image_cb *cb,
		   void *data, struct xa_err *err)
{
	uint64_t sum = sum_of_head(head);
	int i;

	for (i = 0; i < XA_PARTS; i++)
		if (!pump_part(fd, i, head->n[i], &sum, cb, data, err))
			return false;
	return sum == head->sum || xa_fail(err, "it is damaged: the checksum is wrong");
}

struct keep {
	struct xa_image *img;
	size_t have[XA_PARTS];
};

static bool keep_records(void *data, enum xa_part part, const void *records, size_t n,
			 struct xa_err *err)
{
	struct keep *k = data;

	if (!k->img->part[part] && !alloc_part(k->img, part, k->img->head.n[part]))
		return xa_fail(err, "no memory");
	memcpy((uint8_t *)k->img->part[part] + k->have[part] * record[part],
	       records, n * record[part]);
	k->have[part] += n;
	return true;
}

/* Whether the lists of members are as many as there are classes. */
static bool valid_members(const struct xa_image *img)
{
	const uint32_t *m = img->part[XA_PART_MEMBERS], *end = m + img->head.n[XA_PART_MEMBERS];
	uint32_t class, i;

	for (class = 0; class < img->head.classes; class++) {
		if (m == end || !*m || *m >= (size_t)(end - m))
			return false;
		for (i = 1; i <= *m; i++)
			if (m[i] >= img->head.n[XA_PART_LABELS])
				return false;
		m += *m + 1;
	}
	return m == end;
}

static void bound_at(const struct xa_image *img, int family, size_t i,
		     struct xa_addr *a, uint32_t *class)
{
	const struct xa_addrdb_bound4 *b4 = img->part[XA_PART_BOUNDS4];
	const struct xa_addrdb_bound6 *b6 = img->part[XA_PART_BOUNDS6];

	if (family == XA_IPV4) {
		*a = (struct xa_addr){ 0, ntohl(b4[i].addr) };
		*class = b4[i].class;
	} else {
		*a = xa_addr_load(XA_IPV6, (const uint8_t *)b6[i].addr);
		*class = b6[i].class;
	}
}

static bool valid_bounds(const struct xa_image *img, int family)
{
	size_t n = img->head.n[XA_PART_BOUNDS4 + family], i;
	struct xa_addr before = { 0, 0 }, a;
	uint32_t class;

	for (i = 0; i < n; i++) {
		bound_at(img, family, i, &a, &class);
		if (class > img->head.classes || (i && xa_addr_cmp(a, before) <= 0) ||
		    (!i && xa_addr_cmp(a, before)))
			return false;
		before = a;
	}
	return n;
}

/* All of a file, from behind the head on, checked. */
bool xa_image_read(struct xa_image *img, int fd, const struct xa_image_head *head,
		   struct xa_err *err)
{
	struct keep k = { .img = img };
	bool good;

	memset(img, 0, sizeof(*img));
	img->head = *head;
	good = xa_image_pump(fd, head, keep_records, &k, err);
	if (good && !(valid_members(img) && valid_bounds(img, XA_IPV4) &&
		      valid_bounds(img, XA_IPV6)))
		good = xa_fail(err, "it is malformed");
	if (!good)
		xa_image_free(img);
	return good;
}

static bool take_bounds(struct xa_db *db, const struct xa_image *img, int family,
			const uint32_t *class_at, struct xa_err *err)
{
	const uint32_t *label = img->part[XA_PART_LABELS], *m = img->part[XA_PART_MEMBERS];
	size_t n = img->head.n[XA_PART_BOUNDS4 + family], i;
	struct xa_range r;
	struct xa_addr next;
	uint32_t class, after, j;

	bound_at(img, family, 0, &next, &after);
	for (i = 0; i < n; i++) {
		r.first = next;
		class = after;
		if (i + 1 < n)
			bound_at(img, family, i + 1, &next, &after);
		if (!class)
			continue;
		r.last = i + 1 < n ? xa_addr_prev(next) : xa_addr_max(family);
		for (j = 1; j <= m[class_at[class - 1]]; j++) {
			r.label = label[m[class_at[class - 1] + j]];
			if (!xa_db_add(db, family, &r, err))
				return false;
		}
	}
	return true;
}

/* The database of an image, not yet sorted. */
bool xa_image_db(struct xa_db *db, const struct xa_image *img, struct xa_err *err)
{
	const uint32_t *label = img->part[XA_PART_LABELS], *m = img->part[XA_PART_MEMBERS];
	uint32_t *class_at = calloc(img->head.classes + 1, sizeof(*class_at)), i, at = 0;
	bool good = class_at || xa_fail(err, "no memory");

	for (i = 0; good && i < img->head.classes; i++) {
		class_at[i] = at;
		at += m[at] + 1;
	}
	good = good && take_bounds(db, img, XA_IPV4, class_at, err) &&
	       take_bounds(db, img, XA_IPV6, class_at, err);
	for (i = 0; good && i < img->head.n[XA_PART_LABELS]; i++)
		good = xa_db_add_label(db, label[i], err);
	free(class_at);
	db->date = img->head.date;
	return good;
}
