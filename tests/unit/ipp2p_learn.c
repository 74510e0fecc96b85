// SPDX-License-Identifier: GPL-2.0-only
/*
 * ipp2p --learn on the host: what payloads tell of peers, and what is taken for
 * a packet between peers, by how many random and how many ordinary payloads; with the
 * argument "examples" not how many
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "xt_ipp2p_bit.c"
#include "xt_ipp2p_edk.c"
#include "xt_ipp2p_news.c"
#include "xt_ipp2p_tcp.c"
#include "xt_ipp2p_text.c"
#include "xt_ipp2p_udp.c"

#include "ipp2p_ordinary.h"

#define ID	"abcdefghij0123456789"

static unsigned int failed, passed;

static void expect(const char *what, long expected, long actual)
{
	if (expected == actual) {
		++passed;
		return;
	}
	++failed;
	printf("not ok unit/ipp2p_learn: %s (expected %ld, got %ld)\n", what, expected,
	       actual);
}

/* As the module does it. The copy has no byte behind what is looked at. */
static struct ipp2p_payload payload(const void *data, unsigned int len)
{
	struct ipp2p_payload pay = {
		.have = len < IPP2P_LOOK ? len : IPP2P_LOOK,
		.len  = len,
	};
	__u8 *copy = malloc(pay.have ? pay.have : 1);

	memcpy(copy, data, pay.have);
	pay.data = copy;
	return pay;
}

static bool is_bit(const struct ipp2p_payload *pay, bool tcp)
{
	__u32 can = tcp ? ipp2p_tcp_candidates(pay) : ipp2p_udp_candidates(pay);

	can &= XT_IPP2P_BIT;
	return can && (tcp ? ipp2p_tcp(pay, can) : ipp2p_udp(pay, can));
}

static enum ipp2p_news news_of(const void *data, unsigned int len, bool tcp)
{
	struct ipp2p_payload pay = payload(data, len);
	enum ipp2p_news news = len ? ipp2p_news(&pay, tcp, is_bit(&pay, tcp)) : 0;

	free((void *)pay.data);
	return news;
}

/* Peers named in the answer, and of the last one the port; -1: no list */
static long named_in(const void *data, unsigned int len, enum ipp2p_news news, bool six,
		     unsigned int *port)
{
	struct ipp2p_payload pay = payload(data, len);
	struct ipp2p_named named;
	const __u8 *p;
	long n = -1;

	*port = 0;
	if (ipp2p_named_first(&pay, news, six, &named)) {
		for (n = 0; (p = ipp2p_named_next(&pay, &named)); ++n)
			*port = ipp2p_be16(p + (six ? 16 : 4));
	}
	free((void *)pay.data);
	return n;
}

static void expect_named(long count, unsigned int port, enum ipp2p_news news, bool six,
			 const char *text, unsigned int len)
{
	unsigned int got, n;

	expect(text, count, named_in(text, len, news, six, &got));
	expect(text, port, got);
	for (n = 1; n < len; ++n)	/* for the sanitizers */
		named_in(text, n, news, six, &got);
}

static void expect_news(enum ipp2p_news news, bool tcp, const char *text, unsigned int len)
{
	expect(text, news, news_of(text, len, tcp));
}

/* Literals, which may have zeros in them */
#define TEXT(literal) literal, sizeof(literal) - 1

static void test_kinds(void)
{
	expect_news(IPP2P_DHT_QUERY, false, TEXT("d1:ad2:id20:" ID "e1:q4:ping1:t2:aa1:y1:qe"));
	expect_news(IPP2P_DHT_ANSWER, false, TEXT("d1:rd2:id20:" ID "e1:t2:aa1:y1:re"));
	expect_news(IPP2P_DHT_ANSWER, false, TEXT("d2:ip6:abcdef1:rd2:id20:" ID "e1:t2:aa1:y1:re"));
	expect_news(IPP2P_NEWS_NONE, false,
		    TEXT("d1:eli201e23:A Generic Error Ocurrede1:t2:aa1:y1:ee"));
	expect_news(IPP2P_NEWS_NONE, false, TEXT("d1:xd2:id20:" ID "e"));
	expect_news(IPP2P_NEWS_HANDSHAKE, true, TEXT("\023BitTorrent protocol12345678"));
	expect_news(IPP2P_HTTP_QUERY, true,
		    TEXT("GET /announce?info_hash=" ID "&port=6881 HTTP/1.1\r\n"));
	expect_news(IPP2P_NEWS_NONE, true, TEXT("GET /announce?port=6881 HTTP/1.1\r\n"));
	expect_news(IPP2P_HTTP_ANSWER, true, TEXT("HTTP/1.1 200 OK\r\n"));
	expect_news(IPP2P_HTTP_ANSWER, true, TEXT("d8:intervali1800e5:peers0:e"));
	expect_news(IPP2P_HTTP_ANSWER, true, TEXT("d5:peers6:abcdefe"));
	expect_news(IPP2P_NEWS_NONE, true, TEXT("HTTP/2.0 200 OK\r\n"));
	expect_news(IPP2P_NEWS_NONE, true, TEXT("d4:name3:abce"));
	expect_news(IPP2P_NEWS_HANDSHAKE, false,
		    TEXT("\1\0\22\64\21\42\63\104\0\0\1\5\0\20\0\0\0\2\0\1\23BitTorrent protocol"));
	expect_news(IPP2P_NEWS_NONE, false,
		    TEXT("A\0\22\64\21\42\63\104\0\0\0\0\0\20\0\0\0\2\0\0"));
	expect_news(IPP2P_UDP_ANSWER, false, TEXT("\0\0\0\1ABCD\0\0\7\10\0\0\0\1\0\0\0\2abcdef"));
	expect_news(IPP2P_NEWS_NONE, false, TEXT("\0\0\0\2ABCD\0\0\7\10\0\0\0\1\0\0\0\2abcdef"));
	/* nobody else is there */
	expect_news(IPP2P_UDP_ANSWER, false, TEXT("\0\0\0\1ABCD\0\0\7\10\0\0\0\1\0\0\0\0"));
	expect_news(IPP2P_NEWS_NONE, false, TEXT("\0\0\0\1ABCD\0\0\7\10\0\0\0\1\0\0\0"));
}

static void test_scrapes(void)
{
	static __u8 data[16 + 75 * 20] = "abcdefgh\0\0\0\2ABCD";

	expect_news(IPP2P_UDP_CONNECT, false, TEXT("\0\0\4\27\47\20\31\200\0\0\0\0ABCD"));
	expect_news(IPP2P_NEWS_NONE, false, TEXT("\0\0\4\27\47\20\31\201\0\0\0\0ABCD"));
	expect("a scrape", IPP2P_UDP_SCRAPE, news_of(data, 36, false));
	expect("a byte short", IPP2P_NEWS_NONE, news_of(data, 35, false));
	expect("a byte more", IPP2P_NEWS_NONE, news_of(data, 37, false));
	expect("of nothing", IPP2P_NEWS_NONE, news_of(data, 16, false));
	expect("of two", IPP2P_UDP_SCRAPE, news_of(data, 56, false));
	expect("of 74", IPP2P_UDP_SCRAPE, news_of(data, 16 + 74 * 20, false));
	expect("of 75", IPP2P_NEWS_NONE, news_of(data, 16 + 75 * 20, false));
	data[11] = 3;
	expect("another action", IPP2P_NEWS_NONE, news_of(data, 36, false));
}

static void test_announce(void)
{
	__u8 data[98] = { 0xa1, 0xb2, 0xc3, 0xd4, 0xe5, 0xf6, 7, 8, 0, 0, 0, 1, 1, 2, 3, 4 };
	struct ipp2p_payload pay;

	memset(data + 16, 'x', 40);
	memset(data + 92, 0xff, 4);
	data[96] = 0x1a;
	data[97] = 0xe1;
	pay = payload(data, sizeof(data));
	expect("an announcement over UDP", IPP2P_UDP_QUERY, ipp2p_news(&pay, false, true));
	expect("it is BitTorrent's", true, is_bit(&pay, false));
	expect("its id", 0x01020304, ipp2p_news_id(&pay, IPP2P_UDP_QUERY));
	expect("its port", 6881, ipp2p_news_port(&pay, IPP2P_UDP_QUERY));
	free((void *)pay.data);
	/* trackers that send back the number of the connect request as the id */
	memcpy(data, "\0\0\4\27\47\20\31\200", 8);
	expect("whatever the connection id", IPP2P_UDP_QUERY, news_of(data, sizeof(data), false));
	pay = payload("\0\0\0\1\1\2\3\4", 8);
	expect("the answer's id", 0x01020304, ipp2p_news_id(&pay, IPP2P_UDP_ANSWER));
	expect("nothing else has one", 0, ipp2p_news_id(&pay, IPP2P_DHT_ANSWER));
	free((void *)pay.data);
}

static void expect_port(const char *text, unsigned int port)
{
	struct ipp2p_payload pay = payload(text, strlen(text));

	expect(text, port, ipp2p_news_port(&pay, IPP2P_HTTP_QUERY));
	free((void *)pay.data);
}

static void test_ports(void)
{
	expect_port("GET /a?info_hash=x&port=6881&x=1", 6881);
	expect_port("GET /a?port=6881&info_hash=x", 6881);
	expect_port("GET /a?info_hash=x&port=65535 HTTP/1.1", 65535);
	expect_port("GET /a?info_hash=x&port=65536 HTTP/1.1", 0);
	expect_port("GET /a?info_hash=x&port=6881", 6881);
	expect_port("GET /a?info_hash=x&port=", 0);
	expect_port("GET /a?info_hash=x&port=x", 0);
	expect_port("GET /a?info_hash=x&support=6881", 0);
	expect_port("GET /a?info_hash=x", 0);
}

static void test_named(void)
{
	expect_named(2, 0x4748, IPP2P_DHT_ANSWER, false,
		     TEXT("d1:rd2:id20:" ID "5:token1:a6:valuesl6:abcdEF6:cdefGHee1:t1:a1:y1:re"));
	expect_named(1, 0x5152, IPP2P_DHT_ANSWER, true,
		     TEXT("d1:rd2:id20:" ID "6:valuesl18:abcdefghijklmnopQRee1:t2:aa1:y1:re"));
	expect_named(0, 0, IPP2P_DHT_ANSWER, false,
		     TEXT("d1:rd2:id20:" ID "6:valuesl18:abcdefghijklmnopQRee1:t2:aa1:y1:re"));
	expect_named(-1, 0, IPP2P_DHT_ANSWER, false,
		     TEXT("d1:rd2:id20:" ID "5:nodes26:abcdefghijklmnopqrstuvwxyze1:t2:aa1:y1:re"));
	expect_named(0, 0, IPP2P_DHT_ANSWER, false,
		     TEXT("d1:rd2:id20:" ID "6:valueslee1:t2:aa1:y1:re"));
	expect_named(1, 0x4546, IPP2P_DHT_ANSWER, false,
		     TEXT("d1:rd2:id20:" ID "6:valuesl6:abcdEF6:cdefG"));
	expect_named(2, 0x4748, IPP2P_HTTP_ANSWER, false,
		     TEXT("HTTP/1.1 200 OK\r\n\r\nd8:intervali1800e5:peers12:abcdEFcdefGHe"));
	expect_named(1, 0x5152, IPP2P_HTTP_ANSWER, true,
		     TEXT("HTTP/1.1 200 OK\r\n\r\nd5:peers0:6:peers618:abcdefghijklmnopQRe"));
	expect_named(1, 0x4546, IPP2P_HTTP_ANSWER, false,
		     TEXT("d8:intervali1800e5:peers12:abcdEFcdefG"));
	expect_named(-1, 0, IPP2P_HTTP_ANSWER, false,
		     TEXT("d8:intervali1800e5:peers13:abcdEFcdefGHeee"));
	expect_named(-1, 0, IPP2P_HTTP_ANSWER, false,
		     TEXT("d8:intervali1800e5:peers0:e"));
	expect_named(-1, 0, IPP2P_HTTP_ANSWER, false,
		     TEXT("d8:intervali1800e5:peersld2:ip1:14:porti1eeee"));
	expect_named(-1, 0, IPP2P_HTTP_ANSWER, false,
		     TEXT("<html>5 peers</html>"));
	expect_named(2, 0x4748, IPP2P_UDP_ANSWER, false,
		     TEXT("\0\0\0\1ABCD\0\0\7\10\0\0\0\1\0\0\0\2abcdEFcdefGH"));
	expect_named(-1, 0, IPP2P_UDP_ANSWER, false,
		     TEXT("\0\0\0\1ABCD\0\0\7\10\0\0\0\1\0\0\0\2abcdEFcdefG"));
	expect_named(1, 0x5152, IPP2P_UDP_ANSWER, true,
		     TEXT("\0\0\0\1ABCD\0\0\7\10\0\0\0\1\0\0\0\2abcdefghijklmnopQR"));
	expect_named(-1, 0, IPP2P_DHT_QUERY, false,
		     TEXT("d1:ad2:id20:" ID "6:valuesl6:abcdEFee"));
}

static void expect_named4(bool may, __u8 a, __u8 b, __u8 c, __u8 d, __u16 port)
{
	const __u8 addr[] = { a, b, c, d };
	char what[60];

	snprintf(what, sizeof(what), "%u.%u.%u.%u port %u may be named", a, b, c, d, port);
	expect(what, may, ipp2p_may_be_named(addr, false, port));
}

static void expect_named6(bool may, __u8 first, __u8 middle, __u8 last)
{
	__u8 addr[16] = { first, [8] = middle, [15] = last };
	char what[60];

	snprintf(what, sizeof(what), "%02x00::%x:0:0:%02x may be named", first, middle << 8,
		 last);
	expect(what, may, ipp2p_may_be_named(addr, true, 1024));
	expect("a port of a service", false, ipp2p_may_be_named(addr, true, 1023));
}

static void test_may_be_named(void)
{
	expect_named4(true, 10, 0, 0, 1, 1024);
	expect_named4(false, 10, 0, 0, 1, 1023);
	expect_named4(false, 10, 0, 0, 1, 0);
	expect_named4(true, 10, 0, 0, 1, 65535);
	expect_named4(false, 0, 0, 0, 0, 1024);
	expect_named4(false, 0, 255, 255, 255, 1024);
	expect_named4(true, 1, 0, 0, 0, 1024);
	expect_named4(true, 126, 255, 255, 255, 1024);
	expect_named4(false, 127, 0, 0, 0, 1024);
	expect_named4(false, 127, 255, 255, 255, 1024);
	expect_named4(true, 128, 0, 0, 0, 1024);
	expect_named4(true, 223, 255, 255, 255, 1024);
	expect_named4(false, 224, 0, 0, 0, 1024);
	expect_named4(false, 239, 255, 255, 255, 1024);
	expect_named4(true, 240, 0, 0, 0, 1024);
	expect_named4(true, 255, 255, 255, 254, 1024);
	expect_named4(false, 255, 255, 255, 255, 1024);
	expect_named6(false, 0, 0, 0);
	expect_named6(false, 0, 0, 1);
	expect_named6(true, 0, 0, 2);
	expect_named6(true, 0, 1, 0);
	expect_named6(true, 0xfd, 0, 1);
	expect_named6(true, 0xfe, 0x80, 1);
	expect_named6(false, 0xff, 0, 1);
	expect_named6(false, 0xff, 1, 0);
}

/* ---- what is taken for a packet between peers */

static bool is_peer(bool tcp, const void *data, unsigned int len)
{
	struct ipp2p_payload pay = payload(data, len);
	bool is = len && ipp2p_is_peer(&pay, tcp);

	free((void *)pay.data);
	return is;
}

/* Behind type and extension */
#define UTP "\022\064\021\042\063\104\000\000\001\005\000\020\000\000\000\002\000\001"

static void test_utp(void)
{
	char data[64] = "\x21\0" UTP;
	static const __u8 types[] = { 0x11, 0x21, 0x31, 0x41 };
	unsigned int n, is = 0;

	for (n = 0; n < sizeof(types); ++n) {
		data[0] = types[n];
		expect("uTP without data", true, is_peer(false, data, 20));
		expect("uTP without data, a byte more", false, is_peer(false, data, 21));
		expect("uTP without data, a byte less", false, is_peer(false, data, 19));
	}
	data[0] = 1;
	expect("uTP, data", true, is_peer(false, data, 21));
	expect("uTP, no data", false, is_peer(false, data, 20));
	for (n = 0; n < 256; ++n) {
		data[0] = n;
		is += is_peer(false, data, 20) || is_peer(false, data, 21);
	}
	expect("first bytes of uTP", 5, is);
	for (n = 0, is = 0; n < 256; ++n) {
		data[0] = 0x21;
		data[1] = n;
		is += is_peer(false, data, n ? 26 : 20);	/* of four bytes */
		memcpy(data + 20, "\0\4aaaa", 6);
	}
	expect("extensions of uTP", 4, is);
	memcpy(data, "\x21\0" UTP, 20);
	memset(data + 2, 0, 2);
	expect("uTP, connection 0", false, is_peer(false, data, 20));
	expect("uTP, acks of 3 bytes", false, is_peer(false, "\x21\1" UTP "\0\3aaa", 25));
	expect("uTP, acks of nothing", false, is_peer(false, "\x21\1" UTP "\0\0", 22));
	expect("uTP, acks of 8 bytes", true, is_peer(false, "\x21\1" UTP "\0\10aaaaaaaa", 30));
	memcpy(data, "\x21\0" UTP, 20);
	memset(data + 4, 0, 4);
	expect("uTP, time 0", false, is_peer(false, data, 20));
	expect("uTP over TCP", false, is_peer(true, data, 20));
}

static void test_key(void)
{
	__u8 data[609];
	unsigned int n;

	for (n = 0; n < sizeof(data); ++n)
		data[n] = n * 167 + (n >> 3) * 59;
	expect("95 bytes", false, is_peer(true, data, 95));
	expect("96 bytes, a key", true, is_peer(true, data, 96));
	expect("608 bytes, a key and more", true, is_peer(true, data, 608));
	expect("609 bytes", false, is_peer(true, data, 609));
	expect("a key over UDP", false, is_peer(false, data, 96));
	memcpy(data, "\x13\3\3", 3);
	for (; data[0] <= 0x18; ++data[0])
		expect("records of TLS", data[0] < 0x14 || data[0] > 0x17,
		       is_peer(true, data, 96));
	data[0] = 0x17;
	data[1] = 4;
	expect("as TLS, another version", true, is_peer(true, data, 96));
	memset(data, 0x55, 96);
	expect("no first bit", false, is_peer(true, data, 96));
	memset(data, 0, 96);
	memset(data, 0x80, 48);
	expect("half of the first bits, and no other", false, is_peer(true, data, 96));
}

/* So many of a million random payloads of a length */
static void test_random(bool tcp, unsigned int len, double least, double most)
{
	unsigned long n, hits = 0, count = 1000000;
	struct ordinary o;
	char what[100];

	for (n = 0; n < count; ++n) {
		struct ipp2p_payload pay = { .data = o.data, .have = len, .len = len };

		ordinary_fill(o.data, len < 128 ? len : 128);
		hits += ipp2p_is_peer(&pay, tcp);
	}
	snprintf(what, sizeof(what), "%lu of %lu random payloads of %u bytes over %s",
		 hits, count, len, tcp ? "TCP" : "UDP");
	printf("# %s\n", what);
	expect(what, true, hits >= least * count && hits <= most * count);
}

/*
 * Of each ordinary kind, how many would count between known peers; over TCP as the first
 * data of a connection, since nothing else is looked at
 */
static void test_ordinary(void)
{
	/* what the manual promises; ciphers without a header look like a key */
	static const char *const never[] = {
		"TLS", "SSH banner", "text", "HTTP", "HTTP answer", "lines", "words", NULL
	};
	unsigned long count = 300000, hits[ORDINARY_KINDS] = { 0 }, made[ORDINARY_KINDS] = { 0 };
	static struct ordinary o;
	unsigned long n;
	unsigned int k;

	for (n = 0; n < count; ++n) {
		ordinary_next(&o, n);
		for (k = 0; k < ORDINARY_KINDS; ++k)
			if (o.what == ordinary_kinds[k].what)
				break;
		if (k == ORDINARY_KINDS)
			continue;
		++made[k];
		hits[k] += is_peer(o.tcp, o.data, o.len);
	}
	for (k = 0; k < ORDINARY_KINDS; ++k) {
		if (hits[k])
			printf("# %s: %lu of %lu\n", ordinary_kinds[k].what, hits[k], made[k]);
		for (n = 0; never[n]; ++n)
			if (strcmp(ordinary_kinds[k].what, never[n]) == 0)
				expect(never[n], 0, hits[k]);
	}
}

/* An answer counts for 30 seconds after its query, also where the clock goes round. */
#define SECONDS 30

static void test_asked_at(__u32 asked, unsigned int hz)
{
	__u32 last = asked + SECONDS * hz;

	expect("an answer at once", 1, ipp2p_is_asked(asked, asked, hz));
	expect("in the last moment", 1, ipp2p_is_asked(last, asked, hz));
	expect("too late", 0, ipp2p_is_asked(last + 1, asked, hz));
	expect("much too late", 0, ipp2p_is_asked(last + 100000, asked, hz));
	expect("asked by a CPU whose clock was read later", 1,
	       ipp2p_is_asked(asked, asked + 1, hz));
}

static void test_asked(void)
{
	static const unsigned int hz[] = { 100, 250, 1000 };
	static const __u32 asked[] = { 0, 1000, 0x7ffffff0, 0x80000000, 0xfffffff0 };
	unsigned int i, k;

	for (i = 0; i < sizeof(asked) / sizeof(*asked); ++i) {
		for (k = 0; k < sizeof(hz) / sizeof(*hz); ++k)
			test_asked_at(asked[i], hz[k]);
	}
}

int main(int argc, char **argv)
{
	test_kinds();
	test_scrapes();
	test_asked();
	test_announce();
	test_ports();
	test_named();
	test_may_be_named();
	test_utp();
	test_key();
	if (argc == 2 && strcmp(argv[1], "examples") == 0)
		return failed != 0;
	test_random(true, 96, 0.9999, 1);
	test_random(true, 608, 0.9999, 1);
	test_random(true, 95, 0, 0);
	test_random(true, 609, 0, 0);
	test_random(false, 20, 0.00004, 0.00009);	/* expected: 4 of 65536, without data */
	test_random(false, 64, 0.000005, 0.00003);	/* and 1 with data */
	test_ordinary();
	if (failed)
		return 1;
	printf("ok unit/ipp2p_learn: %u results about what is learned\n", passed);
	return 0;
}
