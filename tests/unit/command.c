// SPDX-License-Identifier: GPL-2.0-only
/* command - which command lines insert rules, see addrdb/command.c */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "../../addrdb/command.c"

static const struct {
	const char *line;
	enum xa_command is;
} lines[] = {
	{ "iptables -A INPUT -m geoip --src-cc CN -j DROP", XA_COMMAND_MAKES },
	{ "iptables -I INPUT 3 -m geoip --src-cc CN", XA_COMMAND_MAKES },
	{ "iptables -R INPUT 3 -m geoip --src-cc CN", XA_COMMAND_MAKES },
	{ "iptables -wA INPUT -m geoip --src-cc CN", XA_COMMAND_MAKES },
	{ "iptables -C INPUT -m geoip --src-cc CN", XA_COMMAND_READS },
	{ "iptables -w -C INPUT -m geoip --src-cc CN", XA_COMMAND_READS },
	{ "iptables -wC INPUT -m geoip --src-cc CN", XA_COMMAND_READS },
	{ "iptables -t raw -D INPUT -m geoip --src-cc CN", XA_COMMAND_READS },
	{ "ip6tables -m geoip --src-cc CN --delete INPUT", XA_COMMAND_READS },
	{ "/usr/sbin/ip6tables-legacy --che INPUT -m geoip --src-cc CN", XA_COMMAND_READS },
	/* the argument of a cluster is none of its options */
	{ "iptables -ADC -m geoip --src-cc CN", XA_COMMAND_MAKES },
	{ "iptables --delete-chain C", XA_COMMAND_MAKES },
	{ "xtables-nft-multi iptables -C INPUT -m geoip --src-cc CN", XA_COMMAND_READS },
	{ "xtables-nft-multi iptables -A INPUT -m geoip --src-cc CN", XA_COMMAND_MAKES },
	{ "iptables-translate -A INPUT -m geoip --src-cc CN", XA_COMMAND_READS },
	{ "/usr/sbin/ip6tables-restore-translate -f rules", XA_COMMAND_READS },
	{ "xtables-nft-multi iptables-translate -A INPUT -m geoip", XA_COMMAND_READS },
	{ "iptables-restore", XA_COMMAND_MAKES },
	{ "iptables-restore -n -w 5 rules", XA_COMMAND_MAKES },
	{ "iptables-restore -T mangle", XA_COMMAND_MAKES },
	{ "iptables-restore -nT t", XA_COMMAND_MAKES },
	{ "iptables-restore --table mangle", XA_COMMAND_MAKES },
	{ "iptables-restore --test", XA_COMMAND_CHECKS },
	{ "iptables-restore --te", XA_COMMAND_CHECKS },
	{ "iptables-nft-restore -nt rules", XA_COMMAND_CHECKS },
	{ "/lib64/ld-linux-x86-64.so.2 /usr/sbin/iptables-restore -t", XA_COMMAND_CHECKS },
	{ "xthook add input -m geoip --src-cc CN", XA_COMMAND_MAKES },
	{ "/usr/sbin/xthook --netns a insert input -m geoip --src-cc CN", XA_COMMAND_MAKES },
	{ "xthook restore /etc/xthook.rules", XA_COMMAND_MAKES },
	{ "xthook check rules", XA_COMMAND_CHECKS },
	{ "xthook --netns delete check --offline rules", XA_COMMAND_CHECKS },
	{ "xthook delete input -m geoip --src-cc CN", XA_COMMAND_READS },
	{ "xthook -n add delete input -m geoip --src-cc CN", XA_COMMAND_READS },
	{ "xthook list", XA_COMMAND_READS },
	{ "xthook", XA_COMMAND_READS },
	/* values that look like commands; _ is a blank */
	{ "iptables -A INPUT -m comment --comment -C", XA_COMMAND_MAKES },
	{ "iptables -A INPUT -m comment --comment -CN_only -m geoip --src-cc C", XA_COMMAND_MAKES },
	{ "iptables -m comment --comment -CN_only -m geoip --src-cc C -A INPUT", XA_COMMAND_MAKES },
	{ "iptables -t raw --append INPUT -j LOG --log-prefix -Drop", XA_COMMAND_MAKES },
	{ "iptables -I INPUT -i -Dx -m geoip --src-cc CN", XA_COMMAND_MAKES },
	{ "iptables -i -C -A INPUT -m geoip --src-cc CN", XA_COMMAND_MAKES },
	{ "iptables -D INPUT -m comment --comment -A", XA_COMMAND_READS },
	{ "iptables -m comment --comment -AB -C INPUT", XA_COMMAND_READS },
	{ "iptables -m comment --comment=x -C INPUT", XA_COMMAND_READS },
	{ "iptables -p tcp --syn -D INPUT -m geoip --src-cc CN", XA_COMMAND_READS },
	{ "iptables -p tcp --syn -D INPUT -m comment --comment -A", XA_COMMAND_READS },
	{ "iptables -p tcp -i", XA_COMMAND_MAKES },
	{ "iptables-restore -T -test", XA_COMMAND_MAKES },
	{ "iptables-restore --noflush -t", XA_COMMAND_CHECKS },
	/* others do not read options as iptables does */
	{ "tc filter add dev lo basic match ipt(-m geoip -C) -D", XA_COMMAND_MAKES },
	{ "python3 firewall.py -C", XA_COMMAND_MAKES },
	{ "", XA_COMMAND_MAKES },
};

int main(void)
{
	unsigned int i, bad = 0;
	char words[256];
	size_t len, at;

	for (i = 0; i < sizeof(lines) / sizeof(*lines); i++) {
		len = strlen(lines[i].line) + 1;
		memcpy(words, lines[i].line, len);
		for (at = 0; at < len; at++)
			words[at] = words[at] == ' ' ? '\0' : words[at] == '_' ? ' ' : words[at];
		if (xa_command_of(words, len > 1 ? len : 0) == lines[i].is)
			continue;
		bad++;
		printf("not ok unit/command: %s: expected %d\n", lines[i].line, lines[i].is);
	}
	if (xa_command() != XA_COMMAND_MAKES) {
		bad++;
		printf("not ok unit/command: this program\n");
	}
	setenv(XA_TOOL_AGAIN, "1", 1);
	if (xa_command() != XA_COMMAND_READS) {
		bad++;
		printf("not ok unit/command: a rule that is parsed once more\n");
	}
	if (!bad)
		printf("ok unit/command: %u command lines\n", i);
	return bad != 0;
}
