// SPDX-License-Identifier: GPL-2.0-only
/* 5.13 put the number of entries out of reach, and made a function that tells it. */
#include <net/netfilter/nf_conntrack.h>

u32 probe(const struct net *net);
u32 probe(const struct net *net)
{
	return nf_conntrack_count(net);
}
