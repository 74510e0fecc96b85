/* SPDX-License-Identifier: GPL-2.0-only */
/* ipp2p_ordinary_more - payloads of tunnels, databases, and much else, see ipp2p_ordinary.h */
#ifndef IPP2P_ORDINARY_MORE_H
#define IPP2P_ORDINARY_MORE_H

#include "ipp2p_ordinary_base.h"

/* RFC 9147 and RFC 6347: content type, version, epoch and number, length */
static void o_dtls(struct ordinary *o)
{
	ordinary_random(o, 14 + ordinary_up_to(1300));
	o->data[0] = 0x14 + ordinary_up_to(3);
	ORDINARY_PUT(o, 1, "\xfe\xfd\0\0\0\0\0\0");
	o->data[4] = ordinary_up_to(1);
	ordinary_be16(o, 9, ordinary_up_to(60));
	ordinary_be16(o, 11, o->len - 13);
}

/* RFC 7296: cookies, next payload, version 2, exchange, flags, number, length */
static void o_ike(struct ordinary *o)
{
	unsigned int esp = ordinary_up_to(1) ? 4 : 0;	/* RFC 3948: port 4500 */

	ordinary_random(o, 28 + esp + ordinary_up_to(600));
	memset(o->data, 0, esp);
	if (ordinary_up_to(1))
		memset(o->data + esp + 8, 0, 8);
	o->data[esp + 16] = 33 + ordinary_up_to(13);
	o->data[esp + 17] = 0x20;
	o->data[esp + 18] = 34 + ordinary_up_to(3);
	o->data[esp + 19] = 8 * ordinary_up_to(4);
	ordinary_be32(o, esp + 20, ordinary_up_to(4));
	ordinary_be32(o, esp + 24, o->len - esp);
}

/* ESP in UDP: index, number, cipher text */
static void o_esp(struct ordinary *o)
{
	ordinary_random(o, 24 + 4 * ordinary_up_to(340));
	ordinary_be32(o, 4, 1 + ordinary_up_to(5000));
}

static void o_openvpn(struct ordinary *o)
{
	static const __u8 codes[] = { 0x38, 0x40, 0x20, 0x28, 0x30, 0x48, 0x49, 0x21 };

	ordinary_random(o, 14 + ordinary_up_to(1300));
	o->data[0] = codes[ordinary_up_to(7)];
	if (o->data[0] == 0x48)
		ordinary_be32(o, 4, 1 + ordinary_up_to(100000));
}

static void o_openvpn_tcp(struct ordinary *o)
{
	o_openvpn(o);
	memmove(o->data + 2, o->data, o->len);
	ordinary_be16(o, 0, o->len);
	o->len += 2;
}

/* RFC 3720, RFC 5531, Kafka, PostgreSQL...: a length, two numbers, an id, a name */
static void o_kafka(struct ordinary *o)
{
	unsigned int n = 3 + ordinary_up_to(20);

	memset(o->data, 0, 14);
	ordinary_be16(o, 4, ordinary_up_to(60));
	ordinary_be16(o, 6, ordinary_up_to(12));
	ordinary_be32(o, 8, ordinary_up_to(5000));
	ordinary_be16(o, 12, n);
	memset(o->data + 14, 'a' + ordinary_up_to(25), n);
	o->len = 14 + n + ordinary_up_to(100);
	ordinary_fill(o->data + 14 + n, o->len - 14 - n);
	ordinary_be32(o, 0, o->len - 4);
}

static void o_postgres(struct ordinary *o)
{
	static const char kinds[] = "$QPBDECSHXRKZTdpfGI";

	ordinary_random(o, 5 + ordinary_up_to(300));
	o->data[0] = kinds[ordinary_up_to(sizeof(kinds) - 2)];
	ordinary_be32(o, 1, o->len - 1);
	memset(o->data + 5, 'a' + ordinary_up_to(25), (o->len - 5) / 2);
}

/* Length, id, id of the request, code; flags, a document: length, type, name, value */
static void o_mongo(struct ordinary *o)
{
	unsigned int n = 1 + ordinary_up_to(12);

	memset(o->data, 0, 40);
	ordinary_le32(o, 4, ordinary_up_to(1) ? ordinary_up_to(60) : (__u32)ordinary_rnd());
	ordinary_le32(o, 8, ordinary_up_to(1) ? 0 : ordinary_up_to(60));
	ordinary_le32(o, 12, ordinary_up_to(1) ? 2013 : 1 + ordinary_up_to(3));
	ordinary_le32(o, 21, n + 13);
	o->data[25] = 0x10;
	memset(o->data + 26, 'a', n);
	o->data[26 + n] = 0;
	ordinary_le32(o, 27 + n, 1);
	o->data[31 + n] = 0;
	o->len = 34 + n;
	ordinary_le32(o, 0, o->len);
}

/* RFC 4511, RFC 1157, Kerberos: BER */
static void o_ber(struct ordinary *o)
{
	ordinary_random(o, 14 + ordinary_up_to(100));
	o->data[0] = ordinary_up_to(1) ? 0x30 : 0x60 + ordinary_up_to(15);
	o->data[1] = o->len - 2;
	ORDINARY_PUT(o, 2, "\2\1\1");
}

/* MQTT: CONNECT, PUBLISH, PINGREQ */
static void o_mqtt(struct ordinary *o)
{
	unsigned int n = ordinary_up_to(100);

	ordinary_random(o, 4 + n);
	o->data[0] = 0x10 * (1 + ordinary_up_to(13));
	o->data[1] = n + 2;
	ordinary_be16(o, 2, n);
	memset(o->data + 4, 'a' + ordinary_up_to(25), n);
}

/* HTTP/2, and gRPC in it: length, type, flags, stream */
static void o_http2(struct ordinary *o)
{
	ordinary_random(o, 9 + ordinary_up_to(600));
	ordinary_be32(o, 0, (o->len - 9) << 8);
	o->data[3] = ordinary_up_to(9);
	o->data[4] = ordinary_up_to(5);
	ordinary_be32(o, 5, ordinary_up_to(100));
}

/* RFC 6455, with a mask and without */
static void o_websocket(struct ordinary *o)
{
	ordinary_random(o, 6 + ordinary_up_to(119));
	o->data[0] = 0x80 | (1 + ordinary_up_to(1));
	o->data[1] = o->len - 2;
	if (ordinary_up_to(1))
		o->data[1] = 0x80 | (o->len - 6);
}

/* SMB2 behind a length in network order; NetBIOS datagrams */
static void o_smb(struct ordinary *o)
{
	ordinary_random(o, 68 + ordinary_up_to(300));
	ordinary_be32(o, 0, o->len - 4);
	ORDINARY_PUT(o, 4, "\xfeSMB\x40\0\1\0\0\0\0\0");
	ordinary_le16(o, 16, ordinary_up_to(18));
}

/* RADIUS: code, id, length, authenticator */
static void o_radius(struct ordinary *o)
{
	ordinary_random(o, 20 + ordinary_up_to(200));
	o->data[0] = 1 + ordinary_up_to(4);
	ordinary_be16(o, 2, o->len);
}

/* Tunnels: VXLAN, GENEVE, GTP, L2TP, with an Ethernet or IP header within */
static void o_tunnel(struct ordinary *o)
{
	static const char *const headers[] = {
		"\x08\0\0\0\0\0\x64\0", "\0\0\x65\x58\0\0\x64\0",
		"\x30\xff\0\x54\0\0\0\1", "\0\2\0\1\0\1\xff\3",
	};

	ordinary_random(o, 50 + ordinary_up_to(1300));
	ordinary_put(o, 0, headers[ordinary_up_to(3)], 8);
	if (ordinary_up_to(1))
		ORDINARY_PUT(o, 8, "\x45\0\0\x54");
}

/* NetFlow, IPFIX and sFlow: version, length or count, times, numbers */
static void o_flows(struct ordinary *o)
{
	ordinary_random(o, 24 + 4 * ordinary_up_to(300));
	if (ordinary_up_to(1)) {
		if (ordinary_up_to(1)) {	/* version 9: records, time since, time */
			ordinary_be16(o, 0, 9);
			ordinary_be16(o, 2, 1 + ordinary_up_to(30));
			ordinary_be32(o, 8, 0x65000000 + ordinary_up_to(1000000));
			return;
		}
		/* RFC 7011: length, time, number, domain, sets */
		ordinary_be16(o, 0, 10);
		ordinary_be16(o, 2, o->len);
		ordinary_be32(o, 8, ordinary_up_to(ordinary_up_to(1) ? 3 : 100000));
		ordinary_be16(o, 16, 2);
		return;
	}
	ordinary_be32(o, 0, 5);
	ordinary_be32(o, 4, 1 + ordinary_up_to(1));
	ordinary_be32(o, 12, ordinary_up_to(3));
	ordinary_be32(o, 16, ordinary_up_to(100000));
}

/* CoAP, TFTP, BFD, QUIC of Google, RakNet (Minecraft), Quake, Steam, Mumble */
static void o_small_udp(struct ordinary *o)
{
	static const struct {
		unsigned int len;
		const char *bytes;
	} begin[] = {
		{ 4, "\x40\1\x12\x34" }, { 12, "\0\1file\0octet" }, { 4, "\x20\x40\3\x18" },
		{ 1, "\1" }, { 1, "\x05" }, { 1, "\x84" }, { 4, "\xff\xff\xff\xff" },
		{ 8, "VS01\x10\0\0\0" }, { 4, "\0\0\0\0" }, { 4, "\0\0\0\1" },
		{ 8, "\0\0\0\2\0\0\0\1" }, { 2, "\xe3\1" }, { 4, "\x81\x0a\0\x11" },
		{ 8, "\0\0\0\0\0\0\0\0" }, { 5, "d1:q4" }, { 10, "d4:argsd4:" },
		{ 11, "d2:op4:eval" }, { 8, "d7:comma" }, { 3, "GET" }, { 3, "GSS" },
	};
	unsigned int n = ordinary_up_to(sizeof(begin) / sizeof(*begin) - 1);

	ordinary_random(o, begin[n].len + ordinary_up_to(200));
	ordinary_put(o, 0, begin[n].bytes, begin[n].len);
}

/* Bencoded data that are no DHT: torrent files, nREPL, rtpengine, cjdns */
static void o_bencode(struct ordinary *o)
{
	static const char *const texts[] = {
		"d8:announce35:http://tracker.example:6969/announce4:infod6:lengthi1e4:name1:aee",
		"d4:infod6:lengthi1024e4:name5:a.iso12:piece lengthi16384e6:pieces20:aaaaaaaaaaaaaaaaaaaaee",
		"d4:code7:(+ 1 1)2:id1:12:op4:evale", "d2:id36:a-b7:session1:a6:statusl4:doneee",
		"5323_1 d7:command4:pinge", "d6:result4:ponge", "d4:txid4:abcd1:q4:pinge",
		"d1:q4:ping4:txid4:abcde", "d5:error4:none4:txid4:abcde", "d1:ai1e1:bi2ee",
		"d1:rd4:name3:abcee", "d1:ad3:key3:abcee", "d1:eli404ee", "d2:id20:abcdefghij0123456789e",
	};
	const char *text = texts[ordinary_up_to(sizeof(texts) / sizeof(*texts) - 1)];

	o->len = strlen(text);
	ordinary_put(o, 0, text, o->len);
}

/* Programs that open a connection with lines or words of their own */
static void o_words(struct ordinary *o)
{
	static const char *const texts[] = {
		"INFO {\"server_id\":\"A\",\"port\":4222}\r\n", "CONNECT {\"verbose\":false}\r\nPING\r\n",
		"PUB a.b 5\r\nhello\r\n", "SUB a 1\r\n", "MSG a 1 5\r\nhello\r\n",
		"gets a b c\r\n", "VALUE a 0 1\r\n1\r\nEND\r\n", "stats\r\n", "RFB 003.008\n",
		"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", "JRMI\0\2K", "AMQP\0\0\x09\1",
		"<stream:stream to='a' xmlns='jabber:client'>", "SIP/2.0 200 OK\r\nVia: a\r\n",
		"REGISTER sip:a SIP/2.0\r\n", "OPTIONS sip:a SIP/2.0\r\n", "GIV ", "GIVE", "SEND ",
		"SENDER a@b\r\n", "GETINFO version\r\n", "PROXY TCP4 10.0.0.1 10.0.0.2 1 2\r\n",
		"$SYS/broker", "$MyVar = 1;\n", "$Key|", "HSUP", "CSUP x\n", "ISUPPORT\r\n", "IDENTIFY a|b\n",
		"PublicKey: ssh-rsa AAAA\r\n", "PRIVMSG bot :xdcc list\r\n", "PRIVMSG #a :how to xdcc send #1\r\n",
		"GNUTLS\r\n", "GNUPLOT 5\r\n", "GET.sha\r\n", "ajp13\r\n", "\023Bit torrent protocol",
		"GET /announce HTTP/1.1\r\nX: info_hash=1\r\n\r\n", "GET /scrape?x=1 HTTP/1.1\r\n\r\n",
		"PUSH /push HTTP/1.1\r\n\r\n", "PUSH guide\r\n", "HEAD /uri-res/a HTTP/1.1\r\nHost: a\r\n\r\n",
	};
	const char *text = texts[ordinary_up_to(sizeof(texts) / sizeof(*texts) - 1)];

	o->len = strlen(text);
	ordinary_put(o, 0, text, o->len);
}

#endif /* IPP2P_ORDINARY_MORE_H */
