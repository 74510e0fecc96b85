/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef _COMPAT_NET_NETFILTER_NF_CONNTRACK_H
#define _COMPAT_NET_NETFILTER_NF_CONNTRACK_H

#include_next <net/netfilter/nf_conntrack.h>

#ifndef XA_HAVE_nf_conntrack_count	/* drop with support for < 5.13 */
#define nf_conntrack_count(net)	((u32)atomic_read(&(net)->ct.count))
#endif

#endif /* _COMPAT_NET_NETFILTER_NF_CONNTRACK_H */
