// SPDX-License-Identifier: GPL-2.0-only
/*
 * xt_state: the text of a state
 *
 * The first line has the version and the time, the last one the number of those
 * between. A name may have blanks, so it is the rest of its line. What is not
 * understood to the end is an error: half of a state is none.
 *
 * Version 2 has lines that begin with "gone". What has none is written as version 1,
 * so that older programs read it.
 */
#include <errno.h>
#include <inttypes.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "state.h"

#define FIRST	SELF " "

struct reader {
	FILE *from;
	const char *path;
	unsigned int line;
	char version;
	char *text;
	size_t room;
};

__attribute__((format(printf, 2, 3)))
static bool wrong(const struct reader *r, const char *fmt, ...)
{
	va_list args;

	fprintf(stderr, SELF ": %s, line %u: ", r->path, r->line);
	va_start(args, fmt);
	vfprintf(stderr, fmt, args);
	va_end(args);
	fputc('\n', stderr);
	return false;
}

/**
 * parse_number - a decimal number, all of a text
 * @text: digits
 * @n:    set
 *
 * Return: whether it is one, of up to 64 bits.
 */
bool parse_number(const char *text, uint64_t *n)
{
	char *end;

	if (*text < '0' || *text > '9')
		return false;
	errno = 0;
	*n = strtoull(text, &end, 10);
	return !*end && !errno;
}

/* The next word, cut off; NULL: there is none. */
static char *word(char **rest)
{
	char *at = *rest, *blank;

	if (!at || !*at || *at == ' ')
		return NULL;
	blank = strchr(at, ' ');
	if (blank)
		*blank++ = '\0';
	*rest = blank;
	return at;
}

/* A name becomes a part of a path. */
static bool name_valid(const char *name)
{
	size_t len = name ? strlen(name) : 0;
	const unsigned char *c;

	if (len == 0 || len >= NAME_SIZE || !strcmp(name, ".") || !strcmp(name, ".."))
		return false;
	for (c = (const unsigned char *)name; *c; ++c)
		if (*c < ' ' || *c == 0x7f || *c == '/')
			return false;
	return true;
}

/* An address as the kernel prints it. Return: whether it is one. */
static bool address_parse(const char *text, int family, char *to, size_t size)
{
	unsigned char addr[sizeof(struct in6_addr)];

	return text && inet_pton(family, text, addr) == 1 && inet_ntop(family, addr, to, size);
}

static struct entry *add_named(struct reader *r, struct state *s, enum entry_kind kind,
			       const char *name)
{
	struct entry *e;

	if (!name_valid(name)) {
		wrong(r, "\"%s\" is no name", name ? name : "");
		return NULL;
	}
	e = state_add(s, kind, name);
	e->line = r->line;
	return e;
}

/* "VALUE NAME" */
static bool parse_value(struct reader *r, struct state *s, enum entry_kind kind, char *rest)
{
	const char *value = word(&rest);
	struct entry *e = add_named(r, s, kind, rest);

	if (!e)
		return false;
	if (!value || !parse_number(value, &e->value))
		return wrong(r, "\"%s\" is no number", value ? value : "");
	if (kind == CONDITION && e->value > 1)
		return wrong(r, "a condition is 0 or 1, not %s", value);
	e->until = NEVER;
	return true;
}

/* "UNTIL VALUE NAME" */
static bool parse_timed(struct reader *r, struct state *s, char *rest)
{
	const char *until = word(&rest);
	uint64_t n;

	if (!until || !parse_number(until, &n) || n == NEVER)
		return wrong(r, "\"%s\" is no time", until ? until : "");
	if (!parse_value(r, s, CONDITION, rest))
		return false;
	s->entry[s->count - 1].until = n;
	return true;
}

/* "PREFIX persistent" or "PREFIX PRIVATE PUBLIC" */
static bool parse_dnetmap(struct reader *r, struct state *s, char *rest)
{
	const char *prefix = word(&rest), *a = word(&rest);
	struct entry *e;

	if (a && !strcmp(a, "persistent") && !rest)
		return add_named(r, s, PERSISTENT, prefix);
	e = add_named(r, s, BINDING, prefix);
	if (!e)
		return false;
	if (!address_parse(a, AF_INET, e->address, sizeof(e->address)) ||
	    !address_parse(rest, AF_INET, e->public, sizeof(e->public)))
		return wrong(r, "two IPv4 addresses, or \"persistent\", are wanted behind the "
			     "prefix");
	return true;
}

/* "ADDRESS UNTIL NAME" */
static bool parse_door(struct reader *r, struct state *s, char *rest)
{
	const char *address = word(&rest), *until = word(&rest);
	struct entry *e = add_named(r, s, DOOR, rest);

	if (!e)
		return false;
	if (!address_parse(address, AF_INET, e->address, sizeof(e->address)) &&
	    !address_parse(address, AF_INET6, e->address, sizeof(e->address)))
		return wrong(r, "\"%s\" is no address", address ? address : "");
	if (until && !strcmp(until, "never")) {
		e->value = NEVER;
		return true;
	}
	if (!until || !parse_number(until, &e->value) || e->value == NEVER)
		return wrong(r, "\"%s\" is neither a time nor \"never\"", until ? until : "");
	return true;
}

static bool parse_entry(struct reader *r, struct state *s, char *rest)
{
	const char *what = word(&rest);

	if (what && !strcmp(what, "condition"))
		return parse_value(r, s, CONDITION, rest);
	if (what && !strcmp(what, "timed"))
		return parse_timed(r, s, rest);
	if (what && !strcmp(what, "quota"))
		return parse_value(r, s, QUOTA, rest);
	if (what && !strcmp(what, "dnetmap"))
		return parse_dnetmap(r, s, rest);
	if (what && !strcmp(what, "door"))
		return parse_door(r, s, rest);
	return wrong(r, "\"%s\" is unknown", what ? what : "");
}

/* "gone SECONDS", and an entry */
static bool parse_gone(struct reader *r, struct state *s)
{
	char *rest = r->text + strlen("gone ");
	const char *seconds = word(&rest);
	struct entry *e;
	uint64_t n;

	if (!seconds || !parse_number(seconds, &n) || n == NEVER)
		return wrong(r, "\"%s\" is no number", seconds ? seconds : "");
	if (!parse_entry(r, s, rest))
		return false;
	e = &s->entry[s->count - 1];
	e->gone = true;
	e->gone_for = n;
	return true;
}

static bool parse_line(struct reader *r, struct state *s)
{
	if (r->version >= '2' && !strncmp(r->text, "gone ", strlen("gone ")))
		return parse_gone(r, s);
	return parse_entry(r, s, r->text);
}

/* A line without its end. Return: whether there is a whole one. */
static bool next_line(struct reader *r)
{
	ssize_t len = getline(&r->text, &r->room, r->from);

	++r->line;
	if (len < 0)
		return wrong(r, "the end is missing");
	if (r->text[len - 1] != '\n')
		return wrong(r, "the line is not complete");
	r->text[--len] = '\0';
	if (strlen(r->text) != (size_t)len)
		return wrong(r, "there is a zero byte in it");
	return true;
}

static bool parse_last(struct reader *r, const struct state *s)
{
	uint64_t n;

	if (!parse_number(r->text + strlen("end "), &n) || n != s->count)
		return wrong(r, "%zu lines are in front of it", s->count);
	++r->line;
	if (getc(r->from) != EOF)
		return wrong(r, "there is something behind the end");
	return true;
}

static bool parse_first(struct reader *r, struct state *s)
{
	const char *version = r->text + strlen(FIRST);

	if (strncmp(r->text, FIRST, strlen(FIRST)) || (*version != '1' && *version != '2') ||
	    version[1] != ' ' || !parse_number(version + 2, &s->saved))
		return wrong(r, "this is no state, or one of another version");
	r->version = *version;
	return true;
}

static bool parse_all(struct reader *r, struct state *s)
{
	if (!next_line(r) || !parse_first(r, s))
		return false;
	for (;;) {
		if (!next_line(r))
			return false;
		if (!strncmp(r->text, "end ", 4))
			return parse_last(r, s);
		if (!parse_line(r, s))
			return false;
	}
}

/**
 * state_parse - read a state
 * @from: opened
 * @path: for messages
 * @s:    empty; filled in
 *
 * Return: whether all of it is right. If not, a message has been printed.
 */
bool state_parse(FILE *from, const char *path, struct state *s)
{
	struct reader r = { .from = from, .path = path };
	const struct entry *again;
	struct index index;
	bool good = parse_all(&r, s);

	free(r.text);
	if (!good)
		return false;
	index_make(&index, s);
	again = index_twice(&index);
	index_free(&index);
	if (!again)
		return true;
	r.line = again->line;
	return wrong(&r, "this is there already");
}

static void print_entry(FILE *to, const struct entry *e)
{
	if (e->gone)
		fprintf(to, "gone %" PRIu64 " ", e->gone_for);
	switch (e->kind) {
	case CONDITION:
		if (e->until != NEVER)
			fprintf(to, "timed %" PRIu64 " %" PRIu64 " %s\n", e->until, e->value,
				e->name);
		else
			fprintf(to, "condition %" PRIu64 " %s\n", e->value, e->name);
		break;
	case QUOTA:
		fprintf(to, "quota %" PRIu64 " %s\n", e->value, e->name);
		break;
	case PERSISTENT:
		fprintf(to, "dnetmap %s persistent\n", e->name);
		break;
	case BINDING:
		fprintf(to, "dnetmap %s %s %s\n", e->name, e->address, e->public);
		break;
	case DOOR:
		if (e->value == NEVER)
			fprintf(to, "door %s never %s\n", e->address, e->name);
		else
			fprintf(to, "door %s %" PRIu64 " %s\n", e->address, e->value, e->name);
		break;
	default:
		break;
	}
}

/**
 * state_print - write a state
 * @to: its errors are looked at by the caller
 * @s:  state
 */
void state_print(FILE *to, const struct state *s)
{
	size_t i, gone = 0;

	for (i = 0; i < s->count; ++i)
		gone += s->entry[i].gone;
	fprintf(to, FIRST "%c %" PRIu64 "\n", gone ? '2' : '1', s->saved);
	for (i = 0; i < s->count; ++i)
		print_entry(to, &s->entry[i]);
	fprintf(to, "end %zu\n", s->count);
}
