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

/* What the fields of the header say; @pos is at the end of a line. */
static __u32 http_fields(const struct ipp2p_payload *pay, unsigned int pos,
			 __u32 wanted)
{
	while (pos < pay->have) {
		++pos;
		if (wanted & XT_IPP2P_GNU &&
		    (ipp2p_at(pay, pos, "X-Gnutella-") ||
		     ipp2p_at(pay, pos, "X-Queue")))
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
	if (!candidates || !ipp2p_at(pay, 0, "GET "))
		return 0;
	if (candidates & XT_IPP2P_GNU &&
	    ipp2p_at(pay, 4, "/uri-res/N2R?urn:sha1:"))
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

/*
 * Remote consoles of game servers have a length and a number there, too. Behind
 * it they have a type, a text without a zero and two zeros.
 */
static bool soul_is_rcon(const struct ipp2p_payload *pay)
{
	const __u8 *p = pay->data;
	__u32 type;

	if (pay->len < 14 || pay->have < pay->len)
		return false;
	type = ipp2p_le32(p + 8);
	return (type == 0 || type == 2 || type == 3) &&
	       text_find(pay, 12, 0) == pay->len - 2 && p[pay->len - 1] == 0;
}

/* How a connection of peers begins: name, "P", "F" or "D", and a number */
static bool soul_peer_init(const struct ipp2p_payload *pay)
{
	const __u8 *p = pay->data;
	__u32 name;

	if (p[4] != 1 || pay->len < 19 || pay->len != pay->have)
		return false;
	name = ipp2p_le32(p + 5);
	if (name != pay->len - 18)
		return false;
	p += 9 + name;
	return ipp2p_le32(p) == 1 && (p[4] == 'P' || p[4] == 'F' || p[4] == 'D');
}

/**
 * ipp2p_soul_tcp - whether a TCP segment is a message of Soulseek
 * @pay: its data
 *
 * Context: any.
 * Return: true if it is.
 */
bool ipp2p_soul_tcp(const struct ipp2p_payload *pay)
{
	const __u8 *p = pay->data;
	__u32 code;

	if (pay->len < 8 || ipp2p_le32(p) != pay->len - 4)
		return false;
	if (pay->len == 9 && p[4] == 0)			/* through a firewall */
		return true;
	code = ipp2p_le32(p + 4);
	if ((code >= 1 && code <= 160) || (code >= 1001 && code <= 1003))
		return !soul_is_rcon(pay);
	return soul_peer_init(pay);
}

/* ---- WinMX */

/**
 * ipp2p_winmx_tcp - whether a TCP segment asks for or offers a file of WinMX
 * @pay: its data
 *
 * The verb alone, or the verb, at once, a name, the file in quotes and a number.
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
		return true;
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
