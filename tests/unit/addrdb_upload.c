// SPDX-License-Identifier: GPL-2.0-only
/*
 * Checks of an upload: one record before each limit, at it and behind it, in
 * both families; and sets of labels, compiled and compared label by label.
 * links: -fno-strict-aliasing
 */
#include <arpa/inet.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

#include "xa_addrdb_core.c"
#include "xa_addrdb_upload.c"

#define LEN(a) (sizeof(a) / sizeof((a)[0]))

static unsigned int passed, failed;

static void check(const char *what, bool good)
{
	if (good)
		passed++;
	else
		failed++;
	if (!good)
		printf("not ok unit/addrdb_upload: %s\n", what);
}

/* Three labels; class 1 is the first, class 2 all three, class 3 the last. */
static const u32 labels[] = { 10, 20, 30 };
static const u32 members[] = { 1, 0, 3, 0, 1, 2, 1, 2 };
static const struct xa_addrdb_counts counts = {
	.labels = 3, .classes = 3, .members = 8, .bounds = { 2, 2 },
};

static struct xa_addrdb_upload *begin(void)
{
	struct xa_addrdb_upload *up = xa_addrdb_upload_create(XA_ADDRDB_ASN, &counts);

	if (!up)
		abort();
	return up;
}

static int bounds4(struct xa_addrdb_upload *up, u32 addr, u32 class)
{
	struct xa_addrdb_bound4 b[2] = { { 0, 0 }, { htonl(addr), class } };

	return xa_addrdb_upload_bounds4(up, b, sizeof(b));
}

static int bounds6(struct xa_addrdb_upload *up, u32 addr, u32 class)
{
	struct xa_addrdb_bound6 b[2] = { { .class = 0 }, { .class = class } };

	b[1].addr[3] = htonl(addr);
	return xa_addrdb_upload_bounds6(up, b, sizeof(b));
}

static void class_numbers(void)
{
	static int (*const take[])(struct xa_addrdb_upload *, u32, u32) = { bounds4, bounds6 };
	struct xa_addrdb_upload *up;
	u32 i, more = 0;

	for (i = 0; i < LEN(take); i++) {
		up = begin();
		check("a class before the last", !take[i](up, 1, 2));
		check("more boundaries than announced", take[i](up, 2, 1) == -EINVAL);
		xa_addrdb_upload_destroy(up);
		up = begin();
		check("the last class", !take[i](up, 1, 3));
		xa_addrdb_upload_destroy(up);
		up = begin();
		check("the class behind the last", take[i](up, 1, 4) == -EINVAL);
		check("the largest number", take[i](up, 1, ~0U) == -EINVAL);
		xa_addrdb_upload_destroy(up);
	}
	up = begin();
	check("as many members as announced",
	      !xa_addrdb_upload_members(up, members, sizeof(members)));
	check("one more", xa_addrdb_upload_members(up, &more, sizeof(more)) == -EINVAL);
	check("labels that descend", xa_addrdb_upload_labels(up, members + 2, 8) == -EINVAL);
	check("as many labels as announced", !xa_addrdb_upload_labels(up, labels, sizeof(labels)));
	xa_addrdb_upload_destroy(up);
}

static struct xa_addrdb_data *database(void)
{
	struct xa_addrdb_upload *up = begin();
	struct xa_addrdb_data *d;
	int err;

	if (xa_addrdb_upload_labels(up, labels, sizeof(labels)) ||
	    xa_addrdb_upload_members(up, members, sizeof(members)) ||
	    bounds4(up, 1, 1) || bounds6(up, 1, 2))
		abort();
	d = xa_addrdb_upload_finish(up, &err);
	xa_addrdb_upload_destroy(up);
	return d;
}

/* Every set of the labels 5, 10, 15, 20, 25, 30, 35, 40 with every class. */
static void sets(void)
{
	static const u32 has[4] = { 0, 1 << 1, 1 << 1 | 1 << 3 | 1 << 5, 1 << 5 };
	struct xa_addrdb_data *d = database();
	u32 set[8], n, i, mask, class;
	bool good = true;

	check("the database is complete", d);
	for (mask = 0; d && mask < 256; mask++) {
		for (i = n = 0; i < 8; i++)
			if (mask & 1U << i)
				set[n++] = 5 * (i + 1);
		for (class = 0; class <= d->n_classes; class++)
			good &= xa_addrdb_class_has(d, class, set, n) == !!(mask & has[class]);
	}
	check("a class has one of the labels of a set", good);
	xa_addrdb_data_destroy(d);
}

/* The countries of a database, and its classes, as numbers. */
static void numbers(void)
{
	static const u32 cc[] = { 'A' << 8 | '1', 'C' << 8 | 'A', 'U' << 8 | 'S' };
	/* A1; all three; CA and US; US; A1 and US */
	static const u32 of[] = { 1, 0, 3, 0, 1, 2, 2, 1, 2, 1, 2, 2, 0, 2 };
	static const u32 want[] = { 0, 0, 124, 124, 840, 840 };
	static const u32 as_want[] = { 0, 10, 10, 30 };
	const struct xa_addrdb_counts n = {
		.labels = 3, .classes = 5, .members = LEN(of), .bounds = { 2, 2 },
	};
	struct xa_addrdb_upload *up = xa_addrdb_upload_create(XA_ADDRDB_COUNTRY, &n);
	struct xa_addrdb_data *d;
	u32 i, label;
	int err;

	if (!up || xa_addrdb_upload_labels(up, cc, sizeof(cc)) ||
	    xa_addrdb_upload_members(up, of, sizeof(of)) || bounds4(up, 1, 1) || bounds6(up, 1, 2))
		abort();
	d = xa_addrdb_upload_finish(up, &err);
	xa_addrdb_upload_destroy(up);
	check("the number of a class is that of its first country",
	      d && !memcmp(d->numbers, want, sizeof(want)));
	xa_addrdb_data_destroy(d);
	d = database();
	check("the number of a class is its least AS number",
	      d && !memcmp(d->numbers, as_want, sizeof(as_want)));
	xa_addrdb_data_destroy(d);
	for (i = 0; i < LEN(xa_iso3166); i++) {
		label = (u32)xa_iso3166[i].code[0] << 8 | (u32)xa_iso3166[i].code[1];
		check("the table of countries ascends", !i ||
		      strcmp(xa_iso3166[i - 1].code, xa_iso3166[i].code) < 0);
		check("a number fits", xa_iso3166[i].number &&
		      xa_iso3166[i].number >> XA_ISO3166_BITS == 0);
		check("a country is found",
		      xa_addrdb_number(XA_ADDRDB_COUNTRY, label) == xa_iso3166[i].number);
	}
	check("before the first", xa_addrdb_number(XA_ADDRDB_COUNTRY, 'A' << 8 | 'A') == 0);
	check("after the last", xa_addrdb_number(XA_ADDRDB_COUNTRY, 'Z' << 8 | 'Z') == 0);
	check("no country", xa_addrdb_number(XA_ADDRDB_COUNTRY, 'E' << 8 | 'U') == 0);
}

int main(void)
{
	class_numbers();
	numbers();
	sets();
	printf("%s unit/addrdb_upload: %u checks\n", failed ? "not ok" : "ok", passed + failed);
	return !!failed;
}
