// SPDX-License-Identifier: GPL-2.0-only
/*
 * mmdb - MaxMind DB files, countries and AS numbers
 *
 * The file is a tree with a bit a level. An IPv6 tree holds IPv4 below ::/96;
 * other ways into that subtree (6to4 and the like) are aliases and left out.
 * A hostile file may have loops, or a subtree that is in it again and again:
 * no node is below itself, and the nodes are not walked over many times.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "config.h"
#include "tools.h"

#ifdef HAVE_LIBMAXMINDDB
#include <maxminddb.h>

struct walk {
	struct xa_source *src;
	struct xa_order order;
	const MMDB_s *db;
	const char *path;
	uint8_t *seen;		/* bit of each node on the way from the root */
	uint64_t visits;	/* of nodes that may be made yet */
	int damage;		/* status of a record that cannot be read */
	size_t labels;		/* records that said what is wanted */
	struct xa_err *err;
};

/* What is at the end of a way into a record; false: nothing, or w->damage is set */
static bool get_data(struct walk *w, MMDB_entry_s *e, const char *one, const char *two,
		     MMDB_entry_data_s *d)
{
	const char *const way[] = { one, two, NULL };
	int status = MMDB_aget_value(e, d, way);

	if (status == MMDB_SUCCESS)
		return d->has_data;
	/* the second is that of a list where a map would be */
	if (status != MMDB_LOOKUP_PATH_DOES_NOT_MATCH_DATA_ERROR &&
	    status != MMDB_INVALID_LOOKUP_PATH_ERROR)
		w->damage = status;
	return false;
}

static bool get_text(struct walk *w, MMDB_entry_s *e, char *text, size_t len, const char *one,
		     const char *two)
{
	MMDB_entry_data_s d;

	if (!get_data(w, e, one, two, &d) || d.type != MMDB_DATA_TYPE_UTF8_STRING)
		return false;
	snprintf(text, len, "%.*s", (int)d.data_size, d.utf8_string);
	return true;
}

static bool has_key(struct walk *w, MMDB_entry_s *e, const char *key)
{
	MMDB_entry_data_s d;

	return get_data(w, e, key, NULL, &d) && d.type == MMDB_DATA_TYPE_MAP;
}

static bool get_flag(struct walk *w, MMDB_entry_s *e, const char *name)
{
	MMDB_entry_data_s d;

	return get_data(w, e, "traits", name, &d) && d.type == MMDB_DATA_TYPE_BOOLEAN &&
	       d.boolean;
}

/*
 * The country of a record, in the ways that databases say it: MaxMind's and
 * DB-IP's country.iso_code, others' country_code, or country with the code.
 * One of MaxMind's shape without a country is O1.
 */
static bool get_country(struct walk *w, MMDB_entry_s *e, uint32_t *label)
{
	static const char *const way[][2] = {
		{ "country", "iso_code" }, { "country_code", NULL }, { "country", NULL },
		{ "iso_code", NULL }, { "registered_country", "iso_code" },
	};
	char text[64];
	size_t i;

	if (get_flag(w, e, "is_anonymous_proxy"))
		return xa_label_parse(&xa_geoip, "A1", label);
	if (get_flag(w, e, "is_satellite_provider"))
		return xa_label_parse(&xa_geoip, "A2", label);
	for (i = 0; i < sizeof(way) / sizeof(*way); i++)
		if (get_text(w, e, text, sizeof(text), way[i][0], way[i][1]) &&
		    xa_label_parse(&xa_geoip, text, label)) {
			w->labels++;
			return true;
		}
	return (has_key(w, e, "country") || has_key(w, e, "registered_country") ||
		has_key(w, e, "continent")) && xa_label_parse(&xa_geoip, "O1", label);
}

static bool get_uint(struct walk *w, MMDB_entry_s *e, const char *key, uint32_t *n)
{
	MMDB_entry_data_s d;
	uint64_t value = 0;

	if (!get_data(w, e, key, NULL, &d))
		return false;
	if (d.type == MMDB_DATA_TYPE_UINT32)
		value = d.uint32;
	else if (d.type == MMDB_DATA_TYPE_UINT16)
		value = d.uint16;
	else if (d.type == MMDB_DATA_TYPE_UINT64)
		value = d.uint64;
	*n = value;
	return value && value <= UINT32_MAX;
}

static bool get_number(struct walk *w, MMDB_entry_s *e, uint32_t *label)
{
	static const char *const key[] = { "autonomous_system_number", "asn", "as_number" };
	static const char *const owner[] = { "autonomous_system_organization", "as_name",
					     "name", "organization" };
	char text[200];
	bool has = false;
	size_t i;

	for (i = 0; i < sizeof(key) / sizeof(*key) && !has; i++)
		has = get_uint(w, e, key[i], label) ||
		      (get_text(w, e, text, sizeof(text), key[i], NULL) &&
		       xa_label_parse(&xa_asn, text, label));
	if (!has)
		return false;
	w->labels++;
	for (i = 0; i < sizeof(owner) / sizeof(*owner); i++)
		if (get_text(w, e, text, sizeof(text), owner[i], NULL))
			return xa_name_set(&w->src->names, *label, text);
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
					    get_country(w, e, &r.label);
	if (w->damage)
		return xa_fail(w->err, "%s: a record is damaged: %s", w->path,
			       MMDB_strerror(w->damage));
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

static bool is_alias(const struct walk *w, uint32_t node, struct xa_addr a, unsigned int bits)
{
	return w->db->metadata.ip_version == 6 &&
	       node == w->db->ipv4_start_node.node_value && (a.hi || a.lo || bits != 96);
}

static bool visit(struct walk *w, uint32_t node, struct xa_addr a, unsigned int bits)
{
	uint8_t bit = 1 << (node & 7);
	MMDB_search_node_s n;
	bool good;

	if (node >= w->db->metadata.node_count ||
	    bits >= (w->db->metadata.ip_version == 4 ? 32 : 128))
		return xa_fail(w->err, "%s: the tree is malformed", w->path);
	if (is_alias(w, node, a, bits))
		return true;
	if (w->seen[node >> 3] & bit || !w->visits--)
		return xa_fail(w->err, "%s: the tree has a loop", w->path);
	if (MMDB_read_node(w->db, node, &n) != MMDB_SUCCESS)
		return xa_fail(w->err, "%s: node %u cannot be read", w->path, node);
	w->seen[node >> 3] |= bit;
	good = take_record(w, n.left_record_type, n.left_record,
			   &n.left_record_entry, a, bits + 1) &&
	       take_record(w, n.right_record_type, n.right_record,
			   &n.right_record_entry, with_bit(w, a, bits), bits + 1);
	w->seen[node >> 3] &= ~bit;
	return good;
}

/* What is packed goes to memory: the library reads files. */
static int unpack(struct xa_source *src, const char *path, const char *member,
		  struct xa_err *err)
{
	struct xa_unpack *u;
	FILE *f = xa_unpack_open(path, member, &u, err), *out;
	char buf[65536];
	size_t n;
	int fd;

	if (!f)
		return -1;
	xa_source_date(src, f, u);
	if (!u) {
		fd = dup(fileno(f));
		fclose(f);
		return fd;
	}
	fd = memfd_create("mmdb", MFD_CLOEXEC);
	out = fd < 0 ? NULL : fdopen(dup(fd), "w");
	while (out && (n = fread(buf, 1, sizeof(buf), f)) > 0)
		fwrite(buf, 1, n, out);
	if (ferror(f))
		xa_fail(err, "%s: %s", path, xa_unpack_why(u));
	else if (!out || fflush(out) || ferror(out))
		xa_fail(err, "%s: %s", path, strerror(errno));
	else
		n = 1;
	if (out)
		fclose(out);
	fclose(f);
	if (!n && fd >= 0) {
		close(fd);
		fd = -1;
	}
	return fd;
}

static bool walk(struct walk *w, MMDB_s *db)
{
	struct xa_addr zero = { 0, 0 };
	bool good;

	w->db = db;
	w->visits = 16ULL * db->metadata.node_count;
	w->seen = calloc(db->metadata.node_count / 8 + 1, 1);
	if (!w->seen)
		return xa_fail(w->err, "no memory for %u nodes", db->metadata.node_count);
	good = visit(w, 0, zero, 0);
	free(w->seen);
	if (good && !w->labels)
		good = xa_fail(w->err, "%s: there is no %s in it: it is a database of the type \"%s\"",
			       w->path, w->src->db->kind->what, db->metadata.database_type);
	return good;
}

bool xa_mmdb_read(struct xa_source *src, const char *path, const char *member,
		  struct xa_err *err)
{
	struct walk w = { .src = src, .path = path, .err = err };
	char file[64];
	MMDB_s db;
	int fd, e;
	bool good;

	fd = unpack(src, path, member, err);
	if (fd < 0)
		return false;
	snprintf(file, sizeof(file), "/proc/self/fd/%d", fd);
	e = MMDB_open(file, MMDB_MODE_MMAP, &db);
	close(fd);
	if (e != MMDB_SUCCESS)
		return xa_fail(err, "%s: %s", path, MMDB_strerror(e));
	good = walk(&w, &db);
	MMDB_close(&db);
	return good;
}

#else

bool xa_mmdb_read(struct xa_source *src, const char *path, const char *member,
		  struct xa_err *err)
{
	(void)src;
	(void)member;
	return xa_fail(err, "%s: this program was built without libmaxminddb", path);
}

#endif
