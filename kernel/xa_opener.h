/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * xa_opener - the host that opened the connection of a packet
 *
 * It is the source of connection tracking's original direction, which NAT leaves
 * as it was. A packet of no known connection (not tracked, invalid, seen before
 * connection tracking) is taken for the first one of its own.
 */
#ifndef _XA_OPENER_H
#define _XA_OPENER_H

#include <linux/if.h>
#include <linux/ip.h>
#include <linux/ipv6.h>
#include <linux/kconfig.h>
#include <linux/netdevice.h>
#include <linux/netfilter/x_tables.h>
#include <net/netfilter/nf_conntrack.h>

#include "xa_addrdb.h"
#include "xa_log.h"

/**
 * xa_opener_get - keep connection tracking on, for a rule
 * @net:    the rule's namespace
 * @family: of the rule
 *
 * Context: may sleep.
 * Return: 0 or a negative errno; then xa_opener_put() must not be called.
 */
static inline int xa_opener_get(struct net *net, u8 family)
{
#if IS_ENABLED(CONFIG_NF_CONNTRACK)
	return nf_ct_netns_get(net, family);
#else
	xa_net_info(net, "this kernel has no connection tracking\n");
	return -EOPNOTSUPP;
#endif
}

static inline void xa_opener_put(struct net *net, u8 family)
{
#if IS_ENABLED(CONFIG_NF_CONNTRACK)
	nf_ct_netns_put(net, family);
#endif
}

/**
 * xa_opener_addr - address of the host that opened the connection of a packet
 * @skb:    the packet
 * @family: of the packet
 * @source: its source
 * @answer: set to whether it goes to that host
 *
 * An ICMP error belongs to the connection of the packet that it quotes. The
 * template that the target CT leaves in the table raw is no connection.
 *
 * Context: any; the address is that of the packet or of its connection.
 * Return: the address.
 */
static inline const union nf_inet_addr *
xa_opener_addr(const struct sk_buff *skb, u8 family, const void *source,
	       bool *answer)
{
	enum ip_conntrack_info ctinfo;
	const struct nf_conn *ct = nf_ct_get(skb, &ctinfo);

	*answer = false;
	if (!ct || nf_ct_is_template(ct) || nf_ct_l3num(ct) != family)
		return source;
	*answer = CTINFO2DIR(ctinfo) == IP_CT_DIR_REPLY;
	return &ct->tuplehash[IP_CT_DIR_ORIGINAL].tuple.src.u3;
}

/*
 * A rule that drops all openers but some must not drop the answers to what this
 * machine, or one behind it, has asked, nor what stays within the machine. Its own
 * address may be one that no database has: private, behind a NAT. So an opener
 * without a label matches neither way, once it is answered or over loopback.
 * Nor does any while no database is loaded.
 */
static inline bool xa_opener_matches(enum xa_addrdb_found found, bool invert,
				     bool answer, const struct xt_action_param *par)
{
	const struct net_device *in = xt_in(par), *out = xt_out(par);

	if (found == XA_ADDRDB_ABSENT)
		return false;
	if (found == XA_ADDRDB_NONE &&
	    (answer || (in && in->flags & IFF_LOOPBACK) ||
	     (out && out->flags & IFF_LOOPBACK)))
		return false;
	return (found == XA_ADDRDB_LISTED) ^ invert;
}

/**
 * xa_opener_match4 - whether an IPv4 packet's opener has a label of a set
 * @set:    the rule's
 * @invert: of the rule
 * @skb:    the packet
 * @par:    where it is
 *
 * Context: RCU read side.
 * Return: true if the rule matches.
 */
static inline bool xa_opener_match4(const struct xa_addrdb_set *set, bool invert,
				    const struct sk_buff *skb,
				    const struct xt_action_param *par)
{
	const union nf_inet_addr *addr;
	bool answer;

	addr = xa_opener_addr(skb, NFPROTO_IPV4, &ip_hdr(skb)->saddr, &answer);
	return xa_opener_matches(xa_addrdb_find4(set, addr->ip), invert, answer, par);
}

/**
 * xa_opener_match6 - whether an IPv6 packet's opener has a label of a set
 * @set:    the rule's
 * @invert: of the rule
 * @skb:    the packet
 * @par:    where it is
 *
 * Context: RCU read side.
 * Return: true if the rule matches.
 */
static inline bool xa_opener_match6(const struct xa_addrdb_set *set, bool invert,
				    const struct sk_buff *skb,
				    const struct xt_action_param *par)
{
	const union nf_inet_addr *addr;
	bool answer;

	addr = xa_opener_addr(skb, NFPROTO_IPV6, &ipv6_hdr(skb)->saddr, &answer);
	return xa_opener_matches(xa_addrdb_find6(set, &addr->in6), invert, answer, par);
}

#endif /* _XA_OPENER_H */
