// SPDX-License-Identifier: GPL-2.0-only
/* label - country codes and AS numbers as text; errors */
#include <ctype.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "addrdb.h"
#include "xa_addrdb_nl.h"

/* --with-geoipdir and --with-asndir of configure */
#ifndef XA_GEOIPDIR
#define XA_GEOIPDIR "/usr/share/xt_geoip"
#endif
#ifndef XA_ASNDIR
#define XA_ASNDIR "/usr/share/xt_asn"
#endif

const struct xa_kind xa_geoip = {
	.name       = "geoip",
	.id         = XA_ADDRDB_COUNTRY,
	.dir        = XA_GEOIPDIR,
	.old_dir    = "/usr/share/xt_geoip",
	.var_dir    = "/var/lib/xtables-anew/geoip",
	.what       = "country",
	.label_rule = "two letters or digits, as in DE or A1",
};

const struct xa_kind xa_asn = {
	.name       = "asn",
	.id         = XA_ADDRDB_ASN,
	.dir        = XA_ASNDIR,
	.old_dir    = "/usr/share/xt_asn",
	.var_dir    = "/var/lib/xtables-anew/asn",
	.what       = "AS number",
	.label_rule = "a number from 1 to 4294967295, with AS in front of it or without",
};

/**
 * xa_system_dir - the folder that rules of a kind use
 * @kind: of labels
 *
 * The one in /var counts where it has a database: it is made only where the
 * one in /usr cannot be written to.
 */
const char *xa_system_dir(const struct xa_kind *kind)
{
	char image[256];

	snprintf(image, sizeof(image), "%s/%s.db", kind->var_dir, kind->name);
	if (!access(image, F_OK))
		return kind->var_dir;
	if (access(kind->dir, F_OK) && !access(kind->old_dir, F_OK))
		return kind->old_dir;
	return kind->dir;
}

/*
 * Length of the UTF-8 character at s and its code point. 0: there is none.
 * Overlong forms and surrogates are none.
 */
size_t xa_utf8(const char *s, uint32_t *code)
{
	static const uint32_t least[] = { 0, 0, 0x80, 0x800, 0x10000 };
	const unsigned char *u = (const unsigned char *)s;
	size_t len = *u < 0x80 ? 1 : *u >= 0xf0 && *u < 0xf8 ? 4 :
		     *u >= 0xe0 && *u < 0xf0 ? 3 : *u >= 0xc0 && *u < 0xe0 ? 2 : 0, i;

	*code = len > 1 ? *u & (0x7f >> len) : *u;
	for (i = 1; i < len; i++) {
		if ((u[i] & 0xc0) != 0x80)
			return 0;
		*code = *code << 6 | (u[i] & 0x3f);
	}
	if (*code < least[len] || *code > 0x10ffff || (*code >= 0xd800 && *code <= 0xdfff))
		return 0;
	return len;
}

/* Characters that do something to a terminal, or turn the text around. */
static bool is_control(uint32_t c)
{
	return c < 0x20 || (c >= 0x7f && c < 0xa0) || c == 0x61c || c == 0x200e ||
	       c == 0x200f || (c >= 0x2028 && c <= 0x202e) ||
	       (c >= 0x2066 && c <= 0x2069) || c == 0xfeff;
}

/* Make text from elsewhere fit to be shown: what is not becomes "?". */
void xa_clean(char *text)
{
	char *from = text, *to = text;
	uint32_t code;
	size_t len;

	while (*from) {
		len = xa_utf8(from, &code);
		if (!len || is_control(code)) {
			*to++ = '?';
			from += len ? len : 1;
			continue;
		}
		memmove(to, from, len);
		to += len;
		from += len;
	}
	*to = '\0';
}

/*
 * Leave a sentence in err; false, so that callers can return it. It may have
 * words of a file or a server in it.
 */
bool xa_fail(struct xa_err *err, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(err->text, sizeof(err->text), fmt, ap);
	va_end(ap);
	xa_clean(err->text);
	return false;
}

static bool parse_country(const char *s, uint32_t *label)
{
	if (strlen(s) != 2 || !isascii(s[0]) || !isascii(s[1]) ||
	    !isalnum((unsigned char)s[0]) || !isalnum((unsigned char)s[1]))
		return false;
	*label = toupper((unsigned char)s[0]) << 8 | toupper((unsigned char)s[1]);
	return true;
}

static bool parse_asn(const char *s, uint32_t *label)
{
	unsigned long long n;
	char *end;

	if (!strncasecmp(s, "AS", 2))
		s += 2;
	if (!isdigit((unsigned char)*s))
		return false;
	n = strtoull(s, &end, 10);
	*label = n;
	return !*end && n && n <= UINT32_MAX && end - s <= 10;
}

bool xa_label_parse(const struct xa_kind *kind, const char *text, uint32_t *label)
{
	return kind == &xa_asn ? parse_asn(text, label) :
				 parse_country(text, label);
}

const char *xa_label_text(const struct xa_kind *kind, uint32_t label,
			  char buf[XA_LABEL_LEN])
{
	if (kind == &xa_asn)
		snprintf(buf, XA_LABEL_LEN, "%u", label);
	else
		snprintf(buf, XA_LABEL_LEN, "%c%c", (int)(label >> 8 & 0x7f),
			 (int)(label & 0x7f));
	return buf;
}
