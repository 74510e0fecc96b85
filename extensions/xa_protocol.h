/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * xa_protocol - the protocol of the rule that is being made
 *
 * libxtables shows a rule to the options of a plugin, so a plugin that has some
 * keeps the address: -p may stand behind them, and is looked at in the end. One
 * that has no options can only read iptables' command line; in iptables-restore
 * it is up to the kernel.
 */
#ifndef _XA_PROTOCOL_H
#define _XA_PROTOCOL_H

#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include <netinet/in.h>

#include <xtables.h>
/* behind <net/if.h>, which they then leave alone */
#include <linux/netfilter_ipv4/ip_tables.h>
#include <linux/netfilter_ipv6/ip6_tables.h>

/* Of -p in an IPv4 or IPv6 rule; 0: none, or all but one. */
static inline unsigned int xa_protocol4(const void *entry)
{
	const struct ipt_ip *ip = entry;

	return ip->invflags & XT_INV_PROTO ? 0 : ip->proto;
}

static inline unsigned int xa_protocol6(const void *entry)
{
	const struct ip6t_ip6 *ip = entry;

	return ip->invflags & XT_INV_PROTO ? 0 : ip->proto;
}

/* The argument of -p if a word is one or holds it; "" if it is the next word */
static inline const char *xa_protocol_of_word(const char *word)
{
	size_t len = strcspn(word, "=");

	if (!strncmp(word, "--", 2)) {
		/* iptables has --proto, too, and takes shorter forms */
		if (len < 4 || strncmp("--protocol", word, len) != 0)
			return NULL;
		return word[len] ? word + len + 1 : "";
	}
	if (*word++ != '-')
		return NULL;
	/* options without an argument in front of it */
	word += strspn(word, "bfhnvxw46");
	return *word == 'p' ? word + 1 : NULL;
}

/*
 * Of a command line of iptables, whose words have a zero byte behind each. Return: NULL
 * if it is no such command line; "" if there is no -p or an inverted one.
 */
static inline const char *xa_protocol_of_command(const char *words, size_t len)
{
	const char *end = words + len, *word, *last = "", *arg;
	bool iptables = false;

	for (word = words; word < end && *word != '-' && *word != '!';
	     word += strlen(word) + 1) {
		if (strstr(word, "-restore"))
			return NULL;
		iptables = iptables || strstr(word, "tables");
	}
	if (!iptables)
		return NULL;
	for (; word < end; last = word, word += strlen(word) + 1) {
		arg = xa_protocol_of_word(word);
		if (!arg)
			continue;
		if (!strcmp(last, "!"))
			return "";
		if (!*arg && word + strlen(word) + 1 < end)
			arg = word + strlen(word) + 1;
		return arg;
	}
	return "";
}

static inline bool xa_protocol_is(const char *protocol, const char *const *allowed)
{
	for (; *allowed; allowed++)
		if (!strcasecmp(protocol, *allowed))
			return true;
	return false;
}

/* For the final check of a target without options. @allowed: names and numbers */
static inline void xa_protocol_check(const char *target, const char *wanted,
				     const char *const *allowed)
{
	static char words[4096];
	const char *protocol = NULL;
	FILE *f = fopen("/proc/self/cmdline", "re");
	size_t len;

	if (f) {
		len = fread(words, 1, sizeof(words) - 1, f);
		fclose(f);
		/* if it does not fit, it is the kernel's to say */
		if (len < sizeof(words) - 1)
			protocol = xa_protocol_of_command(words, len);
	}
	if (protocol && !xa_protocol_is(protocol, allowed))
		xtables_error(PARAMETER_PROBLEM, "%s: the rule needs %s", target, wanted);
}

#endif /* _XA_PROTOCOL_H */
