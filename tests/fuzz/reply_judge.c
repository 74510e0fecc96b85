// SPDX-License-Identifier: GPL-2.0-only
/*
 * What a frame may be answered by, from its bytes alone.
 *
 * look_at() knows nothing of how the frame was made: it reads it as a careful host
 * would, and says why it must not be answered. What a segment is answered by is
 * taken from the engine's own table, which unit tests check by hand.
 */
#include <stdio.h>
#include <string.h>

#include <arpa/inet.h>
#include <netinet/in.h>

#include "reply.h"
#include "../../kernel/xa_reply_seg.c"

static uint16_t get16(const uint8_t *p)
{
	return p[0] << 8 | p[1];
}

static uint32_t get32(const uint8_t *p)
{
	return (uint32_t)get16(p) << 16 | get16(p + 2);
}

static const char *look_ip4(const struct frame *f, struct look *l)
{
	const uint8_t *p = f->data + l->l3;
	size_t room = f->len - l->l3, hlen;
	uint32_t src, dst;

	if (room < 20 || p[0] >> 4 != 4)
		return "no IPv4 header";
	hlen = (p[0] & 15) * 4;
	l->l4 = l->l3 + hlen;
	if (hlen < 20 || hlen > room || get16(p + 2) < hlen || get16(p + 2) > room)
		return "IPv4 lengths";
	if (sum_fold(sum_add(0, p, hlen)))
		return "IPv4 checksum";
	if (get16(p + 6) & 0x3fff)
		return "IPv4 fragment";
	src = get32(p + 12);
	dst = get32(p + 16);
	/* 0.0.0.0/8 is unicast but for its first address, since Linux 5.3 */
	if (src >> 28 == 14 || src == 0xffffffff || src == 0 || src >> 24 == 127 ||
	    src == 0x0a0900ff || (src >= 0x0a090010 && src < 0x0a090010 + T_NUMBER))
		return "IPv4 source";
	l->target = (int)(dst - 0x0a090000 - TARGET_BASE);
	if (dst < 0x0a090010 || l->target >= T_NUMBER)
		return "IPv4 destination";
	l->options = hlen > 20;
	l->proto = p[9];
	l->ttl = p[8];
	l->len = get16(p + 2) - hlen;
	return NULL;
}

/*
 * Destination and hop-by-hop options are the only ones that we send on purpose. A
 * changed byte may make them something else that the kernel passes by.
 */
static bool is_extension(uint8_t proto)
{
	return proto == IPPROTO_DSTOPTS || proto == IPPROTO_HOPOPTS ||
	       proto == IPPROTO_ROUTING || proto == IPPROTO_AH;
}

static const char *look_chain(const struct frame *f, struct look *l, size_t end)
{
	const uint8_t *p;
	size_t len;

	while (is_extension(l->proto)) {
		l->options = true;
		p = f->data + l->l4;
		if (l->l4 + 8 > end)
			return "extension header";
		len = l->proto == IPPROTO_AH ? (p[1] + 2) * 4u : (p[1] + 1) * 8u;
		if (l->l4 + len > end)
			return "extension header";
		l->proto = p[0];
		l->l4 += len;
	}
	l->len = end - l->l4;
	return l->proto == IPPROTO_FRAGMENT ? "IPv6 fragment" : NULL;
}

static bool unicast6(const uint8_t *a)
{
	static const uint8_t zero[16], mapped[12] = { [10] = 255, [11] = 255 };

	return a[0] != 0xff && memcmp(a, zero, 16) && memcmp(a, mapped, 12);
}

static const char *look_ip6(const struct frame *f, struct look *l)
{
	static const uint8_t host[15] = { 0xfd, 0x09 };
	const uint8_t *p = f->data + l->l3;
	size_t room = f->len - l->l3, len;

	if (room < 40 || p[0] >> 4 != 6)
		return "no IPv6 header";
	l->l4 = l->l3 + 40;
	len = get16(p + 4);
	/* RFC 2675; the kernel does not insist on the option itself */
	if (!len && p[6] == IPPROTO_HOPOPTS)
		len = room - 40;
	if (len > room - 40)
		return "IPv6 length";
	if (!unicast6(p + 8))
		return "IPv6 source";
	l->target = p[39] - TARGET_BASE;
	if (memcmp(p + 24, host, 15) || l->target < 0 || l->target >= T_NUMBER)
		return "IPv6 destination";
	l->proto = p[6];
	l->ttl = p[7];
	return look_chain(f, l, l->l4 + len);
}

/*
 * Why the frame must not be answered, or NULL. A checksum that the device should
 * compute counts as right.
 */
const char *look_at(const struct frame *f, struct look *l)
{
	const char *why;

	memset(l, 0, sizeof(*l));
	l->l3 = ETH_HLEN;
	if (f->len < ETH_HLEN || memcmp(f->data, host_mac, ETH_ALEN))
		return "not for this host";
	l->v6 = get16(f->data + 12) == ETH_P_IPV6;
	if (!l->v6 && get16(f->data + 12) != ETH_P_IP)
		return "not IP";
	why = l->v6 ? look_ip6(f, l) : look_ip4(f, l);
	if (why)
		return why;
	if (l->proto != (l->target == T_ECHO ? IPPROTO_UDP : IPPROTO_TCP))
		return "another protocol";
	return NULL;
}

static bool sum_ok(const struct frame *f, const struct look *l, size_t len)
{
	const uint8_t *l3 = f->data + l->l3, *l4 = f->data + l->l4;

	return (f->vnet.flags & (VIRTIO_NET_HDR_F_NEEDS_CSUM | VIRTIO_NET_HDR_F_DATA_VALID)) ||
	       !sum_l4(l3, l->v6, l->proto, l4, len);
}

static const char *look_tcp(const struct frame *f, const struct look *l,
			    struct xa_reply_seg *seg)
{
	const uint8_t *p = f->data + l->l4;
	size_t hlen;

	if (l->len < 20)
		return "truncated segment";
	hlen = (p[12] >> 4) * 4;
	if (hlen < 20 || hlen > l->len)
		return "data offset";
	if (!sum_ok(f, l, l->len))
		return "TCP checksum";
	*seg = (struct xa_reply_seg){ get32(p + 4), get32(p + 8), l->len - hlen,
				      get16(p + 14), p[13] };
	return NULL;
}

static const char *look_udp(const struct frame *f, const struct look *l)
{
	const uint8_t *p = f->data + l->l4;
	uint16_t sport, len;

	if (l->len < 8)
		return "truncated datagram";
	sport = get16(p);
	len = get16(p + 4);
	if (len <= 8 || len > l->len)
		return "UDP length";
	if (!sport || sport == 7 || sport == 19 || sport == get16(p + 2))
		return "source port";
	if (!get16(p + 6) ? l->v6 : !sum_ok(f, l, len))
		return "UDP checksum";
	return NULL;
}

static enum xa_reply_mode mode_of(int target)
{
	static const enum xa_reply_mode of[] = {
		[T_TARPIT]	 = XA_REPLY_TARPIT, [T_HONEYPOT]     = XA_REPLY_HONEYPOT,
		[T_RESET]	 = XA_REPLY_RESET,  [T_DELUDE]	     = XA_REPLY_DELUDE,
		[T_CHAOS_DELUDE] = XA_REPLY_DELUDE, [T_CHAOS_TARPIT] = XA_REPLY_TARPIT,
		[T_SAME_IF]	 = XA_REPLY_TARPIT,
	};

	return of[target];
}

/* By the route, or back to where the frame came from, if that is a host's address. */
static const uint8_t *next_hop(const struct frame *f, const struct look *l)
{
	static const uint8_t zero[ETH_ALEN];
	const uint8_t *src = f->data + ETH_ALEN;

	return l->target == T_SAME_IF && !(src[0] & 1) && memcmp(src, zero, ETH_ALEN) ?
	       src : peer_mac;
}

/* Headers up to and with IP: everything exchanged, everything right. */
static const char *check_ip(const struct frame *f, const struct look *l,
			    const struct frame *r, size_t len)
{
	const uint8_t *old = f->data + l->l3, *new = r->data + ETH_HLEN;
	size_t alen = l->v6 ? 16 : 4, at = l->v6 ? 8 : 12, hlen = l->v6 ? 40 : 20;
	unsigned int ttl = l->v6 ? new[7] : new[8];

	if (memcmp(r->data, next_hop(f, l), ETH_ALEN) || memcmp(r->data + 6, host_mac, ETH_ALEN))
		return "Ethernet addresses of the answer";
	if (r->len != ETH_HLEN + hlen + len)
		return "length of the answer";
	if (new[0] >> 4 != (l->v6 ? 6 : 4) ||
	    get16(new + (l->v6 ? 4 : 2)) != len + (l->v6 ? 0 : 20))
		return "IP header of the answer";
	if (!l->v6 && (new[0] != 0x45 || sum_fold(sum_add(0, new, 20))))
		return "IPv4 header checksum of the answer";
	if (new[l->v6 ? 6 : 9] != l->proto)
		return "protocol of the answer";
	if (memcmp(old + at, new + at + alen, alen) || memcmp(old + at + alen, new + at, alen))
		return "addresses of the answer";
	if (!ttl || (l->target != T_ECHO && ttl != 64) || ttl > 64)
		return "TTL of the answer";
	if (sum_l4(new, l->v6, l->proto, new + hlen, len))
		return "transport checksum of the answer";
	if (memcmp(new + hlen, f->data + l->l4 + 2, 2) ||
	    memcmp(new + hlen + 2, f->data + l->l4, 2))
		return "ports of the answer";
	return NULL;
}

static const char *check_tcp(const struct frame *f, const struct look *l,
			     const struct frame *r, const struct xa_reply_seg *want)
{
	const uint8_t *p = r->data + ETH_HLEN + (l->v6 ? 40 : 20);
	bool random = xa_reply_traits[mode_of(l->target)].random && (want->flags & XA_SEG_SYN);
	const char *why = check_ip(f, l, r, 20);

	if (why)
		return why;
	if (p[12] != 0x50 || p[13] != want->flags || get32(p + 8) != want->ack)
		return "flags or acknowledgment of the answer";
	if (!random && get32(p + 4) != want->seq)
		return "sequence number of the answer";
	if (l->target != T_HONEYPOT && get16(p + 14) != want->window)
		return "window of the answer";
	if (get16(p + 14) & ~want->window)
		return "window of the answer is wider than that of the peer";
	return NULL;
}

static const char *check_udp(const struct frame *f, const struct look *l,
			     const struct frame *r)
{
	const uint8_t *old = f->data + l->l4, *new = r->data + ETH_HLEN + (l->v6 ? 40 : 20);
	const char *why = check_ip(f, l, r, get16(old + 4));

	if (why)
		return why;
	if (memcmp(old + 8, new + 8, get16(old + 4) - 8))
		return "data of the answer";
	if (r->data[ETH_HLEN + (l->v6 ? 7 : 8)] >= l->ttl)
		return "TTL of the answer does not go down";
	return NULL;
}

/* Not the errors, neighbour discovery and the like that a kernel has to say. */
bool is_answer(const struct frame *r)
{
	uint16_t type = get16(r->data + 12);
	uint8_t proto = r->data[ETH_HLEN + (type == ETH_P_IPV6 ? 6 : 9)];

	return (type == ETH_P_IP || type == ETH_P_IPV6) &&
	       (proto == IPPROTO_TCP || proto == IPPROTO_UDP);
}

static const char *check_one(const struct frame *f, const struct frame *r)
{
	struct xa_reply_seg in, out = { .window = 0 };
	struct look l;
	const char *why = look_at(f, &l);
	enum xa_reply_mode mode;

	if (!why)
		why = l.proto == IPPROTO_TCP ? look_tcp(f, &l, &in) : look_udp(f, &l);
	if (why) {
		static char text[80];

		snprintf(text, sizeof(text), "answered in spite of: %s", why);
		return text;
	}
	if (l.proto == IPPROTO_UDP)
		return check_udp(f, &l, r);
	mode = mode_of(l.target);
	if (l.options && xa_reply_traits[mode].plain_ip)
		return "answered in spite of options";
	if (!xa_reply_seg(mode, &in, ~0ull, &out))
		return "a segment that nothing answers was answered";
	return check_tcp(f, &l, r, &out);
}

/*
 * An answer that was due. CHAOS may be silent; what is odd about a frame with
 * something wrong may be reason enough for the kernel to drop it before.
 */
static bool due(const struct frame *f)
{
	struct xa_reply_seg in, out;
	struct look l;

	if (!f->clean || look_at(f, &l) || l.target == T_CHAOS_DELUDE ||
	    l.target == T_CHAOS_TARPIT)
		return false;
	if (l.proto == IPPROTO_UDP)	/* a TTL of 1 can not go down; the MTU is 1500 */
		return !look_udp(f, &l) && l.ttl > 1 &&
		       get16(f->data + l.l4 + 4) + (l.v6 ? 40 : 20) <= 1500;
	if (l.options && xa_reply_traits[mode_of(l.target)].plain_ip)
		return false;
	return !look_tcp(f, &l, &in) &&
	       xa_reply_seg(mode_of(l.target), &in, 0, &out);
}

/* Whether the addresses of an answer are those of the frame, exchanged. */
bool fits_addresses(const struct frame *f, const struct frame *r)
{
	bool v6 = get16(r->data + 12) == ETH_P_IPV6;
	size_t alen = v6 ? 16 : 4, at = ETH_HLEN + (v6 ? 8 : 12);

	return f->len >= at + 2 * alen && !memcmp(f->data + 12, r->data + 12, 2) &&
	       !memcmp(f->data + at, r->data + at + alen, alen) &&
	       !memcmp(f->data + at + alen, r->data + at, alen);
}

/* Whether the addresses and ports of an answer are those of the frame, exchanged. */
bool fits(const struct frame *f, const struct frame *r)
{
	bool v6 = get16(r->data + 12) == ETH_P_IPV6;
	const uint8_t *ports = r->data + ETH_HLEN + (v6 ? 40 : 20);
	struct look l;

	look_at(f, &l);
	return fits_addresses(f, r) && l.l4 && f->len >= l.l4 + 4 &&
	       !memcmp(f->data + l.l4, ports + 2, 2) && !memcmp(f->data + l.l4 + 2, ports, 2);
}

/* What is wrong with the answer to a frame (NULL: there was none), or NULL. */
const char *check_reply(const struct frame *f, const struct frame *reply)
{
	if (!reply)
		return due(f) ? "no answer" : NULL;
	return check_one(f, reply);
}
