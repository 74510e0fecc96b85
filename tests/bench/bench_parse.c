// SPDX-License-Identifier: GPL-2.0-only
/*
 * The words of a measurement
 *
 *	mode=cost|scale	 family=4|6  proto=udp|tcp|icmp|NUMBER
 *	rules=FD base=FD open files of the two namespaces
 *	src=ADDR[/LEN]	 an address, or uniform within the prefix
 *	src=ADDR/LEN,list=N  N hosts of the prefix, all as frequent
 *	src=ADDR/LEN,zipf=N  N hosts, the k-th with frequency 1/k
 *	src=/FILE	 hosts of ranges, each range as frequent, whatever its size:
 *			 first and last address of each in network byte order,
 *			 as in the files of geoip
 *	dst=...		 the same
 *	sport=N[-N] dport=N[-N] flags=HEX (TCP; 10 and 0x10 are an ACK)
 *	len=N (bytes of payload) payload=HEX
 *	skb=reuse|fresh	 ct=none|confirm|forget
 *	live=N		 with ct=forget: so many flows live at a time, of each CPU
 *	gso=N (segments of so many bytes, as received with offload)
 *	way=hook|receive (all that follows when dev receives a packet; fresh skbs)
 *	hook=prerouting|input|forward|output|postrouting  dev=NAME
 *	hook=routed	 PREROUTING and then POSTROUTING
 *	cpus=N batch=N warm=N; cost: pairs=N; scale: rounds=N ms=N
 */
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt
#include <linux/hex.h>
#include <linux/inet.h>
#include <linux/kernel.h>
#include <linux/module.h>
#include <linux/string.h>
#include "bench.h"

static const char *const xb_hooks[] = {
	[NF_INET_PRE_ROUTING]	= "prerouting",
	[NF_INET_LOCAL_IN]	= "input",
	[NF_INET_FORWARD]	= "forward",
	[NF_INET_LOCAL_OUT]	= "output",
	[NF_INET_POST_ROUTING]	= "postrouting",
};

static const char *const xb_modes[] = { "cost", "scale", "worst" };

static const char *const xb_tracking[] = { "none", "confirm", "forget" };

static int xb_number(const char *text, u32 max, u32 *to)
{
	return kstrtou32(text, 0, to) || *to > max ? -EINVAL : 0;
}

static int xb_byte(const char *text, u8 *to)
{
	return kstrtou8(text, 0, to);
}

/* a name of a list of two: its number */
static int xb_either(const char *text, const char *zero, const char *one)
{
	if (strcmp(text, zero) == 0)
		return 0;
	return strcmp(text, one) == 0 ? 1 : -EINVAL;
}

static int xb_address(char *text, struct xb_range *range)
{
	char *list, *slash;
	u32 plen;

	if (*text == '/') {
		range->dist = XB_FILE;
		range->hosts = XB_SEQ;
		return strscpy(range->path, text, sizeof(range->path)) < 0 ? -EINVAL : 0;
	}
	list = strchr(text, ',');
	if (list)
		*list++ = '\0';
	slash = strchr(text, '/');
	if (slash)
		*slash++ = '\0';
	if (in4_pton(text, -1, (u8 *)&range->base, -1, NULL))
		plen = 32;
	else if (in6_pton(text, -1, (u8 *)&range->base, -1, NULL))
		plen = 128;
	else
		return -EINVAL;
	range->dist = XB_FIXED;
	range->plen = plen;
	if (slash) {
		if (xb_number(slash, plen, &plen))
			return -EINVAL;
		range->dist = plen == range->plen ? XB_FIXED : XB_UNIFORM;
		range->plen = plen;
	}
	if (!list)
		return 0;
	range->dist = list[0] == 'z' ? XB_ZIPF : XB_LIST;
	if (!str_has_prefix(list, "zipf=") && !str_has_prefix(list, "list="))
		return -EINVAL;
	return xb_number(list + 5, 1u << 20, &range->hosts) || !range->hosts ?
	       -EINVAL : 0;
}

static int xb_ports(char *text, u16 port[2])
{
	char *dash = strchr(text, '-');

	if (dash)
		*dash++ = '\0';
	if (kstrtou16(text, 0, &port[0]) ||
	    kstrtou16(dash ? dash : text, 0, &port[1]))
		return -EINVAL;
	return port[0] <= port[1] ? 0 : -EINVAL;
}

static int xb_payload(const char *text, struct xb_job *job)
{
	size_t n = strlen(text);

	if (n % 2 || n / 2 > sizeof(job->payload))
		return -EINVAL;
	job->payload_len = n / 2;
	return hex2bin(job->payload, text, n / 2);
}

static int xb_proto(const char *text, struct xb_job *job)
{
	if (strcmp(text, "udp") == 0)
		job->proto = IPPROTO_UDP;
	else if (strcmp(text, "tcp") == 0)
		job->proto = IPPROTO_TCP;
	else if (strcmp(text, "icmp") == 0)
		job->proto = job->family == NFPROTO_IPV6 ? IPPROTO_ICMPV6 :
			     IPPROTO_ICMP;
	else
		return xb_byte(text, &job->proto);
	return 0;
}

static int xb_set_packet(struct xb_job *job, const char *key, char *value)
{
	if (strcmp(key, "src") == 0)
		return xb_address(value, &job->src);
	if (strcmp(key, "dst") == 0)
		return xb_address(value, &job->dst);
	if (strcmp(key, "sport") == 0)
		return xb_ports(value, job->sport);
	if (strcmp(key, "dport") == 0)
		return xb_ports(value, job->dport);
	if (strcmp(key, "proto") == 0)
		return xb_proto(value, job);
	if (strcmp(key, "flags") == 0)
		return kstrtou8(value, 16, &job->flags);
	if (strcmp(key, "len") == 0)
		return xb_number(value, 65000, &job->len);
	if (strcmp(key, "gso") == 0)
		return xb_number(value, 65000, &job->gso);
	if (strcmp(key, "payload") == 0)
		return xb_payload(value, job);
	return -ENOENT;
}

static int xb_set_number(struct xb_job *job, const char *key, char *value)
{
	if (strcmp(key, "cpus") == 0)
		return xb_number(value, XB_CPUS, &job->cpus);
	if (strcmp(key, "batch") == 0)
		return xb_number(value, 1000000, &job->batch);
	if (strcmp(key, "pairs") == 0)
		return xb_number(value, 100000, &job->pairs);
	if (strcmp(key, "rounds") == 0)
		return xb_number(value, 1000, &job->rounds);
	if (strcmp(key, "pause") == 0)
		return xb_number(value, 3600, &job->pause);
	if (strcmp(key, "ms") == 0)
		return xb_number(value, 60000, &job->ms);
	if (strcmp(key, "warm") == 0)
		return xb_number(value, 1u << 30, &job->warm);
	if (strcmp(key, "live") == 0)
		return xb_number(value, 1000000, &job->live);
	if (strcmp(key, "rules") == 0)
		return kstrtoint(value, 10, &job->fd[XB_RULES]);
	if (strcmp(key, "base") == 0)
		return kstrtoint(value, 10, &job->fd[XB_BASE]);
	return -ENOENT;
}

static int xb_set_word(struct xb_job *job, const char *key, char *value)
{
	int n;

	if (strcmp(key, "mode") == 0) {
		n = match_string(xb_modes, ARRAY_SIZE(xb_modes), value);
		job->mode = n;
	} else if (strcmp(key, "family") == 0) {
		n = xb_either(value, "4", "6");
		job->family = n ? NFPROTO_IPV6 : NFPROTO_IPV4;
	} else if (strcmp(key, "skb") == 0) {
		n = xb_either(value, "reuse", "fresh");
		job->fresh = n;
	} else if (strcmp(key, "way") == 0) {
		n = xb_either(value, "hook", "receive");
		job->receive = n;
	} else if (strcmp(key, "ct") == 0) {
		n = match_string(xb_tracking, ARRAY_SIZE(xb_tracking), value);
		job->confirm = n == 1;
		job->forget = n == 2;
	} else if (strcmp(key, "hook") == 0 && strcmp(value, "routed") == 0) {
		n = NF_INET_PRE_ROUTING;
		job->hook = n;
		job->routed = true;
	} else if (strcmp(key, "hook") == 0) {
		n = match_string(xb_hooks, ARRAY_SIZE(xb_hooks), value);
		job->hook = n;
	} else if (strcmp(key, "dev") == 0) {
		n = strscpy(job->dev, value, sizeof(job->dev));
	} else {
		return -ENOENT;
	}
	return n < 0 ? -EINVAL : 0;
}

static void xb_defaults(struct xb_job *job)
{
	static const struct xb_job v4 = {
		.family	= NFPROTO_IPV4, .proto = IPPROTO_UDP,
		.cpus	= 1, .batch = 2000, .pairs = 500, .rounds = 100,
		.ms	= 3, .warm = 20000, .len = 64,
		.sport	= { 1024, 65535 }, .dport = { 53, 53 },
		.fd	= { -1, -1 }, .dev = "lo",
	};

	*job = v4;
	job->src.base.ip = htonl(0x0a000001);
	job->dst.base.ip = htonl(0x0a000002);
	job->src.plen = 32;
	job->dst.plen = 32;
}

/* Words that go together, or not. */
static int xb_consistent(const struct xb_job *job)
{
	if (job->receive && !job->fresh)
		pr_info("way=receive consumes packets: skb=fresh goes with it\n");
	else if (job->receive && job->confirm)
		pr_info("way=receive confirms: ct=forget goes with it, or nothing\n");
	else if (job->live && !job->forget)
		pr_info("live=N tells when flows end: ct=forget goes with it\n");
	else if (!job->cpus || job->cpus > num_online_cpus() || !job->batch ||
		 !job->pairs || !job->rounds || !job->ms ||
		 job->payload_len > job->len)
		pr_info("a number is zero, more CPUs than there are, or len below payload\n");
	else
		return 0;
	return -EINVAL;
}

/**
 * xb_parse() - read a measurement
 * @job: filled; what @text does not say gets its default
 * @text: KEY=VALUE words; taken to pieces
 *
 * Return: 0, or -EINVAL after a line in the log that names the bad word.
 */
int xb_parse(struct xb_job *job, char *text)
{
	char *word, *value;
	int ret;

	xb_defaults(job);
	while ((word = strsep(&text, " \t\n")) != NULL) {
		if (!*word)
			continue;
		value = strchr(word, '=');
		if (!value) {
			pr_info("no value: %s\n", word);
			return -EINVAL;
		}
		*value++ = '\0';
		ret = xb_set_packet(job, word, value);
		if (ret == -ENOENT)
			ret = xb_set_number(job, word, value);
		if (ret == -ENOENT)
			ret = xb_set_word(job, word, value);
		if (ret) {
			pr_info("bad or unknown: %s=%s\n", word, value);
			return -EINVAL;
		}
	}
	return xb_consistent(job);
}
