// SPDX-License-Identifier: GPL-2.0-only
/*
 * command - what the program that has loaded a plugin is doing
 *
 * A plugin is given the options of a rule, and not told whether the rule is
 * inserted, compared (-C, -D), translated or only checked (iptables-restore
 * --test). Only the command line of the program tells. A program that is not
 * one of iptables' own, such as tc or Python, is taken to insert it.
 */
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include "addrdb.h"
#include "xa_tool.h"

/* Options as words; long ones may be cut short. */
struct options {
	const char *letters;
	const char *longs[4];
};

/* Short options, as getopt() has them, and the long ones that matter here. */
struct grammar {
	const char *alone;	/* without an argument */
	struct options wanted;	/* one of these is looked for ... */
	struct options instead;	/* ... and is not there beside one of these */
	size_t least;		/* length of a long one */
};

static const struct grammar iptables = {
	.alone = "bfhnvxw46", .least = 3,	/* not --delete-chain */
	.wanted = { "CD", { "check", "delete" } },
	.instead = { "AIR", { "append", "insert", "replace" } },
};

static const struct grammar restore = {
	.alone = "bchnvw46", .least = 2,
	.wanted = { "t", { "test" } },
	.instead = { "", { NULL } },
};

/* What a word holds. */
enum hit { NOTHING, WANTED, INSTEAD };

static bool long_is(const char *const *longs, const char *word, size_t least)
{
	size_t len = strlen(word);

	for (; *longs; longs++)
		if (len >= least && !strncmp(*longs, word, len))
			return true;
	return false;
}

static bool is_long(const char *word)
{
	return word[0] == '-' && word[1] == '-';
}

/* The first letter of a word that has an argument; NULL: none has, it is no cluster */
static const char *letter_of(const struct grammar *g, const char *word)
{
	if (*word != '-' || is_long(word))
		return NULL;
	word += 1 + strspn(word + 1, g->alone);
	return *word ? word : NULL;
}

static enum hit look(const struct grammar *g, const char *word)
{
	const char *letter = letter_of(g, word);

	if (is_long(word))
		return long_is(g->wanted.longs, word + 2, g->least) ? WANTED :
		       long_is(g->instead.longs, word + 2, g->least) ? INSTEAD : NOTHING;
	if (!letter)
		return NOTHING;
	return strchr(g->wanted.letters, *letter) ? WANTED :
	       strchr(g->instead.letters, *letter) ? INSTEAD : NOTHING;
}

/*
 * Whether a command line has one of the wanted options. What comes behind a
 * short option with an argument is that; what comes behind a long one may be
 * (--comment "-C"), and counts only if there is nothing else: of -A and -C a
 * line has one.
 */
static bool is_wanted(const struct grammar *g, const char *word, const char *end)
{
	enum hit perhaps = NOTHING, hit;
	bool maybe_argument = false;
	const char *letter;

	for (; word < end; word += strlen(word) + 1) {
		hit = look(g, word);
		if (hit && !maybe_argument)
			return hit == WANTED;
		if (!perhaps)
			perhaps = hit;
		maybe_argument = is_long(word) && !strchr(word, '=');
		letter = letter_of(g, word);
		if (letter && !letter[1])
			word += strlen(word) + 1;
		if (word >= end)
			break;
	}
	return perhaps == WANTED;
}

static const char *base_name(const char *path)
{
	const char *slash = strrchr(path, '/');

	return slash ? slash + 1 : path;
}

/* The same for the words behind xthook: its own options, then its command */
static enum xa_command hook_command(const char *word, const char *end)
{
	while (word < end && *word == '-') {
		/* --netns NAME */
		word += strlen(word) + 1;
		if (word < end)
			word += strlen(word) + 1;
	}
	if (word >= end || !strcmp(word, "delete") || !strcmp(word, "list"))
		return XA_COMMAND_READS;
	return strcmp(word, "check") ? XA_COMMAND_MAKES : XA_COMMAND_CHECKS;
}

/**
 * xa_command_of - what becomes of the rules that a command line is about
 * @words: the words, each with a zero byte behind it
 * @len:   of all of them
 */
enum xa_command xa_command_of(const char *words, size_t len)
{
	const char *word, *end = words + len, *name = "";

	/* "xtables-nft-multi iptables-restore", "ld.so /usr/sbin/iptables" */
	for (word = words; word < end && *word != '-'; word += strlen(word) + 1) {
		const char *base = base_name(word);

		if (!strcmp(base, "xthook"))
			return hook_command(word + strlen(word) + 1, end);
		if (strstr(base, "-translate"))
			return XA_COMMAND_READS;
		if (strstr(base, "tables"))
			name = base;
	}
	if (strstr(name, "-restore"))
		return is_wanted(&restore, word, end) ? XA_COMMAND_CHECKS : XA_COMMAND_MAKES;
	if (*name && is_wanted(&iptables, word, end))
		return XA_COMMAND_READS;
	return XA_COMMAND_MAKES;
}

/* xa_command - what this process is doing */
enum xa_command xa_command(void)
{
	char words[4096] = "";
	size_t len = 0;
	FILE *f;

	if (getenv(XA_TOOL_AGAIN))
		return XA_COMMAND_READS;
	f = fopen("/proc/self/cmdline", "re");
	if (f) {
		len = fread(words, 1, sizeof(words) - 1, f);
		fclose(f);
	}
	/* the last word may have been cut */
	return xa_command_of(words, len ? len + (words[len - 1] != '\0') : 0);
}
