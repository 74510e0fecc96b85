// SPDX-License-Identifier: GPL-2.0-only
/*
 * xt_condition - match while a variable is set
 *
 * A rule names a boolean variable of its network namespace. All rules with
 * that name, IPv4 and IPv6, share it; it begins as 0 with the first rule,
 * goes with the last, and is read and set through /proc/net/nf_condition/NAME.
 * A value may be set for some seconds; /proc/net/xt_condition/NAME says how many
 * are left.
 *
 * xa_named owns the variables' lifetime. The value itself is a single word that
 * packets read without a lock; the file and the timer write it. Time is that of
 * CLOCK_BOOTTIME in 64 bits: it goes on while the machine sleeps and does not wrap.
 */
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/ctype.h>
#include <linux/err.h>
#include <linux/hrtimer.h>
#include <linux/kernel.h>
#include <linux/ktime.h>
#include <linux/module.h>
#include <linux/moduleparam.h>
#include <linux/seq_file.h>
#include <linux/skbuff.h>
#include <linux/slab.h>
#include <linux/spinlock.h>
#include <linux/string.h>
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

/* What may be written, "1 2147483647\n", with its terminator, and one byte too many */
#define CONDITION_TEXT_SIZE	15

/**
 * struct condition - a variable
 * @named: first
 * @value: READ_ONCE by packets, WRITE_ONCE with @lock
 * @lock:  guards @value, @until and the start of @timer; taken by softirqs
 * @until: when the value changes to the other one; 0: it does not
 * @timer: runs until then
 */
struct condition {
	struct xa_named named;
	bool value;
	spinlock_t lock;	/* see above */
	ktime_t until;
	struct hrtimer timer;
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

/* Seconds until the value changes, rounded up; 0: it does not. */
static u64 condition_left(const struct condition *cond)
{
	s64 left;

	if (!cond->until)
		return 0;
	left = ktime_to_ns(ktime_sub(cond->until, ktime_get_boottime()));
	return div_u64(max_t(s64, left, 1) + NSEC_PER_SEC - 1, NSEC_PER_SEC);
}

static int condition_show_time(struct seq_file *m, void *v)
{
	struct condition *cond = condition_of(m->private);
	bool value;
	u64 left;

	spin_lock_bh(&cond->lock);
	value = cond->value;
	left = condition_left(cond);
	spin_unlock_bh(&cond->lock);
	if (left)
		seq_printf(m, "%u %llu\n", value, left);
	else
		seq_printf(m, "%u\n", value);
	return 0;
}

/* A write may have been faster, and have set another time. */
static enum hrtimer_restart condition_time_over(struct hrtimer *timer)
{
	struct condition *cond = container_of(timer, struct condition, timer);

	spin_lock(&cond->lock);
	if (cond->until && ktime_compare(ktime_get_boottime(), cond->until) >= 0) {
		WRITE_ONCE(cond->value, !cond->value);
		cond->until = 0;
	}
	spin_unlock(&cond->lock);
	return HRTIMER_NORESTART;
}

static void condition_set(struct condition *cond, bool value, unsigned int seconds)
{
	spin_lock_bh(&cond->lock);
	WRITE_ONCE(cond->value, value);
	if (seconds) {
		cond->until = ktime_add(ktime_get_boottime(), ktime_set(seconds, 0));
		hrtimer_start(&cond->timer, cond->until, HRTIMER_MODE_ABS_SOFT);
	} else {
		cond->until = 0;
		/* if it is running it sees that there is no time any more */
		hrtimer_try_to_cancel(&cond->timer);
	}
	spin_unlock_bh(&cond->lock);
}

/*
 * "0" or "1", alone or with a blank and the seconds behind it; with or without a
 * newline. Anything else changes nothing.
 */
static int condition_parse(char *text, bool *value, unsigned int *seconds)
{
	size_t len = strlen(text);
	int ret;

	if (len && text[len - 1] == '\n')
		text[len - 1] = '\0';
	if ((text[0] != '0' && text[0] != '1') || strchr(text, '\n'))
		return -EINVAL;
	*value = text[0] == '1';
	*seconds = 0;
	if (!text[1])
		return 0;
	if (text[1] != ' ' || !isdigit(text[2]))
		return -EINVAL;
	ret = kstrtouint(text + 2, 10, seconds);
	if (ret < 0 || *seconds < 1 || *seconds > INT_MAX)
		return -EINVAL;
	return 0;
}

static ssize_t condition_write(struct xa_named *obj, const char __user *ubuf,
			       size_t len, loff_t *ppos)
{
	char text[CONDITION_TEXT_SIZE];
	unsigned int seconds;
	bool value;

	if (len >= sizeof(text))
		return -EINVAL;
	if (copy_from_user(text, ubuf, len))
		return -EFAULT;
	text[len] = '\0';
	if (strlen(text) != len || condition_parse(text, &value, &seconds) < 0)
		return -EINVAL;
	condition_set(condition_of(obj), value, seconds);
	return len;
}

static const struct xa_named_file condition_file = {
	.show  = condition_show,
	.write = condition_write,
};

static const struct xa_named_file condition_time_file = {
	.show  = condition_show_time,
};

static struct xa_named *condition_create(struct net *net, const void *arg)
{
	struct condition *cond = kzalloc(sizeof(*cond), GFP_KERNEL_ACCOUNT);

	if (!cond)
		return ERR_PTR(-ENOMEM);
	spin_lock_init(&cond->lock);
	hrtimer_setup(&cond->timer, condition_time_over, CLOCK_BOOTTIME,
		      HRTIMER_MODE_ABS_SOFT);
	return &cond->named;
}

static void condition_free(struct xa_named *obj)
{
	struct condition *cond = condition_of(obj);

	hrtimer_cancel(&cond->timer);
	kfree(cond);
}

static const struct xa_named_type condition_type = {
	.owner   = THIS_MODULE,
	.dir     = "nf_condition",
	.file    = &condition_file,
	.dir2    = "xt_condition",
	.file2   = &condition_time_file,
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
