// SPDX-License-Identifier: GPL-2.0-only
/*
 * xt_fuzzy - match the packets that a fuzzy logic controller would drop
 *
 * A rule counts its packets; every tenth of a second the rate decides which
 * part of them is let through until the next measurement. The match is true
 * for the others: "-m fuzzy ... -j DROP" is how it is meant.
 *
 * Each rule has a state of its own. Packets are counted per CPU, so that the
 * packet path writes nothing that CPUs share; whichever CPU comes first after
 * the interval adds up all counters under the state's lock.
 */
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/jiffies.h>
#include <linux/ktime.h>
#include <linux/math64.h>
#include <linux/module.h>
#include <linux/percpu.h>
#include <linux/random.h>
#include <linux/skbuff.h>
#include <linux/slab.h>
#include <linux/spinlock.h>
#include <linux/netfilter/x_tables.h>

#include "xa_log.h"
#include "xt_fuzzy.h"
#include "xt_fuzzy_accept.h"

#define FUZZY_INTERVAL	(HZ / 10)	/* jiffies */

/* Written by this CPU alone; softirqs may interrupt, so single operations. */
struct fuzzy_cpu {
	unsigned long packets;
	u32 random;		/* state of the generator, never 0 */
};

/**
 * struct fuzzy_state - the controller of one rule
 * @cpu:     counters
 * @accept:  part to let through, see fuzzy_accept(); READ_ONCE/WRITE_ONCE
 * @next:    jiffies from which on to measure; READ_ONCE/WRITE_ONCE
 * @lock:    of one measurement: @accept and @next for writing, and all below
 * @start:   ns, when the current interval began
 * @counted: sum of the counters at that time
 */
struct fuzzy_state {
	struct fuzzy_cpu __percpu *cpu;
	u32 accept;
	unsigned long next;

	spinlock_t lock;
	u64 start;
	unsigned long counted;
};

static unsigned long fuzzy_packets(const struct fuzzy_state *state)
{
	unsigned long sum = 0;
	int cpu;

	for_each_possible_cpu(cpu)
		sum += READ_ONCE(per_cpu_ptr(state->cpu, cpu)->packets);
	return sum;
}

static void fuzzy_measure(struct fuzzy_state *state,
			  const struct xt_fuzzy_mtinfo *info)
{
	unsigned long packets = fuzzy_packets(state);
	u64 now = ktime_get_ns();
	u64 span = max_t(u64, now - state->start, 1);
	u64 rate = div64_u64((u64)(packets - state->counted) * NSEC_PER_SEC, span);

	WRITE_ONCE(state->accept, fuzzy_accept(rate, info->lower, info->upper));
	state->start = now;
	state->counted = packets;
	WRITE_ONCE(state->next, jiffies + FUZZY_INTERVAL);
}

/* One CPU measures; the others go on with what there is. */
static void fuzzy_tick(struct fuzzy_state *state,
		       const struct xt_fuzzy_mtinfo *info)
{
	if (!spin_trylock_bh(&state->lock))
		return;
	if (time_after_eq(jiffies, state->next))
		fuzzy_measure(state, info);
	spin_unlock_bh(&state->lock);
}

/*
 * xorshift32: even enough to throw dice with. Two that race for a CPU's number
 * draw the same one, which does no harm.
 */
static u32 fuzzy_random(struct fuzzy_state *state)
{
	u32 *random = &raw_cpu_ptr(state->cpu)->random;
	u32 x = READ_ONCE(*random);

	x ^= x << 13;
	x ^= x >> 17;
	x ^= x << 5;
	WRITE_ONCE(*random, x);
	return x;
}

/* A large packet stands for those that it is cut into. */
static unsigned int fuzzy_count(const struct sk_buff *skb)
{
	if (!skb_is_gso(skb))
		return 1;
	return max_t(unsigned int, skb_shinfo(skb)->gso_segs, 1);
}

static bool fuzzy_mt(const struct sk_buff *skb, struct xt_action_param *par)
{
	const struct xt_fuzzy_mtinfo *info = par->matchinfo;
	struct fuzzy_state *state = info->state;
	u32 accept;

	this_cpu_add(state->cpu->packets, fuzzy_count(skb));
	if (time_after_eq(jiffies, READ_ONCE(state->next)))
		fuzzy_tick(state, info);
	accept = READ_ONCE(state->accept);
	if (accept == FUZZY_ACCEPT_ALL)
		return false;
	return reciprocal_scale(fuzzy_random(state), FUZZY_ACCEPT_ALL) >= accept;
}

static struct fuzzy_state *fuzzy_alloc(void)
{
	struct fuzzy_state *state = kzalloc(sizeof(*state), GFP_KERNEL_ACCOUNT);
	int cpu;

	if (!state)
		return NULL;
	state->cpu = alloc_percpu_gfp(struct fuzzy_cpu, GFP_KERNEL_ACCOUNT);
	if (!state->cpu) {
		kfree(state);
		return NULL;
	}
	for_each_possible_cpu(cpu)
		per_cpu_ptr(state->cpu, cpu)->random = get_random_u32() | 1;
	spin_lock_init(&state->lock);
	state->accept = FUZZY_ACCEPT_ALL;
	state->start = ktime_get_ns();
	state->next = jiffies + FUZZY_INTERVAL;
	return state;
}

static int fuzzy_mt_check(const struct xt_mtchk_param *par)
{
	struct xt_fuzzy_mtinfo *info = par->matchinfo;

	if (info->lower < XT_FUZZY_LOWER_MIN || info->upper > XT_FUZZY_UPPER_MAX ||
	    info->lower >= info->upper) {
		xa_net_info(par->net, "limits %u and %u are not ascending or not within %u to %u\n",
			    info->lower, info->upper, XT_FUZZY_LOWER_MIN,
			    XT_FUZZY_UPPER_MAX);
		return -EDOM;
	}
	info->state = fuzzy_alloc();
	return info->state ? 0 : -ENOMEM;
}

static void fuzzy_mt_destroy(const struct xt_mtdtor_param *par)
{
	const struct xt_fuzzy_mtinfo *info = par->matchinfo;

	free_percpu(info->state->cpu);
	kfree(info->state);
}

static struct xt_match fuzzy_mt_reg[] __read_mostly = {
	{
		.name       = "fuzzy",
		.revision   = 2,
		.family     = NFPROTO_IPV4,
		.checkentry = fuzzy_mt_check,
		.match      = fuzzy_mt,
		.destroy    = fuzzy_mt_destroy,
		.matchsize  = sizeof(struct xt_fuzzy_mtinfo),
		.usersize   = offsetof(struct xt_fuzzy_mtinfo, state),
		.me         = THIS_MODULE,
	},
	{
		.name       = "fuzzy",
		.revision   = 2,
		.family     = NFPROTO_IPV6,
		.checkentry = fuzzy_mt_check,
		.match      = fuzzy_mt,
		.destroy    = fuzzy_mt_destroy,
		.matchsize  = sizeof(struct xt_fuzzy_mtinfo),
		.usersize   = offsetof(struct xt_fuzzy_mtinfo, state),
		.me         = THIS_MODULE,
	},
};

static int __init fuzzy_mt_init(void)
{
	return xt_register_matches(fuzzy_mt_reg, ARRAY_SIZE(fuzzy_mt_reg));
}

static void __exit fuzzy_mt_exit(void)
{
	xt_unregister_matches(fuzzy_mt_reg, ARRAY_SIZE(fuzzy_mt_reg));
}

module_init(fuzzy_mt_init);
module_exit(fuzzy_mt_exit);

MODULE_AUTHOR("The xtables-anew project");
MODULE_DESCRIPTION("Xtables: fuzzy logic controller of a packet rate");
MODULE_LICENSE("GPL");
MODULE_ALIAS("ipt_fuzzy");
MODULE_ALIAS("ip6t_fuzzy");
