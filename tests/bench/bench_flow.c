// SPDX-License-Identifier: GPL-2.0-only
/*
 * The flows that packets make, and how long they live
 *
 * A packet that a device has received is gone when we have the CPU again, and
 * its conntrack entry cannot be asked for. So a hook takes a reference to it on
 * the way. Hooks of equal priority run in the reverse order of registration,
 * and nothing comes behind the one that confirms entries: ours is right in
 * front of it. There an entry that is confirmed is one of an earlier packet;
 * whether the confirming went well is looked up when the packet is gone.
 *
 * A router has many flows at a time. Each thread has a ring of them in each
 * namespace; a new flow takes the place of the oldest, which is deleted. So
 * the entry that is made, its hash buckets and those of the entry that goes are
 * in memory that nothing has touched for a while.
 */
#include <linux/netfilter_ipv4.h>
#include <linux/rcupdate.h>
#include <linux/sched.h>
#include <linux/vmalloc.h>
#include <net/netfilter/nf_conntrack_core.h>
#include "bench.h"

static unsigned int xb_take(void *priv, struct sk_buff *skb,
			    const struct nf_hook_state *state)
{
	u32 cpu = raw_smp_processor_id();
	struct xb_flows *all = priv, *flows;
	enum ip_conntrack_info ctinfo;
	struct nf_conn *ct;

	if (cpu >= XB_CPUS)
		return NF_ACCEPT;
	flows = &all[cpu];
	ct = nf_ct_get(skb, &ctinfo);
	/* the namespace may have packets of its own, which are not ours */
	if (skb != flows->sent || !ct)
		return NF_ACCEPT;
	if (nf_ct_is_confirmed(ct)) {
		flows->known++;
		return NF_ACCEPT;
	}
	nf_conntrack_get(&ct->ct_general);
	flows->taken = ct;
	return NF_ACCEPT;
}

static void xb_end(struct nf_conn *ct)
{
	nf_ct_delete(ct, 0, 0);
	nf_ct_put(ct);
}

/**
 * xb_flows_keep() - the packet is gone: its flow lives on, or ends at once
 * @flows: of the thread, whose @sent was set before
 * @which: the namespace
 *
 * Context: softirqs off.
 * Return: true if the packet began a new flow and was forwarded.
 */
bool xb_flows_keep(struct xb_flows *flows, int which)
{
	struct xb_ring *ring = &flows->ring[which];
	struct nf_conn *ct = flows->taken;

	flows->sent = NULL;
	flows->taken = NULL;
	if (!ct)
		return false;
	if (!nf_ct_is_confirmed(ct)) {
		nf_ct_put(ct);
		return false;
	}
	if (flows->live) {
		swap(ct, ring->ct[ring->at]);
		if (++ring->at == flows->live)
			ring->at = 0;
	}
	if (ct)
		xb_end(ct);
	return true;
}

static void xb_ring_exit(struct xb_ring *ring, u32 live)
{
	u32 i;

	for (i = 0; ring->ct && i < live; i++) {
		if (ring->ct[i])
			xb_end(ring->ct[i]);
		cond_resched();
	}
	vfree(ring->ct);
}

/**
 * xb_flows_alive() - flows that are in a table of conntrack
 * @flows: of a thread
 *
 * Return: their number, of both namespaces.
 */
u32 xb_flows_alive(const struct xb_flows *flows)
{
	const struct nf_conn *ct;
	u32 i, n = 0;
	int k;

	for (k = 0; k < XB_SIDES; k++) {
		for (i = 0; i < flows->live; i++) {
			ct = flows->ring[k].ct[i];
			n += ct && !nf_ct_is_dying(ct);
		}
	}
	return n;
}

static int xb_rings_init(struct xb_watch *watch, const struct xb_job *job)
{
	struct xb_flows *flows;
	u32 i;
	int k;

	for (i = 0; job->live && i < job->cpus; i++) {
		flows = &watch->flows[i];
		for (k = 0; k < XB_SIDES; k++) {
			flows->ring[k].ct = vcalloc(job->live,
						    sizeof(struct nf_conn *));
			if (!flows->ring[k].ct)
				return -ENOMEM;
		}
		flows->live = job->live;
	}
	return 0;
}

/**
 * xb_watch_init() - from now on the flows of sent packets are taken
 * @watch: zeroed; must stay where it is
 * @job: says how many live
 * @side: the namespaces
 *
 * Context: process.
 * Return: 0 or a negative errno; xb_watch_exit() is due in both cases.
 */
int xb_watch_init(struct xb_watch *watch, const struct xb_job *job,
		  const struct xb_side *side)
{
	int ret = xb_rings_init(watch, job);

	watch->ops.hook = xb_take;
	watch->ops.priv = watch->flows;
	watch->ops.pf = job->family;
	watch->ops.hooknum = NF_INET_POST_ROUTING;
	watch->ops.priority = NF_IP_PRI_CONNTRACK_CONFIRM - 1;
	while (!ret && watch->sides < XB_SIDES) {
		ret = nf_register_net_hook(side[watch->sides].net, &watch->ops);
		if (!ret)
			watch->sides++;
	}
	return ret;
}

/**
 * xb_watch_exit() - no hook is left, and no flow
 * @watch: may be half initialised
 * @side: the namespaces
 *
 * Context: process; the threads have ended.
 */
void xb_watch_exit(struct xb_watch *watch, const struct xb_side *side)
{
	u32 i;
	int k;

	while (watch->sides)
		nf_unregister_net_hook(side[--watch->sides].net, &watch->ops);
	/* packets of others may still be in the hook */
	synchronize_rcu();
	for (i = 0; i < XB_CPUS; i++)
		for (k = 0; k < XB_SIDES; k++)
			xb_ring_exit(&watch->flows[i].ring[k],
				     watch->flows[i].live);
}
