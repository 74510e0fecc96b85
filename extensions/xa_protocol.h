/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * xa_protocol - the protocol of the rule that is being made
 *
 * libxtables shows a rule to the options of a plugin, and not to its final check, but
 * -p may stand behind the options. So .x6_parse of a match keeps the address of the
 * rule (xa_rule_seen()), .x6_fcheck looks at it, and .init, which xa_rule_init() is for,
 * forgets it: the rule before is gone by then. Without options there is no rule to look
 * at, and for a target without options it is up to the kernel.
 */
#ifndef _XA_PROTOCOL_H
#define _XA_PROTOCOL_H

#include <netinet/in.h>

#include <xtables.h>
/* behind <net/if.h>, which they then leave alone */
#include <linux/netfilter_ipv4/ip_tables.h>
#include <linux/netfilter_ipv6/ip6_tables.h>

/* The rule that is being parsed, NULL before its first option. */
static const void *xa_rule;

/* .init of a match */
static void xa_rule_init(struct xt_entry_match *match)
{
	xa_rule = NULL;
}

/* For .x6_parse; there are programs that have no rule. */
static void xa_rule_seen(const struct xt_option_call *cb)
{
	xa_rule = cb->xt_entry;
}

/*
 * Of -p in the IPv4 or IPv6 rule; 0: none, or all but one. @unseen where there is no
 * rule to look at.
 */
static unsigned int xa_protocol4(unsigned int unseen)
{
	const struct ipt_ip *ip = xa_rule;

	if (!ip)
		return unseen;
	return ip->invflags & XT_INV_PROTO ? 0 : ip->proto;
}

static unsigned int xa_protocol6(unsigned int unseen)
{
	const struct ip6t_ip6 *ip = xa_rule;

	if (!ip)
		return unseen;
	return ip->invflags & XT_INV_PROTO ? 0 : ip->proto;
}

#endif /* _XA_PROTOCOL_H */
