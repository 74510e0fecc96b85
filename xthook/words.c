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

/* Bytes of the control character that is here, of ASCII or UTF-8; a tab is none; 0: none */
static size_t control(const char *text)
{
	const unsigned char *s = (const unsigned char *)text;

	if ((s[0] < 0x20 && s[0] != '\t') || s[0] == 0x7f)
		return 1;
	return s[0] == 0xc2 && s[1] >= 0x80 && s[1] < 0xa0 ? 2 : 0;
}

/* text_control - whether there is one in the text, other than a tab */
bool text_control(const char *text)
{
	for (; *text; text++)
		if (control(text))
			return true;
	return false;
}

/* text_shown - the text with ? for each control character: anybody may have made the rule */
const char *text_shown(const char *text)
{
	static bool told;
	char *copy, *to;
	size_t len;

	if (!text_control(text))
		return text;
	if (!told)
		notice("control characters of rules are printed as ?");
	told = true;
	copy = mem_text(text, strlen(text));
	for (to = copy; *text; text += len ? len : 1) {
		len = control(text);
		*to++ = len ? '?' : *text;
	}
	*to = '\0';
	return copy;
}

/*
 * words_check - nothing that ends a line or is not seen
 *
 * Plugins print it as it is, and a newline would end the rule where it is saved.
 */
void words_check(const struct words *words)
{
	int i;

	for (i = 0; i < words->n; i++)
		if (text_control(words->word[i]))
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
