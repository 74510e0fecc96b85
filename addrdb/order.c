// SPDX-License-Identifier: GPL-2.0-only
/* order - ranges as they come in: valid, ascending, one behind the other */
#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "tools.h"

static bool out_of_order(const struct xa_order *o, int family,
			 const struct xa_range *r, const char **what)
{
	const struct xa_range *last = &o->last[family];

	if (!o->any[family] || xa_addr_cmp(r->first, last->last) > 0)
		return false;
	*what = xa_addr_cmp(r->first, last->first) < 0 ?
		"the addresses are not in order" :
		"the range overlaps the one before";
	return true;
}

/* Take a range into the database. in may be NULL: no line to speak of. */
bool xa_order_add(struct xa_source *src, struct xa_order *o, int family,
		  const struct xa_range *r, struct xa_input *in,
		  struct xa_err *err)
{
	const char *what;

	if (xa_addr_cmp(r->first, r->last) > 0)
		return in ? xa_input_fail(in, err, "the last address is before the first") :
			    xa_fail(err, "a range whose last address is before the first");
	if (out_of_order(o, family, r, &what)) {
		if (!src->force)
			return in ? xa_input_fail(in, err, "%s (--force sorts and joins)", what) :
				    xa_fail(err, "%s", what);
		src->warned++;
	}
	o->last[family] = *r;
	o->any[family] = true;
	src->lines++;
	return xa_db_add(src->db, family, r, err);
}

/* "network/prefix" without bits behind the prefix; text is written to. */
bool xa_cidr_parse(char *text, int *family, struct xa_range *r)
{
	char *slash = strchr(text, '/'), *end;
	struct xa_addr mask;
	unsigned long prefix;

	if (!slash || !isdigit((unsigned char)slash[1]))
		return false;
	*slash = '\0';
	prefix = strtoul(slash + 1, &end, 10);
	if (*end || !xa_addr_parse(text, family, &r->first) ||
	    prefix > (*family == XA_IPV4 ? 32 : 128))
		return false;
	mask = xa_addr_end(*family, (struct xa_addr){ 0, 0 }, prefix);
	if (r->first.hi & mask.hi || r->first.lo & mask.lo)
		return false;
	r->last = xa_addr_end(*family, r->first, prefix);
	return true;
}
