// SPDX-License-Identifier: GPL-2.0-only
/*
 * protocol - what -p says in a command line, see extensions/xa_protocol.h
 * links: -lxtables
 */
#include <stdio.h>
#include <string.h>

#include "../../extensions/xa_protocol.h"

/* NULL: no command line of iptables */
static const char *const lines[][2] = {
	{ "iptables -A INPUT -p udp -j ECHO", "udp" },
	{ "iptables -A INPUT -pudp -j ECHO", "udp" },
	{ "iptables -A INPUT -j ECHO -p UDP", "UDP" },
	{ "/usr/sbin/ip6tables-nft -A INPUT --protocol 17 -j ECHO", "17" },
	{ "iptables -A INPUT --proto=udp -j ECHO", "udp" },
	{ "iptables -A INPUT --pr udp -j ECHO", "udp" },
	{ "iptables -vp udp -A INPUT -j ECHO", "udp" },
	{ "iptables -A INPUT ! -p udp -j ECHO", "" },
	{ "iptables -A INPUT -j ECHO", "" },
	{ "iptables -A p -j ECHO", "" },
	{ "iptables -A INPUT -j ECHO -p", "" },
	{ "xtables-nft-multi iptables -A INPUT -p tcp -j ECHO", "tcp" },
	{ "iptables-translate -A INPUT -p tcp -j ECHO", "tcp" },
	{ "iptables-restore -n", NULL },
	{ "iptables-nft-restore", NULL },
	{ "nft list ruleset", NULL },
	{ "python3 firewall.py", NULL },
	{ "tc filter add dev lo -p", NULL },
	{ "", NULL },
};

int main(void)
{
	unsigned int i, bad = 0;
	const char *got, *want;
	char words[256];
	size_t len, at;

	for (i = 0; i < sizeof(lines) / sizeof(*lines); i++) {
		len = strlen(lines[i][0]) + 1;
		memcpy(words, lines[i][0], len);
		for (at = 0; at < len; at++)
			if (words[at] == ' ')
				words[at] = '\0';
		got = xa_protocol_of_command(words, len > 1 ? len : 0);
		want = lines[i][1];
		if (!got == !want && (!got || !strcmp(got, want)))
			continue;
		bad++;
		printf("not ok unit/protocol: %s (expected %s, got %s)\n", lines[i][0],
		       want ? want : "none", got ? got : "none");
	}
	if (!bad)
		printf("ok unit/protocol: %u command lines\n", i);
	return bad != 0;
}
