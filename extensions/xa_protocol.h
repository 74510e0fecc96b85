/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * xa_protocol - the protocol of the rule that is being made
 *
 * libxtables shows a rule to the options of a plugin, so a plugin that has some
 * keeps the address: -p may stand behind them, and is looked at in the end. For a
 * target without options it is up to the kernel.
 */
#ifndef _XA_PROTOCOL_H
#define _XA_PROTOCOL_H

#include <netinet/in.h>

#include <xtables.h>
/* behind <net/if.h>, which they then leave alone */
#include <linux/netfilter_ipv4/ip_tables.h>
#include <linux/netfilter_ipv6/ip6_tables.h>

/* Of -p in an IPv4 or IPv6 rule; 0: none, or all but one. */
static inline unsigned int xa_protocol4(const void *entry)
{
	const struct ipt_ip *ip = entry;

	return ip->invflags & XT_INV_PROTO ? 0 : ip->proto;
}

static inline unsigned int xa_protocol6(const void *entry)
{
	const struct ip6t_ip6 *ip = entry;

	return ip->invflags & XT_INV_PROTO ? 0 : ip->proto;
}

#endif /* _XA_PROTOCOL_H */
