// SPDX-License-Identifier: GPL-2.0-only
/*
 * mmdb - MaxMind DB files, countries and AS numbers
 *
 * The file is a tree with a bit a level. An IPv6 tree holds IPv4 below ::/96;
 * other ways into that subtree (6to4 and the like) are aliases and left out.
 * A hostile file may have loops: each node is visited once at most, but for
 * the root.
 */
#include <stdlib.h>
#include <string.h>

#include "config.h"
#include "tools.h"

#ifdef HAVE_LIBMAXMINDDB
#include <maxminddb.h>

struct walk {
	struct xa_source *src;
	struct xa_order order;
	const MMDB_s *db;
	const char *path;
	uint8_t *seen;		/* bit of each node */
	struct xa_err *err;
};

static bool get_text(MMDB_entry_s *e, const char *map, char text[8])
{
	MMDB_entry_data_s d;

	if (MMDB_get_value(e, &d, map, "iso_code", NULL) != MMDB_SUCCESS ||
	    !d.has_data || d.type != MMDB_DATA_TYPE_UTF8_STRING || d.data_size != 2)
		return false;
	memcpy(text, d.utf8_string, 2);
	text[2] = '\0';
	return true;
}

static bool get_flag(MMDB_entry_s *e, const char *name)
{
	MMDB_entry_data_s d;

	return MMDB_get_value(e, &d, "traits", name, NULL) == MMDB_SUCCESS &&
	       d.has_data && d.type == MMDB_DATA_TYPE_BOOLEAN && d.boolean;
}

static bool get_country(MMDB_entry_s *e, uint32_t *label)
{
	char text[8] = "O1";

	if (get_flag(e, "is_anonymous_proxy"))
		strcpy(text, "A1");
	else if (get_flag(e, "is_satellite_provider"))
		strcpy(text, "A2");
	else if (!get_text(e, "country", text))
		get_text(e, "registered_country", text);
	return xa_label_parse(&xa_geoip, text, label);
}

static bool get_number(struct walk *w, MMDB_entry_s *e, uint32_t *label)
{
	MMDB_entry_data_s d;
	char name[200];

	if (MMDB_get_value(e, &d, "autonomous_system_number", NULL) != MMDB_SUCCESS ||
	    !d.has_data || d.type != MMDB_DATA_TYPE_UINT32 || !d.uint32)
		return false;
	*label = d.uint32;
	if (MMDB_get_value(e, &d, "autonomous_system_organization", NULL) == MMDB_SUCCESS &&
	    d.has_data && d.type == MMDB_DATA_TYPE_UTF8_STRING) {
		snprintf(name, sizeof(name), "%.*s", (int)d.data_size, d.utf8_string);
		xa_name_set(&w->src->names, *label, name);
	}
	return true;
}

/* A record with data below the prefix of so many bits. */
static bool take_data(struct walk *w, MMDB_entry_s *e, struct xa_addr a,
		      unsigned int bits)
{
	int family = XA_IPV6;
	struct xa_range r;
	bool has;

	has = w->src->db->kind == &xa_asn ? get_number(w, e, &r.label) :
					    get_country(e, &r.label);
	if (!has)
		return true;	/* nothing that is a label here */
	if (w->db->metadata.ip_version == 4 || (bits >= 96 && !a.hi && !(a.lo >> 32))) {
		family = XA_IPV4;
		bits -= w->db->metadata.ip_version == 4 ? 0 : 96;
	}
	r.first = a;
	r.last = xa_addr_end(family, a, bits);
	if (xa_order_add(w->src, &w->order, family, &r, NULL, w->err))
		return true;
	return false;
}

static bool visit(struct walk *w, uint32_t node, struct xa_addr a, unsigned int bits);

static bool take_record(struct walk *w, uint8_t type, uint64_t record,
			MMDB_entry_s *e, struct xa_addr a, unsigned int bits)
{
	switch (type) {
	case MMDB_RECORD_TYPE_SEARCH_NODE:
		return visit(w, record, a, bits);
	case MMDB_RECORD_TYPE_DATA:
		return take_data(w, e, a, bits);
	case MMDB_RECORD_TYPE_EMPTY:
		return true;
	}
	return xa_fail(w->err, "%s: a record points nowhere", w->path);
}

/* The address with the bit of that level set. */
static struct xa_addr with_bit(const struct walk *w, struct xa_addr a, unsigned int bit)
{
	if (w->db->metadata.ip_version == 4)
		a.lo |= 1ULL << (31 - bit);
	else if (bit < 64)
		a.hi |= 1ULL << (63 - bit);
	else
		a.lo |= 1ULL << (127 - bit);
	return a;
}

static bool first_visit(struct walk *w, uint32_t node, bool *alias,
			struct xa_addr a, unsigned int bits)
{
	uint8_t bit = 1 << (node & 7);

	*alias = w->db->metadata.ip_version == 6 &&
		 node == w->db->ipv4_start_node.node_value &&
		 (a.hi || a.lo || bits != 96);
	if (*alias)
		return true;
	if (w->seen[node >> 3] & bit)
		return xa_fail(w->err, "%s: the tree has a loop", w->path);
	w->seen[node >> 3] |= bit;
	return true;
}

static bool visit(struct walk *w, uint32_t node, struct xa_addr a, unsigned int bits)
{
	MMDB_search_node_s n;
	bool alias;

	if (node >= w->db->metadata.node_count ||
	    bits >= (w->db->metadata.ip_version == 4 ? 32 : 128))
		return xa_fail(w->err, "%s: the tree is malformed", w->path);
	if (!first_visit(w, node, &alias, a, bits))
		return false;
	if (alias)
		return true;
	if (MMDB_read_node(w->db, node, &n) != MMDB_SUCCESS)
		return xa_fail(w->err, "%s: node %u cannot be read", w->path, node);
	return take_record(w, n.left_record_type, n.left_record,
			   &n.left_record_entry, a, bits + 1) &&
	       take_record(w, n.right_record_type, n.right_record,
			   &n.right_record_entry, with_bit(w, a, bits), bits + 1);
}

bool xa_mmdb_read(struct xa_source *src, const char *path, struct xa_err *err)
{
	struct walk w = { .src = src, .path = path, .err = err };
	struct xa_addr zero = { 0, 0 };
	MMDB_s db;
	bool good;
	int e;

	e = MMDB_open(path, MMDB_MODE_MMAP, &db);
	if (e != MMDB_SUCCESS)
		return xa_fail(err, "%s: %s", path, MMDB_strerror(e));
	w.db = &db;
	w.seen = calloc(db.metadata.node_count / 8 + 1, 1);
	if (!w.seen)
		good = xa_fail(err, "no memory for %u nodes", db.metadata.node_count);
	else
		good = visit(&w, 0, zero, 0);
	free(w.seen);
	MMDB_close(&db);
	return good;
}

#else

bool xa_mmdb_read(struct xa_source *src, const char *path, struct xa_err *err)
{
	(void)src;
	return xa_fail(err, "%s: this program was built without libmaxminddb", path);
}

#endif
