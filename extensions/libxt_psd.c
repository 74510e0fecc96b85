// SPDX-License-Identifier: GPL-2.0-only
/* libxt_psd - iptables plugin for the psd match */
#include <stddef.h>
#include <stdio.h>

#include <xtables.h>

#include "xa_plugin.h"
#include "xt_psd.h"

enum {
	O_WEIGHT_THRESHOLD,
	O_DELAY_THRESHOLD,
	O_LO_PORTS_WEIGHT,
	O_HI_PORTS_WEIGHT,
	O_SRCMASK,
	O_DSTMASK,
};

#define PSD_WEIGHT_THRESHOLD	21
#define PSD_DELAY_THRESHOLD	300
#define PSD_LO_PORTS_WEIGHT	3
#define PSD_HI_PORTS_WEIGHT	1

#define PSD_OPTIONS(bits)						\
	{ .name = "psd-weight-threshold", .id = O_WEIGHT_THRESHOLD,	\
	  .type = XTTYPE_UINT32, .flags = XTOPT_PUT,			\
	  XTOPT_POINTER(struct xt_psd_mtinfo, weight_threshold),	\
	  .min = 1, .max = XT_PSD_MAX },				\
	{ .name = "psd-delay-threshold", .id = O_DELAY_THRESHOLD,	\
	  .type = XTTYPE_UINT32, .flags = XTOPT_PUT,			\
	  XTOPT_POINTER(struct xt_psd_mtinfo, delay_threshold),		\
	  .min = 0, .max = XT_PSD_MAX },				\
	{ .name = "psd-lo-ports-weight", .id = O_LO_PORTS_WEIGHT,	\
	  .type = XTTYPE_UINT16, .flags = XTOPT_PUT,			\
	  XTOPT_POINTER(struct xt_psd_mtinfo, lo_ports_weight),		\
	  .min = 0, .max = XT_PSD_MAX },				\
	{ .name = "psd-hi-ports-weight", .id = O_HI_PORTS_WEIGHT,	\
	  .type = XTTYPE_UINT16, .flags = XTOPT_PUT,			\
	  XTOPT_POINTER(struct xt_psd_mtinfo, hi_ports_weight),		\
	  .min = 0, .max = XT_PSD_MAX },				\
	{ .name = "psd-srcmask", .id = O_SRCMASK,			\
	  .type = XTTYPE_UINT8, .flags = XTOPT_PUT,			\
	  XTOPT_POINTER(struct xt_psd_mtinfo, srcmask),			\
	  .min = 1, .max = (bits) }

#define PSD_DSTMASK(bits)						\
	{ .name = "psd-dstmask", .id = O_DSTMASK,			\
	  .type = XTTYPE_UINT8, .flags = XTOPT_PUT,			\
	  XTOPT_POINTER(struct xt_psd_mtinfo, dstmask),			\
	  .min = 0, .max = (bits) }

static const struct xt_option_entry psd_mt4_opts[] = {
	PSD_OPTIONS(32),
	PSD_DSTMASK(32),
	XTOPT_TABLEEND,
};

static const struct xt_option_entry psd_mt6_opts[] = {
	PSD_OPTIONS(128),
	PSD_DSTMASK(128),
	XTOPT_TABLEEND,
};

static void psd_mt_help(void)
{
	printf("psd match options:\n"
	       "  --psd-weight-threshold threshold  sum of weights that is a port scan, 1 to %u (default %u)\n"
	       "  --psd-delay-threshold delay       1/100 s within which the next port must follow, 0 to %u (default %u)\n"
	       "  --psd-lo-ports-weight weight      of destination ports up to %u, 0 to %u (default %u)\n"
	       "  --psd-hi-ports-weight weight      of the other ports, 0 to %u (default %u)\n"
	       "  --psd-srcmask length              leading bits of the source address that make a host (default all)\n"
	       "  --psd-dstmask length              add up apart for each destination network of so many bits (default 0: together)\n",
	       XT_PSD_MAX, PSD_WEIGHT_THRESHOLD, XT_PSD_MAX, PSD_DELAY_THRESHOLD,
	       XT_PSD_LOW_PORT, XT_PSD_MAX, PSD_LO_PORTS_WEIGHT,
	       XT_PSD_MAX, PSD_HI_PORTS_WEIGHT);
}

static void psd_mt_defaults(struct xt_psd_mtinfo *info, unsigned int bits)
{
	info->weight_threshold = PSD_WEIGHT_THRESHOLD;
	info->delay_threshold = PSD_DELAY_THRESHOLD;
	info->lo_ports_weight = PSD_LO_PORTS_WEIGHT;
	info->hi_ports_weight = PSD_HI_PORTS_WEIGHT;
	info->srcmask = bits;
}

static void psd_mt4_init(struct xt_entry_match *match)
{
	psd_mt_defaults((void *)match->data, 32);
}

static void psd_mt6_init(struct xt_entry_match *match)
{
	psd_mt_defaults((void *)match->data, 128);
}

static void psd_mt_fcheck(struct xt_fcheck_call *cb)
{
	const struct xt_psd_mtinfo *info = cb->data;

	if (!info->lo_ports_weight && !info->hi_ports_weight)
		xtables_error(PARAMETER_PROBLEM,
			      "psd: --psd-lo-ports-weight and --psd-hi-ports-weight cannot both be 0, or no port would count");
}

static void psd_mt_save(const struct xt_entry_match *match, unsigned int bits)
{
	const struct xt_psd_mtinfo *info = (const void *)match->data;

	printf(" --psd-weight-threshold %u --psd-delay-threshold %u --psd-lo-ports-weight %u --psd-hi-ports-weight %u",
	       info->weight_threshold, info->delay_threshold,
	       info->lo_ports_weight, info->hi_ports_weight);
	if (info->srcmask != bits)
		printf(" --psd-srcmask %u", info->srcmask);
	if (info->dstmask)
		printf(" --psd-dstmask %u", info->dstmask);
}

static void psd_mt4_save(const void *ip, const struct xt_entry_match *match)
{
	(void)ip;
	psd_mt_save(match, 32);
}

static void psd_mt6_save(const void *ip, const struct xt_entry_match *match)
{
	(void)ip;
	psd_mt_save(match, 128);
}

static void psd_mt4_print(const void *ip, const struct xt_entry_match *match,
			  int numeric)
{
	(void)numeric;
	printf(" -m psd");
	psd_mt4_save(ip, match);
}

static void psd_mt6_print(const void *ip, const struct xt_entry_match *match,
			  int numeric)
{
	(void)numeric;
	printf(" -m psd");
	psd_mt6_save(ip, match);
}

static struct xtables_match psd_mt_reg[] = {
	{
		.version       = XTABLES_VERSION,
		.name          = "psd",
		.revision      = 2,
		.family        = NFPROTO_IPV4,
		.size          = XT_ALIGN(sizeof(struct xt_psd_mtinfo)),
		.userspacesize = offsetof(struct xt_psd_mtinfo, table),
		.help          = psd_mt_help,
		.init          = psd_mt4_init,
		.print         = psd_mt4_print,
		.save          = psd_mt4_save,
		.x6_parse      = xtables_option_parse,
		.x6_fcheck     = psd_mt_fcheck,
		.x6_options    = psd_mt4_opts,
	},
	{
		.version       = XTABLES_VERSION,
		.name          = "psd",
		.revision      = 2,
		.family        = NFPROTO_IPV6,
		.size          = XT_ALIGN(sizeof(struct xt_psd_mtinfo)),
		.userspacesize = offsetof(struct xt_psd_mtinfo, table),
		.help          = psd_mt_help,
		.init          = psd_mt6_init,
		.print         = psd_mt6_print,
		.save          = psd_mt6_save,
		.x6_parse      = xtables_option_parse,
		.x6_fcheck     = psd_mt_fcheck,
		.x6_options    = psd_mt6_opts,
	},
};

XA_PLUGIN_INIT(psd)
{
	xa_register_matches(psd_mt_reg, sizeof(psd_mt_reg) / sizeof(psd_mt_reg[0]));
}
