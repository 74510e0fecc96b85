// SPDX-License-Identifier: GPL-2.0-only
/*
 * pkt_print - bytes as the text of a packet
 *
 * To find the fields that a correct packet would have anyway, the packet is
 * built again with nothing said of its lengths and protocol numbers; and, for
 * each checksum, as it is but with nothing said of that one.
 */
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "pkt.h"

/* Data longer than this is printed as length and sum, unless all of it is wanted. */
#define LONG_DATA	256

struct line {
	char *out;
	size_t size, len;
};

static void put(struct line *l, const char *format, ...) __attribute__((format(printf, 2, 3)));

static void put(struct line *l, const char *format, ...)
{
	va_list args;
	int n;

	va_start(args, format);
	n = vsnprintf(l->len < l->size ? l->out + l->len : NULL,
		      l->len < l->size ? l->size - l->len : 0, format, args);
	va_end(args);
	if (n > 0)
		l->len += (size_t)n;
}

/* What a correct packet would be. */
struct plain {
	struct pkt_spec *spec;	/* the packet */
	uint8_t *lengths;	/* built without its lengths and protocol numbers */
	uint8_t *sum;		/* room to build it without one checksum */
	size_t len;		/* bytes of it */
	size_t at;		/* where the layer is that is printed */
};

/* @spec as bytes, with nothing said of its lengths and protocol numbers. */
static int build_plain(const struct pkt_spec *spec, uint8_t *buf, size_t len)
{
	struct pkt_spec *s = malloc(sizeof(*s));
	int rc;

	if (s == NULL)
		return -1;
	*s = *spec;
	for (unsigned int i = 0; i < s->n; i++) {
		const struct pkt_field *f = pkt_layers[s->parts[i].id].fields;

		for (unsigned int k = 0; k < PKT_FIELDS && f[k].name != NULL; k++)
			if (f[k].rule != PKT_PLAIN && f[k].rule != PKT_SUM)
				s->parts[i].values[k].mode = PKT_UNSET;
	}
	rc = pkt_build(s, 0, buf, len) == (ssize_t)len ? 0 : -1;
	free(s);
	return rc;
}

/* Whether a correct packet has this value too. */
static int goes_without_saying(struct pkt_value *v, const struct pkt_field *f,
			       const struct plain *plain)
{
	const uint8_t *p = plain->lengths;

	if (f->rule == PKT_PLAIN)
		return !f->shown && v->lo == f->deflt;
	if (f->rule == PKT_SUM) {
		p = plain->sum;
		v->mode = PKT_UNSET;
		pkt_build(plain->spec, 0, plain->sum, plain->len);
		v->mode = PKT_FIXED;
	}
	return pkt_get(p + plain->at, f->bit, f->width) == v->lo;
}

static void print_fields(struct line *l, struct pkt_part *part, const struct plain *plain,
			 unsigned int flags)
{
	const struct pkt_layer *layer = &pkt_layers[part->id];
	char text[64];

	for (unsigned int k = 0; k < PKT_FIELDS && layer->fields[k].name != NULL; k++) {
		const struct pkt_field *f = &layer->fields[k];
		struct pkt_value *v = &part->values[k];

		if (goes_without_saying(v, f, plain))
			continue;
		pkt_value_print(text, sizeof(text), f, v->hi, v->lo);
		if (f->rule == PKT_SUM && layer->sum == PKT_SUM_PSEUDO &&
		    (flags & PKT_PRINT_UNDONE))
			strcpy(text, "undone");
		put(l, " %s=%s", f->name, text);
	}
}

static int is_text(const uint8_t *p, size_t len)
{
	for (size_t i = 0; i < len; i++)
		if (p[i] > 126 || (p[i] < 32 && strchr("\n\r\t", p[i]) == NULL) || p[i] == 0)
			return 0;
	return 1;
}

static void print_text(struct line *l, const uint8_t *p, size_t len)
{
	static const char from[] = "\n\r\t\\\"", to[] = "nrt\\\"";

	put(l, " text=\"");
	for (size_t i = 0; i < len; i++) {
		const char *escape = strchr(from, p[i]);

		if (escape != NULL)
			put(l, "\\%c", to[escape - from]);
		else
			put(l, "%c", p[i]);
	}
	put(l, "\"");
}

static void print_data(struct line *l, const uint8_t *p, size_t len, unsigned int flags)
{
	if (len > LONG_DATA && !(flags & PKT_PRINT_FULL)) {
		put(l, " len=%zu crc=%08x", len, pkt_crc32c(p, len));
	} else if (is_text(p, len)) {
		print_text(l, p, len);
	} else {
		put(l, " hex=");
		for (size_t i = 0; i < len; i++)
			put(l, "%02x", p[i]);
	}
}

static void print_tail(struct line *l, const struct pkt_part *part, unsigned int flags)
{
	const struct pkt_layer *layer = &pkt_layers[part->id];
	char text[4096];

	if (layer->tail == PKT_TAIL_DATA) {
		print_data(l, part->tail, part->len, flags);
	} else if (part->len > 0) {
		/* A chunk's length says where it ends, whatever it is filled up to. */
		pkt_tail_print(text, sizeof(text), layer->tail, part->tail, part->len,
			       part->id == PKT_CHUNK ? 1 : layer->align);
		if (*text != '\0')
			put(l, " opt=%s", text);
	}
}

static size_t part_size(const struct pkt_part *part)
{
	size_t align = pkt_layers[part->id].align;

	return (pkt_layers[part->id].size + part->len + align - 1) / align * align;
}

static void print_parts(struct line *l, struct plain *plain, unsigned int flags)
{
	const char *separator = "";

	for (unsigned int i = 0; i < plain->spec->n; i++) {
		struct pkt_part *part = &plain->spec->parts[i];

		if (part->id != PKT_ETH || (flags & PKT_PRINT_LINK)) {
			put(l, "%s%s", separator, pkt_layers[part->id].name);
			print_fields(l, part, plain, flags);
			print_tail(l, part, flags);
			separator = " / ";
		}
		plain->at += part_size(part);
	}
}

/**
 * pkt_print - bytes as text
 * @out:   for the text
 * @size:  of @out; PKT_TEXT is enough
 * @first: the layer that they begin with
 * @frame: the bytes
 * @len:   how many
 * @flags: PKT_PRINT_*
 *
 * Return: as snprintf(), or -1 without memory.
 */
int pkt_print(char *out, size_t size, enum pkt_id first, const uint8_t *frame, size_t len,
	      unsigned int flags)
{
	struct line l = { out, size, 0 };
	struct plain plain = { malloc(sizeof(*plain.spec)), malloc(len + 1), malloc(len + 1),
			       len, 0 };
	int rc = -1;

	if (size > 0)
		*out = '\0';
	if (plain.spec == NULL || plain.lengths == NULL || plain.sum == NULL)
		goto out;
	if (pkt_decode(plain.spec, first, frame, len) == 0 &&
	    build_plain(plain.spec, plain.lengths, len) == 0) {
		print_parts(&l, &plain, flags);
		rc = (int)l.len;
	}
	pkt_release(plain.spec);
out:
	free(plain.spec);
	free(plain.lengths);
	free(plain.sum);
	return rc;
}
