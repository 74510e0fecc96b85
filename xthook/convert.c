// SPDX-License-Identifier: GPL-2.0-only
/* convert - between what plugins see of a rule and what the kernel has */
#include <stddef.h>
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

/**
 * struct field - what a rule's entry and the kernel's base match both have
 * @base:  its place in struct xa_hook_base
 * @entry: its place in struct ipt_ip, struct ip6t_ip6
 * @size:  bytes of it there
 */
struct field {
	size_t base;
	size_t entry[FAMILIES];
	size_t size[FAMILIES];
};

#define BASE(name)	offsetof(struct xa_hook_base, name)
#define ENTRY4(name)	offsetof(struct ipt_ip, name)
#define ENTRY6(name)	offsetof(struct ip6t_ip6, name)

static const struct field fields[] = {
	{ BASE(src), { ENTRY4(src), ENTRY6(src) }, { 4, 16 } },
	{ BASE(src_mask), { ENTRY4(smsk), ENTRY6(smsk) }, { 4, 16 } },
	{ BASE(dst), { ENTRY4(dst), ENTRY6(dst) }, { 4, 16 } },
	{ BASE(dst_mask), { ENTRY4(dmsk), ENTRY6(dmsk) }, { 4, 16 } },
	{ BASE(in), { ENTRY4(iniface), ENTRY6(iniface) }, { IFNAMSIZ, IFNAMSIZ } },
	{ BASE(in_mask), { ENTRY4(iniface_mask), ENTRY6(iniface_mask) }, { IFNAMSIZ, IFNAMSIZ } },
	{ BASE(out), { ENTRY4(outiface), ENTRY6(outiface) }, { IFNAMSIZ, IFNAMSIZ } },
	{ BASE(out_mask), { ENTRY4(outiface_mask), ENTRY6(outiface_mask) },
	  { IFNAMSIZ, IFNAMSIZ } },
	{ BASE(protocol), { ENTRY4(proto), ENTRY6(proto) }, { 2, 2 } },
};

#define N_FIELDS	(sizeof(fields) / sizeof(*fields))

/* libxtables keeps the + of a wildcard, which the mask does not cover. */
static void cover(char *name, const uint8_t *mask)
{
	int i;

	for (i = 0; i < XA_HOOK_IFNAMSIZ; i++)
		name[i] &= mask[i];
}

void rule_to_base(enum family family, const struct rule *rule, struct xa_hook_base *base)
{
	const struct ipt_ip *ip = &rule->entry.entry4.ip;
	const struct ip6t_ip6 *ip6 = &rule->entry.entry6.ipv6;
	const char *entry = family == IPV4 ? (const char *)ip : (const char *)ip6;
	const struct field *f;

	memset(base, 0, sizeof(*base));
	for (f = fields; f < fields + N_FIELDS; f++)
		memcpy((char *)base + f->base, entry + f->entry[family], f->size[family]);
	cover(base->in, base->in_mask);
	cover(base->out, base->out_mask);
	base->invert = invert_to_base(family == IPV4 ? ip->invflags : ip6->invflags);
	if (family == IPV4 && ip->flags & IPT_F_FRAG)
		base->flags = XA_HOOK_FRAGMENT;
}

void rule_from_base(enum family family, struct rule *rule, const struct xa_hook_base *base)
{
	struct ipt_ip *ip = &rule->entry.entry4.ip;
	struct ip6t_ip6 *ip6 = &rule->entry.entry6.ipv6;
	char *entry = family == IPV4 ? (char *)ip : (char *)ip6;
	const struct field *f;

	for (f = fields; f < fields + N_FIELDS; f++)
		memcpy(entry + f->entry[family], (const char *)base + f->base, f->size[family]);
	if (family == IPV4) {
		ip->invflags = invert_from_base(base->invert);
		ip->flags = base->flags & XA_HOOK_FRAGMENT ? IPT_F_FRAG : 0;
	} else {
		ip6->invflags = invert_from_base(base->invert);
		ip6->flags = base->protocol ? IP6T_F_PROTO : 0;
	}
}
