// SPDX-License-Identifier: GPL-2.0-only
/*
 * xa_hook_slow - extensions whose check may be stuck
 *
 * Some extensions of the kernel remove their files under a mutex of the whole machine, and
 * removing a file waits for whoever is inside of it: for ever, if he likes (userfaultfd,
 * FUSE), and any user namespace can arrange that. Their checks take that mutex. A verb
 * holds a lock of generic netlink, so it lets a work item check, and waits for it as long
 * as for room. Then it gives the rule up, whose last reference the work item has.
 *
 * Each of these extensions has one such work item in a namespace: while that is stuck nobody
 * waits for it. It holds the namespace, so that the end of one never waits for it. It has
 * all that it needs: the session may end, and what it has a reference to with it.
 */
#include <linux/memcontrol.h>
#include <linux/module.h>
#include <linux/sched.h>
#include <net/net_namespace.h>

#include "xa_hook_priv.h"
#include "xa_memcg.h"

/*
 * None of them looks at the task. IDLETIMER's file never waits for its reader, but before
 * Linux 6.13 the reader may wait for the mutex, and then neither of them ends.
 */
static const struct {
	const char *name;
	bool target;
} slow[XA_HOOK_SLOW] = {
	{ "hashlimit" },
	{ "recent" },
	{ "IDLETIMER", true },
};

/**
 * xa_hook_slow_number - whether the check of an extension may be stuck
 * @ext: extension
 *
 * Context: any.
 * Return: number for xa_hook_slow_check(), or -1.
 */
int xa_hook_slow_number(const struct xa_hook_ext *ext)
{
	int i;

	for (i = 0; i < XA_HOOK_SLOW; i++)
		if (ext->target == slow[i].target && !strcmp(ext->name, slow[i].name))
			return i;
	return -1;
}

static struct module *module_of(const struct xa_hook_ext *ext)
{
	return ext->target ? ext->tg->me : ext->mt->me;
}

static bool has_ended(const struct xa_hook_slow *w)
{
	/* that of the work item, which has written the other members before */
	return !smp_load_acquire(&w->busy);
}

static void slow_work(struct work_struct *work)
{
	struct xa_hook_slow *w = container_of(work, struct xa_hook_slow, work);
	struct mem_cgroup *memcg = w->memcg, *before;
	struct xa_hook_rule *rule = w->rule;
	struct xa_hook_net *hn = rule->hn;
	struct module *module = module_of(&w->ext);

	before = xa_memcg_charge(memcg);
	w->err = xa_hook_ext_check(rule, &w->key, &w->ext);
	xa_memcg_charge(before);
	mem_cgroup_put(memcg);
	module_put(module);
	/* the last one if the verb has given up */
	xa_hook_rule_put_later(rule);
	/* whoever sees it reads @err, and may use the work item again */
	smp_store_release(&w->busy, false);
	wake_up_all(&hn->freed);
	/* the last thing: the namespace may end, which waits for this work */
	put_net(hn->net);
}

/**
 * xa_hook_slow_check - xa_hook_ext_check() of one that may be stuck
 * @rule:   rule, which the data are in
 * @key:    place of its chain
 * @ext:    extension
 * @number: its number
 *
 * Context: process, of the program that sent the rule; may sleep; holds the namespace's lock.
 * Return: as xa_hook_ext_check(); -EAGAIN: it, or one before it, has not ended in time, and
 * nothing of @rule may be looked at any more.
 */
int xa_hook_slow_check(struct xa_hook_rule *rule, const struct xa_hook_key *key,
		       const struct xa_hook_ext *ext, int number)
{
	struct xa_hook_net *hn = rule->hn;
	struct xa_hook_slow *w = &hn->slow[number];

	/* nobody else begins it meanwhile: that takes the lock */
	if (!has_ended(w))
		return -EAGAIN;
	refcount_inc(&rule->ref);
	__module_get(module_of(ext));
	get_net(hn->net);
	w->memcg = get_mem_cgroup_from_mm(current->mm);
	w->rule = rule;
	w->key = *key;
	w->ext = *ext;
	w->busy = true;
	xa_hook_slow_queue(hn, &w->work);
	if (!wait_event_timeout(hn->freed, has_ended(w), xa_hook_left(hn->patience)))
		return -EAGAIN;
	return w->err;
}

/**
 * xa_hook_slow_init - a namespace begins
 * @hn: namespace
 *
 * Context: process.
 */
void xa_hook_slow_init(struct xa_hook_net *hn)
{
	int i;

	for (i = 0; i < XA_HOOK_SLOW; i++)
		INIT_WORK(&hn->slow[i].work, slow_work);
}

/**
 * xa_hook_slow_exit - a namespace ends, or the module does
 * @hn: namespace, which no work item holds any more
 *
 * Context: process, may sleep.
 */
void xa_hook_slow_exit(struct xa_hook_net *hn)
{
	int i;

	for (i = 0; i < XA_HOOK_SLOW; i++)
		flush_work(&hn->slow[i].work);
}
