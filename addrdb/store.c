// SPDX-License-Identifier: GPL-2.0-only
/*
 * store - the database of a folder: its image, and the files beside it
 *
 * The image, NAME.db, is the database. It is written beside the old one and
 * renamed, which is the moment from which the new database counts; what is
 * interrupted before leaves the old one, and after it only the files for
 * other programs are not all in place, which the next build mends. Readers
 * need no lock.
 *
 * Programs that know of no image write the files only. A file that is newer
 * than the image, or has a label that the image does not know, tells that
 * this has happened: then the files are the database, and the next one that
 * may write makes an image of them. Our own files are never newer: they are
 * written before the image; those of a first build, which are written after
 * it, when it is dated ahead.
 *
 * Writers hold a lock, on a file that only the owner of the folder can open.
 */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "store.h"

#define LOCK_NAME	".lock"
#define TEMP_PREFIX	".new-"

/* Longer than a first build takes to write its files, in seconds. */
#define FIRST_BUILD	3600

/* How often a reader begins anew because a database was replaced meanwhile. */
#define TRIES		20

static void image_name(const struct xa_kind *kind, char name[32])
{
	snprintf(name, 32, "%s.db", kind->name);
}

static void close_source(struct source *s)
{
	if (s->fd >= 0)
		close(s->fd);
	if (s->dfd >= 0)
		close(s->dfd);
	s->fd = s->dfd = -1;
}

/* Open the image of a folder, if there is one that counts; all: see xa_store_stale() */
static bool open_source(struct source *s, const struct xa_kind *kind, const char *dir,
			bool all, struct xa_err *err)
{
	struct xa_err why;
	char name[32];

	memset(s, 0, sizeof(*s));
	s->fd = -1;
	s->dfd = open(dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (s->dfd < 0)
		return xa_fail(err, "Could not open %s: %s", dir, strerror(errno));
	image_name(kind, name);
	s->fd = openat(s->dfd, name, O_RDONLY | O_NONBLOCK | O_CLOEXEC);
	if (s->fd < 0)
		return true;
	if (!fstat(s->fd, &s->st))
		s->usable = xa_image_read_head(s->fd, kind, &s->head, &why) &&
			    !xa_store_stale(s, kind, all);
	return true;
}

/* Whether the image is still the one that was opened, or none. */
static bool unchanged(const struct source *s, const struct xa_kind *kind)
{
	struct stat st;
	char name[32];

	image_name(kind, name);
	if (fstatat(s->dfd, name, &st, 0))
		return s->fd < 0;
	return s->fd >= 0 && st.st_dev == s->st.st_dev && st.st_ino == s->st.st_ino &&
	       st.st_ctim.tv_sec == s->st.st_ctim.tv_sec &&
	       st.st_ctim.tv_nsec == s->st.st_ctim.tv_nsec;
}

/* The image, into an empty database. */
static bool read_image(struct xa_db *db, const struct source *s)
{
	struct xa_image img;
	struct xa_err why;
	bool good;

	if (!s->usable || !xa_image_read(&img, s->fd, &s->head, &why))
		return false;
	good = xa_image_db(db, &img, &why) && xa_db_sort(db, &why);
	xa_image_free(&img);
	if (!good)
		xa_db_free(db);
	return good;
}

/* The files of a folder; again: an image came or went meanwhile. */
static enum xa_found read_files(struct xa_db *db, const struct source *s, const char *dir,
				bool *again, struct xa_err *err)
{
	enum xa_found found = xa_disk_read(db, dir, err);

	*again = !unchanged(s, db->kind);
	if (found != XA_FOUND_NONE || s->fd < 0)
		return found;
	xa_fail(err, "the database in %s is damaged, and there are no files beside it", dir);
	return XA_FOUND_BAD;
}

/*
 * The database of a folder, sorted: its image or, where there is none, a
 * damaged one or one that has been overtaken, its files.
 */
static enum xa_found read_once(struct xa_db *db, const struct source *s, const char *dir,
			       bool *from_image, bool *again, struct xa_err *err)
{
	*again = false;
	*from_image = s->usable && read_image(db, s);
	return *from_image ? XA_FOUND : read_files(db, s, dir, again, err);
}

static enum xa_found read_any(struct xa_db *db, const char *dir, bool *from_image,
			      struct xa_err *err)
{
	enum xa_found found = XA_FOUND_BAD;
	struct source s;
	bool again = true;
	int tries;

	for (tries = 0; tries < TRIES && again; tries++) {
		xa_db_free(db);
		if (!open_source(&s, db->kind, dir, true, err)) {
			close_source(&s);
			return errno == ENOENT ? XA_FOUND_NONE : XA_FOUND_BAD;
		}
		found = read_once(db, &s, dir, from_image, &again, err);
		close_source(&s);
	}
	if (found != XA_FOUND)
		xa_db_free(db);
	return found;
}

enum xa_found xa_store_read(struct xa_db *db, const char *dir, struct xa_err *err)
{
	bool from_image;

	return read_any(db, dir, &from_image, err);
}

/* ---- writing */

static int lock_store(const char *dir, int tries, struct xa_err *err)
{
	const struct timespec wait = { 0, 100 * 1000 * 1000 };
	int dfd, fd;

	dfd = open(dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (dfd < 0) {
		xa_fail(err, "%s: %s", dir, strerror(errno));
		return -1;
	}
	fd = openat(dfd, LOCK_NAME, O_RDWR | O_CREAT | O_NOFOLLOW | O_CLOEXEC, 0600);
	close(dfd);
	if (fd < 0) {
		xa_fail(err, "%s/%s: %s", dir, LOCK_NAME, strerror(errno));
		return -1;
	}
	while (flock(fd, LOCK_EX | LOCK_NB)) {
		if (errno != EWOULDBLOCK || !tries--) {
			xa_fail(err, "%s: another program is writing the database", dir);
			close(fd);
			return -1;
		}
		nanosleep(&wait, NULL);
	}
	return fd;
}

/*
 * The lock of a folder, for whoever replaces its database; another one who
 * does that is waited for, a minute at most. Closing the file gives it back.
 */
int xa_store_lock(const char *dir, struct xa_err *err)
{
	return lock_store(dir, 600, err);
}

static void remove_image(const struct xa_kind *kind, int dfd)
{
	char name[32];

	image_name(kind, name);
	unlinkat(dfd, name, 0);
}

static void remove_temp(const struct xa_kind *kind, int dfd, const char *name)
{
	int fd = openat(dfd, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);

	if (fd < 0)
		return;
	remove_image(kind, fd);
	xa_disk_clear(kind, fd);
	close(fd);
	unlinkat(dfd, name, AT_REMOVEDIR);
}

/* Clear what interrupted builds left. Return: whether there was any */
static bool sweep(const struct xa_kind *kind, int dfd)
{
	DIR *d = fdopendir(dup(dfd));
	const struct dirent *e;
	bool any = false, bad = false;

	if (!d)
		return true;
	rewinddir(d);
	while ((e = xa_dir_next(d, &bad)))
		if (!strncmp(e->d_name, TEMP_PREFIX, strlen(TEMP_PREFIX))) {
			remove_temp(kind, dfd, e->d_name);
			any = true;
		}
	closedir(d);
	return any || bad;
}

/* Write the image into a folder. Return: its file */
static int write_image(const struct xa_db *db, int dfd, struct xa_err *err)
{
	struct xa_image img;
	char name[32];
	int fd;

	if (!xa_image_make(&img, db, err))
		return -1;
	image_name(db->kind, name);
	fd = openat(dfd, name, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0644);
	if (fd < 0) {
		xa_fail(err, "cannot write %s: %s", name, strerror(errno));
	} else if (!xa_image_write(&img, fd, err)) {
		close(fd);
		fd = -1;
	}
	xa_image_free(&img);
	return fd;
}

/* From the rename on the new database counts. */
static bool put_image(const struct xa_kind *kind, int from, int to, struct xa_err *err)
{
	char name[32];

	image_name(kind, name);
	if (renameat(from, name, to, name))
		return xa_fail(err, "cannot move %s into place: %s", name, strerror(errno));
	return !fsync(to) || xa_fail(err, "cannot write: %s", strerror(errno));
}

static bool sync_all(int dfd, struct xa_err *err)
{
	return !syncfs(dfd) || xa_fail(err, "cannot write: %s", strerror(errno));
}

/*
 * Nothing is there that could be mixed with the new files, so they are written
 * where they belong: to move 150,000 of them takes nearly as long as to write
 * them. Until they are all there the image is newer than each.
 */
static bool place_first(const struct xa_db *db, int from, int to, int image, struct xa_err *err)
{
	struct timespec ahead[2];
	size_t written;

	clock_gettime(CLOCK_REALTIME_COARSE, &ahead[0]);
	ahead[0].tv_sec += FIRST_BUILD;
	ahead[1] = ahead[0];
	if (futimens(image, ahead))
		return xa_fail(err, "cannot write: %s", strerror(errno));
	if (put_image(db->kind, from, to, err) &&
	    xa_disk_write(db, NULL, to, to, &written, err) && sync_all(to, err))
		return true;
	remove_image(db->kind, to);
	xa_disk_clear(db->kind, to);
	return false;
}

static bool place(const struct xa_db *db, int from, int to, int image, struct xa_err *err)
{
	if (!put_image(db->kind, from, to, err) || !xa_disk_move(db, from, to, err))
		return false;
	xa_disk_clear_doubles(db->kind, to);
	return true;
}

/* The part that a signal should not interrupt; the folder temp is gone then. */
static bool replace(const struct xa_db *db, bool first, int from, int to, const char *temp,
		    int image, struct xa_err *err)
{
	sigset_t all, before;
	bool good;

	sigfillset(&all);
	sigprocmask(SIG_BLOCK, &all, &before);
	good = first ? place_first(db, from, to, image, err) : place(db, from, to, image, err);
	remove_temp(db->kind, to, temp);
	/* newer than the folder: a reader need not look into that */
	futimens(image, NULL);
	fsync(image);
	fsync(to);
	sigprocmask(SIG_SETMASK, &before, NULL);
	return good;
}

static bool write_new(const struct xa_db *db, const struct xa_db *old, bool first,
		      int from, int to, const char *temp, struct xa_err *err)
{
	size_t written = 0;
	bool good = first || xa_disk_write(db, old, to, from, &written, err);
	int image = good ? write_image(db, from, err) : -1;

	if (image < 0)
		return false;
	/* the image is on disk already */
	good = (!written || sync_all(from, err)) &&
	       replace(db, first, from, to, temp, image, err);
	close(image);
	return good;
}

/* Whether a folder has nothing of a database, not even a damaged one. */
static bool is_bare(const struct xa_kind *kind, int dfd)
{
	char name[32];

	image_name(kind, name);
	return faccessat(dfd, name, F_OK, AT_SYMLINK_NOFOLLOW) && !xa_disk_any(kind, dfd);
}

static int make_temp(int dfd, const char *dir, char name[32], struct xa_err *err)
{
	int fd = -1, i;

	for (i = 0; i < 100; i++) {
		snprintf(name, 32, TEMP_PREFIX "%d-%d", (int)getpid(), i);
		if (!mkdirat(dfd, name, 0700))
			fd = openat(dfd, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
		if (fd >= 0 || errno != EEXIST)
			break;
	}
	if (fd < 0)
		xa_fail(err, "cannot make a folder in %s: %s", dir, strerror(errno));
	return fd;
}

/* What was known stays known. Return: whether the files are what old says */
static bool keep_labels(struct xa_db *db, struct xa_db *old, const char *dir, bool *known,
			struct xa_err *err)
{
	struct xa_err ignored;
	size_t i;

	if (read_any(old, dir, known, &ignored) != XA_FOUND) {
		*known = false;
		return true;
	}
	for (i = 0; i < old->labels; i++)
		if (!xa_db_add_label(db, old->label[i], err))
			return false;
	return true;
}

/*
 * Replace the database of a folder; the caller has the lock. All is written
 * beside it first; until that is complete and on disk, the old one is as it
 * was. A first build that fails leaves nothing. Labels that the old one had
 * stay known; db is sorted anew.
 */
bool xa_store_write(struct xa_db *db, const char *dir, struct xa_err *err)
{
	bool good, known = false, interrupted;
	int from = -1, to;
	struct xa_db old;
	char temp[32];

	to = open(dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (to < 0)
		return xa_fail(err, "%s: %s", dir, strerror(errno));
	xa_db_init(&old, db->kind);
	interrupted = sweep(db->kind, to);
	if (!db->date)
		db->date = time(NULL);
	good = keep_labels(db, &old, dir, &known, err) && xa_db_sort(db, err);
	if (good)
		from = make_temp(to, dir, temp, err);
	good = from >= 0 && write_new(db, known && !interrupted ? &old : NULL,
				      is_bare(db->kind, to), from, to, temp, err);
	if (from >= 0) {
		close(from);
		remove_temp(db->kind, to, temp);
	}
	xa_db_free(&old);
	close(to);
	return good;
}

/* ---- loading */

/*
 * An image for a folder that has none that counts: quietly, and only if that
 * is allowed here. It is as old as the look at the files was.
 */
static void make_image(const struct xa_db *db, const struct source *s, const char *dir,
		       struct timespec when)
{
	const struct timespec times[2] = { when, when };
	struct xa_err ignored;
	int lock, from = -1, fd = -1;
	char temp[32];

	if (faccessat(s->dfd, ".", W_OK, AT_EACCESS))
		return;
	lock = lock_store(dir, 0, &ignored);
	if (lock < 0)
		return;
	if (unchanged(s, db->kind))
		from = make_temp(s->dfd, dir, temp, &ignored);
	if (from >= 0) {
		fd = write_image(db, from, &ignored);
		if (fd >= 0 && !futimens(fd, times))
			put_image(db->kind, from, s->dfd, &ignored);
		if (fd >= 0)
			close(fd);
		close(from);
		remove_temp(db->kind, s->dfd, temp);
	}
	close(lock);
}

static bool load_files(struct xa_client *c, const struct source *s, const struct xa_kind *kind,
		       const char *dir, bool *again, struct xa_store_sum *sum,
		       struct xa_err *err)
{
	struct xa_image img = { .part = { NULL } };
	enum xa_found found;
	struct timespec when;
	struct xa_db db;
	bool good;

	xa_db_init(&db, kind);
	clock_gettime(CLOCK_REALTIME_COARSE, &when);
	found = read_files(&db, s, dir, again, err);
	good = found == XA_FOUND && !*again &&
	       xa_image_make(&img, &db, err) && xa_client_load(c, kind, &img, dir, err);
	if (good)
		make_image(&db, s, dir, when);
	*sum = (struct xa_store_sum){ { db.n[XA_IPV4], db.n[XA_IPV6] }, db.labels,
				      found == XA_FOUND_NONE };
	xa_image_free(&img);
	xa_db_free(&db);
	return good;
}

static bool load_once(struct xa_client *c, struct source *s, const struct xa_kind *kind,
		      const char *dir, bool *again, struct xa_store_sum *sum,
		      struct xa_err *err)
{
	bool damaged = true;

	*again = false;
	if (s->usable && xa_client_load_file(c, kind, s->fd, &s->head, dir, &damaged, err)) {
		*sum = (struct xa_store_sum){ { s->ranges[XA_IPV4], s->ranges[XA_IPV6] },
					      s->head.n[XA_PART_LABELS], false };
		return true;
	}
	return damaged && load_files(c, s, kind, dir, again, sum, err);
}

/*
 * Make the database of a folder the kernel's. All of it, or nothing changes.
 * all: look at every file, and not at some, whether it is newer than the image
 */
bool xa_store_load(struct xa_client *c, const struct xa_kind *kind, const char *dir,
		   bool all, struct xa_store_sum *sum, struct xa_err *err)
{
	bool again = true, good = false;
	struct source s;
	int tries;

	memset(sum, 0, sizeof(*sum));
	for (tries = 0; tries < TRIES && again; tries++) {
		good = open_source(&s, kind, dir, all, err);
		sum->none = !good && errno == ENOENT;
		good = good && load_once(c, &s, kind, dir, &again, sum, err);
		again = s.dfd >= 0 && again;
		close_source(&s);
	}
	return good;
}
