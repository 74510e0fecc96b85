/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef _COMPAT_LINUX_SCHED_MM_H
#define _COMPAT_LINUX_SCHED_MM_H

#include_next <linux/sched/mm.h>

/*
 * set_active_memcg() refers to this variable. Before 5.14 it is there but not
 * exported; a weak reference lets the module load, and its address tells.
 */
#ifdef CONFIG_MEMCG		/* drop with support for < 5.14 */
#pragma weak int_active_memcg
#endif

#endif /* _COMPAT_LINUX_SCHED_MM_H */
