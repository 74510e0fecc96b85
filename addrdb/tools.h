/* SPDX-License-Identifier: GPL-2.0-only */
/* tools - what the tools of geoip and asn share */
#ifndef _ADDRDB_TOOLS_H
#define _ADDRDB_TOOLS_H

#include "addrdb.h"
#include "xa_replace.h"

enum xa_format {
	XA_FORMAT_AUTO,
	XA_FORMAT_DBIP,		/* first,last,LABEL[,...] with addresses */
	XA_FORMAT_TOR,		/* the same, IPv4 addresses as numbers, ?? is nobody */
	XA_FORMAT_RANGES,	/* first,last,LABEL */
	XA_FORMAT_CIDR,		/* network/prefix,LABEL */
	XA_FORMAT_MAXMIND,	/* folder of GeoLite2 CSV files */
	XA_FORMAT_MMDB,		/* MaxMind DB */
};

/* Names of labels, where the source has some: a hash table. */
struct xa_names {
	struct xa_name {
		uint32_t label;		/* 0: a free slot */
		char *name;
	} *entry;
	size_t n, slots;
};

/* Which country has a number of MaxMind's? 0: it is a continent's. */
struct xa_places {
	struct xa_place {
		unsigned long id;
		uint32_t label;
	} *p;
	size_t n, room;
};

/**
 * struct xa_source - where a build reads from and what it found
 * @db:     filled
 * @names:  filled
 * @places: of MaxMind's Locations file
 * @force:  accept what is not in order
 * @adding: labels of the administrator's own, which make no data younger
 * @lines:  entries that were read
 * @warned: things that only @force let pass
 * @skip_bad: how many lines may be bad
 * @skipped:  how many were
 */
struct xa_source {
	struct xa_db *db;
	struct xa_names names;
	struct xa_places places;
	bool force, adding;
	size_t lines, warned;
	size_t skip_bad, skipped;
};

/* unpack.c: files as they are, or compressed, or in an archive */
struct xa_unpack;

FILE *xa_unpack_open(const char *path, const char *member, struct xa_unpack **u,
		     struct xa_err *err);
const char *xa_unpack_why(const struct xa_unpack *u);
time_t xa_unpack_date(FILE *f, const struct xa_unpack *u);
bool xa_unpack_member(const char *path, const char *suffix, char *name, size_t len);
bool xa_unpack_check(FILE *f, long long max, const char *name, struct xa_err *err);

/* part.c */
#define XA_PART_NAME 1100

FILE *xa_part_create(int dfd, const char *file, char part[XA_PART_NAME], struct xa_err *err);

/* input.c: lines of text, cut at commas */
struct xa_input {
	const char *path;
	FILE *f;
	struct xa_unpack *packed;
	size_t line;
	char *buf;
	size_t room;
	char *field[32];
	int fields;
	bool no_end;		/* the last line had no newline */
	bool bad_line;		/* what failed is the line, and not reading */
};

bool xa_input_open(struct xa_input *in, const char *path, const char *member,
		   struct xa_err *err);
void xa_input_close(struct xa_input *in);
int xa_input_next(struct xa_input *in, struct xa_err *err);
bool xa_input_fail(struct xa_input *in, struct xa_err *err, const char *fmt, ...)
	__attribute__((format(printf, 3, 4)));
bool xa_skip(struct xa_source *src, const struct xa_input *in, const struct xa_err *err);
int xa_input_column(const struct xa_input *in, const char *name);

/* order.c: ranges of one input must ascend */
struct xa_order {
	struct xa_range last[2];
	bool any[2];
};

bool xa_order_add(struct xa_source *src, struct xa_order *o, int family,
		  const struct xa_range *r, struct xa_input *in,
		  struct xa_err *err);
bool xa_cidr_parse(char *text, int *family, struct xa_range *r);

/* text.c, maxmind.c, mmdb.c, source.c */
bool xa_text_read(struct xa_source *src, const char *path, enum xa_format format,
		  struct xa_err *err);
bool xa_maxmind_in(const struct xa_kind *kind, const char *where);
bool xa_maxmind_read(struct xa_source *src, const char *where, struct xa_err *err);
bool xa_maxmind_is_places(const struct xa_input *in);
bool xa_maxmind_is_blocks(const struct xa_input *in);
bool xa_maxmind_places(struct xa_source *src, struct xa_input *in, struct xa_err *err);
bool xa_maxmind_blocks(struct xa_source *src, struct xa_input *in, struct xa_err *err);
bool xa_mmdb_read(struct xa_source *src, const char *path, const char *member,
		  struct xa_err *err);
bool xa_format_parse(const char *word, enum xa_format *format);
bool xa_source_places(struct xa_source *src, const char *path, bool *taken,
		      struct xa_err *err);
bool xa_source_read(struct xa_source *src, const char *path, enum xa_format format,
		    struct xa_err *err);
void xa_source_date(struct xa_source *src, FILE *f, const struct xa_unpack *u);
void xa_source_free(struct xa_source *src);
bool xa_name_set(struct xa_names *names, uint32_t label, const char *name);
const char *xa_name_get(const struct xa_names *names, uint32_t label);

/* known.c */
bool xa_known_add(struct xa_db *db, struct xa_err *err);
bool xa_known_print(FILE *f, uint32_t mask);

/* gate.c */
bool xa_gate(const struct xa_db *db, const char *dir, struct xa_err *err);

/* zone.c */
struct xa_zone {
	const char *path;
	struct xa_replace new;
};

bool xa_zone_write(struct xa_zone *z, const struct xa_db *db,
		   const struct xa_names *names, const char *path, struct xa_err *err);
bool xa_zone_end(struct xa_zone *z, bool good, struct xa_err *err);

/* The tools: what main() of each does. */
int xa_build_main(const struct xa_kind *kind, bool maxmind, int argc, char **argv);
int xa_load_main(const struct xa_kind *kind, int argc, char **argv);
int xa_query_main(const struct xa_kind *kind, int argc, char **argv);

struct xa_download {
	const char *tool;
	const char *base;	/* default URL of the provider */
	const char *edition;	/* MaxMind's name, NULL: DB-IP */
	const char *dbip;	/* DB-IP's name */
};

int xa_dl_main(const struct xa_download *dl, int argc, char **argv);

#endif /* _ADDRDB_TOOLS_H */
