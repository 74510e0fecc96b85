// SPDX-License-Identifier: GPL-2.0-only
/* source - which format is it? - and the names that come with labels */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "tools.h"

bool xa_format_parse(const char *word, enum xa_format *format)
{
	static const char *const words[] = {
		"auto", "dbip", "tor", "ranges", "cidr", "maxmind", "mmdb",
	};
	size_t i;

	for (i = 0; i < sizeof(words) / sizeof(*words); i++)
		if (!strcmp(word, words[i])) {
			*format = i;
			return true;
		}
	return false;
}

/* The mark before the metadata, in the last 128 KiB of the file. */
static bool is_mmdb(const char *path)
{
	static const char mark[] = "\xab\xcd\xefMaxMind.com";
	char *tail = malloc(128 * 1024);
	FILE *f = fopen(path, "re");
	bool found = false;
	struct stat st;
	size_t n;

	if (tail && f && !fstat(fileno(f), &st) && S_ISREG(st.st_mode)) {
		if (fseek(f, -128 * 1024, SEEK_END))
			rewind(f);
		n = fread(tail, 1, 128 * 1024, f);
		found = memmem(tail, n, mark, sizeof(mark) - 1);
	}
	if (f)
		fclose(f);
	free(tail);
	return found;
}

static bool ends_in(const char *name, const char *end)
{
	size_t n = strlen(name), m = strlen(end);

	return n >= m && !strcasecmp(name + n - m, end);
}

static bool is_packed_mmdb(const char *path)
{
	char name[1024];

	return ends_in(path, ".mmdb.gz") || ends_in(path, ".mmdb.xz") ||
	       (xa_unpack_member(path, NULL, name, sizeof(name)) && ends_in(name, ".mmdb"));
}

static bool is_dbip(const char *name, const char *begin)
{
	return !strncmp(name, begin, strlen(begin)) &&
	       (ends_in(name, ".csv") || ends_in(name, ".csv.gz") ||
		ends_in(name, ".mmdb") || ends_in(name, ".mmdb.gz"));
}

/* A file of DB-IP. */
struct dbip {
	char name[256];		/* empty: there is none */
	struct timespec date;
};

static bool is_younger(const struct dbip *a, const struct dbip *b)
{
	return a->date.tv_sec != b->date.tv_sec ? a->date.tv_sec > b->date.tv_sec :
						  a->date.tv_nsec > b->date.tv_nsec;
}

/* The month is in a name as it is downloaded; xt_geoip_dl leaves it out. */
static bool has_month(const struct dbip *file)
{
	return strpbrk(file->name, "0123456789");
}

static void take_dbip(struct dbip *dated, struct dbip *other, const struct dbip *file)
{
	if (!has_month(file)) {
		if (!*other->name || is_younger(file, other))
			*other = *file;
	} else if (strcmp(file->name, dated->name) > 0) {
		*dated = *file;
	}
}

/*
 * DB-IP's file in a folder: the one of the newest month by its name or, if that
 * was changed after it, one whose name has no month.
 */
static bool find_dbip(const struct xa_kind *kind, const char *dir, char *path, size_t len)
{
	const char *begin = kind == &xa_asn ? "dbip-asn-" : "dbip-country-";
	struct dbip dated = { .name = "" }, other = { .name = "" }, file;
	const struct dirent *e;
	DIR *d = opendir(dir);
	bool bad = false;
	struct stat st;

	while (d && (e = xa_dir_next(d, &bad)))
		if (is_dbip(e->d_name, begin) && !fstatat(dirfd(d), e->d_name, &st, 0)) {
			snprintf(file.name, sizeof(file.name), "%s", e->d_name);
			file.date = st.st_mtim;
			take_dbip(&dated, &other, &file);
		}
	if (d)
		closedir(d);
	if (!*dated.name || (*other.name && is_younger(&other, &dated)))
		dated = other;
	return !bad && *dated.name && (size_t)snprintf(path, len, "%s/%s", dir, dated.name) < len;
}

static bool read_folder(struct xa_source *src, const char *dir, enum xa_format format,
			struct xa_err *err)
{
	const struct xa_kind *kind = src->db->kind;
	char path[4096];

	if (format == XA_FORMAT_MAXMIND || xa_maxmind_in(kind, dir))
		return xa_maxmind_read(src, dir, err);
	if (find_dbip(kind, dir, path, sizeof(path)))
		return xa_source_read(src, path, format, err);
	return xa_fail(err, "there is neither GeoLite2-%s-Blocks-IPv4.csv nor dbip-%s-lite.csv in %s",
		       kind == &xa_asn ? "ASN" : "Country",
		       kind == &xa_asn ? "asn" : "country", dir);
}

/* Read a Locations file, if it is one: others need it, whatever the order. */
bool xa_source_places(struct xa_source *src, const char *path, bool *taken,
		      struct xa_err *err)
{
	struct xa_err ignored;
	struct xa_input in;
	struct stat st;
	char only[1024];
	bool good = true;

	*taken = false;
	if (src->db->kind != &xa_geoip || !strcmp(path, "-") || stat(path, &st) ||
	    !S_ISREG(st.st_mode) || is_mmdb(path) ||
	    (ends_in(path, ".zip") && !xa_unpack_member(path, NULL, only, sizeof(only))) ||
	    !xa_input_open(&in, path, NULL, &ignored))
		return true;
	if (xa_input_next(&in, &ignored) > 0 && xa_maxmind_is_places(&in)) {
		*taken = true;
		xa_source_date(src, in.f, in.packed);
		good = xa_maxmind_places(src, &in, err);
	}
	xa_input_close(&in);
	return good;
}

bool xa_source_read(struct xa_source *src, const char *path, enum xa_format format,
		    struct xa_err *err)
{
	struct stat st;

	if (strcmp(path, "-")) {
		if (stat(path, &st))
			return xa_fail(err, "Could not open %s: %s", path, strerror(errno));
		if (S_ISDIR(st.st_mode))
			return read_folder(src, path, format, err);
		if (format == XA_FORMAT_MAXMIND || format == XA_FORMAT_AUTO)
			if (xa_maxmind_in(src->db->kind, path))
				return xa_maxmind_read(src, path, err);
		if (format == XA_FORMAT_AUTO && (is_mmdb(path) || is_packed_mmdb(path)))
			format = XA_FORMAT_MMDB;
	}
	if (format == XA_FORMAT_MMDB)
		return xa_mmdb_read(src, path, NULL, err);
	return xa_text_read(src, path, format, err);
}

/* The database is as old as the newest file that it was made of, and never of tomorrow. */
void xa_source_date(struct xa_source *src, FILE *f, const struct xa_unpack *u)
{
	time_t date = xa_unpack_date(f, u), now = time(NULL);

	if (date > now)
		date = now;
	if (!src->adding && date > src->db->date)
		src->db->date = date;
}

void xa_source_free(struct xa_source *src)
{
	size_t i;

	for (i = 0; i < src->names.slots; i++)
		free(src->names.entry[i].name);
	free(src->names.entry);
	free(src->places.p);
	memset(&src->names, 0, sizeof(src->names));
	memset(&src->places, 0, sizeof(src->places));
}

/* The slot of a label, or the free one where it belongs. */
static struct xa_name *name_slot(const struct xa_names *names, uint32_t label)
{
	size_t i = label * 0x9e3779b1U & (names->slots - 1);

	while (names->entry[i].label && names->entry[i].label != label)
		i = (i + 1) & (names->slots - 1);
	return &names->entry[i];
}

const char *xa_name_get(const struct xa_names *names, uint32_t label)
{
	return names->slots ? name_slot(names, label)->name : NULL;
}

static bool names_grow(struct xa_names *names)
{
	struct xa_names more = { .slots = names->slots ? names->slots * 2 : 1024, .n = names->n };
	size_t i;

	more.entry = calloc(more.slots, sizeof(*more.entry));
	if (!more.entry)
		return false;
	for (i = 0; i < names->slots; i++)
		if (names->entry[i].label)
			*name_slot(&more, names->entry[i].label) = names->entry[i];
	free(names->entry);
	*names = more;
	return true;
}

/* The first name of a label stays; it is made fit to be shown. */
bool xa_name_set(struct xa_names *names, uint32_t label, const char *name)
{
	struct xa_name *slot;

	if (!*name)
		return true;
	if (names->n * 2 >= names->slots && !names_grow(names))
		return false;
	slot = name_slot(names, label);
	if (slot->label)
		return true;
	slot->name = strdup(name);
	if (!slot->name)
		return false;
	xa_clean(slot->name);
	slot->label = label;
	names->n++;
	return true;
}
