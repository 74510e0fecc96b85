// SPDX-License-Identifier: GPL-2.0-only
/* input - lines of comma separated values, with the place for messages */
#include <errno.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "tools.h"

bool xa_input_open(struct xa_input *in, const char *path, struct xa_err *err)
{
	memset(in, 0, sizeof(*in));
	in->path = path;
	if (!strcmp(path, "-")) {
		in->path = "(standard input)";
		in->f = stdin;
		return true;
	}
	in->f = fopen(path, "re");
	return in->f || xa_fail(err, "Could not open %s: %s", path, strerror(errno));
}

void xa_input_close(struct xa_input *in)
{
	if (in->f && in->f != stdin)
		fclose(in->f);
	free(in->buf);
	memset(in, 0, sizeof(*in));
}

/* A message with file and line; false. */
bool xa_input_fail(const struct xa_input *in, struct xa_err *err,
		   const char *fmt, ...)
{
	char text[XA_ERR_LEN];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	return xa_fail(err, "%.200s:%zu: %.250s", in->path, in->line, text);
}

/* Bytes that follow the first of a UTF-8 character, -1: it is none */
static int utf8_tail(const unsigned char *s)
{
	if (*s < 0x80)
		return 0;
	if (*s >= 0xc2 && *s <= 0xdf)
		return 1;
	if (*s >= 0xe0 && *s <= 0xef)	/* no overlong form, no surrogate */
		return (*s == 0xe0 && s[1] < 0xa0) || (*s == 0xed && s[1] > 0x9f) ? -1 : 2;
	if (*s >= 0xf0 && *s <= 0xf4)
		return (*s == 0xf0 && s[1] < 0x90) || (*s == 0xf4 && s[1] > 0x8f) ? -1 : 3;
	return -1;
}

static bool is_utf8(const char *line)
{
	const unsigned char *s = (const unsigned char *)line;
	int tail;

	for (; *s; s++) {
		tail = utf8_tail(s);
		if (tail < 0)
			return false;
		while (tail-- > 0)
			if ((*++s & 0xc0) != 0x80)
				return false;
	}
	return true;
}

/* Take the quotes off a field; *next is behind the comma, or NULL. */
static char *unquote(char *s, char **next)
{
	char *to = s, *from = s + 1;

	for (; *from && (*from != '"' || from[1] == '"'); *to++ = *from++)
		if (*from == '"')
			from++;
	if (*from != '"' || (from[1] && from[1] != ','))
		return NULL;
	*next = from[1] ? from + 2 : NULL;
	*to = '\0';
	return s;
}

static bool split(struct xa_input *in, struct xa_err *err)
{
	char *s = in->buf, *next;

	for (in->fields = 0; s; s = next) {
		if (in->fields == 32)
			return xa_input_fail(in, err, "more than 32 columns");
		if (*s == '"') {
			s = unquote(s, &next);
			if (!s)
				return xa_input_fail(in, err, "a quoted column has no end");
		} else {
			next = strchr(s, ',');
			if (next)
				*next++ = '\0';
		}
		in->field[in->fields++] = s;
	}
	return true;
}

static bool check_line(struct xa_input *in, ssize_t len, struct xa_err *err)
{
	if (strlen(in->buf) != (size_t)len)
		return xa_input_fail(in, err, "a byte 0: this is no text");
	in->no_end = in->buf[len - 1] != '\n';
	in->buf[strcspn(in->buf, "\r\n")] = '\0';
	if (!is_utf8(in->buf))
		return xa_input_fail(in, err, "this is no UTF-8 text");
	return true;
}

/*
 * The next line that is neither empty nor a comment, cut into fields.
 * Return: 1, 0 at the end, -1 and err.
 */
int xa_input_next(struct xa_input *in, struct xa_err *err)
{
	ssize_t len;

	do {
		errno = 0;
		len = getline(&in->buf, &in->room, in->f);
		if (len < 0 && (ferror(in->f) || errno)) {
			xa_input_fail(in, err, "%s", strerror(errno));
			return -1;
		}
		if (len < 0)
			return 0;
		in->line++;
		if (!check_line(in, len, err))
			return -1;
	} while (!*in->buf || *in->buf == '#');
	return split(in, err) ? 1 : -1;
}
