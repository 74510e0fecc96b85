/* SPDX-License-Identifier: GPL-2.0-only */
/* xa_reply - answer a packet: turn it round, route it, send it */
#ifndef _XA_REPLY_H
#define _XA_REPLY_H

#include <linux/netfilter.h>
#include <linux/skbuff.h>

#include "xa_reply_seg.h"

/* Hooks where packets are answered, for .hooks of those who call xa_reply. */
#define XA_REPLY_HOOKS	(1 << NF_INET_LOCAL_IN | 1 << NF_INET_FORWARD | \
			 1 << NF_INET_LOCAL_OUT)

bool xa_reply_tcp(struct sk_buff *skb, const struct nf_hook_state *state,
		  enum xa_reply_mode mode, bool same_if);
bool xa_reply_may(struct sk_buff *skb, const struct nf_hook_state *state);
bool xa_reply_echo(struct sk_buff *skb, const struct nf_hook_state *state);

#endif /* _XA_REPLY_H */
