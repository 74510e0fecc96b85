// SPDX-License-Identifier: GPL-2.0-only
/* input - lines of comma separated values, with the place for messages */
#include <errno.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "tools.h"

bool xa_input_open(struct xa_input *in, const char *path, const char *member,
		   struct xa_err *err)
{
	memset(in, 0, sizeof(*in));
	in->path = path;
	if (!strcmp(path, "-")) {
		in->path = "(standard input)";
		in->f = stdin;
		return true;
	}
	in->f = xa_unpack_open(path, member, &in->packed, err);
	return in->f;
}

void xa_input_close(struct xa_input *in)
{
	if (in->f && in->f != stdin)
		fclose(in->f);
	free(in->buf);
	memset(in, 0, sizeof(*in));
}

/* A message with file and line; false. */
bool xa_input_fail(struct xa_input *in, struct xa_err *err, const char *fmt, ...)
{
	char text[XA_ERR_LEN];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	in->bad_line = true;
	return xa_fail(err, "%.200s:%zu: %.250s", in->path, in->line, text);
}

static bool is_utf8(const char *line)
{
	uint32_t code;
	size_t len = 1;

	for (; *line && len; line += len)
		len = xa_utf8(line, &code);
	return len;
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
				return xa_input_fail(in, err, "a quoted column is not closed");
		} else {
			next = strchr(s, ',');
			if (next)
				*next++ = '\0';
		}
		in->field[in->fields++] = s;
	}
	return true;
}

/* Take the end off a line, and the mark that some programs begin a file with. */
static bool check_line(struct xa_input *in, ssize_t len, struct xa_err *err)
{
	char *s = in->buf;

	if (in->line == 1 && (!memcmp(s, "\xff\xfe", 2) || !memcmp(s, "\xfe\xff", 2)))
		return xa_input_fail(in, err, "this is UTF-16, no UTF-8 text");
	if (strlen(s) != (size_t)len)
		return xa_input_fail(in, err, "a byte 0: this is no text");
	in->no_end = s[len - 1] != '\n';
	if (!in->no_end)
		s[--len] = '\0';
	if (len && s[len - 1] == '\r')
		s[--len] = '\0';
	if (strchr(s, '\r'))
		return xa_input_fail(in, err, "a carriage return within a line");
	if (in->line == 1 && !strncmp(s, "\xef\xbb\xbf", 3))
		memmove(s, s + 3, len - 2);
	if (!is_utf8(s))
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

	in->bad_line = false;
	do {
		errno = 0;
		len = getline(&in->buf, &in->room, in->f);
		if (len < 0 && (ferror(in->f) || errno)) {
			xa_fail(err, "%.200s:%zu: %s", in->path, in->line,
				in->packed ? xa_unpack_why(in->packed) : strerror(errno));
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

/* Whether a line that was refused may be left out; err is told then. */
bool xa_skip(struct xa_source *src, const struct xa_input *in, const struct xa_err *err)
{
	if (!in->bad_line || src->skipped == src->skip_bad)
		return false;
	src->skipped++;
	fprintf(stderr, "left out: %s\n", err->text);
	return true;
}

/* Place of a column in a header, -1: there is none */
int xa_input_column(const struct xa_input *in, const char *name)
{
	int i;

	for (i = 0; i < in->fields; i++)
		if (!strcasecmp(in->field[i], name))
			return i;
	return -1;
}
