// SPDX-License-Identifier: GPL-2.0-only
/*
 * xt_DNETMAP_proc - the files of a prefix
 *
 * A.B.C.D_LEN has a line for each address that can be bound, and takes commands;
 * A.B.C.D_LEN_stat has the sums. Both read under RCU while bindings come and go:
 * a line is always one binding, and each address has one line.
 */
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/inet.h>
#include <linux/math64.h>
#include <linux/seq_file.h>
#include <linux/uaccess.h>

#include "xa_log.h"
#include "xt_DNETMAP_table.h"

static struct dnetmap_prefix *dnetmap_of(struct xa_named *obj)
{
	return container_of(obj, struct dnetmap_prefix, named);
}

/* ---- the bindings */

/* The position is the line; what show gets is the address's index, plus 1. */
static void *dnetmap_seq_start(struct seq_file *m, loff_t *pos)
{
	const struct dnetmap_prefix *p = dnetmap_of(m->private);

	if (*pos >= dnetmap_range_size(&p->range))
		return NULL;
	return (void *)(p->range.first + (unsigned long)*pos + 1);
}

static void *dnetmap_seq_next(struct seq_file *m, void *v, loff_t *pos)
{
	++*pos;
	return dnetmap_seq_start(m, pos);
}

static void dnetmap_seq_stop(struct seq_file *m, void *v)
{
}

static int dnetmap_seq_show(struct seq_file *m, void *v)
{
	const struct dnetmap_prefix *p = dnetmap_of(m->private);
	u32 index = (unsigned long)v - 1, now = dnetmap_now();
	__be32 pre = 0, post = htonl(p->range.base + index);
	const struct dnetmap_binding *b;
	u32 expires = 0, hit = 0;

	rcu_read_lock();
	b = dnetmap_at(p, index);
	if (b) {
		expires = READ_ONCE(b->expires);
		hit = READ_ONCE(b->hit);
		/* it may have got another address since it was found */
		if (dnetmap_left(expires, now) && dnetmap_post(b) == post)
			pre = b->pre;
	}
	rcu_read_unlock();
	if (!pre)
		seq_printf(m, "0.0.0.0 -> %pI4 --- ttl: 0 lasthit: 0\n", &post);
	else if (expires == DNETMAP_FIXED)
		seq_printf(m, "%pI4 -> %pI4 --- ttl: S lasthit: S\n",
			   &pre, &post);
	else
		seq_printf(m, "%pI4 -> %pI4 --- ttl: %u lasthit: %u\n",
			   &pre, &post, dnetmap_left(expires, now), hit);
	return 0;
}

static const struct seq_operations dnetmap_seq_ops = {
	.start = dnetmap_seq_start,
	.next  = dnetmap_seq_next,
	.stop  = dnetmap_seq_stop,
	.show  = dnetmap_seq_show,
};

/* ---- commands */

static void dnetmap_set_persistent(struct dnetmap_prefix *p, bool on)
{
	__be32 base = htonl(p->range.base);

	WRITE_ONCE(p->persistent, on);
	dnetmap_log(p->net, "prefix %pI4/%u is now %spersistent\n", &base,
		    p->range.len, on ? "" : "non-");
	if (!on)
		xa_named_reap(&p->named);
}

static int dnetmap_obey(struct dnetmap_prefix *p,
			const struct dnetmap_command *cmd)
{
	__be32 base = htonl(p->range.base);

	switch (cmd->verb) {
	case DNETMAP_BIND:
		return dnetmap_fix(p, htonl(cmd->a), htonl(cmd->b));
	case DNETMAP_UNBIND:
		return dnetmap_release(p, htonl(cmd->a));
	case DNETMAP_PERSIST:
		dnetmap_set_persistent(p, true);
		return 0;
	case DNETMAP_DESIST:
		dnetmap_set_persistent(p, false);
		return 0;
	case DNETMAP_FLUSH:
		dnetmap_log(p->net, "flushing prefix %pI4/%u\n", &base,
			    p->range.len);
		dnetmap_flush(p);
		return 0;
	default:
		return -EINVAL;
	}
}

/*
 * One command a write. The position stays, so a descriptor takes any number of
 * them.
 */
static ssize_t dnetmap_write(struct xa_named *obj, const char __user *ubuf,
			     size_t len, loff_t *ppos)
{
	struct dnetmap_prefix *p = dnetmap_of(obj);
	char buf[DNETMAP_COMMAND_MAX];
	struct dnetmap_command cmd;
	int ret;

	if (*ppos != 0)
		return -ESPIPE;
	if (len < 1 || len > sizeof(buf))
		return -EINVAL;
	if (copy_from_user(buf, ubuf, len))
		return -EFAULT;
	cmd = dnetmap_parse(buf, len);
	ret = dnetmap_obey(p, &cmd);
	if (ret == -EINVAL)
		xa_net_info(p->net, "%s: a command that is not understood, or an address that is not bound or cannot be\n",
			    p->named.name);
	return ret < 0 ? ret : len;
}

const struct xa_named_file dnetmap_file = {
	.seq   = &dnetmap_seq_ops,
	.write = dnetmap_write,
};

/* ---- sums */

static int dnetmap_stat_show(struct seq_file *m, void *v)
{
	struct dnetmap_prefix *p = dnetmap_of(m->private);
	struct dnetmap_stats stats;
	u64 mean = 0;

	dnetmap_stats(p, &stats);
	if (stats.dynamic > 0)
		mean = div_u64(stats.left, stats.dynamic);
	seq_printf(m, "%u %u %u %llu %s\n", stats.dynamic, stats.fixed,
		   dnetmap_range_size(&p->range), mean,
		   READ_ONCE(p->persistent) ? "persistent" : "");
	return 0;
}

const struct xa_named_file dnetmap_stat_file = {
	.show = dnetmap_stat_show,
};
