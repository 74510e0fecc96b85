// SPDX-License-Identifier: GPL-2.0-only
/*
 * unpack - files as they are distributed: plain, compressed, in an archive
 *
 * A file is a stream whatever it is packed in. Of an archive one file is
 * read: the one whose name has a given end, or the only one that can be a
 * database.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "config.h"
#include "tools.h"

/* No database comes near it; a bomb would go beyond. */
#define MAX_BYTES (4096LL << 20)

static FILE *open_plain(const char *path, struct xa_err *err)
{
	FILE *f = fopen(path, "re");

	if (!f)
		xa_fail(err, "Could not open %s: %s", path, strerror(errno));
	return f;
}

static bool is_packed(FILE *f)
{
	static const struct {
		const char *text;
		size_t len;
	} magic[] = {
		{ "\x1f\x8b", 2 }, { "PK\3\4", 4 }, { "\3757zXZ", 5 }, { "BZh", 3 },
		{ "\x28\xb5\x2f\xfd", 4 },
	};
	struct stat st;
	char head[8];
	size_t n, i;

	/* what is no file cannot be read twice */
	if (fstat(fileno(f), &st) || !S_ISREG(st.st_mode))
		return false;
	n = fread(head, 1, sizeof(head), f);
	rewind(f);
	for (i = 0; i < sizeof(magic) / sizeof(*magic); i++)
		if (n >= magic[i].len && !memcmp(head, magic[i].text, magic[i].len))
			return true;
	return false;
}

/* When a file was changed; what is no file is made now. */
static time_t file_date(FILE *f)
{
	struct stat st;

	return !fstat(fileno(f), &st) && S_ISREG(st.st_mode) ? st.st_mtime : time(NULL);
}

#ifdef HAVE_LIBARCHIVE
#include <archive.h>
#include <archive_entry.h>
#include <zlib.h>

/* Read all of it; what is longer than max is refused elsewhere. */
static bool check_gzip(gzFile z, long long max, const char *name, struct xa_err *err)
{
	static char buf[1 << 16];
	long long total = 0;
	const char *why;
	int n, e;

	while ((n = gzread(z, buf, sizeof(buf))) > 0 && total <= max)
		total += n;
	why = gzerror(z, &e);
	/* it begins with "<fd:N>: " */
	if (n < 0)
		return xa_fail(err, "%s: cannot unpack it: %s", name,
			       strchr(why, ' ') ? strchr(why, ' ') + 1 : why);
	return e == Z_OK || xa_fail(err, "%s: cannot unpack it: truncated gzip input", name);
}

/*
 * Whether a file that is packed by gzip has the checksums and lengths that are in it:
 * libarchive does not look. Others are not looked at; afterwards it is at its begin.
 */
bool xa_unpack_check(FILE *f, long long max, const char *name, struct xa_err *err)
{
	bool packed = getc(f) == 0x1f && getc(f) == 0x8b, good;
	gzFile z;
	int fd;

	rewind(f);
	if (!packed)
		return true;
	fd = dup(fileno(f));
	z = fd < 0 || lseek(fd, 0, SEEK_SET) ? NULL : gzdopen(fd, "r");
	if (!z) {
		if (fd >= 0)
			close(fd);
		return xa_fail(err, "%s: cannot unpack it: %s", name, strerror(errno));
	}
	good = check_gzip(z, max, name, err);
	gzclose(z);
	rewind(f);
	return good;
}

struct xa_unpack {
	struct archive *a;
	long long total;
	time_t date;		/* of the member, else of what it is packed in */
	char why[200];
};

time_t xa_unpack_date(FILE *f, const struct xa_unpack *u)
{
	return u ? u->date : file_date(f);
}

static ssize_t read_packed(void *cookie, char *buf, size_t len)
{
	struct xa_unpack *u = cookie;
	la_ssize_t n = archive_read_data(u->a, buf, len);

	if (n >= 0 && (u->total += n) <= MAX_BYTES)
		return n;
	snprintf(u->why, sizeof(u->why), "cannot unpack it: %s",
		 n >= 0 ? "far too large" :
		 archive_error_string(u->a) ? archive_error_string(u->a) : "damaged");
	errno = EIO;
	return -1;
}

static int close_packed(void *cookie)
{
	struct xa_unpack *u = cookie;

	archive_read_free(u->a);
	free(u);
	return 0;
}

const char *xa_unpack_why(const struct xa_unpack *u)
{
	return u->why;
}

static struct archive *open_archive(const char *path)
{
	struct archive *a = archive_read_new();

	if (!a)
		return NULL;
	archive_read_support_filter_gzip(a);
	archive_read_support_filter_bzip2(a);
	archive_read_support_filter_xz(a);
	archive_read_support_filter_zstd(a);
	archive_read_support_format_zip(a);
	archive_read_support_format_tar(a);
	archive_read_support_format_raw(a);
	if (archive_read_open_filename(a, path, 65536) == ARCHIVE_OK)
		return a;
	archive_read_free(a);
	return NULL;
}

static bool ends_in(const char *name, const char *end)
{
	size_t n = strlen(name), m = strlen(end);

	return n >= m && !strcasecmp(name + n - m, end);
}

static bool can_be_database(const char *name)
{
	return ends_in(name, ".csv") || ends_in(name, ".mmdb");
}

/* The next file of an archive that is wanted, NULL: there is none */
static const char *next_member(struct archive *a, const char *suffix, time_t *date)
{
	struct archive_entry *e;
	const char *name;

	while (archive_read_next_header(a, &e) == ARCHIVE_OK) {
		name = archive_entry_pathname(e);
		*date = archive_entry_mtime_is_set(e) ? archive_entry_mtime(e) : 0;
		if (archive_format(a) == ARCHIVE_FORMAT_RAW)
			return "";
		if (name && archive_entry_filetype(e) == AE_IFREG &&
		    (suffix ? ends_in(name, suffix) : can_be_database(name)))
			return name;
	}
	return NULL;
}

/*
 * The name of the file in an archive with this end; NULL: of the only one
 * that can be a database. Not an archive: false.
 */
bool xa_unpack_member(const char *path, const char *suffix, char *name, size_t len)
{
	struct archive *a;
	const char *found;
	struct xa_err err;
	FILE *f = open_plain(path, &err);
	bool packed = f && is_packed(f);
	time_t date;

	if (f)
		fclose(f);
	a = packed ? open_archive(path) : NULL;
	if (!a)
		return false;
	found = next_member(a, suffix, &date);
	if (found)
		snprintf(name, len, "%s", found);
	packed = found && *found && (suffix || !next_member(a, suffix, &date));
	archive_read_free(a);
	return packed;
}

static bool select_member(struct xa_unpack *u, const char *path, const char *member,
			  struct xa_err *err)
{
	char only[1024];
	const char *name;
	time_t date;

	name = next_member(u->a, member, &date);
	if (!name && archive_errno(u->a))
		return xa_fail(err, "%s: cannot unpack it: %s", path, archive_error_string(u->a));
	if (!name)
		return xa_fail(err, "%s: there is no %s in it", path,
			       member ? member : "file .csv or .mmdb");
	if (*name && !member && !xa_unpack_member(path, NULL, only, sizeof(only)))
		return xa_fail(err, "%s: several files are in it: unpack it, and name one", path);
	if (date > 0 && date <= time(NULL))
		u->date = date;
	return true;
}

static FILE *open_packed(const char *path, const char *member, time_t date,
			 struct xa_unpack **u, struct xa_err *err)
{
	static const cookie_io_functions_t io = {
		.read  = read_packed,
		.close = close_packed,
	};
	FILE *f = NULL;

	*u = calloc(1, sizeof(**u));
	if (*u) {
		(*u)->a = open_archive(path);
		(*u)->date = date;
	}
	if (!*u || !(*u)->a)
		xa_fail(err, "%s: cannot unpack it", path);
	else if (select_member(*u, path, member, err))
		f = fopencookie(*u, "r", io);
	if (!f && *u) {
		archive_read_free((*u)->a);
		free(*u);
		*u = NULL;
	}
	return f;
}

#else

const char *xa_unpack_why(const struct xa_unpack *u)
{
	(void)u;
	return "";
}

time_t xa_unpack_date(FILE *f, const struct xa_unpack *u)
{
	(void)u;
	return file_date(f);
}

bool xa_unpack_check(FILE *f, long long max, const char *name, struct xa_err *err)
{
	(void)f;
	(void)max;
	(void)name;
	(void)err;
	return true;
}

bool xa_unpack_member(const char *path, const char *suffix, char *name, size_t len)
{
	(void)path;
	(void)suffix;
	(void)name;
	(void)len;
	return false;
}

static FILE *open_packed(const char *path, const char *member, time_t date,
			 struct xa_unpack **u, struct xa_err *err)
{
	(void)member;
	(void)date;
	*u = NULL;
	xa_fail(err, "%s is compressed: this program was built without libarchive", path);
	return NULL;
}

#endif

/* Open a file, or the member of an archive. */
FILE *xa_unpack_open(const char *path, const char *member, struct xa_unpack **u,
		     struct xa_err *err)
{
	FILE *f = open_plain(path, err);
	time_t date;

	*u = NULL;
	if (!f || !is_packed(f))
		return f;
	date = file_date(f);
	if (!xa_unpack_check(f, MAX_BYTES, path, err)) {
		fclose(f);
		return NULL;
	}
	fclose(f);
	return open_packed(path, member, date, u, err);
}
