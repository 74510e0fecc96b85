/* SPDX-License-Identifier: GPL-2.0-only */
/* siphash - SipHash-2-4 (Aumasson and Bernstein, 2012), of whole 64-bit words */
#ifndef SIPHASH_H
#define SIPHASH_H

#include <stddef.h>
#include <stdint.h>

static inline uint64_t siphash_word(const uint8_t *bytes)
{
	uint64_t word = 0;
	unsigned int i;

	for (i = 0; i < 8; ++i)
		word |= (uint64_t)bytes[i] << 8 * i;
	return word;
}

static inline uint64_t siphash_rotate(uint64_t word, unsigned int bits)
{
	return word << bits | word >> (64 - bits);
}

static inline void siphash_rounds(uint64_t v[4], unsigned int n)
{
	while (n-- > 0) {
		v[0] += v[1];
		v[2] += v[3];
		v[1] = siphash_rotate(v[1], 13) ^ v[0];
		v[3] = siphash_rotate(v[3], 16) ^ v[2];
		v[0] = siphash_rotate(v[0], 32);
		v[2] += v[1];
		v[0] += v[3];
		v[1] = siphash_rotate(v[1], 17) ^ v[2];
		v[3] = siphash_rotate(v[3], 21) ^ v[0];
		v[2] = siphash_rotate(v[2], 32);
	}
}

static inline void siphash_absorb(uint64_t v[4], uint64_t word)
{
	v[3] ^= word;
	siphash_rounds(v, 2);
	v[0] ^= word;
}

/**
 * siphash - a keyed hash
 * @key:  16 bytes
 * @data: what is hashed
 * @size: bytes of it, a multiple of 8
 *
 * Return: the hash; its first byte is the lowest.
 */
static inline uint64_t siphash(const uint8_t *key, const uint8_t *data, size_t size)
{
	uint64_t k0 = siphash_word(key), k1 = siphash_word(key + 8);
	uint64_t v[4] = {
		k0 ^ 0x736f6d6570736575ULL, k1 ^ 0x646f72616e646f6dULL,
		k0 ^ 0x6c7967656e657261ULL, k1 ^ 0x7465646279746573ULL,
	};
	size_t i;

	for (i = 0; i + 8 <= size; i += 8)
		siphash_absorb(v, siphash_word(data + i));
	siphash_absorb(v, (uint64_t)size << 56);
	v[2] ^= 0xff;
	siphash_rounds(v, 4);
	return v[0] ^ v[1] ^ v[2] ^ v[3];
}

#endif /* SIPHASH_H */
