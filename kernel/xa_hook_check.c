// SPDX-License-Identifier: GPL-2.0-only
/*
 * xa_hook_check - what an extension may be used for
 *
 * Everything that ip_tables and nft_compat ask is asked: family and revision when
 * it is looked for; size, table, hook and protocol here, so that the answer can
 * say which; and again by xt_check_match() and xt_check_target(), which then ask
 * the extension itself. It is told that this is nft_compat, as that is what is
 * true of us, too: the entry around it is made up, and what LOG and NFLOG write by
 * has been loaded before.
 *
 * An extension that is limited to a table is taken where that table would be.
 */
#include <linux/compat.h>
#include <linux/module.h>
#include <linux/netfilter/xt_bpf.h>
#include <linux/netfilter_ipv4.h>
#include <linux/netfilter_ipv4/ip_tables.h>
#include <linux/netfilter_ipv6/ip6_tables.h>

#include "xa_hook_priv.h"

/* Whether the data have another layout in a 32-bit program, as far as the kernel knows. */
#ifdef XA_HAVE_xt_compat
static bool match_differs(const struct xt_match *mt)
{
	return mt->compat_from_user || (mt->compatsize && mt->compatsize != mt->matchsize);
}

static bool target_differs(const struct xt_target *tg)
{
	return tg->compat_from_user || (tg->compatsize && tg->compatsize != tg->targetsize);
}
#else
static bool match_differs(const struct xt_match *mt)
{
	return false;
}

static bool target_differs(const struct xt_target *tg)
{
	return false;
}
#endif

/* Of struct xt_match and struct xt_target what both have. */
struct limits {
	const char *table;
	unsigned int hooks;
	unsigned int size;
	u16 proto;
	bool other_layout;	/* for a 32-bit program */
};

static void limits_get(const struct xa_hook_ext *ext, struct limits *l)
{
	if (ext->target)
		*l = (struct limits){ ext->tg->table, ext->tg->hooks, ext->tg->targetsize,
			ext->tg->proto, target_differs(ext->tg) };
	else
		*l = (struct limits){ ext->mt->table, ext->mt->hooks, ext->mt->matchsize,
			ext->mt->proto, match_differs(ext->mt) };
}

/**
 * xa_hook_ext_find - an extension that a session has
 * @s:        session that is ready
 * @family:   of the chain
 * @target:   a target is wanted
 * @name:     of it
 * @revision: of it
 *
 * Context: any.
 * Return: extension; NULL: the session did not ask for it, or there is none.
 */
struct xa_hook_ext *xa_hook_ext_find(struct xa_hook_session *s, u8 family, bool target,
				     const char *name, u8 revision)
{
	struct xa_hook_ext *ext;

	for (ext = s->exts; ext < s->exts + s->n_exts; ext++)
		if (ext->family == family && ext->target == target &&
		    ext->revision == revision && !strcmp(ext->name, name))
			return ext->mt ? ext : NULL;
	return NULL;
}

/**
 * xa_hook_ext_size - bytes that an extension keeps of a rule
 * @ext: extension
 *
 * Context: any.
 * Return: bytes, without padding.
 */
unsigned int xa_hook_ext_size(const struct xa_hook_ext *ext)
{
	struct limits l;

	limits_get(ext, &l);
	return l.size;
}

/**
 * xa_hook_ext_fits - whether data have the size that an extension wants
 * @ext: extension
 * @len: bytes of data
 *
 * Context: process, of the program that sent them.
 * Return: 0; -EINVAL: they have not; -EOPNOTSUPP: from a 32-bit program, which
 * has another layout of them.
 */
int xa_hook_ext_fits(const struct xa_hook_ext *ext, unsigned int len)
{
	struct limits l;

	limits_get(ext, &l);
	if (in_compat_syscall() && l.other_layout)
		return -EOPNOTSUPP;
	return len >= l.size && len <= XT_ALIGN(l.size) ? 0 : -EINVAL;
}

static unsigned int hook_mask(const struct xa_hook_key *key)
{
	return 1 << (key->hook == XA_HOOK_INGRESS ? NF_INET_PRE_ROUTING : key->hook);
}

/* Where packets, and their connections, begin */
static bool starts(const struct xa_hook_key *key)
{
	return key->hook == XA_HOOK_PREROUTING || key->hook == XA_HOOK_OUTPUT;
}

static bool table_is_here(const char *table, const struct xa_hook_key *key)
{
	unsigned int ends = 1 << XA_HOOK_INPUT | 1 << XA_HOOK_FORWARD | 1 << XA_HOOK_OUTPUT;

	if (!strcmp(table, "mangle"))
		return true;
	if (!strcmp(table, "filter") || !strcmp(table, "security"))
		return ends & 1 << key->hook;
	if (!strcmp(table, "raw"))
		return starts(key) && key->priority < NF_IP_PRI_CONNTRACK;
	return false;
}

static const char *table_refused(const char *table)
{
	if (!strcmp(table, "raw"))
		return "only for prerouting or output, at a priority below -200";
	if (!strcmp(table, "filter") || !strcmp(table, "security"))
		return "only for input, forward or output";
	return "only for the table nat of iptables";
}

/**
 * xa_hook_ext_refused - why an extension cannot be used in a chain
 * @ext:  extension
 * @key:  place of the chain
 * @base: base match of the rule
 * @err:  the errno if it cannot
 *
 * Context: process.
 * Return: the reason; NULL: so far there is none.
 */
const char *xa_hook_ext_refused(const struct xa_hook_ext *ext, const struct xa_hook_key *key,
				const struct xa_hook_base *base, int *err)
{
	struct limits l;

	limits_get(ext, &l);
	*err = -EINVAL;
	if (ext->target && (!ext->tg->target || !strcmp(ext->name, XT_ERROR_TARGET)))
		return "a verdict of iptables is no target";
	if (key->hook == XA_HOOK_INGRESS && ext->target &&
	    (!strcmp(ext->name, "NFQUEUE") || !strcmp(ext->name, "TPROXY")))
		return "not for ingress";
	if (l.table && !table_is_here(l.table, key))
		return table_refused(l.table);
	if (l.hooks && hook_mask(key) & ~l.hooks)
		return "not for this hook";
	if (l.proto && (l.proto != base->protocol || base->invert & XA_HOOK_INV_PROTOCOL))
		return "only for one protocol, which the rule must ask for";
	return NULL;
}

/**
 * xa_hook_data_refused - why an extension cannot be used with its data
 * @ext:  extension
 * @data: of it, of its size
 *
 * A path is looked up in file systems that may be of anybody, as with FUSE, and wait for him.
 *
 * Context: process.
 * Return: the reason; NULL: so far there is none.
 */
const char *xa_hook_data_refused(const struct xa_hook_ext *ext, const void *data)
{
	u16 mode;

	if (ext->target || strcmp(ext->name, "bpf") || ext->revision != 1)
		return NULL;
	memcpy(&mode, data + offsetof(struct xt_bpf_info_v1, mode), sizeof(mode));
	return mode == XT_BPF_MODE_PATH_PINNED ?
	       "a pinned program is not looked up here: give its bytecode" : NULL;
}

/* ---- the entry that the rule would be in */

union entry {
	struct ipt_entry e4;
	struct ip6t_entry e6;
};

/* XA_HOOK_INV_* in the order of their bits. */
static const u8 invert4[] = { IPT_INV_SRCIP, IPT_INV_DSTIP, IPT_INV_VIA_IN, IPT_INV_VIA_OUT,
			      IPT_INV_PROTO, IPT_INV_FRAG };
static const u8 invert6[] = { IP6T_INV_SRCIP, IP6T_INV_DSTIP, IP6T_INV_VIA_IN,
			      IP6T_INV_VIA_OUT, IP6T_INV_PROTO };

static u8 inverted(const struct xa_hook_base *base, const u8 *flags, unsigned int n)
{
	u8 all = 0;
	unsigned int i;

	for (i = 0; i < n; i++)
		if (base->invert & 1 << i)
			all |= flags[i];
	return all;
}

static void entry_init4(struct ipt_entry *e, const struct xa_hook_base *base)
{
	struct ipt_ip *ip = &e->ip;

	memcpy(&ip->src, base->src, sizeof(ip->src));
	memcpy(&ip->smsk, base->src_mask, sizeof(ip->smsk));
	memcpy(&ip->dst, base->dst, sizeof(ip->dst));
	memcpy(&ip->dmsk, base->dst_mask, sizeof(ip->dmsk));
	memcpy(ip->iniface, base->in, IFNAMSIZ);
	memcpy(ip->iniface_mask, base->in_mask, IFNAMSIZ);
	memcpy(ip->outiface, base->out, IFNAMSIZ);
	memcpy(ip->outiface_mask, base->out_mask, IFNAMSIZ);
	ip->proto = base->protocol;
	ip->flags = base->flags & XA_HOOK_FRAGMENT ? IPT_F_FRAG : 0;
	ip->invflags = inverted(base, invert4, ARRAY_SIZE(invert4));
	e->target_offset = sizeof(*e);
	e->next_offset = sizeof(*e);
}

static void entry_init6(struct ip6t_entry *e, const struct xa_hook_base *base)
{
	struct ip6t_ip6 *ip = &e->ipv6;

	memcpy(&ip->src, base->src, sizeof(ip->src));
	memcpy(&ip->smsk, base->src_mask, sizeof(ip->smsk));
	memcpy(&ip->dst, base->dst, sizeof(ip->dst));
	memcpy(&ip->dmsk, base->dst_mask, sizeof(ip->dmsk));
	memcpy(ip->iniface, base->in, IFNAMSIZ);
	memcpy(ip->iniface_mask, base->in_mask, IFNAMSIZ);
	memcpy(ip->outiface, base->out, IFNAMSIZ);
	memcpy(ip->outiface_mask, base->out_mask, IFNAMSIZ);
	ip->proto = base->protocol;
	ip->flags = base->protocol ? IP6T_F_PROTO : 0;
	ip->invflags = inverted(base, invert6, ARRAY_SIZE(invert6));
	e->target_offset = sizeof(*e);
	e->next_offset = sizeof(*e);
}

static void entry_init(union entry *e, u8 family, const struct xa_hook_base *base)
{
	memset(e, 0, sizeof(*e));
	if (family == NFPROTO_IPV4)
		entry_init4(&e->e4, base);
	else
		entry_init6(&e->e6, base);
}

/* ---- the extension's own check */

/*
 * Where there are no connections yet a match is told so, as in the table raw. Targets are
 * not: what they may do in mangle they may do here. Of hooks with the same priority the
 * youngest is the first one, so a chain at that of conntrack has none.
 */
static const char *match_table(const struct xa_hook_key *key)
{
	return key->hook == XA_HOOK_INGRESS ||
	       (starts(key) && key->priority <= NF_IP_PRI_CONNTRACK) ? "raw" : "mangle";
}

static int match_check(struct xa_hook_net *hn, const struct xa_hook_key *key,
		       const struct xa_hook_base *base, const union entry *e,
		       struct xt_match *match, void *data)
{
	struct xt_mtchk_param par = {
		.net        = hn->net,
		.table      = match->table ?: match_table(key),
		.entryinfo  = e,
		.match      = match,
		.matchinfo  = data,
		.hook_mask  = hook_mask(key),
		.family     = key->family,
		.nft_compat = true,
	};

	return xt_check_match(&par, XT_ALIGN(match->matchsize), base->protocol,
			      base->invert & XA_HOOK_INV_PROTOCOL);
}

static int target_check(struct xa_hook_net *hn, const struct xa_hook_key *key,
			const struct xa_hook_base *base, const union entry *e,
			struct xt_target *target, void *data)
{
	struct xt_tgchk_param par = {
		.net        = hn->net,
		.table      = target->table ?: "mangle",
		.entryinfo  = e,
		.target     = target,
		.targinfo   = data,
		.hook_mask  = hook_mask(key),
		.family     = key->family,
		.nft_compat = true,
	};

	return xt_check_target(&par, XT_ALIGN(target->targetsize), base->protocol,
			       base->invert & XA_HOOK_INV_PROTOCOL);
}

/**
 * xa_hook_ext_check - let an extension check its data, and use it as the next of a rule
 * @rule: rule, which the data are in
 * @key:  place of its chain
 * @ext:  extension; gets a reference to its module
 *
 * Context: process, may sleep; of the program that sent the rule, or of xa_hook_slow_check().
 * Return: 0, then xa_hook_match_destroy() or xa_hook_target_destroy() ends it; or
 * the extension's error.
 */
int xa_hook_ext_check(struct xa_hook_rule *rule, const struct xa_hook_key *key,
		      const struct xa_hook_ext *ext)
{
	struct xa_hook_use *use = &rule->uses[rule->n_matches];
	union entry e;
	int err;

	entry_init(&e, key->family, &rule->base);
	err = ext->target ? target_check(rule->hn, key, &rule->base, &e, ext->tg, use->data) :
			    match_check(rule->hn, key, &rule->base, &e, ext->mt, use->data);
	if (err)
		return err;
	__module_get(ext->target ? ext->tg->me : ext->mt->me);
	if (ext->target) {
		use->target = ext->tg;
		rule->has_target = true;
	} else {
		use->match = ext->mt;
		rule->n_matches++;
	}
	return 0;
}

/**
 * xa_hook_match_destroy - a rule does not use a match any more
 * @rule: rule
 * @use:  the match and its data
 *
 * Context: process, may sleep.
 */
void xa_hook_match_destroy(const struct xa_hook_rule *rule, const struct xa_hook_use *use)
{
	const struct xt_mtdtor_param par = {
		.net       = rule->hn->net,
		.match     = use->match,
		.matchinfo = use->data,
		.family    = rule->family,
	};

	if (use->match->destroy)
		use->match->destroy(&par);
	module_put(use->match->me);
}

/**
 * xa_hook_target_destroy - a rule does not use a target any more
 * @rule: rule
 * @use:  the target and its data
 *
 * Context: process, may sleep.
 */
void xa_hook_target_destroy(const struct xa_hook_rule *rule, const struct xa_hook_use *use)
{
	const struct xt_tgdtor_param par = {
		.net      = rule->hn->net,
		.target   = use->target,
		.targinfo = use->data,
		.family   = rule->family,
	};

	if (use->target->destroy)
		use->target->destroy(&par);
	module_put(use->target->me);
}
