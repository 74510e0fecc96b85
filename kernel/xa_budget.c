// SPDX-License-Identifier: GPL-2.0-only
/*
 * xa_budget - memory that packets make extensions take
 *
 * State that is kept for each address that was seen grows with what others
 * send. Extensions that keep such state take its memory here. A request is
 * counted at four levels, and refused if one of them would exceed its limit:
 *
 *	extension in a namespace   its max_memory; 3/4 of the namespace's limit
 *	network namespace          max_netns; half of the limit above it
 *	unprivileged namespaces    half of the machine's limit, all together;
 *	                           only for namespaces that another user
 *	                           namespace than the initial one owns
 *	machine                    max_memory; an eighth of the RAM
 *
 * A refusal is an ordinary event for the caller, who counts what it could not
 * store. Packets never wait for memory: no reserves are used for them, nothing
 * is reclaimed, and no OOM killer is called on their behalf.
 *
 * Copies of such state that wait for the program that asked for them are
 * counted by levels of their own, with the limits of the namespace, of the
 * unprivileged namespaces and of the machine: reading takes no room from
 * counting, and tables that use all of theirs can be read.
 *
 * What a packet makes us take is charged to the memory cgroup of whoever made
 * the rule, which the caller recorded by xa_budget_memcg_get(). That takes a
 * kernel that lets modules charge another cgroup from a softirq (5.14). On
 * older kernels memory taken in a softirq is charged to no cgroup and limited
 * by the budget alone. So it is on PREEMPT_RT, where one task that serves
 * softirqs may preempt another on the same CPU and they share the variable that
 * says who pays.
 *
 * No lock: each level is an atomic counter. References to a level are counted
 * in it as well, with a weight of a byte each, so that it lives until all has
 * been given back, be that after a grace period and after the end of its
 * namespace.
 */
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/atomic.h>
#include <linux/err.h>
#include <linux/memcontrol.h>
#include <linux/mm.h>
#include <linux/module.h>
#include <linux/moduleparam.h>
#include <linux/preempt.h>
#include <linux/percpu.h>
#include <linux/sched/mm.h>
#include <linux/slab.h>
#include <linux/swap.h>
#include <linux/user_namespace.h>
#include <net/net_namespace.h>
#include <net/netns/generic.h>

#include "xa_budget.h"
#include "xa_memcg.h"
#include "xa_version.h"

static unsigned int max_memory;
module_param(max_memory, uint, 0644);
MODULE_PARM_DESC(max_memory, "MiB of the machine (0: an eighth of the RAM)");
static unsigned int max_netns;
module_param(max_netns, uint, 0644);
MODULE_PARM_DESC(max_netns, "MiB of a network namespace (0: half of max_memory)");

static bool charged;
module_param(charged, bool, 0444);
MODULE_PARM_DESC(charged, "whether this kernel can charge a cgroup for what packets take (read only)");

/**
 * struct xa_level - a sum of memory that has a limit
 * @taken: bytes, and one for each reference
 * @max:   MiB, 0: a share of the level above
 * @share: eighths of the level above, or of the RAM an eighth each
 * @up:    the level above, or NULL. Referenced if it is dynamic
 * @fixed: is not freed
 */
struct xa_level {
	atomic_long_t taken;
	const unsigned int *max;
	unsigned int share;
	struct xa_level *up;
	bool fixed;
};

/**
 * struct xa_budget - the lowest level
 * @level: of an extension in a namespace
 */
struct xa_budget {
	struct xa_level level;
};

static const unsigned int xa_no_max;

static struct xa_level xa_machine = {
	.max   = &max_memory,
	.share = 1,
	.fixed = true,
};

static struct xa_level xa_users = {
	.max   = &xa_no_max,
	.share = 4,
	.up    = &xa_machine,
	.fixed = true,
};

/* Of copies of state that wait for their readers. */
static struct xa_level xa_copies = {
	.max   = &max_memory,
	.share = 1,
	.fixed = true,
};

static struct xa_level xa_user_copies = {
	.max   = &xa_no_max,
	.share = 4,
	.up    = &xa_copies,
	.fixed = true,
};

static unsigned int xa_budget_net_id __read_mostly;
static unsigned long xa_ram __read_mostly;	/* bytes that kmalloc can give */

struct xa_budget_net {
	struct xa_level *level;
};

/* ---- levels */

static long xa_level_limit(const struct xa_level *level)
{
	unsigned int max = READ_ONCE(*level->max);
	unsigned long above;

	if (max)
		return min_t(u64, (u64)max << 20, LONG_MAX / 2);
	above = level->up ? xa_level_limit(level->up) : xa_ram;
	return above / 8 * level->share;
}

static struct xa_level *xa_level_alloc(struct xa_level *up,
				       const unsigned int *max,
				       unsigned int share)
{
	struct xa_level *level = kzalloc(sizeof(*level), GFP_KERNEL_ACCOUNT);

	if (!level)
		return NULL;
	level->max = max;
	level->share = share;
	level->up = up;
	atomic_long_set(&level->taken, 1);
	if (!up->fixed)
		atomic_long_inc(&up->taken);
	return level;
}

/* Give bytes, or references, back. */
static void xa_level_put(struct xa_level *level, long n)
{
	struct xa_level *up = level->up;

	if (!atomic_long_sub_and_test(n, &level->taken) || level->fixed)
		return;
	kfree(level);
	if (!up->fixed)
		xa_level_put(up, 1);
}

static bool xa_level_take(struct xa_level *level, long size)
{
	long limit = xa_level_limit(level);

	/* a flood finds it full, and must not write to it */
	if (atomic_long_read(&level->taken) > limit - size)
		return false;
	if (atomic_long_add_return(size, &level->taken) <= limit)
		return true;
	atomic_long_sub(size, &level->taken);
	return false;
}

/* At @level and all above it, up to @end. */
static void xa_levels_put(struct xa_level *level, const struct xa_level *end,
			  long size)
{
	struct xa_level *up;

	for (; level != end; level = up) {
		up = level->up;
		xa_level_put(level, size);
	}
}

static bool xa_levels_take(struct xa_level *level, long size)
{
	struct xa_level *l;

	for (l = level; l; l = l->up) {
		if (!xa_level_take(l, size)) {
			xa_levels_put(level, l, size);
			return false;
		}
	}
	return true;
}

static void xa_levels_force(struct xa_level *level, long size)
{
	for (; level; level = level->up)
		atomic_long_add(size, &level->taken);
}

/* ---- budgets */

/**
 * xa_budget_create - a budget for an extension in a namespace
 * @net: namespace
 * @max: module parameter of the extension: MiB in a namespace, 0: a share of
 *       what the namespace may have
 *
 * Context: process, may sleep.
 * Return: the budget, for xa_budget_put(); NULL without memory.
 */
struct xa_budget *xa_budget_create(struct net *net, const unsigned int *max)
{
	struct xa_budget_net *bn = net_generic(net, xa_budget_net_id);
	struct xa_level *level = xa_level_alloc(bn->level, max, 6);

	if (!level)
		return NULL;
	if (net_eq(net, &init_net) && xa_level_limit(level) > xa_level_limit(bn->level))
		pr_notice("max_memory=%u of an extension has no effect: a namespace may take %ld MiB (max_netns, max_memory of xa_budget)\n",
			  READ_ONCE(*max), xa_level_limit(bn->level) >> 20);
	return container_of(level, struct xa_budget, level);
}
EXPORT_SYMBOL_GPL(xa_budget_create);

/**
 * xa_budget_create_copies - a budget for copies that wait for their readers
 * @net: namespace
 *
 * Context: process, may sleep.
 * Return: the budget, for xa_budget_kvzalloc() and xa_budget_put(); NULL without
 * memory.
 */
struct xa_budget *xa_budget_create_copies(struct net *net)
{
	bool privileged = net->user_ns == &init_user_ns;
	struct xa_level *level;

	level = xa_level_alloc(privileged ? &xa_copies : &xa_user_copies, &max_netns, 4);
	return level ? container_of(level, struct xa_budget, level) : NULL;
}
EXPORT_SYMBOL_GPL(xa_budget_create_copies);

/**
 * xa_budget_get - one more user
 * @b: budget that somebody has
 *
 * Context: any.
 */
void xa_budget_get(struct xa_budget *b)
{
	atomic_long_inc(&b->level.taken);
}
EXPORT_SYMBOL_GPL(xa_budget_get);

/**
 * xa_budget_put - a user less
 * @b: budget; it lasts until all memory has been given back as well
 *
 * Context: any.
 */
void xa_budget_put(struct xa_budget *b)
{
	xa_level_put(&b->level, 1);
}
EXPORT_SYMBOL_GPL(xa_budget_put);

/**
 * xa_budget_room - whether there is room for more state
 * @b: budget
 *
 * The last eighth is for memory that takes the place of other memory, which is
 * freed later.
 *
 * Context: any.
 * Return: false if seven eighths of any level are taken.
 */
bool xa_budget_room(const struct xa_budget *b)
{
	const struct xa_level *l;
	long limit;

	for (l = &b->level; l; l = l->up) {
		limit = xa_level_limit(l);
		if (atomic_long_read(&l->taken) >= limit - limit / 8)
			return false;
	}
	return true;
}
EXPORT_SYMBOL_GPL(xa_budget_room);

/*
 * Whom the kernel charges in interrupts. The variable of each CPU is looked up by
 * its name: 5.10 does not export it, and for a weak reference arm64 wants a table
 * (GOT) that modules cannot have. Not by symbol_get(), whose cast gcc refuses
 * where such data have an address space of their own (x86, 7.2).
 */
static struct mem_cgroup * __percpu *xa_int_memcg;

static bool __init xa_int_memcg_get(void)
{
#ifdef CONFIG_MEMCG
	xa_int_memcg = (typeof(xa_int_memcg))(uintptr_t)
		       __symbol_get(__stringify(int_active_memcg));
#endif
	return xa_int_memcg;
}

static void xa_int_memcg_put(void)
{
#ifdef CONFIG_MEMCG
	if (xa_int_memcg)
		symbol_put(int_active_memcg);
#endif
}

/* set_active_memcg(), with the variable that was looked up */
static struct mem_cgroup *xa_charge(struct mem_cgroup *memcg)
{
	struct mem_cgroup *before;

	if (in_task())
		return xa_memcg_charge(memcg);
	before = this_cpu_read(*xa_int_memcg);
	this_cpu_write(*xa_int_memcg, memcg);
	return before;
}

/* Charged to @memcg, as far as this kernel can do that. */
static void *xa_zalloc_for(struct mem_cgroup *memcg, size_t size, gfp_t gfp)
{
	struct mem_cgroup *before;
	void *p;

	if (!memcg || (!charged && in_interrupt()))
		return kzalloc(size, gfp | __GFP_NOWARN);
	before = xa_charge(memcg);
	p = kzalloc(size, gfp | __GFP_NOWARN | __GFP_ACCOUNT);
	xa_charge(before);
	return p;
}

/**
 * xa_budget_zalloc - take memory
 * @b:      budget
 * @memcg:  who pays, from xa_budget_memcg_get()
 * @size:   bytes
 * @beside: bytes that the object makes others take, see xa_budget_cost()
 * @gfp:    GFP_NOWAIT for what packets want, which the budget may refuse; or
 *          GFP_KERNEL for what a user asks for, which is counted only
 *
 * Context: as @gfp says.
 * Return: zeroed memory, for xa_budget_free(); NULL if the budget, the cgroup or
 * the machine has none.
 */
void *xa_budget_zalloc(struct xa_budget *b, struct mem_cgroup *memcg,
		       size_t size, size_t beside, gfp_t gfp)
{
	size_t cost = xa_budget_cost(size, beside);
	void *p;

	if (gfpflags_allow_blocking(gfp))
		xa_levels_force(&b->level, cost);
	else if (!xa_levels_take(&b->level, cost))
		return NULL;
	p = xa_zalloc_for(memcg, size, gfp);
	if (!p)
		xa_budget_uncharge(b, cost);
	return p;
}
EXPORT_SYMBOL_GPL(xa_budget_zalloc);

/**
 * xa_budget_uncharge - memory has been freed by other means
 * @b:    budget
 * @cost: of what was freed, see xa_budget_cost()
 *
 * Context: any.
 */
void xa_budget_uncharge(struct xa_budget *b, size_t cost)
{
	xa_levels_put(&b->level, NULL, cost);
}
EXPORT_SYMBOL_GPL(xa_budget_uncharge);

/**
 * xa_budget_free - give memory back
 * @b:      budget
 * @p:      memory, or NULL
 * @size:   as it was taken
 * @beside: likewise
 *
 * Context: any.
 */
void xa_budget_free(struct xa_budget *b, void *p, size_t size, size_t beside)
{
	if (!p)
		return;
	kfree(p);
	xa_budget_uncharge(b, xa_budget_cost(size, beside));
}
EXPORT_SYMBOL_GPL(xa_budget_free);

static size_t xa_copy_cost(size_t size)
{
	return size <= PAGE_SIZE ? xa_budget_cost(size, 0) : PAGE_ALIGN(size);
}

/*
 * Without other copies root gets one whatever the limits are: they may have been
 * lowered since the state was stored. Others could get one in each of any number
 * of namespaces.
 */
static bool xa_copy_take(struct xa_level *level, long cost)
{
	if (level->up != &xa_copies || atomic_long_read(&level->taken) > 1)
		return xa_levels_take(level, cost);
	xa_levels_force(level, cost);
	return true;
}

/**
 * xa_budget_kvzalloc - take memory for a copy
 * @b:    budget, from xa_budget_create_copies(), with one user; the caller takes
 *        one copy at a time
 * @size: bytes, less than 2 GiB
 *
 * The cgroup of the running process pays.
 *
 * Context: process, may sleep.
 * Return: zeroed memory, for xa_budget_kvfree(); -ENOSPC if the budget has none,
 * -ENOMEM if the machine has none.
 */
void *xa_budget_kvzalloc(struct xa_budget *b, size_t size)
{
	size_t cost = xa_copy_cost(size);
	void *p;

	if (!xa_copy_take(&b->level, cost))
		return ERR_PTR(-ENOSPC);
	p = kvzalloc(size, GFP_KERNEL_ACCOUNT);
	if (p)
		return p;
	xa_budget_uncharge(b, cost);
	return ERR_PTR(-ENOMEM);
}
EXPORT_SYMBOL_GPL(xa_budget_kvzalloc);

/**
 * xa_budget_kvfree - give a copy back
 * @b:    budget
 * @p:    from xa_budget_kvzalloc(), or NULL
 * @size: as it was taken
 *
 * Context: process.
 */
void xa_budget_kvfree(struct xa_budget *b, void *p, size_t size)
{
	if (!p)
		return;
	kvfree(p);
	xa_budget_uncharge(b, xa_copy_cost(size));
}
EXPORT_SYMBOL_GPL(xa_budget_kvfree);

/**
 * xa_budget_memcg_get - the memory cgroup of the running process
 *
 * Context: process.
 * Return: the cgroup, for xa_budget_memcg_put(); NULL if the kernel has none.
 */
struct mem_cgroup *xa_budget_memcg_get(void)
{
	return get_mem_cgroup_from_mm(current->mm);
}
EXPORT_SYMBOL_GPL(xa_budget_memcg_get);

/**
 * xa_budget_memcg_put - let go of a memory cgroup
 * @memcg: from xa_budget_memcg_get()
 *
 * Context: any.
 */
void xa_budget_memcg_put(struct mem_cgroup *memcg)
{
	mem_cgroup_put(memcg);
}
EXPORT_SYMBOL_GPL(xa_budget_memcg_put);

/* ---- the module */

static int xa_taken_get(char *buf, const struct kernel_param *kp)
{
	return sysfs_emit(buf, "%ld\n", atomic_long_read(&xa_machine.taken) +
			  atomic_long_read(&xa_copies.taken));
}

static const struct kernel_param_ops xa_taken_ops = {
	.get = xa_taken_get,
};
module_param_cb(taken, &xa_taken_ops, NULL, 0444);
MODULE_PARM_DESC(taken, "bytes that are taken at present");

static int __net_init xa_budget_net_init(struct net *net)
{
	struct xa_budget_net *bn = net_generic(net, xa_budget_net_id);
	bool privileged = net->user_ns == &init_user_ns;

	bn->level = xa_level_alloc(privileged ? &xa_machine : &xa_users,
				   &max_netns, 4);
	return bn->level ? 0 : -ENOMEM;
}

static void __net_exit xa_budget_net_exit(struct net *net)
{
	struct xa_budget_net *bn = net_generic(net, xa_budget_net_id);

	xa_level_put(bn->level, 1);
}

static struct pernet_operations xa_budget_net_ops = {
	.init = xa_budget_net_init,
	.exit = xa_budget_net_exit,
	.id   = &xa_budget_net_id,
	.size = sizeof(struct xa_budget_net),
};

static int __init xa_budget_init(void)
{
	int ret;

	charged = !IS_ENABLED(CONFIG_PREEMPT_RT) && xa_int_memcg_get();
	xa_ram = min_t(u64, (u64)nr_free_buffer_pages() << PAGE_SHIFT, LONG_MAX);
	ret = register_pernet_subsys(&xa_budget_net_ops);
	if (ret < 0)
		xa_int_memcg_put();
	return ret;
}

static void __exit xa_budget_exit(void)
{
	unregister_pernet_subsys(&xa_budget_net_ops);
	xa_int_memcg_put();
}

module_init(xa_budget_init);
module_exit(xa_budget_exit);

MODULE_AUTHOR("The xtables-anew project");
MODULE_DESCRIPTION("Xtables: budget of the memory that packets make extensions take");
MODULE_LICENSE("GPL");
MODULE_VERSION(XA_VERSION);
