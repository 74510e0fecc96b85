/* SPDX-License-Identifier: GPL-2.0-only */
/* What the parts of the benchmark module share; bench_main.c tells the whole. */
#ifndef XA_BENCH_H
#define XA_BENCH_H

#include <linux/netdevice.h>
#include <linux/netfilter.h>
#include <linux/skbuff.h>
#include <net/net_namespace.h>

#define XB_CPUS		8
#define XB_SEQ		(1u << 17)	/* drawn addresses of a host list */
#define XB_HEADERS	80		/* bytes: IPv6 and the largest L4 header */
#define XB_PAYLOAD	256		/* bytes of payload that can be given */
#define XB_PAGE_ORDER	4		/* a page that holds any payload */

/**
 * enum xb_mode - what to measure
 * @XB_COST:	cost of the rules: batches alternate between the namespaces
 * @XB_SCALE:	packets that all CPUs carry in some time, and one alone
 * @XB_WORST:	what the slowest packet takes, maybe after a time of silence
 */
enum xb_mode { XB_COST, XB_SCALE, XB_WORST };

enum xb_dist { XB_FIXED, XB_UNIFORM, XB_LIST, XB_ZIPF, XB_FILE };

/**
 * struct xb_range - where the addresses of one direction come from
 * @base:	the prefix, or the address
 * @plen:	its length in bits
 * @dist:	how addresses are drawn
 * @hosts:	length of the host list, for %XB_LIST, %XB_ZIPF and %XB_FILE
 * @list:	the hosts, drawn once
 * @path:	of %XB_FILE
 */
struct xb_range {
	union nf_inet_addr	base;
	u8			plen;
	u8			dist;
	u32			hosts;
	union nf_inet_addr	*list;
	char			path[64];
};

/**
 * struct xb_job - one measurement, as the user wrote it
 * @mode:	what is measured
 * @family:	NFPROTO_IPV4 or NFPROTO_IPV6
 * @proto:	layer 4 protocol
 * @flags:	TCP flags, byte 13 of the header
 * @hook:	NF_INET_*
 * @routed:	POSTROUTING comes after @hook, as for a packet that is forwarded
 * @cpus:	threads, each bound to a CPU of its own
 * @batch:	packets between two looks at the clock
 * @pairs:	batches in each namespace (cost)
 * @rounds:	repetitions (scale, worst)
 * @pause:	seconds of silence before each round (worst)
 * @ms:		duration of a round (scale)
 * @warm:	packets sent before anything is measured, by each thread
 * @fresh:	a new skb for each packet
 * @confirm:	conntrack entries are confirmed, so later packets find them
 * @forget:	conntrack entries go, at once or after @live others: each packet is a
 *		new flow
 * @live:	flows of each thread in each namespace that are not yet forgotten
 * @receive:	packets are received by the device, with all that follows
 * @gso:	bytes of the segments that a packet stands for, its payload in pages; or 0
 * @src, @dst:	addresses
 * @sport, @dport: first and last port
 * @len:	bytes of payload
 * @payload:	its first bytes; the rest is zero
 * @payload_len: bytes in @payload
 * @fd:		namespaces with and without the rules, as open files
 * @dev:	name of the device in both, default lo
 */
struct xb_job {
	u8		mode, family, proto, flags, hook;
	bool		routed, fresh, confirm, forget, receive;
	u32		cpus, batch, pairs, rounds, pause, ms, warm, len, gso, live;
	struct xb_range	src, dst;
	u16		sport[2], dport[2];
	u8		payload[XB_PAYLOAD];
	u32		payload_len;
	int		fd[2];
	char		dev[IFNAMSIZ];
};

/**
 * struct xb_side - a namespace
 * @net: held
 * @dev: held
 */
struct xb_side {
	struct net		*net;
	struct net_device	*dev;
};

enum { XB_BASE, XB_RULES, XB_SIDES };

/**
 * struct xb_maker - a thread's source of packets
 * @job:	what to make
 * @rng:	state of the generator
 * @seq:	addresses drawn from the host lists, source and destination
 * @at:		position in @seq
 * @skb:	the packet that is used again and again
 * @page:	payload of all packets, with gso; of order XB_PAGE_ORDER
 * @headers:	bytes that each packet starts with
 * @hlen:	their number
 */
struct xb_maker {
	const struct xb_job	*job;
	u64			rng;
	union nf_inet_addr	*seq[2];
	u32			at;
	struct sk_buff		*skb;
	struct page		*page;
	u8			headers[XB_HEADERS];
	u32			hlen;
};

/**
 * struct xb_ring - flows in the order in which they began
 * @ct:	a reference to each, or NULL
 * @at:	the oldest
 */
struct xb_ring {
	struct nf_conn	**ct;
	u32		at;
};

/**
 * struct xb_flows - flows that a thread began
 * @sent:	the packet that is on its way
 * @taken:	the new flow that it began, with a reference
 * @known:	packets of flows that were there before
 * @live:	length of each ring; without rings 0
 * @ring:	of each namespace
 *
 * No lock: the thread is bound to its CPU, and its packets run through the
 * hooks there, with softirqs off.
 */
struct xb_flows {
	const struct sk_buff	*sent;
	struct nf_conn		*taken;
	u64			known;
	u32			live;
	struct xb_ring		ring[XB_SIDES];
} ____cacheline_aligned_in_smp;

/**
 * struct xb_watch - the hook that takes flows
 * @ops:	the same in all namespaces
 * @sides:	namespaces that have it
 * @flows:	of each CPU
 */
struct xb_watch {
	struct nf_hook_ops	ops;
	int			sides;
	struct xb_flows		flows[XB_CPUS];
};

/**
 * xb_watches() - does it take a hook to know the flows?
 * @job: what is measured
 *
 * Return: false if flows are forgotten at once and we still have the packets.
 */
static inline bool xb_watches(const struct xb_job *job)
{
	return job->forget && (job->receive || job->live);
}

int xb_parse(struct xb_job *job, char *text);

int xb_range_init(struct xb_range *range, u8 family);
void xb_range_exit(struct xb_range *range);
int xb_maker_init(struct xb_maker *m, const struct xb_job *job, u32 seed);
void xb_maker_exit(struct xb_maker *m);
struct sk_buff *xb_make(struct xb_maker *m);
void xb_unmake(struct xb_maker *m, struct sk_buff *skb, int verdict);

int xb_watch_init(struct xb_watch *watch, const struct xb_job *job,
		  const struct xb_side *side);
void xb_watch_exit(struct xb_watch *watch, const struct xb_side *side);
bool xb_flows_keep(struct xb_flows *flows, int which);
u32 xb_flows_alive(const struct xb_flows *flows);

int xb_run(const struct xb_job *job, const struct xb_side *side, char *out,
	   size_t size);

#endif
