// SPDX-License-Identifier: GPL-2.0-only
/*
 * xt_ipp2p_text - protocols of lines, and of strings with their lengths
 *
 * Nothing behind the first IPP2P_LOOK bytes of a payload is searched, and each
 * byte of them once.
 */
#include "xt_ipp2p_pure.h"

/* Where BYTE is from POS on, or the end of what is there */
static unsigned int text_find(const struct ipp2p_payload *pay, unsigned int pos,
			      __u8 byte)
{
	const __u64 ones = 0x0101010101010101ULL;
	__u64 word;

	/* eight at a time: a byte that is equal becomes 0, and borrows */
	for (; pos + 8 <= pay->have; pos += 8) {
		memcpy(&word, pay->data + pos, 8);
		word ^= ones * byte;
		if ((word - ones) & ~word & (ones << 7))
			break;
	}
	while (pos < pay->have && pay->data[pos] != byte)
		++pos;
	return pos;
}

/* ---- HTTP */

/* The request line: is info_hash a parameter? *@pos is moved to its end. */
static bool http_info_hash(const struct ipp2p_payload *pay, unsigned int *pos)
{
	bool found = false;
	__u8 c;

	for (; *pos < pay->have; ++*pos) {
		c = pay->data[*pos];
		if (c == '\n')
			break;
		if ((c == '?' || c == '&') &&
		    ipp2p_at(pay, *pos + 1, "info_hash="))
			found = true;
	}
	return found;
}

/* A word that ends there, or with what is there: a version may follow, no letter */
static bool http_word(const struct ipp2p_payload *pay, unsigned int pos, const char *word)
{
	unsigned int len = strlen(word);
	__u8 next;

	if (!ipp2p_has(pay, pos, word, len))
		return false;
	if (pos + len == pay->have)
		return true;
	next = pay->data[pos + len] | 0x20;
	return next < 'a' || next > 'z';
}

/* A field of which the value begins with the name of the network or of a client */
static bool http_gnu_agent(const struct ipp2p_payload *pay, unsigned int pos)
{
	static const char *const fields[] = {
		"User-Agent: ", "Referrer: ", "Referer: ", NULL
	};
	static const char *const agents[] = {
		"Gnutella", "gtk-gnutella/", "LimeWire", "BearShare", "Shareaza",
		"Morpheus", "Gnucleus", "Phex", "Mutella", "XoloX", "FrostWire",
		NULL
	};
	const char *const *field, *const *agent;
	unsigned int len;

	for (field = fields; *field; ++field) {
		len = strlen(*field);
		if (!ipp2p_has(pay, pos, *field, len))
			continue;
		for (agent = agents; *agent; ++agent)
			if (http_word(pay, pos + len, *agent))
				return true;
	}
	return false;
}

/* What the fields of the header say; @pos is at the end of a line. */
static __u32 http_fields(const struct ipp2p_payload *pay, unsigned int pos,
			 __u32 wanted)
{
	while (pos < pay->have) {
		++pos;
		if (wanted & XT_IPP2P_GNU &&
		    (ipp2p_at(pay, pos, "X-Gnutella-") ||
		     ipp2p_at(pay, pos, "X-Queue: ") ||
		     ipp2p_at(pay, pos, "X-Queued: ") || http_gnu_agent(pay, pos)))
			return XT_IPP2P_GNU;
		if (wanted & XT_IPP2P_KAZAA &&
		    (ipp2p_at(pay, pos, "X-Kazaa-") ||
		     ipp2p_at(pay, pos, "User-Agent: PeerEnabler/")))
			return XT_IPP2P_KAZAA;
		if (ipp2p_at(pay, pos, "\r\n"))		/* what follows is the body */
			return 0;
		pos = text_find(pay, pos, '\n');
	}
	return 0;
}

/*
 * HUGE and what came after it: a file, its hash tree or its sources by a hash, also
 * for HEAD. @pos is at the path.
 */
static bool http_gnu_urn(const struct ipp2p_payload *pay, unsigned int pos)
{
	if (!ipp2p_at(pay, pos, "/uri-res/N2") || !ipp2p_at(pay, pos + 12, "?urn:"))
		return false;
	return ipp2p_at(pay, pos + 17, "sha1:") || ipp2p_at(pay, pos + 17, "bitprint:") ||
	       ipp2p_at(pay, pos + 17, "tree:tiger");
}

/**
 * ipp2p_http - whether a TCP segment is a request over HTTP
 * @pay:        its data
 * @candidates: what it can be of
 *
 * Context: any.
 * Return: %XT_IPP2P_BIT, %XT_IPP2P_GNU or %XT_IPP2P_KAZAA if it is and a
 * candidate, or 0.
 */
__u32 ipp2p_http(const struct ipp2p_payload *pay, __u32 candidates)
{
	unsigned int pos = 4;

	candidates &= XT_IPP2P_BIT | XT_IPP2P_GNU | XT_IPP2P_KAZAA;
	if (candidates & XT_IPP2P_GNU && ipp2p_at(pay, 0, "HEAD ") &&
	    http_gnu_urn(pay, 5))
		return XT_IPP2P_GNU;
	if (!candidates || !ipp2p_at(pay, 0, "GET "))
		return 0;
	if (candidates & XT_IPP2P_GNU && http_gnu_urn(pay, 4))
		return XT_IPP2P_GNU;
	if (candidates & XT_IPP2P_KAZAA && ipp2p_at(pay, 4, "/.hash="))
		return XT_IPP2P_KAZAA;
	if (!ipp2p_at(pay, 4, "/get/") && !ipp2p_at(pay, 4, "/uri-res/"))
		candidates &= ~XT_IPP2P_GNU;
	if (http_info_hash(pay, &pos) && candidates & XT_IPP2P_BIT)
		return XT_IPP2P_BIT;
	if (!(candidates & (XT_IPP2P_GNU | XT_IPP2P_KAZAA)))
		return 0;
	return http_fields(pay, pos, candidates);
}

/* ---- Direct Connect */

/* A command of NMDC ends with a bar; another one, a chat line or nothing follows. */
static bool dc_bar(const struct ipp2p_payload *pay)
{
	unsigned int pos = text_find(pay, 1, '|') + 1;

	if (pos > pay->have)
		return false;
	return pos == pay->len || ipp2p_at(pay, pos, "$") ||
	       ipp2p_at(pay, pos, "<") || ipp2p_at(pay, pos, "|");
}

/**
 * ipp2p_dc_tcp - whether a TCP segment begins with a command of Direct Connect
 * @pay: its data
 *
 * Context: any.
 * Return: true if it does.
 */
bool ipp2p_dc_tcp(const struct ipp2p_payload *pay)
{
	if (ipp2p_at(pay, 0, "HSUP AD") || ipp2p_at(pay, 0, "CSUP AD") ||
	    ipp2p_at(pay, 0, "ISUP AD"))
		return true;
	return (ipp2p_at(pay, 0, "$Lock ") || ipp2p_at(pay, 0, "$MyNick ") ||
		ipp2p_at(pay, 0, "$Supports ") || ipp2p_at(pay, 0, "$Key ") ||
		ipp2p_at(pay, 0, "$ADCGET ") || ipp2p_at(pay, 0, "$Direction ")) &&
	       dc_bar(pay);
}

/* ADC: the sender's id in base 32, and a blank */
static bool dc_cid(const struct ipp2p_payload *pay, unsigned int pos)
{
	unsigned int end = pos + 39;

	if (pay->have <= end)
		return false;
	for (; pos < end; ++pos) {
		__u8 c = pay->data[pos];

		if (!(c >= 'A' && c <= 'Z') && !(c >= '2' && c <= '7'))
			return false;
	}
	return pay->data[end] == ' ';
}

/**
 * ipp2p_dc_udp - whether a UDP datagram is a search result of Direct Connect
 * @pay: its data
 *
 * Context: any.
 * Return: true if it is.
 */
bool ipp2p_dc_udp(const struct ipp2p_payload *pay)
{
	if (ipp2p_at(pay, 0, "URES ") || ipp2p_at(pay, 0, "USCH "))
		return dc_cid(pay, 5);
	return pay->len > 12 &&
	       (ipp2p_at(pay, 0, "$SR ") || ipp2p_at(pay, 0, "$Ping ")) &&
	       dc_bar(pay);
}

/* ---- Soulseek */

/* Length and code of a message, both of four bytes, and of one between peers */
#define SOUL_HDR	8
#define SOUL_PEER_HDR	5

/* A message that names the connection by a number: length, code 0, number */
#define SOUL_PIERCE	9

/*
 * Many programs send a length of four bytes, a small number and then numbers:
 * Cassandra, ROS, MySQL, remote consoles. So only messages are taken for
 * Soulseek's whose strings, which have lengths of their own, go up to the end,
 * and of those with one string alone such as have a path of Windows, which all
 * clients send.
 *
 *	u  a number		s  a string
 *	p  a string with \	k  the kind of a connection: P, F or D
 *	d  a digest, MD5 in hexadecimal digits
 */
static const struct {
	__u16 code;
	const char *form;
} soul_forms[] = {
	{ 1,  "ssudu" },	/* log in: name, password, version, digest, version */
	{ 18, "usk" },		/* connect to a peer: number, name, kind */
	{ 36, "up" },		/* contents of a folder */
	{ 40, "uup" },		/* transfer: direction, number, file */
	{ 40, "uupuu" },	/* and its size */
	{ 43, "p" },		/* queue an upload */
	{ 46, "p" },		/* upload failed */
	{ 50, "ps" },		/* upload denied: file, reason */
	{ 51, "p" },		/* place in the queue */
	{ 0, NULL }
};

/* Between peers, length and code 1 and then: name, kind, number */
#define SOUL_PEER_FORM	"sku"

static bool soul_string(const __u8 *text, unsigned int len, char kind)
{
	bool path = false;
	unsigned int n;

	if (kind == 'd' && len != 32)
		return false;
	if (kind == 'k')
		return len == 1 &&
		       (*text == 'P' || *text == 'F' || *text == 'D');
	for (n = 0; n < len; ++n) {
		if (text[n] < ' ')
			return false;
		if (kind == 'd' && !ipp2p_hex_digit(text[n]))
			return false;
		path |= text[n] == '\\';
	}
	return len && (path || kind != 'p');
}

/* Whether what is from POS up to END has the form */
static bool soul_has_form(const struct ipp2p_payload *pay, unsigned int pos,
			  unsigned int end, const char *form)
{
	__u32 value;

	for (; *form; ++form) {
		if (end - pos < 4)
			return false;
		value = ipp2p_le32(pay->data + pos);
		pos += 4;
		if (*form == 'u')
			continue;
		if (value > end - pos ||
		    !soul_string(pay->data + pos, value, *form))
			return false;
		pos += value;
	}
	return pos == end;
}

/* Lists of files: compressed by zlib as usual, with codes of their own or fixed ones */
static bool soul_is_packed(const __u8 *p, __u32 code)
{
	if (code != 5 && code != 9 && code != 37)
		return false;
	return p[0] == 0x78 && p[1] == 0x9c && (p[2] & 6) != 0 && (p[2] & 6) != 6;
}

/* A message from POS up to END */
static bool soul_message(const struct ipp2p_payload *pay, unsigned int pos,
			 unsigned int end)
{
	const __u8 *p = pay->data + pos;
	unsigned int n;
	__u32 code;

	if (p[4] == 1 && soul_has_form(pay, pos + SOUL_PEER_HDR, end, SOUL_PEER_FORM))
		return true;
	if (end - pos < SOUL_HDR)
		return false;
	code = ipp2p_le32(p + 4);
	for (n = 0; soul_forms[n].form; ++n)
		if (soul_forms[n].code == code &&
		    soul_has_form(pay, pos + SOUL_HDR, end, soul_forms[n].form))
			return true;
	return end == pay->len && end - pos > SOUL_HDR + 3 &&
	       soul_is_packed(p + SOUL_HDR, code);
}

/**
 * ipp2p_soul_tcp - whether a TCP segment begins with a message of Soulseek
 * @pay: its data
 *
 * The message that opens a connection through a firewall counts only with
 * another one behind it.
 *
 * Context: any.
 * Return: true if it does.
 */
bool ipp2p_soul_tcp(const struct ipp2p_payload *pay)
{
	const __u8 *p = pay->data;
	unsigned int pos = 0;
	__u32 size;

	if (pay->have > SOUL_PIERCE + 4 && ipp2p_le32(p) == SOUL_PIERCE - 4 &&
	    p[4] == 0)
		pos = SOUL_PIERCE;
	if (pay->have - pos < SOUL_PEER_HDR)
		return false;
	size = ipp2p_le32(p + pos);
	if (size == 0 || size > pay->len - pos - 4)
		return false;
	if (size > pay->have - pos - 4)		/* compressed, and long */
		return size == pay->len - pos - 4 && pay->have - pos > SOUL_HDR + 3 &&
		       soul_is_packed(p + pos + SOUL_HDR, ipp2p_le32(p + pos + 4));
	return soul_message(pay, pos, pos + 4 + size);
}

/* ---- WinMX */

/**
 * ipp2p_winmx_tcp - whether a TCP segment asks for or offers a file of WinMX
 * @pay: its data
 *
 * The verb SEND alone (GET is too short), or a verb, at once, a name, the file in
 * quotes and a number.
 *
 * Context: any.
 * Return: true if it does.
 */
bool ipp2p_winmx_tcp(const struct ipp2p_payload *pay)
{
	unsigned int pos, end;

	if (ipp2p_at(pay, 0, "SEND"))
		pos = 4;
	else if (ipp2p_at(pay, 0, "GET"))
		pos = 3;
	else
		return false;
	if (pay->len == pos)
		return pos == 4;
	if (pay->len != pay->have)
		return false;
	end = text_find(pay, pos, ' ');
	if (end == pos || !ipp2p_at(pay, end, " \""))
		return false;
	pos = end + 2;
	end = text_find(pay, pos, '"');
	if (end == pos || !ipp2p_at(pay, end, "\" "))
		return false;
	for (pos = end + 2; pos < pay->have; ++pos)
		if (!ipp2p_digit(pay->data[pos]))
			return false;
	return pos > end + 2;
}

/* ---- XDCC */

/* "xdcc send #" in any case */
static bool xdcc_command(const struct ipp2p_payload *pay, unsigned int pos)
{
	static const char text[] = "xdcc send #";
	unsigned int n;

	if (pos + sizeof(text) - 1 > pay->have)
		return false;
	for (n = 0; n < sizeof(text) - 1; ++n)
		if ((pay->data[pos + n] | 0x20) != (text[n] | 0x20))
			return false;
	return true;
}

/**
 * ipp2p_xdcc_tcp - whether a TCP segment orders a file from a bot of IRC
 * @pay: its data
 *
 * Context: any.
 * Return: true if it does.
 */
bool ipp2p_xdcc_tcp(const struct ipp2p_payload *pay)
{
	unsigned int pos;

	if (pay->len <= 20 || pay->len >= 200 || !ipp2p_at(pay, 0, "PRIVMSG ") ||
	    !ipp2p_ends(pay, "\r\n"))
		return false;
	pos = text_find(pay, 8, ' ');
	return ipp2p_at(pay, pos, " :") && xdcc_command(pay, pos + 2);
}
