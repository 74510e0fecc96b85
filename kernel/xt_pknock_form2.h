/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * xt_pknock_form2 - the second form of authenticated knocks
 *
 * Pure code: compiles in the kernel and, for client, unit test and fuzzer, on
 * the host.
 *
 *	 0  "PKN2", no digit of the first form
 *	 4  flags
 *	 5  key id
 *	 6  port that it is sent to, network byte order
 *	 8  seconds since 1970, network byte order
 *	16  nonce, 8 bytes
 *	24  tag: SipHash-2-4 of what is before it, as little-endian number
 *	32  HMAC-SHA256 of the first 24 bytes, the client's and the server's address
 *
 * The addresses have 16 bytes each, IPv4 as ::ffff:a.b.c.d; that of the client
 * is :: with %PKNOCK_FORM2_ANY. The key of the HMAC is the secret, that of the
 * tag the beginning of the HMAC of %PKNOCK_FORM2_TAG. The tag costs little, and
 * keeps those who do not know the secret from making us compute HMACs.
 */
#ifndef _XT_PKNOCK_FORM2_H
#define _XT_PKNOCK_FORM2_H

#include <linux/types.h>
#ifdef __KERNEL__
#include <linux/string.h>
#else
#include <stdbool.h>
#include <string.h>
#endif

#define PKNOCK_FORM2_MAGIC	"PKN2"
#define PKNOCK_FORM2_TAG	"xt_pknock form 2 tag"
#define PKNOCK_FORM2_HEAD	24U
#define PKNOCK_FORM2_SIZE	64U
#define PKNOCK_FORM2_UDP	8U	/* the header in front of it */

/* Seconds by which the clocks may differ */
#define PKNOCK_FORM2_WINDOW	60

enum {
	PKNOCK_FORM2_CLOSE	= 1 << 0,	/* shut out, not let in */
	PKNOCK_FORM2_ANY	= 1 << 1,	/* whatever the client's address */
	PKNOCK_FORM2_FLAGS	= (1 << 2) - 1,
};

/**
 * struct pknock_form2_signed - what the HMAC is computed of
 * @head:   the payload's first bytes
 * @client: address of the sender, or zero
 * @server: address that it is sent to
 */
struct pknock_form2_signed {
	__u8 head[PKNOCK_FORM2_HEAD];
	__u8 client[16];
	__u8 server[16];
};

static inline void pknock_form2_address(__u8 *to, const void *ip, bool ip6)
{
	if (ip6) {
		memcpy(to, ip, 16);
		return;
	}
	memset(to, 0, 10);
	memset(to + 10, 0xff, 2);
	memcpy(to + 12, ip, 4);
}

static inline __s64 pknock_form2_time(const __u8 *payload)
{
	__u64 time = 0;
	unsigned int i;

	for (i = 8; i < 16; ++i)
		time = time << 8 | payload[i];
	return time;
}

/**
 * pknock_form2_is - whether a datagram has the second form
 * @udp:  its first bytes, from the UDP header on, of the payload %PKNOCK_FORM2_SIZE
 * @size: how many bytes there are in the packet, that many at least
 *
 * Return: true if it has, and is meant for the port that it came to.
 */
static inline bool pknock_form2_is(const __u8 *udp, unsigned int size)
{
	const __u8 *payload = udp + PKNOCK_FORM2_UDP;
	unsigned int len = udp[4] << 8 | udp[5];

	return len == PKNOCK_FORM2_UDP + PKNOCK_FORM2_SIZE && len <= size &&
	       memcmp(payload, PKNOCK_FORM2_MAGIC, 4) == 0 &&
	       (payload[4] & ~PKNOCK_FORM2_FLAGS) == 0 &&
	       payload[6] == udp[2] && payload[7] == udp[3];
}

/**
 * pknock_form2_timely - whether a knock is for now
 * @time: second for which it was made, as pknock_form2_time() reads it
 * @now:  seconds since 1970
 *
 * Return: true if it is.
 */
static inline bool pknock_form2_timely(__s64 time, __s64 now)
{
	return time >= 0 && time <= now + PKNOCK_FORM2_WINDOW &&
	       time >= now - PKNOCK_FORM2_WINDOW;
}

#endif /* _XT_PKNOCK_FORM2_H */
