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

/*
 * In the environment while xthook parses a rule once more, to see that what is saved of it
 * is the same rule: plugins have asked the kernel about it already.
 */
#define XA_TOOL_AGAIN	"XTHOOK_AGAIN"

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

/* Bytes of the UTF-8 character at @s, 0 if it is none (RFC 3629). */
static inline size_t xa_tool_utf8(const unsigned char *s)
{
	unsigned int c = s[0];
	size_t len, i;

	if (c < 0x80)
		return 1;
	if (c < 0xc2 || c > 0xf4)
		return 0;
	len = c < 0xe0 ? 2 : c < 0xf0 ? 3 : 4;
	c &= 0x7f >> len;
	for (i = 1; i < len; ++i) {
		if ((s[i] & 0xc0) != 0x80)
			return 0;
		c = c << 6 | (s[i] & 0x3f);
	}
	if ((len == 3 && (c < 0x800 || (c >= 0xd800 && c < 0xe000))) ||
	    (len == 4 && (c < 0x10000 || c > 0x10ffff)))
		return 0;
	return len;
}

/* A text, which is any bytes, as a string of JSON; what is no UTF-8 becomes U+FFFD. */
static inline void xa_tool_json_string(FILE *to, const char *text)
{
	const unsigned char *s;
	size_t len;

	fputc('"', to);
	for (s = (const unsigned char *)text; *s; s += len ? len : 1) {
		len = xa_tool_utf8(s);
		if (*s == '"' || *s == '\\')
			fprintf(to, "\\%c", *s);
		else if (*s < 0x20 || *s == 0x7f)
			fprintf(to, "\\u%04x", *s);
		else if (len)
			fwrite(s, 1, len, to);
		else
			fputs("\\ufffd", to);
	}
	fputc('"', to);
}

#endif /* _XA_TOOL_H */
