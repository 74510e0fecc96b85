// SPDX-License-Identifier: GPL-2.0-only
/* libxt_GEOMARK - iptables plugin for the GEOMARK target */
#include <stdio.h>
#include <string.h>

#include <xtables.h>

#include "../addrdb/addrdb.h"
#include "xa_plugin.h"
#include "xt_GEOMARK.h"

enum {
	O_ADDR,
	O_ASN,
	O_NFMASK,
	O_CTMASK,
	F_NFMASK = 1 << O_NFMASK,
	F_CTMASK = 1 << O_CTMASK,
};

static const struct xt_option_entry geomark_tg_opts[] = {
	{ .name = "addr", .id = O_ADDR, .type = XTTYPE_STRING,
	  .flags = XTOPT_MAND },
	{ .name = "asn", .id = O_ASN, .type = XTTYPE_NONE },
	{ .name = "nfmask", .id = O_NFMASK, .type = XTTYPE_UINT32,
	  .flags = XTOPT_PUT, XTOPT_POINTER(struct xt_geomark_tginfo, mask) },
	{ .name = "ctmask", .id = O_CTMASK, .type = XTTYPE_UINT32,
	  .flags = XTOPT_PUT, XTOPT_POINTER(struct xt_geomark_tginfo, ctmask) },
	XTOPT_TABLEEND,
};

static const char *const geomark_addr[] = {
	[XT_GEOMARK_SRC]  = "src",
	[XT_GEOMARK_DST]  = "dst",
	[XT_GEOMARK_ORIG] = "orig",
};

static void geomark_tg_help(void)
{
	printf("GEOMARK target options:\n"
	       "  --addr src|dst|orig  take the country of the source, of the destination, or of the host that opened the connection\n"
	       "  --asn                take the AS number in place of the country\n"
	       "  --nfmask mask        write it into these bits of the packet mark\n"
	       "  --ctmask mask        write it into these bits of the connection mark\n");
}

static void geomark_tg_parse(struct xt_option_call *cb)
{
	struct xt_geomark_tginfo *info = cb->data;

	xtables_option_parse(cb);
	if (cb->entry->id == O_ASN)
		info->flags |= XT_GEOMARK_ASN;
	if (cb->entry->id != O_ADDR)
		return;
	for (info->addr = 0; info->addr <= XT_GEOMARK_ADDR_MAX; info->addr++)
		if (strcmp(cb->arg, geomark_addr[info->addr]) == 0)
			return;
	xtables_error(PARAMETER_PROBLEM,
		      "GEOMARK: --addr takes \"src\", \"dst\" or \"orig\", not \"%s\"", cb->arg);
}

/* The bits lie side by side, and there are enough of them. */
static void geomark_field(const char *option, uint32_t mask, unsigned int bits)
{
	const uint32_t most = mask ? mask >> __builtin_ctz(mask) : 0;

	if (most & (most + 1))
		xtables_error(PARAMETER_PROBLEM,
			      "GEOMARK: --%s 0x%x: the bits must lie side by side, as in 0x3ff000",
			      option, mask);
	if (most >> (bits - 1) == 0)
		xtables_error(PARAMETER_PROBLEM,
			      "GEOMARK: --%s 0x%x: at least %u bits are needed",
			      option, mask, bits);
}

static void geomark_tg_check(struct xt_fcheck_call *cb)
{
	const struct xt_geomark_tginfo *info = cb->data;
	const bool asn = info->flags & XT_GEOMARK_ASN;
	const unsigned int bits = asn ? XT_GEOMARK_BITS_ASN : XT_GEOMARK_BITS_COUNTRY;
	const uint32_t none = 0;

	if (!(cb->xflags & (F_NFMASK | F_CTMASK)))
		xtables_error(PARAMETER_PROBLEM,
			      "GEOMARK: one of --nfmask and --ctmask is needed");
	if (cb->xflags & F_NFMASK)
		geomark_field("nfmask", info->mask, bits);
	if (cb->xflags & F_CTMASK)
		geomark_field("ctmask", info->ctmask, bits);
	xa_ready(asn ? &xa_asn : &xa_geoip, &none, 0);
}

static void geomark_tg_save(const void *ip, const struct xt_entry_target *target)
{
	const struct xt_geomark_tginfo *info = (const void *)target->data;

	printf(" --addr %s", info->addr <= XT_GEOMARK_ADDR_MAX ? geomark_addr[info->addr] : "?");
	if (info->flags & XT_GEOMARK_ASN)
		printf(" --asn");
	if (info->mask)
		printf(" --nfmask 0x%x", info->mask);
	if (info->ctmask)
		printf(" --ctmask 0x%x", info->ctmask);
}

static void geomark_tg_print(const void *ip, const struct xt_entry_target *target,
			     int numeric)
{
	printf(" -j GEOMARK");
	geomark_tg_save(ip, target);
}

#define GEOMARK_TG(FAMILY) {						\
	.version       = XTABLES_VERSION,				\
	.name          = "GEOMARK",					\
	.revision      = 0,						\
	.family        = FAMILY,					\
	.size          = XT_ALIGN(sizeof(struct xt_geomark_tginfo)),	\
	.userspacesize = XT_ALIGN(sizeof(struct xt_geomark_tginfo)),	\
	.help          = geomark_tg_help,				\
	.print         = geomark_tg_print,				\
	.save          = geomark_tg_save,				\
	.x6_parse      = geomark_tg_parse,				\
	.x6_fcheck     = geomark_tg_check,				\
	.x6_options    = geomark_tg_opts,				\
}

static struct xtables_target geomark_tg_reg[] = {
	GEOMARK_TG(NFPROTO_IPV4),
	GEOMARK_TG(NFPROTO_IPV6),
};

XA_PLUGIN_INIT(GEOMARK)
{
	xa_register_targets(geomark_tg_reg,
			    sizeof(geomark_tg_reg) / sizeof(*geomark_tg_reg));
}
