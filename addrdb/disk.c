// SPDX-License-Identifier: GPL-2.0-only
/* disk - read and write the folder of a database */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
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

/* The file of a label. */
bool xa_disk_read_label(struct xa_db *db, const char *dir, uint32_t label,
			int family, struct xa_err *err)
{
	char path[4096];
	bool good;
	int fd;

	if (!xa_disk_path(db->kind, dir, label, family, path, sizeof(path)))
		return xa_fail(err, "%s: name too long", dir);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return xa_fail(err, "Could not open %s: %s", path, strerror(errno));
	good = read_open(db, fd, path, family, label, err);
	close(fd);
	return good;
}

/* Which label and family is a file of? libloc writes AS64500.iv4. */
static bool parse_name(const struct xa_kind *kind, const char *name,
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
	bool good = true;

	while (good && (e = readdir(d))) {
		if (!parse_name(db->kind, e->d_name, &label, &family))
			continue;
		snprintf(path, sizeof(path), "%s/%s", dir, e->d_name);
		fd = openat(dirfd(d), e->d_name, O_RDONLY | O_CLOEXEC);
		if (fd < 0)
			return xa_fail(err, "Could not open %s: %s", path, strerror(errno));
		good = read_open(db, fd, path, family, label, err);
		close(fd);
	}
	return good;
}

/* All of a folder, sorted. */
bool xa_disk_read(struct xa_db *db, const char *dir, struct xa_err *err)
{
	DIR *d = opendir(dir);
	bool good;

	if (!d)
		return xa_fail(err, "Could not open %s: %s", dir, strerror(errno));
	good = read_all(db, d, dir, err);
	closedir(d);
	if (good && !db->labels)
		return xa_fail(err, "there is no %s database in %s: xt_%s_build makes one",
			       db->kind->name, dir, db->kind->name);
	return good && xa_db_sort(db, err);
}

static void file_name(const struct xa_kind *kind, uint32_t label, int family,
		      char *name, size_t len)
{
	char text[XA_LABEL_LEN];

	snprintf(name, len, "%s%s", xa_label_text(kind, label, text), suffix[family]);
}

static bool write_label(const struct xa_db *db, int dfd, uint32_t label,
			int family, struct xa_err *err)
{
	const struct xa_range *r;
	size_t n = xa_db_label_ranges(db, family, label, &r);
	size_t half = record_size(family) / 2;
	uint8_t bytes[32];
	char name[32];
	bool good = true;
	FILE *f;
	int fd;

	file_name(db->kind, label, family, name, sizeof(name));
	fd = openat(dfd, name, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0644);
	f = fd < 0 ? NULL : fdopen(fd, "w");
	if (!f)
		return xa_fail(err, "cannot write %s: %s", name, strerror(errno));
	for (; n-- && good; r++) {
		xa_addr_store(family, r->first, bytes);
		xa_addr_store(family, r->last, bytes + half);
		good = fwrite(bytes, half, 2, f) == 2;
	}
	if (fclose(f) || !good)
		return xa_fail(err, "cannot write %s: %s", name, strerror(errno));
	return true;
}

static bool write_all(const struct xa_db *db, int dfd, struct xa_err *err)
{
	size_t i;

	for (i = 0; i < db->labels; i++)
		if (!write_label(db, dfd, db->label[i], XA_IPV4, err) ||
		    !write_label(db, dfd, db->label[i], XA_IPV6, err))
			return false;
	if (syncfs(dfd))
		return xa_fail(err, "cannot write: %s", strerror(errno));
	return true;
}

/* Everything goes in, then what has no label any more goes out. */
static bool move_all(const struct xa_db *db, int from, int to, struct xa_err *err)
{
	char name[32];
	size_t i;
	int f;

	for (i = 0; i < db->labels; i++)
		for (f = XA_IPV4; f <= XA_IPV6; f++) {
			file_name(db->kind, db->label[i], f, name, sizeof(name));
			if (renameat(from, name, to, name))
				return xa_fail(err, "cannot move %s into place: %s",
					       name, strerror(errno));
		}
	return true;
}

static bool has_label(const struct xa_db *db, uint32_t label)
{
	size_t from = 0, to = db->labels, mid;

	while (from < to) {
		mid = (from + to) / 2;
		if (db->label[mid] == label)
			return true;
		if (db->label[mid] < label)
			from = mid + 1;
		else
			to = mid;
	}
	return false;
}

static bool is_written(const struct xa_db *db, const char *name, uint32_t label)
{
	return has_label(db, label) &&
	       !(db->kind == &xa_asn && !strncmp(name, "AS", 2));
}

/* Files in a folder that look like ours; keep: not those just written */
static void remove_files(const struct xa_db *db, int dfd, bool keep)
{
	DIR *d = fdopendir(dup(dfd));
	const struct dirent *e;
	uint32_t label;
	int family;

	if (!d)
		return;
	rewinddir(d);
	while ((e = readdir(d)))
		if (parse_name(db->kind, e->d_name, &label, &family) &&
		    !(keep && is_written(db, e->d_name, label)))
			unlinkat(dfd, e->d_name, 0);
	closedir(d);
}

/* The part that must not be left half done by a signal. */
static bool replace(const struct xa_db *db, int from, int to, struct xa_err *err)
{
	sigset_t all, before;
	bool good;

	sigfillset(&all);
	sigprocmask(SIG_BLOCK, &all, &before);
	good = move_all(db, from, to, err);
	if (good)
		remove_files(db, to, true);
	fsync(to);
	sigprocmask(SIG_SETMASK, &before, NULL);
	return good;
}

/*
 * Replace the database in a folder. All is written beside it first; until
 * that is complete and on disk, the old files are as they were.
 */
bool xa_disk_write(const struct xa_db *db, const char *dir, struct xa_err *err)
{
	char temp[4096];
	int from = -1, to;
	bool good = false;

	if ((size_t)snprintf(temp, sizeof(temp), "%s/.new-XXXXXX", dir) >= sizeof(temp))
		return xa_fail(err, "%s: name too long", dir);
	to = open(dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (to < 0)
		return xa_fail(err, "%s: %s", dir, strerror(errno));
	if (mkdtemp(temp))
		from = open(temp, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (from < 0) {
		xa_fail(err, "cannot make a folder in %s: %s", dir, strerror(errno));
	} else {
		good = write_all(db, from, err) && replace(db, from, to, err);
		remove_files(db, from, false);
		close(from);
	}
	rmdir(temp);
	close(to);
	return good;
}
