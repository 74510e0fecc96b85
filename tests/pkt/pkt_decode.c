// SPDX-License-Identifier: GPL-2.0-only
/*
 * pkt_decode - bytes of any kind to struct pkt_spec
 *
 * What does not fit (a header cut off, a length that lies) becomes data: any
 * bytes decode, and what they decode to builds the same bytes.
 */
#include <stdlib.h>
#include <string.h>

#include "pkt.h"

/* Bytes that the header at @p says it has, or 0 if they are not all there. */
static size_t header_len(enum pkt_id id, const uint8_t *p, size_t left)
{
	const struct pkt_layer *layer = &pkt_layers[id];
	size_t n = layer->size;

	if (left < n)
		return 0;
	for (unsigned int k = 0; k < PKT_FIELDS && layer->fields[k].name != NULL; k++) {
		const struct pkt_field *f = &layer->fields[k];

		if (f->rule == PKT_HLEN)
			n = (pkt_get(p, f->bit, f->width) + f->bias) * f->unit;
		else if (f->rule == PKT_OWNLEN)
			n = pkt_get(p, f->bit, f->width);
	}
	/* A lie: the fixed fields only, if that is a whole header. */
	if (n < layer->size || n > left || n % layer->align != 0)
		n = id == PKT_CHUNK ? n : layer->size;
	if (n < layer->size || n > left)
		return 0;
	return layer->size % layer->align == 0 || n > layer->size ? n : 0;
}

static int tail_copy(struct pkt_part *part, const uint8_t *p, size_t len)
{
	part->tail = malloc(len + 1);
	if (part->tail == NULL)
		return -1;
	memcpy(part->tail, p, len);
	part->len = len;
	return 0;
}

static int data_decode(struct pkt_spec *spec, const uint8_t *p, size_t len)
{
	struct pkt_part *part = &spec->parts[spec->n];

	if (len == 0)
		return 0;
	part->id = PKT_DATA;
	if (tail_copy(part, p, len) != 0)
		return -1;
	spec->n++;
	return 0;
}

static void fields_decode(struct pkt_part *part, const uint8_t *p)
{
	const struct pkt_field *f = pkt_layers[part->id].fields;

	for (unsigned int k = 0; k < PKT_FIELDS && f[k].name != NULL; k++) {
		struct pkt_value *v = &part->values[k];

		v->mode = PKT_FIXED;
		if (f[k].width == 128) {
			v->hi = pkt_get(p, f[k].bit, 64);
			v->lo = pkt_get(p, f[k].bit + 64u, 64);
		} else {
			v->lo = pkt_get(p, f[k].bit, f[k].width);
		}
	}
}

/* A chunk's zeros up to its alignment belong to it; other bytes there do not fit. */
static size_t chunk_padding(const uint8_t *p, size_t len, size_t left)
{
	size_t pad = -len & 3;

	if (pad > left - len)
		return SIZE_MAX;
	for (size_t i = 0; i < pad; i++)
		if (p[len + i] != 0)
			return SIZE_MAX;
	return pad;
}

/* The layer behind @part, whose header is at @p; @done: nothing but data can follow. */
static int next_layer(const struct pkt_part *part, const uint8_t *p)
{
	switch (part->id) {
	case PKT_ETH:
		return pkt_layer_of_ethertype((unsigned int)pkt_get(p, 96, 16));
	case PKT_VLAN:
	case PKT_GRE:
		return pkt_layer_of_ethertype((unsigned int)pkt_get(p, 16, 16));
	case PKT_IP:
		return pkt_get(p, 51, 13) == 0 ? pkt_layer_of_proto(p[9]) : PKT_DATA;
	case PKT_IP6:
		return pkt_layer_of_proto(p[6]);
	case PKT_FRAG:
		return pkt_get(p, 16, 13) == 0 ? pkt_layer_of_proto(p[0]) : PKT_DATA;
	case PKT_HBH:
	case PKT_DSTOPT:
	case PKT_RT:
	case PKT_AH:
		return pkt_layer_of_proto(p[0]);
	case PKT_SCTP:
	case PKT_CHUNK:
		return PKT_CHUNK;
	case PKT_ICMP: /* errors hold the packet they are about */
		return p[0] == 3 || p[0] == 5 || p[0] == 11 || p[0] == 12 ? PKT_IP : PKT_DATA;
	case PKT_ICMP6:
		return p[0] >= 1 && p[0] <= 4 ? PKT_IP6 : PKT_DATA;
	default:
		return PKT_DATA;
	}
}

/* One layer at @p. Return: its bytes, 0 if it does not fit, -1 without memory. */
static ssize_t layer_decode(struct pkt_spec *spec, enum pkt_id id, const uint8_t *p, size_t left)
{
	struct pkt_part *part = &spec->parts[spec->n];
	size_t n = header_len(id, p, left), pad = 0;

	if (n == 0)
		return 0;
	if (id == PKT_CHUNK) {
		pad = chunk_padding(p, n, left);
		if (pad == SIZE_MAX)
			return 0;
	}
	memset(part, 0, sizeof(*part));
	part->id = id;
	fields_decode(part, p);
	if (n > pkt_layers[id].size &&
	    tail_copy(part, p + pkt_layers[id].size, n - pkt_layers[id].size) != 0)
		return -1;
	spec->n++;
	return (ssize_t)(n + pad);
}

/**
 * pkt_decode - what bytes are
 * @spec:  filled in, all values fixed; pkt_release() it, also after an error
 * @first: the layer that they begin with
 * @frame: the bytes
 * @len:   how many
 *
 * Return: 0, or -1 if there is no memory.
 */
int pkt_decode(struct pkt_spec *spec, enum pkt_id first, const uint8_t *frame, size_t len)
{
	int id = first;

	memset(spec, 0, sizeof(*spec));
	while (len > 0 && id != PKT_DATA && spec->n + 1 < PKT_PARTS) {
		ssize_t n = layer_decode(spec, (enum pkt_id)id, frame, len);

		if (n < 0)
			return -1;
		if (n == 0)
			break;
		id = next_layer(&spec->parts[spec->n - 1], frame);
		frame += n;
		len -= (size_t)n;
	}
	memset(&spec->parts[spec->n], 0, sizeof(spec->parts[0]));
	return data_decode(spec, frame, len);
}
