// SPDX-License-Identifier: GPL-2.0-only
/* libxt_PROTO - iptables plugin for the PROTO target */
#include <stdio.h>

#include <xtables.h>

#include "xa_plugin.h"
#include "xt_PROTO.h"

enum {
	O_PROTO_SET,
	O_STOP_AT_FRAG,
	O_STOP_AT_AUTH,
	F_STOP_AT = 1 << O_STOP_AT_FRAG | 1 << O_STOP_AT_AUTH,
};

static const struct xt_option_entry proto_tg_opts[] = {
	{ .name = "proto-set", .id = O_PROTO_SET, .type = XTTYPE_UINT8,
	  .flags = XTOPT_MAND | XTOPT_PUT,
	  XTOPT_POINTER(struct xt_proto_tginfo, proto) },
	{ .name = "stop-at-frag", .id = O_STOP_AT_FRAG, .type = XTTYPE_NONE },
	{ .name = "stop-at-auth", .id = O_STOP_AT_AUTH, .type = XTTYPE_NONE },
	XTOPT_TABLEEND,
};

static void proto_tg_help(void)
{
	printf("PROTO target options:\n"
	       "  --proto-set number   write this protocol number (0 to 255)\n"
	       "for ip6tables only:\n"
	       "  --stop-at-frag       the fragment header is no extension header\n"
	       "  --stop-at-auth       the authentication header is none\n");
}

static void proto_tg_parse(struct xt_option_call *cb)
{
	struct xt_proto_tginfo *info = cb->data;

	xtables_option_parse(cb);
	switch (cb->entry->id) {
	case O_PROTO_SET:
		info->mode |= XT_PROTO_SET;
		break;
	case O_STOP_AT_FRAG:
		info->mode |= XT_PROTO_STOP_AT_FRAG;
		break;
	case O_STOP_AT_AUTH:
		info->mode |= XT_PROTO_STOP_AT_AUTH;
		break;
	}
}

static void proto_tg4_fcheck(struct xt_fcheck_call *cb)
{
	if (cb->xflags & F_STOP_AT)
		xtables_error(PARAMETER_PROBLEM,
			      "PROTO: --stop-at-frag and --stop-at-auth are for IPv6 rules");
}

static void proto_tg_save(const void *ip, const struct xt_entry_target *target)
{
	const struct xt_proto_tginfo *info = (const void *)target->data;

	(void)ip;
	printf(" --proto-set %u", info->proto);
	if (info->mode & XT_PROTO_STOP_AT_FRAG)
		printf(" --stop-at-frag");
	if (info->mode & XT_PROTO_STOP_AT_AUTH)
		printf(" --stop-at-auth");
}

static void proto_tg_print(const void *ip, const struct xt_entry_target *target,
			   int numeric)
{
	const struct xt_proto_tginfo *info = (const void *)target->data;

	(void)ip;
	(void)numeric;
	printf(" PROTO set to %u", info->proto);
	if (info->mode & XT_PROTO_STOP_AT_FRAG)
		printf(" stop-at-frag");
	if (info->mode & XT_PROTO_STOP_AT_AUTH)
		printf(" stop-at-auth");
}

static struct xtables_target proto_tg_reg[] = {
	{
		.version       = XTABLES_VERSION,
		.name          = "PROTO",
		.revision      = 0,
		.family        = NFPROTO_IPV4,
		.size          = XT_ALIGN(sizeof(struct xt_proto_tginfo)),
		.userspacesize = XT_ALIGN(sizeof(struct xt_proto_tginfo)),
		.help          = proto_tg_help,
		.print         = proto_tg_print,
		.save          = proto_tg_save,
		.x6_parse      = proto_tg_parse,
		.x6_fcheck     = proto_tg4_fcheck,
		.x6_options    = proto_tg_opts,
	},
	{
		.version       = XTABLES_VERSION,
		.name          = "PROTO",
		.revision      = 0,
		.family        = NFPROTO_IPV6,
		.size          = XT_ALIGN(sizeof(struct xt_proto_tginfo)),
		.userspacesize = XT_ALIGN(sizeof(struct xt_proto_tginfo)),
		.help          = proto_tg_help,
		.print         = proto_tg_print,
		.save          = proto_tg_save,
		.x6_parse      = proto_tg_parse,
		.x6_options    = proto_tg_opts,
	},
};

XA_PLUGIN_INIT(PROTO)
{
	xa_register_targets(proto_tg_reg,
			    sizeof(proto_tg_reg) / sizeof(*proto_tg_reg));
}
