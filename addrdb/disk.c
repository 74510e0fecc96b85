// SPDX-License-Identifier: GPL-2.0-only
/* disk - read and write the folder of a database */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "addrdb.h"

static const char *const suffix[] = { ".iv4", ".iv6" };

static size_t record_size(int family)
{
	return family == XA_IPV4 ? 8 : 32;
}

bool xa_disk_path(const struct xa_kind *kind, const char *dir, uint32_t label,
		  int family, char *path, size_t len)
{
	char text[XA_LABEL_LEN];

	return (size_t)snprintf(path, len, "%s/%s%s", dir,
				xa_label_text(kind, label, text),
				suffix[family]) < len;
}

/* The next name in a folder; NULL: there are no more or, and bad is set, it cannot be read. */
const struct dirent *xa_dir_next(DIR *d, bool *bad)
{
	const struct dirent *e;

	errno = 0;
	e = readdir(d);
	if (!e && errno)
		*bad = true;
	return e;
}

/* Ranges from the bytes of a file; they must ascend and not overlap. */
static bool take_ranges(struct xa_db *db, const char *path, int family,
			uint32_t label, const uint8_t *bytes, size_t n,
			struct xa_err *err)
{
	size_t half = record_size(family) / 2, i;
	struct xa_range r = { .label = label };
	struct xa_addr before = { 0, 0 };

	for (i = 0; i < n; i++, bytes += 2 * half) {
		r.first = xa_addr_load(family, bytes);
		r.last = xa_addr_load(family, bytes + half);
		if (xa_addr_cmp(r.first, r.last) > 0 ||
		    (i && xa_addr_cmp(r.first, before) <= 0))
			return xa_fail(err, "%s seems to be corrupted: range %zu is not in order",
				       path, i + 1);
		before = r.last;
		if (!xa_db_add(db, family, &r, err))
			return false;
	}
	return xa_db_add_label(db, label, err);
}

static bool read_fd(int fd, uint8_t *bytes, size_t len)
{
	size_t done = 0;
	ssize_t n = 1;

	while (done < len && n > 0) {
		n = read(fd, bytes + done, len - done);
		if (n > 0)
			done += n;
	}
	return done == len;
}

static bool read_open(struct xa_db *db, int fd, const char *path, int family,
		      uint32_t label, struct xa_err *err)
{
	size_t size = record_size(family);
	struct stat st;
	uint8_t *bytes;
	bool good;

	if (fstat(fd, &st))
		return xa_fail(err, "%s: %s", path, strerror(errno));
	if (!S_ISREG(st.st_mode) || st.st_size % size)
		return xa_fail(err, "%s seems to be corrupted: %lld bytes are no multiple of %zu",
			       path, (long long)st.st_size, size);
	if (st.st_mtime > db->date)
		db->date = st.st_mtime;
	bytes = malloc(st.st_size + 1);
	if (!bytes)
		return xa_fail(err, "%s: no memory", path);
	if (read_fd(fd, bytes, st.st_size))
		good = take_ranges(db, path, family, label, bytes,
				   st.st_size / size, err);
	else
		good = xa_fail(err, "%s: short read", path);
	free(bytes);
	return good;
}

/* Which label and family is a file of? libloc writes AS64500.iv4. */
bool xa_disk_parse_name(const struct xa_kind *kind, const char *name,
			uint32_t *label, int *family)
{
	char text[XA_LABEL_LEN], again[XA_LABEL_LEN];
	size_t len;

	if (kind == &xa_asn && !strncmp(name, "AS", 2))
		name += 2;
	len = strlen(name);
	if (len < 5 || len - 4 >= sizeof(text))
		return false;
	memcpy(text, name, len - 4);
	text[len - 4] = '\0';
	for (*family = XA_IPV4; *family <= XA_IPV6; ++*family)
		if (!strcmp(name + len - 4, suffix[*family]))
			return xa_label_parse(kind, text, label) &&
			       !strcmp(xa_label_text(kind, *label, again), text);
	return false;
}

static bool read_all(struct xa_db *db, DIR *d, const char *dir, struct xa_err *err)
{
	const struct dirent *e;
	char path[4096];
	uint32_t label;
	int family, fd;
	bool good = true, bad = false;

	while (good && (e = xa_dir_next(d, &bad))) {
		if (!xa_disk_parse_name(db->kind, e->d_name, &label, &family))
			continue;
		snprintf(path, sizeof(path), "%s/%s", dir, e->d_name);
		fd = openat(dirfd(d), e->d_name, O_RDONLY | O_CLOEXEC);
		if (fd < 0)
			return xa_fail(err, "Could not open %s: %s", path, strerror(errno));
		good = read_open(db, fd, path, family, label, err);
		close(fd);
	}
	return bad ? xa_fail(err, "cannot read %s: %s", dir, strerror(errno)) : good;
}

/* All of a folder, sorted. */
enum xa_found xa_disk_read(struct xa_db *db, const char *dir, struct xa_err *err)
{
	DIR *d = opendir(dir);
	bool good;

	if (!d) {
		xa_fail(err, "Could not open %s: %s", dir, strerror(errno));
		return errno == ENOENT ? XA_FOUND_NONE : XA_FOUND_BAD;
	}
	good = read_all(db, d, dir, err);
	closedir(d);
	if (good && !db->labels) {
		xa_fail(err, "there is no %s database in %s: xt_%s_build makes one",
			db->kind->name, dir, db->kind->name);
		return XA_FOUND_NONE;
	}
	return good && xa_db_sort(db, err) ? XA_FOUND : XA_FOUND_BAD;
}

void xa_disk_name(const struct xa_kind *kind, uint32_t label, int family,
		  char *name, size_t len)
{
	char text[XA_LABEL_LEN];

	snprintf(name, len, "%s%s", xa_label_text(kind, label, text), suffix[family]);
}

static bool write_bytes(int fd, const uint8_t *bytes, size_t len)
{
	ssize_t n = 1;

	for (; len && n > 0; bytes += n, len -= n)
		n = write(fd, bytes, len);
	return !len;
}

/* Half the files of AS numbers are empty: those need not be opened. */
static bool write_file(int dfd, const char *name, const uint8_t *bytes, size_t len,
		       struct xa_err *err)
{
	bool good;
	int fd;

	if (!len) {
		good = !mknodat(dfd, name, S_IFREG | 0644, 0);
	} else {
		fd = openat(dfd, name, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0644);
		good = fd >= 0 && write_bytes(fd, bytes, len);
		if (fd >= 0 && close(fd))
			good = false;
	}
	return good || xa_fail(err, "cannot write %s: %s", name, strerror(errno));
}

static bool write_label(int dfd, const struct xa_range *r, size_t n, int family,
			const char *name, struct xa_err *err)
{
	size_t size = record_size(family), i;
	uint8_t few[1024], *bytes = few;
	bool good;

	if (n * size > sizeof(few))
		bytes = malloc(n * size);
	if (!bytes)
		return xa_fail(err, "%s: no memory", name);
	for (i = 0; i < n; i++) {
		xa_addr_store(family, r[i].first, bytes + i * size);
		xa_addr_store(family, r[i].last, bytes + i * size + size / 2);
	}
	good = write_file(dfd, name, bytes, n * size, err);
	if (bytes != few)
		free(bytes);
	return good;
}

static bool same_ranges(const struct xa_range *a, const struct xa_range *b, size_t n)
{
	for (; n; a++, b++, n--)
		if (xa_addr_cmp(a->first, b->first) || xa_addr_cmp(a->last, b->last))
			return false;
	return true;
}

/* Whether the folder has this file already. */
static bool is_there(const struct xa_db *old, int dfd, const char *name, int family,
		     uint32_t label, const struct xa_range *r, size_t n)
{
	const struct xa_range *before;
	struct stat st;

	return old && xa_db_label_ranges(old, family, label, &before) == n &&
	       same_ranges(before, r, n) &&
	       !fstatat(dfd, name, &st, AT_SYMLINK_NOFOLLOW) && S_ISREG(st.st_mode) &&
	       (uint64_t)st.st_size == n * record_size(family);
}

/*
 * Write the files of a sorted database into the empty folder from, but for
 * those that dfd has already, with what old says of them (NULL: not known).
 */
bool xa_disk_write(const struct xa_db *db, const struct xa_db *old, int dfd,
		   int from, size_t *written, struct xa_err *err)
{
	const struct xa_range *r;
	char name[32];
	size_t i, n;
	int f;

	*written = 0;
	for (f = XA_IPV4; f <= XA_IPV6; f++)
		for (i = 0, r = db->range[f]; i < db->labels; i++, r += n) {
			const struct xa_range *end = db->range[f] + db->n[f];

			for (n = 0; r + n < end && r[n].label == db->label[i]; n++)
				;
			xa_disk_name(db->kind, db->label[i], f, name, sizeof(name));
			if (is_there(old, dfd, name, f, db->label[i], r, n))
				continue;
			if (!write_label(from, r, n, f, name, err))
				return false;
			++*written;
		}
	return true;
}

/* Move what has been written into place. */
bool xa_disk_move(const struct xa_db *db, int from, int to, struct xa_err *err)
{
	DIR *d = fdopendir(dup(from));
	const struct dirent *e;
	uint32_t label;
	int family;
	bool good = true, bad = false;

	if (!d)
		return xa_fail(err, "cannot read a folder: %s", strerror(errno));
	rewinddir(d);
	while (good && (e = xa_dir_next(d, &bad)))
		if (xa_disk_parse_name(db->kind, e->d_name, &label, &family) &&
		    renameat(from, e->d_name, to, e->d_name))
			good = xa_fail(err, "cannot move %s into place: %s",
				       e->d_name, strerror(errno));
	if (bad)
		good = xa_fail(err, "cannot read a folder: %s", strerror(errno));
	closedir(d);
	return good;
}

/* Remove files of a database; not those of other names. */
void xa_disk_clear(const struct xa_kind *kind, int dfd)
{
	DIR *d = fdopendir(dup(dfd));
	const struct dirent *e;
	uint32_t label;
	bool bad;	/* what cannot be read stays */
	int family;

	if (!d)
		return;
	rewinddir(d);
	while ((e = xa_dir_next(d, &bad)))
		if (xa_disk_parse_name(kind, e->d_name, &label, &family))
			unlinkat(dfd, e->d_name, 0);
	closedir(d);
}

/* Whether a folder has a file of a database; if it cannot be read, too. */
bool xa_disk_any(const struct xa_kind *kind, int dfd)
{
	DIR *d = fdopendir(dup(dfd));
	const struct dirent *e;
	uint32_t label;
	int family;
	bool any = false, bad = false;

	if (!d)
		return true;
	rewinddir(d);
	while (!any && (e = xa_dir_next(d, &bad)))
		any = xa_disk_parse_name(kind, e->d_name, &label, &family);
	closedir(d);
	return any || bad;
}

/* Remove the files that libloc has written beside our names. */
void xa_disk_clear_doubles(const struct xa_kind *kind, int dfd)
{
	DIR *d = kind == &xa_asn ? fdopendir(dup(dfd)) : NULL;
	const struct dirent *e;
	uint32_t label;
	bool bad;	/* what cannot be read stays */
	int family;

	if (!d)
		return;
	rewinddir(d);
	while ((e = xa_dir_next(d, &bad)))
		if (!strncmp(e->d_name, "AS", 2) &&
		    xa_disk_parse_name(kind, e->d_name, &label, &family))
			unlinkat(dfd, e->d_name, 0);
	closedir(d);
}
