// SPDX-License-Identifier: GPL-2.0-only
/* gso - packets and bytes of what is cut up, against cutting it up */
#include <stdio.h>
#include <stdlib.h>

#include "xa_gso_pure.h"

static unsigned int failed, passed;

static void expect(const char *what, __u32 size, __u32 header, __u32 added, __u32 mss,
		   unsigned int packets, __u64 bytes)
{
	struct xa_units got = xa_units_cut(size, header, added, mss);

	if (got.packets == packets && got.bytes == bytes) {
		++passed;
		return;
	}
	++failed;
	printf("not ok unit/gso: %s: %u bytes, %u and %u of headers, in %u ",
	       what, size, header, added, mss);
	printf("(expected %u packets, %llu bytes, got %u, %llu)\n", packets,
	       (unsigned long long)bytes, got.packets, (unsigned long long)got.bytes);
}

/* Piece by piece */
static void by_pieces(__u32 size, __u32 header, __u32 added, __u32 mss)
{
	__u32 left = size > header ? size - header : 0, piece;
	unsigned int packets = 0;
	__u64 bytes = 0;

	if (left <= mss) {
		expect("what is not cut", size, header, added, mss, 1, size);
		return;
	}
	for (; left > 0; left -= piece) {
		piece = left < mss ? left : mss;
		bytes += header + added + piece;
		++packets;
	}
	expect("piece by piece", size, header, added, mss, packets, bytes);
}

static void known(void)
{
	expect("IPv4 TCP", 40 + 4001, 40, 0, 1000, 5, 4001 + 5 * 40);
	expect("just five", 40 + 5000, 40, 0, 1000, 5, 5000 + 5 * 40);
	expect("one more", 40 + 5001, 40, 0, 1000, 6, 5001 + 6 * 40);
	expect("8 bytes of extension headers", 68 + 10000, 68, 0, 1000, 10, 10680);
	expect("64 bytes of extension headers", 124 + 10000, 124, 0, 1000, 10, 11240);
	expect("BIG TCP", 60 + 190000, 60, 0, 1000, 190, 190000 + 190 * 60);
	expect("fragments of IPv6", 40 + 3000, 40, 8, 1000, 3, 3000 + 3 * 48);
	expect("headers alone", 40, 40, 0, 1000, 1, 40);
	expect("less than the headers", 39, 40, 0, 1000, 1, 39);
	expect("the most", 0xffffffff, 40, 0, 1, 0xffffffff - 40,
	       0xffffffffULL + (0xffffffffULL - 41) * 40);
}

int main(void)
{
	unsigned int n;

	known();
	srand(1);
	for (n = 0; n < 200000 && failed < 10; ++n)
		by_pieces(rand() % 300000, rand() % 200, rand() % 2 * 8, 1 + rand() % 9000);
	if (!failed)
		printf("ok unit/gso: %u packets\n", passed);
	return failed != 0;
}
