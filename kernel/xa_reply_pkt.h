/* SPDX-License-Identifier: GPL-2.0-only */
/* xa_reply_pkt - between the parts of xa_reply; not for its users */
#ifndef _XA_REPLY_PKT_H
#define _XA_REPLY_PKT_H

#include <linux/if_ether.h>
#include <linux/netfilter.h>
#include <linux/skbuff.h>
#include <net/dst.h>

/**
 * struct xa_reply_pkt - one packet that came in, and its answer in the making
 * @old:     the packet that came in
 * @state:   the hook it is seen at
 * @same_if: answer through the Ethernet device where @old came in, if that can be
 * @port:    device to answer through, not routed, or NULL: a bridge port if @old is
 *	     being bridged, the device of @same_if
 * @bridged: @port is a bridge port
 * @physin:  bridge port where @old came in, if @physout
 * @physout: bridge port by which @old is to leave, or 0: it is not being bridged
 * @tagged:  the answer has a VLAN tag, if @port
 * @hw_src:  Ethernet source of @old, if @port
 * @hw_dst:  Ethernet destination of @old, if @port
 * @vlan_proto: of the tag
 * @vlan_tci: of the tag
 * @thoff:   offset of the transport header in @old
 * @proto:   IPPROTO_TCP or IPPROTO_UDP
 * @options: @old has IPv4 options or IPv6 extension headers
 * @sport:   source port of @old
 * @dport:   destination port of @old
 * @max_ttl: the answer's TTL or hop limit is at most this
 * @tos:     IPv4: of the answer
 * @id:      IPv4: of the answer
 * @frag_off: IPv4: of the answer
 * @flow:    IPv6: traffic class and flow label of the answer
 */
struct xa_reply_pkt {
	struct sk_buff *old;
	const struct nf_hook_state *state;
	struct net_device *port;
	bool same_if;
	bool bridged;
	int physin;
	int physout;
	bool tagged;
	u8 hw_src[ETH_ALEN];
	u8 hw_dst[ETH_ALEN];
	__be16 vlan_proto;
	u16 vlan_tci;
	unsigned int thoff;
	u8 proto;
	bool options;
	__be16 sport;
	__be16 dport;
	u8 max_ttl;
	u8 tos;
	__be16 id;
	__be16 frag_off;
	__be32 flow;
};

static inline bool xa_reply_ipv6(const struct xa_reply_pkt *r)
{
	return IS_ENABLED(CONFIG_IPV6) && r->state->pf == NFPROTO_IPV6;
}

bool xa_reply_open(struct xa_reply_pkt *r);
bool xa_reply_parse(struct xa_reply_pkt *r);
void xa_reply_done(const struct xa_reply_pkt *r);
bool xa_reply_csum_ok(const struct xa_reply_pkt *r);
u8 xa_reply_ttl_in(const struct xa_reply_pkt *r);

int xa_reply_vlan_init(void);
void xa_reply_vlan_exit(void);
bool xa_reply_vlan(struct xa_reply_pkt *r);

struct sk_buff *xa_reply_build(const struct xa_reply_pkt *r, unsigned int head,
			       unsigned int paged);
__sum16 xa_reply_csum(const struct xa_reply_pkt *r, const struct sk_buff *nskb,
		      __wsum csum);
void xa_reply_send(const struct xa_reply_pkt *r, struct sk_buff *nskb);

#endif /* _XA_REPLY_PKT_H */
