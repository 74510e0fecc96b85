// SPDX-License-Identifier: GPL-2.0-only
/* Segments and datagrams, correct ones and such with something wrong. */
#include <string.h>

#include <arpa/inet.h>
#include <netinet/in.h>

#include "reply.h"

const uint8_t host_mac[ETH_ALEN] = { 2, 0, 0, 0, 9, 1 };
const uint8_t peer_mac[ETH_ALEN] = { 2, 0, 0, 0, 9, 2 };

static uint64_t state;

void fuzz_seed(uint64_t seed)
{
	state = seed;
}

/* splitmix64 */
static uint64_t next(void)
{
	uint64_t z = state += 0x9e3779b97f4a7c15ull;

	z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9ull;
	z = (z ^ (z >> 27)) * 0x94d049bb133111ebull;
	return z ^ (z >> 31);
}

/* 0 to n - 1 */
uint32_t fuzz_random(uint32_t n)
{
	return (uint32_t)(((next() >> 32) * n) >> 32);
}

static void put16(uint8_t *p, uint32_t v)
{
	p[0] = v >> 8;
	p[1] = v;
}

static void put32(uint8_t *p, uint32_t v)
{
	put16(p, v >> 16);
	put16(p + 2, v);
}

static uint8_t *append(struct frame *f, size_t len)
{
	uint8_t *p = f->data + f->len;

	memset(p, 0, len);
	f->len += len;
	return p;
}

static void put_eth(struct frame *f, bool v6)
{
	uint8_t *p = append(f, ETH_HLEN);

	memcpy(p, host_mac, ETH_ALEN);
	memcpy(p + 6, peer_mac, ETH_ALEN);
	put16(p + 12, v6 ? ETH_P_IPV6 : ETH_P_IP);
}

static void put_ip4(struct frame *f, int proto, int target)
{
	uint8_t *p = append(f, 20);

	p[0] = 0x45;
	p[1] = fuzz_random(256) & 0xfc;
	put16(p + 4, fuzz_random(65536));
	p[8] = 1 + fuzz_random(255);
	p[9] = proto;
	put32(p + 12, 0x0a090000 + 256 + fuzz_random(0xfd00));
	put32(p + 16, 0x0a090000 + TARGET_BASE + target);
}

static void put_ip6(struct frame *f, int proto, int target)
{
	uint8_t *p = append(f, 40);

	put32(p, 0x60000000 | fuzz_random(1 << 28));
	p[6] = proto;
	p[7] = 1 + fuzz_random(255);
	p[8] = p[24] = 0xfd;
	p[9] = p[25] = 0x09;
	put32(p + 20, 0x10000 + fuzz_random(0x7fffffff));
	put32(p + 36, TARGET_BASE + target);
}

/* The same target often sees the extremes. */
static uint32_t data_len(uint32_t most)
{
	switch (fuzz_random(8)) {
	case 0:
		return 0;
	case 1:
		return 1;
	case 2:
		return most;
	case 3:
		return fuzz_random(most + 1);
	default:
		return fuzz_random(64);
	}
}

static void put_data(struct frame *f, uint32_t len)
{
	uint8_t *p = append(f, len);
	uint32_t i;

	for (i = 0; i < len && i < 256; i++)
		p[i] = fuzz_random(256);
}

static void put_tcp(struct frame *f)
{
	uint32_t opts = fuzz_random(4) ? 0 : 4 * fuzz_random(11);
	uint8_t *p = append(f, 20 + opts);

	put16(p, 1024 + fuzz_random(60000));
	put16(p + 2, 1 + fuzz_random(65535));
	put32(p + 4, next());
	put32(p + 8, next());
	p[12] = (20 + opts) / 4 << 4;
	p[13] = fuzz_random(256);
	if (fuzz_random(2))
		p[13] &= ~0x04;	/* a RST is not exciting */
	put16(p + 14, fuzz_random(4) ? fuzz_random(65536) : 0);
	memset(p + 20, 1, opts);
	put_data(f, data_len(1400));
}

static void put_udp(struct frame *f)
{
	static const uint16_t ports[] = { 0, 7, 19, 9 };
	uint32_t len = data_len(1472);
	uint8_t *p = append(f, 8);

	put16(p, fuzz_random(4) ? 1024 + fuzz_random(60000) : ports[fuzz_random(4)]);
	put16(p + 2, fuzz_random(2) ? 7 : ports[fuzz_random(4)]);
	put16(p + 4, 8 + len);
	put_data(f, len);
}

uint32_t sum_add(uint32_t sum, const void *data, size_t len)
{
	const uint8_t *p = data;
	uint64_t total = sum;
	size_t i;

	for (i = 0; i + 1 < len; i += 2)
		total += p[i] << 8 | p[i + 1];
	if (len & 1)
		total += p[len - 1] << 8;
	while (total >> 16)
		total = (total & 0xffff) + (total >> 16);
	return total;
}

/* The checksum for a sum; of correct data that hold theirs, it is 0. */
uint16_t sum_fold(uint32_t sum)
{
	return ~sum_add(sum, NULL, 0);
}

static uint32_t sum_pseudo(const uint8_t *l3, bool v6, int proto, size_t len)
{
	uint32_t sum = v6 ? sum_add(0, l3 + 8, 32) : sum_add(0, l3 + 12, 8);

	return sum_add(sum + proto + (len >> 16) + (len & 0xffff), NULL, 0);
}

uint16_t sum_l4(const uint8_t *l3, bool v6, int proto, const uint8_t *l4, size_t len)
{
	return sum_fold(sum_add(sum_pseudo(l3, v6, proto, len), l4, len));
}

/* Lengths and checksums as they should be, for headers at these offsets. */
static void finish(struct frame *f, bool v6, int proto, size_t l4)
{
	uint8_t *l3 = f->data + ETH_HLEN, *p = f->data + l4;
	uint8_t *sum = p + (proto == IPPROTO_TCP ? 16 : 6);
	size_t len = f->len - l4;

	if (v6) {
		put16(l3 + 4, f->len - ETH_HLEN - 40);
	} else {
		put16(l3 + 2, f->len - ETH_HLEN);
		put16(l3 + 10, 0);
		put16(l3 + 10, sum_fold(sum_add(0, l3, (l3[0] & 15) * 4)));
	}
	if (sum + 2 > f->data + f->len)
		return;
	put16(sum, 0);
	put16(sum, sum_l4(l3, v6, proto, p, len));
	if (proto == IPPROTO_UDP && !sum[0] && !sum[1])
		put16(sum, 0xffff);
}

/* A header between IP and what follows it. */
static void insert(struct frame *f, size_t at, const uint8_t *head, size_t len)
{
	memmove(f->data + at + len, f->data + at, f->len - at);
	memcpy(f->data + at, head, len);
	f->len += len;
}

static size_t put_options(struct frame *f, bool v6, int proto)
{
	static const uint8_t nops[40] = { [0 ... 39] = 1 };
	static const uint8_t types[] = { IPPROTO_DSTOPTS, IPPROTO_HOPOPTS,
					 IPPROTO_FRAGMENT };
	uint8_t ext[8] = { proto, 0, 1, 4, 0, 0, 0, 0 }, *l3 = f->data + ETH_HLEN;
	uint32_t n;

	if (!v6) {
		n = 4 * (1 + fuzz_random(10));
		insert(f, ETH_HLEN + 20, nops, n);
		l3[0] = 0x45 + n / 4;
		return n;
	}
	l3[6] = types[fuzz_random(3)];
	if (l3[6] == IPPROTO_FRAGMENT) {
		memset(ext + 1, 0, 3);
		put16(ext + 2, fuzz_random(2) ? 1 : fuzz_random(65536));
	}
	insert(f, ETH_HLEN + 40, ext, 8);
	return 8;
}

/* The checksum is left to the device, as a local sender would have it. */
static void make_partial(struct frame *f, bool v6, int proto, size_t l4)
{
	uint8_t *sum = f->data + l4 + (proto == IPPROTO_TCP ? 16 : 6);

	f->vnet.flags	    = VIRTIO_NET_HDR_F_NEEDS_CSUM;
	f->vnet.csum_start  = l4;
	f->vnet.csum_offset = sum - (f->data + l4);
	put16(sum, ~sum_fold(sum_pseudo(f->data + ETH_HLEN, v6, proto, f->len - l4)));
}

static void make_gso(struct frame *f, bool v6, size_t l4)
{
	uint32_t hlen = (f->data[l4 + 12] >> 4) * 4;

	f->len = l4 + hlen;
	put_data(f, 2000 + fuzz_random(60000));
	finish(f, v6, IPPROTO_TCP, l4);
	make_partial(f, v6, IPPROTO_TCP, l4);
	f->vnet.gso_type = v6 ? VIRTIO_NET_HDR_GSO_TCPV6 : VIRTIO_NET_HDR_GSO_TCPV4;
	f->vnet.gso_size = 536 + fuzz_random(1000);
	f->vnet.hdr_len	 = l4 + hlen;
}

static void mutate_address(struct frame *f, bool v6)
{
	static const uint32_t v4[] = {
		0, 0xffffffff, 0xe0000001, 0x0a0900ff, 0x0a090000, 0x7f000001,
		0x0a090010, 0xf0000001, 0xc0000201,
	};
	uint8_t *l3 = f->data + ETH_HLEN;
	uint8_t *a = l3 + (v6 ? 8 : 12) + (fuzz_random(3) ? 0 : v6 ? 16 : 4);

	if (!v6) {
		put32(a, v4[fuzz_random(9)]);
		return;
	}
	memset(a, 0, 16);
	switch (fuzz_random(4)) {
	case 0:
		a[0] = 0xff, a[1] = 2, a[15] = 1;
		break;
	case 1:
		a[15] = fuzz_random(2);
		break;
	case 2:
		a[0] = 0xfe, a[1] = 0x80, a[15] = 9;
		break;
	default:
		a[10] = a[11] = 0xff, a[12] = 10, a[15] = 1;
	}
}

static void mutate_mac(struct frame *f)
{
	static const uint8_t macs[][ETH_ALEN] = {
		{ 255, 255, 255, 255, 255, 255 }, { 1, 0, 0x5e, 0, 0, 1 },
		{ 2, 0, 0, 0, 9, 77 },
	};

	memcpy(f->data, macs[fuzz_random(3)], ETH_ALEN);
}

static void mutate_bytes(struct frame *f, size_t from)
{
	size_t room = f->len - from;

	if (room > 80)
		room = 80;
	if (room)
		f->data[from + fuzz_random(room)] ^= 1 << fuzz_random(8);
}

/* One thing wrong. Return: whether checksums may be put right after it. */
static bool mutate(struct frame *f, bool v6, size_t l4)
{
	uint8_t *l3 = f->data + ETH_HLEN;

	switch (fuzz_random(12)) {
	case 0:
		mutate_address(f, v6);
		return true;
	case 1:
		mutate_mac(f);
		return true;
	case 2:
		f->len = ETH_HLEN + fuzz_random(f->len - ETH_HLEN + 1);
		return fuzz_random(2);
	case 3:	/* what follows the packet, as padding does */
		append(f, 1 + fuzz_random(60));
		return fuzz_random(2);
	case 4:
		put16(l3 + (v6 ? 4 : 2), fuzz_random(fuzz_random(2) ? 65536 : 80));
		return false;
	case 5:
		if (!v6)
			put16(l3 + 6, fuzz_random(65536));
		return true;
	case 6:	/* data offset, or length of a datagram */
		if (f->len > l4 + 13)
			f->data[l4 + 12] = fuzz_random(256);
		return true;
	case 7:
		if (f->len > l4 + 6)
			put16(f->data + l4 + 4, fuzz_random(fuzz_random(2) ? 65536 : 40));
		return true;
	case 8:
		if (f->len > l4 + 8)
			put16(f->data + l4 + (fuzz_random(2) ? 6 : 16), fuzz_random(3));
		return false;
	case 9:
		l3[v6 ? 6 : 9] = fuzz_random(256);
		return true;
	case 10:
		f->vnet.flags = fuzz_random(4);
		f->vnet.gso_type = fuzz_random(6);
		f->vnet.gso_size = fuzz_random(3000);
		f->vnet.hdr_len = fuzz_random(200);
		f->vnet.csum_start = fuzz_random(100);
		f->vnet.csum_offset = fuzz_random(20);
		return false;
	default:
		mutate_bytes(f, ETH_HLEN);
		return fuzz_random(2);
	}
}

/* The next frame: half of them correct. */
void fuzz_make(struct frame *f)
{
	int target = fuzz_random(T_NUMBER), wrong = fuzz_random(2) ? 1 + fuzz_random(3) : 0;
	int proto = target == T_ECHO ? IPPROTO_UDP : IPPROTO_TCP;
	bool v6 = fuzz_random(2), right = true;
	size_t l4;

	f->len = 0;
	f->clean = !wrong;
	memset(&f->vnet, 0, sizeof(f->vnet));
	put_eth(f, v6);
	if (v6)
		put_ip6(f, proto, target);
	else
		put_ip4(f, proto, target);
	l4 = f->len;
	if (proto == IPPROTO_TCP)
		put_tcp(f);
	else
		put_udp(f);
	if (!fuzz_random(8))
		l4 += put_options(f, v6, proto);
	finish(f, v6, proto, l4);
	if (!wrong && !fuzz_random(8))
		make_partial(f, v6, proto, l4);
	else if (!wrong && proto == IPPROTO_TCP && !fuzz_random(32))
		make_gso(f, v6, l4);
	while (wrong--)
		right &= mutate(f, v6, l4);
	if (!f->clean && right && l4 <= f->len)
		finish(f, v6, proto, l4);
}

void fuzz_ping(struct frame *f, uint16_t number)
{
	uint8_t *l3, *p;

	f->len = 0;
	memset(&f->vnet, 0, sizeof(f->vnet));
	put_eth(f, false);
	put_ip4(f, IPPROTO_ICMP, 0);
	l3 = f->data + ETH_HLEN;
	put32(l3 + 12, 0x0a090002);
	put32(l3 + 16, 0x0a090000 + PING_HOST);
	p = append(f, 8);
	p[0] = 8;
	put16(p + 4, 0xabcd);
	put16(p + 6, number);
	put16(p + 2, sum_fold(sum_add(0, p, 8)));
	l3[8] = 64;
	put16(l3 + 2, 28);
	put16(l3 + 10, sum_fold(sum_add(0, l3, 20)));
}

bool fuzz_is_pong(const struct frame *f, uint16_t number)
{
	const uint8_t *l3 = f->data + ETH_HLEN;

	return f->len >= ETH_HLEN + 28 && l3[0] == 0x45 && l3[9] == IPPROTO_ICMP &&
	       l3[20] == 0 && l3[24] == 0xab && l3[25] == 0xcd &&
	       l3[26] == number >> 8 && l3[27] == (number & 255);
}
