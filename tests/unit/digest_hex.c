// SPDX-License-Identifier: GPL-2.0-only
/* digest_hex - a digest and its hexadecimal form: each byte, each digit, each length */
#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "xa_digest_hex.h"

static unsigned int failed, passed;

static void expect(const char *what, bool expected, const __u8 *digest, unsigned int size,
		   const char *hex, unsigned int hex_size)
{
	bool actual = xa_digest_hex_equal(digest, size, (const __u8 *)hex, hex_size);

	if (actual == expected) {
		++passed;
		return;
	}
	++failed;
	printf("not ok unit/digest_hex: %s: %.*s (expected %d, got %d)\n", what, (int)hex_size,
	       hex, expected, actual);
}

/* The same from memory that ends with the last digit, for the sanitizer */
static void expect_bounded(const char *what, bool expected, const __u8 *digest,
			   unsigned int size, const char *hex, unsigned int hex_size)
{
	char *copy = malloc(hex_size);

	memcpy(copy, hex, hex_size);
	expect(what, expected, digest, size, copy, hex_size);
	free(copy);
}

/* Each byte against each pair of characters: right is what printf says, and nothing else */
static void bytes(void)
{
	unsigned int byte, first, second;
	char right[3], hex[2];
	__u8 digest;

	for (byte = 0; byte < 256; ++byte) {
		digest = byte;
		snprintf(right, sizeof(right), "%02x", byte);
		for (first = 0; first < 256; ++first)
			for (second = 0; second < 256; ++second) {
				hex[0] = first;
				hex[1] = second;
				expect("one byte", memcmp(hex, right, 2) == 0, &digest, 1, hex, 2);
			}
	}
}

/* A digest of 32 bytes; wrong in one bit of one digit, wherever it is */
static void places(void)
{
	char hex[65], wrong[65];
	__u8 digest[32];
	unsigned int i, bit;

	for (i = 0; i < sizeof(digest); ++i) {
		digest[i] = i * 37 + 11;
		sprintf(hex + 2 * i, "%02x", digest[i]);
	}
	expect_bounded("all of it", true, digest, 32, hex, 64);
	for (i = 0; i < 64; ++i)
		for (bit = 0; bit < 8; ++bit) {
			memcpy(wrong, hex, sizeof(hex));
			wrong[i] ^= 1 << bit;
			expect_bounded("one bit", false, digest, 32, wrong, 64);
		}
	for (i = 0; i < 64; ++i) {
		memcpy(wrong, hex, sizeof(hex));
		wrong[i] = toupper(hex[i]);
		expect_bounded("upper case", wrong[i] == hex[i], digest, 32, wrong, 64);
	}
	for (i = 0; i < 64; ++i)
		expect_bounded("too short", false, digest, 32, hex, i);
	expect_bounded("too long", false, digest, 32, hex, 65);
	expect_bounded("too short a digest", false, digest, 31, hex, 64);
	expect_bounded("its beginning", true, digest, 31, hex, 62);
	expect_bounded("nothing", true, digest, 0, hex, 0);
	expect_bounded("half of nothing", false, digest, 0, hex, 1);
}

int main(void)
{
	bytes();
	places();
	if (!failed)
		printf("ok unit/digest_hex: %u comparisons\n", passed);
	return failed != 0;
}
