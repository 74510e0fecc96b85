// SPDX-License-Identifier: GPL-2.0-only
/* pkt_test - checks the packet library on the machine it is built on */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "pkt.h"

static unsigned int passed, failed;

static void check(int good, const char *what, const char *expected, const char *got)
{
	if (good) {
		passed++;
		printf("ok unit/pkt: %s\n", what);
	} else {
		failed++;
		printf("not ok unit/pkt: %s (expected %s, got %s)\n", what, expected, got);
	}
}

static void check_text(const char *what, const char *expected, const char *got)
{
	check(strcmp(expected, got) == 0, what, expected, got);
}

/* Packets whose bytes were put together, and their checksums reckoned, by other means. */
static const struct {
	const char *text, *hex;
} known[] = {
	/* header with checksum 0xb861, a worked example found in many places */
	{ "ip src=192.168.0.1 dst=192.168.0.199 len=115 df=1 proto=17",
	  "450000730000400040 11b861c0a80001c0a800c7" },
	/* an echo request without data */
	{ "ip src=10.0.0.1 dst=10.0.0.2 / icmp id=1 seq=1",
	  "4500001c0000000040 0166df0a0000010a000002 0800f7fd00010001" },
	{ "ip src=10.0.0.1 dst=10.0.0.2 / tcp sport=1 dport=80 flags=SA seq=16909060 opt=mss:1460,nop,wscale:7",
	  "450000300000000040 0666c60a0000010a000002"
	  "00010050010203040000000070122000 4baf0000 020405b4 01030307" },
	{ "ip6 src=fd00::1 dst=fd00::2 / udp sport=9 dport=9 / data text=\"hi\"",
	  "60000000000a1140fd000000000000000000000000000001fd000000000000000000000000000002"
	  "00090009000a9d5a 6869" },
	{ "arp op=2 smac=02:00:00:00:00:01 src=10.0.0.1 tmac=02:00:00:00:00:02 dst=10.0.0.2",
	  "00010800060400020200000000010a0000010200000000020a000002" },
	{ "eth src=02:00:00:00:00:01 dst=02:00:00:00:00:02 / vlan id=5 prio=1 / ip len=1 sum=0 proto=6",
	  "020000000002020000000001 8100 2005 0800 4500000100000000400600000a0000010a000002" },
	{ "ip6 / hbh / frag off=1 mf=1 id=7 next=17 / data hex=ff",
	  "600000000011 0040 fd000000000000000000000000000001fd000000000000000000000000000002"
	  "2c00000000000000 1100000900000007 ff" },
	{ "ip opt=ra:0,nop,7:0400 / udp len=7 sum=0",
	  "4800 0028 00000000 4011 cab3 0a0000010a000002 9404000001 07040400 000000"
	  "0400 0009 0007 0000" },
};

static void strip_blanks(char *out, const char *hex)
{
	for (; *hex != '\0'; hex++)
		if (*hex != ' ')
			*out++ = *hex;
	*out = '\0';
}

static void to_hex(char *out, const uint8_t *p, size_t len)
{
	*out = '\0';
	for (size_t i = 0; i < len; i++)
		sprintf(out + 2 * i, "%02x", p[i]);
}

static ssize_t bytes_of(const char *text, uint8_t *buf, char *err, size_t size)
{
	struct pkt_spec spec;
	ssize_t n = -1;

	if (pkt_parse(&spec, text, err, size) == 0)
		n = pkt_build(&spec, 0, buf, PKT_MAX);
	pkt_release(&spec);
	return n;
}

static void test_known(void)
{
	static uint8_t buf[PKT_MAX];
	char err[256], expected[512], got[2 * 256 + 1];

	for (size_t i = 0; i < sizeof(known) / sizeof(known[0]); i++) {
		ssize_t n = bytes_of(known[i].text, buf, err, sizeof(err));

		strip_blanks(expected, known[i].hex);
		if (n >= 0 && n <= 256)
			to_hex(got, buf, (size_t)n);
		check_text(known[i].text, expected, n < 0 ? err : got);
	}
}

/* Texts in the form in which they are printed. */
static const char *const normal[] = {
	"ip src=10.0.0.1 dst=10.0.0.2 ttl=64",
	"ip src=10.0.0.1 dst=10.0.0.2 ttl=1 tos=0x10 id=77 df=1 / icmp type=8 code=0 id=1 seq=2 / data text=\"a \\\"b\\\" \\\\ c\\r\\n\"",
	"ip src=1.2.3.4 dst=5.6.7.8 ttl=255 ihl=4 len=9 sum=0x1 / udp sport=1 dport=2 len=3 sum=0x4 / data hex=00ff",
	"ip src=1.2.3.4 dst=5.6.7.8 ttl=64 opt=nop,7:0400 / tcp sport=1 dport=2 flags=- seq=0 ack=0 win=0",
	"ip src=1.2.3.4 dst=5.6.7.8 ttl=64 / tcp sport=1 dport=2 flags=FSRPAUECN seq=4294967295 ack=1 win=65535 urg=1 res=7 opt=mss:1460,sackok,ts:1:2,nop,wscale:7",
	"ip src=1.2.3.4 dst=5.6.7.8 ttl=64 / tcp sport=1 dport=2 flags=S seq=1 ack=0 win=1 opt=5:0000000100000002,30:01,raw:02",
	"ip src=1.2.3.4 dst=5.6.7.8 ttl=64 mf=1 / udp sport=1 dport=2 len=2000 sum=0xabcd / data text=\"x\"",
	"ip src=1.2.3.4 dst=5.6.7.8 ttl=64 off=185 proto=17 / data text=\"tail\"",
	"ip src=1.2.3.4 dst=5.6.7.8 ttl=64 / icmp type=3 code=3 id=0 seq=0 / ip src=5.6.7.8 dst=1.2.3.4 ttl=63 / udp sport=9 dport=9",
	"ip src=1.2.3.4 dst=5.6.7.8 ttl=64 / sctp sport=1 dport=2 vtag=3 / chunk type=1 opt=0102 / chunk type=0 flags=0x3 opt=00",
	"ip src=1.2.3.4 dst=5.6.7.8 ttl=64 / udplite sport=1 dport=2 cov=8 / data text=\"not covered\"",
	"ip src=1.2.3.4 dst=5.6.7.8 ttl=64 / dccp sport=1 dport=2 type=0 seq=9 x=1 opt=000000000000000001",
	"ip src=1.2.3.4 dst=5.6.7.8 ttl=64 / ip6 src=fd00::1 dst=fd00::2 hlim=1 / udp sport=1 dport=2 sum=0x0",
	"ip src=1.2.3.4 dst=5.6.7.8 ttl=64 / gre flags=0x2000 / ip src=1.2.3.4 dst=5.6.7.8 ttl=64",
	"ip src=1.2.3.4 dst=5.6.7.8 ttl=64 / ah spi=256 seq=1 opt=010203 / esp spi=1 seq=2 / data hex=80",
	"ip6 src=fd00::1 dst=fd00::2 hlim=64",
	"ip6 src=fd00::1 dst=ff02::1 hlim=255 tc=0xff flow=0xfffff / hbh opt=0502 / dstopt / rt type=2 left=1 opt=01 / frag off=0 mf=0 id=9 / icmp6 type=128 code=0 id=1 seq=1",
	"arp op=1 smac=02:00:00:00:00:01 src=10.0.0.1 tmac=00:00:00:00:00:00 dst=10.0.0.2",
	"data text=\"only\"",
};

static void test_normal(void)
{
	static uint8_t buf[PKT_MAX];
	static char out[PKT_TEXT];
	char err[256];

	for (size_t i = 0; i < sizeof(normal) / sizeof(normal[0]); i++) {
		int first = pkt_layer_find(normal[i], strcspn(normal[i], " "));
		ssize_t n = bytes_of(normal[i], buf, err, sizeof(err));

		if (n >= 0)
			pkt_print(out, sizeof(out), (enum pkt_id)first, buf, (size_t)n, 0);
		check_text(normal[i], normal[i], n < 0 ? err : out);
	}
}

/* Texts that are wrong, and a word that the message has. */
static const struct {
	const char *text, *word;
} wrong[] = {
	{ "", "missing" }, { "ip /", "missing" }, { "/ ip", "'/'" }, { "ip / / udp", "'/'" },
	{ "ipx", "'ipx'" }, { "ip ttl", "'ttl'" }, { "ip ttl=", "'ttl='" },
	{ "ip ttl=256", "ttl=256" }, { "ip ttl=-1", "ttl=-1" }, { "ip ttl=1x", "ttl=1x" },
	{ "ip src=10.0.0.256", "10.0.0.256" }, { "ip src=fd00::1", "fd00::1" },
	{ "ip6 src=10.0.0.1", "10.0.0.1" }, { "ip ttl=5..4", "5..4" },
	{ "ip ttl=1..256", "1..256" }, { "ip ttl=1..9+0", "1..9+0" }, { "ip ttl=1..9+", "1..9+" },
	{ "ip6 src=fd00::1..fd01::1", "fd01::1" }, { "ip ttl=bad", "ttl=bad" },
	{ "tcp flags=SX", "SX" }, { "tcp opt=mss", "mss" }, { "tcp opt=mss:65536", "65536" },
	{ "tcp opt=ts:1", "ts:1" }, { "tcp opt=nop:1", "nop:1" }, { "tcp opt=256", "256" },
	{ "eth src=1:2:3:4:5", "1:2:3:4:5" }, { "eth src=01:02:03:04:05:06:07", "07" },
	{ "data hex=0", "hex=0" }, { "data hex=0g", "0g" }, { "data text=\"x", "quotation" },
	{ "data text=\"\\q\"", "text" }, { "data zero=99999999", "zero" }, { "udp opt=01", "opt" },
};

static void test_wrong(void)
{
	static uint8_t buf[PKT_MAX];
	char err[256], what[300];

	for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
		*err = '\0';
		snprintf(what, sizeof(what), "refused: %s", wrong[i].text);
		check(bytes_of(wrong[i].text, buf, err, sizeof(err)) < 0 &&
		      strstr(err, wrong[i].word) != NULL, what, wrong[i].word, err);
	}
}

static const struct {
	const char *golden, *line;
	int strict, loose;
} pairs[] = {
	{ "ip ttl=1 / udp", "ip ttl=1 / udp", 1, 1 },
	{ "ip ttl=*  /  udp", "ip ttl=9 / udp", 1, 1 },
	{ "ip ttl=6? / udp", "ip ttl=64 / udp", 1, 1 },
	{ "ip ttl=6? / udp", "ip ttl=54 / udp", 0, 0 },
	{ "ip id=* / udp", "ip / udp", 1, 0 },
	{ "ip / udp", "ip id=4 / udp", 0, 1 },
	{ "ip / udp", "ip / udp sum=0x1", 0, 1 },
	{ "udp", "ip / udp sport=1", 0, 1 },
	{ "ip / udp", "ip / tcp", 0, 0 },
	{ "ip / udp", "ip", 0, 0 },
	{ "ip", "ip / udp", 0, 1 },
	{ "udp / ip", "ip / udp", 0, 0 },
	{ "ip ttl=1", "ip ttl=2 / ip ttl=1", 0, 1 },
	{ "data text=\"a / b=c\"", "data text=\"a / b=c\"", 1, 1 },
	{ "data text=\"a [x\"", "data text=\"a [x\"", 1, 1 },
	{ "data text=\"a *\"", "data text=\"a / b\"", 1, 1 },
	{ "", "", 1, 1 },
	{ "ip", "", 0, 0 },
};

static void test_match(void)
{
	char why[256], what[300];

	for (size_t i = 0; i < sizeof(pairs) / sizeof(pairs[0]); i++) {
		snprintf(what, sizeof(what), "match '%s' with '%s'", pairs[i].golden,
			 pairs[i].line);
		check(pkt_match(pairs[i].golden, pairs[i].line, 0, why, sizeof(why)) ==
		      pairs[i].strict && pkt_match(pairs[i].golden, pairs[i].line, 1, why,
						   sizeof(why)) == pairs[i].loose,
		      what, "another result", why);
	}
}

/* Bytes that decode, print, parse and build must leave as they are. */
static int same_again(enum pkt_id first, const uint8_t *p, size_t len)
{
	static uint8_t again[PKT_MAX];
	static char out[PKT_TEXT];
	char err[256] = "";
	ssize_t n = -1;

	if (pkt_print(out, sizeof(out), first, p, len, PKT_PRINT_LINK | PKT_PRINT_FULL) < 0)
		return 0;
	if (len > 0)
		n = bytes_of(out, again, err, sizeof(err));
	if ((len == 0 && *out == '\0') || (n == (ssize_t)len && memcmp(p, again, len) == 0))
		return 1;
	printf("# %s: %s\n", out, err);
	return 0;
}

static void test_random(void)
{
	static uint8_t buf[PKT_MAX];
	unsigned int bad = 0;
	char err[256];

	srandom(1);
	for (unsigned int i = 0; i < 20000; i++) {
		const char *text = normal[(size_t)random() % (sizeof(normal) / sizeof(normal[0]))];
		int first = pkt_layer_find(text, strcspn(text, " "));
		ssize_t n = bytes_of(text, buf, err, sizeof(err));

		for (long k = random() % 4; k > 0 && n > 0; k--)
			buf[random() % n] = (uint8_t)random();
		if (n > 0 && random() % 4 == 0)
			n = random() % n;
		bad += !same_again((enum pkt_id)first, buf, (size_t)n);
	}
	snprintf(err, sizeof(err), "%u", bad);
	check_text("20000 damaged packets are printed and built again", "0", err);
}

static void test_checksums(void)
{
	static uint8_t buf[PKT_MAX];
	char got[32], err[64];
	ssize_t n;

	snprintf(got, sizeof(got), "%08x", pkt_crc32c("123456789", 9));
	check_text("CRC32c check value", "e3069283", got);
	/* RFC 1071 section 3 */
	snprintf(got, sizeof(got), "%04x",
		 (uint16_t)~pkt_csum_fold(pkt_csum_add(0, "\x00\x01\xf2\x03\xf4\xf5\xf6\xf7", 8)));
	check_text("the sum of RFC 1071", "ddf2", got);
	n = bytes_of("ip src=0.0.0.0 dst=0.0.0.0 / udp sport=0 dport=0 / data hex=ffda", buf, err,
		     sizeof(err));
	snprintf(got, sizeof(got), "%02x%02x", buf[26], buf[27]);
	check_text("UDP checksum 0 is sent as ffff", "ffff", n == 30 ? got : err);
}

static void test_family(void)
{
	static const char text[] = "ip src=10.0.0.254..10.0.1.1 / udp sport=5..6 dport=rand";
	static uint8_t a[PKT_MAX], b[PKT_MAX];
	struct pkt_spec spec;
	char err[64], got[64] = "";
	int good;

	pkt_parse(&spec, text, err, sizeof(err));
	for (uint64_t i = 0; i < 5; i++) {
		pkt_build(&spec, i, a, sizeof(a));
		snprintf(got + strlen(got), sizeof(got) - strlen(got), "%u.%u:%u ", a[14], a[15],
			 a[21]);
	}
	check_text("ranges go round", "0.254:5 0.255:6 1.0:5 1.1:6 0.254:5 ", got);
	pkt_build(&spec, 3, b, sizeof(b));
	good = memcmp(a + 22, b + 22, 2) != 0;
	pkt_build(&spec, 4, b, sizeof(b));
	check(good && memcmp(a, b, 28) == 0, "random values differ, and come back",
	      "the same packet for the same number", "another");
	check(pkt_build(&spec, 0, a, 27) < 0, "a packet does not fit into too small a buffer",
	      "-1", "bytes");
	pkt_release(&spec);
}

int main(void)
{
	test_checksums();
	test_known();
	test_normal();
	test_wrong();
	test_match();
	test_family();
	test_random();
	printf("%u passed, %u failed\n", passed, failed);
	return failed != 0;
}
