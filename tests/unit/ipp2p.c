// SPDX-License-Identifier: GPL-2.0-only
/*
 * ipp2p - the classifiers on the host
 *
 *	golden			lines L4|VERDICT|WHAT|HEX from stdin
 *	ordinary COUNT		false positives among COUNT ordinary payloads
 *
 * Each payload stands at the end of memory of its own, where the sanitizers see
 * a byte too much, and so does each of its beginnings.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "xt_ipp2p_bit.c"
#include "xt_ipp2p_edk.c"
#include "xt_ipp2p_tcp.c"
#include "xt_ipp2p_text.c"
#include "xt_ipp2p_udp.c"

#include "ipp2p_ordinary.h"

#define MOST	9000

static const char *const names[] = {
	"edk", "dc", "gnu", "kazaa", "bit", "apple", "soul", "winmx", "ares",
	"mute", "waste", "xdcc",
};

#define NAMES (sizeof(names) / sizeof(*names))

static unsigned int failed, passed;

static const char *name_of(__u32 protocol)
{
	unsigned int n;

	for (n = 0; n < NAMES; ++n)
		if (protocol == 1U << n)
			return names[n];
	return protocol ? "several" : "-";
}

/* As the module does it: a short look, and a long one if there are candidates */
static __u32 judge(bool tcp, const __u8 *data, unsigned int len, __u32 wanted)
{
	struct ipp2p_payload pay = { .data = data, .len = len };
	__u32 can;

	if (len == 0)
		return 0;
	pay.have = len < IPP2P_FIRST ? len : IPP2P_FIRST;
	can = wanted & (tcp ? ipp2p_tcp_candidates(&pay) : ipp2p_udp_candidates(&pay));
	pay.have = len < IPP2P_LOOK ? len : IPP2P_LOOK;
	if (!can)
		return 0;
	return tcp ? ipp2p_tcp(&pay, can) : ipp2p_udp(&pay, can);
}

/* The same with no byte to read before the payload or behind what is looked at */
static __u32 judge_copy(bool tcp, const __u8 *data, unsigned int len, __u32 wanted)
{
	unsigned int have = len < IPP2P_LOOK ? len : IPP2P_LOOK;
	__u8 *copy = malloc(have ? have : 1);
	__u32 result;

	memcpy(copy, data, have);
	result = judge(tcp, copy, len, wanted);
	free(copy);
	return result;
}

static void expect(const char *what, const char *expected, __u32 actual)
{
	if (strcmp(expected, name_of(actual)) == 0) {
		++passed;
		return;
	}
	++failed;
	printf("not ok unit/ipp2p: %s (expected %s, got %s)\n", what, expected,
	       name_of(actual));
}

static unsigned int unhex(__u8 *out, const char *text)
{
	unsigned int len, byte;

	for (len = 0; len < MOST && sscanf(text + 2 * len, "%2x", &byte) == 1; ++len)
		out[len] = byte;
	return len;
}

static void one_golden(char *line)
{
	const char *l4 = strtok(line, "|"), *verdict = strtok(NULL, "|");
	const char *what = strtok(NULL, "|"), *hex = strtok(NULL, "|\n");
	static __u8 data[MOST];
	unsigned int len, n;
	char text[256];
	__u32 got;
	bool tcp;

	if (!hex) {
		expect("a line of four fields with bytes", "-", ~0U);
		return;
	}
	tcp = strcmp(l4, "tcp") == 0;
	len = unhex(data, hex);
	got = judge_copy(tcp, data, len, XT_IPP2P_ALL);
	snprintf(text, sizeof(text), "%s", what);
	expect(text, verdict, got);
	if (got) {
		snprintf(text, sizeof(text), "%s, asked for that alone", what);
		expect(text, verdict, judge_copy(tcp, data, len, got));
		snprintf(text, sizeof(text), "%s, asked for all else", what);
		expect(text, "-", judge_copy(tcp, data, len, XT_IPP2P_ALL & ~got));
	}
	for (n = 0; n < len; ++n) {	/* for the sanitizers */
		judge_copy(true, data, n, XT_IPP2P_ALL);
		judge_copy(false, data, n, XT_IPP2P_ALL);
	}
}

static int golden(void)
{
	static char line[4 * MOST];

	while (fgets(line, sizeof(line), stdin))
		one_golden(line);
	if (failed)
		return 1;
	printf("%s unit/ipp2p: %u verdicts about golden payloads\n",
	       passed > 300 ? "ok" : "not ok", passed);
	return passed <= 300;
}

static int ordinary(unsigned long count)
{
	unsigned long n, bad = 0, looked = 0;
	struct ipp2p_payload pay;
	static struct ordinary o;
	__u32 got;

	for (n = 0; n < count; ++n) {
		ordinary_next(&o, n);
		got = judge(o.tcp, o.data, o.len, XT_IPP2P_ALL);
		pay.data = o.data;
		pay.len = o.len;
		pay.have = o.len < IPP2P_FIRST ? o.len : IPP2P_FIRST;
		looked += o.len && (o.tcp ? ipp2p_tcp_candidates(&pay) :
					    ipp2p_udp_candidates(&pay) & ~XT_IPP2P_KAZAA);
		if (!got)
			continue;
		if (++bad <= 10)
			printf("# false positive: %s, %s of %u bytes, number %lu\n",
			       name_of(got), o.what, o.len, n);
	}
	printf("%s unit/ipp2p: %lu false positives among %lu ordinary payloads (expected 0)\n",
	       bad ? "not ok" : "ok", bad, count);
	printf("# %lu of them got the long look\n", looked);
	return bad != 0;
}

int main(int argc, char **argv)
{
	if (argc == 2 && strcmp(argv[1], "golden") == 0)
		return golden();
	if (argc == 3 && strcmp(argv[1], "ordinary") == 0)
		return ordinary(strtoul(argv[2], NULL, 0));
	return 2;
}
