/* SPDX-License-Identifier: GPL-2.0-only */
/* xa_memcg - whose control group pays for memory */
#ifndef _XA_MEMCG_H
#define _XA_MEMCG_H

#include <linux/memcontrol.h>
#include <linux/sched.h>

/**
 * xa_memcg_charge - let a control group pay for what this task allocates
 * @memcg: with a reference, or NULL: the task's own
 *
 * set_active_memcg() for process context alone: that one also wants a symbol
 * for interrupts that 5.10 does not give to modules.
 *
 * Context: process.
 * Return: who paid before, for the call that ends it.
 */
static inline struct mem_cgroup *xa_memcg_charge(struct mem_cgroup *memcg)
{
#ifdef CONFIG_MEMCG
	struct mem_cgroup *before = current->active_memcg;

	current->active_memcg = memcg;
	return before;
#else
	return NULL;
#endif
}

#endif /* _XA_MEMCG_H */
