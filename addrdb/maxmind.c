// SPDX-License-Identifier: GPL-2.0-only
/* maxmind - GeoLite2 CSV files, countries and AS numbers: one by one, or a folder of them */
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "tools.h"

static const char *cell(const struct xa_input *in, int col)
{
	return col >= 0 && col < in->fields ? in->field[col] : "";
}

/* A line cut short would be one without a country. */
static bool check_fields(struct xa_input *in, int wanted, struct xa_err *err)
{
	return in->fields == wanted ||
	       xa_input_fail(in, err, "%d columns, and the header has %d", in->fields, wanted);
}

static int place_cmp(const void *a, const void *b)
{
	const struct xa_place *x = a, *y = b;

	return x->id < y->id ? -1 : x->id > y->id;
}

static bool place_add(struct xa_places *ps, unsigned long id, uint32_t label)
{
	if (ps->n == ps->room) {
		struct xa_place *p = reallocarray(ps->p, ps->room * 2 + 256, sizeof(*p));

		if (!p)
			return false;
		ps->p = p;
		ps->room = ps->room * 2 + 256;
	}
	ps->p[ps->n++] = (struct xa_place){ id, label };
	return true;
}

static bool take_place(struct xa_source *src, struct xa_input *in, const int col[3],
		       struct xa_err *err)
{
	const char *code = cell(in, col[1]);
	uint32_t label = 0;

	if (*code && !xa_label_parse(&xa_geoip, code, &label))
		return xa_input_fail(in, err, "\"%s\" is not a valid country", code);
	if (!place_add(&src->places, strtoul(cell(in, col[0]), NULL, 10), label) ||
	    (label && !xa_name_set(&src->names, label, cell(in, col[2]))))
		return xa_fail(err, "no memory");
	return true;
}

/* A Locations file, from behind its header on. Continents have no code. */
bool xa_maxmind_places(struct xa_source *src, struct xa_input *in, struct xa_err *err)
{
	const int col[] = { xa_input_column(in, "geoname_id"),
			    xa_input_column(in, "country_iso_code"),
			    xa_input_column(in, "country_name") };
	struct xa_places *ps = &src->places;
	int more, fields = in->fields;

	while ((more = xa_input_next(in, err)))
		if ((more < 0 || !check_fields(in, fields, err) ||
		     !take_place(src, in, col, err)) && !xa_skip(src, in, err))
			return false;
	if (ps->n)
		qsort(ps->p, ps->n, sizeof(*ps->p), place_cmp);
	return true;
}

static const struct xa_place *place_find(const struct xa_places *ps, const char *id)
{
	struct xa_place key = { strtoul(id, NULL, 10), 0 };

	return ps->n ? bsearch(&key, ps->p, ps->n, sizeof(key), place_cmp) : NULL;
}

/* Columns of a file of blocks. */
struct columns {
	int network, place, registered, proxy, satellite, number, owner;
};

static void find_columns(const struct xa_input *in, struct columns *c)
{
	c->network = xa_input_column(in, "network");
	c->place = xa_input_column(in, "geoname_id");
	c->registered = xa_input_column(in, "registered_country_geoname_id");
	c->proxy = xa_input_column(in, "is_anonymous_proxy");
	c->satellite = xa_input_column(in, "is_satellite_provider");
	c->number = xa_input_column(in, "autonomous_system_number");
	c->owner = xa_input_column(in, "autonomous_system_organization");
}

/* The country of one of the columns; 0: none is said, or a continent */
static bool place_label(struct xa_input *in, const struct xa_places *ps, int col,
			uint32_t *label, struct xa_err *err)
{
	const char *id = cell(in, col);
	const struct xa_place *p;

	*label = 0;
	if (!*id)
		return true;
	p = place_find(ps, id);
	if (!p)
		return xa_input_fail(in, err, "the Locations file has no geoname_id %s", id);
	*label = p->label;
	return true;
}

static bool country_of(struct xa_input *in, const struct columns *c,
		       const struct xa_places *ps, uint32_t *label, struct xa_err *err)
{
	if (!strcmp(cell(in, c->proxy), "1"))
		*label = 'A' << 8 | '1';
	else if (!strcmp(cell(in, c->satellite), "1"))
		*label = 'A' << 8 | '2';
	else if (!place_label(in, ps, c->place, label, err) ||
		 (!*label && !place_label(in, ps, c->registered, label, err)))
		return false;
	if (!*label)
		*label = 'O' << 8 | '1';
	return true;
}

static bool number_of(struct xa_source *src, struct xa_input *in, const struct columns *c,
		      uint32_t *label, struct xa_err *err)
{
	if (!xa_label_parse(&xa_asn, cell(in, c->number), label))
		return xa_input_fail(in, err, "\"%s\" is not a valid AS number",
				     cell(in, c->number));
	return xa_name_set(&src->names, *label, cell(in, c->owner)) ||
	       xa_fail(err, "no memory");
}

static bool take_block(struct xa_source *src, struct xa_order *o, struct xa_input *in,
		       const struct columns *c, struct xa_err *err)
{
	struct xa_range r;
	int family;

	if (c->network >= in->fields ||
	    !xa_cidr_parse(in->field[c->network], &family, &r))
		return xa_input_fail(in, err, "\"%s\" is no network/prefix",
				     cell(in, c->network));
	if (src->db->kind == &xa_geoip ? !country_of(in, c, &src->places, &r.label, err) :
					 !number_of(src, in, c, &r.label, err))
		return false;
	return xa_order_add(src, o, family, &r, in, err);
}

bool xa_maxmind_is_places(const struct xa_input *in)
{
	return xa_input_column(in, "network") < 0 && xa_input_column(in, "geoname_id") >= 0 &&
	       xa_input_column(in, "country_iso_code") >= 0;
}

bool xa_maxmind_is_blocks(const struct xa_input *in)
{
	return xa_input_column(in, "network") >= 0 &&
	       (xa_input_column(in, "geoname_id") >= 0 ||
		xa_input_column(in, "autonomous_system_number") >= 0);
}

/* A file of blocks, from behind its header on. */
bool xa_maxmind_blocks(struct xa_source *src, struct xa_input *in, struct xa_err *err)
{
	struct xa_order order = { .any = { false, false } };
	struct columns c;
	int more, fields = in->fields;

	find_columns(in, &c);
	if (src->db->kind == &xa_asn && c.number < 0)
		return xa_input_fail(in, err, "this file has countries, not AS numbers");
	if (src->db->kind == &xa_geoip && c.place < 0)
		return xa_input_fail(in, err, "this file has AS numbers, not countries");
	if (src->db->kind == &xa_geoip && !src->places.n)
		return xa_input_fail(in, err, "GeoLite2-Country-Locations-en.csv is needed too");
	while ((more = xa_input_next(in, err)))
		if ((more < 0 || !check_fields(in, fields, err) ||
		     !take_block(src, &order, in, &c, err)) &&
		    !xa_skip(src, in, err))
			return false;
	return true;
}

/* ---- all files of a folder, or of the archive that MaxMind packs */

/* The file of a folder whose name has this end. */
static bool find_file(const char *dir, const char *suffix, char *name, size_t len)
{
	size_t n = strlen(suffix), m;
	const struct dirent *e;
	DIR *d = opendir(dir);
	bool bad = false;

	*name = '\0';
	while (d && (e = xa_dir_next(d, &bad))) {
		m = strlen(e->d_name);
		if (m > n && !strcasecmp(e->d_name + m - n, suffix) &&
		    (!*name || strcmp(e->d_name, name) > 0))
			snprintf(name, len, "%s", e->d_name);
	}
	if (d)
		closedir(d);
	return *name && !bad;
}

static bool open_csv(struct xa_input *in, char path[4096], const char *where,
		     const char *suffix, struct xa_err *err)
{
	char name[300];
	struct stat st;
	bool folder = !stat(where, &st) && S_ISDIR(st.st_mode);
	int more;

	snprintf(path, 4096, "%s", where);
	if (folder && !find_file(where, suffix, name, sizeof(name)))
		return xa_fail(err, "there is no file GeoLite2%s in %s", suffix, where);
	if (folder && snprintf(path, 4096, "%s/%s", where, name) >= 4096)
		return xa_fail(err, "%s: name too long", where);
	if (!xa_input_open(in, path, folder ? NULL : suffix, err))
		return false;
	more = xa_input_next(in, err);
	if (more > 0)
		return true;
	if (!more)
		xa_fail(err, "%s: the file is empty", path);
	xa_input_close(in);
	return false;
}

static bool read_part(struct xa_source *src, const char *where, const char *suffix,
		      struct xa_err *err)
{
	struct xa_input in;
	char path[4096];
	bool good;

	if (!open_csv(&in, path, where, suffix, err))
		return false;
	xa_source_date(src, in.f, in.packed);
	if (xa_maxmind_is_places(&in))
		good = xa_maxmind_places(src, &in, err);
	else if (xa_maxmind_is_blocks(&in))
		good = xa_maxmind_blocks(src, &in, err);
	else
		good = xa_input_fail(&in, err, "no columns network and %s",
				     src->db->kind == &xa_asn ?
				     "autonomous_system_number" : "geoname_id");
	if (good && in.no_end && !src->force)
		good = xa_input_fail(&in, err, "the last line has no newline; file truncated?");
	xa_input_close(&in);
	return good;
}

bool xa_maxmind_in(const struct xa_kind *kind, const char *where)
{
	static const char *const suffix[] = {
		"-Country-Blocks-IPv4.csv", "-City-Blocks-IPv4.csv", "-ASN-Blocks-IPv4.csv",
	};
	int first = kind == &xa_asn ? 2 : 0, last = kind == &xa_asn ? 2 : 1;
	char name[1024];

	for (; first <= last; first++)
		if (find_file(where, suffix[first], name, sizeof(name)) ||
		    xa_unpack_member(where, suffix[first], name, sizeof(name)))
			return true;
	return false;
}

bool xa_maxmind_read(struct xa_source *src, const char *where, struct xa_err *err)
{
	char name[1024];
	bool city;

	if (src->db->kind == &xa_asn)
		return read_part(src, where, "-ASN-Blocks-IPv4.csv", err) &&
		       read_part(src, where, "-ASN-Blocks-IPv6.csv", err);
	city = !find_file(where, "-Country-Blocks-IPv4.csv", name, sizeof(name)) &&
	       (find_file(where, "-City-Blocks-IPv4.csv", name, sizeof(name)) ||
		xa_unpack_member(where, "-City-Blocks-IPv4.csv", name, sizeof(name)));
	if (city)
		return read_part(src, where, "-City-Locations-en.csv", err) &&
		       read_part(src, where, "-City-Blocks-IPv4.csv", err) &&
		       read_part(src, where, "-City-Blocks-IPv6.csv", err);
	return read_part(src, where, "-Country-Locations-en.csv", err) &&
	       read_part(src, where, "-Country-Blocks-IPv4.csv", err) &&
	       read_part(src, where, "-Country-Blocks-IPv6.csv", err);
}
