// SPDX-License-Identifier: GPL-2.0-only
/*
 * durable - what a power cut would leave of the files that a program writes
 *
 * Preloaded into a program, it checks each time that a file NAME.db gets its
 * name by renameat(): its bytes, and those of all files beside it, must have
 * been on disk; and the name, before any other file is renamed. At the end
 * nothing may be left that is not. What it finds goes to the file descriptor 9.
 *
 * A file that gets its name by rename() must have been on disk as it is then, and the name at
 * the end; what was written, by stdio too, is told by its size. So must another file be that
 * gets its name by renameat().
 */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static unsigned int images;
static char dirty[64];		/* the last file that was written and not synced */
static int unnamed;		/* an image's new name is not on disk yet */
static struct stat synced;	/* the last file that was synced */

static const char *name_of(int fd)
{
	static char path[4096];
	char link[64];
	ssize_t n;

	snprintf(link, sizeof(link), "/proc/self/fd/%d", fd);
	n = readlink(link, path, sizeof(path) - 1);
	path[n < 0 ? 0 : n] = '\0';
	return strrchr(path, '/') ? strrchr(path, '/') + 1 : path;
}

static int is_ours(const char *name)
{
	return strstr(name, ".iv4") || strstr(name, ".iv6") || strstr(name, ".db");
}

static void told(const char *what, const char *name)
{
	dprintf(9, "%s: %s\n", what, name);
}

ssize_t write(int fd, const void *bytes, size_t len)
{
	ssize_t (*real)(int fd, const void *bytes, size_t len) = dlsym(RTLD_NEXT, "write");
	const char *name = name_of(fd);

	if (is_ours(name))
		snprintf(dirty, sizeof(dirty), "%s", name);
	return real(fd, bytes, len);
}

int fsync(int fd)
{
	int (*real)(int fd) = dlsym(RTLD_NEXT, "fsync");
	const char *name = name_of(fd);

	if (!strcmp(name, dirty))
		dirty[0] = '\0';
	if (!is_ours(name))
		unnamed = 0;
	if (fstat(fd, &synced))
		synced.st_ino = 0;
	return real(fd);
}

int syncfs(int fd)
{
	int (*real)(int fd) = dlsym(RTLD_NEXT, "syncfs");

	dirty[0] = '\0';
	unnamed = 0;
	return real(fd);
}

static int is_synced(int dir, const char *name)
{
	struct stat st;

	return !fstatat(dir, name, &st, 0) && st.st_ino == synced.st_ino &&
	       st.st_size == synced.st_size;
}

int renameat(int from, const char *name, int to, const char *new)
{
	int (*real)(int from, const char *name, int to, const char *new) =
		dlsym(RTLD_NEXT, "renameat");

	if (dirty[0])
		told("renamed before it was on disk", dirty);
	if (unnamed)
		told("renamed before the image's name was on disk", new);
	if (!is_ours(new) && !is_synced(from, name))
		told("renamed before it was on disk", new);
	unnamed = strstr(new, ".db") != NULL;
	images += unnamed;
	return real(from, name, to, new);
}

int rename(const char *name, const char *new)
{
	int (*real)(const char *name, const char *new) = dlsym(RTLD_NEXT, "rename");

	if (!is_synced(AT_FDCWD, name))
		told("renamed before it was on disk", new);
	unnamed = 1;
	++images;
	return real(name, new);
}

static void __attribute__((destructor)) end(void)
{
	if (dirty[0])
		told("not on disk at the end", dirty);
	if (unnamed)
		told("not on disk at the end", "the image's name");
	dprintf(9, "images: %u\n", images);
}
