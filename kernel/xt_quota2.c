// SPDX-License-Identifier: GPL-2.0-only
/*
 * xt_quota2 - named counters that packets consume or increment
 *
 * A rule names a counter of its network namespace. All rules with that name,
 * IPv4 and IPv6, share it; it begins with the first rule's --quota, goes with
 * the last rule, and is read and set through /proc/net/xt_quota/NAME. A rule
 * without a name has a counter of its own, and no file.
 *
 * Packets count exactly, whatever CPUs they are on, and mostly without a lock:
 * see xt_quota2_credit.h. xa_named owns the lifetime of named counters. When
 * one is used up, listeners of the generic netlink group are told by a work
 * item, so that packets do not allocate and messages cannot become a flood.
 */
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/ctype.h>
#include <linux/err.h>
#include <linux/jiffies.h>
#include <linux/kernel.h>
#include <linux/module.h>
#include <linux/moduleparam.h>
#include <linux/mutex.h>
#include <linux/percpu.h>
#include <linux/seq_file.h>
#include <linux/skbuff.h>
#include <linux/slab.h>
#include <linux/string.h>
#include <linux/uaccess.h>
#include <linux/workqueue.h>
#include <linux/netfilter/x_tables.h>
#include <net/genetlink.h>
#include <net/net_namespace.h>
#include <net/netns/generic.h>

#include "xa_gso.h"
#include "xa_hooks.h"
#include "xa_log.h"
#include "xa_named.h"
#include "xa_version.h"
#include "xt_quota2.h"
#include "xt_quota2_credit.h"

static unsigned int quota2_perms = 0644;
module_param_named(perms, quota2_perms, uint, 0644);
MODULE_PARM_DESC(perms, "access mode of new /proc/net/xt_quota files");
static unsigned int quota2_uid;
module_param_named(uid, quota2_uid, uint, 0644);
MODULE_PARM_DESC(uid, "owner of new files");
static unsigned int quota2_gid;
module_param_named(gid, quota2_gid, uint, 0644);
MODULE_PARM_DESC(gid, "group of new files");

/* Bytes of a write to a file, at most: all that makes sense is shorter. */
#define QUOTA2_TEXT_LEN		32

/* Jiffies between two messages about a counter, at least. */
#define QUOTA2_TELL_INTERVAL	HZ

/**
 * struct quota2_counter - what the rules of a name share
 * @credit: the value
 * @named:  lifetime and name; the name is empty if the counter is a rule's own
 * @net:    the namespace, which outlives all rules in it and all open files
 * @file:   one reader or writer of the file at a time competes with packets
 * @tell:   sends the message that the counter is used up
 * @told:   jiffies of the last message; READ_ONCE/WRITE_ONCE
 */
struct quota2_counter {
	struct quota2_credit credit;
	struct xa_named named;
	struct net *net;
	struct mutex file;
	struct delayed_work tell;
	unsigned long told;
};

static unsigned int quota2_net_id __read_mostly;

struct quota2_net {
	struct xa_named_net *counters;
};

/* ---- messages */

static const struct genl_multicast_group quota2_groups[] = {
	{ .name = XT_QUOTA2_GENL_GROUP },
};

static struct genl_family quota2_family __ro_after_init = {
	.name     = XT_QUOTA2_GENL_NAME,
	.version  = XT_QUOTA2_GENL_VERSION,
	.netnsok  = true,
	.module   = THIS_MODULE,
	.mcgrps   = quota2_groups,
	.n_mcgrps = ARRAY_SIZE(quota2_groups),
};

static void quota2_tell(struct work_struct *work)
{
	struct quota2_counter *counter =
		container_of(to_delayed_work(work), struct quota2_counter, tell);
	struct sk_buff *skb;
	void *hdr;

	WRITE_ONCE(counter->told, jiffies);
	if (!genl_has_listeners(&quota2_family, counter->net, 0))
		return;
	skb = genlmsg_new(nla_total_size(XT_QUOTA2_NAME_LEN), GFP_KERNEL);
	if (!skb)
		return;
	hdr = genlmsg_put(skb, 0, 0, &quota2_family, 0, XT_QUOTA2_CMD_USED_UP);
	if (!hdr || nla_put_string(skb, XT_QUOTA2_ATTR_NAME,
				   counter->named.name)) {
		nlmsg_free(skb);
		return;
	}
	genlmsg_end(skb, hdr);
	genlmsg_multicast_netns(&quota2_family, counter->net, skb, 0, 0,
				GFP_KERNEL);
}

/* At once, or when the interval since the last message is over. */
static void quota2_used_up(struct quota2_counter *counter)
{
	long since = jiffies - READ_ONCE(counter->told);

	if (counter->named.name[0])
		schedule_delayed_work(&counter->tell,
				      clamp_t(long, QUOTA2_TELL_INTERVAL - since,
					      0, QUOTA2_TELL_INTERVAL));
}

/* ---- files */

static struct quota2_counter *quota2_of(struct xa_named *obj)
{
	return container_of(obj, struct quota2_counter, named);
}

static int quota2_show(struct seq_file *m, void *v)
{
	struct quota2_counter *counter = quota2_of(m->private);
	bool used_up = false;

	mutex_lock(&counter->file);
	seq_printf(m, "%llu\n", quota2_read(&counter->credit, &used_up));
	mutex_unlock(&counter->file);
	if (used_up)
		quota2_used_up(counter);
	return 0;
}

/* N, +N or -N, N as in C; with or without a newline. */
static int quota2_parse(const char *text, char *sign, u64 *n)
{
	*sign = *text == '+' || *text == '-' ? *text++ : '=';
	if (!isdigit(*text) || kstrtou64(text, 0, n))
		return -EINVAL;
	return 0;
}

static ssize_t quota2_write_file(struct xa_named *obj, const char __user *ubuf,
				 size_t len, loff_t *ppos)
{
	struct quota2_counter *counter = quota2_of(obj);
	char text[QUOTA2_TEXT_LEN] = "", sign;
	u64 n;

	if (len >= sizeof(text))
		return -EINVAL;
	if (copy_from_user(text, ubuf, len))
		return -EFAULT;
	if (strlen(text) != len || quota2_parse(text, &sign, &n))
		return -EINVAL;
	mutex_lock(&counter->file);
	quota2_write(&counter->credit, sign, n);
	mutex_unlock(&counter->file);
	return len;
}

static const struct xa_named_file quota2_file = {
	.show  = quota2_show,
	.write = quota2_write_file,
};

/* ---- counters */

static struct xa_named *quota2_create(struct net *net, const void *arg)
{
	const struct xt_quota2_mtinfo *info = arg;
	struct quota2_counter *counter;

	counter = kzalloc(sizeof(*counter), GFP_KERNEL_ACCOUNT);
	if (!counter)
		return ERR_PTR(-ENOMEM);
	counter->credit.slot = alloc_percpu_gfp(atomic64_t, GFP_KERNEL_ACCOUNT);
	if (!counter->credit.slot) {
		kfree(counter);
		return ERR_PTR(-ENOMEM);
	}
	quota2_credit_init(&counter->credit, info->quota, num_online_cpus());
	counter->net = net;
	mutex_init(&counter->file);
	INIT_DELAYED_WORK(&counter->tell, quota2_tell);
	counter->told = jiffies - QUOTA2_TELL_INTERVAL;
	return &counter->named;
}

static void quota2_free(struct xa_named *obj)
{
	struct quota2_counter *counter = quota2_of(obj);

	cancel_delayed_work_sync(&counter->tell);
	mutex_destroy(&counter->file);
	free_percpu(counter->credit.slot);
	kfree(counter);
}

static const struct xa_named_type quota2_type = {
	.owner   = THIS_MODULE,
	.dir     = "xt_quota",
	.file    = &quota2_file,
	.mode    = &quota2_perms,
	.uid     = &quota2_uid,
	.gid     = &quota2_gid,
	.create  = quota2_create,
	.destroy = quota2_free,
};

/* ---- the match */

static u64 quota2_need(const struct sk_buff *skb, u8 flags)
{
	struct xa_units units = xa_units(skb);

	return flags & XT_QUOTA2_PACKETS ? units.packets : units.bytes;
}

static bool quota2_mt(const struct sk_buff *skb, struct xt_action_param *par)
{
	const struct xt_quota2_mtinfo *info = par->matchinfo;
	struct quota2_counter *counter = info->counter;
	atomic64_t *slot = raw_cpu_ptr(counter->credit.slot);
	u64 need = quota2_need(skb, info->flags);
	bool enough, used_up = false;

	if (info->flags & XT_QUOTA2_GROW) {
		if (!(info->flags & XT_QUOTA2_NO_CHANGE))
			quota2_grow(&counter->credit, slot, need);
		return true;
	}
	if (info->flags & XT_QUOTA2_NO_CHANGE)
		enough = quota2_peek(&counter->credit, slot, need, &used_up);
	else
		enough = quota2_take(&counter->credit, slot, need, &used_up);
	if (unlikely(used_up))
		quota2_used_up(counter);
	return enough ^ !!(info->flags & XT_QUOTA2_INVERT);
}

static int quota2_check_name(const struct xt_quota2_mtinfo *info)
{
	if (!memchr_inv(info->name, 0, sizeof(info->name)))
		return 0;
	if (info->name[0] == '.')
		return -EINVAL;
	return xa_named_check(&quota2_type, info->name, sizeof(info->name));
}

static int quota2_mt_check(const struct xt_mtchk_param *par)
{
	struct xt_quota2_mtinfo *info = par->matchinfo;
	struct quota2_net *qn = net_generic(par->net, quota2_net_id);
	struct xa_named *obj;

	if (info->flags & ~XT_QUOTA2_MASK ||
	    memchr_inv(info->pad, 0, sizeof(info->pad))) {
		xa_net_info(par->net, "flags 0x%x or bytes behind them are unknown\n",
			    info->flags);
		return -EINVAL;
	}
	if (quota2_check_name(info) < 0) {
		xa_net_info(par->net, "name begins with a dot, is too long, or has a \"/\" or a control character\n");
		return -EINVAL;
	}
	if (info->name[0])
		obj = xa_named_get(qn->counters, info->name, info);
	else
		obj = quota2_create(par->net, info);
	if (IS_ERR(obj))
		return PTR_ERR(obj);
	info->counter = quota2_of(obj);
	return 0;
}

static void quota2_mt_destroy(const struct xt_mtdtor_param *par)
{
	const struct xt_quota2_mtinfo *info = par->matchinfo;
	struct xa_named *obj = &info->counter->named;

	if (info->name[0])
		xa_named_put(obj);
	else
		quota2_free(obj);
}

static struct xt_match quota2_mt_reg[] __read_mostly = {
	{
		.name       = "quota2",
		.revision   = 4,
		.family     = NFPROTO_IPV4,
		.hooks      = XA_HOOKS_ANY,
		.checkentry = quota2_mt_check,
		.match      = quota2_mt,
		.destroy    = quota2_mt_destroy,
		.matchsize  = sizeof(struct xt_quota2_mtinfo),
		.usersize   = offsetof(struct xt_quota2_mtinfo, counter),
		.me         = THIS_MODULE,
	},
	{
		.name       = "quota2",
		.revision   = 4,
		.family     = NFPROTO_IPV6,
		.hooks      = XA_HOOKS_ANY,
		.checkentry = quota2_mt_check,
		.match      = quota2_mt,
		.destroy    = quota2_mt_destroy,
		.matchsize  = sizeof(struct xt_quota2_mtinfo),
		.usersize   = offsetof(struct xt_quota2_mtinfo, counter),
		.me         = THIS_MODULE,
	},
};

static int __net_init quota2_net_init(struct net *net)
{
	struct quota2_net *qn = net_generic(net, quota2_net_id);

	qn->counters = xa_named_net_create(net, &quota2_type);
	return PTR_ERR_OR_ZERO(qn->counters);
}

static void __net_exit quota2_net_exit(struct net *net)
{
	struct quota2_net *qn = net_generic(net, quota2_net_id);

	xa_named_net_release(qn->counters);
}

static struct pernet_operations quota2_net_ops = {
	.init = quota2_net_init,
	.exit = quota2_net_exit,
	.id   = &quota2_net_id,
	.size = sizeof(struct quota2_net),
};

static int __init quota2_mt_init(void)
{
	int ret = register_pernet_subsys(&quota2_net_ops);

	if (ret < 0)
		return ret;
	ret = genl_register_family(&quota2_family);
	if (ret < 0)
		goto unregister_pernet;
	ret = xt_register_matches(quota2_mt_reg, ARRAY_SIZE(quota2_mt_reg));
	if (ret < 0)
		goto unregister_family;
	return 0;

unregister_family:
	genl_unregister_family(&quota2_family);
unregister_pernet:
	unregister_pernet_subsys(&quota2_net_ops);
	return ret;
}

static void __exit quota2_mt_exit(void)
{
	xt_unregister_matches(quota2_mt_reg, ARRAY_SIZE(quota2_mt_reg));
	genl_unregister_family(&quota2_family);
	unregister_pernet_subsys(&quota2_net_ops);
}

module_init(quota2_mt_init);
module_exit(quota2_mt_exit);

MODULE_AUTHOR("The xtables-anew project");
MODULE_DESCRIPTION("Xtables: named counters that packets consume or increment");
MODULE_LICENSE("GPL");
MODULE_VERSION(XA_VERSION);
MODULE_ALIAS("ipt_quota2");
MODULE_ALIAS("ip6t_quota2");
MODULE_ALIAS_GENL_FAMILY(XT_QUOTA2_GENL_NAME);
