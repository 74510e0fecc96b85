// SPDX-License-Identifier: GPL-2.0-only
/* pkt_csum - the checksums of the Internet protocols (RFC 1071, RFC 9260) */
#include "pkt.h"

/**
 * pkt_csum_add - add bytes to a ones' complement sum
 * @sum:   so far; only the last call before the fold may have an odd @len
 * @bytes: network byte order
 * @len:   at most 64 KiB a call
 *
 * Return: the new sum, not folded.
 */
uint32_t pkt_csum_add(uint32_t sum, const void *bytes, size_t len)
{
	const uint8_t *p = bytes;
	uint64_t wide = sum;

	for (; len > 1; len -= 2, p += 2)
		wide += (uint32_t)p[0] << 8 | p[1];
	if (len > 0)
		wide += (uint32_t)p[0] << 8;
	while (wide >> 32)
		wide = (wide & 0xffffffff) + (wide >> 32);
	return (uint32_t)wide;
}

/**
 * pkt_csum_fold - the checksum of a sum
 * @sum: of pkt_csum_add()
 *
 * Return: the value for the header, host byte order.
 */
uint16_t pkt_csum_fold(uint32_t sum)
{
	while (sum >> 16)
		sum = (sum & 0xffff) + (sum >> 16);
	return (uint16_t)~sum;
}

/**
 * pkt_crc32c - CRC32c as SCTP uses it
 * @bytes: what it covers
 * @len:   bytes
 *
 * Return: the CRC; SCTP sends it with the low byte first.
 */
uint32_t pkt_crc32c(const void *bytes, size_t len)
{
	const uint8_t *p = bytes;
	uint32_t crc = ~0u;

	while (len-- > 0) {
		crc ^= *p++;
		for (int bit = 0; bit < 8; bit++)
			crc = crc >> 1 ^ (0x82f63b78 & -(crc & 1));
	}
	return ~crc;
}
