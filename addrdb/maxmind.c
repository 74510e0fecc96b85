// SPDX-License-Identifier: GPL-2.0-only
/* maxmind - folders of GeoLite2 CSV files, countries and AS numbers */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "tools.h"

/* Which country has a number of MaxMind's? */
struct places {
	struct place {
		unsigned long id;
		uint32_t label;
	} *p;
	size_t n, room;
};

/* Place of a column in the header, -1: there is none */
static int column(const struct xa_input *in, const char *name)
{
	int i;

	for (i = 0; i < in->fields; i++)
		if (!strcmp(in->field[i], name))
			return i;
	return -1;
}

static const char *cell(const struct xa_input *in, int col)
{
	return col >= 0 && col < in->fields ? in->field[col] : "";
}

static bool open_csv(struct xa_input *in, char *path, size_t len, const char *dir,
		     const char *name, struct xa_err *err)
{
	int more;

	if ((size_t)snprintf(path, len, "%s/%s", dir, name) >= len)
		return xa_fail(err, "%s: name too long", dir);
	if (!xa_input_open(in, path, err))
		return false;
	more = xa_input_next(in, err);
	if (more > 0)
		return true;
	if (!more)
		xa_fail(err, "%s: the file is empty", path);
	xa_input_close(in);
	return false;
}

static int place_cmp(const void *a, const void *b)
{
	const struct place *x = a, *y = b;

	return x->id < y->id ? -1 : x->id > y->id;
}

static bool place_add(struct places *ps, unsigned long id, uint32_t label)
{
	if (ps->n == ps->room) {
		struct place *p = reallocarray(ps->p, ps->room * 2 + 256, sizeof(*p));

		if (!p)
			return false;
		ps->p = p;
		ps->room = ps->room * 2 + 256;
	}
	ps->p[ps->n++] = (struct place){ id, label };
	return true;
}

/* Continents have no country code, and are no countries. */
static bool read_places(struct xa_source *src, struct places *ps,
			struct xa_input *in, struct xa_err *err)
{
	int id = column(in, "geoname_id"), code = column(in, "country_iso_code");
	int name = column(in, "country_name"), more;
	uint32_t label;

	if (id < 0 || code < 0)
		return xa_input_fail(in, err, "no columns geoname_id and country_iso_code");
	while ((more = xa_input_next(in, err)) > 0) {
		if (!*cell(in, code))
			continue;
		if (!xa_label_parse(&xa_geoip, cell(in, code), &label))
			return xa_input_fail(in, err, "\"%s\" is no country", cell(in, code));
		if (!place_add(ps, strtoul(cell(in, id), NULL, 10), label) ||
		    !xa_name_set(&src->names, label, cell(in, name)))
			return xa_fail(err, "no memory");
	}
	if (ps->n)
		qsort(ps->p, ps->n, sizeof(*ps->p), place_cmp);
	return !more;
}

static bool place_find(const struct places *ps, const char *id, uint32_t *label)
{
	struct place key = { strtoul(id, NULL, 10), 0 }, *p;

	p = *id && ps->n ? bsearch(&key, ps->p, ps->n, sizeof(key), place_cmp) : NULL;
	if (p)
		*label = p->label;
	return p;
}

/* Columns of a file of blocks. */
struct columns {
	int network, place, registered, proxy, satellite, number, owner;
};

static bool find_columns(const struct xa_input *in, struct columns *c, bool asn,
			 struct xa_err *err)
{
	c->network = column(in, "network");
	c->place = column(in, "geoname_id");
	c->registered = column(in, "registered_country_geoname_id");
	c->proxy = column(in, "is_anonymous_proxy");
	c->satellite = column(in, "is_satellite_provider");
	c->number = column(in, "autonomous_system_number");
	c->owner = column(in, "autonomous_system_organization");
	if (c->network >= 0 && (asn ? c->number : c->place) >= 0)
		return true;
	return xa_input_fail(in, err, "no columns network and %s",
			     asn ? "autonomous_system_number" : "geoname_id");
}

static uint32_t country_of(const struct xa_input *in, const struct columns *c,
			   const struct places *ps)
{
	uint32_t label = 'O' << 8 | '1';

	if (!strcmp(cell(in, c->proxy), "1"))
		return 'A' << 8 | '1';
	if (!strcmp(cell(in, c->satellite), "1"))
		return 'A' << 8 | '2';
	if (!place_find(ps, cell(in, c->place), &label))
		place_find(ps, cell(in, c->registered), &label);
	return label;
}

static bool take_block(struct xa_source *src, struct xa_order *o,
		       struct xa_input *in, const struct columns *c,
		       const struct places *ps, struct xa_err *err)
{
	struct xa_range r;
	int family;

	if (c->network >= in->fields ||
	    !xa_cidr_parse(in->field[c->network], &family, &r))
		return xa_input_fail(in, err, "\"%s\" is no network/prefix",
				     cell(in, c->network));
	if (src->db->kind == &xa_geoip) {
		r.label = country_of(in, c, ps);
	} else {
		if (!xa_label_parse(&xa_asn, cell(in, c->number), &r.label))
			return xa_input_fail(in, err, "\"%s\" is no AS number",
					     cell(in, c->number));
		if (!xa_name_set(&src->names, r.label, cell(in, c->owner)))
			return xa_fail(err, "no memory");
	}
	return xa_order_add(src, o, family, &r, in, err);
}

static bool read_blocks(struct xa_source *src, const char *dir, const char *name,
			const struct places *ps, struct xa_err *err)
{
	struct xa_order order = { .any = { false, false } };
	struct xa_input in;
	struct columns c;
	char path[4096];
	int more;
	bool good;

	if (!open_csv(&in, path, sizeof(path), dir, name, err))
		return false;
	good = find_columns(&in, &c, src->db->kind == &xa_asn, err);
	while (good && (more = xa_input_next(&in, err)))
		good = more > 0 && take_block(src, &order, &in, &c, ps, err);
	if (good && in.no_end && !src->force)
		good = xa_input_fail(&in, err, "the last line has no end: truncated?");
	xa_input_close(&in);
	return good;
}

static bool read_locations(struct xa_source *src, const char *dir,
			   struct places *ps, struct xa_err *err)
{
	struct xa_input in;
	char path[4096];
	bool good;

	if (!open_csv(&in, path, sizeof(path), dir,
		      "GeoLite2-Country-Locations-en.csv", err))
		return false;
	good = read_places(src, ps, &in, err);
	xa_input_close(&in);
	return good;
}

bool xa_maxmind_read(struct xa_source *src, const char *dir, struct xa_err *err)
{
	struct places ps = { NULL, 0, 0 };
	bool good;

	if (src->db->kind == &xa_asn)
		return read_blocks(src, dir, "GeoLite2-ASN-Blocks-IPv4.csv", &ps, err) &&
		       read_blocks(src, dir, "GeoLite2-ASN-Blocks-IPv6.csv", &ps, err);
	good = read_locations(src, dir, &ps, err) &&
	       read_blocks(src, dir, "GeoLite2-Country-Blocks-IPv4.csv", &ps, err) &&
	       read_blocks(src, dir, "GeoLite2-Country-Blocks-IPv6.csv", &ps, err);
	free(ps.p);
	return good;
}
