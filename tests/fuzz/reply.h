/* SPDX-License-Identifier: GPL-2.0-only */
/* What the parts of fuzz_reply share; reply_main.c tells the whole. */
#ifndef XA_FUZZ_REPLY_H
#define XA_FUZZ_REPLY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <linux/if_ether.h>
#include <linux/virtio_net.h>

/* Longest frame, bytes: an IP packet of 64 KiB and its Ethernet header. */
#define FRAME_MAX	(ETH_HLEN + 65535)
/* Frames between two pings, and answers that we take to them. */
#define BATCH		32
#define REPLY_MAX	(2 * BATCH)

/* What the host under test does with packets to its address with this number. */
enum target {
	T_TARPIT, T_HONEYPOT, T_RESET, T_DELUDE, T_CHAOS_DELUDE, T_CHAOS_TARPIT,
	T_ECHO, T_SAME_IF, T_NUMBER,
};

/* Its addresses are 10.9.0.(16 + target) and fd09::(16 + target). */
#define TARGET_BASE	16
/* Answers a ping, for us to know that all before it was dealt with. */
#define PING_HOST	9

extern const uint8_t host_mac[ETH_ALEN], peer_mac[ETH_ALEN];

/**
 * struct frame - what is written to the tap, or was read from it
 * @vnet: header of the virtual device
 * @data: from the Ethernet header on
 * @len:  bytes in @data
 * @clean: nothing about it is wrong on purpose
 */
struct frame {
	struct virtio_net_hdr vnet;
	uint8_t data[FRAME_MAX];
	size_t len;
	bool clean;
};

/**
 * struct look - what a frame is, if it is a correct packet
 * @v6:	     IPv6, else IPv4
 * @l3, @l4: offsets of the headers in the frame
 * @proto:   IPPROTO_TCP, IPPROTO_UDP, another
 * @target:  whom it is for
 * @options: it has IPv4 options or IPv6 extension headers
 * @ttl:     TTL or hop limit
 * @len:     bytes of the transport header and what follows
 */
struct look {
	bool v6, options;
	size_t l3, l4, len;
	int proto, target;
	uint8_t ttl;
};

uint32_t fuzz_random(uint32_t n);
void fuzz_seed(uint64_t seed);
void fuzz_make(struct frame *f);
void fuzz_ping(struct frame *f, uint16_t number);
bool fuzz_is_pong(const struct frame *f, uint16_t number);

uint16_t sum_fold(uint32_t sum);
uint32_t sum_add(uint32_t sum, const void *data, size_t len);
uint16_t sum_l4(const uint8_t *l3, bool v6, int proto, const uint8_t *l4, size_t len);

const char *look_at(const struct frame *f, struct look *l);
bool is_answer(const struct frame *r);
bool fits_addresses(const struct frame *f, const struct frame *r);
bool fits(const struct frame *f, const struct frame *reply);
const char *check_reply(const struct frame *f, const struct frame *reply);

#endif
