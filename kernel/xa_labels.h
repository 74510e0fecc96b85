/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * xa_labels - what the matches geoip and asn have in common
 *
 * A rule carries labels, countries or AS numbers, and says whether the source or the
 * destination of a packet must have one of them. Which addresses a label has is the
 * business of xa_addrdb, which holds one database of each kind for the machine; the
 * rule holds a set of labels there. Nothing here takes a lock.
 *
 * With ORIG it is the host that opened the connection (xa_opener), which connection
 * tracking tells: such rules, and no others, keep it on in their namespace.
 */
#ifndef _XA_LABELS_H
#define _XA_LABELS_H

#include <linux/err.h>
#include <linux/ip.h>
#include <linux/ipv6.h>
#include <linux/skbuff.h>
#include <linux/string.h>
#include <linux/netfilter/x_tables.h>

#include "xa_addrdb.h"
#include "xa_labels_rule.h"
#include "xa_opener.h"

/**
 * xa_labels_match4 - whether an address of an IPv4 packet has one of the labels
 * @rule: the rule
 * @set:  of the rule
 * @skb:  the packet
 * @par:  where it is
 *
 * Context: RCU read side.
 * Return: true if the rule matches.
 */
static inline bool xa_labels_match4(const struct xa_labels *rule,
				    const struct xa_addrdb_set *set,
				    const struct sk_buff *skb,
				    const struct xt_action_param *par)
{
	const struct iphdr *iph = ip_hdr(skb);
	const u8 flags = rule->flags;
	__be32 addr;

	if (flags & XA_LABELS_ORIG)
		return xa_opener_match4(set, flags & XA_LABELS_INV, skb, par);
	addr = flags & XA_LABELS_SRC ? iph->saddr : iph->daddr;
	return xa_addrdb_match4(set, addr, flags & XA_LABELS_INV);
}

/**
 * xa_labels_match6 - whether an address of an IPv6 packet has one of the labels
 * @rule: the rule
 * @set:  of the rule
 * @skb:  the packet
 * @par:  where it is
 *
 * Context: RCU read side.
 * Return: true if the rule matches.
 */
static inline bool xa_labels_match6(const struct xa_labels *rule,
				    const struct xa_addrdb_set *set,
				    const struct sk_buff *skb,
				    const struct xt_action_param *par)
{
	const struct ipv6hdr *iph = ipv6_hdr(skb);
	const u8 flags = rule->flags;
	const struct in6_addr *addr;

	if (flags & XA_LABELS_ORIG)
		return xa_opener_match6(set, flags & XA_LABELS_INV, skb, par);
	addr = flags & XA_LABELS_SRC ? &iph->saddr : &iph->daddr;
	return xa_addrdb_match6(set, addr, flags & XA_LABELS_INV);
}

/**
 * xa_labels_check - whether rule data is understood
 * @rule: head of it; the labels follow
 * @size: of a label, bytes
 * @max:  labels that there is room for
 *
 * Context: any.
 * Return: 0, -EINVAL or -ERANGE.
 */
static inline int xa_labels_check(const struct xa_labels *rule, size_t size,
				  unsigned int max)
{
	const unsigned int way = rule->flags & (XA_LABELS_SRC | XA_LABELS_DST);
	const char *labels = (const char *)(rule + 1);

	if (rule->flags & ~XA_LABELS_ALL || rule->pad ||
	    (way != XA_LABELS_SRC && way != XA_LABELS_DST) ||
	    (rule->flags & XA_LABELS_ORIG && way != XA_LABELS_SRC))
		return -EINVAL;
	if (!rule->count || rule->count > max)
		return -ERANGE;
	if (memchr_inv(labels + rule->count * size, 0, (max - rule->count) * size))
		return -EINVAL;
	return 0;
}

/**
 * xa_labels_get - what a rule needs
 * @par:    the rule, which xa_labels_check() has found right
 * @id:     database
 * @labels: those of the rule
 *
 * Context: may sleep.
 * Return: the set, for xa_labels_put(); or an ERR_PTR.
 */
static inline struct xa_addrdb_set *xa_labels_get(const struct xt_mtchk_param *par,
						  enum xa_addrdb_id id,
						  const u32 *labels)
{
	const struct xa_labels *rule = par->matchinfo;
	struct xa_addrdb_set *set;
	int err;

	set = xa_addrdb_set_get(par->net, id, labels, rule->count);
	if (IS_ERR(set) || !(rule->flags & XA_LABELS_ORIG))
		return set;
	err = xa_opener_get(par->net, par->family);
	if (!err)
		return set;
	xa_addrdb_set_put(set);
	return ERR_PTR(err);
}

/**
 * xa_labels_put - what a rule needed
 * @par: the rule
 * @set: what xa_labels_get() returned
 *
 * Context: may sleep.
 */
static inline void xa_labels_put(const struct xt_mtdtor_param *par,
				 struct xa_addrdb_set *set)
{
	const struct xa_labels *rule = par->matchinfo;

	if (rule->flags & XA_LABELS_ORIG)
		xa_opener_put(par->net, par->family);
	xa_addrdb_set_put(set);
}

#endif /* _XA_LABELS_H */
