// SPDX-License-Identifier: GPL-2.0-only
/*
 * pkt_build - a packet's bytes
 *
 * First all layers are laid down one behind the other with what was said of
 * them; then, from the last to the first, each gets what was not said: a length
 * or a checksum covers what is behind it, which is complete by then.
 */
#include <string.h>

#include "pkt.h"

/* Protocol numbers behind which there is none of our layers. */
#define PROTO_TEST	253	/* RFC 3692: use for experiments */
#define PROTO_NONE6	59	/* IPv6: nothing follows */

struct build {
	const struct pkt_spec *spec;
	uint64_t index;
	uint8_t *buf;
	size_t total;
	size_t at[PKT_PARTS];	/* where each layer begins */
	size_t header[PKT_PARTS];	/* its bytes */
};

/**
 * pkt_random - a number that looks random and can be had again
 * @seed:  of the run
 * @index: of the packet
 * @which: of the place in it
 *
 * Return: 64 bits.
 */
uint64_t pkt_random(uint64_t seed, uint64_t index, uint64_t which)
{
	/* splitmix64 */
	uint64_t z = seed + index * 0x9e3779b97f4a7c15 + which * 0xd1342543de82ef95;

	z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9;
	z = (z ^ z >> 27) * 0x94d049bb133111eb;
	return z ^ z >> 31;
}

static void put_value(uint8_t *p, const struct pkt_field *f, uint64_t hi, uint64_t lo)
{
	if (f->width == 128) {
		pkt_put(p, f->bit, 64, hi);
		pkt_put(p, f->bit + 64u, 64, lo);
	} else {
		pkt_put(p, f->bit, f->width, lo);
	}
}

/* The values that were said, and the defaults of plain fields. */
static void fill_fields(struct build *b, unsigned int i)
{
	const struct pkt_part *part = &b->spec->parts[i];
	const struct pkt_field *f = pkt_layers[part->id].fields;

	for (unsigned int k = 0; k < PKT_FIELDS && f[k].name != NULL; k++) {
		const struct pkt_value *v = &part->values[k];
		uint64_t lo = v->lo, hi = v->hi;

		if (v->mode == PKT_RANGE) {
			lo += (v->span != 0 ? b->index % v->span : b->index) * v->step;
		} else if (v->mode == PKT_RANDOM) {
			lo = pkt_random(b->spec->seed, b->index, i * PKT_FIELDS + k);
			hi = pkt_random(b->spec->seed, b->index, (i + 1000) * PKT_FIELDS + k);
		} else if (v->mode != PKT_FIXED) {
			if (f[k].rule != PKT_PLAIN)
				continue;
			lo = f[k].deflt;
			hi = f[k].width == 128 ? 0xfd00000000000000 : 0;
		}
		put_value(b->buf + b->at[i], &f[k], hi, lo);
	}
}

static int place(struct build *b, unsigned int i, size_t size)
{
	const struct pkt_part *part = &b->spec->parts[i];
	const struct pkt_layer *layer = &pkt_layers[part->id];
	size_t n = layer->size + part->len + part->random;
	size_t align = layer->align;
	uint8_t *p = b->buf + b->total;

	n = (n + align - 1) / align * align;
	if (n > size - b->total)
		return -1;
	b->at[i] = b->total;
	b->header[i] = n;
	b->total += n;
	memset(p, 0, n);
	if (part->len > 0)
		memcpy(p + layer->size, part->tail, part->len);
	for (size_t k = 0; k < part->random; k++)
		p[layer->size + part->len + k] =
			(uint8_t)pkt_random(b->spec->seed, b->index, (1 << 20) + k);
	fill_fields(b, i);
	return 0;
}

/* What the layer @i says of the one behind it. */
static uint64_t next_number(const struct build *b, unsigned int i)
{
	enum pkt_id id = b->spec->parts[i].id;
	const struct pkt_layer *next = i + 1 < b->spec->n ?
		&pkt_layers[b->spec->parts[i + 1].id] : NULL;

	if (id == PKT_ETH || id == PKT_VLAN || id == PKT_GRE)
		return next != NULL ? next->ethertype : 0;
	if (next != NULL)
		return next->proto >= 0 ? (uint64_t)next->proto : PROTO_TEST;
	return id == PKT_IP ? PROTO_TEST : PROTO_NONE6;
}

/* The sum of the pseudo header for layer @i; 0 if there is no IP before it. */
static uint32_t pseudo_sum(const struct build *b, unsigned int i)
{
	const struct pkt_layer *layer = &pkt_layers[b->spec->parts[i].id];
	size_t len = b->total - b->at[i];
	uint32_t sum = (uint32_t)layer->proto + (uint32_t)(len >> 16) + (uint32_t)(len & 0xffff);

	while (i-- > 0) {
		if (b->spec->parts[i].id == PKT_IP)
			return pkt_csum_add(sum, b->buf + b->at[i] + 12, 8);
		if (b->spec->parts[i].id == PKT_IP6)
			return pkt_csum_add(sum, b->buf + b->at[i] + 8, 32);
	}
	return 0;
}

/* Bytes that the checksum of UDP-Lite or DCCP covers: what the coverage field says. */
static size_t covered(const struct build *b, unsigned int i)
{
	const uint8_t *p = b->buf + b->at[i];
	size_t all = b->total - b->at[i], n = all;

	if (b->spec->parts[i].id == PKT_UDPLITE)
		n = pkt_get(p, 32, 16);
	else if (b->spec->parts[i].id == PKT_DCCP && (p[5] & 15) != 0)
		n = b->header[i] + 4u * ((p[5] & 15u) - 1);
	return n >= pkt_layers[b->spec->parts[i].id].size && n < all ? n : all;
}

static uint64_t checksum(const struct build *b, unsigned int i)
{
	const uint8_t *p = b->buf + b->at[i];
	enum pkt_id id = b->spec->parts[i].id;
	uint16_t sum;

	switch (pkt_layers[id].sum) {
	case PKT_SUM_HEADER:
		return pkt_csum_fold(pkt_csum_add(0, p, b->header[i]));
	case PKT_SUM_REST:
		return pkt_csum_fold(pkt_csum_add(0, p, b->total - b->at[i]));
	case PKT_SUM_CRC32C:
		return __builtin_bswap32(pkt_crc32c(p, b->total - b->at[i]));
	default:
		sum = pkt_csum_fold(pkt_csum_add(pseudo_sum(b, i), p, covered(b, i)));
		/* 0 would mean that there is none */
		return sum == 0 && (id == PKT_UDP || id == PKT_UDPLITE) ? 0xffff : sum;
	}
}

static uint64_t automatic(const struct build *b, unsigned int i, const struct pkt_field *f)
{
	const struct pkt_part *part = &b->spec->parts[i];

	switch (f->rule) {
	case PKT_NEXT:
		return next_number(b, i);
	case PKT_HLEN:
		return b->header[i] / f->unit - f->bias;
	case PKT_LEN:
		return b->total - b->at[i] - f->bias;
	case PKT_OWNLEN:
		return pkt_layers[part->id].size + part->len;
	default:
		return checksum(b, i);
	}
}

/* The checksum is the last field of each layer: the others are there by then. */
static void complete(struct build *b, unsigned int i)
{
	const struct pkt_part *part = &b->spec->parts[i];
	const struct pkt_field *f = pkt_layers[part->id].fields;

	for (unsigned int k = 0; k < PKT_FIELDS && f[k].name != NULL; k++) {
		enum pkt_mode mode = part->values[k].mode;
		uint64_t value;

		if (f[k].rule == PKT_PLAIN || (mode != PKT_UNSET && mode != PKT_BAD))
			continue;
		value = automatic(b, i, &f[k]);
		/* neither the value nor its other form (0 and 0xffff), nor UDP's "none" */
		if (mode == PKT_BAD)
			value = (value ^ 0x5555) != 0 ? value ^ 0x5555 : 0x1111;
		pkt_put(b->buf + b->at[i], f[k].bit, f[k].width, value);
	}
}

/**
 * pkt_build - a packet's bytes
 * @spec:  the packet
 * @index: which of the family
 * @buf:   for the bytes
 * @size:  of @buf
 *
 * Return: bytes, or -1 if there is no room.
 */
ssize_t pkt_build(const struct pkt_spec *spec, uint64_t index, uint8_t *buf, size_t size)
{
	struct build b = { .spec = spec, .index = index, .buf = buf };

	for (unsigned int i = 0; i < spec->n; i++)
		if (place(&b, i, size) != 0)
			return -1;
	for (unsigned int i = spec->n; i-- > 0;)
		complete(&b, i);
	return (ssize_t)b.total;
}
