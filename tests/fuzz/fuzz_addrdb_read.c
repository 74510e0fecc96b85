// SPDX-License-Identifier: GPL-2.0-only
/*
 * fuzz_addrdb_read - what xt_geoip_build and xt_asn_build read: lists, MaxMind's
 * CSV files and .mmdb files, as they are, compressed or in an archive. The first
 * byte tells for which of the two, and whether bad lines are left out.
 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "../../addrdb/tools.h"

static int fd = -1;

/* A file of these bytes, and where it can be opened. */
static const char *file_of(const uint8_t *data, size_t size)
{
	static char path[32];

	if (fd < 0)
		fd = memfd_create("fuzz", MFD_CLOEXEC);
	if (fd < 0 || ftruncate(fd, 0) || pwrite(fd, data, size, 0) != (ssize_t)size)
		abort();
	snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
	return path;
}

/* Ranges are valid, and sorted ones ascend. */
static void check(const struct xa_db *db)
{
	const struct xa_range *r;
	size_t i;
	int f;

	for (f = XA_IPV4; f <= XA_IPV6; f++)
		for (i = 0, r = db->range[f]; i < db->n[f]; i++, r++)
			if (xa_addr_cmp(r->first, r->last) > 0 || !r->label ||
			    (f == XA_IPV4 && (r->last.hi || r->last.lo > UINT32_MAX)) ||
			    (i && r[-1].label == r->label &&
			     xa_addr_cmp(r[-1].last, r->first) >= 0))
				abort();
}

const char *__lsan_default_suppressions(void);

/* MMDB_open() of metadata that it refuses; our process ends then. */
const char *__lsan_default_suppressions(void)
{
	return "leak:libmaxminddb";
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct xa_source src = { .force = false };
	const char *path;
	struct xa_err err;
	struct xa_db db;
	bool taken;

	if (!size)
		return 0;
	if (fd < 0)	/* what is said of lines that are left out; sanitizers do not use it */
		stderr = fopen("/dev/null", "w");
	path = file_of(data + 1, size - 1);
	xa_db_init(&db, *data & 1 ? &xa_asn : &xa_geoip);
	src.db = &db;
	src.skip_bad = *data & 2 ? 3 : 0;
	src.force = *data & 4;
	if (xa_source_places(&src, path, &taken, &err) &&
	    (taken || xa_source_read(&src, path, XA_FORMAT_AUTO, &err)) &&
	    xa_db_sort(&db, &err))
		check(&db);
	xa_source_free(&src);
	xa_db_free(&db);
	return 0;
}
