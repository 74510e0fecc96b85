/* SPDX-License-Identifier: GPL-2.0-only */
/* tools - what the tools of geoip and asn share */
#ifndef _ADDRDB_TOOLS_H
#define _ADDRDB_TOOLS_H

#include "addrdb.h"

enum xa_format {
	XA_FORMAT_AUTO,
	XA_FORMAT_DBIP,		/* first,last,LABEL[,...] with addresses */
	XA_FORMAT_TOR,		/* the same, IPv4 addresses as numbers, ?? is nobody */
	XA_FORMAT_RANGES,	/* first,last,LABEL */
	XA_FORMAT_CIDR,		/* network/prefix,LABEL */
	XA_FORMAT_MAXMIND,	/* folder of GeoLite2 CSV files */
	XA_FORMAT_MMDB,		/* MaxMind DB */
};

/* Names of labels, where the source has some. */
struct xa_names {
	struct {
		uint32_t label;
		char *name;
	} *entry;
	size_t n, room;
};

/**
 * struct xa_source - where a build reads from and what it found
 * @db:     filled
 * @names:  filled
 * @force:  accept what is not in order
 * @lines:  entries that were read
 * @warned: things that only @force let pass
 */
struct xa_source {
	struct xa_db *db;
	struct xa_names names;
	bool force;
	size_t lines, warned;
};

/* input.c: lines of text, cut at commas */
struct xa_input {
	const char *path;
	FILE *f;
	size_t line;
	char *buf;
	size_t room;
	char *field[32];
	int fields;
	bool no_end;		/* the last line had no newline */
};

bool xa_input_open(struct xa_input *in, const char *path, struct xa_err *err);
void xa_input_close(struct xa_input *in);
int xa_input_next(struct xa_input *in, struct xa_err *err);
bool xa_input_fail(const struct xa_input *in, struct xa_err *err,
		   const char *fmt, ...) __attribute__((format(printf, 3, 4)));

/* order.c: ranges of one input must ascend */
struct xa_order {
	struct xa_range last[2];
	bool any[2];
};

bool xa_order_add(struct xa_source *src, struct xa_order *o, int family,
		  const struct xa_range *r, const struct xa_input *in,
		  struct xa_err *err);
bool xa_cidr_parse(char *text, int *family, struct xa_range *r);

/* text.c, maxmind.c, mmdb.c, source.c */
bool xa_text_read(struct xa_source *src, const char *path, enum xa_format format,
		  struct xa_err *err);
bool xa_maxmind_read(struct xa_source *src, const char *dir, struct xa_err *err);
bool xa_mmdb_read(struct xa_source *src, const char *path, struct xa_err *err);
bool xa_format_parse(const char *word, enum xa_format *format);
bool xa_source_read(struct xa_source *src, const char *path, enum xa_format format,
		    struct xa_err *err);
void xa_source_free(struct xa_source *src);
bool xa_name_set(struct xa_names *names, uint32_t label, const char *name);
const char *xa_name_get(const struct xa_names *names, uint32_t label);

/* gate.c */
bool xa_gate(const struct xa_db *db, const char *dir, struct xa_err *err);

/* zone.c */
bool xa_zone_write(const struct xa_db *db, const struct xa_names *names,
		   const char *path, struct xa_err *err);

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
