// SPDX-License-Identifier: GPL-2.0-only
/* libxt_DHCPMAC - iptables plugin for the DHCPMAC target and the dhcpmac match */
#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <xtables.h>

#include "xa_plugin.h"
#include "xt_DHCPMAC.h"

enum {
	O_MAC,
};

static const struct xt_option_entry dhcpmac_tg_opts[] = {
	{ .name = "set-mac", .id = O_MAC, .type = XTTYPE_STRING,
	  .flags = XTOPT_MAND },
	XTOPT_TABLEEND,
};

static const struct xt_option_entry dhcpmac_mt_opts[] = {
	{ .name = "mac", .id = O_MAC, .type = XTTYPE_STRING,
	  .flags = XTOPT_MAND | XTOPT_INVERT },
	XTOPT_TABLEEND,
};

static void dhcpmac_tg_help(void)
{
	printf("DHCPMAC target options:\n"
	       "  --set-mac address[/bits]   write the leading bits (default %u) of this address\n",
	       XT_DHCPMAC_MASK_MAX);
}

static void dhcpmac_mt_help(void)
{
	printf("dhcpmac match options:\n"
	       "[!] --mac address[/bits]   compare the leading bits (default %u) with this address\n",
	       XT_DHCPMAC_MASK_MAX);
}

/* "aa:bb:cc:dd:ee:ff", each part one or two digits; what is behind it, or NULL */
static const char *dhcpmac_parse_addr(struct xt_dhcpmac_info *info, const char *text)
{
	unsigned int i;
	char *end;

	for (i = 0; i < XT_DHCPMAC_ADDR_LEN; ++i) {
		if (i > 0 && *text++ != ':')
			return NULL;
		if (!isxdigit((unsigned char)*text))
			return NULL;
		info->addr[i] = strtoul(text, &end, 16);
		if (end - text > 2 || tolower((unsigned char)text[1]) == 'x')
			return NULL;
		text = end;
	}
	return text;
}

static void dhcpmac_clear_rest(struct xt_dhcpmac_info *info)
{
	unsigned int bit;

	for (bit = info->mask; bit < XT_DHCPMAC_MASK_MAX; ++bit)
		info->addr[bit / 8] &= ~(0x80 >> bit % 8);
}

static void dhcpmac_parse(struct xt_option_call *cb)
{
	struct xt_dhcpmac_info *info = cb->data;
	unsigned int bits = XT_DHCPMAC_MASK_MAX;
	const char *rest;

	xtables_option_parse(cb);
	rest = dhcpmac_parse_addr(info, cb->arg);
	if (!rest || (*rest && *rest != '/'))
		xtables_error(PARAMETER_PROBLEM,
			      "%s: --%s takes an address like aa:bb:cc:dd:ee:ff[/bits], not \"%s\"",
			      cb->ext_name, cb->entry->name, cb->arg);
	if (*rest == '/' &&
	    !xtables_strtoui(rest + 1, NULL, &bits, 0, XT_DHCPMAC_MASK_MAX))
		xtables_error(PARAMETER_PROBLEM,
			      "%s: --%s: the bits behind the slash are a number from 0 to %u, not \"%s\"",
			      cb->ext_name, cb->entry->name, XT_DHCPMAC_MASK_MAX,
			      rest + 1);
	info->mask = bits;
	info->invert = cb->invert;
	dhcpmac_clear_rest(info);
}

static void dhcpmac_show(const char *option, const struct xt_dhcpmac_info *info)
{
	const __u8 *a = info->addr;

	printf("%s --%s %02X:%02X:%02X:%02X:%02X:%02X/%u",
	       info->invert ? " !" : "", option,
	       a[0], a[1], a[2], a[3], a[4], a[5], info->mask);
}

static void dhcpmac_tg_save(const void *ip, const struct xt_entry_target *target)
{
	(void)ip;
	dhcpmac_show("set-mac", (const void *)target->data);
}

static void dhcpmac_tg_print(const void *ip, const struct xt_entry_target *target,
			     int numeric)
{
	(void)numeric;
	printf(" -j DHCPMAC");
	dhcpmac_tg_save(ip, target);
}

static void dhcpmac_mt_save(const void *ip, const struct xt_entry_match *match)
{
	(void)ip;
	dhcpmac_show("mac", (const void *)match->data);
}

static void dhcpmac_mt_print(const void *ip, const struct xt_entry_match *match,
			     int numeric)
{
	(void)numeric;
	printf(" -m dhcpmac");
	dhcpmac_mt_save(ip, match);
}

/*
 * All 16 bytes of the field are compared, since all must be there; and the UDP
 * length must hold them. The target has no translation: nft would not correct
 * the checksum.
 */
static int dhcpmac_mt_xlate(struct xt_xlate *xl,
			    const struct xt_xlate_mt_params *params)
{
	const struct xt_dhcpmac_info *info = (const void *)params->match->data;
	char mask[13], addr[13];
	unsigned int i;

	if (info->mask == 0)
		return 0;
	for (i = 0; i < XT_DHCPMAC_ADDR_LEN; ++i) {
		int bits = (int)info->mask - (int)i * 8;

		sprintf(mask + 2 * i, "%02x",
			bits >= 8 ? 0xff : bits <= 0 ? 0 : 0xff00 >> bits & 0xff);
		sprintf(addr + 2 * i, "%02x", info->addr[i]);
	}
	xt_xlate_add(xl, "udp length 52-65535 @th,288,128 and 0x%s00000000000000000000 %s 0x%s00000000000000000000",
		     mask, info->invert ? "!=" : "==", addr);
	return 1;
}

static struct xtables_target dhcpmac_tg_reg = {
	.version       = XTABLES_VERSION,
	.name          = "DHCPMAC",
	.revision      = 1,
	.family        = NFPROTO_IPV4,
	.size          = XT_ALIGN(sizeof(struct xt_dhcpmac_info)),
	.userspacesize = XT_ALIGN(sizeof(struct xt_dhcpmac_info)),
	.help          = dhcpmac_tg_help,
	.print         = dhcpmac_tg_print,
	.save          = dhcpmac_tg_save,
	.x6_parse      = dhcpmac_parse,
	.x6_options    = dhcpmac_tg_opts,
};

static struct xtables_match dhcpmac_mt_reg = {
	.version       = XTABLES_VERSION,
	.name          = "dhcpmac",
	.revision      = 1,
	.family        = NFPROTO_IPV4,
	.size          = XT_ALIGN(sizeof(struct xt_dhcpmac_info)),
	.userspacesize = XT_ALIGN(sizeof(struct xt_dhcpmac_info)),
	.help          = dhcpmac_mt_help,
	.print         = dhcpmac_mt_print,
	.save          = dhcpmac_mt_save,
	.xlate         = dhcpmac_mt_xlate,
	.x6_parse      = dhcpmac_parse,
	.x6_options    = dhcpmac_mt_opts,
};

XA_PLUGIN_INIT(DHCPMAC)
{
	xa_register_target(&dhcpmac_tg_reg);
	xa_register_match(&dhcpmac_mt_reg);
}
