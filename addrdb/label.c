// SPDX-License-Identifier: GPL-2.0-only
/* label - country codes and AS numbers as text; errors */
#include <ctype.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "addrdb.h"
#include "xa_addrdb_nl.h"

const struct xa_kind xa_geoip = {
	.name       = "geoip",
	.id         = XA_ADDRDB_COUNTRY,
	.dir        = "/usr/share/xt_geoip",
	.what       = "country",
	.label_rule = "two letters or digits, as in DE or A1",
};

const struct xa_kind xa_asn = {
	.name       = "asn",
	.id         = XA_ADDRDB_ASN,
	.dir        = "/usr/share/xt_asn",
	.what       = "AS number",
	.label_rule = "a number from 1 to 4294967295",
};

/* Leave a sentence in err; false, so that callers can return it. */
bool xa_fail(struct xa_err *err, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(err->text, sizeof(err->text), fmt, ap);
	va_end(ap);
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
