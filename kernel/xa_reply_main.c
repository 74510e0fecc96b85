// SPDX-License-Identifier: GPL-2.0-only
/*
 * xa_reply - answer a packet: turn it round, route it, send it
 *
 * The verbs look at a packet at a netfilter hook of IPv4 or IPv6 and send at
 * most one answer to it (a GSO packet of UDP datagrams: to each datagram), also
 * where a bridge sends copies of it by several ports. The packet that came in
 * stays the caller's, who drops it. The answer is a new small skb, whatever the
 * size and shape of that packet.
 *
 * Never answered: what was not sent to this host on the link, broadcast and
 * multicast in any header, fragments, truncated headers, wrong checksums.
 *
 * Answers are routed as new packets of this host with the addresses turned
 * round: policy routing sees them with the mark 0 (net.ipv4.fwmark_reflect: the
 * mark of what is answered), in the VRF the packet came from; then they pass
 * OUTPUT and POSTROUTING. What passes a bridge is answered through the port
 * where it came in; with same_if, what came by Ethernet goes back by the same device,
 * with its Ethernet addresses exchanged, past routes, rules and connection tracking.
 *
 * Only the hooks INPUT, FORWARD and OUTPUT are served; at any other hook nothing is
 * answered, whatever the rule's front end let through. An answer is never answered,
 * either: it passes the hooks of this host while reply_depth is set.
 *
 * No locks. Softirqs are turned off, since OUTPUT runs with them on.
 *
 * xa_reply_seg says which segment answers which, xa_reply_in what may be
 * answered, xa_reply_vlan in which VLAN, xa_reply_out routes, builds and sends.
 */
#include <linux/module.h>
#include <linux/tcp.h>
#include <linux/udp.h>
#include <linux/ip.h>
#include <linux/ipv6.h>
#include <linux/random.h>
#include <net/checksum.h>
#include <net/gso.h>
#include <net/ipv6.h>
#include <net/netfilter/nf_conntrack.h>
#include <net/tcp.h>

#include "xa_reply.h"
#include "xa_reply_pkt.h"
#include "xa_stat.h"
#include "xa_version.h"

/* Services that answer whatever they are sent: RFC 862, RFC 864 */
#define PORT_ECHO	7
#define PORT_CHARGEN	19

/* Data up to this length go beside the headers, the rest into pages. */
#define ECHO_LINEAR	2048

/*
 * Answers being made or sent on this CPU: 0 or 1. Changed with softirqs off only,
 * and tested by the operation that changes it, so that it also holds where tasks
 * with softirqs off can preempt each other (PREEMPT_RT): the second one answers
 * nothing.
 */
static DEFINE_PER_CPU(unsigned int, reply_depth);

/* Return: false, and nothing to leave, for what is seen while an answer is sent. */
static bool reply_enter(void)
{
	local_bh_disable();
	if (likely(this_cpu_inc_return(reply_depth) == 1))
		return true;
	this_cpu_dec(reply_depth);
	local_bh_enable();
	return false;
}

static void reply_leave(void)
{
	this_cpu_dec(reply_depth);
	local_bh_enable();
}

static bool reply_read_tcp(struct xa_reply_pkt *r, struct xa_reply_seg *seg)
{
	const struct tcphdr *th;
	struct tcphdr buf;
	unsigned int hlen;

	th = skb_header_pointer(r->old, r->thoff, sizeof(buf), &buf);
	if (!th)
		return false;
	hlen = th->doff * 4;
	if (hlen < sizeof(*th) || hlen > r->old->len - r->thoff)
		return false;
	r->sport = th->source;
	r->dport = th->dest;
	seg->seq    = ntohl(th->seq);
	seg->ack    = ntohl(th->ack_seq);
	seg->len    = r->old->len - r->thoff - hlen;
	seg->window = ntohs(th->window);
	seg->flags  = tcp_flag_byte(th);
	return true;
}

/**
 * xa_reply_may - whether a packet may be answered by others
 * @skb:   a packet of IPv4 or IPv6; is only read
 * @state: of the hook
 *
 * For answers that are not sent here, as ICMP errors; who asks has answered, if true
 * is returned. Checksums are not looked at.
 *
 * Context: packet path, softirqs on or off; RCU read side.
 * Return: false at other hooks than INPUT, FORWARD and OUTPUT, and for what
 *	   xa_reply_tcp() and xa_reply_echo() would not answer either, whatever the
 *	   mode: RST, truncated TCP headers, fragments, broadcast, multicast, what was
 *	   not sent to this host on the link.
 */
bool xa_reply_may(struct sk_buff *skb, const struct nf_hook_state *state)
{
	struct xa_reply_pkt r = { .old = skb, .state = state };
	struct xa_reply_seg seg;
	bool may;

	if (!reply_enter())
		return false;
	may = xa_reply_open(&r) &&
	      (r.proto != IPPROTO_TCP ||
	       (reply_read_tcp(&r, &seg) && !(seg.flags & XA_SEG_RST)));
	if (may)
		xa_reply_done(&r);
	reply_leave();
	return may;
}
EXPORT_SYMBOL_GPL(xa_reply_may);

static void reply_traits(struct xa_reply_pkt *r, const struct xa_reply_traits *t)
{
	r->frag_off = htons(IP_DF);
	if (xa_reply_ipv6(r))
		return;
	if (t->copy_tos)
		r->tos = ip_hdr(r->old)->tos;
	if (t->negate_id)
		r->id = htons(-ntohs(ip_hdr(r->old)->id));
}

/*
 * The header as words, which are summed up before they are stored: who reads at once
 * what was written in parts of another size has to wait for it.
 */
static bool reply_send_tcp(const struct xa_reply_pkt *r,
			   const struct xa_reply_seg *seg)
{
	struct sk_buff *nskb = xa_reply_build(r, sizeof(struct tcphdr), 0);
	const __be32 word[] = {
		htonl(ntohs(r->dport) << 16 | ntohs(r->sport)),
		htonl(seg->seq),
		htonl(seg->ack),
		htonl(sizeof(struct tcphdr) / 4 << 28 | seg->flags << 16 | seg->window),
	};
	__wsum csum = 0;
	__be32 *th;
	int i;

	if (!nskb)
		return false;
	th = __skb_put(nskb, sizeof(struct tcphdr));
	for (i = 0; i < ARRAY_SIZE(word); ++i) {
		th[i] = word[i];
		csum  = csum_add(csum, (__force __wsum)word[i]);
	}
	th[i] = 0;
	tcp_hdr(nskb)->check = xa_reply_csum(r, nskb, csum);
	xa_reply_send(r, nskb);
	return true;
}

static void reply_count(const struct xa_reply_pkt *r, enum xa_reply_mode mode,
			const struct xa_reply_seg *in, const struct xa_reply_seg *out)
{
	enum xa_stat first = XA_STAT_TARPIT_ANSWERS + mode * XA_STAT_PER_MODE;
	const unsigned int add[XA_STAT_PER_MODE] = {
		1, !!(in->flags & XA_SEG_SYN), !!in->len, in->len, !!(out->flags & XA_SEG_RST),
	};

	BUILD_BUG_ON(XA_STAT_TARPIT_ANSWERS + XA_REPLY_DELUDE * XA_STAT_PER_MODE !=
		     XA_STAT_DELUDE_ANSWERS);
	BUILD_BUG_ON(XA_STAT_DELUDE_RESETS - XA_STAT_DELUDE_ANSWERS + 1 != XA_STAT_PER_MODE);
	xa_stat_add_row(r->state->net, first, add, ARRAY_SIZE(add));
}

static bool reply_tcp(struct xa_reply_pkt *r, enum xa_reply_mode mode)
{
	const struct xa_reply_traits *t = &xa_reply_traits[mode];
	struct xa_reply_seg in, out;

	if (!xa_reply_open(r) || !xa_reply_vlan(r) || (t->plain_ip && r->options) ||
	    !reply_read_tcp(r, &in) ||
	    !xa_reply_seg(mode, &in, t->random ? get_random_u64() : 0, &out) ||
	    !xa_reply_csum_ok(r))
		return false;
	reply_traits(r, t);
	if (!reply_send_tcp(r, &out))
		return false;
	/* As the kernel's own resets do: connection tracking does not look at ours. */
	if (out.flags & XA_SEG_RST)
		nf_ct_set_closing(skb_nfct(r->old));
	xa_reply_done(r);
	reply_count(r, mode, &in, &out);
	return true;
}

/**
 * xa_reply_tcp - answer a TCP segment
 * @skb:   a packet of IPv4 or IPv6; stays the caller's, is only read
 * @state: of the hook
 * @mode:  how
 * @same_if: not routed, where the packet came in by Ethernet; not in OUTPUT
 *
 * Context: packet path, softirqs on or off; RCU read side.
 * Return: whether an answer was sent. False for what must not be answered, for
 *	   what is not TCP, and at other hooks than INPUT, FORWARD and OUTPUT.
 */
bool xa_reply_tcp(struct sk_buff *skb, const struct nf_hook_state *state,
		  enum xa_reply_mode mode, bool same_if)
{
	struct xa_reply_pkt r = {
		.old = skb, .state = state, .proto = IPPROTO_TCP, .same_if = same_if,
	};
	bool sent;

	if (!reply_enter())
		return false;
	sent = reply_tcp(&r, mode);
	reply_leave();
	return sent;
}
EXPORT_SYMBOL_GPL(xa_reply_tcp);

/*
 * A datagram from a port that answers by itself, or from the very port that we
 * answer from, may be an answer: answering it could go on for ever.
 */
static bool echo_ports_ok(const struct xa_reply_pkt *r)
{
	u16 sport = ntohs(r->sport);

	return sport && sport != PORT_ECHO && sport != PORT_CHARGEN &&
	       r->sport != r->dport;
}

/*
 * Two hosts that echo, on whatever ports and with whatever NAT between them, would
 * keep each other busy. The TTL counts the turns.
 */
static void echo_bound(struct xa_reply_pkt *r)
{
	r->max_ttl = max_t(u8, xa_reply_ttl_in(r), 1) - 1;
}

/* Return: bytes of data, or 0 for a datagram that is not to be answered. */
static unsigned int echo_read_udp(struct xa_reply_pkt *r)
{
	const struct udphdr *uh;
	struct udphdr buf;
	unsigned int len;

	uh = skb_header_pointer(r->old, r->thoff, sizeof(buf), &buf);
	if (!uh)
		return 0;
	len = ntohs(uh->len);
	r->sport = uh->source;
	r->dport = uh->dest;
	if (len <= sizeof(*uh) || len > r->old->len - r->thoff || !echo_ports_ok(r))
		return 0;
	if (!uh->check)
		return xa_reply_ipv6(r) ? 0 : len - sizeof(*uh);
	/* What follows the datagram is not part of it, nor of its checksum. */
	if (pskb_trim_rcsum(r->old, r->thoff + len) || !xa_reply_csum_ok(r))
		return 0;
	return len - sizeof(*uh);
}

static void echo_traits(struct xa_reply_pkt *r)
{
	if (xa_reply_ipv6(r)) {
		r->flow = ip6_flowinfo(ipv6_hdr(r->old));
		return;
	}
	r->tos = ip_hdr(r->old)->tos;
	r->id  = ip_hdr(r->old)->id;
}

/* Copies the data to the linear part first and then to the pages. */
static __wsum echo_copy(const struct xa_reply_pkt *r, struct sk_buff *nskb,
			unsigned int linear, __wsum csum)
{
	unsigned int pos = r->thoff + sizeof(struct udphdr), done = linear;
	int i;

	csum = csum_add(csum, skb_copy_and_csum_bits(r->old, pos,
						     skb_put(nskb, linear), linear));
	for (i = 0; i < skb_shinfo(nskb)->nr_frags; ++i) {
		skb_frag_t *frag = &skb_shinfo(nskb)->frags[i];
		unsigned int size = skb_frag_size(frag);

		csum = csum_block_add(csum,
				      skb_copy_and_csum_bits(r->old, pos + done,
							     skb_frag_address(frag), size),
				      done);
		done += size;
	}
	nskb->data_len = done - linear;
	nskb->len += nskb->data_len;
	return csum;
}

static bool reply_echo_one(struct xa_reply_pkt *r)
{
	unsigned int len = echo_read_udp(r);
	unsigned int linear = min_t(unsigned int, len, ECHO_LINEAR);
	struct sk_buff *nskb;
	struct udphdr *uh;
	__wsum csum;

	if (!len)
		return false;
	echo_traits(r);
	echo_bound(r);
	nskb = xa_reply_build(r, sizeof(*uh) + linear, len - linear);
	if (!nskb)
		return false;
	uh = skb_put(nskb, sizeof(*uh));
	uh->source = r->dport;
	uh->dest   = r->sport;
	uh->len	   = htons(sizeof(*uh) + len);
	uh->check  = 0;
	csum = echo_copy(r, nskb, linear, csum_partial(uh, sizeof(*uh), 0));
	uh->check  = xa_reply_csum(r, nskb, csum);
	if (!uh->check)
		uh->check = CSUM_MANGLED_0;
	xa_reply_send(r, nskb);
	xa_stat_add_row(r->state->net, XA_STAT_ECHO_ANSWERS, (unsigned int []){ 1, len }, 2);
	return true;
}

/* Several datagrams that travel as one skb are answered one by one. */
static bool reply_echo_gso(const struct xa_reply_pkt *r)
{
	struct sk_buff *segs = skb_gso_segment(r->old, 0), *seg, *next;
	struct xa_reply_pkt one = *r;
	bool sent = false;

	if (IS_ERR_OR_NULL(segs))
		return false;
	skb_list_walk_safe(segs, seg, next) {
		skb_mark_not_on_list(seg);
		one.old = seg;
		sent |= xa_reply_parse(&one) && reply_echo_one(&one);
		consume_skb(seg);
	}
	return sent;
}

static bool reply_echo(struct xa_reply_pkt *r)
{
	if (!xa_reply_open(r) || !xa_reply_vlan(r))
		return false;
	return skb_is_gso(r->old) ? reply_echo_gso(r) : reply_echo_one(r);
}

/**
 * xa_reply_echo - send the data of a UDP datagram back
 * @skb:   a packet of IPv4 or IPv6; stays the caller's, who has to drop it:
 *	   bytes that follow the datagram are cut off
 * @state: of the hook
 *
 * Not answered besides: datagrams without data, and those from the ports 7, 19
 * or the port that they are for. The TTL of an answer is at least one less than
 * that of what it answers.
 *
 * Context: packet path, softirqs on or off; RCU read side.
 * Return: whether an answer was sent; never at other hooks than INPUT, FORWARD and
 *	   OUTPUT.
 */
bool xa_reply_echo(struct sk_buff *skb, const struct nf_hook_state *state)
{
	struct xa_reply_pkt r = {
		.old = skb, .state = state, .proto = IPPROTO_UDP,
	};
	bool sent;

	if (!reply_enter())
		return false;
	sent = reply_echo(&r);
	if (sent)
		xa_reply_done(&r);
	reply_leave();
	return sent;
}
EXPORT_SYMBOL_GPL(xa_reply_echo);

static int __init xa_reply_init(void)
{
	return xa_reply_vlan_init();
}

static void __exit xa_reply_exit(void)
{
	xa_reply_vlan_exit();
}

module_init(xa_reply_init);
module_exit(xa_reply_exit);

MODULE_AUTHOR("The xtables-anew project");
MODULE_DESCRIPTION("Xtables: answers to packets");
MODULE_LICENSE("GPL");
MODULE_VERSION(XA_VERSION);
