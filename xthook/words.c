// SPDX-License-Identifier: GPL-2.0-only
/* words - a line cut as iptables-restore cuts it, and put together again */
#include <stdlib.h>
#include <string.h>

#include "xthook.h"

/* words_add - one more, in shared memory; NULL stands behind the last one */
void words_add(struct words *words, const char *text, size_t len)
{
	char **more;

	if (words->n + 1 >= words->room) {
		words->room = 2 * words->room + 16;
		more = mem_alloc(words->room * sizeof(*more));
		if (words->n)
			memcpy(more, words->word, words->n * sizeof(*more));
		words->word = more;
	}
	words->word[words->n++] = mem_text(text, len);
}

static bool is_blank(char c)
{
	return c == ' ' || c == '\t';
}

/*
 * words_split - blanks separate; "..." keeps them, with \ before any character
 *
 * Return: false if a quote is not closed.
 */
bool words_split(const char *line, struct words *words)
{
	char *buf = malloc(strlen(line) + 1), *out = buf;
	bool quote = false, word = false;

	memset(words, 0, sizeof(*words));
	if (!buf)
		die(STATUS_FAILED, "no memory");
	for (; *line; line++) {
		if (!quote && is_blank(*line)) {
			if (word)
				words_add(words, buf, out - buf);
			word = false;
			out = buf;
			continue;
		}
		word = true;
		if (*line == '"')
			quote = !quote;
		else if (quote && *line == '\\' && line[1])
			*out++ = *++line;
		else
			*out++ = *line;
	}
	if (word)
		words_add(words, buf, out - buf);
	free(buf);
	return !quote;
}

/*
 * words_check - nothing that ends a line or is not seen
 *
 * Plugins print it as it is, and a newline would end the rule where it is saved.
 */
void words_check(const struct words *words)
{
	const char *c;
	int i;

	for (i = 0; i < words->n; i++)
		for (c = words->word[i]; *c; c++)
			if (((unsigned char)*c < 0x20 && *c != '\t') || *c == 0x7f)
				die(STATUS_USAGE, "word %d has a control character", i + 1);
}

bool words_same(const struct words *a, const struct words *b)
{
	int i;

	for (i = 0; i < a->n && i < b->n; i++)
		if (strcmp(a->word[i], b->word[i]))
			return false;
	return a->n == b->n;
}

/* word_quote - print a word so that it is cut out as the same one */
void word_quote(FILE *to, const char *word)
{
	if (*word && !strpbrk(word, " \t\r\n\"\\'#")) {
		fputs(word, to);
		return;
	}
	fputc('"', to);
	for (; *word; word++)
		fprintf(to, strchr("\"\\", *word) ? "\\%c" : "%c", *word);
	fputc('"', to);
}
