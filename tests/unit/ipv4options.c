// SPDX-License-Identifier: GPL-2.0-only
/*
 * ipv4options - the walk through the options of an IPv4 header
 *
 * Known lists first, then all lists of random bytes against a second opinion;
 * each list stands at the end of memory of its own, where the sanitizers see a
 * byte too much.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "xt_ipv4options_seen.h"

static unsigned int failed, passed;

static void expect(const char *what, __u32 expected, __u32 actual)
{
	if (expected == actual) {
		++passed;
		return;
	}
	++failed;
	printf("not ok unit/ipv4options: %s (expected %#x, got %#x)\n",
	       what, expected, actual);
}

static __u32 seen(const void *bytes, unsigned int len)
{
	__u8 *copy = malloc(len ? len : 1);
	__u32 result;

	memcpy(copy, bytes, len);
	result = ipv4options_seen(copy, len);
	free(copy);
	return result;
}

/* What RFC 791 says, told another way: as a recursion on what is left. */
static __u32 opinion(const __u8 *opt, unsigned int len)
{
	unsigned int step = 1;

	if (len == 0)
		return 0;
	if (opt[0] == 0)
		return 1;
	if (opt[0] != 1) {
		if (len < 2 || opt[1] < 2 || opt[1] > len)
			return 0;
		step = opt[1];
	}
	return 1U << opt[0] % 32 | opinion(opt + step, len - step);
}

static void known(void)
{
	expect("nothing", 0, seen("", 0));
	expect("end of list", 1, seen("\0", 1));
	expect("nop", 2, seen("\1\1\1\1", 4));
	expect("nop and end", 3, seen("\1\0\1\1", 4));
	expect("timestamp", 1 << 4, seen("\x44\4\5\0", 4));
	expect("router alert", 1 << 20, seen("\x94\4\0\0", 4));
	expect("number 31", 1U << 31, seen("\x5f\2", 2));
	expect("length 0", 0, seen("\x44\0\1\1", 4));
	expect("length 1", 0, seen("\x44\1\1\1", 4));
	expect("length past the end", 0, seen("\x44\5\1\1", 4));
	expect("no room for a length", 2, seen("\1\x44", 2));
}

static void random_lists(void)
{
	__u8 bytes[40];
	unsigned int n, i, len;

	srand(1);
	for (n = 0; n < 200000; ++n) {
		len = rand() % 11 * 4;
		for (i = 0; i < len; ++i)
			bytes[i] = rand() % 3 ? rand() % 8 : rand();
		expect("a random list", opinion(bytes, len), seen(bytes, len));
		if (failed > 10)
			return;
	}
}

int main(void)
{
	known();
	random_lists();
	if (!failed)
		printf("ok unit/ipv4options: %u lists\n", passed);
	return failed != 0;
}
