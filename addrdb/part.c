// SPDX-License-Identifier: GPL-2.0-only
/*
 * part - a file that is being written beside the one whose place it takes
 *
 * Each download has a name of its own, FILE.part-PID-N, so that two at a time do not write
 * into one file. What an interrupted one has left is removed when it is old.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "tools.h"

/* Far longer than a file is written, in seconds. */
#define STALE	3600

/* Remove FILE.part and FILE.part-... that are old; links are not followed. */
static void sweep(int dfd, const char *file)
{
	DIR *d = fdopendir(dup(dfd));
	size_t len = strlen(file);
	const struct dirent *e;
	struct stat st;
	bool bad;

	if (!d)
		return;
	rewinddir(d);
	while ((e = xa_dir_next(d, &bad)))
		if (!strncmp(e->d_name, file, len) && !strncmp(e->d_name + len, ".part", 5) &&
		    !fstatat(dfd, e->d_name, &st, AT_SYMLINK_NOFOLLOW) &&
		    !S_ISDIR(st.st_mode) && st.st_mtime < time(NULL) - STALE)
			unlinkat(dfd, e->d_name, 0);
	closedir(d);
}

/* A new file in a folder, and no other; part gets its name. */
FILE *xa_part_create(int dfd, const char *file, char part[XA_PART_NAME], struct xa_err *err)
{
	int fd = -1, i;
	FILE *f;

	sweep(dfd, file);
	for (i = 0; i < 100; i++) {
		snprintf(part, XA_PART_NAME, "%s.part-%d-%d", file, (int)getpid(), i);
		fd = openat(dfd, part, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0666);
		if (fd >= 0 || errno != EEXIST)
			break;
	}
	f = fd < 0 ? NULL : fdopen(fd, "w");
	if (!f)
		xa_fail(err, "%s: %s", part, strerror(errno));
	if (!f && fd >= 0) {
		unlinkat(dfd, part, 0);
		close(fd);
	}
	return f;
}
