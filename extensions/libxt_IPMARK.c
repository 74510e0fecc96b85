// SPDX-License-Identifier: GPL-2.0-only
/* libxt_IPMARK - iptables plugin for the IPMARK target */
#include <stdio.h>
#include <string.h>

#include <xtables.h>

#include "xa_plugin.h"
#include "xt_IPMARK.h"

enum {
	O_ADDR,
	O_AND_MASK,
	O_OR_MASK,
	O_SHIFT,
};

static const struct xt_option_entry ipmark_tg_opts[] = {
	{ .name = "addr", .id = O_ADDR, .type = XTTYPE_STRING,
	  .flags = XTOPT_MAND },
	{ .name = "and-mask", .id = O_AND_MASK, .type = XTTYPE_UINT32,
	  .flags = XTOPT_PUT, XTOPT_POINTER(struct xt_ipmark_tginfo, andmask) },
	{ .name = "or-mask", .id = O_OR_MASK, .type = XTTYPE_UINT32,
	  .flags = XTOPT_PUT, XTOPT_POINTER(struct xt_ipmark_tginfo, ormask) },
	{ .name = "shift", .id = O_SHIFT, .type = XTTYPE_UINT8,
	  .flags = XTOPT_PUT, XTOPT_POINTER(struct xt_ipmark_tginfo, shift),
	  .min = 0, .max = XT_IPMARK_SHIFT_MAX },
	XTOPT_TABLEEND,
};

static void ipmark_tg_help(void)
{
	printf("IPMARK target options:\n"
	       "  --addr src|dst     make the mark from the source or destination address\n"
	       "  --shift bits       shift the address to the right first (0 to %u)\n"
	       "  --and-mask value   keep these bits of the shifted address\n"
	       "  --or-mask value    set these bits in the mark\n",
	       XT_IPMARK_SHIFT_MAX);
}

static void ipmark_tg_init(struct xt_entry_target *target)
{
	struct xt_ipmark_tginfo *info = (void *)target->data;

	info->andmask = ~0U;
}

static void ipmark_tg_parse(struct xt_option_call *cb)
{
	struct xt_ipmark_tginfo *info = cb->data;

	xtables_option_parse(cb);
	if (cb->entry->id != O_ADDR)
		return;
	if (strcmp(cb->arg, "src") == 0)
		info->selector = XT_IPMARK_SRC;
	else if (strcmp(cb->arg, "dst") == 0)
		info->selector = XT_IPMARK_DST;
	else
		xtables_error(PARAMETER_PROBLEM,
			      "IPMARK: --addr takes \"src\" or \"dst\", not \"%s\"",
			      cb->arg);
}

static void ipmark_tg_save(const void *ip, const struct xt_entry_target *target)
{
	const struct xt_ipmark_tginfo *info = (const void *)target->data;

	(void)ip;
	printf(" --addr %s", info->selector == XT_IPMARK_SRC ? "src" : "dst");
	if (info->shift != 0)
		printf(" --shift %u", info->shift);
	if (info->andmask != ~0U)
		printf(" --and-mask 0x%x", info->andmask);
	if (info->ormask != 0)
		printf(" --or-mask 0x%x", info->ormask);
}

static void ipmark_tg_print(const void *ip, const struct xt_entry_target *target,
			    int numeric)
{
	(void)numeric;
	printf(" -j IPMARK");
	ipmark_tg_save(ip, target);
}

/*
 * 32 bits of the packet at @at, shifted. Only with a shift does every nft put
 * them into the byte order of the mark (1.0.6 leaves it at that without one).
 */
static int ipmark_xlate(struct xt_xlate *xl, const struct xt_ipmark_tginfo *info,
			unsigned int at, unsigned int shift)
{
	if (shift == 0)
		return 0;
	xt_xlate_add(xl, "meta mark set @nh,%u,32 rshift %u", at, shift);
	if (info->andmask != ~0U)
		xt_xlate_add(xl, " and 0x%x", info->andmask);
	if (info->ormask != 0)
		xt_xlate_add(xl, " or 0x%x", info->ormask);
	return 1;
}

/*
 * From the byte before the address on: what begins where an address does is listed
 * as "ip saddr", which nft 1.0.6 does not take for a mark when it reads that list.
 */
static int ipmark_tg4_xlate(struct xt_xlate *xl,
			    const struct xt_xlate_tg_params *params)
{
	const struct xt_ipmark_tginfo *info = (const void *)params->target->data;

	if (info->shift <= 8 || info->shift >= 32 ||
	    info->andmask >> (32 - info->shift))
		return 0;
	return ipmark_xlate(xl, info, info->selector == XT_IPMARK_SRC ? 88 : 120,
			    info->shift - 8);
}

/* What is kept must be in one of the four words of the address. */
static int ipmark_tg6_xlate(struct xt_xlate *xl,
			    const struct xt_xlate_tg_params *params)
{
	const struct xt_ipmark_tginfo *info = (const void *)params->target->data;
	const unsigned int shift = info->shift % 32;

	if (info->shift >= 128 || shift == 0 || info->andmask >> (32 - shift))
		return 0;
	return ipmark_xlate(xl, info,
			    (info->selector == XT_IPMARK_SRC ? 64 : 192) + 96 -
			    info->shift / 32 * 32, shift);
}

#define IPMARK_TG(FAMILY, XLATE) {					\
	.version       = XTABLES_VERSION,				\
	.name          = "IPMARK",					\
	.revision      = 1,						\
	.family        = FAMILY,					\
	.size          = XT_ALIGN(sizeof(struct xt_ipmark_tginfo)),	\
	.userspacesize = XT_ALIGN(sizeof(struct xt_ipmark_tginfo)),	\
	.help          = ipmark_tg_help,				\
	.init          = ipmark_tg_init,				\
	.print         = ipmark_tg_print,				\
	.save          = ipmark_tg_save,				\
	.xlate         = XLATE,						\
	.x6_parse      = ipmark_tg_parse,				\
	.x6_options    = ipmark_tg_opts,				\
}

static struct xtables_target ipmark_tg_reg[] = {
	IPMARK_TG(NFPROTO_IPV4, ipmark_tg4_xlate),
	IPMARK_TG(NFPROTO_IPV6, ipmark_tg6_xlate),
};

XA_PLUGIN_INIT(IPMARK)
{
	xa_register_targets(ipmark_tg_reg,
			    sizeof(ipmark_tg_reg) / sizeof(*ipmark_tg_reg));
}
