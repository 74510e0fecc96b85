// SPDX-License-Identifier: GPL-2.0-only
/*
 * reply_seg - every flag combination of every mode against a table that is
 * written out, and the arithmetic at its limits
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "xa_reply_seg.c"	/* what is tested */

#define SEQ	1000000000u
#define ACKNO	2000000000u
#define WINDOW	0x1234
#define RND	0x0f0f89abcdefull	/* sequence number 89abcdef, mask 0f0f */

static unsigned int passed, failed;

/*
 * Letters of the flags, and what they stand for in a segment with 7 bytes of
 * data: "FLAGS seq ack window" of the answer, - for none.
 * r: random number; a: the incoming ack; s: the incoming seq; w: masked window
 */
static const struct {
	const char *in;
	const char *out[XA_REPLY_MODES];	/* tarpit honeypot reset delude */
} table[] = {
	{ "",	  { "-",	  "-",		"RA 0 s+7 0",	"RA 0 s+7 0" } },
	{ "F",	  { "-",	  "R a a 0",	"RA 0 s+8 0",	"RA 0 s+8 0" } },
	{ "S",	  { "SA 0 s+1 5", "SA r s+1 w",	"RA 0 s+8 0",	"SA r s+8 0" } },
	{ "FS",	  { "-",	  "R a a 0",	"RA 0 s+9 0",	"RA 0 s+9 0" } },
	{ "R",	  { "-",	  "-",		"-",		"-" } },
	{ "FR",	  { "-",	  "-",		"-",		"-" } },
	{ "SR",	  { "-",	  "-",		"-",		"-" } },
	{ "FSR",  { "-",	  "-",		"-",		"-" } },
	{ "A",	  { "A a s 0",	  "A a s+7 w",	"R a s 0",	"R a 0 0" } },
	{ "FA",	  { "-",	  "R a a 0",	"R a s 0",	"R a 0 0" } },
	{ "SA",	  { "R a 0 0",	  "RP a beef 0", "R a s 0",	"R a 0 0" } },
	{ "FSA",  { "-",	  "R a a 0",	"R a s 0",	"R a 0 0" } },
	{ "RA",	  { "-",	  "-",		"-",		"-" } },
	{ "FRA",  { "-",	  "-",		"-",		"-" } },
	{ "SRA",  { "-",	  "-",		"-",		"-" } },
	{ "FSRA", { "-",	  "-",		"-",		"-" } },
};

static unsigned int flags_of(const char *s)
{
	static const char letters[] = "FSRPAUEC";
	unsigned int flags = 0;

	for (; *s; ++s)
		flags |= 1u << (strchr(letters, *s) - letters);
	return flags;
}

static unsigned int number_of(const char *s)
{
	if (!strcmp(s, "r"))
		return 0x89abcdef;
	if (!strcmp(s, "a"))
		return ACKNO;
	if (!strcmp(s, "w"))
		return 0x1234 & 0x0f0f;
	if (!strcmp(s, "beef"))
		return 0xefbeadde;
	if (*s == 's')
		return SEQ + (s[1] ? strtoul(s + 2, NULL, 10) : 0);
	return strtoul(s, NULL, 10);
}

static void check(const char *what, unsigned int expected, unsigned int got)
{
	if (expected == got) {
		++passed;
		return;
	}
	++failed;
	printf("not ok %s: expected %#x, got %#x\n", what, expected, got);
}

static void check_answer(enum xa_reply_mode mode, unsigned int flags,
			 const char *expected)
{
	struct xa_reply_seg in = { SEQ, ACKNO, 7, WINDOW, flags }, out;
	char f[8], seq[8], ack[8], win[8], what[64];

	snprintf(what, sizeof(what), "mode %d flags %#04x", mode, flags);
	if (!xa_reply_seg(mode, &in, RND, &out)) {
		check(what, *expected != '-', 0);
		return;
	}
	check(what, *expected != '-', 1);
	if (sscanf(expected, "%7s %7s %7s %7s", f, seq, ack, win) != 4)
		return;
	check(what, flags_of(f), out.flags);
	check(what, number_of(seq), out.seq);
	check(what, number_of(ack), out.ack);
	check(what, number_of(win), out.window);
	check(what, 0, out.len);
}

/* PSH, URG, ECE and CWR change nothing. */
static void check_table(void)
{
	static const char *const others[] = {
		"", "P", "U", "PU", "E", "C", "EC", "PUEC"
	};
	unsigned int i, j, mode;

	for (i = 0; i < sizeof(table) / sizeof(table[0]); ++i)
		for (j = 0; j < sizeof(others) / sizeof(others[0]); ++j)
			for (mode = 0; mode < XA_REPLY_MODES; ++mode)
				check_answer(mode, flags_of(table[i].in) |
						   flags_of(others[j]),
					     table[i].out[mode]);
}

/* An ACK is left alone only if it has neither data nor a window. */
static void check_mute(void)
{
	static const struct {
		unsigned int len, window, tarpit;
	} cases[] = {
		{ 0, 0, 0 }, { 1, 0, 1 }, { 0, 1, 1 }, { 0, 65535, 1 },
	};
	struct xa_reply_seg out;
	unsigned int i;

	for (i = 0; i < sizeof(cases) / sizeof(cases[0]); ++i) {
		struct xa_reply_seg in = { SEQ, ACKNO, cases[i].len,
					   cases[i].window, XA_SEG_ACK };

		check("mute ack to tarpit", cases[i].tarpit,
		      xa_reply_seg(XA_REPLY_TARPIT, &in, RND, &out));
		check("mute ack to honeypot", cases[i].tarpit,
		      xa_reply_seg(XA_REPLY_HONEYPOT, &in, RND, &out));
		check("mute ack to reset", 1,
		      xa_reply_seg(XA_REPLY_RESET, &in, RND, &out));
		check("mute ack to delude", 1,
		      xa_reply_seg(XA_REPLY_DELUDE, &in, RND, &out));
	}
}

/* Whatever bits are cleared: honeypot never tells a window of 0. */
static void check_window(void)
{
	static const struct {
		unsigned int flags, len, window, mask, expected;	/* 0: no answer */
	} cases[] = {
		{ XA_SEG_SYN, 0, WINDOW, 0x0f0f, WINDOW & 0x0f0f },
		{ XA_SEG_SYN, 0, 0x2000, 0xdfff, 0x2000 },
		{ XA_SEG_SYN, 0, 0x2000, 0x2000, 0x2000 },
		{ XA_SEG_SYN, 0, 1, 0, 1 },
		{ XA_SEG_SYN, 0, 0, 0xffff, 1 },
		{ XA_SEG_SYN, 9, 0x2000, 0, 0x2000 },
		{ XA_SEG_ACK, 1, WINDOW, 0x0200, 0x0200 },
		{ XA_SEG_ACK, 1, WINDOW, 0, WINDOW },
		{ XA_SEG_ACK, 1, 65535, 0, 65535 },
		{ XA_SEG_ACK, 1, 0, 0xffff, 1 },
		{ XA_SEG_ACK, 0, WINDOW, 0x0200, 0x0200 },
		{ XA_SEG_ACK, 0, WINDOW, 0, 0 },
		{ XA_SEG_ACK, 0, 0x2000, 0xdfff, 0 },
	};
	struct xa_reply_seg out;
	char what[64];
	unsigned int i;

	for (i = 0; i < sizeof(cases) / sizeof(cases[0]); ++i) {
		struct xa_reply_seg in = { SEQ, ACKNO, cases[i].len,
					   cases[i].window, cases[i].flags };

		snprintf(what, sizeof(what), "window %#x of honeypot, mask %#x, case %u",
			 cases[i].window, cases[i].mask, i);
		out.window = 0;
		check(what, cases[i].expected != 0,
		      xa_reply_seg(XA_REPLY_HONEYPOT, &in, (__u64)cases[i].mask << 32, &out));
		check(what, cases[i].expected, out.window);
	}
}

/* Sequence numbers go round at 2^32. */
static void check_wrap(void)
{
	struct xa_reply_seg in = { 0xffffffff, 5, 0, WINDOW, XA_SEG_SYN }, out;

	xa_reply_seg(XA_REPLY_TARPIT, &in, RND, &out);
	check("wrapped syn", 0, out.ack);
	in.len = 65535;
	xa_reply_seg(XA_REPLY_DELUDE, &in, RND, &out);
	check("wrapped syn with data", 65535, out.ack);
	in.flags = XA_SEG_ACK;
	xa_reply_seg(XA_REPLY_HONEYPOT, &in, RND, &out);
	check("wrapped data", 65534, out.ack);
}

/*
 * Two hosts, each with one of the modes, and any segment to begin with: they
 * fall silent. Windows of honeypot lose half of their bits with each turn.
 */
static unsigned int turns(enum xa_reply_mode a, enum xa_reply_mode b,
			  struct xa_reply_seg seg)
{
	unsigned int n = 0;

	while (n < 1000 && xa_reply_seg(n & 1 ? b : a, &seg,
					((__u64)random() << 32) ^ random(), &seg))
		++n;
	return n;
}

static void check_bounded(void)
{
	unsigned int a, b, flags, i, most = 0;

	for (a = 0; a < XA_REPLY_MODES; ++a)
		for (b = 0; b < XA_REPLY_MODES; ++b)
			for (flags = 0; flags < 256; ++flags)
				for (i = 0; i < 16; ++i) {
					struct xa_reply_seg seg = {
						SEQ, ACKNO, i & 1, 65535, flags
					};
					unsigned int n = turns(a, b, seg);

					if (n > most)
						most = n;
				}
	check("two hosts fall silent", 1, most < 64);
	printf("# longest exchange of two answering hosts: %u segments\n", most);
}

int main(void)
{
	srandom(1);
	check_table();
	check_mute();
	check_window();
	check_wrap();
	check_bounded();
	printf("%u passed, %u failed\n", passed, failed);
	return failed != 0;
}
