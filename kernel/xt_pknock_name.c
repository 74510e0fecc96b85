// SPDX-License-Identifier: GPL-2.0-only
/*
 * xt_pknock - what the rules of a name share, and /proc/net/xt_pknock/NAME
 *
 * What has expired is of no effect from that moment on. The collector only
 * makes room; it sleeps while there is nothing that can expire.
 */
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/err.h>
#include <linux/jiffies.h>
#include <linux/log2.h>
#include <linux/mm.h>
#include <linux/module.h>
#include <linux/random.h>
#include <linux/sched.h>
#include <linux/seq_file.h>
#include <linux/slab.h>
#include <linux/timekeeping.h>

#include "xt_pknock_priv.h"

/* Seconds since boot, sleep included, for what lasts minutes. */
u32 pknock_now(void)
{
	return div_u64(ktime_get_coarse_boottime_ns(), NSEC_PER_SEC);
}

/* Something can expire. Context: any. */
void pknock_gc_later(struct pknock_name *n)
{
	queue_delayed_work(system_power_efficient_wq, &n->gc,
			   msecs_to_jiffies(pknock_gc_expir_time));
}

static void pknock_gc(struct work_struct *work)
{
	struct pknock_name *n = container_of(to_delayed_work(work),
					     struct pknock_name, gc);
	bool some = false;
	u32 i;

	for (i = 0; i < n->heads; ++i) {
		spin_lock_bh(&n->lock);
		some |= pknock_open_sweep(n, i);
		if (i < n->buckets)
			some |= pknock_waiting_sweep(n, i);
		spin_unlock_bh(&n->lock);
		cond_resched();
	}
	if (some)
		pknock_gc_later(n);
}

static struct xa_named *pknock_name_create(struct net *net, const void *arg)
{
	struct pknock_name *n = kzalloc(sizeof(*n), GFP_KERNEL_ACCOUNT);

	if (!n)
		return ERR_PTR(-ENOMEM);
	n->buckets = roundup_pow_of_two(pknock_peer_hashsize);
	get_random_bytes(&n->seed, sizeof(n->seed));
	get_random_bytes(n->keys, sizeof(n->keys));
	spin_lock_init(&n->lock);
	pknock_open_init(n);
	INIT_DELAYED_WORK(&n->gc, pknock_gc);
	return &n->named;
}

static void pknock_name_destroy(struct xa_named *obj)
{
	struct pknock_name *n = container_of(obj, struct pknock_name, named);

	cancel_delayed_work_sync(&n->gc);
	pknock_open_free(n);
	kvfree(n->waiting);
	kfree(n);
}

/* Begin of a line; the caller goes on. */
void pknock_show_host(struct seq_file *m, const struct pknock_src *src,
		      u8 proto, const char *status, unsigned int knocks)
{
	if (src->family == NFPROTO_IPV4)
		seq_printf(m, "src=%pI4", src->ip);
	else
		seq_printf(m, "src=%pI6c", src->ip);
	seq_printf(m, " proto=%s status=%s accepted_knock_count=%u ",
		   proto == IPPROTO_TCP ? "TCP" : "UDP", status, knocks);
}

static struct pknock_name *pknock_of(const struct seq_file *m)
{
	struct xa_named *obj = m->private;

	return container_of(obj, struct pknock_name, named);
}

/* A position is a list of those who are in, then a bucket of those who wait. */
static void *pknock_seq_at(struct seq_file *m, loff_t pos)
{
	const struct pknock_name *n = pknock_of(m);

	return pos < (loff_t)pknock_open_heads(n) + n->buckets ?
	       (void *)(unsigned long)(pos + 1) : NULL;
}

static void *pknock_seq_start(struct seq_file *m, loff_t *pos)
{
	return pknock_seq_at(m, *pos);
}

static void *pknock_seq_next(struct seq_file *m, void *v, loff_t *pos)
{
	return pknock_seq_at(m, ++*pos);
}

static void pknock_seq_stop(struct seq_file *m, void *v)
{
}

static int pknock_seq_show(struct seq_file *m, void *v)
{
	struct pknock_name *n = pknock_of(m);
	u32 at = (unsigned long)v - 1, heads = pknock_open_heads(n);

	if (at < heads)
		pknock_open_show(m, n, at);
	else
		pknock_waiting_show(m, n, at - heads);
	return 0;
}

static const struct seq_operations pknock_seq_ops = {
	.start = pknock_seq_start,
	.next  = pknock_seq_next,
	.stop  = pknock_seq_stop,
	.show  = pknock_seq_show,
};

static const struct xa_named_file pknock_file = {
	.seq   = &pknock_seq_ops,
	.write = pknock_write,
};

static const unsigned int pknock_proc_mode = 0644, pknock_proc_owner;

const struct xa_named_type pknock_name_type = {
	.owner   = THIS_MODULE,
	.dir     = "xt_pknock",
	.file    = &pknock_file,
	.mode    = &pknock_proc_mode,
	.uid     = &pknock_proc_owner,
	.gid     = &pknock_proc_owner,
	.create  = pknock_name_create,
	.destroy = pknock_name_destroy,
};
