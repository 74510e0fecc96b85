// SPDX-License-Identifier: GPL-2.0-only
/*
 * lscan - every packet in every state, against the words of the manual
 *
 * Connections as stories first: a string of packets, and where each leads.
 * Then all states with all packets that differ for the classifier, against a
 * second opinion that is written as conditions, not as a table. Options lists
 * and marks at last.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "xt_lscan_state.h"

static unsigned int failed, passed;

static void expect(const char *what, long expected, long actual)
{
	if (expected == actual) {
		++passed;
		return;
	}
	if (++failed < 20)
		printf("not ok unit/lscan: %s (expected %ld, got %ld)\n",
		       what, expected, actual);
}

static const char *const names[LSCAN_STATES] = {
	"none", "synrcv", "closed", "synscan", "estab1", "estab2", "cnscan", "grscan", "valid",
};

/*
 * Packets: S SYN, s SYN again after the answer, A ACK, B ACK of a banner, C ACK after
 * the server took the data of the SYN, c RST after that, K keepalive without and k
 * with a byte, D data, o data out of order, F FIN, f FIN with data, R RST, P the ACK
 * of a stream, G FIN and g RST+ACK that acknowledge a banner first, H FIN and h
 * RST+ACK that acknowledge a part of a stream, O ACK, X FIN and x RST+ACK that
 * acknowledge less than the handshake, T an expected SYN, L FIN and l RST
 * after the server's FIN, r RST before an answer; of the server: + SYN+ACK, a ACK, d
 * data, . FIN, ! RST
 */
static struct lscan_segment letter(char c)
{
	struct lscan_segment seg = { .client = true, .answered = true, .next = true,
				     .flags = LSCAN_TCP_ACK };

	switch (c) {
	case 'S': seg.opening = true; seg.answered = false; seg.flags = LSCAN_TCP_SYN; break;
	case 's': seg.flags = LSCAN_TCP_SYN; break;
	case 'A': break;
	case 'B': seg.fresh = true; break;
	case 'C': seg.taken = true; break;
	case 'c': seg.taken = true; seg.flags = LSCAN_TCP_RST; break;
	case 'K': seg.next = false; break;
	case 'k': seg.next = false; seg.len = 1; break;
	case 'o': seg.next = false; seg.len = 1000; break;
	case 'D': seg.len = 1; break;
	case 'F': seg.flags |= LSCAN_TCP_FIN; break;
	case 'f': seg.flags |= LSCAN_TCP_FIN; seg.len = 1; break;
	case 'R': seg.flags = LSCAN_TCP_RST; break;
	case 'P': seg.flying = LSCAN_BANNER_MAX + 1; break;
	case 'p': seg.flying = LSCAN_BANNER_MAX; seg.fresh = true; break;
	case 'G': seg.fresh = true; seg.flags |= LSCAN_TCP_FIN; break;
	case 'g': seg.fresh = true; seg.flags |= LSCAN_TCP_RST; break;
	case 'H': seg.flying = LSCAN_BANNER_MAX + 1; seg.flags |= LSCAN_TCP_FIN; break;
	case 'h': seg.flying = LSCAN_BANNER_MAX + 1; seg.flags |= LSCAN_TCP_RST; break;
	case 'O': seg.old = true; seg.flying = 60000; break;
	case 'X': seg.old = true; seg.flying = 60000; seg.flags |= LSCAN_TCP_FIN; break;
	case 'x': seg.old = true; seg.flying = 60000; seg.flags |= LSCAN_TCP_RST; break;
	case 'T': seg.trusted = true; seg.flags = LSCAN_TCP_SYN; break;
	case 'L': seg.flags |= LSCAN_TCP_FIN; seg.left = true; break;
	case 'l': seg.flags |= LSCAN_TCP_RST; seg.left = true; break;
	case 'r': seg.flags = LSCAN_TCP_RST; seg.answered = false; break;
	case '+': seg.client = false; seg.flags |= LSCAN_TCP_SYN; break;
	case 'a': seg.client = false; break;
	case 'd': seg.client = false; seg.len = 100; break;
	case '.': seg.client = false; seg.flags |= LSCAN_TCP_FIN; break;
	case '!': seg.client = false; seg.flags |= LSCAN_TCP_RST; break;
	default: abort();
	}
	return seg;
}

static enum lscan_state walk(const char *packets)
{
	enum lscan_state state = LSCAN_NONE;

	for (; *packets; ++packets) {
		struct lscan_segment seg = letter(*packets);

		state = lscan_next(state, lscan_event(&seg));
	}
	return state;
}

static void stories(void)
{
	static const struct {
		const char *what, *packets;
		enum lscan_state end;
	} stories[] = {
		{ "a SYN", "S", LSCAN_SYNRCV },
		{ "SYN scan, the client alone", "SR", LSCAN_SYNSCAN },
		{ "SYN scan, both sides", "S+R", LSCAN_SYNSCAN },
		{ "SYN scan of a closed port", "S!", LSCAN_CLOSED },
		{ "a closed port, and the client resets too", "S!R", LSCAN_CLOSED },
		{ "given up before an answer", "Sr", LSCAN_CLOSED },
		{ "SYN three times, then a scan", "SSSR", LSCAN_SYNSCAN },
		{ "SYN+ACK twice", "S++sA", LSCAN_ESTAB1 },
		{ "connect scan by RST", "SAR", LSCAN_CNSCAN },
		{ "connect scan by FIN", "S+AF.A", LSCAN_CNSCAN },
		{ "connect scan whose ACK got lost", "SF", LSCAN_CNSCAN },
		{ "RST after the FIN", "SAFR", LSCAN_CNSCAN },
		{ "banner, FIN", "S+AdBF.A", LSCAN_GRSCAN },
		{ "banner, RST, the client alone", "SABR", LSCAN_GRSCAN },
		{ "banner, acknowledged by the FIN", "S+AdG.A", LSCAN_GRSCAN },
		{ "banner, acknowledged by the RST", "S+Adg", LSCAN_GRSCAN },
		{ "banner, RST without an ACK", "S+AdR", LSCAN_CNSCAN },
		{ "stream that a FIN ends", "SAH", LSCAN_VALID },
		{ "stream that an RST ends", "SABh", LSCAN_VALID },
		{ "an old number, half open", "S+O", LSCAN_SYNRCV },
		{ "an old number that an RST has, half open", "S+x", LSCAN_SYNSCAN },
		{ "an old number that an RST has", "S+Ax", LSCAN_CNSCAN },
		{ "an old number that a FIN has", "S+AX", LSCAN_CNSCAN },
		{ "an old number behind a banner", "S+AdBOx", LSCAN_GRSCAN },
		{ "banner of many packets", "SABBBBpF", LSCAN_GRSCAN },
		{ "session, the client first", "SADAAF", LSCAN_VALID },
		{ "session, the server first", "S+AdBDdBF", LSCAN_VALID },
		{ "session whose ACK got lost", "SDF", LSCAN_VALID },
		{ "data with the FIN", "SAf", LSCAN_VALID },
		{ "data with the FIN after a banner", "SABfR", LSCAN_VALID },
		{ "stream of the server", "SABPBBF", LSCAN_VALID },
		{ "stream at once", "SAPR", LSCAN_VALID },
		{ "the server leaves, seen from one side", "SABL", LSCAN_CLOSED },
		{ "the server leaves, no data", "SAl", LSCAN_CLOSED },
		{ "the server leaves, seen from both sides", "S+AdB.BL", LSCAN_CLOSED },
		{ "the server resets", "S+A!", LSCAN_CLOSED },
		{ "one ACK that two rules look at", "SAAF", LSCAN_CNSCAN },
		{ "silent, kept alive by the client", "S+AKaKaKaF", LSCAN_CNSCAN },
		{ "silent, kept alive by the client with a byte", "S+AkakaF", LSCAN_CNSCAN },
		{ "silent, kept alive by the server", "S+AaAaAaAF", LSCAN_CNSCAN },
		{ "kept alive after a banner", "S+AdBaAKaF", LSCAN_GRSCAN },
		{ "data that the server will not take", "S+oR", LSCAN_SYNSCAN },
		{ "the same after the handshake", "S+AoF", LSCAN_CNSCAN },
		{ "out of order, then in order", "S+AoDF", LSCAN_VALID },
		{ "Fast Open, the data refused", "S+R", LSCAN_SYNSCAN },
		{ "Fast Open, the data taken", "S+CF", LSCAN_VALID },
		{ "Fast Open, the data taken, reset", "S+c", LSCAN_VALID },
		{ "expected by a helper", "TAAF", LSCAN_VALID },
		{ "began before the rule", "AADAF", LSCAN_NONE },
		{ "port used again", "SARSADF", LSCAN_VALID },
		{ "port used again after a session", "SADFSR", LSCAN_SYNSCAN },
	};
	unsigned int i;

	for (i = 0; i < sizeof(stories) / sizeof(*stories); ++i)
		expect(stories[i].what, stories[i].end, walk(stories[i].packets));
}

/* What the manual says, without a table. */
static enum lscan_state opinion(enum lscan_state state, const struct lscan_segment *seg)
{
	bool fin = seg->flags & LSCAN_TCP_FIN, rst = seg->flags & LSCAN_TCP_RST;
	bool syn = seg->flags & LSCAN_TCP_SYN, ack = seg->flags & LSCAN_TCP_ACK;
	bool begun = state == LSCAN_SYNRCV || state == LSCAN_ESTAB1 || state == LSCAN_ESTAB2;

	if (seg->trusted)
		return LSCAN_VALID;
	if (seg->client && seg->opening && syn && !fin && !rst && !ack)
		return LSCAN_SYNRCV;
	if (!begun || (seg->client && syn))
		return state;
	if (!seg->client)
		return fin || rst ? LSCAN_CLOSED : state;
	if (seg->taken)
		return LSCAN_VALID;
	if (rst && (seg->left || !seg->answered))
		return LSCAN_CLOSED;
	if (!rst && seg->len && seg->next)
		return LSCAN_VALID;
	if (fin && !rst && seg->left)
		return LSCAN_CLOSED;
	if (fin || rst) {
		if (seg->flying > LSCAN_BANNER_MAX && !seg->old)
			return LSCAN_VALID;
		if (state == LSCAN_SYNRCV)
			return rst && !seg->fresh ? LSCAN_SYNSCAN : LSCAN_CNSCAN;
		return state == LSCAN_ESTAB2 || seg->fresh ? LSCAN_GRSCAN : LSCAN_CNSCAN;
	}
	if (!ack || !seg->next || seg->old)
		return state;
	if (seg->flying > LSCAN_BANNER_MAX)
		return LSCAN_VALID;
	if (state == LSCAN_SYNRCV)
		return LSCAN_ESTAB1;
	return seg->fresh ? LSCAN_ESTAB2 : state;
}

static void packet(enum lscan_state state, const struct lscan_segment *seg)
{
	enum lscan_state next = lscan_next(state, lscan_event(seg));
	char what[160];

	snprintf(what, sizeof(what), "%s, flags %#x, len %u, flying %d, %s%s%s%s%s%s%s%s%s",
		 names[state], seg->flags, seg->len, seg->flying,
		 seg->client ? "client " : "", seg->opening ? "opening " : "",
		 seg->answered ? "answered " : "", seg->left ? "left " : "",
		 seg->trusted ? "trusted " : "", seg->next ? "next " : "",
		 seg->taken ? "taken " : "", seg->fresh ? "fresh " : "",
		 seg->old ? "old" : "");
	expect(what, opinion(state, seg), next);
	/* several rules look at a packet: it counts once */
	if (next != LSCAN_ESTAB1)
		expect("again", next, lscan_next(next, lscan_event(seg)));
}

/* With any bits and sizes that make a difference. */
static void flags_of(enum lscan_state state, unsigned int flags)
{
	static const __s32 flying[] = {
		-1, 0, 1, LSCAN_BANNER_MAX, LSCAN_BANNER_MAX + 1,
	};
	static const unsigned int len[] = { 0, 1, 65000 };
	unsigned int bits, n;

	for (bits = 0; bits < 512; ++bits) {
		for (n = 0; n < 15; ++n) {
			struct lscan_segment seg = {
				.flags = flags, .len = len[n / 5], .flying = flying[n % 5],
				.client = bits & 1, .opening = bits & 2,
				.answered = bits & 4, .left = bits & 8,
				.trusted = bits & 16, .next = bits & 32,
				.taken = bits & 64, .fresh = bits & 128,
				.old = bits & 256,
			};

			packet(state, &seg);
		}
	}
}

static void everything(void)
{
	unsigned int state, flags;

	for (state = 0; state < LSCAN_STATES; ++state)
		for (flags = 0; flags < 256; ++flags)
			flags_of(state, flags);
}

/* A packet without a connection: what --stealth reports. */
static void stealth(void)
{
	unsigned int flags;

	for (flags = 0; flags < 256; ++flags) {
		bool fin = flags & 1, syn = flags & 2, rst = flags & 4, ack = flags & 16;
		bool silent = (syn && !fin && !rst && !ack) || (rst && !syn && !fin);

		expect("stealth", !silent, lscan_stealthy(flags));
		expect("opens", syn && !fin && !rst && !ack, lscan_opens(flags));
		expect("ends", fin || rst, lscan_ends(flags));
	}
}

/* Each list at the end of memory of its own, for the sanitizers. */
static bool fast(const char *bytes, unsigned int len)
{
	__u8 *copy = malloc(len ? len : 1);
	bool result;

	memcpy(copy, bytes, len);
	result = lscan_fast_open(copy, len);
	free(copy);
	return result;
}

static void options(void)
{
	char bytes[40];
	unsigned int n, i;

	expect("no options", 0, fast("", 0));
	expect("a cookie", 1, fast("\x22\x06\1\2\3\4", 6));
	expect("behind others", 1, fast("\2\4\5\xb4\1\1\x22\x06\1\2\3\4", 12));
	expect("asks for a cookie", 0, fast("\x22\x02\1\1", 4));
	expect("behind the end", 0, fast("\0\x22\x06\1\2\3\4\0", 8));
	expect("no room for a length", 0, fast("\1\1\1\x22", 4));
	expect("length 1", 0, fast("\x22\1\1\1", 4));
	expect("length 0", 0, fast("\2\0\1\1", 4));
	expect("past the end", 0, fast("\x22\5\1\1", 4));
	expect("others past the end", 0, fast("\2\x28\1\1", 4));
	srand(1);
	for (n = 0; n < 100000; ++n) {
		for (i = 0; i < sizeof(bytes); ++i)
			bytes[i] = rand() % 3 ? rand() % 6 : rand();
		fast(bytes, rand() % 11 * 4);
	}
}

static void marks(void)
{
	unsigned int good[LSCAN_STATES] = { 0, 1, 2, 3, 4, 5, 6, 7, 8 };
	unsigned int bad[LSCAN_STATES], i;

	expect("the defaults", 1, lscan_marks_fit(good, 0xf));
	expect("a wider mask", 1, lscan_marks_fit(good, ~0U));
	expect("a mask that is too narrow", 0, lscan_marks_fit(good, 7));
	expect("no mask", 0, lscan_marks_fit(good, 0));
	for (i = LSCAN_SYNRCV; i < LSCAN_STATES; ++i) {
		memcpy(bad, good, sizeof(bad));
		bad[i] = 0;
		expect("a mark of 0", 0, lscan_marks_fit(bad, 0xf));
		bad[i] = 16;
		expect("a mark outside", 0, lscan_marks_fit(bad, 0xf));
		bad[i] = i == LSCAN_VALID ? 1 : 8;
		expect("a mark twice", 0, lscan_marks_fit(bad, 0xf));
		bad[i] = 15;
		expect("another mark", 1, lscan_marks_fit(bad, 0xf));
	}
}

/* Connections, as memory has them, that get the place of another one are told from it. */
static void places(void)
{
	static __u64 last[1 << LSCAN_SET_BITS];
	unsigned int n, shared = 0, used = 0;
	__u32 place, tag, before;

	for (n = 0; n < 200000; ++n) {
		__u64 address = 0xffff888003400000ULL + n * 320ULL;

		place = lscan_place(address, &tag);
		if (last[place]) {
			++shared;
			lscan_place(last[place], &before);
			expect("two connections with one set and one tag", false, before == tag);
		} else {
			++used;
		}
		last[place] = address;
	}
	expect("all sets are used", 1 << LSCAN_SET_BITS, used);
	expect("and shared", 200000 - used, shared);
}

/* A connection finds its own word again; a new one takes an empty one, or the oldest. */
static void ways(void)
{
	__u64 set[LSCAN_WAYS];
	__u32 begin, i;
	unsigned int way;

	for (begin = 0; begin < 512; ++begin) {
		memset(set, 0, sizeof(set));
		for (i = 0; i < 3 * LSCAN_WAYS; ++i) {
			way = lscan_way(set, 2 * i + 1, begin + i);
			expect("the next one, or the oldest", i % LSCAN_WAYS, way);
			set[way] = lscan_word(2 * i + 1, begin + i, 1000 + i);
			expect("its own", way, lscan_way(set, 2 * i + 1, begin + i + 9));
			expect("a word of its own", true, lscan_is_of(set[way], 2 * i + 1));
			expect("found", set[way], lscan_find(set, 2 * i + 1));
			expect("no other is", 0, lscan_find(set, 2 * i + 3));
			expect("with the number", 1000 + i, (__u32)set[way]);
			expect("of no other", false, lscan_is_of(set[way], 2 * i + 3));
		}
	}
}

int main(void)
{
	stories();
	everything();
	stealth();
	options();
	marks();
	places();
	ways();
	if (!failed)
		printf("ok unit/lscan: %u packets and lists\n", passed);
	return failed != 0;
}
