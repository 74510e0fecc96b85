// SPDX-License-Identifier: GPL-2.0-only
/*
 * xt_pknock - tell user space who was let in
 *
 * By a message of the kernel's connector to the group nl_multicast_group. The
 * connector exists in the initial namespace alone; who may be heard there are
 * rules of that namespace, so that no other can feign that its doors open.
 */
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/connector.h>
#include <linux/string.h>
#include <net/net_namespace.h>

#include "xt_pknock_priv.h"

#if IS_REACHABLE(CONFIG_CONNECTOR)
/* Context: any but hard interrupts. Nobody listening is no error. */
void pknock_notify(const struct net *net, const char *name,
		   const struct pknock_src *src)
{
	u8 buf[sizeof(struct cn_msg) + sizeof(struct xt_pknock_msg)]
		__aligned(__alignof__(struct cn_msg)) = {};
	struct cn_msg *cn = (void *)buf;
	struct xt_pknock_msg *msg = (void *)cn->data;

	if (pknock_nl_multicast_group <= 0 || !net_eq(net, &init_net))
		return;
	cn->len = src->family == NFPROTO_IPV4 ?
		  offsetof(struct xt_pknock_msg, peer_ip6) : sizeof(*msg);
	strscpy(msg->rule_name, name, sizeof(msg->rule_name));
	msg->peer_ip = src->ip[0];
	memcpy(msg->peer_ip6, &src->ip[1], sizeof(msg->peer_ip6));
	cn_netlink_send(cn, 0, pknock_nl_multicast_group, GFP_ATOMIC);
}
#else
void pknock_notify(const struct net *net, const char *name,
		   const struct pknock_src *src)
{
}
#endif
