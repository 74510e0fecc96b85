// SPDX-License-Identifier: GPL-2.0-only
/*
 * xt_psd - match the packets of hosts that scan ports
 *
 * A rule adds up the weights of the different destination ports that a source
 * tries, and matches while their sum has reached the threshold; what that means
 * exactly, and how memory stays bounded, is told in xt_psd_detect.h.
 *
 * Packets that cannot be a probe (TCP with ACK or RST, later fragments, what
 * connection tracking knows as established) are told by their headers alone:
 * for them nothing is looked up, locked or written.
 *
 * Ports whose connection was answered do not count. The detector asks connection
 * tracking for them (xt_psd_conntrack.h); without it every port counts.
 *
 * Each rule has a table of its own, made with the rule and never larger. Locks
 * are taken with bottom halves off: OUTPUT of nf_tables runs with them on.
 */
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/inetdevice.h>
#include <linux/ip.h>
#include <linux/ipv6.h>
#include <linux/jiffies.h>
#include <linux/log2.h>
#include <linux/module.h>
#include <linux/moduleparam.h>
#include <linux/random.h>
#include <linux/siphash.h>
#include <linux/skbuff.h>
#include <linux/slab.h>
#include <linux/spinlock.h>
#include <linux/tcp.h>
#include <linux/netfilter/x_tables.h>
#include <net/ip.h>
#include <net/ipv6.h>
#include <net/netfilter/nf_conntrack.h>

#include "xa_hooks.h"
#include "xa_log.h"
#include "xa_stat.h"
#include "xa_version.h"
#include "xt_psd.h"
#include "xt_psd_detect.h"
#include "xt_psd_conntrack.h"

#define PSD_HOSTS_MIN	1024U
#define PSD_HOSTS_MAX	(1024U * 1024)

/* Of the TCP header: up to the flags. */
#define PSD_TCP_LEN	14

static unsigned int hosts = 32768;
module_param(hosts, uint, 0444);
MODULE_PARM_DESC(hosts, "hosts that a rule remembers, 1024 to 1048576");

/**
 * struct psd_table - memory of one rule; constant but for what is pointed to
 * @params:         the rule
 * @key:            of the hash of sources
 * @newcomer_sets:  number of sets of newcomers, a power of 2
 * @suspect_sets:   number of sets of suspects, a power of 2
 * @newcomers:      PSD_NEWCOMERS words each
 * @sets:           the hashes of suspects
 * @suspects:       PSD_SUSPECTS for each of @sets
 * @conns:          a connection for each of @newcomers
 * @flows:          connections of each of @suspects
 */
struct psd_table {
	struct psd_params params;
	siphash_key_t key;
	unsigned int newcomer_sets;
	unsigned int suspect_sets;
	u64 *newcomers;
	struct psd_set *sets;
	char *suspects;
	u16 *conns;
	u32 *flows;
};

/* A packet of @conn, or of none that is known, from @host, or from one of several */
static bool psd_try(const struct psd_table *table, struct net *net, u8 family,
		    const struct nf_conn *conn, const void *host, u64 source, u16 port)
{
	const struct psd_params *p = &table->params;
	size_t newcomer = PSD_NEWCOMERS * (source & (table->newcomer_sets - 1));
	size_t set = source & (table->suspect_sets - 1);
	struct psd_place at = {
		.newcomers = table->newcomers + newcomer,
		.set = table->sets + set,
		.suspects = table->suspects + set * PSD_SUSPECTS * p->size,
		.conns = table->conns + newcomer * p->conn_words,
		.flows = table->flows + set * PSD_SUSPECTS * p->flows_words,
		.net = net,
		.conn = conn,
		.host = host,
		.family = family,
	};

	return psd_probe(p, &at, source ?: 1, port, jiffies);
}

/*
 * TCP without ACK and RST is what begins a connection, or should not be there.
 * A first fragment (@more to come) without the flags is the latter.
 */
static int psd_tcp_port(const struct sk_buff *skb, unsigned int thoff, bool more)
{
	const struct tcphdr *th;
	struct tcphdr buf;
	const __be16 *ports;

	th = skb_header_pointer(skb, thoff, PSD_TCP_LEN, &buf);
	if (likely(th))
		return th->ack || th->rst ? -1 : ntohs(th->dest);
	ports = more ? skb_header_pointer(skb, thoff, 4, &buf) : NULL;
	return ports ? ntohs(ports[1]) : -1;
}

/* Port that a packet with a transport header tries; -1: it tries none. */
static int psd_port(const struct sk_buff *skb, unsigned int thoff, u8 proto,
		    bool more)
{
	const __be16 *ports;
	__be16 buf[2];

	switch (proto) {
	case IPPROTO_TCP:
		return psd_tcp_port(skb, thoff, more);
	case IPPROTO_UDP:
	case IPPROTO_UDPLITE:
		ports = skb_header_pointer(skb, thoff, sizeof(buf), buf);
		return ports ? ntohs(ports[1]) : -1;
	}
	return -1;
}

/* Answers, and connections that were let in, are no probes. */
static bool psd_counts(const struct sk_buff *skb, const struct psd_table *table,
		       int port, const struct nf_conn **conn)
{
	enum ip_conntrack_info ctinfo;

	if (port < 0 || !psd_weight(&table->params, port))
		return false;
	*conn = nf_ct_get(skb, &ctinfo);
	return !*conn || ctinfo == IP_CT_NEW;
}

/* What is counted by itself: a host, or a host and the network that it tries */
static u64 psd_source4(const struct xt_psd_mtinfo *info, const struct iphdr *iph)
{
	u32 host = (__force u32)(iph->saddr & inet_make_mask(info->srcmask));

	if (!info->dstmask)
		return siphash_1u32(host, &info->table->key);
	return siphash_2u32(host, (__force u32)(iph->daddr &
						inet_make_mask(info->dstmask)),
			    &info->table->key);
}

static u64 psd_source6(const struct xt_psd_mtinfo *info,
		       const struct ipv6hdr *iph)
{
	struct in6_addr pair[2];

	ipv6_addr_prefix(&pair[0], &iph->saddr, info->srcmask);
	if (!info->dstmask)
		return siphash(pair, sizeof(pair[0]), &info->table->key);
	ipv6_addr_prefix(&pair[1], &iph->daddr, info->dstmask);
	return siphash(pair, sizeof(pair), &info->table->key);
}

/* In another zone of connection tracking the same address is another host. */
static u64 psd_zoned(const struct psd_table *table, const struct nf_conn *conn,
		     u64 source)
{
	u16 zone = psd_zone_of(conn);

	return likely(!zone) ? source : siphash_2u64(source, zone, &table->key);
}

/* Of matches only: most packets match nothing. */
static bool psd_counted(const struct xt_action_param *par, bool matches)
{
	if (unlikely(matches))
		xa_stat_add(xt_net(par), XA_STAT_PSD_MATCHES, 1);
	return matches;
}

static bool psd_mt4(const struct sk_buff *skb, struct xt_action_param *par)
{
	const struct xt_psd_mtinfo *info = par->matchinfo;
	const struct psd_table *table = info->table;
	const struct iphdr *iph = ip_hdr(skb);
	const struct nf_conn *conn;
	int port;

	if (par->fragoff)
		return false;
	port = psd_port(skb, par->thoff, iph->protocol,
			iph->frag_off & htons(IP_MF));
	if (!psd_counts(skb, table, port, &conn) || !iph->saddr)
		return false;
	conn = psd_conn_of(conn, NFPROTO_IPV4);
	return psd_counted(par, psd_try(table, xt_net(par), NFPROTO_IPV4, conn,
					info->srcmask == 32 ? &iph->saddr : NULL,
					psd_zoned(table, conn, psd_source4(info, iph)),
					port));
}

static bool psd_mt6(const struct sk_buff *skb, struct xt_action_param *par)
{
	const struct xt_psd_mtinfo *info = par->matchinfo;
	const struct psd_table *table = info->table;
	const struct ipv6hdr *iph = ipv6_hdr(skb);
	int thoff = skb_network_offset(skb) + sizeof(*iph), port;
	const struct nf_conn *conn;
	u8 proto = iph->nexthdr;
	__be16 frag = 0;

	if (ipv6_ext_hdr(proto))
		thoff = ipv6_skip_exthdr(skb, thoff, &proto, &frag);
	if (thoff < 0 || frag & htons(IP6_OFFSET))
		return false;
	port = psd_port(skb, thoff, proto, frag & htons(IP6_MF));
	if (!psd_counts(skb, table, port, &conn) || ipv6_addr_any(&iph->saddr))
		return false;
	conn = psd_conn_of(conn, NFPROTO_IPV6);
	return psd_counted(par, psd_try(table, xt_net(par), NFPROTO_IPV6, conn,
					info->srcmask == 128 ? &iph->saddr : NULL,
					psd_zoned(table, conn, psd_source6(info, iph)),
					port));
}

static void psd_table_free(struct psd_table *table)
{
	kvfree(table->flows);
	kvfree(table->conns);
	kvfree(table->suspects);
	kvfree(table->sets);
	kvfree(table->newcomers);
	kfree(table);
}

static void psd_table_size(struct psd_table *table)
{
	table->newcomer_sets = roundup_pow_of_two(hosts) / PSD_NEWCOMERS;
	table->suspect_sets = psd_suspect_sets(&table->params, hosts);
}

static bool psd_table_fill(struct psd_table *table)
{
	unsigned int suspects = table->suspect_sets * PSD_SUSPECTS, i;
	const struct psd_params *p = &table->params;
	/* megabytes, which a small machine may lack: the rule is refused then */
	const gfp_t gfp = GFP_KERNEL_ACCOUNT | __GFP_NOWARN;

	table->newcomers = kvcalloc(table->newcomer_sets, PSD_NEWCOMERS *
				    sizeof(*table->newcomers), gfp);
	table->sets = kvcalloc(table->suspect_sets, sizeof(*table->sets), gfp);
	table->suspects = kvcalloc(suspects, p->size, gfp);
	table->conns = kvcalloc(table->newcomer_sets, PSD_NEWCOMERS *
				p->conn_words * sizeof(*table->conns), gfp);
	table->flows = kvcalloc(suspects, p->flows_words * sizeof(*table->flows), gfp);
	if (!table->newcomers || !table->sets || !table->suspects ||
	    !table->conns || !table->flows)
		return false;
	for (i = 0; i < table->suspect_sets; ++i)
		spin_lock_init(&table->sets[i].lock);
	for (i = 0; i < suspects; ++i)
		spin_lock_init(&psd_suspect_at(p, table->suspects, i)->lock);
	return true;
}

static struct psd_table *psd_table_alloc(const struct xt_psd_mtinfo *info, u8 family,
					 unsigned int bits)
{
	struct psd_table *table = kzalloc(sizeof(*table), GFP_KERNEL_ACCOUNT);

	if (!table)
		return NULL;
	psd_params_init(&table->params, info,
			psd_ticks(info->delay_threshold, HZ),
			psd_conn_words(family, info->srcmask < bits));
	psd_table_size(table);
	get_random_bytes(&table->key, sizeof(table->key));
	if (!psd_table_fill(table)) {
		psd_table_free(table);
		return NULL;
	}
	return table;
}

static bool psd_is_valid(const struct xt_psd_mtinfo *info, unsigned int bits)
{
	return info->weight_threshold >= 1 &&
	       info->weight_threshold <= XT_PSD_MAX &&
	       info->delay_threshold <= XT_PSD_MAX &&
	       info->lo_ports_weight <= XT_PSD_MAX &&
	       info->hi_ports_weight <= XT_PSD_MAX &&
	       (info->lo_ports_weight || info->hi_ports_weight) &&
	       info->srcmask >= 1 && info->srcmask <= bits &&
	       info->dstmask <= bits;
}

static int psd_mt_check(const struct xt_mtchk_param *par)
{
	struct xt_psd_mtinfo *info = par->matchinfo;
	unsigned int bits = par->family == NFPROTO_IPV6 ? 128 : 32;

	if (memchr_inv(info->pad, 0, sizeof(info->pad)))
		return -EINVAL;
	if (!psd_is_valid(info, bits)) {
		xa_net_info(par->net, "threshold %u, delay %u, weights %u and %u (not both 0) must be at most %u, threshold and source mask %u at least 1, masks at most %u (destination mask %u)\n",
			    info->weight_threshold, info->delay_threshold,
			    info->lo_ports_weight, info->hi_ports_weight,
			    XT_PSD_MAX, info->srcmask, bits, info->dstmask);
		return -EINVAL;
	}
	info->table = psd_table_alloc(info, par->family, bits);
	if (!info->table)
		return -ENOMEM;
	psd_conntrack_bind();
	return 0;
}

static void psd_mt_destroy(const struct xt_mtdtor_param *par)
{
	const struct xt_psd_mtinfo *info = par->matchinfo;

	psd_table_free(info->table);
}

static struct xt_match psd_mt_reg[] __read_mostly = {
	{
		.name       = "psd",
		.revision   = 2,
		.family     = NFPROTO_IPV4,
		.hooks      = XA_HOOKS_ANY,
		.checkentry = psd_mt_check,
		.match      = psd_mt4,
		.destroy    = psd_mt_destroy,
		.matchsize  = sizeof(struct xt_psd_mtinfo),
		.usersize   = offsetof(struct xt_psd_mtinfo, table),
		.me         = THIS_MODULE,
	},
	{
		.name       = "psd",
		.revision   = 2,
		.family     = NFPROTO_IPV6,
		.hooks      = XA_HOOKS_ANY,
		.checkentry = psd_mt_check,
		.match      = psd_mt6,
		.destroy    = psd_mt_destroy,
		.matchsize  = sizeof(struct xt_psd_mtinfo),
		.usersize   = offsetof(struct xt_psd_mtinfo, table),
		.me         = THIS_MODULE,
	},
};

static int __init psd_mt_init(void)
{
	if (hosts < PSD_HOSTS_MIN || hosts > PSD_HOSTS_MAX) {
		pr_err("hosts=%u is not within %u to %u\n", hosts,
		       PSD_HOSTS_MIN, PSD_HOSTS_MAX);
		return -EINVAL;
	}
	return xt_register_matches(psd_mt_reg, ARRAY_SIZE(psd_mt_reg));
}

static void __exit psd_mt_exit(void)
{
	xt_unregister_matches(psd_mt_reg, ARRAY_SIZE(psd_mt_reg));
	psd_conntrack_unbind();
}

module_init(psd_mt_init);
module_exit(psd_mt_exit);

MODULE_AUTHOR("The xtables-anew project");
MODULE_DESCRIPTION("Xtables: port scan detection");
MODULE_LICENSE("GPL");
MODULE_VERSION(XA_VERSION);
MODULE_ALIAS("ipt_psd");
MODULE_ALIAS("ip6t_psd");
