// SPDX-License-Identifier: GPL-2.0-only
/* 6.3 has a function by which a rule that resets a connection tells connection tracking. */
#include <linux/netfilter.h>

void probe(struct nf_conntrack *nfct);
void probe(struct nf_conntrack *nfct)
{
	nf_ct_set_closing(nfct);
}
