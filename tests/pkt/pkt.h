/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef _PKT_H
#define _PKT_H
/*
 * pkt - packets as text
 *
 * A packet is a line of layers between slashes, a layer is a name and fields:
 *
 *	ip src=10.0.0.1 dst=10.0.0.2 ttl=64 / tcp sport=1 dport=80 flags=S
 *	ip6 src=fd00::1 dst=fd00::2 / udp sport=9 dport=9 len=4 / data text="hi"
 *
 * What is not said has a default; lengths, checksums and protocol numbers are
 * those of a correct packet. What is said is taken as it is, right or wrong. A
 * packet is printed the same way: fields that a correct packet would have anyway
 * are left out, so "sum=" in a line of a capture tells of a wrong checksum, and
 * a printed line makes the same bytes again.
 *
 * The library does not allocate except in struct pkt_spec, does not print, and
 * reads only the bytes it is given: fuzzers and tests on the host share it.
 */
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

/* Longest frame, bytes: an IPv4 or IPv6 packet of 64 KiB and what is before it. */
#define PKT_MAX		(65536 + 256)
#define PKT_PARTS	24
#define PKT_FIELDS	16
/* Enough for the text of any frame: two digits a byte, and the headers. */
#define PKT_TEXT	(4 * PKT_MAX)

enum pkt_id {
	PKT_ETH, PKT_VLAN, PKT_ARP, PKT_IP, PKT_IP6, PKT_HBH, PKT_DSTOPT, PKT_RT, PKT_FRAG,
	PKT_AH, PKT_ESP, PKT_TCP, PKT_UDP, PKT_UDPLITE, PKT_ICMP, PKT_ICMP6, PKT_SCTP,
	PKT_CHUNK, PKT_DCCP, PKT_GRE, PKT_DATA, PKT_LAYERS,
};

/* How a field's value is written. */
enum pkt_kind {
	PKT_UINT, PKT_HEX, PKT_MAC, PKT_IP4ADDR, PKT_IP6ADDR, PKT_TCPFLAGS,
};

/* What a field holds that is not said. */
enum pkt_rule {
	PKT_PLAIN,	/* its default */
	PKT_NEXT,	/* the number of the layer behind it */
	PKT_HLEN,	/* the layer's header, bytes / unit - bias */
	PKT_LEN,	/* the layer and all behind it, bytes - bias */
	PKT_OWNLEN,	/* the layer alone, bytes - bias */
	PKT_SUM,
};

/* What a layer's checksum covers. */
enum pkt_sum {
	PKT_SUM_NONE,
	PKT_SUM_HEADER,	/* its header */
	PKT_SUM_REST,	/* it and all behind it */
	PKT_SUM_PSEUDO,	/* that and the pseudo header of IPv4 or IPv6 */
	PKT_SUM_CRC32C,	/* as REST, but CRC32c, little endian */
};

/* How the bytes behind a layer's fixed fields are written. */
enum pkt_tail {
	PKT_TAIL_NONE, PKT_TAIL_HEX, PKT_TAIL_IPOPT, PKT_TAIL_TCPOPT, PKT_TAIL_DATA,
};

/**
 * struct pkt_field - one field of a layer
 * @name:  in the text
 * @kind:  how its value is written
 * @rule:  its value when it is not said
 * @shown: printed even when it has its default
 * @bit:   first bit, counted from the start of the layer
 * @width: bits; up to 64, or 128
 * @unit:  PKT_HLEN: bytes
 * @bias:  what PKT_HLEN, PKT_LEN, PKT_OWNLEN take away
 * @deflt: PKT_PLAIN: the value
 */
struct pkt_field {
	const char *name;
	uint8_t kind, rule, shown;
	uint16_t bit;
	uint8_t width, unit, bias;
	uint64_t deflt;
};

/**
 * struct pkt_layer - one kind of header
 * @name:      in the text
 * @size:      bytes of its fixed fields
 * @align:     its header is filled up with zeros to a multiple of this
 * @ethertype: of what is in it, or 0
 * @proto:     its IP protocol number, or -1
 * @tail:      what may follow the fixed fields
 * @sum:       what its checksum covers
 * @fields:    up to one without a name
 */
struct pkt_layer {
	const char *name;
	uint8_t size, align;
	uint16_t ethertype;
	int16_t proto;
	uint8_t tail, sum;
	struct pkt_field fields[PKT_FIELDS];
};

extern const struct pkt_layer pkt_layers[PKT_LAYERS];

enum pkt_mode {
	PKT_UNSET, PKT_FIXED, PKT_RANGE, PKT_RANDOM, PKT_BAD,
};

/**
 * struct pkt_value - what the text says of a field
 * @mode: PKT_RANGE: @span values from @lo on, in turn; PKT_BAD: a wrong checksum
 * @hi:   upper 64 of 128 bits
 * @lo:   value
 * @span: number of values, 0 is 2^64
 * @step: from one to the next
 */
struct pkt_value {
	enum pkt_mode mode;
	uint64_t hi, lo, span, step;
};

/**
 * struct pkt_part - one layer of a packet
 * @id:     which
 * @values: of its fields, in the order of the table
 * @tail:   bytes behind the fixed fields, or NULL
 * @len:    how many
 * @random: PKT_DATA: so many random bytes behind @tail
 */
struct pkt_part {
	enum pkt_id id;
	struct pkt_value values[PKT_FIELDS];
	uint8_t *tail;
	size_t len, random;
};

/**
 * struct pkt_spec - a packet, or a family of packets that differ by a number
 * @n:     layers
 * @seed:  of the random values
 * @parts: the layers
 */
struct pkt_spec {
	unsigned int n;
	uint64_t seed;
	struct pkt_part parts[PKT_PARTS];
};

/* Bits for pkt_print(). */
#define PKT_PRINT_LINK	 1	/* the Ethernet header too */
#define PKT_PRINT_FULL	 2	/* all data, not a sum of what is longer than 256 bytes */
#define PKT_PRINT_UNDONE 4	/* the transport checksum is not filled in yet */

/* pkt_csum.c */
uint32_t pkt_csum_add(uint32_t sum, const void *bytes, size_t len);
uint16_t pkt_csum_fold(uint32_t sum);
uint32_t pkt_crc32c(const void *bytes, size_t len);

/* pkt_layer.c */
uint64_t pkt_get(const uint8_t *p, unsigned int bit, unsigned int width);
void pkt_put(uint8_t *p, unsigned int bit, unsigned int width, uint64_t value);
int pkt_layer_find(const char *name, size_t len);
int pkt_layer_of_proto(unsigned int proto);
int pkt_layer_of_ethertype(unsigned int ethertype);

/* pkt_value.c */
int pkt_value_parse(struct pkt_value *v, const struct pkt_field *f, const char *text);
int pkt_value_print(char *out, size_t size, const struct pkt_field *f, uint64_t hi, uint64_t lo);
ssize_t pkt_tail_parse(uint8_t *out, size_t size, enum pkt_tail kind, const char *text);
int pkt_tail_print(char *out, size_t size, enum pkt_tail kind, const uint8_t *p, size_t len,
		   size_t align);
ssize_t pkt_hex_parse(uint8_t *out, size_t size, const char *text);
ssize_t pkt_text_parse(uint8_t *out, size_t size, const char *text);

/* pkt_parse.c */
int pkt_parse(struct pkt_spec *spec, const char *text, char *err, size_t size);
int pkt_add_link(struct pkt_spec *spec);
int pkt_set(struct pkt_part *part, const char *name, uint64_t value);
void pkt_release(struct pkt_spec *spec);

/* pkt_build.c */
ssize_t pkt_build(const struct pkt_spec *spec, uint64_t index, uint8_t *buf, size_t size);
uint64_t pkt_random(uint64_t seed, uint64_t index, uint64_t which);

/* pkt_decode.c */
int pkt_decode(struct pkt_spec *spec, enum pkt_id first, const uint8_t *frame, size_t len);

/* pkt_print.c */
int pkt_print(char *out, size_t size, enum pkt_id first, const uint8_t *frame, size_t len,
	      unsigned int flags);

/* pkt_match.c */
int pkt_match(const char *golden, const char *line, int loose, char *why, size_t size);

#endif /* _PKT_H */
