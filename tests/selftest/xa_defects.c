// SPDX-License-Identifier: GPL-2.0-only
/*
 * One deliberate defect, chosen when the module is loaded
 *
 * The self-test of the test bed loads this with each defect in turn and looks
 * whether the bed goes red. No defect harms more than the guest it runs in.
 */
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt
#include <linux/bug.h>
#include <linux/completion.h>
#include <linux/delay.h>
#include <linux/kthread.h>
#include <linux/module.h>
#include <linux/mutex.h>
#include <linux/nsproxy.h>
#include <linux/percpu.h>
#include <linux/rcupdate.h>
#include <linux/refcount.h>
#include <linux/slab.h>
#include <linux/spinlock.h>
#include <linux/timer.h>
#include <net/net_namespace.h>

#define LOST_TRIES	50
#define LOST_ROUNDS	20000000	/* of each thread */

static char *defect = "none";
module_param(defect, charp, 0400);
MODULE_PARM_DESC(defect, "which one; an unknown name is refused");

/* what the threads of lost-update have counted, and should have */
static unsigned long counted;
module_param(counted, ulong, 0400);
static unsigned long expected;
module_param(expected, ulong, 0400);

/* a number that the compiler does not know */
static unsigned int hidden(unsigned int n)
{
	OPTIMIZER_HIDE_VAR(n);
	return n;
}

static int none(void)
{
	return 0;
}

static int use_after_free(void)
{
	unsigned char *p = kmalloc(64, GFP_KERNEL);

	if (!p)
		return -ENOMEM;
	memset(p, 1, 64);
	kfree(p);
	OPTIMIZER_HIDE_VAR(p);
	counted = READ_ONCE(p[8]);
	return 0;
}

static int out_of_bounds(void)
{
	unsigned char *p = kmalloc(hidden(64), GFP_KERNEL);

	if (!p)
		return -ENOMEM;
	WRITE_ONCE(p[hidden(65)], 1);
	kfree(p);
	return 0;
}

static int array_index(void)
{
	static unsigned char table[8];

	counted = table[hidden(8) & 15];
	return 0;
}

static int shift(void)
{
	counted = 1u << hidden(40);
	return 0;
}

static DEFINE_MUTEX(first);
static DEFINE_MUTEX(second);

static int lock_inversion(void)
{
	mutex_lock(&first);
	mutex_lock(&second);
	mutex_unlock(&second);
	mutex_unlock(&first);

	mutex_lock(&second);
	mutex_lock(&first);
	mutex_unlock(&first);
	mutex_unlock(&second);
	return 0;
}

static DEFINE_SPINLOCK(shared);

static void tick(struct timer_list *unused)
{
	spin_lock(&shared);
	counted++;
	spin_unlock(&shared);
}

static DEFINE_TIMER(timer, tick);

/* taken in softirq, and with softirqs on: what a plain lock in a target does */
static int lock_softirq(void)
{
	mod_timer(&timer, jiffies + 1);
	msleep(50);
	spin_lock(&shared);
	counted++;
	spin_unlock(&shared);
	return 0;
}

static int __rcu *pointer;

static int rcu_unlocked(void)
{
	counted = !!rcu_dereference(pointer);
	return 0;
}

static int sleep_in_atomic(void)
{
	void *p;

	spin_lock(&shared);
	p = kmalloc(64, GFP_KERNEL);
	spin_unlock(&shared);
	kfree(p);
	return 0;
}

static int preempted(void)
{
	counted = smp_processor_id();
	return 0;
}

static int leak(void)
{
	int i;

	for (i = 0; i < 16; i++)
		if (!kzalloc(1000, GFP_KERNEL))
			return -ENOMEM;
	return 0;
}

static int percpu_leak(void)
{
	int i;

	for (i = 0; i < 16; i++)
		if (!__alloc_percpu(512, 8))
			return -ENOMEM;
	return 0;
}

static int reference(void)
{
	refcount_t ref = REFCOUNT_INIT(1);

	refcount_dec(&ref);
	return 0;
}

static int live_timer(void)
{
	struct timer_list *t = kzalloc(sizeof(*t), GFP_KERNEL);

	if (!t)
		return -ENOMEM;
	timer_setup(t, tick, 0);
	mod_timer(t, jiffies + 100 * HZ);
	kfree(t);
	return 0;
}

static int warn(void)
{
	WARN(1, "on purpose\n");
	return 0;
}

static atomic_t started;
static DECLARE_COMPLETION(finished);

/* the other CPU's thread writes the same word; no lock */
static int count_thread(void *unused)
{
	unsigned long i;

	atomic_inc(&started);
	while (atomic_read(&started) < 2)
		cond_resched();
	for (i = 0; i < LOST_ROUNDS; i++)
		WRITE_ONCE(counted, READ_ONCE(counted) + 1);
	complete(&finished);
	while (!kthread_should_stop())
		msleep(20);
	return 0;
}

static int lost_update_once(void)
{
	struct task_struct *thread[2];
	int i;

	atomic_set(&started, 0);
	for (i = 0; i < 2; i++) {
		thread[i] = kthread_create(count_thread, NULL, "xa_defects/%d", i);
		if (IS_ERR(thread[i]))
			return PTR_ERR(thread[i]);
		kthread_bind(thread[i], i % num_online_cpus());
	}
	for (i = 0; i < 2; i++)
		wake_up_process(thread[i]);
	for (i = 0; i < 2; i++)
		wait_for_completion(&finished);
	for (i = 0; i < 2; i++)
		kthread_stop(thread[i]);
	expected += 2ul * LOST_ROUNDS;
	return 0;
}

/* A busy host may let the two CPUs run one after the other: then again. */
static int lost_update(void)
{
	int tries, ret = 0;

	for (tries = 0; tries < LOST_TRIES && !ret && counted == expected; tries++)
		ret = lost_update_once();
	return ret;
}

/* The namespace that it is loaded in stays for ever, and is no leak to anybody. */
static int held(void)
{
	get_net(current->nsproxy->net_ns);
	return 0;
}

static int panic_now(void)
{
	unsigned long *p = NULL;

	OPTIMIZER_HIDE_VAR(p);
	WRITE_ONCE(p[hidden(3)], 1);
	return 0;
}

static int hang(void)
{
	local_bh_disable();
	for (;;)
		cpu_relax();
	return 0;
}

static const struct {
	const char *name;
	int (*func)(void);
} defects[] = {
	{ "none", none },
	{ "use-after-free", use_after_free },
	{ "out-of-bounds", out_of_bounds },
	{ "array-index", array_index },
	{ "shift", shift },
	{ "lock-inversion", lock_inversion },
	{ "lock-softirq", lock_softirq },
	{ "rcu-unlocked", rcu_unlocked },
	{ "sleep-in-atomic", sleep_in_atomic },
	{ "preemptible", preempted },
	{ "leak", leak },
	{ "percpu-leak", percpu_leak },
	{ "reference", reference },
	{ "live-timer", live_timer },
	{ "warn", warn },
	{ "lost-update", lost_update },
	{ "held", held },
	{ "panic", panic_now },
	{ "hang", hang },
};

static int __init defects_init(void)
{
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(defects); i++)
		if (strcmp(defects[i].name, defect) == 0)
			return defects[i].func();
	return -EINVAL;
}

static void __exit defects_exit(void)
{
}

module_init(defects_init);
module_exit(defects_exit);
MODULE_DESCRIPTION("Deliberate defects: does the test bed see them?");
MODULE_LICENSE("GPL");
