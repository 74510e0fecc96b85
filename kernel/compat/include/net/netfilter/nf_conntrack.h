/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef _COMPAT_NET_NETFILTER_NF_CONNTRACK_H
#define _COMPAT_NET_NETFILTER_NF_CONNTRACK_H

#include_next <net/netfilter/nf_conntrack.h>

#ifndef XA_HAVE_nf_conntrack_count	/* drop with support for < 5.13 */
#define nf_conntrack_count(net)	((u32)atomic_read(&(net)->ct.count))
#endif

#ifndef XA_HAVE_nf_ct_set_closing	/* drop with support for < 6.3 */
#if IS_ENABLED(CONFIG_NF_CONNTRACK)
#include <net/netfilter/nf_conntrack_l4proto.h>

/*
 * Without the timeout that a CT rule may have given the connection, and without an
 * event: both need functions of nf_conntrack, which the caller would then depend on.
 */
static inline void nf_ct_set_closing(struct nf_conntrack *nfct)
{
	struct nf_conn *ct = container_of(nfct, struct nf_conn, ct_general);

	if (!nfct || !nf_ct_is_confirmed(ct) || nf_ct_protonum(ct) != IPPROTO_TCP)
		return;
	spin_lock_bh(&ct->lock);
	if (ct->proto.tcp.state != TCP_CONNTRACK_CLOSE &&
	    !test_bit(IPS_FIXED_TIMEOUT_BIT, &ct->status))
		WRITE_ONCE(ct->timeout, nfct_time_stamp +
			   nf_tcp_pernet(nf_ct_net(ct))->timeouts[TCP_CONNTRACK_CLOSE]);
	ct->proto.tcp.state = TCP_CONNTRACK_CLOSE;
	spin_unlock_bh(&ct->lock);
}
#else
static inline void nf_ct_set_closing(struct nf_conntrack *nfct)
{
}
#endif
#endif

#endif /* _COMPAT_NET_NETFILTER_NF_CONNTRACK_H */
