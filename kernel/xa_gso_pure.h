/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * xa_gso_pure - packets and bytes of a packet that is cut into several
 *
 * Pure code: compiles in the kernel and, for the unit test, on the host.
 */
#ifndef _XA_GSO_PURE_H
#define _XA_GSO_PURE_H

#include <linux/types.h>

/**
 * struct xa_units - what an skb is on the wire
 * @packets: at least 1
 * @bytes:   layer-3 bytes of all of them, each with its own headers
 */
struct xa_units {
	unsigned int packets;
	__u64 bytes;
};

/**
 * xa_units_cut - the packets that a large one is cut into
 * @size:   bytes of the large packet, headers included
 * @header: bytes of its headers, which all of its pieces have
 * @added:  bytes of headers that pieces have besides, if there are several
 * @mss:    bytes of payload in a piece, at least 1; the last one has the rest
 *
 * Context: any.
 * Return: the pieces; the packet itself if it has no payload.
 */
static inline struct xa_units xa_units_cut(__u32 size, __u32 header, __u32 added,
					   __u32 mss)
{
	struct xa_units units = { .packets = 1, .bytes = size };

	if (size <= header || size - header <= mss)
		return units;
	units.packets = (size - header - 1) / mss + 1;
	units.bytes += (__u64)(units.packets - 1) * header +
		       (__u64)units.packets * added;
	return units;
}

#endif /* _XA_GSO_PURE_H */
