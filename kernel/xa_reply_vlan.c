// SPDX-License-Identifier: GPL-2.0-only
/*
 * xa_reply_vlan - the VLAN tag of an answer that leaves by a bridge port
 *
 * A bridge that does not filter VLANs leaves tags as they are, and so does the
 * answer. One that filters has, at FORWARD, already given the packet the form
 * of the port that it will leave by. Its VLAN is that of its tag, or, without
 * one, a VLAN that this port sends untagged. The answer gets the form which
 * that VLAN has at the port where the packet came in.
 *
 * Functions of the bridge module are called through pointers, so that xa_reply
 * does not need the module: it is held while there are bridges.
 */
#include <linux/hash.h>
#include <linux/if_bridge.h>
#include <linux/if_vlan.h>
#include <linux/jiffies.h>
#include <linux/module.h>
#include <linux/netdevice.h>
#include <linux/netfilter_bridge.h>
#include <linux/percpu.h>
#include <linux/rcupdate.h>

#include "xa_reply_pkt.h"

#if IS_ENABLED(CONFIG_BRIDGE) && IS_ENABLED(CONFIG_BRIDGE_NETFILTER) && \
	IS_ENABLED(CONFIG_BRIDGE_VLAN_FILTERING)

/*
 * A search looks at all VLANs of two ports, which may take 100 us. Its result is
 * used for REPLY_VLAN_TIME; meanwhile other ports of the same slot have none, so
 * that searches take a small share of the time, whoever sends.
 */
#define REPLY_VLAN_BITS	3
#define REPLY_VLAN_TIME	max(HZ / 100, 1)

typedef bool reply_vlan_enabled(const struct net_device *dev);
typedef int reply_vlan_proto(const struct net_device *dev, u16 *proto);
typedef int reply_vlan_info(const struct net_device *dev, u16 vid,
			    struct bridge_vlan_info *info);

/**
 * struct reply_bridge - what we call of the bridge module
 * @enabled: br_vlan_enabled
 * @proto:   br_vlan_get_proto
 * @info:    br_vlan_get_info_rcu
 */
struct reply_bridge {
	reply_vlan_enabled *enabled;
	reply_vlan_proto *proto;
	reply_vlan_info *info;
};

static struct reply_bridge reply_bridge;	/* changed under RTNL */
static struct reply_bridge __rcu *reply_bridge_now;	/* NULL, or &reply_bridge */
static unsigned int reply_bridges;		/* devices; under RTNL */

/**
 * struct reply_vlan - result of a search
 * @in:    port where packets come in; only compared
 * @out:   port that they leave by; only compared
 * @until: jiffies
 * @vid:   the VLAN, or 0: none, or not the only one
 */
struct reply_vlan {
	const struct net_device *in;
	const struct net_device *out;
	unsigned long until;
	u16 vid;
};

/* Used while an answer is made, of which there is one at a time on a CPU. */
static DEFINE_PER_CPU(struct reply_vlan, reply_vlans[1 << REPLY_VLAN_BITS]);

/* The only VLAN that @out sends untagged and @in has; 0: none, or several */
static u16 reply_vlan_search(const struct net_device *in, const struct net_device *out,
			     reply_vlan_info *info)
{
	struct bridge_vlan_info vlan;
	u16 vid, found = 0;

	for (vid = 1; vid < VLAN_VID_MASK; ++vid) {
		if (info(out, vid, &vlan) || !(vlan.flags & BRIDGE_VLAN_INFO_UNTAGGED) ||
		    info(in, vid, &vlan))
			continue;
		if (found)
			return 0;
		found = vid;
	}
	return found;
}

static u16 reply_vlan_untagged(const struct xa_reply_pkt *r, reply_vlan_info *info)
{
	const struct net_device *in = r->port, *out;
	struct reply_vlan *known;

	out = dev_get_by_index_rcu(r->state->net, nf_bridge_get_physoutif(r->old));
	if (!out)
		return 0;
	known = this_cpu_ptr(&reply_vlans[hash_32(in->ifindex * 31 + out->ifindex,
						  REPLY_VLAN_BITS)]);
	if (!known->in || time_after_eq(jiffies, known->until)) {
		known->in    = in;
		known->out   = out;
		known->vid   = reply_vlan_search(in, out, info);
		known->until = jiffies + REPLY_VLAN_TIME;
	}
	return known->in == in && known->out == out ? known->vid : 0;
}

static bool reply_vlan_filtered(struct xa_reply_pkt *r, const struct net_device *br,
				const struct reply_bridge *bridge)
{
	struct bridge_vlan_info vlan;
	u16 proto, vid;

	if (!bridge->info || bridge->proto(br, &proto) < 0 ||
	    (r->tagged && r->vlan_proto != htons(proto)))
		return false;
	vid = r->tagged ? r->vlan_tci & VLAN_VID_MASK :
			  reply_vlan_untagged(r, bridge->info);
	if (!vid || bridge->info(r->port, vid, &vlan))
		return false;
	r->vlan_proto = htons(proto);
	r->vlan_tci   = (r->vlan_tci & ~VLAN_VID_MASK) | vid;
	r->tagged     = !(vlan.flags & BRIDGE_VLAN_INFO_UNTAGGED);
	return true;
}

static bool reply_vlan_bridged(struct xa_reply_pkt *r)
{
	const struct reply_bridge *bridge = rcu_dereference(reply_bridge_now);
	const struct net_device *br = netdev_master_upper_dev_get_rcu(r->port);

	if (!bridge || !br || !netif_is_bridge_master(br))
		return false;
	return !bridge->enabled(br) || reply_vlan_filtered(r, br, bridge);
}

static void reply_bridge_get(void)
{
	reply_bridge.enabled = symbol_get(br_vlan_enabled);
	reply_bridge.proto   = symbol_get(br_vlan_get_proto);
	reply_bridge.info    = symbol_get(br_vlan_get_info_rcu);
	if (reply_bridge.enabled && reply_bridge.proto)
		rcu_assign_pointer(reply_bridge_now, &reply_bridge);
}

/* No packet of a bridge is on its way any more. */
static void reply_bridge_put(void)
{
	RCU_INIT_POINTER(reply_bridge_now, NULL);
	if (reply_bridge.enabled)
		symbol_put(br_vlan_enabled);
	if (reply_bridge.proto)
		symbol_put(br_vlan_get_proto);
	if (reply_bridge.info)
		symbol_put(br_vlan_get_info_rcu);
}

static int reply_bridge_event(struct notifier_block *nb, unsigned long event, void *ptr)
{
	if (!netif_is_bridge_master(netdev_notifier_info_to_dev(ptr)))
		return NOTIFY_DONE;
	if (event == NETDEV_REGISTER && reply_bridges++ == 0)
		reply_bridge_get();
	if (event == NETDEV_UNREGISTER && --reply_bridges == 0)
		reply_bridge_put();
	return NOTIFY_DONE;
}

static struct notifier_block reply_bridge_notifier = {
	.notifier_call = reply_bridge_event,
};

/**
 * xa_reply_vlan_init - begin to follow which bridges there are
 *
 * Context: process.
 * Return: 0 or a negative errno.
 */
int xa_reply_vlan_init(void)
{
	return register_netdevice_notifier(&reply_bridge_notifier);
}

/**
 * xa_reply_vlan_exit - end of xa_reply_vlan_init()
 *
 * Context: process; no packet is being answered.
 */
void xa_reply_vlan_exit(void)
{
	unregister_netdevice_notifier(&reply_bridge_notifier);
}
#else
static bool reply_vlan_bridged(struct xa_reply_pkt *r)
{
	return true;
}

int xa_reply_vlan_init(void)
{
	return 0;
}

void xa_reply_vlan_exit(void)
{
}
#endif

/**
 * xa_reply_vlan - find the VLAN tag of the answer
 * @r: after xa_reply_open(); tagged, vlan_proto and vlan_tci are filled in
 *
 * Context: packet path, RCU read side, where one answer at a time is made on a CPU.
 * Return: false if the VLAN is not known, or the port is not in it (any more):
 *	   then nothing may be answered.
 */
bool xa_reply_vlan(struct xa_reply_pkt *r)
{
	if (!r->port)
		return true;
	r->tagged = skb_vlan_tag_present(r->old);
	if (r->tagged) {
		r->vlan_proto = r->old->vlan_proto;
		r->vlan_tci   = skb_vlan_tag_get(r->old);
	}
	return !r->bridged || reply_vlan_bridged(r);
}
