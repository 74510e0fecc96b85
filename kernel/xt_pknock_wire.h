/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * xt_pknock_wire - what an authenticated knock is made of
 *
 * Pure code: compiles in the kernel and, for unit test and fuzzer, on the host.
 *
 * The datagram's payload is HMAC-SHA256(secret, address || minute) as 64
 * lower-case hexadecimal digits, with or without one byte behind them (a
 * newline, mostly). The address is the sender's, 4 or 16 bytes in network
 * order; the minute, since the epoch, has 4 bytes in little-endian order.
 */
#ifndef _XT_PKNOCK_WIRE_H
#define _XT_PKNOCK_WIRE_H

#include <linux/types.h>
#ifndef __KERNEL__
#include <stdbool.h>
#endif

#define PKNOCK_DIGEST_SIZE	32U
#define PKNOCK_DIGITS		(2 * PKNOCK_DIGEST_SIZE)
#define PKNOCK_UDP_SIZE		8U
/* What has to be looked at: the UDP header and the digits */
#define PKNOCK_WIRE_SIZE	(PKNOCK_UDP_SIZE + PKNOCK_DIGITS)

static inline bool pknock_wire_digit(__u8 c)
{
	return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f');
}

/**
 * pknock_wire_ok - whether a datagram has the form of an authenticated knock
 * @udp:  its first PKNOCK_WIRE_SIZE bytes, from the UDP header on
 * @size: how many bytes there are in the packet, at least PKNOCK_WIRE_SIZE
 *
 * Cheap, and no secret is involved: most of what is none ends here.
 *
 * Return: true if it has; the digits are behind the UDP header.
 */
static inline bool pknock_wire_ok(const __u8 *udp, unsigned int size)
{
	unsigned int len = udp[4] << 8 | udp[5], i;

	if (len != PKNOCK_WIRE_SIZE && len != PKNOCK_WIRE_SIZE + 1)
		return false;
	if (len > size)
		return false;
	for (i = PKNOCK_UDP_SIZE; i < PKNOCK_WIRE_SIZE; ++i)
		if (!pknock_wire_digit(udp[i]))
			return false;
	return true;
}

#endif /* _XT_PKNOCK_WIRE_H */
