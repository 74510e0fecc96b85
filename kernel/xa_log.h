/* SPDX-License-Identifier: GPL-2.0-only */
/* xa_log - messages on behalf of one network namespace */
#ifndef _XA_LOG_H
#define _XA_LOG_H

#include <linux/printk.h>
#include <net/net_namespace.h>
#include <net/netfilter/nf_log.h>

/**
 * xa_net_may_log - whether a namespace may write to the kernel log
 * @net: namespace on whose behalf a line would be written
 *
 * The log belongs to the initial namespace; others write to it only where
 * net.netfilter.nf_log_all_netns allows it.
 *
 * Context: any.
 * Return: true if it may.
 */
static inline bool xa_net_may_log(const struct net *net)
{
	return net_eq(net, &init_net) || sysctl_nf_log_all_netns;
}

/* Rate limited, with the caller's pr_fmt. */
#define xa_net_info(net, fmt, ...) do {					\
	if (xa_net_may_log(net))					\
		pr_info_ratelimited(fmt, ##__VA_ARGS__);		\
} while (0)

#endif /* _XA_LOG_H */
