// SPDX-License-Identifier: GPL-2.0-only
/* pknock - the log of accepted knocks against a list of all, and the form of a datagram */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "xt_pknock_form2.h"
#include "xt_pknock_log.h"
#include "xt_pknock_wire.h"
#include "../../pknock/siphash.h"

static unsigned int failed, passed;

static void expect(const char *what, bool expected, bool actual)
{
	if (expected == actual) {
		++passed;
		return;
	}
	if (++failed < 20)
		printf("not ok unit/pknock: %s (expected %d, got %d)\n", what, expected, actual);
}

static struct pknock_log *empty(void)
{
	return calloc(1, sizeof(struct pknock_log));
}

/* The knock that @who makes for @minute, which nobody else makes */
static bool accept(struct pknock_log *log, __u64 who, __u32 minute, __u64 now, __u32 gap)
{
	return pknock_log_accept(log, who << 32 | minute, who, minute, now, gap);
}

static void rules(void)
{
	struct pknock_log *log = empty();

	expect("a minute, as the manual says", true, PKNOCK_OPEN_GAP == 60);
	expect("the first", true, accept(log, 1, 100, 1000, 60));
	expect("the same", false, accept(log, 1, 100, 5000, 60));
	expect("another sender", true, accept(log, 2, 100, 1000, 60));
	expect("a second too early", false, accept(log, 1, 101, 1059, 60));
	expect("in time", true, accept(log, 1, 101, 1060, 60));
	expect("an earlier minute", true, accept(log, 1, 99, 1120, 60));
	expect("no gap", true, accept(log, 3, 7, 1000, 0));
	expect("no gap, next", true, accept(log, 3, 8, 1000, 0));
	expect("no gap, the same", false, accept(log, 3, 8, 1000, 0));
	expect("minute 0", true, accept(log, 4, 0, 1000, 0));
	expect("minute 0 again", false, accept(log, 4, 0, 1000, 0));
	expect("the last minute", true, accept(log, 4, ~0U, 1000, 0));
	expect("the last minute again", false, accept(log, 4, ~0U, 1000, 0));
	free(log);
}

/* One more than fits: the earliest minute is closed, the others are as before. */
static void overflow(void)
{
	struct pknock_log *log = empty();
	unsigned int i;

	expect("as many as the manual says", true, PKNOCK_LOG_LEN == 1024);
	for (i = 0; i < PKNOCK_LOG_LEN; ++i)
		expect("fits", true, accept(log, i, 1000 + i, 1, 0));
	expect("before all, in a full log", true, accept(log, 5000, 10, 1, 0));
	expect("the same", false, accept(log, 5000, 10, 1, 0));
	expect("an earlier one", false, accept(log, 5001, 9, 1, 0));
	expect("a later one", true, accept(log, 5001, 11, 1, 0));
	expect("behind all", true, accept(log, 5002, 9999, 1, 0));
	expect("whose place it took", false, accept(log, 0, 1000, 1, 0));
	expect("others of that minute", false, accept(log, 7000, 1000, 1, 0));
	expect("of the next", true, accept(log, 7000, 1001, 1, 0));
	for (i = 2; i < PKNOCK_LOG_LEN; ++i)
		expect("none is accepted again", false, accept(log, i, 1000 + i, 1, 0));
	free(log);
}

/* One knock, whoever accepts it */
static void doors(void)
{
	struct pknock_log *log = empty();

	expect("one door", true, pknock_log_accept(log, 77, 1, 100, 1000, 60));
	expect("the same knock at another", false, pknock_log_accept(log, 77, 2, 100, 1000, 60));
	expect("another day", false, pknock_log_accept(log, 77, 3, 100, 90000, 0));
	expect("another knock, too early", false, pknock_log_accept(log, 78, 1, 100, 1001, 60));
	expect("at another door", true, pknock_log_accept(log, 78, 2, 100, 1001, 60));
	free(log);
}

/* Whatever a log before this one accepted is refused; what is made later is not. */
static void begins(void)
{
	long long began, accepted, now;

	for (began = 90000; began < 90000 + 120; ++began) {
		for (accepted = began - 200; accepted <= began; ++accepted)
			for (now = began; now < began + 200; ++now)
				if (accepted / 60 + 1 >= pknock_log_first(now, now - began))
					expect("replay", false, true);
		now = (began / 60 + 3) * 60;
		expect("two minutes later", true, now / 60 >= pknock_log_first(now, now - began));
	}
	expect("in 1970", true, pknock_log_first(100, 40) == 3);
	expect("set from 1970 to another time", true,
	       pknock_log_first(1800000000, 40) == 1800000000 / 60 + 1);
	expect("before 1970", true, pknock_log_first(10, 40) == 0);
}

#define WHO	64
#define MINUTES	512

/* A clock that jumps about: nothing is ever accepted twice. */
static void jumps(unsigned int seed)
{
	static unsigned char seen[WHO][MINUTES];
	struct pknock_log *log = empty();
	unsigned int i, who, minute, accepted = 0;

	srand(seed);
	memset(seen, 0, sizeof(seen));
	for (i = 0; i < 60000; ++i) {
		who = rand() % WHO;
		minute = rand() % (1 + rand() % MINUTES);
		if (!accept(log, who, minute, i, 0))
			continue;
		expect("accepted once", false, seen[who][minute]);
		seen[who][minute] = 1;
		++accepted;
	}
	expect("many were accepted", true, accepted >= PKNOCK_LOG_LEN);
	free(log);
}

static bool wire(unsigned int len, unsigned int size, int at, int c)
{
	__u8 *udp = malloc(PKNOCK_WIRE_SIZE);
	bool ok;

	memset(udp, 'a', PKNOCK_WIRE_SIZE);
	udp[4] = len >> 8;
	udp[5] = len;
	if (at >= 0)
		udp[PKNOCK_UDP_SIZE + at] = c;
	ok = pknock_wire_ok(udp, size);
	free(udp);
	return ok;
}

static void forms(void)
{
	unsigned int len, c, at;

	for (len = 0; len < 65536; ++len)
		expect("length", len == 72 || len == 73, wire(len, 65536, -1, 0));
	expect("the packet ends with the digits", true, wire(72, 72, -1, 0));
	expect("the packet is cut", false, wire(73, 72, -1, 0));
	expect("the packet has more", true, wire(72, 1000, -1, 0));
	for (at = 0; at < PKNOCK_DIGITS; ++at)
		for (c = 0; c < 256; ++c)
			expect("digit", c != 0 && strchr("0123456789abcdef", c),
			       wire(72, 72, at, c));
}

static bool form2(unsigned int len, unsigned int size, unsigned int at, __u8 flip)
{
	__u8 *udp = calloc(1, PKNOCK_FORM2_UDP + PKNOCK_FORM2_SIZE);
	bool is;

	memcpy(udp + PKNOCK_FORM2_UDP, "PKN2\3\7\x0f\xa0", 8);
	udp[2] = 0x0f;
	udp[3] = 0xa0;
	udp[4] = len >> 8;
	udp[5] = len;
	udp[at] ^= flip;
	is = pknock_form2_is(udp, size);
	free(udp);
	return is;
}

static void second_forms(void)
{
	static const __u8 time[16] = { [8] = 0, 0, 0, 0, 0x6b, 0x49, 0xd2, 0 };
	__u8 ip[] = { 192, 0, 2, 7 }, mapped[16];
	unsigned int at, bit, len;
	bool no;

	for (len = 0; len < 65536; ++len)
		expect("length of form 2", len == 72, form2(len, 65536, 0, 0));
	expect("form 2 is cut", false, form2(72, 71, 0, 0));
	for (at = 0; at < 72; ++at)
		for (bit = 0; bit < 8; ++bit) {
			/* ports, length, magic, flags; anything else is not looked at */
			no = (at >= 2 && at < 6) || (at >= 8 && at < 12) ||
			     (at == 12 && bit > 1) || at == 14 || at == 15;
			expect("one bit of form 2", !no, form2(72, 72, at, 1 << bit));
		}
	expect("time", true, pknock_form2_time(time) == 0x6b49d200);
	for (at = 0; at < 200; ++at)
		expect("timely", at >= 40 && at <= 160, pknock_form2_timely(1000 + at, 1100));
	expect("a negative time", false, pknock_form2_timely(-1, 0));
	pknock_form2_address(mapped, ip, false);
	expect("IPv4", true, !memcmp(mapped, "\0\0\0\0\0\0\0\0\0\0\xff\xff\xc0\0\2\7", 16));
}

/* Of the authors' list, for a key of 0 to 15 and a message of 0 to n - 1 */
static void hashes(void)
{
	uint8_t bytes[16];
	unsigned int i;

	for (i = 0; i < 16; ++i)
		bytes[i] = i;
	expect("SipHash of 0 bytes", true, siphash(bytes, bytes, 0) == 0x726fdb47dd0e0e31ULL);
	expect("SipHash of 8 bytes", true, siphash(bytes, bytes, 8) == 0x93f5f5799a932462ULL);
	expect("SipHash of 16 bytes", true, siphash(bytes, bytes, 16) == 0x3f2acc7f57c29bdbULL);
}

int main(void)
{
	unsigned int seed;

	rules();
	doors();
	begins();
	overflow();
	for (seed = 0; seed < 8; ++seed)
		jumps(seed);
	forms();
	second_forms();
	hashes();
	if (!failed)
		printf("ok unit/pknock: %u checks\n", passed);
	return failed != 0;
}
