// SPDX-License-Identifier: GPL-2.0-only
/*
 * xa_test_reply - calls the verbs of xa_reply from hooks that no rule may use
 *
 * All UDP datagrams and TCP segments of one network namespace, the one of the process
 * that writes to the parameter hook, go to all three verbs: at that hook, or with
 * answers=1 at OUTPUT as if what has no socket had been received, which is what an
 * answer would look like to a rule that sees it. Needs xa_reply loaded.
 */
#include <linux/kmod.h>
#include <linux/module.h>
#include <linux/moduleparam.h>
#include <linux/netfilter.h>
#include <linux/netfilter_ipv4.h>
#include <linux/netfilter_ipv6.h>
#include <linux/nsproxy.h>
#include <net/net_namespace.h>

#include "xa_reply.h"

static typeof(xa_reply_may) *reply_may;
static typeof(xa_reply_tcp) *reply_tcp;
static typeof(xa_reply_echo) *reply_echo;

static bool answers;
module_param(answers, bool, 0600);
MODULE_PARM_DESC(answers, "give answers on their way out to the verbs");

static atomic_t asked = ATOMIC_INIT(0);
static atomic_t answered = ATOMIC_INIT(0);

static int counter_get(char *buffer, const struct kernel_param *kp)
{
	return sprintf(buffer, "%d\n", atomic_read((atomic_t *)kp->arg));
}

static const struct kernel_param_ops counter_ops = { .get = counter_get };

module_param_cb(asked, &counter_ops, &asked, 0400);
MODULE_PARM_DESC(asked, "packets given to the verbs");
module_param_cb(answered, &counter_ops, &answered, 0400);
MODULE_PARM_DESC(answered, "answers that were sent, and packets that others may answer");

static void ask(struct sk_buff *skb, const struct nf_hook_state *state)
{
	int n = reply_may(skb, state);

	n += reply_tcp(skb, state, XA_REPLY_RESET, false);
	n += reply_tcp(skb, state, XA_REPLY_RESET, true);
	n += reply_echo(skb, state);
	atomic_inc(&asked);
	atomic_add(n, &answered);
}

static unsigned int at_hook(void *priv, struct sk_buff *skb,
			    const struct nf_hook_state *state)
{
	if (!READ_ONCE(answers))
		ask(skb, state);
	return NF_ACCEPT;
}

static unsigned int at_output(void *priv, struct sk_buff *skb,
			      const struct nf_hook_state *state)
{
	struct nf_hook_state received = *state;

	if (!READ_ONCE(answers) || skb->sk)
		return NF_ACCEPT;
	received.hook = NF_INET_LOCAL_IN;
	received.in = state->out;
	received.out = NULL;
	ask(skb, &received);
	return NF_ACCEPT;
}

static struct nf_hook_ops ops[] = {
	{ .hook = at_hook, .pf = NFPROTO_IPV4 },
	{ .hook = at_hook, .pf = NFPROTO_IPV6 },
	{ .hook = at_output, .pf = NFPROTO_IPV4, .hooknum = NF_INET_LOCAL_OUT },
	{ .hook = at_output, .pf = NFPROTO_IPV6, .hooknum = NF_INET_LOCAL_OUT },
};

static struct net *test_net;	/* written by hook_set() only, which param_lock orders */

static void hook_clear(void)
{
	if (!test_net)
		return;
	nf_unregister_net_hooks(test_net, ops, ARRAY_SIZE(ops));
	put_net(test_net);
	test_net = NULL;
}

/* A number of NF_INET_*, or -1 for none. */
static int hook_set(const char *val, const struct kernel_param *kp)
{
	int hook, ret = kstrtoint(val, 10, &hook);

	if (ret < 0 || hook < -1 || hook >= NF_INET_NUMHOOKS)
		return -EINVAL;
	hook_clear();
	atomic_set(&asked, 0);
	atomic_set(&answered, 0);
	if (hook < 0)
		return 0;
	ops[0].hooknum = hook;
	ops[1].hooknum = hook;
	ret = nf_register_net_hooks(current->nsproxy->net_ns, ops, ARRAY_SIZE(ops));
	if (ret == 0)
		test_net = get_net(current->nsproxy->net_ns);
	return ret;
}

static const struct kernel_param_ops hook_ops = { .set = hook_set };

module_param_cb(hook, &hook_ops, NULL, 0200);
MODULE_PARM_DESC(hook, "where: 0 to 4 as NF_INET_*, -1 is nowhere");

static void reply_put(void)
{
	if (reply_may)
		symbol_put(xa_reply_may);
	if (reply_tcp)
		symbol_put(xa_reply_tcp);
	if (reply_echo)
		symbol_put(xa_reply_echo);
}

static int __init xa_test_reply_init(void)
{
	reply_may = symbol_get(xa_reply_may);
	reply_tcp = symbol_get(xa_reply_tcp);
	reply_echo = symbol_get(xa_reply_echo);
	if (reply_may && reply_tcp && reply_echo)
		return 0;
	reply_put();
	return -ENOENT;
}

static void __exit xa_test_reply_exit(void)
{
	hook_clear();
	reply_put();
}

module_init(xa_test_reply_init);
module_exit(xa_test_reply_exit);

MODULE_AUTHOR("The xtables-anew project");
MODULE_DESCRIPTION("Test: xa_reply at every hook");
MODULE_LICENSE("GPL");
