/* SPDX-License-Identifier: GPL-2.0-only */
/* ipp2p_ordinary_base - random numbers, and payloads put together of them */
#ifndef IPP2P_ORDINARY_BASE_H
#define IPP2P_ORDINARY_BASE_H

#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <linux/types.h>

#define ORDINARY_MOST	1472

struct ordinary {
	const char *what;
	bool tcp;
	unsigned int len;
	__u8 data[ORDINARY_MOST + 64];
};

static __u64 ordinary_state = 88172645463325252ULL;

static __u64 ordinary_rnd(void)
{
	ordinary_state ^= ordinary_state << 13;
	ordinary_state ^= ordinary_state >> 7;
	ordinary_state ^= ordinary_state << 17;
	return ordinary_state;
}

static unsigned int ordinary_up_to(unsigned int most)
{
	return (ordinary_rnd() >> 20) % (most + 1);
}

static void ordinary_fill(__u8 *p, unsigned int len)
{
	__u64 word;

	for (; len >= 8; p += 8, len -= 8) {
		word = ordinary_rnd();
		memcpy(p, &word, 8);
	}
	word = ordinary_rnd();
	memcpy(p, &word, len);
}

/* Random where it matters, and behind that as it was before */
static void ordinary_random(struct ordinary *o, unsigned int len)
{
	ordinary_fill(o->data, len < 128 ? len : 128);
	o->len = len;
}

static void ordinary_put(struct ordinary *o, unsigned int pos, const void *bytes,
			 unsigned int len)
{
	memcpy(o->data + pos, bytes, len);
}

#define ORDINARY_PUT(o, pos, text) ordinary_put(o, pos, text, sizeof(text) - 1)

static void ordinary_be16(struct ordinary *o, unsigned int pos, unsigned int value)
{
	o->data[pos] = value >> 8;
	o->data[pos + 1] = value;
}

static void ordinary_be32(struct ordinary *o, unsigned int pos, __u32 value)
{
	ordinary_be16(o, pos, value >> 16);
	ordinary_be16(o, pos + 2, value & 0xffff);
}

static void ordinary_le32(struct ordinary *o, unsigned int pos, __u32 value)
{
	o->data[pos] = value;
	o->data[pos + 1] = value >> 8;
	o->data[pos + 2] = value >> 16;
	o->data[pos + 3] = value >> 24;
}

static void ordinary_le16(struct ordinary *o, unsigned int pos, unsigned int value)
{
	o->data[pos] = value;
	o->data[pos + 1] = value >> 8;
}

#endif /* IPP2P_ORDINARY_BASE_H */
