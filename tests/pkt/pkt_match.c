// SPDX-License-Identifier: GPL-2.0-only
/*
 * pkt_match - compare the text of packets
 *
 * Strictly, both lines have the same layers and fields; a value in the golden
 * line is a shell pattern, and NAME=* is also right when the field is not
 * there. Loosely, the golden line's layers and fields are all in the other
 * one, which may have more.
 */
#include <fnmatch.h>
#include <stdio.h>
#include <string.h>

#include "pkt.h"

#define WORDS	64

/* A layer of a line: its words, the first is its name. */
struct layer {
	unsigned int n;
	const char *word[WORDS];
	size_t len[WORDS];
};

/* The end of the word at @p: a blank outside of quotes. */
static const char *word_end(const char *p)
{
	int open = 0;

	for (; *p != '\0' && (open || strchr(" \t\n", *p) == NULL); p++) {
		if (*p == '"')
			open = !open;
		else if (open && *p == '\\' && p[1] != '\0')
			p++;
	}
	return p;
}

/* The next layer. Return: 0 at the end of the line. */
static int next_layer(const char **line, struct layer *layer)
{
	const char *p = *line;

	layer->n = 0;
	for (;;) {
		const char *end;

		p += strspn(p, " \t\n");
		end = word_end(p);
		if (end == p)
			break;
		if (end - p == 1 && *p == '/') {
			p = end;
			break;
		}
		if (layer->n < WORDS) {
			layer->word[layer->n] = p;
			layer->len[layer->n++] = (size_t)(end - p);
		}
		p = end;
	}
	*line = p;
	return layer->n > 0;
}

static size_t name_len(const struct layer *layer, unsigned int i)
{
	const char *eq = memchr(layer->word[i], '=', layer->len[i]);

	return eq != NULL ? (size_t)(eq - layer->word[i]) : layer->len[i];
}

/* The word of @in with the name of word @i of @layer, or -1. */
static int find(const struct layer *in, const struct layer *layer, unsigned int i)
{
	size_t len = name_len(layer, i);

	for (unsigned int k = 1; k < in->n; k++)
		if (name_len(in, k) == len && memcmp(in->word[k], layer->word[i], len) == 0)
			return (int)k;
	return -1;
}

static int value_match(const struct layer *g, unsigned int i, const struct layer *l, unsigned int k)
{
	char pattern[4096], value[4096];
	size_t gn = name_len(g, i), ln = name_len(l, k);

	if (g->len[i] == l->len[k] && memcmp(g->word[i], l->word[k], l->len[k]) == 0)
		return 1;
	if (g->len[i] - gn >= sizeof(pattern) || l->len[k] - ln >= sizeof(value))
		return 0;
	snprintf(pattern, sizeof(pattern), "%.*s", (int)(g->len[i] - gn), g->word[i] + gn);
	snprintf(value, sizeof(value), "%.*s", (int)(l->len[k] - ln), l->word[k] + ln);
	return fnmatch(pattern, value, 0) == 0;
}

static int is_any(const struct layer *g, unsigned int i)
{
	return g->len[i] == name_len(g, i) + 2 && g->word[i][g->len[i] - 1] == '*';
}

static int say(char *why, size_t size, const char *what, const struct layer *l, unsigned int i)
{
	snprintf(why, size, "%s %.*s %.*s", what, (int)l->len[0], l->word[0],
		 i > 0 ? (int)l->len[i] : 0, l->word[i]);
	return 0;
}

static int same_name(const struct layer *a, const struct layer *b)
{
	return a->len[0] == b->len[0] && memcmp(a->word[0], b->word[0], a->len[0]) == 0;
}

static int layer_match(const struct layer *g, const struct layer *l, int loose, char *why,
		       size_t size)
{
	for (unsigned int i = 1; i < g->n; i++) {
		int k = find(l, g, i);

		if (k < 0 && !(is_any(g, i) && !loose))
			return say(why, size, "lacks", g, i);
		if (k >= 0 && !value_match(g, i, l, (unsigned int)k))
			return say(why, size, "has", l, (unsigned int)k);
	}
	for (unsigned int i = 1; i < l->n && !loose; i++)
		if (find(g, l, i) < 0)
			return say(why, size, "also has", l, i);
	return 1;
}

static int loose_match(const char *golden, const char *line, char *why, size_t size)
{
	struct layer g, l;

	while (next_layer(&golden, &g)) {
		int found = 0;

		say(why, size, "lacks the layer", &g, 0);
		while (!found && next_layer(&line, &l))
			found = same_name(&g, &l) && layer_match(&g, &l, 1, why, size);
		if (!found)
			return 0;
	}
	return 1;
}

/**
 * pkt_match - compare the text of two packets
 * @golden: what is expected
 * @line:   what is there
 * @loose:  more layers and fields are right too
 * @why:    for a message
 * @size:   of @why
 *
 * Return: 1 if they match, otherwise 0 with a message in @why.
 */
int pkt_match(const char *golden, const char *line, int loose, char *why, size_t size)
{
	struct layer g, l;

	if (loose)
		return loose_match(golden, line, why, size);
	for (;;) {
		int more = next_layer(&golden, &g);

		if (!next_layer(&line, &l))
			return more ? say(why, size, "lacks the layer", &g, 0) : 1;
		if (!more || !same_name(&g, &l))
			return say(why, size, "has the layer", &l, 0);
		if (!layer_match(&g, &l, 0, why, size))
			return 0;
	}
}
