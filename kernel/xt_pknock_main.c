// SPDX-License-Identifier: GPL-2.0-only
/*
 * xt_pknock - match packets of hosts that have knocked
 *
 * A host is let in after it has knocked: by TCP SYNs (or UDP datagrams) to
 * some ports in a given order, or by one authenticated datagram. Rules with
 * ports watch for knocks, and match the packets of hosts that are in; rules
 * with --checkip only do the latter. Rules of one name share their hosts.
 *
 *	xt_pknock_check.c	what a rule may say
 *	xt_pknock_name.c	what a name has, its file, the collector
 *	xt_pknock_open.c	hosts that are let in: read under RCU by all packets
 *	xt_pknock_waiting.c	hosts between two knocks: a lock, knocks only
 *	xt_pknock_spa.c		authenticated knocks, the log of those accepted
 *	xt_pknock_keys.c	keys, and authenticated knocks of the second form
 *	xt_pknock_notify.c	messages to user space
 *
 * A rule refers to a name (xa_named) and, if its knocks are authenticated, to
 * the namespace's log of accepted knocks. Both outlive the namespace if the
 * rule does. The rule's own data are constant. Packets never sleep, and never
 * drop anything by themselves.
 */
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/err.h>
#include <linux/in.h>
#include <linux/ip.h>
#include <linux/ipv6.h>
#include <linux/jhash.h>
#include <linux/module.h>
#include <linux/moduleparam.h>
#include <linux/mutex.h>
#include <linux/skbuff.h>
#include <linux/slab.h>
#include <linux/string.h>
#include <linux/tcp.h>
#include <linux/timekeeping.h>
#include <linux/udp.h>
#include <linux/netfilter/x_tables.h>
#include <linux/netfilter_ipv4/ip_tables.h>
#include <linux/netfilter_ipv6/ip6_tables.h>
#include <net/ip.h>
#include <net/ipv6.h>
#include <net/net_namespace.h>
#include <net/netns/generic.h>

#include "xa_digest.h"
#include "xa_hooks.h"
#include "xa_log.h"
#include "xa_stat.h"
#include "xa_version.h"
#include "xt_pknock_priv.h"

#define PKNOCK_HASHSIZE_MAX	4096
#define PKNOCK_GC_MIN		65000
#define PKNOCK_GROUP_MAX	32

static int rule_hashsize = 8;
module_param(rule_hashsize, int, 0444);
MODULE_PARM_DESC(rule_hashsize, "of no effect, kept for old configurations");
int pknock_peer_hashsize = 16;
module_param_named(peer_hashsize, pknock_peer_hashsize, int, 0444);
MODULE_PARM_DESC(peer_hashsize, "buckets of the tables of a name, each for 64 hosts (16, 1 to 4096)");
module_param_named(peer_hasht_ents, pknock_peer_hashsize, int, 0444);
MODULE_PARM_DESC(peer_hasht_ents, "the same as peer_hashsize");
int pknock_gc_expir_time = PKNOCK_GC_MIN;
module_param_named(gc_expir_time, pknock_gc_expir_time, int, 0444);
MODULE_PARM_DESC(gc_expir_time, "milliseconds between collections of what has expired (65000 or more)");
int pknock_nl_multicast_group = -1;
module_param_named(nl_multicast_group, pknock_nl_multicast_group, int, 0444);
MODULE_PARM_DESC(nl_multicast_group, "connector group (1 to 32) that is told who is let in, or -1");
bool pknock_early_knocks;
module_param_named(early_knocks, pknock_early_knocks, bool, 0644);
MODULE_PARM_DESC(early_knocks, "accept authenticated knocks that may be replays of what was accepted before loading (N)");

static unsigned int pknock_net_id __read_mostly;

/*
 * @began:    second of a clock that nobody sets in which the module was loaded
 *            or the namespace made; constant
 * @accepted: made with the first rule that needs it; pknock_net_lock
 */
struct pknock_net {
	s64 began;
	struct xa_named_net *names;
	struct pknock_accepted *accepted;
};

static DEFINE_MUTEX(pknock_net_lock);	/* pknock_net.accepted, all namespaces */

/* Where the transport header is, if the packet has one of @proto; else -1. */
static int pknock_thoff4(const struct sk_buff *skb, u8 proto)
{
	const struct iphdr *iph = ip_hdr(skb);

	if (iph->protocol != proto || iph->frag_off & htons(IP_OFFSET))
		return -1;
	return skb_network_offset(skb) + iph->ihl * 4;
}

static int pknock_thoff6(const struct sk_buff *skb, u8 proto)
{
	unsigned short frag_off = 0;
	unsigned int thoff = 0;

	if (ipv6_hdr(skb)->nexthdr == proto)
		return skb_network_offset(skb) + sizeof(struct ipv6hdr);
	if (ipv6_find_hdr(skb, &thoff, proto, &frag_off, NULL) < 0 || frag_off)
		return -1;
	return thoff;
}

static bool pknock_is_syn(const struct tcphdr *th)
{
	return th->syn && !th->ack && !th->rst && !th->fin;
}

/* The port that a SYN is for, in host order; 0 for any other packet */
static u16 pknock_tcp_port(const struct sk_buff *skb, int thoff)
{
	struct tcphdr buf;
	const struct tcphdr *th = skb_header_pointer(skb, thoff, sizeof(buf), &buf);

	return th && pknock_is_syn(th) ? ntohs(th->dest) : 0;
}

static u16 pknock_udp_port(const struct sk_buff *skb, int thoff)
{
	struct udphdr buf;
	const struct udphdr *uh = skb_header_pointer(skb, thoff, sizeof(buf), &buf);

	return uh ? ntohs(uh->dest) : 0;
}

/* What a packet, which has a transport header, says to a rule that watches */
static enum pknock_event pknock_watch(const struct net *net,
				      const struct pknock_rule *rule,
				      const struct pknock_src *src,
				      const struct sk_buff *skb, int thoff,
				      bool is_open)
{
	u16 port = rule->proto == IPPROTO_TCP ? pknock_tcp_port(skb, thoff) :
						pknock_udp_port(skb, thoff);

	if (!port)
		return PKNOCK_NOTHING;
	if (!rule->keys)
		return pknock_knock(net, rule, src, port) ? PKNOCK_LET_IN :
							    PKNOCK_NOTHING;
	if (port != rule->ports[0])
		return PKNOCK_NOTHING;
	return pknock_spa(net, rule, src, skb, thoff, is_open);
}

/* The packet that lets a host in does not match yet, nor the one that shuts it out. */
static bool pknock_judge(const struct sk_buff *skb,
			 const struct xt_action_param *par,
			 const struct pknock_rule *rule,
			 const struct pknock_src *src, int thoff, bool is_open)
{
	switch (pknock_watch(xt_net(par), rule, src, skb, thoff, is_open)) {
	case PKNOCK_LET_IN:
		xa_stat_add(xt_net(par), XA_STAT_PKNOCK_LET_IN, 1);
		pknock_notify(xt_net(par), rule->name->named.name, src);
		break;
	case PKNOCK_SHUT_OUT:
		xa_stat_add(xt_net(par), XA_STAT_PKNOCK_SHUT_OUT, 1);
		return false;
	case PKNOCK_NOTHING:
		break;
	}
	return is_open;
}

/* The match, for packets of hosts that may be in, and for what may be a knock */
static noinline bool pknock_mt(const struct sk_buff *skb,
			       const struct xt_action_param *par,
			       const struct pknock_rule *rule)
{
	struct pknock_src src = { .family = xt_family(par) };
	bool is_open;
	int thoff;

	if (src.family == NFPROTO_IPV6)
		memcpy(src.ip, &ipv6_hdr(skb)->saddr, sizeof(src.ip));
	else
		src.ip[0] = ip_hdr(skb)->saddr;
	is_open = pknock_is_open(rule->name, &src);
	if (!rule->ports_count)
		return is_open;
	thoff = src.family == NFPROTO_IPV6 ? pknock_thoff6(skb, rule->proto) :
					     pknock_thoff4(skb, rule->proto);
	if (thoff < 0)
		return is_open;
	return pknock_judge(skb, par, rule, &src, thoff, is_open);
}

/*
 * False if a packet is certainly no knock. If nobody waits, only one for the
 * first port can be. A header that is not linear is left to pknock_mt(). UDP
 * has its ports where TCP has them.
 */
static bool pknock_may_be_knock(const struct pknock_rule *rule,
				const struct sk_buff *skb, int thoff)
{
	const struct tcphdr *th = (const void *)(skb->data + thoff);
	bool tcp = rule->proto == IPPROTO_TCP;
	int len = tcp ? sizeof(struct tcphdr) : sizeof(struct udphdr);

	if ((int)skb_headlen(skb) - thoff < len)
		return true;
	if (tcp && !pknock_is_syn(th))
		return false;
	return ntohs(th->dest) == rule->ports[0] ||
	       READ_ONCE(rule->name->waiters);
}

/*
 * Most packets are from hosts that are out, and no knocks. They do not match,
 * which is seen here without a call; the others are looked at again.
 */
static __always_inline bool pknock_rule_mt4(const struct sk_buff *skb,
					    const struct xt_action_param *par,
					    const struct pknock_rule *rule)
{
	int thoff;

	if (!pknock_may_be_open(rule->name, &ip_hdr(skb)->saddr, NFPROTO_IPV4)) {
		if (!rule->ports_count)
			return false;
		thoff = pknock_thoff4(skb, rule->proto);
		if (thoff < 0 || !pknock_may_be_knock(rule, skb, thoff))
			return false;
	}
	return pknock_mt(skb, par, rule);
}

static __always_inline bool pknock_rule_mt6(const struct sk_buff *skb,
					    const struct xt_action_param *par,
					    const struct pknock_rule *rule)
{
	const struct ipv6hdr *ip6h = ipv6_hdr(skb);

	if (!pknock_may_be_open(rule->name, ip6h->saddr.s6_addr32, NFPROTO_IPV6)) {
		if (!rule->ports_count)
			return false;
		if (ip6h->nexthdr == rule->proto &&
		    !pknock_may_be_knock(rule, skb, skb_network_offset(skb) +
						    sizeof(*ip6h)))
			return false;
	}
	return pknock_mt(skb, par, rule);
}

static bool pknock_mt4(const struct sk_buff *skb, struct xt_action_param *par)
{
	const struct xt_pknock_mtinfo *info = par->matchinfo;

	return pknock_rule_mt4(skb, par, info->rule);
}

static bool pknock_mt6(const struct sk_buff *skb, struct xt_action_param *par)
{
	const struct xt_pknock_mtinfo *info = par->matchinfo;

	return pknock_rule_mt6(skb, par, info->rule);
}

static bool pknock_mt4_v3(const struct sk_buff *skb, struct xt_action_param *par)
{
	const struct xt_pknock_mtinfo3 *info = par->matchinfo;

	return pknock_rule_mt4(skb, par, info->rule);
}

static bool pknock_mt6_v3(const struct sk_buff *skb, struct xt_action_param *par)
{
	const struct xt_pknock_mtinfo3 *info = par->matchinfo;

	return pknock_rule_mt6(skb, par, info->rule);
}

/* The protocol that a rule is for, 0: none, or all but one */
static u16 pknock_entry_proto(const struct xt_mtchk_param *par)
{
	const struct ip6t_ip6 *ip6 = par->entryinfo;
	const struct ipt_ip *ip = par->entryinfo;

	if (par->family == NFPROTO_IPV6)
		return ip6->invflags & XT_INV_PROTO ? 0 : ip6->proto;
	return ip->invflags & XT_INV_PROTO ? 0 : ip->proto;
}

/* The log of a namespace, which has a rule that needs one; or NULL: no memory */
static struct pknock_accepted *pknock_accepted_get(struct pknock_net *pn)
{
	struct pknock_accepted *accepted = NULL;

	mutex_lock(&pknock_net_lock);
	if (!pn->accepted)
		pn->accepted = pknock_accepted_create(pn->began);
	if (pn->accepted)
		accepted = pknock_accepted_hold(pn->accepted);
	mutex_unlock(&pknock_net_lock);
	return accepted;
}

/* For rules with secrets; without it they are refused. Constant after init. */
#define PKNOCK_HMAC	"hmac(sha256)"

static struct xa_digest *pknock_hmac;

static int pknock_rule_secrets(struct pknock_rule *rule, const struct net *net,
			       const struct xt_pknock_mtinfo3 *info)
{
	int ret;

	rule->accepted = pknock_accepted_get(net_generic(net, pknock_net_id));
	if (!rule->accepted)
		return -ENOMEM;
	rule->nat = info->flags & XT_PKNOCK_NAT;
	ret = pknock_keys_init(rule, PKNOCK_HMAC, info);
	if (ret < 0 && ret != -ENOMEM && !IS_ERR(pknock_hmac))
		xa_net_info(net, PKNOCK_HMAC " does not take a secret (in FIPS mode it needs 14 bytes)\n");
	return ret;
}

static void pknock_rule_free(struct pknock_rule *rule)
{
	pknock_keys_free(rule);
	xa_digest_destroy(rule->close);
	xa_digest_destroy(rule->open);
	pknock_accepted_put(rule->accepted);
	if (rule->name)
		xa_named_put(&rule->name->named);
	kfree(rule);
}

static int pknock_rule_setup(struct pknock_rule *rule, const struct net *net,
			     const struct xt_pknock_mtinfo3 *info, u16 proto)
{
	const struct pknock_net *pn = net_generic(net, pknock_net_id);
	struct xa_named *obj = xa_named_get(pn->names, info->name, NULL);
	int ret;

	if (IS_ERR(obj))
		return PTR_ERR(obj);
	rule->name = container_of(obj, struct pknock_name, named);
	if (info->flags & XT_PKNOCK_CHECKIP)
		return 0;
	rule->time = info->time;
	rule->autoclose = info->autoclose;
	memcpy(rule->ports, info->ports, sizeof(rule->ports));
	rule->ports_count = info->ports_count;
	rule->proto = proto;
	rule->strict = info->flags & XT_PKNOCK_STRICT;
	rule->sequence = jhash(info->ports, sizeof(info->ports), proto);
	ret = pknock_open_attach(rule->name);
	if (ret < 0)
		return ret;
	if (info->flags & XT_PKNOCK_SECRETS || info->key_count)
		return pknock_rule_secrets(rule, net, info);
	/* The only knock is the last one: nobody waits for another. */
	return rule->ports_count > 1 ? pknock_waiting_attach(rule->name) : 0;
}

/* The rule that data of revision 3 are for, or an ERR_PTR */
static struct pknock_rule *
pknock_rule_create(const struct xt_mtchk_param *par,
		   const struct xt_pknock_mtinfo3 *info)
{
	u16 proto = pknock_entry_proto(par);
	struct pknock_rule *rule;
	const char *why = pknock_wrong(info, proto);
	int ret;

	if (why) {
		xa_net_info(par->net, "%s\n", why);
		return ERR_PTR(-EINVAL);
	}
	rule = kzalloc(sizeof(*rule), GFP_KERNEL_ACCOUNT);
	if (!rule)
		return ERR_PTR(-ENOMEM);
	ret = pknock_rule_setup(rule, par->net, info, proto);
	if (ret < 0) {
		pknock_rule_free(rule);
		return ERR_PTR(ret);
	}
	return rule;
}

static int pknock_mt_check_v3(const struct xt_mtchk_param *par)
{
	struct xt_pknock_mtinfo3 *info = par->matchinfo;
	struct pknock_rule *rule = pknock_rule_create(par, info);

	if (IS_ERR(rule))
		return PTR_ERR(rule);
	info->rule = rule;
	return 0;
}

/* Revision 2 is the beginning of revision 3, without keys. */
static int pknock_mt_check(const struct xt_mtchk_param *par)
{
	const unsigned int size = offsetof(struct xt_pknock_mtinfo, rule);
	struct xt_pknock_mtinfo *info = par->matchinfo;
	struct xt_pknock_mtinfo3 *info3;
	struct pknock_rule *rule;

	BUILD_BUG_ON(size != offsetof(struct xt_pknock_mtinfo3, key_count));
	if (info->flags & ~XT_PKNOCK_ALL) {
		xa_net_info(par->net, "unknown flags\n");
		return -EINVAL;
	}
	info3 = kzalloc(sizeof(*info3), GFP_KERNEL);
	if (!info3)
		return -ENOMEM;
	memcpy(info3, info, size);
	rule = pknock_rule_create(par, info3);
	kfree_sensitive(info3);
	if (IS_ERR(rule))
		return PTR_ERR(rule);
	info->rule = rule;
	return 0;
}

static void pknock_mt_destroy(const struct xt_mtdtor_param *par)
{
	const struct xt_pknock_mtinfo *info = par->matchinfo;

	pknock_rule_free(info->rule);
}

static void pknock_mt_destroy_v3(const struct xt_mtdtor_param *par)
{
	const struct xt_pknock_mtinfo3 *info = par->matchinfo;

	pknock_rule_free(info->rule);
}

static struct xt_match pknock_mt_reg[] __read_mostly = {
	{
		.name       = "pknock",
		.revision   = 2,
		.family     = NFPROTO_IPV4,
		.hooks      = XA_HOOKS_ANY,
		.checkentry = pknock_mt_check,
		.match      = pknock_mt4,
		.destroy    = pknock_mt_destroy,
		.matchsize  = sizeof(struct xt_pknock_mtinfo),
		.usersize   = offsetof(struct xt_pknock_mtinfo, rule),
		.me         = THIS_MODULE,
	},
	{
		.name       = "pknock",
		.revision   = 2,
		.family     = NFPROTO_IPV6,
		.hooks      = XA_HOOKS_ANY,
		.checkentry = pknock_mt_check,
		.match      = pknock_mt6,
		.destroy    = pknock_mt_destroy,
		.matchsize  = sizeof(struct xt_pknock_mtinfo),
		.usersize   = offsetof(struct xt_pknock_mtinfo, rule),
		.me         = THIS_MODULE,
	},
	{
		.name       = "pknock",
		.revision   = 3,
		.family     = NFPROTO_IPV4,
		.hooks      = XA_HOOKS_ANY,
		.checkentry = pknock_mt_check_v3,
		.match      = pknock_mt4_v3,
		.destroy    = pknock_mt_destroy_v3,
		.matchsize  = sizeof(struct xt_pknock_mtinfo3),
		.usersize   = offsetof(struct xt_pknock_mtinfo3, rule),
		.me         = THIS_MODULE,
	},
	{
		.name       = "pknock",
		.revision   = 3,
		.family     = NFPROTO_IPV6,
		.hooks      = XA_HOOKS_ANY,
		.checkentry = pknock_mt_check_v3,
		.match      = pknock_mt6_v3,
		.destroy    = pknock_mt_destroy_v3,
		.matchsize  = sizeof(struct xt_pknock_mtinfo3),
		.usersize   = offsetof(struct xt_pknock_mtinfo3, rule),
		.me         = THIS_MODULE,
	},
};

static int __net_init pknock_net_init(struct net *net)
{
	struct pknock_net *pn = net_generic(net, pknock_net_id);

	pn->began = ktime_get_boottime_seconds();
	pn->names = xa_named_net_create(net, &pknock_name_type);
	return PTR_ERR_OR_ZERO(pn->names);
}

static void __net_exit pknock_net_exit(struct net *net)
{
	struct pknock_net *pn = net_generic(net, pknock_net_id);

	xa_named_net_release(pn->names);
	pknock_accepted_put(pn->accepted);
}

static struct pernet_operations pknock_net_ops = {
	.init = pknock_net_init,
	.exit = pknock_net_exit,
	.id   = &pknock_net_id,
	.size = sizeof(struct pknock_net),
};

/* A parameter out of its range: loading goes on, rules wait for the module. */
static void __init pknock_param(const char *name, int *value, int min, int max,
				int otherwise)
{
	if (*value >= min && *value <= max)
		return;
	pr_warn("%s=%d is not within %d to %d: %d is used\n", name, *value,
		min, max, otherwise);
	*value = otherwise;
}

static void __init pknock_params(void)
{
	pknock_param("rule_hashsize", &rule_hashsize, 1, INT_MAX, 8);
	pknock_param("peer_hashsize", &pknock_peer_hashsize, 1,
		     PKNOCK_HASHSIZE_MAX,
		     pknock_peer_hashsize > 0 ? PKNOCK_HASHSIZE_MAX : 16);
	pknock_param("gc_expir_time", &pknock_gc_expir_time, PKNOCK_GC_MIN,
		     INT_MAX, PKNOCK_GC_MIN);
	if (pknock_nl_multicast_group < 0 || !IS_REACHABLE(CONFIG_CONNECTOR))
		pknock_nl_multicast_group = -1;
	pknock_param("nl_multicast_group", &pknock_nl_multicast_group, -1,
		     PKNOCK_GROUP_MAX, -1);
}

static int __init pknock_mt_init(void)
{
	int ret;

	pknock_params();
	pknock_hmac = xa_digest_load(PKNOCK_HMAC);
	if (IS_ERR(pknock_hmac))
		pr_warn("this kernel has no %s: rules with secrets are refused\n",
			PKNOCK_HMAC);
	ret = register_pernet_subsys(&pknock_net_ops);
	if (ret < 0)
		goto destroy_hmac;
	ret = xt_register_matches(pknock_mt_reg, ARRAY_SIZE(pknock_mt_reg));
	if (ret < 0)
		goto unregister_pernet;
	return 0;

unregister_pernet:
	unregister_pernet_subsys(&pknock_net_ops);
destroy_hmac:
	xa_digest_destroy(pknock_hmac);
	return ret;
}

static void __exit pknock_mt_exit(void)
{
	xt_unregister_matches(pknock_mt_reg, ARRAY_SIZE(pknock_mt_reg));
	unregister_pernet_subsys(&pknock_net_ops);
	xa_digest_destroy(pknock_hmac);
}

module_init(pknock_mt_init);
module_exit(pknock_mt_exit);

MODULE_AUTHOR("The xtables-anew project");
MODULE_DESCRIPTION("Xtables: match packets of hosts that have knocked");
MODULE_LICENSE("GPL");
MODULE_VERSION(XA_VERSION);
MODULE_ALIAS("ipt_pknock");
MODULE_ALIAS("ip6t_pknock");
MODULE_SOFTDEP("pre: sha256 hmac");
