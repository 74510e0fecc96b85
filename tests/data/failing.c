// SPDX-License-Identifier: GPL-2.0-only
/*
 * failing - a disk that is full for a moment
 *
 * Preloaded into a program: of each file that it has opened by fdopen() the second write fails
 * with ENOSPC, and those after it do not.
 */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

struct file {
	int fd;
	unsigned int writes;
};

static ssize_t file_write(void *cookie, const char *bytes, size_t len)
{
	struct file *f = cookie;

	if (++f->writes != 2)
		return write(f->fd, bytes, len);
	errno = ENOSPC;
	return 0;
}

static int file_close(void *cookie)
{
	struct file *f = cookie;
	int ret = close(f->fd);

	free(f);
	return ret;
}

FILE *fdopen(int fd, const char *mode)
{
	FILE *(*real)(int fd, const char *mode) = dlsym(RTLD_NEXT, "fdopen");
	cookie_io_functions_t io = { .write = file_write, .close = file_close };
	struct file *f;

	if (*mode != 'w')
		return real(fd, mode);
	f = calloc(1, sizeof(*f));
	f->fd = fd;
	return fopencookie(f, mode, io);
}

/* what fopencookie() has made has no file descriptor that could be synced */
int fsync(int fd)
{
	(void)fd;
	return 0;
}
