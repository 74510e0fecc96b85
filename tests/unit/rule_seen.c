// SPDX-License-Identifier: GPL-2.0-only
/*
 * A plugin that looks at the rule which it is given (xa_protocol.h) looks at none
 * before: as iptables-restore does it, one rule after the other, with ASan looking.
 * links: -lxtables
 */
#include <getopt.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

/* in the place of xa_plugin.h: nothing is registered */
#define _XA_PLUGIN_H
#define xa_register_matches(matches, n) ((void)(matches), (void)(n))
#define XA_PLUGIN_INIT(NAME) \
	static void __attribute__((unused)) NAME##_register(void)

#include "../../extensions/libxt_lscan.c"
#include "../../extensions/libxt_pknock.c"

static jmp_buf refused;
static char words[256];
static unsigned int failed;

static void __attribute__((noreturn))
refuse(enum xtables_exittype status, const char *msg, ...)
{
	va_list args;

	va_start(args, msg);
	vsnprintf(words, sizeof(words), msg, args);
	va_end(args);
	longjmp(refused, 1);
}

static struct xtables_globals globals = {
	.program_name	 = "iptables",
	.program_version = XT_VERSION,
	.exit_err	 = refuse,
};

/* A rule with -p PROTO and these options, name and value; what it is refused for */
static const char *rule(const struct xtables_match *m, unsigned int proto,
			const char *const *options)
{
	struct xt_entry_match *match = calloc(1, sizeof(*match) + m->size);
	struct xt_fcheck_call fcheck = { .data = match->data };
	union {
		struct ipt_entry v4;
		struct ip6t_entry v6;
	} *entry = calloc(1, sizeof(*entry));
	struct xt_option_call call = { .data = match->data, .xt_entry = entry };
	unsigned int i;

	if (m->family == NFPROTO_IPV6)
		entry->v6.ipv6.proto = proto;
	else
		entry->v4.ip.proto = proto;
	words[0] = '\0';
	if (m->init)
		m->init(match);
	if (!setjmp(refused)) {
		const char *const *option;

		for (option = options; *option; option += 2) {
			for (i = 0; strcmp(m->x6_options[i].name, option[0]); ++i)
				;
			call.entry = &m->x6_options[i];
			optarg = (char *)option[1];
			call.arg = optarg;
			m->x6_parse(&call);
			fcheck.xflags |= 1U << call.entry->id;
		}
		m->x6_fcheck(&fcheck);
	}
	free(entry);
	free(match);
	return words;
}

static void expect(const char *what, const char *expected, const char *actual)
{
	if (strcmp(expected, actual) == 0)
		return;
	++failed;
	printf("not ok unit/rule_seen: %s (expected '%s', got '%s')\n", what,
	       expected, actual);
}

static void pknock_rules(const struct xtables_match *m)
{
	static const char *const none[] = { NULL };
	static const char *const some[] = {
		"knockports", "1,2", "time", "5", "name", "a", NULL,
	};
	static const char needs[] =
		"pknock: --knockports or --checkip must be given";

	expect("pknock", "", rule(m, IPPROTO_TCP, some));
	expect("one without options", needs, rule(m, IPPROTO_TCP, none));
	expect("pknock again", "", rule(m, IPPROTO_UDP, some));
	expect("a protocol that has no ports",
	       "pknock: --knockports needs -p tcp or -p udp",
	       rule(m, IPPROTO_ICMP, some));
	expect("none again", needs, rule(m, IPPROTO_ICMP, none));
}

/* Without options it never matches, with any -p. */
static void lscan_rules(const struct xtables_match *m)
{
	static const char *const none[] = { NULL };
	static const char *const some[] = { "synscan", NULL, NULL };

	expect("lscan", "", rule(m, IPPROTO_TCP, some));
	expect("lscan without options", "", rule(m, IPPROTO_TCP, none));
	expect("lscan and UDP", "lscan: the rule needs -p tcp",
	       rule(m, IPPROTO_UDP, some));
	expect("without options behind UDP", "", rule(m, IPPROTO_TCP, none));
}

int main(void)
{
	unsigned int i;

	xtables_set_params(&globals);
	for (i = 0; i < sizeof(pknock_mt_reg) / sizeof(*pknock_mt_reg); ++i)
		pknock_rules(&pknock_mt_reg[i]);
	for (i = 0; i < sizeof(lscan_mt_reg) / sizeof(*lscan_mt_reg); ++i)
		lscan_rules(&lscan_mt_reg[i]);
	if (!failed)
		printf("ok unit/rule_seen: each rule is looked at alone\n");
	return failed != 0;
}
