// SPDX-License-Identifier: GPL-2.0-only
/* pkt_layer - the headers that pkt knows, field by field */
#include <string.h>

#include "pkt.h"

/* name, kind, shown, bit, width, default */
#define PLAIN(n, k, s, b, w, d) \
	{ .name = n, .kind = k, .shown = s, .bit = b, .width = w, .deflt = d }
#define NEXT(n, k, b, w)	{ .name = n, .kind = k, .rule = PKT_NEXT, .bit = b, .width = w }
/* name, bit, width, unit, bias */
#define HLEN(n, b, w, u, i) \
	{ .name = n, .rule = PKT_HLEN, .bit = b, .width = w, .unit = u, .bias = i }
#define LEN(n, b, i)		{ .name = n, .rule = PKT_LEN, .bit = b, .width = 16, .bias = i }
#define OWNLEN(n, b)		{ .name = n, .rule = PKT_OWNLEN, .bit = b, .width = 16 }
#define SUM(n, b, w) \
	{ .name = n, .kind = PKT_HEX, .rule = PKT_SUM, .bit = b, .width = w }

#define PORTS	PLAIN("sport", PKT_UINT, 1, 0, 16, 1024), PLAIN("dport", PKT_UINT, 1, 16, 16, 9)

const struct pkt_layer pkt_layers[PKT_LAYERS] = {
	[PKT_ETH] = { "eth", 14, 1, 0, -1, PKT_TAIL_NONE, PKT_SUM_NONE, {
		PLAIN("src", PKT_MAC, 1, 48, 48, 0),
		PLAIN("dst", PKT_MAC, 1, 0, 48, 0xffffffffffff),
		NEXT("type", PKT_HEX, 96, 16) } },
	[PKT_VLAN] = { "vlan", 4, 1, 0x8100, -1, PKT_TAIL_NONE, PKT_SUM_NONE, {
		PLAIN("id", PKT_UINT, 1, 4, 12, 1),
		PLAIN("prio", PKT_UINT, 0, 0, 3, 0),
		PLAIN("dei", PKT_UINT, 0, 3, 1, 0),
		NEXT("type", PKT_HEX, 16, 16) } },
	[PKT_ARP] = { "arp", 28, 1, 0x806, -1, PKT_TAIL_NONE, PKT_SUM_NONE, {
		PLAIN("hw", PKT_UINT, 0, 0, 16, 1),
		PLAIN("proto", PKT_HEX, 0, 16, 16, 0x800),
		PLAIN("hwlen", PKT_UINT, 0, 32, 8, 6),
		PLAIN("plen", PKT_UINT, 0, 40, 8, 4),
		PLAIN("op", PKT_UINT, 1, 48, 16, 1),
		PLAIN("smac", PKT_MAC, 1, 64, 48, 0),
		PLAIN("src", PKT_IP4ADDR, 1, 112, 32, 0),
		PLAIN("tmac", PKT_MAC, 1, 144, 48, 0),
		PLAIN("dst", PKT_IP4ADDR, 1, 192, 32, 0) } },
	[PKT_IP] = { "ip", 20, 4, 0x800, 4, PKT_TAIL_IPOPT, PKT_SUM_HEADER, {
		PLAIN("src", PKT_IP4ADDR, 1, 96, 32, 0x0a000001),
		PLAIN("dst", PKT_IP4ADDR, 1, 128, 32, 0x0a000002),
		PLAIN("ttl", PKT_UINT, 1, 64, 8, 64),
		PLAIN("ver", PKT_UINT, 0, 0, 4, 4),
		HLEN("ihl", 4, 4, 4, 0),
		PLAIN("tos", PKT_HEX, 0, 8, 8, 0),
		LEN("len", 16, 0),
		PLAIN("id", PKT_UINT, 0, 32, 16, 0),
		PLAIN("rf", PKT_UINT, 0, 48, 1, 0),
		PLAIN("df", PKT_UINT, 0, 49, 1, 0),
		PLAIN("mf", PKT_UINT, 0, 50, 1, 0),
		PLAIN("off", PKT_UINT, 0, 51, 13, 0),
		NEXT("proto", PKT_UINT, 72, 8),
		SUM("sum", 80, 16) } },
	[PKT_IP6] = { "ip6", 40, 1, 0x86dd, 41, PKT_TAIL_NONE, PKT_SUM_NONE, {
		PLAIN("src", PKT_IP6ADDR, 1, 64, 128, 1),
		PLAIN("dst", PKT_IP6ADDR, 1, 192, 128, 2),
		PLAIN("hlim", PKT_UINT, 1, 56, 8, 64),
		PLAIN("ver", PKT_UINT, 0, 0, 4, 6),
		PLAIN("tc", PKT_HEX, 0, 4, 8, 0),
		PLAIN("flow", PKT_HEX, 0, 12, 20, 0),
		LEN("len", 32, 40),
		NEXT("next", PKT_UINT, 48, 8) } },
	[PKT_HBH] = { "hbh", 2, 8, 0, 0, PKT_TAIL_HEX, PKT_SUM_NONE, {
		NEXT("next", PKT_UINT, 0, 8),
		HLEN("len", 8, 8, 8, 1) } },
	[PKT_DSTOPT] = { "dstopt", 2, 8, 0, 60, PKT_TAIL_HEX, PKT_SUM_NONE, {
		NEXT("next", PKT_UINT, 0, 8),
		HLEN("len", 8, 8, 8, 1) } },
	[PKT_RT] = { "rt", 4, 8, 0, 43, PKT_TAIL_HEX, PKT_SUM_NONE, {
		PLAIN("type", PKT_UINT, 1, 16, 8, 0),
		PLAIN("left", PKT_UINT, 1, 24, 8, 0),
		NEXT("next", PKT_UINT, 0, 8),
		HLEN("len", 8, 8, 8, 1) } },
	[PKT_FRAG] = { "frag", 8, 1, 0, 44, PKT_TAIL_NONE, PKT_SUM_NONE, {
		PLAIN("off", PKT_UINT, 1, 16, 13, 0),
		PLAIN("mf", PKT_UINT, 1, 31, 1, 0),
		PLAIN("id", PKT_UINT, 0, 32, 32, 0),
		PLAIN("res", PKT_HEX, 0, 8, 8, 0),
		PLAIN("res2", PKT_HEX, 0, 29, 2, 0),
		NEXT("next", PKT_UINT, 0, 8) } },
	[PKT_AH] = { "ah", 12, 4, 0, 51, PKT_TAIL_HEX, PKT_SUM_NONE, {
		PLAIN("spi", PKT_UINT, 1, 32, 32, 256),
		PLAIN("seq", PKT_UINT, 1, 64, 32, 1),
		PLAIN("res", PKT_HEX, 0, 16, 16, 0),
		NEXT("next", PKT_UINT, 0, 8),
		HLEN("len", 8, 8, 4, 2) } },
	[PKT_ESP] = { "esp", 8, 1, 0, 50, PKT_TAIL_NONE, PKT_SUM_NONE, {
		PLAIN("spi", PKT_UINT, 1, 0, 32, 256),
		PLAIN("seq", PKT_UINT, 1, 32, 32, 1) } },
	[PKT_TCP] = { "tcp", 20, 4, 0, 6, PKT_TAIL_TCPOPT, PKT_SUM_PSEUDO, {
		PORTS,
		PLAIN("flags", PKT_TCPFLAGS, 1, 103, 9, 2),
		PLAIN("seq", PKT_UINT, 1, 32, 32, 1),
		PLAIN("ack", PKT_UINT, 1, 64, 32, 0),
		PLAIN("win", PKT_UINT, 1, 112, 16, 8192),
		PLAIN("urg", PKT_UINT, 0, 144, 16, 0),
		PLAIN("res", PKT_UINT, 0, 100, 3, 0),
		HLEN("doff", 96, 4, 4, 0),
		SUM("sum", 128, 16) } },
	[PKT_UDP] = { "udp", 8, 1, 0, 17, PKT_TAIL_NONE, PKT_SUM_PSEUDO, {
		PORTS, LEN("len", 32, 0), SUM("sum", 48, 16) } },
	[PKT_UDPLITE] = { "udplite", 8, 1, 0, 136, PKT_TAIL_NONE, PKT_SUM_PSEUDO, {
		PORTS, PLAIN("cov", PKT_UINT, 0, 32, 16, 0), SUM("sum", 48, 16) } },
	[PKT_ICMP] = { "icmp", 8, 1, 0, 1, PKT_TAIL_NONE, PKT_SUM_REST, {
		PLAIN("type", PKT_UINT, 1, 0, 8, 8),
		PLAIN("code", PKT_UINT, 1, 8, 8, 0),
		PLAIN("id", PKT_UINT, 1, 32, 16, 1),
		PLAIN("seq", PKT_UINT, 1, 48, 16, 1),
		SUM("sum", 16, 16) } },
	[PKT_ICMP6] = { "icmp6", 8, 1, 0, 58, PKT_TAIL_NONE, PKT_SUM_PSEUDO, {
		PLAIN("type", PKT_UINT, 1, 0, 8, 128),
		PLAIN("code", PKT_UINT, 1, 8, 8, 0),
		PLAIN("id", PKT_UINT, 1, 32, 16, 1),
		PLAIN("seq", PKT_UINT, 1, 48, 16, 1),
		SUM("sum", 16, 16) } },
	[PKT_SCTP] = { "sctp", 12, 1, 0, 132, PKT_TAIL_NONE, PKT_SUM_CRC32C, {
		PORTS, PLAIN("vtag", PKT_UINT, 1, 32, 32, 0), SUM("sum", 64, 32) } },
	[PKT_CHUNK] = { "chunk", 4, 4, 0, -1, PKT_TAIL_HEX, PKT_SUM_NONE, {
		PLAIN("type", PKT_UINT, 1, 0, 8, 1),
		PLAIN("flags", PKT_HEX, 0, 8, 8, 0),
		OWNLEN("len", 16) } },
	[PKT_DCCP] = { "dccp", 12, 4, 0, 33, PKT_TAIL_HEX, PKT_SUM_PSEUDO, {
		PORTS,
		PLAIN("type", PKT_UINT, 1, 67, 4, 0),
		PLAIN("seq", PKT_UINT, 1, 72, 24, 0),
		PLAIN("ccval", PKT_UINT, 0, 40, 4, 0),
		PLAIN("cov", PKT_UINT, 0, 44, 4, 0),
		PLAIN("res", PKT_UINT, 0, 64, 3, 0),
		PLAIN("x", PKT_UINT, 0, 71, 1, 0),
		HLEN("doff", 32, 8, 4, 0),
		SUM("sum", 48, 16) } },
	[PKT_GRE] = { "gre", 4, 1, 0, 47, PKT_TAIL_NONE, PKT_SUM_NONE, {
		PLAIN("flags", PKT_HEX, 0, 0, 16, 0),
		NEXT("type", PKT_HEX, 16, 16) } },
	[PKT_DATA] = { "data", 0, 1, 0, -1, PKT_TAIL_DATA, PKT_SUM_NONE, { } },
};

/**
 * pkt_get - read bits
 * @p:     start of the layer
 * @bit:   first one, the highest bit of *@p is 0
 * @width: 1 to 64
 *
 * Return: the value.
 */
uint64_t pkt_get(const uint8_t *p, unsigned int bit, unsigned int width)
{
	uint64_t value = 0;

	for (unsigned int i = bit; i < bit + width; i++)
		value = value << 1 | (p[i / 8] >> (7 - i % 8) & 1);
	return value;
}

/**
 * pkt_put - write bits
 * @p:     start of the layer
 * @bit:   first one, the highest bit of *@p is 0
 * @width: 1 to 64
 * @value: its lowest @width bits
 */
void pkt_put(uint8_t *p, unsigned int bit, unsigned int width, uint64_t value)
{
	for (unsigned int i = bit + width; i-- > bit; value >>= 1) {
		uint8_t mask = (uint8_t)(0x80 >> i % 8);

		p[i / 8] = (uint8_t)(value & 1 ? p[i / 8] | mask : p[i / 8] & ~mask);
	}
}

/**
 * pkt_layer_find - a layer by its name
 * @name: not terminated
 * @len:  bytes of it
 *
 * Return: its number, or -1.
 */
int pkt_layer_find(const char *name, size_t len)
{
	for (int i = 0; i < PKT_LAYERS; i++)
		if (strlen(pkt_layers[i].name) == len && memcmp(pkt_layers[i].name, name, len) == 0)
			return i;
	return -1;
}

/**
 * pkt_layer_of_proto - a layer by its IP protocol number
 * @proto: the number
 *
 * Return: its number, or PKT_DATA.
 */
int pkt_layer_of_proto(unsigned int proto)
{
	for (int i = 0; i < PKT_LAYERS; i++)
		if (pkt_layers[i].proto == (int)proto)
			return i;
	return PKT_DATA;
}

/**
 * pkt_layer_of_ethertype - a layer by the type in an Ethernet header
 * @ethertype: the type
 *
 * Return: its number, or PKT_DATA.
 */
int pkt_layer_of_ethertype(unsigned int ethertype)
{
	for (int i = 0; i < PKT_LAYERS; i++)
		if (ethertype != 0 && pkt_layers[i].ethertype == ethertype)
			return i;
	return PKT_DATA;
}
