// SPDX-License-Identifier: GPL-2.0-only
/* blob_mutate - rule data that is nearly right, or not at all */
#include <string.h>

#include "blob.h"

/**
 * blob_seed - a rule as iptables would make it
 * @b:    filled in
 * @ext:  whose
 * @seed: its data
 */
void blob_seed(struct blob *b, const struct extension *ext, const struct seed *seed)
{
	memset(b, 0, sizeof(*b));
	b->ext = ext;
	memcpy(b->name, ext->name, strlen(ext->name));
	memcpy(b->table, ext->table, sizeof(b->table));
	b->is_target = ext->is_target;
	b->revision = ext->revision;
	b->family = ext->family;
	b->proto = ext->proto;
	b->size = ext->size;
	do {
		b->hook = (unsigned int)below(HOOKS);
	} while (!(ext->hooks >> b->hook & 1));
	if (seed != NULL) {
		memcpy(b->bytes, seed->bytes, seed->size);
		b->size = seed->size;
	}
}

static void fill(uint8_t *p, size_t n, int byte)
{
	for (size_t i = 0; i < n; i++)
		p[i] = byte < 0 ? (uint8_t)rnd() : (uint8_t)byte;
}

/* A value at the edge of something, in either byte order. */
static void put_boundary(uint8_t *p, size_t n)
{
	static const uint64_t values[] = {
		0, 1, 2, 7, 8, 31, 32, 33, 63, 64, 127, 128, 129, 255, 256, 0x7fff, 0x8000, 0xffff,
		0x10000, 0x7fffffff, 0x80000000, 0xffffffff, 0x100000000, 0x7fffffffffffffff,
		0x8000000000000000, ~0ull, 0xffff888000000000, 0xdead000000000100,
	};
	uint64_t v = values[below(sizeof(values) / sizeof(values[0]))];
	int big = chance(50);

	for (size_t i = 0; i < n; i++)
		p[i] = (uint8_t)(v >> 8 * (big ? n - 1 - i : i));
}

/* A name that is none, or not only that; most without a terminator. */
static void put_name(uint8_t *p, size_t n)
{
	static const char *const names[] = {
		"", ".", "..", "...", "/", "a/b", "../../x", "%s%s%n", "%p", " ", "\n", "\"", "'",
		"\\", "\x80", "\x7f", "-", "door", "lan",
	};
	const char *name = names[below(sizeof(names) / sizeof(names[0]))];
	size_t len = strlen(name);

	if (chance(30)) {
		fill(p, n, chance(50) ? 'A' : -1);
		return;
	}
	memcpy(p, name, len < n ? len : n);
	if (len < n && chance(50))
		p[len] = '\0';
}

static void mutate(uint8_t *p, size_t size)
{
	static const size_t widths[] = { 1, 2, 4, 8 };
	size_t width = widths[below(4)], at = below(size), n = 1 + below(size - at);

	switch (below(7)) {
	case 0:
		p[at] ^= (uint8_t)(1u << below(8));
		break;
	case 1:
		p[at] = (uint8_t)rnd();
		break;
	case 2:
	case 3:
		at = at / width * width;
		if (at + width <= size)
			put_boundary(p + at, width);
		break;
	case 4:
		fill(p + at, n, (int)below(3) == 0 ? -1 : (int)(rnd() & 0xff));
		break;
	case 5:
		put_name(p + (chance(70) ? 0 : at), chance(70) || n > size - at ? n : size - at);
		break;
	default:
		/* a piece of it at another place */
		memmove(p + at, p + below(size - n + 1), n);
	}
}

/* What is around the data. */
static void mutate_frame(struct blob *b)
{
	static const char *const tables[] = { "filter", "mangle", "raw", "nat", "security" };
	static const size_t sizes[] = { 0, 1, 4, 8, 16, 24, 32, 40, 48, 64, 512, MAX_INFO };

	switch (below(8)) {
	case 0:
		b->size = sizes[below(sizeof(sizes) / sizeof(sizes[0]))];
		break;
	case 1:
		b->revision = (int)below(256);
		break;
	case 2:
		fill((uint8_t *)b->name, below(NAME_LEN) + 1, -1);
		break;
	case 3:
		fill((uint8_t *)b->name, NAME_LEN, 'x');
		break;
	case 4:
		b->proto = (unsigned int)below(256);
		break;
	case 5:
		b->hook = (unsigned int)below(HOOKS);
		break;
	case 6:
		strcpy(b->table, tables[below(5)]);
		break;
	default:
		b->family = b->family == 4 ? 6 : 4;
	}
}

/**
 * blob_make - a rule to try
 * @b:   filled in
 * @ext: whose
 */
void blob_make(struct blob *b, const struct extension *ext)
{
	const struct seed *seed = NULL;
	unsigned int kind = (unsigned int)below(100);

	if (ext->n_seeds > 0 && kind < 90)
		seed = &ext->seeds[below(ext->n_seeds)];
	blob_seed(b, ext, seed);
	if (seed == NULL && kind < 96)
		fill(b->bytes, b->size, -1);
	else if (seed == NULL)
		fill(b->bytes, b->size, chance(50) ? 0xff : 0);
	b->in_chain = chance(30);
	if (chance(25))
		b->hook = (unsigned int)below(HOOKS);
	if (b->size > 0 && !chance(15))
		for (uint64_t n = 1 + below(4); n > 0; n--)
			mutate(b->bytes, b->size);
	if (chance(10))
		mutate_frame(b);
}

/**
 * blob_print - a rule, so that it can be looked at
 * @f:      where to
 * @b:      the rule
 * @method: how it was handed to the kernel
 */
void blob_print(FILE *f, const struct blob *b, const char *method)
{
	fprintf(f, "# %s IPv%d %s %.29s revision %d table %s hook %u proto %u%s size %zu: ", method,
		b->family, b->is_target ? "target" : "match", b->name, b->revision, b->table,
		b->hook, b->proto, b->in_chain ? " in a chain" : "", b->size);
	for (size_t i = 0; i < b->size; i++)
		fprintf(f, "%02x", b->bytes[i]);
	fputc('\n', f);
}
