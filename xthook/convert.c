// SPDX-License-Identifier: GPL-2.0-only
/* convert - between what plugins see of a rule and what the kernel has */
#include <string.h>

#include "client.h"

const uint8_t hook_number[HOOKS] = {
	[INGRESS] = XA_HOOK_INGRESS, [PREROUTING] = XA_HOOK_PREROUTING,
	[INPUT] = XA_HOOK_INPUT, [FORWARD] = XA_HOOK_FORWARD,
	[OUTPUT] = XA_HOOK_OUTPUT, [POSTROUTING] = XA_HOOK_POSTROUTING,
};

/* The bits of invflags, which are the same in both families, and the kernel's */
static const struct {
	uint8_t entry, base;
} inverts[] = {
	{ IPT_INV_SRCIP, XA_HOOK_INV_SRC }, { IPT_INV_DSTIP, XA_HOOK_INV_DST },
	{ IPT_INV_VIA_IN, XA_HOOK_INV_IN }, { IPT_INV_VIA_OUT, XA_HOOK_INV_OUT },
	{ XT_INV_PROTO, XA_HOOK_INV_PROTOCOL }, { IPT_INV_FRAG, XA_HOOK_INV_FRAGMENT },
};

#define N_INVERTS	(sizeof(inverts) / sizeof(*inverts))

static uint8_t invert_to_base(uint8_t entry)
{
	uint8_t base = 0;
	size_t i;

	for (i = 0; i < N_INVERTS; i++)
		base |= entry & inverts[i].entry ? inverts[i].base : 0;
	return base;
}

static uint8_t invert_from_base(uint8_t base)
{
	uint8_t entry = 0;
	size_t i;

	for (i = 0; i < N_INVERTS; i++)
		entry |= base & inverts[i].base ? inverts[i].entry : 0;
	return entry;
}

uint8_t family_number(enum family family)
{
	return family == IPV4 ? NFPROTO_IPV4 : NFPROTO_IPV6;
}

/* The same fields in both families, of addresses of their sizes */
static void to_base4(const struct ipt_ip *ip, struct xa_hook_base *base)
{
	memcpy(base->src, &ip->src, sizeof(ip->src));
	memcpy(base->src_mask, &ip->smsk, sizeof(ip->smsk));
	memcpy(base->dst, &ip->dst, sizeof(ip->dst));
	memcpy(base->dst_mask, &ip->dmsk, sizeof(ip->dmsk));
	memcpy(base->in, ip->iniface, IFNAMSIZ);
	memcpy(base->in_mask, ip->iniface_mask, IFNAMSIZ);
	memcpy(base->out, ip->outiface, IFNAMSIZ);
	memcpy(base->out_mask, ip->outiface_mask, IFNAMSIZ);
	base->protocol = ip->proto;
	base->invert = invert_to_base(ip->invflags);
}

static void to_base6(const struct ip6t_ip6 *ip, struct xa_hook_base *base)
{
	memcpy(base->src, &ip->src, sizeof(ip->src));
	memcpy(base->src_mask, &ip->smsk, sizeof(ip->smsk));
	memcpy(base->dst, &ip->dst, sizeof(ip->dst));
	memcpy(base->dst_mask, &ip->dmsk, sizeof(ip->dmsk));
	memcpy(base->in, ip->iniface, IFNAMSIZ);
	memcpy(base->in_mask, ip->iniface_mask, IFNAMSIZ);
	memcpy(base->out, ip->outiface, IFNAMSIZ);
	memcpy(base->out_mask, ip->outiface_mask, IFNAMSIZ);
	base->protocol = ip->proto;
	base->invert = invert_to_base(ip->invflags);
}

static void from_base4(struct ipt_ip *ip, const struct xa_hook_base *base)
{
	memcpy(&ip->src, base->src, sizeof(ip->src));
	memcpy(&ip->smsk, base->src_mask, sizeof(ip->smsk));
	memcpy(&ip->dst, base->dst, sizeof(ip->dst));
	memcpy(&ip->dmsk, base->dst_mask, sizeof(ip->dmsk));
	memcpy(ip->iniface, base->in, IFNAMSIZ);
	memcpy(ip->iniface_mask, base->in_mask, IFNAMSIZ);
	memcpy(ip->outiface, base->out, IFNAMSIZ);
	memcpy(ip->outiface_mask, base->out_mask, IFNAMSIZ);
	ip->proto = base->protocol;
	ip->invflags = invert_from_base(base->invert);
}

static void from_base6(struct ip6t_ip6 *ip, const struct xa_hook_base *base)
{
	memcpy(&ip->src, base->src, sizeof(ip->src));
	memcpy(&ip->smsk, base->src_mask, sizeof(ip->smsk));
	memcpy(&ip->dst, base->dst, sizeof(ip->dst));
	memcpy(&ip->dmsk, base->dst_mask, sizeof(ip->dmsk));
	memcpy(ip->iniface, base->in, IFNAMSIZ);
	memcpy(ip->iniface_mask, base->in_mask, IFNAMSIZ);
	memcpy(ip->outiface, base->out, IFNAMSIZ);
	memcpy(ip->outiface_mask, base->out_mask, IFNAMSIZ);
	ip->proto = base->protocol;
	ip->invflags = invert_from_base(base->invert);
}

void rule_to_base(enum family family, const struct rule *rule, struct xa_hook_base *base)
{
	memset(base, 0, sizeof(*base));
	if (family == IPV4) {
		to_base4(&rule->entry.entry4.ip, base);
		base->flags = rule->entry.entry4.ip.flags & IPT_F_FRAG ? XA_HOOK_FRAGMENT : 0;
	} else {
		to_base6(&rule->entry.entry6.ipv6, base);
	}
}

void rule_from_base(enum family family, struct rule *rule, const struct xa_hook_base *base)
{
	if (family == IPV4) {
		from_base4(&rule->entry.entry4.ip, base);
		rule->entry.entry4.ip.flags = base->flags & XA_HOOK_FRAGMENT ? IPT_F_FRAG : 0;
	} else {
		from_base6(&rule->entry.entry6.ipv6, base);
		rule->entry.entry6.ipv6.flags = base->protocol ? IP6T_F_PROTO : 0;
	}
}
