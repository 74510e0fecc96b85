// SPDX-License-Identifier: GPL-2.0-only
/*
 * xa_stat - counters of what extensions did in a network namespace
 *
 * Each CPU has its own; a file /proc/net/xt_stat/EXTENSION adds them up, one line for each:
 * its name and its value. They begin at 0 with the namespace, or when the module is loaded, and
 * are never reset. Only what was done is counted, never what was looked at.
 *
 * The files are xa_named's: its objects are the extensions, and are there as long as the
 * namespace. No locks: a CPU writes its own with softirqs off.
 */
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/bottom_half.h>
#include <linux/err.h>
#include <linux/module.h>
#include <linux/percpu.h>
#include <linux/preempt.h>
#include <linux/seq_file.h>
#include <linux/slab.h>
#include <linux/u64_stats_sync.h>
#include <net/net_namespace.h>
#include <net/netns/generic.h>

#include "xa_named.h"
#include "xa_stat.h"
#include "xa_version.h"

/**
 * struct xa_stat_group - the counters of an extension
 * @name:  of its file
 * @first: in &enum xa_stat; the next group's is behind its last one
 */
struct xa_stat_group {
	const char *name;
	enum xa_stat first;
};

static const struct xa_stat_group xa_stat_groups[] = {
	{ "TARPIT", XA_STAT_TARPIT_ANSWERS },
	{ "DELUDE", XA_STAT_DELUDE_ANSWERS },
	{ "CHAOS",  XA_STAT_CHAOS_ICMP },
	{ "ECHO",   XA_STAT_ECHO_ANSWERS },
	{ "psd",    XA_STAT_PSD_MATCHES },
	{ "lscan",  XA_STAT_LSCAN_MIRAI },
	{ "pknock", XA_STAT_PKNOCK_LET_IN },
};

static const char *const xa_stat_names[XA_STATS] = {
	[XA_STAT_TARPIT_ANSWERS]   = "tarpit_answers",
	[XA_STAT_TARPIT_SYNS]      = "tarpit_syns",
	[XA_STAT_TARPIT_DATA]      = "tarpit_data_segments",
	[XA_STAT_TARPIT_BYTES]     = "tarpit_data_bytes",
	[XA_STAT_TARPIT_RESETS]    = "tarpit_resets",
	[XA_STAT_HONEYPOT_ANSWERS] = "honeypot_answers",
	[XA_STAT_HONEYPOT_SYNS]    = "honeypot_syns",
	[XA_STAT_HONEYPOT_DATA]    = "honeypot_data_segments",
	[XA_STAT_HONEYPOT_BYTES]   = "honeypot_data_bytes",
	[XA_STAT_HONEYPOT_RESETS]  = "honeypot_resets",
	[XA_STAT_RESET_ANSWERS]    = "reset_answers",
	[XA_STAT_RESET_SYNS]       = "reset_syns",
	[XA_STAT_RESET_DATA]       = "reset_data_segments",
	[XA_STAT_RESET_BYTES]      = "reset_data_bytes",
	[XA_STAT_RESET_RESETS]     = "reset_resets",
	[XA_STAT_DELUDE_ANSWERS]   = "answers",
	[XA_STAT_DELUDE_SYNS]      = "syns",
	[XA_STAT_DELUDE_DATA]      = "data_segments",
	[XA_STAT_DELUDE_BYTES]     = "data_bytes",
	[XA_STAT_DELUDE_RESETS]    = "resets",
	[XA_STAT_CHAOS_ICMP]       = "icmp_errors",
	[XA_STAT_CHAOS_TCP]        = "tcp_answers",
	[XA_STAT_CHAOS_NOTHING]    = "unanswered",
	[XA_STAT_ECHO_ANSWERS]     = "answers",
	[XA_STAT_ECHO_BYTES]       = "data_bytes",
	[XA_STAT_PSD_MATCHES]      = "matches",
	[XA_STAT_LSCAN_MIRAI]      = "mirai_matches",
	[XA_STAT_LSCAN_SCANS]      = "scan_matches",
	[XA_STAT_PKNOCK_LET_IN]    = "let_in",
	[XA_STAT_PKNOCK_SHUT_OUT]  = "shut_out",
};

/* Counters of one CPU, which alone writes them */
struct xa_stat_cpu {
	u64 value[XA_STATS];
	struct u64_stats_sync sync;
};

/**
 * struct xa_stat_net - counters of a namespace
 * @cpu:   until the namespace has gone, and no packet is in it any more
 * @files: registry
 * @obj:   of each group, referenced
 */
struct xa_stat_net {
	struct xa_stat_cpu __percpu *cpu;
	struct xa_named_net *files;
	struct xa_named *obj[ARRAY_SIZE(xa_stat_groups)];
};

/**
 * struct xa_stat_file - the file of a group
 * @named: head
 * @cpu:   of the namespace, which an open file refers to
 * @group: constant
 */
struct xa_stat_file {
	struct xa_named named;
	struct xa_stat_cpu __percpu *cpu;
	const struct xa_stat_group *group;
};

static unsigned int xa_stat_net_id __read_mostly;

static const unsigned int xa_stat_mode = 0444;
static const unsigned int xa_stat_owner;

/**
 * xa_stat_add_row - count with some counters that follow each other
 * @net:   namespace that is not going
 * @first: the first of them
 * @add:   what to add to each
 * @n:     how many
 *
 * Softirqs are off meanwhile, as they nearly always are already, so this CPU is the only
 * writer, and plain additions do; those of u64_stats_t are atomic ones on machines other
 * than x86. PREEMPT_RT lets another task have the CPU in spite of that.
 *
 * Context: packet path, softirqs on or off.
 */
void xa_stat_add_row(struct net *net, enum xa_stat first, const unsigned int *add,
		     unsigned int n)
{
	const struct xa_stat_net *sn = net_generic(net, xa_stat_net_id);
	bool on = IS_ENABLED(CONFIG_PREEMPT_RT) || !in_softirq();
	struct xa_stat_cpu *cpu;
	unsigned int i;

	if (on)
		local_bh_disable();
	if (IS_ENABLED(CONFIG_PREEMPT_RT))
		preempt_disable();
	cpu = this_cpu_ptr(sn->cpu);
	u64_stats_update_begin(&cpu->sync);
	for (i = 0; i < n; ++i)
		WRITE_ONCE(cpu->value[first + i], cpu->value[first + i] + add[i]);
	u64_stats_update_end(&cpu->sync);
	if (IS_ENABLED(CONFIG_PREEMPT_RT))
		preempt_enable();
	if (on)
		local_bh_enable();
}
EXPORT_SYMBOL_GPL(xa_stat_add_row);

/**
 * xa_stat_add - count
 * @net:  namespace that is not going
 * @stat: which counter
 * @n:    what to add
 *
 * Context: packet path, softirqs on or off.
 */
void xa_stat_add(struct net *net, enum xa_stat stat, unsigned int n)
{
	xa_stat_add_row(net, stat, &n, 1);
}
EXPORT_SYMBOL_GPL(xa_stat_add);

/* Softirqs are off so that none writes where 64 bits are two reads and there is one CPU. */
static u64 xa_stat_sum(const struct xa_stat_cpu __percpu *cpus, enum xa_stat stat)
{
	const struct xa_stat_cpu *cpu;
	unsigned int start;
	u64 sum = 0, value;
	int i;

	for_each_possible_cpu(i) {
		cpu = per_cpu_ptr(cpus, i);
		local_bh_disable();
		do {
			start = u64_stats_fetch_begin(&cpu->sync);
			value = READ_ONCE(cpu->value[stat]);
		} while (u64_stats_fetch_retry(&cpu->sync, start));
		local_bh_enable();
		sum += value;
	}
	return sum;
}

static struct xa_stat_file *xa_stat_file_of(struct xa_named *obj)
{
	return container_of(obj, struct xa_stat_file, named);
}

static int xa_stat_show(struct seq_file *m, void *v)
{
	const struct xa_stat_file *f = xa_stat_file_of(m->private);
	const struct xa_stat_group *next = f->group + 1;
	unsigned int stat, end = XA_STATS;

	if (next < xa_stat_groups + ARRAY_SIZE(xa_stat_groups))
		end = next->first;
	for (stat = f->group->first; stat < end; ++stat)
		seq_printf(m, "%s %llu\n", xa_stat_names[stat], xa_stat_sum(f->cpu, stat));
	return 0;
}

static const struct xa_named_file xa_stat_ops = {
	.show = xa_stat_show,
};

static struct xa_named *xa_stat_file_create(struct net *net, const void *arg)
{
	const struct xa_stat_net *sn = net_generic(net, xa_stat_net_id);
	struct xa_stat_file *f = kzalloc(sizeof(*f), GFP_KERNEL_ACCOUNT);

	if (!f)
		return ERR_PTR(-ENOMEM);
	f->cpu = sn->cpu;
	f->group = arg;
	return &f->named;
}

static void xa_stat_file_free(struct xa_named *obj)
{
	kfree(xa_stat_file_of(obj));
}

static const struct xa_named_type xa_stat_type = {
	.owner   = THIS_MODULE,
	.dir     = "xt_stat",
	.file    = &xa_stat_ops,
	.mode    = &xa_stat_mode,
	.uid     = &xa_stat_owner,
	.gid     = &xa_stat_owner,
	.create  = xa_stat_file_create,
	.destroy = xa_stat_file_free,
};

/* The files first, while their objects have a name. */
static void xa_stat_files_exit(struct xa_stat_net *sn)
{
	size_t i;

	for (i = 0; i < ARRAY_SIZE(sn->obj); ++i)
		if (sn->obj[i])
			xa_named_put(sn->obj[i]);
	xa_named_net_release(sn->files);
}

static int xa_stat_files_init(struct net *net, struct xa_stat_net *sn)
{
	struct xa_named *obj;
	size_t i;

	sn->files = xa_named_net_create(net, &xa_stat_type);
	if (IS_ERR(sn->files))
		return PTR_ERR(sn->files);
	for (i = 0; i < ARRAY_SIZE(sn->obj); ++i) {
		obj = xa_named_get(sn->files, xa_stat_groups[i].name, &xa_stat_groups[i]);
		if (IS_ERR(obj)) {
			xa_stat_files_exit(sn);
			return PTR_ERR(obj);
		}
		sn->obj[i] = obj;
	}
	return 0;
}

static int __net_init xa_stat_net_init(struct net *net)
{
	struct xa_stat_net *sn = net_generic(net, xa_stat_net_id);
	int i, ret;

	sn->cpu = alloc_percpu_gfp(struct xa_stat_cpu, GFP_KERNEL_ACCOUNT | __GFP_ZERO);
	if (!sn->cpu)
		return -ENOMEM;
	for_each_possible_cpu(i)
		u64_stats_init(&per_cpu_ptr(sn->cpu, i)->sync);
	ret = xa_stat_files_init(net, sn);
	if (ret < 0)
		free_percpu(sn->cpu);
	return ret;
}

static void __net_exit xa_stat_net_exit(struct net *net)
{
	struct xa_stat_net *sn = net_generic(net, xa_stat_net_id);

	xa_stat_files_exit(sn);
	free_percpu(sn->cpu);
}

static struct pernet_operations xa_stat_net_ops = {
	.init = xa_stat_net_init,
	.exit = xa_stat_net_exit,
	.id   = &xa_stat_net_id,
	.size = sizeof(struct xa_stat_net),
};

static int __init xa_stat_init(void)
{
	return register_pernet_subsys(&xa_stat_net_ops);
}

static void __exit xa_stat_exit(void)
{
	unregister_pernet_subsys(&xa_stat_net_ops);
}

module_init(xa_stat_init);
module_exit(xa_stat_exit);

MODULE_AUTHOR("The xtables-anew project");
MODULE_DESCRIPTION("Xtables: counters of what extensions did");
MODULE_LICENSE("GPL");
MODULE_VERSION(XA_VERSION);
