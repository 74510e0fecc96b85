// SPDX-License-Identifier: GPL-2.0-only
/* libxt_pknock - iptables plugin for the pknock match */
#include <ctype.h>
#include <netdb.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <arpa/inet.h>
#include <netinet/in.h>

#include <xtables.h>

#include "xa_plugin.h"
#include "xa_protocol.h"
#include "xt_pknock.h"

enum {
	O_KNOCKPORTS,
	O_TIME,
	O_AUTOCLOSE,
	O_NAME,
	O_OPENSECRET,
	O_CLOSESECRET,
	O_STRICT,
	O_CHECKIP,
	O_KEY,
	O_NAT,
};

#define F(id)	(1U << (id))

#define PKNOCK_OPTIONS_2 \
	{ .name = "knockports", .id = O_KNOCKPORTS, .type = XTTYPE_STRING, \
	  .excl = F(O_CHECKIP) }, \
	{ .name = "time", .id = O_TIME, .type = XTTYPE_UINT32, \
	  .flags = XTOPT_PUT, .min = 1, .max = UINT32_MAX, \
	  .excl = F(O_CHECKIP), .also = F(O_KNOCKPORTS), \
	  XTOPT_POINTER(struct xt_pknock_mtinfo, time) }, \
	{ .name = "autoclose", .id = O_AUTOCLOSE, .type = XTTYPE_UINT32, \
	  .flags = XTOPT_PUT, .excl = F(O_CHECKIP), .also = F(O_KNOCKPORTS), \
	  XTOPT_POINTER(struct xt_pknock_mtinfo, autoclose) }, \
	{ .name = "name", .id = O_NAME, .type = XTTYPE_STRING, \
	  .flags = XTOPT_MAND }, \
	{ .name = "opensecret", .id = O_OPENSECRET, .type = XTTYPE_STRING, \
	  .excl = F(O_CHECKIP), .also = F(O_KNOCKPORTS) | F(O_CLOSESECRET) }, \
	{ .name = "closesecret", .id = O_CLOSESECRET, .type = XTTYPE_STRING, \
	  .excl = F(O_CHECKIP), .also = F(O_KNOCKPORTS) | F(O_OPENSECRET) }, \
	{ .name = "strict", .id = O_STRICT, .type = XTTYPE_NONE, \
	  .excl = F(O_CHECKIP), .also = F(O_KNOCKPORTS) }, \
	{ .name = "checkip", .id = O_CHECKIP, .type = XTTYPE_NONE }

static const struct xt_option_entry pknock_mt2_opts[] = {
	PKNOCK_OPTIONS_2,
	XTOPT_TABLEEND,
};

static const struct xt_option_entry pknock_mt_opts[] = {
	PKNOCK_OPTIONS_2,
	{ .name = "key", .id = O_KEY, .type = XTTYPE_STRING,
	  .flags = XTOPT_MULTI, .excl = F(O_CHECKIP), .also = F(O_KNOCKPORTS) },
	{ .name = "nat", .id = O_NAT, .type = XTTYPE_NONE,
	  .excl = F(O_CHECKIP), .also = F(O_KNOCKPORTS) },
	XTOPT_TABLEEND,
};

static void pknock_mt_help(void)
{
	printf("pknock match options:\n"
	       "  --knockports port[,port...]  let a host in that knocks at these (1 to 15)\n"
	       "                               in this order; needs -p tcp or -p udp\n"
	       "  --time seconds               longest time between two knocks\n"
	       "  --autoclose minutes          shut the host out after that time, 0: never\n"
	       "  --name name                  whose hosts, see /proc/net/xt_pknock/name\n"
	       "  --opensecret secret          with -p udp and one port: let a host in that\n"
	       "                               sends the right HMAC\n"
	       "  --closesecret secret         shut it out when it sends this one\n"
	       "  --key id:secret              the same with a key (id 1 to 255), up to 16 times\n"
	       "  --nat                        accept knocks that do not name the address\n"
	       "                               that they come from\n"
	       "  --strict                     a wrong port in between ends the attempt\n"
	       "  --checkip                    only ask whether the host has been let in\n");
}

/* The kernel refuses the same (xa_named_check). */
static void pknock_copy(char *to, size_t size, const struct xt_option_call *cb,
			const char *text)
{
	const char *c;

	if (!*text || strlen(text) >= size)
		xtables_error(PARAMETER_PROBLEM,
			      "pknock: --%s takes 1 to %zu bytes, not %zu",
			      cb->entry->name, size - 1, strlen(text));
	for (c = text; *c; ++c)
		if (iscntrl((unsigned char)*c))
			xtables_error(PARAMETER_PROBLEM,
				      "pknock: --%s takes no control characters",
				      cb->entry->name);
	memset(to, 0, size);
	memcpy(to, text, strlen(text));
}

static void pknock_check_name(const char *name)
{
	if (!strcmp(name, ".") || !strcmp(name, "..") || strchr(name, '/'))
		xtables_error(PARAMETER_PROBLEM,
			      "pknock: --name \"%s\" cannot be the name of a file",
			      name);
}

/* A number or a service of either protocol; 0 if it is neither */
static unsigned int pknock_port(const char *text)
{
	const struct servent *service;
	unsigned int port;

	if (xtables_strtoui(text, NULL, &port, 1, UINT16_MAX))
		return port;
	service = isalpha((unsigned char)*text) ? getservbyname(text, NULL) : NULL;
	return service ? ntohs(service->s_port) : 0;
}

static void pknock_parse_ports(struct xt_pknock_mtinfo *info, const char *arg)
{
	char *list = strdup(arg), *rest = list, *word;
	unsigned int port;

	if (!list)
		xtables_error(RESOURCE_PROBLEM, "pknock: out of memory");
	while ((word = strsep(&rest, ",")) != NULL) {
		port = pknock_port(word);
		if (!port)
			xtables_error(PARAMETER_PROBLEM,
				      "pknock: --knockports takes ports from 1 to 65535 or services, not \"%s\"",
				      word);
		if (info->ports_count == XT_PKNOCK_PORTS_MAX)
			xtables_error(PARAMETER_PROBLEM,
				      "pknock: --knockports takes at most %u ports",
				      XT_PKNOCK_PORTS_MAX);
		info->ports[info->ports_count++] = port;
	}
	free(list);
}

static void pknock_parse_key(struct xt_pknock_mtinfo3 *info,
			     const struct xt_option_call *cb)
{
	const char *colon = strchr(cb->arg, ':');
	unsigned int id, i;
	char *end;

	if (!colon || !xtables_strtoui(cb->arg, &end, &id, 1, UINT8_MAX) ||
	    end != colon)
		xtables_error(PARAMETER_PROBLEM,
			      "pknock: --key takes an id from 1 to 255, a colon and a secret");
	for (i = 0; i < info->key_count; ++i)
		if (info->keys[i].id == id)
			xtables_error(PARAMETER_PROBLEM,
				      "pknock: --key %u is given twice", id);
	if (info->key_count == XT_PKNOCK_KEYS_MAX)
		xtables_error(PARAMETER_PROBLEM,
			      "pknock: --key can be given at most %u times",
			      XT_PKNOCK_KEYS_MAX);
	pknock_copy(info->keys[i].secret, sizeof(info->keys[i].secret), cb,
		    colon + 1);
	info->keys[i].id = id;
	info->key_count++;
}

static void pknock_mt_parse(struct xt_option_call *cb)
{
	struct xt_pknock_mtinfo *info = cb->data;

	xa_rule_seen(cb);
	xtables_option_parse(cb);
	switch (cb->entry->id) {
	case O_KNOCKPORTS:
		pknock_parse_ports(info, cb->arg);
		info->flags |= XT_PKNOCK_KNOCKPORTS;
		break;
	case O_TIME:
		info->flags |= XT_PKNOCK_TIME;
		break;
	case O_AUTOCLOSE:
		info->flags |= XT_PKNOCK_AUTOCLOSE;
		break;
	case O_NAME:
		pknock_check_name(cb->arg);
		pknock_copy(info->name, sizeof(info->name), cb, cb->arg);
		break;
	case O_OPENSECRET:
		pknock_copy(info->open_secret, sizeof(info->open_secret), cb, cb->arg);
		info->flags |= XT_PKNOCK_OPENSECRET;
		break;
	case O_CLOSESECRET:
		pknock_copy(info->close_secret, sizeof(info->close_secret), cb, cb->arg);
		info->flags |= XT_PKNOCK_CLOSESECRET;
		break;
	case O_STRICT:
		info->flags |= XT_PKNOCK_STRICT;
		break;
	case O_CHECKIP:
		info->flags |= XT_PKNOCK_CHECKIP;
		break;
	case O_KEY:
		pknock_parse_key(cb->data, cb);
		break;
	case O_NAT:
		info->flags |= XT_PKNOCK_NAT;
		break;
	}
}

static void pknock_check_secrets(const struct xt_pknock_mtinfo *info,
				 unsigned int key_count, unsigned int proto)
{
	const char *option = key_count ? "--key" : "--opensecret";

	if (proto != IPPROTO_UDP)
		xtables_error(PARAMETER_PROBLEM, "pknock: %s needs -p udp", option);
	if (info->ports_count != 1)
		xtables_error(PARAMETER_PROBLEM,
			      "pknock: %s goes with one port in --knockports, not %u",
			      option, info->ports_count);
	if (info->flags & XT_PKNOCK_SECRETS &&
	    !strcmp(info->open_secret, info->close_secret))
		xtables_error(PARAMETER_PROBLEM,
			      "pknock: --opensecret and --closesecret must differ");
}

/* @info is what both revisions begin with. */
static void pknock_fcheck(const struct xt_pknock_mtinfo *info,
			  unsigned int key_count, unsigned int proto)
{
	if (info->flags & XT_PKNOCK_CHECKIP)
		return;
	if (!info->ports_count)
		xtables_error(PARAMETER_PROBLEM,
			      "pknock: --knockports or --checkip must be given");
	if (proto != IPPROTO_TCP && proto != IPPROTO_UDP)
		xtables_error(PARAMETER_PROBLEM,
			      "pknock: --knockports needs -p tcp or -p udp");
	if (info->flags & XT_PKNOCK_SECRETS || key_count)
		pknock_check_secrets(info, key_count, proto);
	else if (info->flags & XT_PKNOCK_NAT)
		xtables_error(PARAMETER_PROBLEM,
			      "pknock: --nat goes with --key, or --opensecret and --closesecret");
	else if (!info->time)
		xtables_error(PARAMETER_PROBLEM,
			      "pknock: --knockports needs --time, or with -p udp --key, or --opensecret and --closesecret");
}

static unsigned int pknock_key_count(const struct xt_fcheck_call *cb)
{
	const struct xt_pknock_mtinfo3 *info = cb->data;

	return info->key_count;
}

static void pknock_mt4_v2_fcheck(struct xt_fcheck_call *cb)
{
	pknock_fcheck(cb->data, 0, xa_protocol4(0));
}

static void pknock_mt6_v2_fcheck(struct xt_fcheck_call *cb)
{
	pknock_fcheck(cb->data, 0, xa_protocol6(0));
}

static void pknock_mt4_fcheck(struct xt_fcheck_call *cb)
{
	pknock_fcheck(cb->data, pknock_key_count(cb), xa_protocol4(0));
}

static void pknock_mt6_fcheck(struct xt_fcheck_call *cb)
{
	pknock_fcheck(cb->data, pknock_key_count(cb), xa_protocol6(0));
}

static void pknock_print_ports(const struct xt_pknock_mtinfo *info,
			       const char *dash)
{
	unsigned int i;

	if (!info->ports_count)
		return;
	printf(" %sknockports ", dash);
	for (i = 0; i < info->ports_count; ++i)
		printf("%s%u", i ? "," : "", info->ports[i]);
}

/* What -S and -L have in common; the one with dashes, the other without */
static void pknock_print_begin(const struct xt_pknock_mtinfo *info,
			       const char *dash)
{
	pknock_print_ports(info, dash);
	if (info->flags & XT_PKNOCK_TIME)
		printf(" %stime %u", dash, info->time);
	if (info->flags & XT_PKNOCK_AUTOCLOSE)
		printf(" %sautoclose %u", dash, info->autoclose);
	printf(" %sname", dash);
	xtables_save_string(info->name);
}

static void pknock_print_end(const struct xt_pknock_mtinfo *info,
			     const char *dash)
{
	if (info->flags & XT_PKNOCK_STRICT)
		printf(" %sstrict", dash);
	if (info->flags & XT_PKNOCK_CHECKIP)
		printf(" %scheckip", dash);
}

static void pknock_save_begin(const struct xt_pknock_mtinfo *info)
{
	pknock_print_begin(info, "--");
	if (info->flags & XT_PKNOCK_SECRETS) {
		printf(" --opensecret");
		xtables_save_string(info->open_secret);
		printf(" --closesecret");
		xtables_save_string(info->close_secret);
	}
}

static void pknock_mt2_save(const void *ip, const struct xt_entry_match *match)
{
	const struct xt_pknock_mtinfo *info = (const void *)match->data;

	pknock_save_begin(info);
	pknock_print_end(info, "--");
}

static void pknock_save_keys(const struct xt_pknock_mtinfo3 *info)
{
	char key[sizeof("255:") + XT_PKNOCK_SECRET_LEN];
	unsigned int i;

	for (i = 0; i < info->key_count && i < XT_PKNOCK_KEYS_MAX; ++i) {
		snprintf(key, sizeof(key), "%u:%s", info->keys[i].id,
			 info->keys[i].secret);
		printf(" --key");
		xtables_save_string(key);
	}
}

static void pknock_mt_save(const void *ip, const struct xt_entry_match *match)
{
	const struct xt_pknock_mtinfo *info = (const void *)match->data;

	pknock_save_begin(info);
	pknock_save_keys((const void *)match->data);
	if (info->flags & XT_PKNOCK_NAT)
		printf(" --nat");
	pknock_print_end(info, "--");
}

/* Lists are shown around: secrets are not in them. */
static void pknock_list_begin(const struct xt_pknock_mtinfo *info)
{
	printf(" pknock");
	pknock_print_begin(info, "");
	if (info->flags & XT_PKNOCK_SECRETS)
		printf(" opensecret closesecret");
}

static void pknock_mt2_print(const void *ip, const struct xt_entry_match *match,
			     int numeric)
{
	const struct xt_pknock_mtinfo *info = (const void *)match->data;

	pknock_list_begin(info);
	pknock_print_end(info, "");
}

static void pknock_mt_print(const void *ip, const struct xt_entry_match *match,
			    int numeric)
{
	const struct xt_pknock_mtinfo3 *info3 = (const void *)match->data;
	const struct xt_pknock_mtinfo *info = (const void *)match->data;
	unsigned int i;

	pknock_list_begin(info);
	for (i = 0; i < info3->key_count && i < XT_PKNOCK_KEYS_MAX; ++i)
		printf("%s%u", i ? "," : " keys ", info3->keys[i].id);
	if (info->flags & XT_PKNOCK_NAT)
		printf(" nat");
	pknock_print_end(info, "");
}

#define PKNOCK_MT(FAMILY, REVISION, NAME, FCHECK)			\
	.version       = XTABLES_VERSION,				\
	.name          = "pknock",					\
	.revision      = REVISION,					\
	.family        = FAMILY,					\
	.help          = pknock_mt_help,				\
	.init          = xa_rule_init,					\
	.print         = NAME##_print,					\
	.save          = NAME##_save,					\
	.x6_parse      = pknock_mt_parse,				\
	.x6_fcheck     = FCHECK,					\
	.x6_options    = NAME##_opts

#define PKNOCK_MT2(FAMILY, FCHECK) {					\
	PKNOCK_MT(FAMILY, 2, pknock_mt2, FCHECK),			\
	.size          = XT_ALIGN(sizeof(struct xt_pknock_mtinfo)),	\
	.userspacesize = offsetof(struct xt_pknock_mtinfo, rule),	\
}

#define PKNOCK_MT3(FAMILY, FCHECK) {					\
	PKNOCK_MT(FAMILY, 3, pknock_mt, FCHECK),			\
	.size          = XT_ALIGN(sizeof(struct xt_pknock_mtinfo3)),	\
	.userspacesize = offsetof(struct xt_pknock_mtinfo3, rule),	\
}

/* Kernels with an older module take revision 2. */
static struct xtables_match pknock_mt_reg[] = {
	PKNOCK_MT2(NFPROTO_IPV4, pknock_mt4_v2_fcheck),
	PKNOCK_MT2(NFPROTO_IPV6, pknock_mt6_v2_fcheck),
	PKNOCK_MT3(NFPROTO_IPV4, pknock_mt4_fcheck),
	PKNOCK_MT3(NFPROTO_IPV6, pknock_mt6_fcheck),
};

XA_PLUGIN_INIT(pknock)
{
	xa_register_matches(pknock_mt_reg,
			    sizeof(pknock_mt_reg) / sizeof(*pknock_mt_reg));
}
