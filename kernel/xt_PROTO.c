// SPDX-License-Identifier: GPL-2.0-only
/*
 * xt_PROTO - write the protocol number of a packet
 *
 * IPv4: the protocol field, and the header checksum with it. IPv6: the
 * next-header field of the last extension header, or of the IPv6 header where
 * there is none. Fragments other than the first and ICMP errors are left alone
 * in both: an error that no longer looks like one is answered with an error, and
 * so on without end (RFC 1122, 3.2.2). A packet that cannot be parsed or made
 * writable is dropped; all others go on. The rule has no state; nothing here
 * takes a lock.
 */
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/icmp.h>
#include <linux/icmpv6.h>
#include <linux/ip.h>
#include <linux/ipv6.h>
#include <linux/module.h>
#include <linux/skbuff.h>
#include <linux/netfilter/x_tables.h>
#include <net/checksum.h>
#include <net/ip.h>
#include <net/ipv6.h>

#include "xa_hooks.h"
#include "xa_log.h"
#include "xa_rights.h"
#include "xa_version.h"
#include "xt_PROTO.h"

/* Bound of work on one packet: nobody sends more than a handful. */
#define PROTO_EXTHDRS_MAX	32

static bool proto_is_icmp_error(const struct sk_buff *skb, unsigned int pos)
{
	const struct icmphdr *icmp;
	struct icmphdr buf;

	icmp = skb_header_pointer(skb, pos, sizeof(buf), &buf);
	return icmp && icmp_is_err(icmp->type);
}

/* Of a packet that may be one; few are */
static noinline bool proto_is_error4(const struct sk_buff *skb)
{
	unsigned int pos = skb_network_offset(skb) + ip_hdrlen(skb);
	const struct ipv6_opt_hdr *ah;
	struct ipv6_opt_hdr buf;

	if (ip_hdr(skb)->protocol != IPPROTO_AH)
		return proto_is_icmp_error(skb, pos);
	/* IPv6 has the same authentication header */
	ah = skb_header_pointer(skb, pos, sizeof(buf), &buf);
	return ah && ah->nexthdr == IPPROTO_ICMP &&
	       proto_is_icmp_error(skb, pos + ipv6_authlen(ah));
}

static unsigned int proto_tg4(struct sk_buff *skb,
			      const struct xt_action_param *par)
{
	const struct xt_proto_tginfo *info = par->targinfo;
	struct iphdr *iph = ip_hdr(skb);
	__be16 old, new;

	if (iph->frag_off & htons(IP_OFFSET) || iph->protocol == info->proto)
		return XT_CONTINUE;
	if ((iph->protocol == IPPROTO_ICMP || iph->protocol == IPPROTO_AH) &&
	    proto_is_error4(skb))
		return XT_CONTINUE;
	if (skb_ensure_writable(skb, skb_network_offset(skb) + sizeof(*iph)))
		return NF_DROP;
	iph = ip_hdr(skb);
	/* the header adds up to zero before and after, so skb->csum stays */
	old = htons(iph->ttl << 8 | iph->protocol);
	new = htons(iph->ttl << 8 | info->proto);
	csum_replace2(&iph->check, old, new);
	iph->protocol = info->proto;
	return XT_CONTINUE;
}

/**
 * struct proto_field - a next-header field
 * @pos:   where it is in the skb; the two bytes from (@pos & ~1) on are there
 * @next:  where the header begins that it announces
 * @value: what it says
 */
struct proto_field {
	unsigned int pos;
	unsigned int next;
	u8 value;
};

static bool proto_is_ext(u8 nexthdr, u8 mode)
{
	switch (nexthdr) {
	case NEXTHDR_HOP:
	case NEXTHDR_ROUTING:
	case NEXTHDR_DEST:
		return true;
	case NEXTHDR_FRAGMENT:
		return !(mode & XT_PROTO_STOP_AT_FRAG);
	case NEXTHDR_AUTH:
		return !(mode & XT_PROTO_STOP_AT_AUTH);
	}
	return false;
}

/* 1: a fragment other than the first; 0: the first or all; negative: cut off */
static int proto_later_fragment(const struct sk_buff *skb, unsigned int pos)
{
	const struct frag_hdr *frag;
	struct frag_hdr buf;

	frag = skb_header_pointer(skb, pos, sizeof(buf), &buf);
	if (!frag)
		return -EINVAL;
	return !!(frag->frag_off & htons(IP6_OFFSET));
}

static unsigned int proto_optlen(const struct ipv6_opt_hdr *ext, u8 nexthdr)
{
	switch (nexthdr) {
	case NEXTHDR_FRAGMENT:
		return sizeof(struct frag_hdr);
	case NEXTHDR_AUTH:
		return ipv6_authlen(ext);
	}
	return ipv6_optlen(ext);
}

/*
 * Find the field to write. 0: found; 1: a fragment to leave alone; negative:
 * the chain of headers is cut, or longer than any that makes sense. Inlined, for most
 * packets have no chain.
 */
static __always_inline int proto_find(const struct sk_buff *skb, u8 mode,
				      struct proto_field *field)
{
	unsigned int pos = skb_network_offset(skb), n;
	const struct ipv6_opt_hdr *ext;
	struct ipv6_opt_hdr buf;
	int ret;

	field->pos = pos + offsetof(struct ipv6hdr, nexthdr);
	field->value = ipv6_hdr(skb)->nexthdr;
	pos += sizeof(struct ipv6hdr);
	for (n = 0; n < PROTO_EXTHDRS_MAX; ++n) {
		if (field->value == NEXTHDR_FRAGMENT) {
			ret = proto_later_fragment(skb, pos);
			if (ret != 0)
				return ret;
		}
		if (!proto_is_ext(field->value, mode)) {
			field->next = pos;
			return 0;
		}
		ext = skb_header_pointer(skb, pos, sizeof(buf), &buf);
		if (!ext)
			return -EINVAL;
		field->pos = pos + offsetof(struct ipv6_opt_hdr, nexthdr);
		pos += proto_optlen(ext, field->value);
		field->value = ext->nexthdr;
	}
	return -EINVAL;
}

/* Of a packet that may be one; few are */
static noinline bool proto_is_error6(const struct sk_buff *skb, u8 mode,
				     struct proto_field field)
{
	const u8 *type;
	u8 buf;

	/* the chain may have ended at a header that an option names */
	if (mode != XT_PROTO_SET && proto_is_ext(field.value, XT_PROTO_SET) &&
	    proto_find(skb, XT_PROTO_SET, &field) != 0)
		return false;
	if (field.value != IPPROTO_ICMPV6)
		return false;
	type = skb_header_pointer(skb, field.next, sizeof(buf), &buf);
	return type && !(*type & ICMPV6_INFOMSG_MASK);
}

static unsigned int proto_tg6(struct sk_buff *skb,
			      const struct xt_action_param *par)
{
	const struct xt_proto_tginfo *info = par->targinfo;
	struct proto_field field;
	int ret = proto_find(skb, info->mode, &field);

	if (ret < 0)
		return NF_DROP;
	if (ret > 0 || field.value == info->proto)
		return XT_CONTINUE;
	if ((field.value == IPPROTO_ICMPV6 || proto_is_ext(field.value, XT_PROTO_SET)) &&
	    proto_is_error6(skb, info->mode, field))
		return XT_CONTINUE;
	/* the field is the first byte of a 16-bit word of the checksum */
	if (skb_ensure_writable(skb, field.pos + 2))
		return NF_DROP;
	skb_postpull_rcsum(skb, skb->data + field.pos, 2);
	skb->data[field.pos] = info->proto;
	skb_postpush_rcsum(skb, skb->data + field.pos, 2);
	return XT_CONTINUE;
}

static int proto_tg_check(const struct xt_tgchk_param *par)
{
	const struct xt_proto_tginfo *info = par->targinfo;

	if (info->mode & ~XT_PROTO_ALL || !(info->mode & XT_PROTO_SET)) {
		xa_net_info(par->net, "mode %#x is not known or sets nothing\n",
			    info->mode);
		return -EINVAL;
	}
	if (par->family == NFPROTO_IPV4 && info->mode != XT_PROTO_SET) {
		xa_net_info(par->net, "IPv4 has no extension headers to stop at\n");
		return -EPROTOTYPE;
	}
	return xa_may_write(par->net);
}

static struct xt_target proto_tg_reg[] __read_mostly = {
	{
		.name       = "PROTO",
		.revision   = 0,
		.family     = NFPROTO_IPV4,
		.table      = "mangle",
		.hooks      = XA_HOOKS_ANY,
		.checkentry = proto_tg_check,
		.target     = proto_tg4,
		.targetsize = sizeof(struct xt_proto_tginfo),
		.me         = THIS_MODULE,
	},
	{
		.name       = "PROTO",
		.revision   = 0,
		.family     = NFPROTO_IPV6,
		.table      = "mangle",
		.hooks      = XA_HOOKS_ANY,
		.checkentry = proto_tg_check,
		.target     = proto_tg6,
		.targetsize = sizeof(struct xt_proto_tginfo),
		.me         = THIS_MODULE,
	},
};

static int __init proto_tg_init(void)
{
	return xt_register_targets(proto_tg_reg, ARRAY_SIZE(proto_tg_reg));
}

static void __exit proto_tg_exit(void)
{
	xt_unregister_targets(proto_tg_reg, ARRAY_SIZE(proto_tg_reg));
}

module_init(proto_tg_init);
module_exit(proto_tg_exit);

MODULE_AUTHOR("The xtables-anew project");
MODULE_DESCRIPTION("Xtables: write the protocol number");
MODULE_LICENSE("GPL");
MODULE_VERSION(XA_VERSION);
MODULE_ALIAS("ipt_PROTO");
MODULE_ALIAS("ip6t_PROTO");
