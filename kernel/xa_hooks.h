/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * xa_hooks - the hooks that an extension is for
 *
 * nft_compat takes a table for a mere name, so .hooks is all that keeps a rule from a
 * hook: of a base chain, and of one that jumps to the rule's chain. Every registration
 * says it, also those that work everywhere (tests/lint/registrations.sh).
 */
#ifndef _XA_HOOKS_H
#define _XA_HOOKS_H

#include <linux/netfilter.h>

/*
 * The five hooks of IPv4 and IPv6: for what neither answers packets nor follows
 * state->in, state->out, skb->dst or a connection without asking whether it is there.
 */
#define XA_HOOKS_ANY	((1 << NF_INET_NUMHOOKS) - 1)

#endif /* _XA_HOOKS_H */
