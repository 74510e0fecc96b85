/* SPDX-License-Identifier: GPL-2.0-only */
/* xa_rights - what rules in the namespaces of ordinary users may not do */
#ifndef _XA_RIGHTS_H
#define _XA_RIGHTS_H

#include <linux/cred.h>
#include <linux/errno.h>
#include <linux/user_namespace.h>
#include <net/net_namespace.h>

#include "xa_log.h"

/**
 * xa_may_write - whether rules of a network namespace may write into packets
 * @net: namespace
 *
 * What reads a packet behind the rule (GSO, tunnels, the transports) relies on
 * what was verified before it. Any user can have a network namespace with all
 * rights in it, so these are refused, as nf_tables refuses them.
 *
 * Context: process, when a rule is inserted.
 * Return: 0, or -EPERM for a namespace of another than the initial user namespace.
 */
static inline int xa_may_write(struct net *net)
{
	if (net->user_ns == &init_user_ns)
		return 0;
	xa_net_info(net, "writing into packets needs a network namespace that belongs to the initial user namespace\n");
	return -EPERM;
}

#endif /* _XA_RIGHTS_H */
