// SPDX-License-Identifier: GPL-2.0-only
/*
 * xa-ns - runs a program in a network namespace
 *
 *	xa-ns NAME PROGRAM [ARG...]
 *
 * As ip netns exec does, but without a mount namespace: making one, and a new
 * /sys in it, takes longer than most of what the tests run. So /sys shows the
 * devices of the namespace of the caller.
 */
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#define FAILED	255	/* as ip says it: no program of ours ends with it */

static int failed(const char *what)
{
	fprintf(stderr, "xa-ns: %s: %s\n", what, strerror(errno));
	return FAILED;
}

int main(int argc, char **argv)
{
	char path[256];
	int fd;

	if (argc < 3) {
		fprintf(stderr, "usage: xa-ns NAME PROGRAM [ARG...]\n");
		return FAILED;
	}
	if (snprintf(path, sizeof(path), "/run/netns/%s", argv[1]) >= (int)sizeof(path)) {
		errno = ENAMETOOLONG;
		return failed(argv[1]);
	}
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0 || setns(fd, CLONE_NEWNET) < 0)
		return failed(path);
	execvp(argv[2], argv + 2);
	return failed(argv[2]);
}
