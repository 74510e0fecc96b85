// SPDX-License-Identifier: GPL-2.0-only
/*
 * xt_fuzzy - match the packets that a fuzzy logic controller would drop
 *
 * A rule counts its packets; the first one behind a tenth of a second measures the
 * rate, which decides what part is let through until the next measurement. The
 * match is true for the others: "-m fuzzy ... -j DROP" is how it is meant.
 *
 * Each rule has a state of its own. Packets are counted per CPU, so that the
 * packet path writes nothing that CPUs share; whichever CPU comes first after
 * the interval adds up all counters under the state's lock.
 */
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/jiffies.h>
#include <linux/ktime.h>
#include <linux/module.h>
#include <linux/percpu.h>
#include <linux/preempt.h>
#include <linux/random.h>
#include <linux/skbuff.h>
#include <linux/slab.h>
#include <linux/spinlock.h>
#include <linux/netfilter/x_tables.h>

#include "xa_gso.h"
#include "xa_hooks.h"
#include "xa_log.h"
#include "xa_version.h"
#include "xt_fuzzy.h"
#include "xt_fuzzy_accept.h"

#define FUZZY_INTERVAL	(HZ / 10)	/* jiffies */
#define FUZZY_ALL	U32_MAX		/* more than any part */
#define FUZZY_LEAST	0		/* less: one in a hundred, see fuzzy_skip() */

/**
 * struct fuzzy_cpu - what one CPU writes
 * @packets: seen, counted from a random number. Written by that CPU alone;
 *           softirqs may interrupt, so by single operations
 * @next:    value of @packets of the next one that is let through over the upper limit,
 *           or far from it. If two contexts write it at once, another one is
 */
struct fuzzy_cpu {
	unsigned long packets;
	unsigned long next;
};

/**
 * struct fuzzy_state - the controller of one rule
 * @cpus:    counters
 * @accept:  part to let through, of 2^32, FUZZY_ALL or FUZZY_LEAST;
 *           READ_ONCE/WRITE_ONCE
 * @last:    jiffies of the last measurement, 32 bits; READ_ONCE/WRITE_ONCE
 * @lock:    of one measurement: @accept and @last for writing, and all below
 * @start:   ns, when the current interval began
 * @counted: sum of the counters at that time
 */
struct fuzzy_state {
	struct fuzzy_cpu __percpu *cpus;
	u32 accept;
	u32 last;

	spinlock_t lock;
	u64 start;
	unsigned long counted;
};

static unsigned long fuzzy_packets(const struct fuzzy_state *state)
{
	unsigned long sum = 0;
	int cpu;

	for_each_possible_cpu(cpu)
		sum += READ_ONCE(per_cpu_ptr(state->cpus, cpu)->packets);
	return sum;
}

/* From ten-thousandths */
static u32 fuzzy_part(u32 accept)
{
	if (accept == FUZZY_ACCEPT_ALL)
		return FUZZY_ALL;
	if (accept == FUZZY_ACCEPT_LEAST)
		return FUZZY_LEAST;
	return div_u64((u64)accept << 32, FUZZY_ACCEPT_ALL);
}

static void fuzzy_measure(struct fuzzy_state *state,
			  const struct xt_fuzzy_mtinfo *info)
{
	unsigned long packets = fuzzy_packets(state);
	u64 now = ktime_get_ns();
	u64 rate = fuzzy_rate(packets - state->counted, now - state->start);

	WRITE_ONCE(state->accept,
		   fuzzy_part(fuzzy_accept(rate, info->lower, info->upper)));
	state->start = now;
	state->counted = packets;
	WRITE_ONCE(state->last, (u32)jiffies);
}

static bool fuzzy_state_due(const struct fuzzy_state *state)
{
	u32 last = READ_ONCE(state->last);

	return fuzzy_due((u32)jiffies, last, FUZZY_INTERVAL);
}

/* One CPU measures; the others go on with what there is. */
static noinline void fuzzy_tick(struct fuzzy_state *state,
				const struct xt_fuzzy_mtinfo *info)
{
	if (!spin_trylock_bh(&state->lock))
		return;
	if (fuzzy_state_due(state))
		fuzzy_measure(state, info);
	spin_unlock_bh(&state->lock);
}

/*
 * A number to throw dice with for the nth packet: the end of MurmurHash3, which
 * leaves no pattern of n. No secret is in it.
 */
static u32 fuzzy_random(u32 n)
{
	n ^= n >> 16;
	n *= 0x85ebca6b;
	n ^= n >> 13;
	n *= 0xc2b2ae35;
	return n ^ n >> 16;
}

static noinline void fuzzy_draw(struct fuzzy_cpu *mine, unsigned long n)
{
	WRITE_ONCE(mine->next, n + 1 + fuzzy_skip(get_random_u32()));
}

/*
 * The nth packet, over the upper limit: nothing is drawn but for those that are let
 * through, and nothing is written for the others.
 */
static bool fuzzy_least(struct fuzzy_cpu *mine, unsigned long n)
{
	unsigned long left = READ_ONCE(mine->next) - n;

	if (likely(left - 1 < FUZZY_SKIP_MAX))
		return true;
	fuzzy_draw(mine, n);
	return left != 0;	/* else it was not drawn for here */
}

/*
 * With softirqs off, as nearly always, nobody else on this CPU counts meanwhile,
 * and a plain addition is enough. PREEMPT_RT has no such time.
 */
static unsigned long fuzzy_add(struct fuzzy_state *state, struct fuzzy_cpu *mine,
			       unsigned int packets)
{
	unsigned long n;

	if (IS_ENABLED(CONFIG_PREEMPT_RT) || !in_softirq())
		return this_cpu_add_return(state->cpus->packets, packets);
	n = mine->packets + packets;
	WRITE_ONCE(mine->packets, n);
	return n;
}

/* What stands for many packets counts as them, but is let through or not as one. */
static noinline unsigned int fuzzy_units(const struct sk_buff *skb,
					 struct fuzzy_cpu *mine)
{
	unsigned int packets = xa_units(skb).packets;

	WRITE_ONCE(mine->next, mine->next + packets - 1);
	return packets;
}

static bool fuzzy_mt(const struct sk_buff *skb, struct xt_action_param *par)
{
	const struct xt_fuzzy_mtinfo *info = par->matchinfo;
	struct fuzzy_state *state = info->state;
	struct fuzzy_cpu *mine = raw_cpu_ptr(state->cpus);
	unsigned long n = fuzzy_add(state, mine,
				    skb_is_gso(skb) ? fuzzy_units(skb, mine) : 1);
	u32 accept;

	if (unlikely(fuzzy_state_due(state)))
		fuzzy_tick(state, info);
	accept = READ_ONCE(state->accept);
	if (accept == FUZZY_ALL)
		return false;
	if (accept == FUZZY_LEAST)
		return fuzzy_least(mine, n);
	return fuzzy_random(n) >= accept;
}

static struct fuzzy_state *fuzzy_alloc(void)
{
	struct fuzzy_state *state = kzalloc(sizeof(*state), GFP_KERNEL_ACCOUNT);
	struct fuzzy_cpu *one;
	int cpu;

	if (!state)
		return NULL;
	state->cpus = alloc_percpu_gfp(struct fuzzy_cpu, GFP_KERNEL_ACCOUNT);
	if (!state->cpus) {
		kfree(state);
		return NULL;
	}
	for_each_possible_cpu(cpu) {
		one = per_cpu_ptr(state->cpus, cpu);
		one->packets = get_random_u32();
		fuzzy_draw(one, one->packets);
	}
	spin_lock_init(&state->lock);
	state->accept = FUZZY_ALL;
	state->counted = fuzzy_packets(state);
	state->start = ktime_get_ns();
	state->last = (u32)jiffies;
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

	free_percpu(info->state->cpus);
	kfree(info->state);
}

static struct xt_match fuzzy_mt_reg[] __read_mostly = {
	{
		.name       = "fuzzy",
		.revision   = 2,
		.family     = NFPROTO_IPV4,
		.hooks      = XA_HOOKS_ANY,
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
		.hooks      = XA_HOOKS_ANY,
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
MODULE_VERSION(XA_VERSION);
MODULE_ALIAS("ipt_fuzzy");
MODULE_ALIAS("ip6t_fuzzy");
