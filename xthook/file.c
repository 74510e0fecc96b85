// SPDX-License-Identifier: GPL-2.0-only
/*
 * file - statements: of a rules file and of a command line
 *
 *	define NAME VALUE[/MASK]
 *	add HOOK [--dev DEVICE] [--priority PRIORITY] [-4|-6] [-c PACKETS BYTES] RULE
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "xthook.h"

static uint64_t parse_count(const char *text)
{
	unsigned long long v;
	char *end;

	errno = 0;
	v = strtoull(text, &end, 10);
	if (*text < '0' || *text > '9' || *end || errno)
		die(STATUS_USAGE, "-c takes two numbers, packets and bytes, not \"%s\"", text);
	return v;
}

static void take_device(struct statement *st, const char *dev)
{
	if (!*dev || strlen(dev) >= IFNAMSIZ || strpbrk(dev, "/: \t+") || !strcmp(dev, ".") ||
	    !strcmp(dev, ".."))
		die(STATUS_USAGE, "--dev: \"%s\" is no name of a device", dev);
	snprintf(st->place.dev, sizeof(st->place.dev), "%s", dev);
}

static void take_define(struct statement *st, const char *text, struct name_list *names)
{
	const char *is = strchr(text, '='), *name;

	if (!is)
		die(STATUS_USAGE, "--define takes NAME=VALUE/MASK, not \"%s\"", text);
	name = mem_text(text, is - text);
	name_define(names, name, is + 1);
	name_define(&st->defined, name, is + 1);
}

static void once(struct statement *st, unsigned int bit, const char *option)
{
	if (st->given & bit)
		die(STATUS_USAGE, "%s can be given once", option);
	st->given |= bit;
}

static void take_counters(const struct words *words, int at, struct statement *st)
{
	once(st, GIVEN_COUNTERS, "-c");
	if (at + 2 >= words->n)
		die(STATUS_USAGE, "-c takes two numbers, packets and bytes");
	st->packets = parse_count(words->word[at + 1]);
	st->bytes = parse_count(words->word[at + 2]);
}

/* The options between the hook and the rule. Return: words taken, 0: none of them. */
static int take_front(const struct words *words, int at, struct statement *st, bool adding,
		      struct name_list *names)
{
	const char *word = words->word[at], *next = at + 1 < words->n ? words->word[at + 1] : NULL;

	if (!strcmp(word, "-4") || !strcmp(word, "--ipv4") ||
	    !strcmp(word, "-6") || !strcmp(word, "--ipv6")) {
		if (st->said)
			die(STATUS_USAGE, "one of -4 and -6 can be given, once");
		st->families = FAMILY_BIT(strpbrk(word, "4") ? IPV4 : IPV6);
		st->said = true;
		return 1;
	}
	if (strcmp(word, "--dev") && strcmp(word, "--priority") && strcmp(word, "--define") &&
	    strcmp(word, "-c") && strcmp(word, "--set-counters"))
		return 0;
	if (!next)
		die(STATUS_USAGE, "option \"%s\" requires an argument", word);
	if (!strcmp(word, "--dev")) {
		once(st, GIVEN_DEV, word);
		take_device(st, next);
	} else if (!strcmp(word, "--priority")) {
		once(st, GIVEN_PRIORITY, word);
		if (!priority_parse(next, &st->place.priority))
			die(STATUS_USAGE,
			    "--priority takes a number, or raw, mangle, dstnat, filter, security, srcnat, also with +N or -N, not \"%s\"",
			    next);
	} else if (!adding) {
		die(STATUS_USAGE, "%s can be used with add and insert only", word);
	} else if (!strcmp(word, "--define")) {
		take_define(st, next, names);
	} else {
		take_counters(words, at, st);
		return 3;
	}
	return 2;
}

/**
 * place_read - the hook and the options that stand between it and the rule
 * @at:     the hook's word
 * @adding: --define and -c are allowed
 *
 * Return: the word behind them.
 */
int place_read(const struct words *words, int at, struct statement *st, bool adding,
	       struct name_list *names)
{
	int taken;

	st->families = FAMILY_BOTH;
	if (at >= words->n || !hook_parse(words->word[at], &st->place.hook))
		die(STATUS_USAGE,
		    "a hook is needed: ingress, prerouting, input, forward, output or postrouting%s%s%s",
		    at < words->n ? ", not \"" : "", at < words->n ? words->word[at] : "",
		    at < words->n ? "\"" : "");
	st->place.priority = hook_priority(st->place.hook);
	for (at++; at < words->n; at += taken) {
		taken = take_front(words, at, st, adding, names);
		if (!taken)
			break;
	}
	if (*st->place.dev && st->place.hook != INGRESS)
		die(STATUS_USAGE, "--dev is for ingress only; -i and -o name interfaces elsewhere");
	if ((st->packets || st->bytes) && !st->said)
		die(STATUS_USAGE, "-c needs -4 or -6: each family has counters of its own");
	return at;
}

/* Addresses tell the family, so that it need not be tried. */
static void guess_family(struct statement *st)
{
	static const char *const options[] = {
		"-s", "--source", "--src", "-d", "--destination", "--dst",
	};
	const char *word, *value;
	size_t i;
	int at;

	for (at = 0; at + 1 < st->words.n; at++) {
		word = st->words.word[at];
		value = st->words.word[at + 1];
		for (i = 0; i < sizeof(options) / sizeof(*options); i++)
			if (!strcmp(word, options[i]) && strpbrk(value, ":."))
				st->families &= FAMILY_BIT(strchr(value, ':') ? IPV6 : IPV4);
	}
	/* of both: each says what is wrong */
	if (!st->families)
		st->families = FAMILY_BOTH;
}

/* statement_rule - what is left of the words is the rule */
void statement_rule(const struct words *words, int at, struct statement *st)
{
	if (st->place.hook == INGRESS && !*st->place.dev)
		die(STATUS_USAGE, "ingress needs --dev DEVICE");
	st->words.word = words->word + at;
	st->words.n = words->n - at;
	if (!st->said)
		guess_family(st);
}

/* ---- a file */

struct reader {
	struct statement **end;
	struct name_list *names;
	char *comment;		/* lines since the last empty one */
};

static void add_comment(struct reader *r, const char *line)
{
	size_t old = r->comment ? strlen(r->comment) : 0, len = strlen(line);
	char *comment = mem_alloc(old + len + 2);

	memcpy(comment, r->comment ? r->comment : "", old);
	memcpy(comment + old, line, len);
	comment[old + len] = '\n';
	r->comment = comment;
}

static void append(struct reader *r, struct statement *st)
{
	st->file = input_name;
	st->line = input_line;
	st->comment = r->comment;
	r->comment = NULL;
	*r->end = st;
	r->end = &st->next;
}

/* Without its end, which may be that of other systems. */
static void cut_end(char *line, size_t len)
{
	if (len && line[len - 1] == '\n')
		line[--len] = '\0';
	if (len && line[len - 1] == '\r')
		line[--len] = '\0';
	if (strchr(line, '\r'))
		die(STATUS_USAGE, "the line has a carriage return before its end");
}

static void read_line(struct reader *r, char *line, size_t len)
{
	struct words words;
	struct statement *st;

	if (strlen(line) != len)
		die(STATUS_USAGE, "the line has a zero byte");
	cut_end(line, len);
	if (*line == '#') {
		add_comment(r, line);
		return;
	}
	if (!words_split(line, &words))
		die(STATUS_USAGE, "a quote is not closed");
	words_check(&words);
	if (!words.n) {
		r->comment = NULL;
		return;
	}
	if (!strcmp(words.word[0], "define")) {
		if (words.n != 3)
			die(STATUS_USAGE, "define takes NAME VALUE or NAME VALUE/MASK");
		name_define(r->names, words.word[1], words.word[2]);
		r->comment = NULL;
		return;
	}
	if (strcmp(words.word[0], "add"))
		die(STATUS_USAGE, "a line begins with add, define or #, not with \"%s\"",
		    words.word[0]);
	st = mem_alloc(sizeof(*st));
	statement_rule(&words, place_read(&words, 1, st, true, r->names), st);
	append(r, st);
}

/* A line that is wrong is a statement, too: ruleset_compile() says all in their order. */
static void try_line(struct reader *r, char *line, size_t len)
{
	char why[CAUGHT_SIZE];
	struct statement *st;
	jmp_buf here;

	caught = why;
	wrong_line = &here;
	if (!setjmp(here)) {
		read_line(r, line, len);
		wrong_line = NULL;
		caught = NULL;
		return;
	}
	wrong_line = NULL;
	caught = NULL;
	st = mem_alloc(sizeof(*st));
	st->wrong = mem_text(why, strlen(why));
	append(r, st);
}

/**
 * file_read - the statements of a file
 * @path:  "-" is the standard input
 * @names: those that it defines are added
 */
struct statement *file_read(const char *path, struct name_list *names)
{
	bool is_stdin = !strcmp(path, "-");
	FILE *f = is_stdin ? stdin : fopen(path, "re");
	struct statement *first = NULL;
	struct reader r = { &first, names, NULL };
	char *line = NULL;
	size_t size = 0;
	ssize_t len;

	if (!f)
		die(STATUS_FAILED, "%s: %m", path);
	input_name = is_stdin ? "<stdin>" : path;
	input_line = 0;
	while ((len = getline(&line, &size, f)) > 0) {
		input_line++;
		try_line(&r, line, len);
	}
	if (ferror(f))
		die(STATUS_FAILED, "reading fails: %m");
	input_name = NULL;
	free(line);
	if (!is_stdin)
		fclose(f);
	return first;
}
