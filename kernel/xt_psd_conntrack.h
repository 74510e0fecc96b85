/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * xt_psd_conntrack - whether the connections that a source opened were answered
 *
 * A connection is noted by its tuple, not by a reference: what is
 * remembered of a source must not keep entries, nor namespaces, alive.
 *
 * Only SYN/ACK and UDP answers count. An entry whose one answer was a reset, as
 * that of a closed port, is deleted by connection tracking at once; an ICMP error
 * does not make an entry answered; and what a later rule drops has no entry.
 *
 * The module does not depend on nf_conntrack, so that rules that see no tracked
 * packet load nothing. Its look-up function is taken when it is there: with a rule,
 * or else soon after the first tracked packet, by a work. It is held until this module
 * is unloaded.
 */
#ifndef _XT_PSD_CONNTRACK_H
#define _XT_PSD_CONNTRACK_H

#include <linux/kconfig.h>
#include <linux/module.h>
#include <linux/workqueue.h>
#include <net/netfilter/nf_conntrack.h>
#include <net/netfilter/nf_conntrack_core.h>
#include <net/netfilter/nf_conntrack_zones.h>

#include "xt_psd_detect.h"

/* Words of 16 bits of an address */
static inline unsigned int psd_addr_words(u8 family)
{
	return family == NFPROTO_IPV6 ? 8 : 2;
}

/*
 * Words of a connection: its ports (which need not be those that are counted), the
 * protocol, the destination, and the source where several hosts are one (@hosts). The
 * zone is that of all packets of such a host.
 */
static inline unsigned int psd_conn_words(u8 family, bool hosts)
{
	return 3 + (hosts ? 2 : 1) * psd_addr_words(family);
}

#if IS_ENABLED(CONFIG_NF_CONNTRACK)

static typeof(nf_conntrack_find_get) *psd_find __read_mostly;

static void psd_conntrack_bind(void)
{
	typeof(psd_find) find;

	if (READ_ONCE(psd_find))
		return;
	find = symbol_get(nf_conntrack_find_get);
	if (find && cmpxchg(&psd_find, NULL, find))
		symbol_put(nf_conntrack_find_get);	/* another was faster */
}

static void psd_conntrack_work(struct work_struct *work)
{
	psd_conntrack_bind();
}

static DECLARE_WORK(psd_bind_work, psd_conntrack_work);

/* No rule is left, and no packet on its way through one. */
static void psd_conntrack_unbind(void)
{
	cancel_work_sync(&psd_bind_work);
	if (psd_find)
		symbol_put(nf_conntrack_find_get);
}

/* Of a packet: NULL for the template of the target CT, which is no connection */
static inline const struct nf_conn *psd_conn_of(const struct nf_conn *ct, u8 family)
{
	return ct && !nf_ct_is_template(ct) && nf_ct_l3num(ct) == family ? ct : NULL;
}

/* The zone of a packet, which is that of its connection */
static inline u16 psd_zone_of(const struct nf_conn *ct)
{
	return ct ? nf_ct_zone(ct)->id : NF_CT_DEFAULT_ZONE_ID;
}

static inline const struct nf_conntrack_tuple *psd_orig(const struct nf_conn *ct)
{
	return &ct->tuplehash[IP_CT_DIR_ORIGINAL].tuple;
}

static void psd_conn_note(const struct psd_place *at, u16 *conn)
{
	const struct nf_conntrack_tuple *t = psd_orig(at->conn);
	unsigned int words = psd_addr_words(t->src.l3num);

	conn[0] = (__force u16)t->src.u.all;
	conn[1] = (__force u16)t->dst.u.all;
	conn[2] = t->dst.protonum;
	memcpy(conn + 3, &t->dst.u3, words * sizeof(*conn));
	if (!at->host)
		memcpy(conn + 3 + words, &t->src.u3, words * sizeof(*conn));
	if (unlikely(!READ_ONCE(psd_find)))
		schedule_work(&psd_bind_work);
}

static void psd_conn_tuple(const struct psd_place *at, const u16 *conn,
			   struct nf_conntrack_tuple *t)
{
	unsigned int words = psd_addr_words(at->family);

	memset(t, 0, sizeof(*t));
	t->src.l3num = at->family;
	t->src.u.all = (__force __be16)conn[0];
	t->dst.u.all = (__force __be16)conn[1];
	t->dst.protonum = conn[2];
	t->dst.dir = IP_CT_DIR_ORIGINAL;
	memcpy(&t->dst.u3, conn + 3, words * sizeof(*conn));
	memcpy(&t->src.u3, at->host ?: conn + 3 + words, words * sizeof(*conn));
}

static bool psd_conn_is_answered(const struct psd_place *at, const u16 *conn)
{
	typeof(psd_find) find = READ_ONCE(psd_find);
	const struct nf_conn *now = at->conn;
	struct nf_conntrack_zone zone;
	struct nf_conntrack_tuple_hash *hash;
	struct nf_conntrack_tuple tuple;
	struct nf_conn *ct;
	bool answered;

	if (!find)
		return false;
	psd_conn_tuple(at, conn, &tuple);
	nf_ct_zone_init(&zone, psd_zone_of(now),
			now ? nf_ct_zone(now)->dir : NF_CT_DEFAULT_ZONE_DIR, 0);
	hash = find(at->net, &zone, &tuple);
	if (!hash)
		return false;
	ct = nf_ct_tuplehash_to_ctrack(hash);
	answered = test_bit(IPS_SEEN_REPLY_BIT, &ct->status) &&
		   !test_bit(IPS_DYING_BIT, &ct->status);
	nf_conntrack_put(&ct->ct_general);	/* nf_ct_put() would link nf_conntrack */
	return answered;
}

#else

static inline void psd_conntrack_bind(void)
{
}

static inline void psd_conntrack_unbind(void)
{
}

static inline const struct nf_conn *psd_conn_of(const struct nf_conn *ct, u8 family)
{
	return NULL;
}

static void psd_conn_note(const struct psd_place *at, u16 *conn)
{
}

static bool psd_conn_is_answered(const struct psd_place *at, const u16 *conn)
{
	return false;
}

static inline u16 psd_zone_of(const struct nf_conn *ct)
{
	return 0;
}

#endif

#endif /* _XT_PSD_CONNTRACK_H */
