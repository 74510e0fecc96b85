// SPDX-License-Identifier: GPL-2.0-only
/*
 * text - ranges or networks with a label, one a line, as many write them
 *
 *	first,last,LABEL[,name]				DB-IP, Tor, IP2Location
 *	first,last,continent,COUNTRY,...		DB-IP with cities
 *	first,last,network,LABEL,name			IP2Location with AS numbers
 *	first,last,number,number,LABEL[,name]		the numbers are the addresses again
 *	network/prefix,LABEL[,name]
 *
 * Addresses may be decimal numbers. The first line, or its header if it has
 * one, tells which of these it is; the others must be the same. A first line
 * with the same word as continent and as country does not tell: the next does.
 */
#include <ctype.h>
#include <string.h>

#include "tools.h"

/* Where things are in a line. */
struct layout {
	enum xa_format format;
	int label, name;	/* columns; name may be beyond the last */
	bool named;		/* the label's, by a header */
	bool twice;		/* columns 2 and 3 are the addresses as numbers */
	bool continent;		/* column 2 is one, and 3 the country */
	bool settled;		/* nothing is to be learnt from further lines */
};

static bool is_number(const char *s)
{
	return *s && s[strspn(s, "0123456789")] == '\0';
}

/* A decimal number of up to 128 bits. */
static bool parse_number(const char *s, struct xa_addr *a)
{
	uint64_t limb[4] = { 0, 0, 0, 0 };	/* 32 bits each, the least first */
	int i;

	if (!is_number(s))
		return false;
	for (; *s; s++) {
		uint64_t carry = *s - '0';

		for (i = 0; i < 4; i++) {
			limb[i] = limb[i] * 10 + carry;
			carry = limb[i] >> 32;
			limb[i] &= UINT32_MAX;
		}
		if (carry)
			return false;
	}
	*a = (struct xa_addr){ limb[3] << 32 | limb[2], limb[1] << 32 | limb[0] };
	return true;
}

static bool is_number_of(const char *s, const char *addr)
{
	struct xa_addr a, b;
	int family;

	return parse_number(s, &a) && xa_addr_parse(addr, &family, &b) && !xa_addr_cmp(a, b);
}

static bool is_twice(const struct xa_input *in)
{
	return in->fields > 4 && is_number_of(in->field[2], in->field[0]) &&
	       is_number_of(in->field[3], in->field[1]);
}

static bool is_continent(const char *s)
{
	static const char codes[] = "AF AN AS EU NA OC SA ";
	const char *p = strlen(s) == 2 ? strstr(codes, s) : NULL;

	return p && p[2] == ' ';
}

/* What stands for no country and no continent. */
static bool is_nowhere(const char *s)
{
	return !*s || !strcmp(s, "-") || !strcmp(s, "ZZ");
}

static bool is_code(const char *s)
{
	return isalpha((unsigned char)s[0]) && isalpha((unsigned char)s[1]) && !s[2];
}

static bool has_continent(const struct xa_input *in)
{
	return in->fields > 4 && (is_continent(in->field[2]) || is_nowhere(in->field[2])) &&
	       (is_code(in->field[3]) || is_nowhere(in->field[3]));
}

/* Column of a header that has one of these names, in the order of the names. */
static int find_column(const struct xa_input *in, const char *const *names)
{
	int col = -1;

	for (; *names && col < 0; names++)
		col = xa_input_column(in, *names);
	return col;
}

/* Words only: no address and no number. */
static bool is_header(const struct xa_input *in)
{
	const char *s = in->field[0];

	return in->fields > 1 && isalpha((unsigned char)*s) && !strpbrk(s, ":./") &&
	       s[strspn(s, "0123456789abcdefABCDEF")];
}

static void take_header(const struct xa_source *src, const struct xa_input *in,
			struct layout *l)
{
	static const char *const country[] = {
		"country_code", "country_iso_code", "iso_code", "country", "cc", NULL };
	static const char *const number[] = {
		"asn", "as_number", "autonomous_system_number", "as", NULL };
	static const char *const owner[] = {
		"as_name", "autonomous_system_organization", "organization", "name", NULL };

	l->label = find_column(in, src->db->kind == &xa_asn ? number : country);
	l->named = l->label >= 0;
	l->name = find_column(in, owner);
}

/* The column of the label, by a line. */
static int label_column(const struct xa_source *src, const struct xa_input *in,
			struct layout *l)
{
	bool asn = src->db->kind == &xa_asn;

	l->settled = true;
	if (l->format == XA_FORMAT_CIDR)
		return 1;
	l->twice = is_twice(in);
	if (l->twice)
		return 4;
	if (asn)
		return is_number(in->field[0]) && in->fields > 4 ? 3 : 2;
	l->continent = has_continent(in);
	l->settled = in->fields < 5 || strcmp(in->field[2], in->field[3]);
	return l->continent ? 3 : 2;
}

/* What a line is; the header has told where the label is, or has not. */
static bool detect(const struct xa_source *src, struct xa_input *in, struct layout *l,
		   struct xa_err *err)
{
	int label;

	if (l->format == XA_FORMAT_AUTO)
		l->format = strchr(in->field[0], '/') ? XA_FORMAT_CIDR :
			    is_number(in->field[0]) ? XA_FORMAT_TOR : XA_FORMAT_RANGES;
	label = label_column(src, in, l);
	if (!l->named)
		l->label = label;
	if (l->name < 0)
		l->name = l->label + 1;
	return l->label > (l->format != XA_FORMAT_CIDR) ||
	       xa_input_fail(in, err, "the header calls column %d the %s: an address is expected there",
			     l->label + 1, src->db->kind->what);
}

/* Whether a line is what those before it were. */
static bool is_alike(const struct xa_source *src, struct xa_input *in,
		     const struct layout *l, struct xa_err *err)
{
	if (l->twice && !is_twice(in))
		return xa_input_fail(in, err, "columns 3 and 4 are not the addresses as numbers, as they were before");
	if (l->named || l->format == XA_FORMAT_CIDR || src->db->kind == &xa_asn)
		return true;
	if (l->continent && !has_continent(in))
		return xa_input_fail(in, err, "columns 3 and 4 are not a continent and a country, as they were before");
	if (l->label == 2 && in->fields > 4 && is_continent(in->field[2]) &&
	    is_code(in->field[3]) && strcmp(in->field[2], in->field[3]))
		return xa_input_fail(in, err, "columns 3 and 4 are a continent and a country, as they were not before");
	return true;
}

/* A label as the world writes them, and names of nobody. */
static bool take_label(const struct xa_source *src, struct xa_input *in, const char *text,
		       uint32_t *label, bool *nobody, struct xa_err *err)
{
	const struct xa_kind *kind = src->db->kind;

	*nobody = !strcmp(text, "-") || !strcmp(text, kind == &xa_asn ? "0" : "??") ||
		  (kind == &xa_asn && !strcmp(text, "AS0"));
	if (*nobody || xa_label_parse(kind, text, label))
		return true;
	return xa_input_fail(in, err, "\"%s\" is not a valid %s: it must be %s", text,
			     kind->what, kind->label_rule);
}

/* Addresses that stand for IPv4 within IPv6, ::ffff:0:0/96. */
static void unmap(int *family, struct xa_range *r)
{
	if (*family != XA_IPV6 || r->first.hi || r->last.hi ||
	    r->first.lo >> 32 != 0xffff || r->last.lo >> 32 != 0xffff)
		return;
	*family = XA_IPV4;
	r->first.lo &= UINT32_MAX;
	r->last.lo &= UINT32_MAX;
}

/* Two decimal numbers are IPv6 if the second is beyond IPv4. */
static bool take_numbers(struct xa_input *in, int *family, struct xa_range *r,
			 struct xa_err *err)
{
	int i;

	for (i = 0; i < 2; i++)
		if (!parse_number(in->field[i], i ? &r->last : &r->first))
			return xa_input_fail(in, err, "\"%s\" is no address", in->field[i]);
	*family = r->last.hi || r->last.lo > UINT32_MAX ? XA_IPV6 : XA_IPV4;
	unmap(family, r);
	return true;
}

static bool take_range(struct xa_input *in, const struct layout *l, int *family,
		       struct xa_range *r, struct xa_err *err)
{
	int other, i;

	if (l->format == XA_FORMAT_CIDR) {
		if (!strchr(in->field[0], '/') || !xa_cidr_parse(in->field[0], family, r))
			return xa_input_fail(in, err, "\"%s\" is no network/prefix", in->field[0]);
		unmap(family, r);
		return true;
	}
	if (l->format == XA_FORMAT_TOR && is_number(in->field[0]))
		return take_numbers(in, family, r, err);
	for (i = 0; i < 2; i++)
		if (is_number(in->field[i]) ||
		    !xa_addr_parse(in->field[i], i ? &other : family, i ? &r->last : &r->first))
			return xa_input_fail(in, err, "\"%s\" is no address", in->field[i]);
	if (other != *family)
		return xa_input_fail(in, err, "one address is IPv4, the other IPv6");
	unmap(family, r);
	return true;
}

static bool take_line(struct xa_source *src, struct xa_order *o, struct xa_input *in,
		      const struct layout *l, struct xa_err *err)
{
	struct xa_range r;
	bool nobody;
	int family;

	if (in->fields <= l->label)
		return xa_input_fail(in, err, "%d columns are expected, there are %d (truncated?)",
				     l->label + 1, in->fields);
	if (!is_alike(src, in, l, err) || !take_range(in, l, &family, &r, err) ||
	    !take_label(src, in, in->field[l->label], &r.label, &nobody, err))
		return false;
	if (nobody)
		return true;
	if (src->db->kind == &xa_asn && in->fields > l->name &&
	    !xa_name_set(&src->names, r.label, in->field[l->name]))
		return xa_fail(err, "no memory");
	return xa_order_add(src, o, family, &r, in, err);
}

/* Ranges, from the line in hand on, which may be a header. */
static bool read_lines(struct xa_source *src, struct xa_input *in, enum xa_format format,
		       struct xa_err *err)
{
	struct layout told = { .format = format, .label = -1, .name = -1 }, l = told;
	struct xa_order order = { .any = { false, false } };
	bool good, settled = false;
	int more = 1;

	if (is_header(in)) {
		take_header(src, in, &told);
		more = xa_input_next(in, err);
		if (!more)
			return xa_input_fail(in, err, "there is nothing behind the header");
	}
	for (; more; more = xa_input_next(in, err)) {
		good = more > 0;
		if (good && !settled) {
			l = told;
			good = detect(src, in, &l, err);
		}
		good = good && take_line(src, &order, in, &l, err);
		settled = settled || (good && l.settled);
		if (!good && !xa_skip(src, in, err))
			return false;
	}
	return true;
}

static bool read_input(struct xa_source *src, struct xa_input *in, enum xa_format format,
		       struct xa_err *err)
{
	int more;

	while ((more = xa_input_next(in, err)) < 0)
		if (!xa_skip(src, in, err))
			return false;
	if (!more)
		return true;
	if (xa_maxmind_is_blocks(in))
		return xa_maxmind_blocks(src, in, err);
	if (xa_maxmind_is_places(in))
		return xa_maxmind_places(src, in, err);
	return read_lines(src, in, format, err);
}

bool xa_text_read(struct xa_source *src, const char *path, enum xa_format format,
		  struct xa_err *err)
{
	struct xa_input in;
	bool good;

	if (!xa_input_open(&in, path, NULL, err))
		return false;
	xa_source_date(src, in.f, in.packed);
	good = read_input(src, &in, format, err);
	if (good && in.no_end && !src->force)
		good = xa_input_fail(&in, err, "the last line has no newline; file truncated?");
	xa_input_close(&in);
	return good;
}
