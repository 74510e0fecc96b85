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

/* Short options, as getopt() has them, and the long ones that matter here. */
struct grammar {
	const char *alone;	/* without an argument */
	const char *wanted;	/* one of these ... */
	const char *longs[3];	/* ... or of these; may be cut short */
	size_t least;		/* to this length */
};

static const struct grammar iptables = {
	.alone = "bfhnvxw46", .wanted = "CD",
	.longs = { "check", "delete" }, .least = 3,	/* not --delete-chain */
};

static const struct grammar restore = {
	.alone = "bchnvw46", .wanted = "t",
	.longs = { "test" }, .least = 2,
};

static bool long_is(const struct grammar *g, const char *word)
{
	size_t len = strlen(word);
	unsigned int i;

	for (i = 0; g->longs[i]; i++)
		if (len >= g->least && !strncmp(g->longs[i], word, len))
			return true;
	return false;
}

/* Whether a word holds one of the options */
static bool word_has(const struct grammar *g, const char *word)
{
	if (*word++ != '-')
		return false;
	if (*word == '-')
		return long_is(g, word + 1);
	while (*word && strchr(g->alone, *word))
		word++;
	return *word && strchr(g->wanted, *word);
}

static bool any_has(const struct grammar *g, const char *word, const char *end)
{
	for (; word < end; word += strlen(word) + 1)
		if (word_has(g, word))
			return true;
	return false;
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
		return any_has(&restore, word, end) ? XA_COMMAND_CHECKS : XA_COMMAND_MAKES;
	if (*name && any_has(&iptables, word, end))
		return XA_COMMAND_READS;
	return XA_COMMAND_MAKES;
}

/* xa_command - what this process is doing */
enum xa_command xa_command(void)
{
	char words[4096] = "";
	size_t len = 0;
	FILE *f;

	f = fopen("/proc/self/cmdline", "re");
	if (f) {
		len = fread(words, 1, sizeof(words) - 1, f);
		fclose(f);
	}
	/* the last word may have been cut */
	return xa_command_of(words, len ? len + (words[len - 1] != '\0') : 0);
}
