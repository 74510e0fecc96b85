/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * ipp2p_ordinary - payloads as ordinary programs send them, at random
 *
 * Half of them are random bytes of every length, the other half have the form
 * of a protocol, with random contents where contents are free.
 */
#ifndef IPP2P_ORDINARY_H
#define IPP2P_ORDINARY_H

#include "ipp2p_ordinary_base.h"
#include "ipp2p_ordinary_more.h"

static void o_tls(struct ordinary *o)
{
	static const __u8 types[] = { 0x14, 0x15, 0x16, 0x17 };

	ordinary_random(o, 6 + ordinary_up_to(1400));
	o->data[0] = types[ordinary_up_to(3)];
	o->data[1] = 3;
	o->data[2] = ordinary_up_to(3);
	ordinary_be16(o, 3, o->len - 5);
}

static void o_ssh_banner(struct ordinary *o)
{
	o->len = sprintf((char *)o->data, "SSH-2.0-OpenSSH_%u.%up1\r\n",
			 ordinary_up_to(9), ordinary_up_to(9));
}

static void o_ssh(struct ordinary *o)
{
	ordinary_random(o, 16 + 8 * ordinary_up_to(170));
	ordinary_be32(o, 0, o->len - 4);
	o->data[4] = 4 + ordinary_up_to(7);
	o->data[5] = 20 + ordinary_up_to(14);
}

static const char *const ordinary_words[] = {
	"the", "of", "get", "GET", "send", "SEND", "give", "lock", "key", "public",
	"PublicKey", "search", "file", "share", "hash", "<div>", "</p>", "int",
	"return", "{", "}", "|", "$x", "#", "\r\n", "\n", "x = 1;", "Content-Type:",
	"torrent", "queue", "peer", "announce", "message", "PRIVMSG", "HTTP/1.1",
};

#define ORDINARY_WORDS (sizeof(ordinary_words) / sizeof(*ordinary_words))

static unsigned int ordinary_text(__u8 *p, unsigned int most)
{
	unsigned int len = 0, n;
	const char *word;

	while (len + 20 < most) {
		word = ordinary_words[ordinary_up_to(ORDINARY_WORDS - 1)];
		n = strlen(word);
		memcpy(p + len, word, n);
		len += n;
		p[len++] = ' ';
	}
	return len;
}

/* A segment from the middle of pages, mails, programs */
static void o_text(struct ordinary *o)
{
	o->len = ordinary_text(o->data, 40 + ordinary_up_to(400));
}

static void o_http(struct ordinary *o)
{
	static const char *const paths[] = {
		"/", "/index.html", "/announce", "/get/1", "/login?passkey=1&id=2",
		"/search?q=info_hash", "/uri-res", "/download/a.torrent", "/.well-known/x",
		"/get/", "/uri-res/a",
	};
	/* of load balancers, and programs whose names begin like those of others */
	static const char *const fields[] = {
		"User-Agent: Mozilla/5.0", "X-Queue-Start: t=1700000000000000", "X-Queue-Time: 12",
		"X-Queue-Depth: 3", "X-Queued-At: 1700000000", "X-Request-Start: t=1",
		"User-Agent: Phexagon/1.0", "User-Agent: MorpheusBot/2", "Referer: https://gnutella.example/",
	};
	static const char *const verbs[] = { "GET", "POST", "HEAD", "PUT", "OPTIONS" };

	o->len = sprintf((char *)o->data,
			 "%s %s HTTP/1.1\r\nHost: www%u.example\r\n%s\r\n"
			 "Sec-CH-UA: \"Chromium\";v=\"110\", \"Not A(Brand\";v=\"24\"\r\n"
			 "Cookie: id=%llx\r\nReferer: https://www.example/?info_hash=1\r\n\r\n",
			 verbs[ordinary_up_to(4)], paths[ordinary_up_to(10)],
			 ordinary_up_to(999), fields[ordinary_up_to(8)],
			 (unsigned long long)ordinary_rnd());
	o->len -= ordinary_up_to(20);
}

static void o_http_answer(struct ordinary *o)
{
	o->len = sprintf((char *)o->data,
			 "HTTP/1.1 200 OK\r\nServer: nginx\r\nContent-Length: %u\r\n\r\n",
			 ordinary_up_to(100000));
	o->len += ordinary_text(o->data + o->len, ordinary_up_to(300));
}

static void o_lines(struct ordinary *o)
{
	static const char *const lines[] = {
		"220 mail.example ESMTP Postfix\r\n", "EHLO a.example\r\n",
		"MAIL FROM:<a@example>\r\n", "RCPT TO:<b@example>\r\n", "DATA\r\n",
		"250 2.1.0 Ok\r\n", "a1 LOGIN a b\r\n", "* OK IMAP4rev1\r\n",
		"USER a\r\n", "PASS b\r\n", "RETR a\r\n", "150 Opening\r\n",
		"NICK a\r\n", "PRIVMSG #a :hello, how are you today?\r\n",
		"PING :a.example\r\n", "get a\r\n", "set a 0 0 1\r\n1\r\n", "GET a\r\n",
		"*2\r\n$3\r\nGET\r\n$1\r\na\r\n", "SETUP rtsp://a/ RTSP/1.0\r\n",
		"GROUP a.b.c\r\n", "ARTICLE 1\r\n", "$3\r\nabc\r\n",
	};
	const char *line = lines[ordinary_up_to(sizeof(lines) / sizeof(*lines) - 1)];

	o->len = strlen(line);
	ordinary_put(o, 0, line, o->len);
}

static unsigned int ordinary_dns_name(struct ordinary *o, unsigned int pos)
{
	unsigned int labels = 2 + ordinary_up_to(2), len;

	while (labels--) {
		len = 1 + ordinary_up_to(14);
		o->data[pos++] = len;
		while (len--)
			o->data[pos++] = 'a' + ordinary_up_to(25);
	}
	o->data[pos++] = 0;
	ordinary_be32(o, pos, 0x00010001);
	return pos + 4;
}

/* Questions and answers with and without EDNS, padding and more records */
static void o_dns(struct ordinary *o)
{
	unsigned int answers = ordinary_up_to(4), pos, n;

	memset(o->data, 0, 12);
	ordinary_be16(o, 0, ordinary_rnd() & 0xffff);
	ordinary_be16(o, 2, answers ? 0x8180 : 0x0120);
	ordinary_be16(o, 4, 1);
	ordinary_be16(o, 6, answers);
	ordinary_be16(o, 8, 0);
	ordinary_be16(o, 10, ordinary_up_to(2));
	pos = ordinary_dns_name(o, 12);
	for (n = 0; n < answers; ++n, pos += 16) {
		ORDINARY_PUT(o, pos, "\xc0\x0c\x00\x01\x00\x01\x00\x00\x00\x00\x00\x04");
		o->data[pos + 9] = ordinary_up_to(5);
		ordinary_be32(o, pos + 12, (__u32)ordinary_rnd());
	}
	ORDINARY_PUT(o, pos, "\x00\x00\x29\x10\x00\x00\x00\x00\x00\x00\x0c\x00\x0a\x00\x08");
	pos += 15;
	ordinary_fill(o->data + pos, 8);
	pos += 8;
	n = ordinary_up_to(100);
	memset(o->data + pos, 0, n);
	o->len = pos + n;
}

static void o_ntp(struct ordinary *o)
{
	static const unsigned int lens[] = { 48, 48, 68, 72, 56, 100 };

	ordinary_random(o, lens[ordinary_up_to(5)]);
	o->data[0] = 0x1b + 8 * ordinary_up_to(1) + ordinary_up_to(1);
	ordinary_be32(o, 4, ordinary_up_to(0x300));
	ordinary_be32(o, 8, ordinary_up_to(0x300));
}

static void o_quic(struct ordinary *o)
{
	ordinary_random(o, 21 + ordinary_up_to(1379));
	if (ordinary_up_to(3)) {
		o->data[0] = 0x40 | (o->data[0] & 0x3f);
		return;
	}
	o->data[0] |= 0xc0;
	ordinary_be32(o, 1, ordinary_up_to(1) ? 1 : 0x6b3343cf);
	o->data[5] = 8;
}

static void o_wireguard(struct ordinary *o)
{
	static const unsigned int lens[] = { 148, 92, 64, 32, 128, 1452 };
	static const __u8 types[] = { 1, 2, 3, 4, 4, 4 };
	unsigned int n = ordinary_up_to(5);

	ordinary_random(o, lens[n]);
	ORDINARY_PUT(o, 0, "\0\0\0\0");
	o->data[0] = types[n];
	ordinary_put(o, 8, n > 2 ? "\1\0\0\0\0\0\0\0" : "\2\0\0\0\0\0\0\0", 8);
}

/*
 * With any payload type, but for those that RFC 5761 keeps free. Also with sources that
 * tools number from 1, and with silence. Of 24, 164 and 104 bytes it is as long as a
 * request to a tracker.
 */
static void o_rtp(struct ordinary *o)
{
	static const unsigned int lens[] = {
		12 + 20, 12 + 80, 12 + 160, 12 + 240, 12 + 33, 12 + 24, 12 + 164, 12 + 104,
	};
	unsigned int type = ordinary_up_to(119);

	ordinary_random(o, lens[ordinary_up_to(7)]);
	o->data[0] = 0x80 | (ordinary_up_to(1) ? ordinary_up_to(63) : 0);
	o->data[1] = (type < 64 ? type : type + 8) | (ordinary_up_to(3) ? 0 : 0x80);
	if (ordinary_up_to(1))
		ordinary_be32(o, 8, ordinary_up_to(3));
	if (ordinary_up_to(1))
		memset(o->data + 12, ordinary_up_to(1) ? 0 : 0xd5, o->len - 12);
}

/* Linear audio, RFC 3551 and RFC 3190, near silence: noise of one or a few steps */
static void o_rtp_linear(struct ordinary *o)
{
	unsigned int step, sample = ordinary_up_to(3) ? 2 : 3, pos;
	int most = 1 << ordinary_up_to(4);

	o->len = 12 + sample * 4 * (8 + ordinary_up_to(80));
	ordinary_fill(o->data, 12);
	o->data[0] = 0x80;
	o->data[1] = ordinary_up_to(1) ? 10 + ordinary_up_to(1) : 96;
	ordinary_be32(o, 8, ordinary_up_to(3) ? 1 : ordinary_up_to(3));
	for (pos = 12; pos < o->len; pos += sample) {
		int value = (int)ordinary_up_to(2 * most) - most;

		for (step = 0; step < sample; ++step)
			o->data[pos + step] = value >> 8 * (sample - 1 - step);
	}
}

static void o_rtcp(struct ordinary *o)
{
	ordinary_random(o, 8 + 4 * ordinary_up_to(30));
	o->data[0] = 0x80 | ordinary_up_to(3);
	o->data[1] = 200 + ordinary_up_to(7);
	ordinary_be16(o, 2, o->len / 4 - 1);
	ordinary_be32(o, 4, ordinary_up_to(3));
	ordinary_be32(o, 8, ordinary_up_to(3));
}

/* TeamSpeak 3: digest, number, client, type; number, codec, sound, encrypted or not */
static void o_voice(struct ordinary *o)
{
	static const __u8 types[] = { 0x00, 0x01, 0x80, 0x81 };

	ordinary_random(o, 16 + ordinary_up_to(180));
	if (ordinary_up_to(1))
		ordinary_be16(o, 8, ordinary_up_to(1));
	ordinary_be16(o, 10, 1 + ordinary_up_to(3));
	o->data[12] = types[ordinary_up_to(3)];
	if (o->data[12] & 0x80)
		ordinary_put(o, 13, o->data + 8, 2);
}

/* Rx, of AFS: epoch, connection, call, sequence and serial number, type... */
static void o_rx(struct ordinary *o)
{
	ordinary_random(o, 28 + 4 * ordinary_up_to(40));
	ordinary_be32(o, 8, ordinary_up_to(4));
	ordinary_be32(o, 12, ordinary_up_to(40));
	ordinary_be32(o, 16, 1 + ordinary_up_to(1000));
	o->data[20] = 1 + ordinary_up_to(12);
	o->data[21] = ordinary_up_to(7);
	o->data[22] = 0;
	o->data[23] = ordinary_up_to(2);
}

/*
 * Numbers of four bytes, most of them small, as XDR and many games have them; the
 * others, up to six, are ids, times and sums
 */
static void o_numbers(struct ordinary *o)
{
	unsigned int n, odd = ordinary_up_to(6);

	ordinary_random(o, 8 + 4 * ordinary_up_to(40));
	for (n = 0; n + 4 <= o->len; n += 4) {
		if (odd && ordinary_up_to(2) == 0) {
			--odd;
			continue;
		}
		ordinary_be32(o, n, ordinary_up_to(ordinary_up_to(1) ? 3 : 4000));
	}
}

static void o_stun(struct ordinary *o)
{
	ordinary_random(o, 20 + 4 * ordinary_up_to(20));
	ordinary_be16(o, 0, ordinary_up_to(1) ? 0x0001 : 0x0101);
	ordinary_be16(o, 2, o->len - 20);
	ordinary_be32(o, 4, 0x2112a442);
}

/* Calls and answers, of NFS and of the portmapper */
static void o_rpc(struct ordinary *o)
{
	ordinary_random(o, 24 + 4 * ordinary_up_to(60));
	ordinary_be32(o, 4, ordinary_up_to(1));
	ordinary_be32(o, 8, ordinary_up_to(2));
	ordinary_be32(o, 12, ordinary_up_to(1) ? 100003 : 100000);
	ordinary_be32(o, 16, ordinary_up_to(4));
	ordinary_be32(o, 20, ordinary_up_to(20));
}

static void o_dhcp(struct ordinary *o)
{
	memset(o->data, 0, 300);
	ordinary_put(o, 0, ordinary_up_to(1) ? "\1\1\6\0" : "\2\1\6\0", 4);
	ordinary_fill(o->data + 4, 4);
	ordinary_fill(o->data + 28, 6);
	ORDINARY_PUT(o, 236, "\x63\x82\x53\x63\x35\x01\x01\xff");
	o->len = 300;
}

static void o_snmp(struct ordinary *o)
{
	ordinary_random(o, 40 + ordinary_up_to(80));
	ORDINARY_PUT(o, 0, "\x30\x29\x02\x01\x01\x04\x06public\xa0");
	o->data[1] = o->len - 2;
}

static void o_udp_text(struct ordinary *o)
{
	static const char *const texts[] = {
		"M-SEARCH * HTTP/1.1\r\nHOST: 239.255.255.250:1900\r\n\r\n",
		"NOTIFY * HTTP/1.1\r\nHOST: 239.255.255.250:1900\r\n\r\n",
		"INVITE sip:a@example SIP/2.0\r\nVia: SIP/2.0/UDP 10.0.0.1\r\n\r\n",
		"<134>Jan  1 00:00:00 host program[1]: text", "GET a", "a:1|c", "uptime",
		"\xff\xff\xff\xffTSource Engine Query", "\xff\xff\xff\xffgetstatus\n",
		"dns", "{\"a\":1}", "Ping", "$GPGGA,123519,4807.038,N,01131.000,E,1,08*47\r\n",
	};
	const char *text = texts[ordinary_up_to(sizeof(texts) / sizeof(*texts) - 1)];

	o->len = strlen(text);
	ordinary_put(o, 0, text, o->len);
}

/* Remote consoles of game servers: a length, a number, a type, a text */
static void o_rcon(struct ordinary *o)
{
	unsigned int n = 1 + ordinary_up_to(60);

	memset(o->data, 0, 16);
	o->data[0] = n + 10;
	o->data[4] = 1 + ordinary_up_to(100);
	o->data[8] = ordinary_up_to(1) ? 2 : 3;
	memset(o->data + 12, 'a' + ordinary_up_to(25), n);
	ORDINARY_PUT(o, 12 + n, "\0\0");
	o->len = n + 14;
}

static void o_mysql(struct ordinary *o)
{
	static const char *const sql[] = { "\3SELECT 1", "\x0e", "\1", "\x16SELECT ?",
		"\x17\1\0\0\0\0\1\0\0", "\x19\1\0\0\0", "\2mysql", "\0128.0.36" };
	static const unsigned int lens[] = { 9, 1, 1, 9, 9, 5, 6, 7 };
	unsigned int n = ordinary_up_to(7);

	memset(o->data, 0, 4);
	o->data[0] = lens[n];
	ordinary_put(o, 4, sql[n], lens[n]);
	o->len = 4 + lens[n];
}

/* Lengths of four bytes in network order, and a small code: SMB, SSH agents, AMQP... */
static void o_length_be(struct ordinary *o)
{
	ordinary_random(o, 8 + ordinary_up_to(500));
	ordinary_be32(o, 0, o->len - 4);
	ordinary_be32(o, 4, ordinary_up_to(50));
}

/*
 * ROS, and all that is framed by a length of four bytes: numbers, strings with
 * their lengths; often a small number first
 */
static void o_length_le(struct ordinary *o)
{
	unsigned int fields = 1 + ordinary_up_to(5), n;

	o->len = 4;
	while (fields--) {
		switch (ordinary_up_to(3)) {
		case 0:
			n = ordinary_up_to(30);
			ordinary_le32(o, o->len, n);
			memset(o->data + o->len + 4, 'a' + ordinary_up_to(25), n);
			o->len += 4 + n;
			break;
		case 1:
			o->data[o->len++] = ordinary_up_to(1);
			break;
		default:
			ordinary_le32(o, o->len, ordinary_up_to(3) ? ordinary_up_to(60) :
				      (__u32)ordinary_rnd());
			o->len += 4;
		}
	}
	ordinary_le32(o, 0, o->len - 4);
}

/* Version, flags, stream, request, length */
static void o_cassandra(struct ordinary *o)
{
	unsigned int v4 = ordinary_up_to(1);

	ordinary_random(o, 9 + (ordinary_up_to(1) ? 0 : ordinary_up_to(200)));
	o->data[0] = 3 + v4 + ordinary_up_to(1);
	o->data[1] = 0;
	ordinary_be16(o, 2, ordinary_up_to(3));
	o->data[4] = ordinary_up_to(15);
	ordinary_be32(o, 5, o->len - 9);
}

static void o_dns_tcp(struct ordinary *o)
{
	o_dns(o);
	memmove(o->data + 2, o->data, o->len);
	ordinary_be16(o, 0, o->len);
	o->len += 2;
}

static void o_zeros(struct ordinary *o)
{
	o->len = 1 + ordinary_up_to(1400);
	memset(o->data, 0, o->len);
	o->data[ordinary_up_to(o->len - 1)] = ordinary_up_to(255);
}

static void o_counter(struct ordinary *o)
{
	unsigned int n, first = ordinary_up_to(255);

	o->len = 1 + ordinary_up_to(1400);
	for (n = 0; n < o->len; ++n)
		o->data[n] = first + n;
}

static const struct {
	const char *what;
	bool tcp;
	void (*make)(struct ordinary *o);
} ordinary_kinds[] = {
	{ "TLS", true, o_tls }, { "DTLS", false, o_tls },
	{ "SSH banner", true, o_ssh_banner }, { "SSH", true, o_ssh },
	{ "text", true, o_text }, { "text over UDP", false, o_text },
	{ "HTTP", true, o_http }, { "HTTP answer", true, o_http_answer },
	{ "lines", true, o_lines }, { "DNS", false, o_dns },
	{ "DNS over TCP", true, o_dns_tcp }, { "NTP", false, o_ntp },
	{ "QUIC", false, o_quic }, { "WireGuard", false, o_wireguard },
	{ "RTP", false, o_rtp }, { "RTP with linear audio", false, o_rtp_linear },
	{ "STUN", false, o_stun },
	{ "RPC", false, o_rpc }, { "DHCP", false, o_dhcp },
	{ "SNMP", false, o_snmp }, { "texts over UDP", false, o_udp_text },
	{ "RTCP", false, o_rtcp }, { "voice", false, o_voice }, { "Rx", false, o_rx },
	{ "numbers", false, o_numbers }, { "numbers over TCP", true, o_numbers },
	{ "lengths as ROS has them", true, o_length_le },
	{ "lengths as ROS has them, over UDP", false, o_length_le },
	{ "Cassandra", true, o_cassandra },
	{ "DTLS with an epoch", false, o_dtls }, { "IKE", false, o_ike },
	{ "ESP", false, o_esp }, { "OpenVPN", false, o_openvpn },
	{ "SSH-like: OpenVPN over TCP", true, o_openvpn_tcp },
	{ "lengths as Kafka has them", true, o_kafka }, { "PostgreSQL", true, o_postgres },
	{ "MongoDB", true, o_mongo }, { "BER", true, o_ber }, { "BER over UDP", false, o_ber },
	{ "lengths of MQTT", true, o_mqtt }, { "lengths of HTTP/2", true, o_http2 },
	{ "lengths of WebSocket", true, o_websocket }, { "SMB", true, o_smb },
	{ "RADIUS", false, o_radius }, { "tunnels", false, o_tunnel },
	{ "flows", false, o_flows }, { "small datagrams", false, o_small_udp },
	{ "bencode", true, o_bencode }, { "bencode over UDP", false, o_bencode },
	{ "words", true, o_words }, { "words over UDP", false, o_words },
	{ "RCON", true, o_rcon }, { "MySQL", true, o_mysql },
	{ "lengths", true, o_length_be }, { "zeros", true, o_zeros },
	{ "zeros over UDP", false, o_zeros }, { "counting", true, o_counter },
	{ "counting over UDP", false, o_counter },
};

#define ORDINARY_KINDS (sizeof(ordinary_kinds) / sizeof(*ordinary_kinds))

/* Payload number @n: always the same if all before it were made */
static void ordinary_next(struct ordinary *o, unsigned long n)
{
	unsigned int kind;

	if (n % 2) {
		o->what = "random bytes";
		o->tcp = n % 4 == 1;
		ordinary_random(o, n / 4 % (ORDINARY_MOST + 1));
		return;
	}
	kind = n / 2 % ORDINARY_KINDS;
	o->what = ordinary_kinds[kind].what;
	o->tcp = ordinary_kinds[kind].tcp;
	ordinary_kinds[kind].make(o);
}

#endif /* IPP2P_ORDINARY_H */
