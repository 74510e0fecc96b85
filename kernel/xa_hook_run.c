// SPDX-License-Identifier: GPL-2.0-only
/*
 * xa_hook_run - packets
 *
 * Under RCU, in softirq or process context. A packet finds the ruleset of its
 * namespace by one pointer, so all chains change at the same time for it; it may
 * well meet the old ruleset at one hook and the new one at the next.
 *
 * The rules run with bottom halves off, as they do in ip_tables.
 *
 * At ingress the extensions see what they would see at the beginning of
 * prerouting: they are told that hook and the family of the packet, the header is
 * linear and cut to its length, and the control block is that of IP; whoever gets the
 * packet next has its own again, and its transport header. What is no valid packet of the
 * family goes on unseen, to whoever drops it.
 */
#include <linux/if_ether.h>
#include <linux/ip.h>
#include <linux/ipv6.h>
#include <linux/netfilter_ipv4.h>
#include <linux/netfilter_ipv6.h>
#include <linux/skbuff.h>
#include <net/ip.h>
#include <net/ipv6.h>

#include "xa_hook_priv.h"

/* struct packet.protocol: the header is not there */
enum {
	CUT_OFF  = -1,	/* the packet ends before it */
	NOT_HERE = -2,	/* it is in another fragment, or does not matter here */
};

/* What of a packet is looked for once. */
struct packet {
	struct xt_action_param par;
	const char *in;
	const char *out;
	int protocol;
};

static const char no_device[IFNAMSIZ] __aligned(sizeof(long));

/* A hook that is on its way out may find that its place has gone to another. */
static const struct xa_hook_chain *chain_of(const struct xa_hook_point *point)
{
	const struct xa_hook_ruleset *rs = rcu_dereference(point->hn->ruleset);
	const struct xa_hook_chain *chain = rs ? rs->slots[point->slot] : NULL;

	return chain && chain->point == point ? chain : NULL;
}

/* ---- the base match */

static bool wrong(const struct xa_hook_rule *rule, u8 flag, bool differs)
{
	return differs ^ !!(rule->base.invert & flag);
}

static bool addresses_match4(const struct xa_hook_rule *rule, const struct iphdr *iph)
{
	const struct xa_hook_base *b = &rule->base;

	if (rule->tests & XA_HOOK_TEST_SRC &&
	    wrong(rule, XA_HOOK_INV_SRC,
		  (iph->saddr & *(const __be32 *)b->src_mask) != *(const __be32 *)b->src))
		return false;
	return !(rule->tests & XA_HOOK_TEST_DST) ||
	       !wrong(rule, XA_HOOK_INV_DST,
		      (iph->daddr & *(const __be32 *)b->dst_mask) != *(const __be32 *)b->dst);
}

static bool addresses_match6(const struct xa_hook_rule *rule, const struct ipv6hdr *ip6h)
{
	const struct xa_hook_base *b = &rule->base;

	if (rule->tests & XA_HOOK_TEST_SRC &&
	    wrong(rule, XA_HOOK_INV_SRC,
		  ipv6_masked_addr_cmp(&ip6h->saddr, (const struct in6_addr *)b->src_mask,
				       (const struct in6_addr *)b->src)))
		return false;
	return !(rule->tests & XA_HOOK_TEST_DST) ||
	       !wrong(rule, XA_HOOK_INV_DST,
		      ipv6_masked_addr_cmp(&ip6h->daddr, (const struct in6_addr *)b->dst_mask,
					   (const struct in6_addr *)b->dst));
}

static bool devices_match(const struct xa_hook_rule *rule, const struct packet *p)
{
	const struct xa_hook_base *b = &rule->base;

	if (rule->tests & XA_HOOK_TEST_IN &&
	    wrong(rule, XA_HOOK_INV_IN,
		  ifname_compare_aligned(p->in, b->in, (const char *)b->in_mask)))
		return false;
	return !(rule->tests & XA_HOOK_TEST_OUT) ||
	       !wrong(rule, XA_HOOK_INV_OUT,
		      ifname_compare_aligned(p->out, b->out, (const char *)b->out_mask));
}

static bool protocol_matches(const struct xa_hook_rule *rule, struct packet *p)
{
	if (rule->tests & XA_HOOK_TEST_PROTOCOL) {
		if (p->protocol < 0) {
			p->par.hotdrop = p->protocol == CUT_OFF;
			return false;
		}
		if (wrong(rule, XA_HOOK_INV_PROTOCOL, p->protocol != rule->base.protocol))
			return false;
	}
	return !(rule->tests & XA_HOOK_TEST_FRAGMENT) ||
	       !wrong(rule, XA_HOOK_INV_FRAGMENT, !p->par.fragoff);
}

static bool base_matches(const struct xa_hook_rule *rule, const struct sk_buff *skb,
			 struct packet *p)
{
	if (!rule->tests)
		return true;
	if (rule->tests & (XA_HOOK_TEST_SRC | XA_HOOK_TEST_DST) &&
	    !(p->par.state->pf == NFPROTO_IPV4 ? addresses_match4(rule, ip_hdr(skb)) :
	      addresses_match6(rule, ipv6_hdr(skb))))
		return false;
	return devices_match(rule, p) && protocol_matches(rule, p);
}

/* ---- rules */

static bool rule_matches(const struct xa_hook_rule *rule, struct sk_buff *skb, struct packet *p)
{
	const struct xa_hook_use *use = rule->uses, *end = use + rule->n_matches;

	if (!base_matches(rule, skb, p))
		return false;
	for (; use < end; use++) {
		p->par.match = use->match;
		p->par.matchinfo = use->data;
		if (!use->match->match(skb, &p->par) || p->par.hotdrop)
			return false;
	}
	return true;
}

/*
 * With bottom halves off this CPU is the only writer, so plain additions do; those of
 * u64_stats_t are atomic ones on machines other than x86. PREEMPT_RT lets another
 * task have the CPU in spite of that.
 */
static void count(const struct xa_hook_rule *rule, unsigned int bytes)
{
	struct xa_hook_stats *stats;

	if (IS_ENABLED(CONFIG_PREEMPT_RT))
		preempt_disable();
	stats = this_cpu_ptr(rule->stats);
	u64_stats_update_begin(&stats->syncp);
	WRITE_ONCE(stats->packets, stats->packets + 1);
	WRITE_ONCE(stats->bytes, stats->bytes + bytes);
	u64_stats_update_end(&stats->syncp);
	if (IS_ENABLED(CONFIG_PREEMPT_RT))
		preempt_enable();
}

static unsigned int act(const struct xa_hook_rule *rule, struct sk_buff *skb, struct packet *p)
{
	const struct xa_hook_use *use = &rule->uses[rule->n_matches];

	if (!rule->has_target)
		return rule->verdict;
	p->par.target = use->target;
	p->par.targinfo = use->data;
	return use->target->target(skb, &p->par);
}

/* ---- what is looked for */

static void look4(const struct sk_buff *skb, struct packet *p)
{
	const struct iphdr *iph = ip_hdr(skb);

	p->par.thoff = ip_hdrlen(skb);
	p->par.fragoff = ntohs(iph->frag_off) & IP_OFFSET;
	p->protocol = iph->protocol;
}

/*
 * A fragment that is not the first one may begin with a further extension header, which
 * ipv6_find_hdr() takes for a defect. What is one is dropped by a rule with a protocol, as
 * ip6_tables does it, but not at ingress, where all that is malformed goes on.
 */
static int no_protocol(const struct xa_hook_chain *chain, const struct sk_buff *skb, int err,
		       unsigned short *fragoff)
{
	unsigned int at = 0;

	if (err == -ENOENT && ipv6_find_hdr(skb, &at, NEXTHDR_FRAGMENT, fragoff, NULL) >= 0 &&
	    *fragoff)
		return NOT_HERE;
	*fragoff = 0;
	return chain->key.hook == XA_HOOK_INGRESS ? NOT_HERE : CUT_OFF;
}

static void look6(const struct xa_hook_chain *chain, const struct sk_buff *skb,
		  struct packet *p)
{
	unsigned short fragoff = 0;

	p->par.thoff = 0;
	p->protocol = ipv6_find_hdr(skb, &p->par.thoff, -1, &fragoff, NULL);
	if (unlikely(p->protocol < 0)) {
		p->par.thoff = 0;
		p->protocol = no_protocol(chain, skb, p->protocol, &fragoff);
	}
	p->par.fragoff = fragoff;
}

static void look(const struct xa_hook_chain *chain, const struct sk_buff *skb,
		 struct packet *p)
{
	if (p->par.state->pf == NFPROTO_IPV4)
		look4(skb, p);
	else
		look6(chain, skb, p);
}

static unsigned int run(const struct xa_hook_chain *chain, struct sk_buff *skb, struct packet *p)
{
	unsigned int verdict = XT_CONTINUE;
	u32 i;

	local_bh_disable();
	for (i = 0; i < chain->n_rules && verdict == XT_CONTINUE; i++) {
		const struct xa_hook_rule *rule = chain->rules[i];

		if (rule_matches(rule, skb, p)) {
			count(rule, skb->len);
			verdict = act(rule, skb, p);
			/* the target may have changed the protocol, as PROTO does */
			if (verdict == XT_CONTINUE && rule->has_target)
				look(chain, skb, p);
		} else if (unlikely(p->par.hotdrop)) {
			verdict = NF_DROP;
		}
	}
	local_bh_enable();
	/* the end of the chain, reached or returned to */
	return verdict == XT_CONTINUE || verdict == XT_RETURN ? NF_ACCEPT : verdict;
}

static void packet_init(struct packet *p, const struct nf_hook_state *state)
{
	p->par.state = state;
	p->par.hotdrop = false;
	p->in = state->in ? state->in->name : no_device;
	p->out = state->out ? state->out->name : no_device;
}

static unsigned int run4(const struct xa_hook_chain *chain, struct sk_buff *skb,
			 const struct nf_hook_state *state)
{
	struct packet p __uninitialized;

	packet_init(&p, state);
	look4(skb, &p);
	return run(chain, skb, &p);
}

static unsigned int run6(const struct xa_hook_chain *chain, struct sk_buff *skb,
			 const struct nf_hook_state *state)
{
	struct packet p __uninitialized;

	packet_init(&p, state);
	look6(chain, skb, &p);
	return run(chain, skb, &p);
}

/* ---- the hooks of IPv4 and IPv6 */

static bool goes_on(unsigned int verdict)
{
	verdict &= NF_VERDICT_MASK;
	return verdict != NF_DROP && verdict != NF_STOLEN;
}

/* As in the table mangle: what routing looks at may have changed. */
static unsigned int run4_output(const struct xa_hook_chain *chain, struct sk_buff *skb,
				const struct nf_hook_state *state)
{
	const struct iphdr *iph = ip_hdr(skb);
	__be32 saddr = iph->saddr, daddr = iph->daddr;
	u32 mark = skb->mark;
	u8 tos = iph->tos;
	unsigned int verdict;
	int err;

	verdict = run4(chain, skb, state);
	if (!goes_on(verdict))
		return verdict;
	iph = ip_hdr(skb);
	if (iph->saddr == saddr && iph->daddr == daddr && skb->mark == mark && iph->tos == tos)
		return verdict;
	err = ip_route_me_harder(state->net, state->sk, skb, RTN_UNSPEC);
	return err < 0 ? NF_DROP_ERR(err) : verdict;
}

static unsigned int run6_output(const struct xa_hook_chain *chain, struct sk_buff *skb,
				const struct nf_hook_state *state)
{
	struct in6_addr saddr = ipv6_hdr(skb)->saddr, daddr = ipv6_hdr(skb)->daddr;
	__be32 flow = ip6_flowinfo(ipv6_hdr(skb));
	u8 hop_limit = ipv6_hdr(skb)->hop_limit;
	const struct ipv6hdr *ip6h;
	u32 mark = skb->mark;
	unsigned int verdict;
	int err;

	verdict = run6(chain, skb, state);
	if (!goes_on(verdict))
		return verdict;
	ip6h = ipv6_hdr(skb);
	if (ipv6_addr_equal(&ip6h->saddr, &saddr) && ipv6_addr_equal(&ip6h->daddr, &daddr) &&
	    skb->mark == mark && ip6h->hop_limit == hop_limit && ip6_flowinfo(ip6h) == flow)
		return verdict;
	err = nf_ip6_route_me_harder(state->net, state->sk, skb);
	return err < 0 ? NF_DROP_ERR(err) : verdict;
}

/**
 * xa_hook_run4 - a packet at a hook of IPv4
 * @priv:  the hook's struct xa_hook_point
 * @skb:   packet
 * @state: of the hook
 *
 * Context: RCU; softirq or process.
 * Return: verdict of the hook.
 */
unsigned int xa_hook_run4(void *priv, struct sk_buff *skb, const struct nf_hook_state *state)
{
	const struct xa_hook_chain *chain = chain_of(priv);

	if (!chain)
		return NF_ACCEPT;
	return state->hook == NF_INET_LOCAL_OUT ? run4_output(chain, skb, state) :
	       run4(chain, skb, state);
}

/**
 * xa_hook_run6 - a packet at a hook of IPv6
 * @priv:  the hook's struct xa_hook_point
 * @skb:   packet
 * @state: of the hook
 *
 * Context: RCU; softirq or process.
 * Return: verdict of the hook.
 */
unsigned int xa_hook_run6(void *priv, struct sk_buff *skb, const struct nf_hook_state *state)
{
	const struct xa_hook_chain *chain = chain_of(priv);

	if (!chain)
		return NF_ACCEPT;
	return state->hook == NF_INET_LOCAL_OUT ? run6_output(chain, skb, state) :
	       run6(chain, skb, state);
}

/* ---- ingress */

/* BIG TCP: more than the length field can say. */
static bool length_is_unsaid(const struct sk_buff *skb)
{
	return skb_is_gso(skb) && skb_shinfo(skb)->gso_type & (SKB_GSO_TCPV4 | SKB_GSO_TCPV6);
}

/* Cut off what an Ethernet frame is padded with: it must not be counted. */
static bool valid4(struct sk_buff *skb)
{
	const struct iphdr *iph;
	unsigned int len, size;

	if (!pskb_may_pull(skb, sizeof(*iph)))
		return false;
	iph = ip_hdr(skb);
	if (iph->ihl < 5 || iph->version != 4)
		return false;
	size = iph->ihl * 4;
	len = ntohs(iph->tot_len);
	if (!len && length_is_unsaid(skb))
		len = skb->len;
	if (skb->len < len || len < size || !pskb_may_pull(skb, size) ||
	    pskb_trim_rcsum(skb, len))
		return false;
	skb_set_transport_header(skb, size);
	return true;
}

static bool valid6(struct sk_buff *skb)
{
	const struct ipv6hdr *ip6h;
	unsigned int len;

	if (!pskb_may_pull(skb, sizeof(*ip6h)))
		return false;
	ip6h = ipv6_hdr(skb);
	if (ip6h->version != 6)
		return false;
	len = ntohs(ip6h->payload_len);
	/* a jumbogram says its length elsewhere */
	if (len || (ip6h->nexthdr != NEXTHDR_HOP && !length_is_unsaid(skb))) {
		len += sizeof(*ip6h);
		if (skb->len < len || pskb_trim_rcsum(skb, len))
			return false;
	}
	skb_set_transport_header(skb, sizeof(*ip6h));
	return true;
}

/* Nothing can be queued here: such a packet could not come back. */
static unsigned int ingress_run(const struct xa_hook_chain *chain, struct sk_buff *skb,
				const struct nf_hook_state *was)
{
	bool v4 = chain->key.family == NFPROTO_IPV4;
	int transport = skb_transport_header_was_set(skb) ? skb_transport_offset(skb) : 0;
	struct nf_hook_state state;
	u8 cb[sizeof(skb->cb)] __uninitialized;
	unsigned int verdict;

	if (skb_network_offset(skb) || !(v4 ? valid4(skb) : valid6(skb)))
		return NF_ACCEPT;
	nf_hook_state_init(&state, NF_INET_PRE_ROUTING, chain->key.family, was->in, NULL, NULL,
			   was->net, NULL);
	memcpy(cb, skb->cb, sizeof(cb));
	memset(skb->cb, 0, sizeof(cb));
	if (v4)
		IPCB(skb)->iif = was->in->ifindex;
	else
		IP6CB(skb)->iif = was->in->ifindex;
	verdict = v4 ? run4(chain, skb, &state) : run6(chain, skb, &state);
	if (goes_on(verdict)) {
		memcpy(skb->cb, cb, sizeof(cb));
		skb_set_transport_header(skb, transport);
	}
	return (verdict & NF_VERDICT_MASK) == NF_QUEUE ? NF_DROP : verdict;
}

/*
 * Somebody else has the packet as well (pktgen gives one away many times): nobody
 * may write to it, or move its header. The rules see a copy of the struct; what
 * they write into the contents goes with it, what they mark stays.
 */
static unsigned int ingress_shared(const struct xa_hook_chain *chain, struct sk_buff *skb,
				   const struct nf_hook_state *state)
{
	struct sk_buff *copy = skb_clone(skb, GFP_ATOMIC);
	unsigned int verdict;

	if (!copy)
		return NF_DROP;
	verdict = ingress_run(chain, copy, state);
	if ((verdict & NF_VERDICT_MASK) == NF_STOLEN) {
		consume_skb(skb);
		return verdict;
	}
	skb->mark = copy->mark;
	skb->priority = copy->priority;
	consume_skb(copy);
	return verdict;
}

/**
 * xa_hook_run_ingress - a packet that comes in by a device
 * @priv:  the hook's struct xa_hook_point
 * @skb:   packet, tags of the link layer taken off
 * @state: of the hook
 *
 * Context: RCU; softirq or process.
 * Return: verdict of the hook.
 */
unsigned int xa_hook_run_ingress(void *priv, struct sk_buff *skb,
				 const struct nf_hook_state *state)
{
	const struct xa_hook_point *point = priv;
	const struct xa_hook_chain *chain;

	if (skb->protocol != point->ethertype)
		return NF_ACCEPT;
	chain = chain_of(point);
	if (!chain)
		return NF_ACCEPT;
	if (unlikely(skb_shared(skb)))
		return ingress_shared(chain, skb, state);
	return ingress_run(chain, skb, state);
}
