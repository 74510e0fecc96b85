// SPDX-License-Identifier: GPL-2.0-only
/*
 * xt_lscan - low-level scan detection by what a single connection does
 *
 * xt_lscan_state.h has the walk of a connection; this file gives it what the
 * packet and connection tracking say, and keeps the state in the connection
 * mark, within connmark_mask. No lock: the mark is one word that is changed by
 * compare-and-exchange, so other users' bits are not lost, and what is read of
 * the tracked TCP state are single words that are good for a hint.
 *
 * A sequence number, which the mark has no room for, is kept beside it, in a table
 * of fixed size: up to where a SYN had data, or what the ACK that ended the handshake
 * acknowledged. Connections replace each other there; without it one is told
 * from a session by less: data of a SYN do not count, and no banner does.
 */
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/atomic.h>
#include <linux/cache.h>
#include <linux/ip.h>
#include <linux/ipv6.h>
#include <linux/jiffies.h>
#include <linux/module.h>
#include <linux/moduleparam.h>
#include <linux/skbuff.h>
#include <linux/string.h>
#include <linux/tcp.h>
#include <linux/netfilter/x_tables.h>
#include <net/tcp.h>
#include <net/netfilter/nf_conntrack.h>
#include <net/netfilter/nf_conntrack_core.h>
#include <net/netfilter/nf_conntrack_ecache.h>
#include <net/netfilter/nf_conntrack_zones.h>

#include "xa_hooks.h"
#include "xa_log.h"
#include "xa_stat.h"
#include "xa_version.h"
#include "xt_lscan.h"
#include "xt_lscan_state.h"

#if !IS_ENABLED(CONFIG_NF_CONNTRACK_MARK)
#error needs CONFIG_NF_CONNTRACK_MARK: the state is kept in connection marks
#endif

/* Options that need connection tracking, and those that walk. */
#define LSCAN_WALKS	(XT_LSCAN_SYNSCAN | XT_LSCAN_CNSCAN | XT_LSCAN_GRSCAN)
#define LSCAN_TRACKED	(XT_LSCAN_STEALTH | LSCAN_WALKS)

/*
 * Module parameters: the marks of the states and, behind them, the others.
 * Written under the module's parameter lock, read by packets (READ_ONCE).
 */
enum {
	LSCAN_MARK_SEEN = LSCAN_STATES,
	LSCAN_CONNMARK_MASK,
	LSCAN_PACKET_MASK,
	LSCAN_PARAMS,
};

static unsigned int lscan_param[LSCAN_PARAMS] = {
	[LSCAN_SYNRCV]	      = 1,
	[LSCAN_CLOSED]	      = 2,
	[LSCAN_SYNSCAN]	      = 3,
	[LSCAN_ESTAB1]	      = 4,
	[LSCAN_ESTAB2]	      = 5,
	[LSCAN_CNSCAN]	      = 6,
	[LSCAN_GRSCAN]	      = 7,
	[LSCAN_VALID]	      = 8,
	[LSCAN_MARK_SEEN]     = 9,
	[LSCAN_CONNMARK_MASK] = 0xf,
	[LSCAN_PACKET_MASK]   = 0xf,
};

/* From then on each change must fit to the rest; before, only all together. */
static bool lscan_loaded;

static bool lscan_params_fit(const unsigned int *param)
{
	return lscan_marks_fit(param, param[LSCAN_CONNMARK_MASK]) &&
	       param[LSCAN_MARK_SEEN] &&
	       !(param[LSCAN_MARK_SEEN] & ~param[LSCAN_PACKET_MASK]);
}

static int lscan_param_set(const char *val, const struct kernel_param *kp)
{
	unsigned int *to = kp->arg, value, wanted[LSCAN_PARAMS];
	int ret = kstrtouint(val, 0, &value);

	if (ret < 0)
		return ret;
	memcpy(wanted, lscan_param, sizeof(wanted));
	wanted[to - lscan_param] = value;
	if (lscan_loaded && !lscan_params_fit(wanted)) {
		pr_info("%s=%#x refused: marks must be different, not 0, and within their mask\n",
			kp->name, value);
		return -EINVAL;
	}
	WRITE_ONCE(*to, value);
	return 0;
}

static const struct kernel_param_ops lscan_param_ops = {
	.set = lscan_param_set,
	.get = param_get_uint,
};

module_param_cb(connmark_mask, &lscan_param_ops, &lscan_param[LSCAN_CONNMARK_MASK], 0644);
MODULE_PARM_DESC(connmark_mask, "bits of the connection mark to use");
module_param_cb(packet_mask, &lscan_param_ops, &lscan_param[LSCAN_PACKET_MASK], 0644);
MODULE_PARM_DESC(packet_mask, "not used any more");
module_param_cb(mark_seen, &lscan_param_ops, &lscan_param[LSCAN_MARK_SEEN], 0644);
MODULE_PARM_DESC(mark_seen, "not used any more");
module_param_cb(mark_synrcv, &lscan_param_ops, &lscan_param[LSCAN_SYNRCV], 0644);
MODULE_PARM_DESC(mark_synrcv, "connection mark: SYN has come");
module_param_cb(mark_closed, &lscan_param_ops, &lscan_param[LSCAN_CLOSED], 0644);
MODULE_PARM_DESC(mark_closed, "connection mark: ended, but by no scan");
module_param_cb(mark_synscan, &lscan_param_ops, &lscan_param[LSCAN_SYNSCAN], 0644);
MODULE_PARM_DESC(mark_synscan, "connection mark: SYN scan");
module_param_cb(mark_estab1, &lscan_param_ops, &lscan_param[LSCAN_ESTAB1], 0644);
MODULE_PARM_DESC(mark_estab1, "connection mark: established");
module_param_cb(mark_estab2, &lscan_param_ops, &lscan_param[LSCAN_ESTAB2], 0644);
MODULE_PARM_DESC(mark_estab2, "connection mark: only the server spoke");
module_param_cb(mark_cnscan, &lscan_param_ops, &lscan_param[LSCAN_CNSCAN], 0644);
MODULE_PARM_DESC(mark_cnscan, "connection mark: connect scan");
module_param_cb(mark_grscan, &lscan_param_ops, &lscan_param[LSCAN_GRSCAN], 0644);
MODULE_PARM_DESC(mark_grscan, "connection mark: banner grabber");
module_param_cb(mark_valid, &lscan_param_ops, &lscan_param[LSCAN_VALID], 0644);
MODULE_PARM_DESC(mark_valid, "connection mark: a session");

static enum lscan_state lscan_state(u32 mark)
{
	unsigned int i;

	mark &= READ_ONCE(lscan_param[LSCAN_CONNMARK_MASK]);
	if (!mark)	/* that of no state, see lscan_marks_fit() */
		return LSCAN_NONE;
	for (i = LSCAN_VALID; i > LSCAN_NONE; --i)	/* most are valid */
		if (mark == READ_ONCE(lscan_param[i]))
			break;
	return i;
}

/*
 * Connections' numbers, see lscan_word(). A connection that gets the memory of another gets
 * its tag with it, so its SYN sees to it that no number is left. No lock: where a word is
 * written in halves, or two CPUs take one, the worst is a wrong number or none once.
 */
static u64 lscan_numbers[1 << LSCAN_SET_BITS][LSCAN_WAYS] ____cacheline_aligned;

static void lscan_remember(const struct nf_conn *ct, u32 number)
{
	u32 now = jiffies / HZ, tag;
	u64 *set = lscan_numbers[lscan_place((unsigned long)ct, &tag)];

	WRITE_ONCE(set[lscan_way(set, tag, now)], lscan_word(tag, now, number));
}

static bool lscan_recall(const struct nf_conn *ct, u32 *number)
{
	u32 tag;
	const u64 *set = lscan_numbers[lscan_place((unsigned long)ct, &tag)];
	u64 word = lscan_find(set, tag);

	*number = word;
	return word;
}

/* Let the connection go on; returns where it is then. */
static enum lscan_state lscan_walk(struct nf_conn *ct, const struct tcphdr *th,
				   enum lscan_event event)
{
	u32 mask = READ_ONCE(lscan_param[LSCAN_CONNMARK_MASK]);
	enum lscan_state state, next;
	u32 old, new;

	do {
		old = READ_ONCE(ct->mark);
		state = lscan_state(old);
		next = lscan_next(state, event);
		if (next == state)
			return state;
		/* before another rule finds the state */
		if (next == LSCAN_ESTAB1)
			lscan_remember(ct, ntohl(th->ack_seq));
		new = (old & ~mask) | READ_ONCE(lscan_param[next]);
	} while (cmpxchg(&ct->mark, old, new) != old);
	nf_conntrack_event_cache(IPCT_MARK, ct);
	return next;
}

/* An offload carries packets past the rules, and forgets the windows. */
static bool lscan_offloaded(const struct nf_conn *ct)
{
	return test_bit(IPS_OFFLOAD_BIT, &ct->status) ||
	       (test_bit(IPS_SEEN_REPLY_BIT, &ct->status) &&
		!READ_ONCE(ct->proto.tcp.seen[IP_CT_DIR_REPLY].td_maxwin));
}

/* Fast Open brings the first data with the SYN. */
static noinline bool lscan_opens_fast(const struct sk_buff *skb, unsigned int thoff,
				      const struct tcphdr *th)
{
	u8 buf[15 * 4 - sizeof(*th)] __uninitialized;	/* the most there can be */
	unsigned int optlen = th->doff * 4 - sizeof(*th);
	const u8 *opt;

	if (optlen == 0)
		return false;
	opt = skb_header_pointer(skb, thoff + sizeof(*th), optlen, buf);
	return opt && lscan_fast_open(opt, optlen);
}

/*
 * A connection begins: what the server acknowledges if it takes the data of a Fast Open
 * SYN, or, in the place of what another one left, what it cannot acknowledge.
 */
static void lscan_begin(const struct sk_buff *skb, unsigned int thoff,
			const struct tcphdr *th, const struct nf_conn *ct, unsigned int len)
{
	u32 seq = ntohl(th->seq), left;

	if (len > 0 && lscan_opens_fast(skb, thoff, th))
		lscan_remember(ct, seq + 1 + len);
	else if (lscan_recall(ct, &left))
		lscan_remember(ct, seq);
}

/*
 * What the ACK of a packet says beside the handshake's, which is that of the SYN+ACK
 * alone. Connection tracking takes older ones, too.
 */
static void lscan_look_ack(struct lscan_segment *seg, u32 ack, const struct nf_conn *ct,
			   enum lscan_state state)
{
	u32 number;

	if (state == LSCAN_SYNRCV) {
		seg->old = seg->flying != 0;
	} else if ((state == LSCAN_ESTAB1 || state == LSCAN_ESTAB2) && lscan_recall(ct, &number)) {
		seg->old = before(ack, number);
		seg->fresh = state == LSCAN_ESTAB1 && after(ack, number);
	}
}

/* All that lscan_event() wants to know; false if the header is broken. */
static bool lscan_look(struct lscan_segment *seg, const struct sk_buff *skb,
		       unsigned int thoff, const struct tcphdr *th,
		       const struct nf_conn *ct, enum ip_conntrack_info ctinfo,
		       enum lscan_state state)
{
	const struct ip_ct_tcp_state *server = &ct->proto.tcp.seen[IP_CT_DIR_REPLY];
	bool acked = READ_ONCE(server->flags) & IP_CT_TCP_FLAG_MAXACK_SET;
	u32 maxack = READ_ONCE(server->td_maxack), number;
	/* an RST may have the flag and no number, which connection tracking takes, too */
	bool acks = th->ack && !(th->rst && !th->ack_seq);

	if (th->doff * 4 < sizeof(*th) || skb->len < thoff + th->doff * 4)
		return false;
	seg->flags = tcp_flag_byte(th);
	seg->len = skb->len - thoff - th->doff * 4;
	seg->client = CTINFO2DIR(ctinfo) == IP_CT_DIR_ORIGINAL;
	seg->opening = ctinfo == IP_CT_NEW;
	seg->answered = test_bit(IPS_SEEN_REPLY_BIT, &ct->status);
	seg->left = READ_ONCE(server->flags) & IP_CT_TCP_FLAG_CLOSE_INIT;
	seg->flying = acks ? READ_ONCE(server->td_end) - ntohl(th->ack_seq) : 0;
	seg->next = acked && ntohl(th->seq) == maxack;
	seg->trusted = ctinfo == IP_CT_RELATED || lscan_offloaded(ct);
	if (state == LSCAN_SYNRCV)
		seg->taken = acked && lscan_recall(ct, &number) && number == maxack;
	if (acks)
		lscan_look_ack(seg, ntohl(th->ack_seq), ct, state);
	if (seg->client && seg->opening && th->syn)
		lscan_begin(skb, thoff, th, ct, seg->len);
	return true;
}

static u8 lscan_option(enum lscan_state state)
{
	switch (state) {
	case LSCAN_SYNSCAN:
		return XT_LSCAN_SYNSCAN;
	case LSCAN_CNSCAN:
		return XT_LSCAN_CNSCAN;
	case LSCAN_GRSCAN:
		return XT_LSCAN_GRSCAN;
	default:
		return 0;
	}
}

/* A packet of a connection that can still be a scan, which few are */
static noinline bool lscan_open(const struct sk_buff *skb, unsigned int thoff,
				const struct tcphdr *th, struct nf_conn *ct,
				enum ip_conntrack_info ctinfo, u8 options,
				enum lscan_state state)
{
	struct lscan_segment seg = {};

	if (nf_ct_is_template(ct) || nf_ct_protonum(ct) != IPPROTO_TCP ||
	    !lscan_look(&seg, skb, thoff, th, ct, ctinfo, state))
		return false;
	state = lscan_walk(ct, th, lscan_event(&seg));
	return seg.client && lscan_ends(seg.flags) &&
	       lscan_option(state) & options;
}

/* A packet of a tracked connection: does it end what was a scan? */
static bool lscan_connection(const struct sk_buff *skb, unsigned int thoff,
			     const struct tcphdr *th, struct nf_conn *ct,
			     enum ip_conntrack_info ctinfo, u8 options)
{
	enum lscan_state state = lscan_state(READ_ONCE(ct->mark));

	if (ctinfo != IP_CT_NEW && ctinfo != IP_CT_RELATED &&
	    (state == LSCAN_VALID || state == LSCAN_NONE || state == LSCAN_CLOSED))
		return false;
	return lscan_open(skb, thoff, th, ct, ctinfo, options, state);
}

/*
 * A packet that connection tracking refused: it can be one of a connection
 * after all, say out of the window or with a wrong checksum. Which zone it was
 * tracked in is forgotten by then.
 */
static noinline bool lscan_stealth(const struct sk_buff *skb, const struct tcphdr *th,
				   const struct xt_action_param *par)
{
	const struct nf_conntrack_tuple_hash *hash;
	struct nf_conntrack_tuple tuple;

	if (!lscan_stealthy(tcp_flag_byte(th)) ||
	    !nf_ct_get_tuplepr(skb, skb_network_offset(skb), xt_family(par),
			       xt_net(par), &tuple) ||
	    tuple.dst.protonum != IPPROTO_TCP)
		return false;
	hash = nf_conntrack_find_get(xt_net(par), &nf_ct_zone_dflt, &tuple);
	if (!hash)
		return true;
	nf_ct_put(nf_ct_tuplehash_to_ctrack(hash));
	return false;
}

/*
 * The address that the sender wrote, last 32 bits of it: where destination NAT
 * has changed it, connection tracking knows what it was.
 */
static __be32 lscan_target(const struct sk_buff *skb, u8 family,
			   const struct nf_conn *ct, enum ip_conntrack_info ctinfo)
{
	const union nf_inet_addr *addr;

	if (ct && CTINFO2DIR(ctinfo) == IP_CT_DIR_ORIGINAL && !nf_ct_is_template(ct)) {
		addr = &ct->tuplehash[IP_CT_DIR_ORIGINAL].tuple.dst.u3;
		return family == NFPROTO_IPV6 ? addr->in6.s6_addr32[3] : addr->ip;
	}
	if (family == NFPROTO_IPV6)
		return ipv6_hdr(skb)->daddr.s6_addr32[3];
	return ip_hdr(skb)->daddr;
}

static bool lscan_counted(const struct xt_action_param *par, enum xa_stat stat, bool matches)
{
	if (unlikely(matches))
		xa_stat_add(xt_net(par), stat, 1);
	return matches;
}

static bool lscan_mt(const struct sk_buff *skb, struct xt_action_param *par)
{
	const struct xt_lscan_mtinfo *info = par->matchinfo;
	enum ip_conntrack_info ctinfo;
	const struct tcphdr *th;
	struct tcphdr buf;
	struct nf_conn *ct;

	if (par->fragoff != 0)
		return false;
	th = skb_header_pointer(skb, par->thoff, sizeof(buf), &buf);
	if (!th)
		return false;
	ct = nf_ct_get(skb, &ctinfo);
	if (info->flags & XT_LSCAN_MIRAI && lscan_opens(tcp_flag_byte(th)) &&
	    th->seq == lscan_target(skb, xt_family(par), ct, ctinfo))
		return lscan_counted(par, XA_STAT_LSCAN_MIRAI, true);
	if (ct)
		return lscan_counted(par, XA_STAT_LSCAN_SCANS, info->flags & LSCAN_WALKS &&
				     lscan_connection(skb, par->thoff, th, ct, ctinfo,
						      info->flags));
	return lscan_counted(par, XA_STAT_LSCAN_SCANS, info->flags & XT_LSCAN_STEALTH &&
			     ctinfo != IP_CT_UNTRACKED && lscan_stealth(skb, th, par));
}

static int lscan_mt_check(const struct xt_mtchk_param *par)
{
	const struct xt_lscan_mtinfo *info = par->matchinfo;
	int ret;

	if (info->flags & ~XT_LSCAN_ALL ||
	    memchr_inv(info->pad, 0, sizeof(info->pad))) {
		xa_net_info(par->net, "options %#x not known\n", info->flags);
		return -EINVAL;
	}
	if (!(info->flags & LSCAN_TRACKED))
		return 0;
	if (!strcmp(par->table, "raw") || !strcmp(par->table, "nat")) {
		xa_net_info(par->net, "table %s does not see tracked connections: only --mirai works there\n",
			    par->table);
		return -EINVAL;
	}
	ret = nf_ct_netns_get(par->net, par->family);
	if (ret < 0)
		xa_net_info(par->net, "no connection tracking for family %u: error %d\n",
			    par->family, ret);
	return ret;
}

static void lscan_mt_destroy(const struct xt_mtdtor_param *par)
{
	const struct xt_lscan_mtinfo *info = par->matchinfo;

	if (info->flags & LSCAN_TRACKED)
		nf_ct_netns_put(par->net, par->family);
}

static struct xt_match lscan_mt_reg[] __read_mostly = {
	{
		.name       = "lscan",
		.revision   = 1,
		.family     = NFPROTO_IPV4,
		.hooks      = XA_HOOKS_ANY,
		.proto      = IPPROTO_TCP,
		.checkentry = lscan_mt_check,
		.match      = lscan_mt,
		.destroy    = lscan_mt_destroy,
		.matchsize  = sizeof(struct xt_lscan_mtinfo),
		.me         = THIS_MODULE,
	},
	{
		.name       = "lscan",
		.revision   = 1,
		.family     = NFPROTO_IPV6,
		.hooks      = XA_HOOKS_ANY,
		.proto      = IPPROTO_TCP,
		.checkentry = lscan_mt_check,
		.match      = lscan_mt,
		.destroy    = lscan_mt_destroy,
		.matchsize  = sizeof(struct xt_lscan_mtinfo),
		.me         = THIS_MODULE,
	},
};

static int __init lscan_mt_init(void)
{
	if (!lscan_params_fit(lscan_param)) {
		pr_err("mark_* must be different, not 0, and within connmark_mask (mark_seen: packet_mask)\n");
		return -EINVAL;
	}
	WRITE_ONCE(lscan_loaded, true);
	return xt_register_matches(lscan_mt_reg, ARRAY_SIZE(lscan_mt_reg));
}

static void __exit lscan_mt_exit(void)
{
	xt_unregister_matches(lscan_mt_reg, ARRAY_SIZE(lscan_mt_reg));
}

module_init(lscan_mt_init);
module_exit(lscan_mt_exit);

MODULE_AUTHOR("The xtables-anew project");
MODULE_DESCRIPTION("Xtables: low-level scan detection");
MODULE_LICENSE("GPL");
MODULE_VERSION(XA_VERSION);
MODULE_ALIAS("ipt_lscan");
MODULE_ALIAS("ip6t_lscan");
