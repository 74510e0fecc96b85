// SPDX-License-Identifier: GPL-2.0-only
/* pkt_parse - the text of a packet to struct pkt_spec */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "pkt.h"

/* A copy of one word of the text at @*text, its quotes taken off. */
struct word {
	char *bytes;
	int quoted;
};

/*
 * A word ends at a blank outside of quotes; quotes are taken off and what is
 * between them left as it is, backslashes too.
 */
static int next_word(const char **text, struct word *w)
{
	const char *p = *text + strspn(*text, " \t\n");
	size_t n = 0;
	int open = 0;

	w->quoted = 0;
	if (*p == '\0')
		return 0;
	for (; *p != '\0' && (open || strchr(" \t\n", *p) == NULL); p++) {
		if (*p == '"') {
			open = !open;
			w->quoted = 1;
			continue;
		}
		w->bytes[n++] = *p;
		if (open && *p == '\\' && p[1] != '\0')
			w->bytes[n++] = *++p;
	}
	w->bytes[n] = '\0';
	*text = p;
	return open ? -1 : 1;
}

static int tail_add(struct pkt_part *part, const uint8_t *bytes, size_t len)
{
	uint8_t *p = realloc(part->tail, part->len + len + 1);

	if (p == NULL)
		return -1;
	memcpy(p + part->len, bytes, len);
	part->tail = p;
	part->len += len;
	return 0;
}

/* zero=N and fill=N, a pattern that shows where a byte came from */
static int filler_parse(struct pkt_part *part, const char *name, const char *value)
{
	unsigned long n = strtoul(value, NULL, 0);
	uint8_t *bytes = NULL;
	int rc = -1;

	if (n < PKT_MAX)
		bytes = calloc(1, n + 1);
	if (bytes == NULL)
		return -1;
	for (unsigned long i = 0; i < n && *name == 'f'; i++)
		bytes[i] = (uint8_t)('a' + i % 26);
	rc = tail_add(part, bytes, n);
	free(bytes);
	return rc;
}

/* A field of the layer data. */
static int data_parse(struct pkt_part *part, const char *name, const char *value)
{
	size_t room = strlen(value) + 1;
	uint8_t *bytes;
	ssize_t n = -1;

	if (strcmp(name, "zero") == 0 || strcmp(name, "fill") == 0)
		return filler_parse(part, name, value);
	if (strcmp(name, "random") == 0) {
		part->random = strtoul(value, NULL, 0);
		return part->random < PKT_MAX ? 0 : -1;
	}
	bytes = malloc(room);
	if (bytes == NULL)
		return -1;
	if (strcmp(name, "hex") == 0)
		n = pkt_hex_parse(bytes, room, value);
	else if (strcmp(name, "text") == 0)
		n = pkt_text_parse(bytes, room, value);
	if (n >= 0 && tail_add(part, bytes, (size_t)n) != 0)
		n = -1;
	free(bytes);
	return n < 0 ? -1 : 0;
}

static int tail_parse(struct pkt_part *part, const char *value)
{
	uint8_t bytes[2048];
	ssize_t n = pkt_tail_parse(bytes, sizeof(bytes), pkt_layers[part->id].tail, value);

	return n < 0 ? -1 : tail_add(part, bytes, (size_t)n);
}

static int field_parse(struct pkt_part *part, const char *name, const char *value)
{
	const struct pkt_layer *layer = &pkt_layers[part->id];

	for (int i = 0; i < PKT_FIELDS && layer->fields[i].name != NULL; i++)
		if (strcmp(layer->fields[i].name, name) == 0)
			return pkt_value_parse(&part->values[i], &layer->fields[i], value);
	if (layer->tail == PKT_TAIL_DATA)
		return data_parse(part, name, value);
	if (layer->tail != PKT_TAIL_NONE && strcmp(name, "opt") == 0)
		return tail_parse(part, value);
	return -1;
}

/* One word: a layer's name, a slash, or NAME=VALUE of the layer begun last. */
static int word_parse(struct pkt_spec *spec, int *begun, struct word *w)
{
	char *value = strchr(w->bytes, '=');
	int id;

	if (!w->quoted && strcmp(w->bytes, "/") == 0) {
		if (!*begun)
			return -1;
		*begun = 0;
		return 0;
	}
	if (!*begun) {
		id = pkt_layer_find(w->bytes, strlen(w->bytes));
		if (id < 0 || spec->n == PKT_PARTS)
			return -1;
		spec->parts[spec->n++].id = (enum pkt_id)id;
		*begun = 1;
		return 0;
	}
	if (value == NULL)
		return -1;
	*value++ = '\0';
	if (field_parse(&spec->parts[spec->n - 1], w->bytes, value) == 0)
		return 0;
	value[-1] = '=';
	return -1;
}

/**
 * pkt_parse - the text of a packet
 * @spec: filled in; pkt_release() it, also after an error
 * @text: one packet
 * @err:  for a message
 * @size: of @err
 *
 * Return: 0, or -1 with a message in @err.
 */
int pkt_parse(struct pkt_spec *spec, const char *text, char *err, size_t size)
{
	struct word w = { malloc(strlen(text) + 1), 0 };
	int rc, begun = 0;

	memset(spec, 0, sizeof(*spec));
	*err = '\0';
	if (w.bytes == NULL) {
		snprintf(err, size, "out of memory");
		return -1;
	}
	while ((rc = next_word(&text, &w)) > 0) {
		if (word_parse(spec, &begun, &w) == 0)
			continue;
		if (begun)
			snprintf(err, size, "'%s' is not a field of %s and a value of it (see pkt fields)",
				 w.bytes, pkt_layers[spec->parts[spec->n - 1].id].name);
		else
			snprintf(err, size, "'%s' is not a layer (see pkt fields)", w.bytes);
		rc = -1;
		break;
	}
	if (rc == 0 && !begun) {
		snprintf(err, size, "a layer is missing at the end");
		rc = -1;
	} else if (rc < 0 && *err == '\0') {
		snprintf(err, size, "a quotation mark is missing");
	}
	free(w.bytes);
	return rc;
}

/**
 * pkt_add_link - put an Ethernet header before a packet that has none
 * @spec: the packet
 *
 * Return: 1 if one was put there, 0 if it has one, -1 if there is no room.
 */
int pkt_add_link(struct pkt_spec *spec)
{
	if (spec->n > 0 && spec->parts[0].id == PKT_ETH)
		return 0;
	if (spec->n == PKT_PARTS)
		return -1;
	memmove(&spec->parts[1], &spec->parts[0], spec->n * sizeof(spec->parts[0]));
	memset(&spec->parts[0], 0, sizeof(spec->parts[0]));
	spec->parts[0].id = PKT_ETH;
	spec->n++;
	return 1;
}

/**
 * pkt_set - give a field a value
 * @part:  the layer
 * @name:  of the field
 * @value: up to 64 bits
 *
 * Return: 0, or -1 if it has no such field.
 */
int pkt_set(struct pkt_part *part, const char *name, uint64_t value)
{
	const struct pkt_layer *layer = &pkt_layers[part->id];

	for (int i = 0; i < PKT_FIELDS && layer->fields[i].name != NULL; i++) {
		if (strcmp(layer->fields[i].name, name) != 0)
			continue;
		part->values[i].mode = PKT_FIXED;
		part->values[i].lo = value;
		return 0;
	}
	return -1;
}

/**
 * pkt_release - free what a packet holds
 * @spec: the packet
 */
void pkt_release(struct pkt_spec *spec)
{
	for (unsigned int i = 0; i < spec->n; i++)
		free(spec->parts[i].tail);
	spec->n = 0;
}
