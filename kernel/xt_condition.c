// SPDX-License-Identifier: GPL-2.0-only
/*
 * xt_condition - match while a variable is set
 *
 * A rule names a boolean variable of its network namespace. All rules with
 * that name, IPv4 and IPv6, share it; it begins as 0 with the first rule,
 * goes with the last, and is read and set through /proc/net/nf_condition/NAME.
 *
 * xa_named owns the variables' lifetime. The value itself is a single word
 * without a lock: written by the file, read by packets.
 */
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/err.h>
#include <linux/module.h>
#include <linux/moduleparam.h>
#include <linux/seq_file.h>
#include <linux/skbuff.h>
#include <linux/slab.h>
#include <linux/uaccess.h>
#include <linux/netfilter/x_tables.h>
#include <net/net_namespace.h>
#include <net/netns/generic.h>

#include "xa_hooks.h"
#include "xa_log.h"
#include "xa_named.h"
#include "xa_version.h"
#include "xt_condition.h"

static unsigned int condition_list_perms = 0644;
module_param(condition_list_perms, uint, 0600);
MODULE_PARM_DESC(condition_list_perms, "access mode of new /proc/net/nf_condition files");
static unsigned int condition_uid_perms;
module_param(condition_uid_perms, uint, 0600);
MODULE_PARM_DESC(condition_uid_perms, "owner of new files");
static unsigned int condition_gid_perms;
module_param(condition_gid_perms, uint, 0600);
MODULE_PARM_DESC(condition_gid_perms, "group of new files");

struct condition {
	struct xa_named named;
	bool value;		/* READ_ONCE/WRITE_ONCE */
};

static unsigned int condition_net_id __read_mostly;

struct condition_net {
	struct xa_named_net *variables;
};

static struct condition *condition_of(struct xa_named *obj)
{
	return container_of(obj, struct condition, named);
}

static int condition_show(struct seq_file *m, void *v)
{
	const struct condition *cond = condition_of(m->private);

	seq_puts(m, READ_ONCE(cond->value) ? "1\n" : "0\n");
	return 0;
}

/* "0" or "1", with or without a newline; anything else changes nothing. */
static ssize_t condition_write(struct xa_named *obj, const char __user *ubuf,
			       size_t len, loff_t *ppos)
{
	char buf[2] = "";

	if (len < 1 || len > sizeof(buf))
		return -EINVAL;
	if (copy_from_user(buf, ubuf, len))
		return -EFAULT;
	if ((buf[0] != '0' && buf[0] != '1') || (len == 2 && buf[1] != '\n'))
		return -EINVAL;
	WRITE_ONCE(condition_of(obj)->value, buf[0] == '1');
	return len;
}

static const struct xa_named_file condition_file = {
	.show  = condition_show,
	.write = condition_write,
};

static struct xa_named *condition_create(struct net *net, const void *arg)
{
	struct condition *cond = kzalloc(sizeof(*cond), GFP_KERNEL_ACCOUNT);

	return cond ? &cond->named : ERR_PTR(-ENOMEM);
}

static void condition_free(struct xa_named *obj)
{
	kfree(condition_of(obj));
}

static const struct xa_named_type condition_type = {
	.owner   = THIS_MODULE,
	.dir     = "nf_condition",
	.file    = &condition_file,
	.mode    = &condition_list_perms,
	.uid     = &condition_uid_perms,
	.gid     = &condition_gid_perms,
	.create  = condition_create,
	.destroy = condition_free,
};

static bool condition_mt(const struct sk_buff *skb, struct xt_action_param *par)
{
	const struct xt_condition_mtinfo *info = par->matchinfo;

	return READ_ONCE(info->cond->value) ^ info->invert;
}

static int condition_mt_check(const struct xt_mtchk_param *par)
{
	struct xt_condition_mtinfo *info = par->matchinfo;
	struct condition_net *cn = net_generic(par->net, condition_net_id);
	struct xa_named *obj;

	if (xa_named_check(&condition_type, info->name,
			   sizeof(info->name)) < 0) {
		xa_net_info(par->net, "name is empty, \".\", \"..\", too long, or has a \"/\" or a control character\n");
		return -EINVAL;
	}
	if (info->invert > 1) {
		xa_net_info(par->net, "invert is %u, not 0 or 1\n",
			    info->invert);
		return -EINVAL;
	}
	obj = xa_named_get(cn->variables, info->name, NULL);
	if (IS_ERR(obj))
		return PTR_ERR(obj);
	info->cond = condition_of(obj);
	return 0;
}

static void condition_mt_destroy(const struct xt_mtdtor_param *par)
{
	const struct xt_condition_mtinfo *info = par->matchinfo;

	xa_named_put(&info->cond->named);
}

static struct xt_match condition_mt_reg[] __read_mostly = {
	{
		.name       = "condition",
		.revision   = 1,
		.family     = NFPROTO_IPV4,
		.hooks      = XA_HOOKS_ANY,
		.checkentry = condition_mt_check,
		.match      = condition_mt,
		.destroy    = condition_mt_destroy,
		.matchsize  = sizeof(struct xt_condition_mtinfo),
		.usersize   = offsetof(struct xt_condition_mtinfo, cond),
		.me         = THIS_MODULE,
	},
	{
		.name       = "condition",
		.revision   = 1,
		.family     = NFPROTO_IPV6,
		.hooks      = XA_HOOKS_ANY,
		.checkentry = condition_mt_check,
		.match      = condition_mt,
		.destroy    = condition_mt_destroy,
		.matchsize  = sizeof(struct xt_condition_mtinfo),
		.usersize   = offsetof(struct xt_condition_mtinfo, cond),
		.me         = THIS_MODULE,
	},
};

static int __net_init condition_net_init(struct net *net)
{
	struct condition_net *cn = net_generic(net, condition_net_id);

	cn->variables = xa_named_net_create(net, &condition_type);
	return PTR_ERR_OR_ZERO(cn->variables);
}

static void __net_exit condition_net_exit(struct net *net)
{
	struct condition_net *cn = net_generic(net, condition_net_id);

	xa_named_net_release(cn->variables);
}

static struct pernet_operations condition_net_ops = {
	.init = condition_net_init,
	.exit = condition_net_exit,
	.id   = &condition_net_id,
	.size = sizeof(struct condition_net),
};

static int __init condition_mt_init(void)
{
	int ret = register_pernet_subsys(&condition_net_ops);

	if (ret < 0)
		return ret;
	ret = xt_register_matches(condition_mt_reg,
				  ARRAY_SIZE(condition_mt_reg));
	if (ret < 0)
		unregister_pernet_subsys(&condition_net_ops);
	return ret;
}

static void __exit condition_mt_exit(void)
{
	xt_unregister_matches(condition_mt_reg, ARRAY_SIZE(condition_mt_reg));
	unregister_pernet_subsys(&condition_net_ops);
}

module_init(condition_mt_init);
module_exit(condition_mt_exit);

MODULE_AUTHOR("The xtables-anew project");
MODULE_DESCRIPTION("Xtables: match while a variable is set");
MODULE_LICENSE("GPL");
MODULE_VERSION(XA_VERSION);
MODULE_ALIAS("ipt_condition");
MODULE_ALIAS("ip6t_condition");
