/* SPDX-License-Identifier: GPL-2.0-only WITH Linux-syscall-note */
/*
 * xa_replace - a file that is replaced as a whole
 *
 * It is written beside the old one, whose place it takes when it is complete and on disk. What
 * is no file, as a pipe or a device, is written into. A symbolic link is followed if it is
 * root's or the caller's; another one is replaced itself, since whoever has made it must not
 * choose what root writes.
 */
#ifndef _XA_REPLACE_H
#define _XA_REPLACE_H

#include <errno.h>
#include <fcntl.h>
#include <libgen.h>
#include <limits.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

struct xa_replace {
	FILE *f;
	char path[PATH_MAX];		/* links are resolved */
	char beside[PATH_MAX + 8];	/* empty: written in place */
};

/* Where a path leads. Return: whether there is something that is no file; false and errno */
static inline bool xa_replace_resolve(const char *path, char real[PATH_MAX], bool *other)
{
	struct stat st;
	bool link;

	*other = false;
	if ((size_t)snprintf(real, PATH_MAX, "%s", path) >= PATH_MAX) {
		errno = ENAMETOOLONG;
		return false;
	}
	if (lstat(path, &st))
		return errno == ENOENT;
	link = S_ISLNK(st.st_mode) && (!st.st_uid || st.st_uid == geteuid());
	if (link && stat(path, &st))
		return false;
	*other = !S_ISREG(st.st_mode) && !S_ISLNK(st.st_mode);
	return *other || !link || realpath(path, real);
}

/* Whether a path is of what is written into, as a pipe or a device */
static inline bool xa_replace_in_place(const char *path)
{
	char real[PATH_MAX];
	bool other;

	return xa_replace_resolve(path, real, &other) && other;
}

/* Open the new file, r->f. Return: whether that went well; else errno says why */
static inline bool xa_replace_open(struct xa_replace *r, const char *path, mode_t mode)
{
	bool other;
	int fd;

	*r->beside = '\0';
	r->f = NULL;
	if (!xa_replace_resolve(path, r->path, &other))
		return false;
	if (other)
		return (r->f = fopen(path, "we"));
	snprintf(r->beside, sizeof(r->beside), "%s.XXXXXX", r->path);
	fd = mkostemp(r->beside, O_CLOEXEC);
	if (fd < 0)
		return false;
	if (!fchmod(fd, mode))
		r->f = fdopen(fd, "w");
	if (!r->f) {
		unlink(r->beside);
		close(fd);
	}
	return r->f;
}

/* Close the new file. Return: whether all of it is there, on disk; else errno */
static inline bool xa_replace_close(struct xa_replace *r, bool good)
{
	int why = errno;

	if (good) {
		errno = 0;
		good = !fflush(r->f) && !ferror(r->f) &&
		       (!*r->beside || !fsync(fileno(r->f)));
		why = errno ? errno : EIO;
	}
	if (fclose(r->f) && good) {
		good = false;
		why = errno;
	}
	errno = why;
	return good;
}

/* The folder of a file, to the disk */
static inline bool xa_replace_sync(const char *path)
{
	char copy[PATH_MAX];
	bool good;
	int fd;

	snprintf(copy, sizeof(copy), "%s", path);
	fd = open(dirname(copy), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (fd < 0)
		return false;
	good = !fsync(fd);
	close(fd);
	return good;
}

/* Take the new file, or forget it; it is closed. Return: whether it was taken; else errno */
static inline bool xa_replace_end(struct xa_replace *r, bool good)
{
	int why;

	if (!*r->beside)
		return good;
	good = good && !rename(r->beside, r->path);
	if (good)
		return xa_replace_sync(r->path);
	why = errno;
	unlink(r->beside);
	errno = why;
	return false;
}

#endif /* _XA_REPLACE_H */
