// SPDX-License-Identifier: GPL-2.0-only
/* text - DB-IP's and Tor's files, and plain ranges or networks with a label */
#include <ctype.h>
#include <string.h>

#include "tools.h"

static bool is_number(const char *s)
{
	return *s && s[strspn(s, "0123456789")] == '\0';
}

static enum xa_format detect(const struct xa_input *in)
{
	if (strchr(in->field[0], '/'))
		return XA_FORMAT_CIDR;
	return is_number(in->field[0]) ? XA_FORMAT_TOR : XA_FORMAT_RANGES;
}

/* A label as the world writes them: AS64500, and names of nobody. */
static bool take_label(const struct xa_source *src, const struct xa_input *in,
		       const char *text, uint32_t *label, bool *nobody,
		       struct xa_err *err)
{
	const struct xa_kind *kind = src->db->kind;

	if (kind == &xa_asn && !strncmp(text, "AS", 2))
		text += 2;
	*nobody = !strcmp(text, kind == &xa_asn ? "0" : "??");
	if (*nobody || xa_label_parse(kind, text, label))
		return true;
	return xa_input_fail(in, err, "\"%s\" is no %s: it must be %s", text,
			     kind->what, kind->label_rule);
}

static bool take_range(struct xa_input *in, enum xa_format format, int *family,
		       struct xa_range *r, struct xa_err *err)
{
	int other;

	if (format == XA_FORMAT_CIDR) {
		if (!strchr(in->field[0], '/') || !xa_cidr_parse(in->field[0], family, r))
			return xa_input_fail(in, err, "\"%s\" is no network/prefix", in->field[0]);
		return true;
	}
	if (!xa_addr_parse(in->field[0], family, &r->first) ||
	    (format != XA_FORMAT_TOR && is_number(in->field[0])))
		return xa_input_fail(in, err, "\"%s\" is no address", in->field[0]);
	if (!xa_addr_parse(in->field[1], &other, &r->last) ||
	    (format != XA_FORMAT_TOR && is_number(in->field[1])))
		return xa_input_fail(in, err, "\"%s\" is no address", in->field[1]);
	if (other != *family)
		return xa_input_fail(in, err, "one address is IPv4, the other IPv6");
	return true;
}

static bool take_line(struct xa_source *src, struct xa_order *o,
		      struct xa_input *in, enum xa_format format, struct xa_err *err)
{
	int label = format == XA_FORMAT_CIDR ? 1 : 2, family;
	struct xa_range r;
	bool nobody;

	if (in->fields <= label)
		return xa_input_fail(in, err, "%d columns are expected, there are %d (truncated?)",
				     label + 1, in->fields);
	if (!take_range(in, format, &family, &r, err) ||
	    !take_label(src, in, in->field[label], &r.label, &nobody, err))
		return false;
	if (nobody)
		return true;
	if (src->db->kind == &xa_asn && in->fields > label + 1 &&
	    !xa_name_set(&src->names, r.label, in->field[label + 1]))
		return xa_fail(err, "no memory");
	return xa_order_add(src, o, family, &r, in, err);
}

bool xa_text_read(struct xa_source *src, const char *path, enum xa_format format,
		  struct xa_err *err)
{
	struct xa_order order = { .any = { false, false } };
	struct xa_input in;
	int more;
	bool good = true;

	if (!xa_input_open(&in, path, err))
		return false;
	while (good && (more = xa_input_next(&in, err))) {
		if (more > 0 && format == XA_FORMAT_AUTO)
			format = detect(&in);
		good = more > 0 && take_line(src, &order, &in, format, err);
	}
	if (good && in.no_end && !src->force)
		good = xa_input_fail(&in, err, "the last line has no end: truncated?");
	xa_input_close(&in);
	return good;
}
