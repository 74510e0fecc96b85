/* SPDX-License-Identifier: GPL-2.0-only WITH Linux-syscall-note */
/* xa_tool - what all tools do alike: their end, --version, a wrong command line, JSON */
#ifndef _XA_TOOL_H
#define _XA_TOOL_H

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "xa_version.h"

/* The name of the program; NULL: as it was set */
static inline const char *xa_tool_name(const char *name)
{
	static const char *set = "?";

	if (name)
		set = name;
	return set;
}

/* Whatever a tool has printed, it fails if that did not arrive. */
static inline void xa_tool_end(void)
{
	errno = 0;
	if (!fflush(stdout) && !ferror(stdout))
		return;
	fprintf(stderr, "%s: standard output: %s\n", xa_tool_name(NULL),
		errno ? strerror(errno) : "cannot be written");
	_exit(1);
}

/*
 * Messages, those of getopt() too, begin with the name of the program and not with
 * the path that it was called by.
 */
static inline void xa_tool_begin(char **argv)
{
	char *slash = argv[0] ? strrchr(argv[0], '/') : NULL;

	if (slash)
		argv[0] = slash + 1;
	xa_tool_name(argv[0]);
	atexit(xa_tool_end);
}

static inline void xa_tool_version(char **argv)
{
	printf("%s (xtables-anew) %s\n", argv[0], XA_VERSION);
}

/* After a message that says what is wrong. Return: the exit status */
static inline int xa_tool_bad_usage(char **argv)
{
	fprintf(stderr, "Try '%s --help'.\n", argv[0]);
	return 2;
}

static inline int xa_tool_unexpected(char **argv, const char *word)
{
	fprintf(stderr, "%s: unexpected argument %s\n", argv[0], word);
	return xa_tool_bad_usage(argv);
}

/* A text as a string of JSON, on the standard output */
static inline void xa_tool_json_string(const char *text)
{
	const unsigned char *c;

	putchar('"');
	for (c = (const unsigned char *)text; *c; ++c) {
		if (*c == '"' || *c == '\\')
			printf("\\%c", *c);
		else if (*c < ' ' || *c == 0x7f)
			printf("\\u%04x", *c);
		else
			putchar(*c);
	}
	putchar('"');
}

#endif /* _XA_TOOL_H */
