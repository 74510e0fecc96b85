/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * addrdb - databases of addresses in user space
 *
 * Shared by the plugins and the tools of geoip and asn. A database is a list
 * of labelled ranges; on disk it is a folder with an image, which is read
 * (image.c), and a file LABEL.iv4 and a file LABEL.iv6 for each label, arrays
 * of {first, last} in network byte order, for other programs.
 *
 * Functions that can fail return false and leave a sentence in the struct
 * xa_err; nothing here prints or exits.
 */
#ifndef _ADDRDB_H
#define _ADDRDB_H

#include <dirent.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <time.h>

#define XA_ERR_LEN	512
#define XA_LABEL_LEN	12	/* bytes of a label as text, terminated */

struct xa_err {
	char text[XA_ERR_LEN];
};

bool xa_fail(struct xa_err *err, const char *fmt, ...)
	__attribute__((format(printf, 2, 3)));

/* Families, also an index. */
enum { XA_IPV4, XA_IPV6 };

/**
 * struct xa_addr - an address of either family, host byte order
 * @hi: upper half of an IPv6 address, 0 for IPv4
 * @lo: lower half, or the IPv4 address
 */
struct xa_addr {
	uint64_t hi;
	uint64_t lo;
};

struct xa_range {
	struct xa_addr first;
	struct xa_addr last;
	uint32_t label;
};

/**
 * struct xa_kind - what tells geoip from asn
 * @name:    of the match, and in names of tools
 * @id:      enum xa_addrdb_id
 * @dir:     where the database is, see xa_system_dir()
 * @old_dir: where it was before configure was told another place
 * @var_dir: where it is on a machine whose /usr cannot be written to
 * @what:    what a label is, for messages
 * @label_rule: what a label must look like, for messages
 */
struct xa_kind {
	const char *name;
	uint8_t id;
	const char *dir, *old_dir, *var_dir;
	const char *what;
	const char *label_rule;
};

extern const struct xa_kind xa_geoip, xa_asn;

const char *xa_system_dir(const struct xa_kind *kind);

/**
 * struct xa_db - a database
 * @kind:   of labels
 * @range:  of each family; sorted by label and address after xa_db_sort()
 * @n:      length of @range
 * @label:  ascending after xa_db_sort(), among them those without a range
 * @labels: length of @label
 * @date:   of the newest data, 0 if not known
 */
struct xa_db {
	const struct xa_kind *kind;
	struct xa_range *range[2];
	size_t n[2], room[2];
	uint32_t *label;
	size_t labels, label_room;
	time_t date;
};

/* addr.c */
int xa_addr_cmp(struct xa_addr a, struct xa_addr b);
struct xa_addr xa_addr_next(struct xa_addr a);
struct xa_addr xa_addr_prev(struct xa_addr a);
struct xa_addr xa_addr_max(int family);
struct xa_addr xa_addr_end(int family, struct xa_addr a, unsigned int prefix);
bool xa_addr_parse(const char *text, int *family, struct xa_addr *a);
const char *xa_addr_text(int family, struct xa_addr a, char *buf, size_t len);
void xa_addr_store(int family, struct xa_addr a, uint8_t *bytes);
struct xa_addr xa_addr_load(int family, const uint8_t *bytes);

/* label.c */
size_t xa_utf8(const char *s, uint32_t *code);
void xa_clean(char *text);
bool xa_label_parse(const struct xa_kind *kind, const char *text, uint32_t *label);
const char *xa_label_text(const struct xa_kind *kind, uint32_t label,
			  char buf[XA_LABEL_LEN]);

/* db.c */
void xa_db_init(struct xa_db *db, const struct xa_kind *kind);
void xa_db_free(struct xa_db *db);
bool xa_db_add_label(struct xa_db *db, uint32_t label, struct xa_err *err);
bool xa_db_add(struct xa_db *db, int family, const struct xa_range *r,
	       struct xa_err *err);
bool xa_db_sort(struct xa_db *db, struct xa_err *err);
size_t xa_db_label_ranges(const struct xa_db *db, int family, uint32_t label,
			  const struct xa_range **first);

/* What is in a folder. */
enum xa_found {
	XA_FOUND,
	XA_FOUND_NONE,		/* no database at all; see struct xa_err */
	XA_FOUND_BAD,		/* a damaged one, or an error; see struct xa_err */
};

/* disk.c: a file for each label and family */
const struct dirent *xa_dir_next(DIR *d, bool *bad);
enum xa_found xa_disk_read(struct xa_db *db, const char *dir, struct xa_err *err);
bool xa_disk_write(const struct xa_db *db, const struct xa_db *old, int dfd,
		   int from, size_t *written, struct xa_err *err);
bool xa_disk_move(const struct xa_db *db, int from, int to, struct xa_err *err);
void xa_disk_clear(const struct xa_kind *kind, int dfd);
void xa_disk_clear_doubles(const struct xa_kind *kind, int dfd);
bool xa_disk_any(const struct xa_kind *kind, int dfd);
bool xa_disk_parse_name(const struct xa_kind *kind, const char *name,
			uint32_t *label, int *family);
void xa_disk_name(const struct xa_kind *kind, uint32_t label, int family,
		  char *name, size_t len);
bool xa_disk_path(const struct xa_kind *kind, const char *dir, uint32_t label,
		  int family, char *path, size_t len);

/**
 * struct xa_bounds - an address space cut into classes
 * @at:    first address of each piece, ascending, the first is 0
 * @class: of each piece
 * @n:     length of both
 */
struct xa_bounds {
	struct xa_addr *at;
	uint32_t *class;
	size_t n, room;
};

/**
 * struct xa_classes - sets of labels
 * @member: for class 1, 2, ... the number of its labels, then their places
 *          among the labels of the database, ascending
 * @n:      length of @member
 * @count:  classes, without the empty class 0
 */
struct xa_classes {
	uint32_t *member;
	size_t n, room;
	uint32_t count;
	uint32_t *slot;		/* hash table: place in @member + 1 */
	uint32_t *number;	/* and the class there */
	size_t slots;
};

/* sweep.c */
bool xa_sweep(const struct xa_db *db, int family, struct xa_bounds *b,
	      struct xa_classes *c, struct xa_err *err);
void xa_bounds_free(struct xa_bounds *b);
void xa_classes_free(struct xa_classes *c);

/* ---- a database in one file: image.c */

/* Parts of an image; the records of each are those of an upload. */
enum xa_part {
	XA_PART_LABELS,		/* u32, ascending */
	XA_PART_RANGES,		/* two u32: IPv4 and IPv6 ranges of each label */
	XA_PART_MEMBERS,	/* u32: XA_ADDRDB_ATTR_MEMBERS */
	XA_PART_BOUNDS4,	/* struct xa_addrdb_bound4 */
	XA_PART_BOUNDS6,	/* struct xa_addrdb_bound6 */
	XA_PARTS,
};

/* Most bytes of records at a time; a netlink attribute has at most 65535. */
#define XA_IMAGE_CHUNK	(60 * 1000)

/**
 * struct xa_image_head - the first bytes of an image
 * @magic:   what the file is
 * @version: of this layout; in the byte order of the machine, as all is
 * @kind:    enum xa_addrdb_id
 * @date:    of the newest data, in seconds since 1970
 * @classes: without class 0
 * @n:       records of each part
 * @sum:     of all before it and of the parts
 */
struct xa_image_head {
	char magic[8];
	uint32_t version;
	uint32_t kind;
	uint64_t date;
	uint32_t classes;
	uint32_t n[XA_PARTS];
	uint64_t sum;
};

struct xa_image {
	struct xa_image_head head;
	void *part[XA_PARTS];
};

typedef bool xa_image_cb(void *data, enum xa_part part, const void *records,
			 size_t n, struct xa_err *err);

size_t xa_image_record(enum xa_part part);
bool xa_image_make(struct xa_image *img, const struct xa_db *db, struct xa_err *err);
void xa_image_free(struct xa_image *img);
bool xa_image_write(const struct xa_image *img, int fd, struct xa_err *err);
bool xa_image_read_head(int fd, const struct xa_kind *kind,
			struct xa_image_head *head, struct xa_err *err);
bool xa_image_pump(int fd, const struct xa_image_head *head, xa_image_cb *cb,
		   void *data, struct xa_err *err);
bool xa_image_read(struct xa_image *img, int fd, const struct xa_image_head *head,
		   struct xa_err *err);
bool xa_image_db(struct xa_db *db, const struct xa_image *img, struct xa_err *err);

/* ---- the kernel's side, client.c */

struct xa_client;

struct xa_status {
	char source[256];
	uint64_t date, generation, age;
	uint64_t memory4, memory6, memory;
	uint32_t labels, classes, ranges[2], sets;
};

/* Results of questions to the kernel. */
enum xa_reply {
	XA_REPLY_OK,
	XA_REPLY_NONE,		/* no database is loaded */
	XA_REPLY_ERROR,		/* see struct xa_err */
};

struct xa_client *xa_client_open(struct xa_err *err);
void xa_client_close(struct xa_client *c);
bool xa_client_load(struct xa_client *c, const struct xa_kind *kind,
		    const struct xa_image *img, const char *source,
		    struct xa_err *err);
bool xa_client_load_file(struct xa_client *c, const struct xa_kind *kind, int fd,
			 const struct xa_image_head *head, const char *source,
			 bool *damaged, struct xa_err *err);
bool xa_client_unload(struct xa_client *c, const struct xa_kind *kind,
		      struct xa_err *err);
enum xa_reply xa_client_status(struct xa_client *c, const struct xa_kind *kind,
			       struct xa_status *st, struct xa_err *err);
enum xa_reply xa_client_query(struct xa_client *c, const struct xa_kind *kind,
			      int family, struct xa_addr a, uint32_t *labels,
			      size_t room, size_t *n, struct xa_err *err);
enum xa_reply xa_client_check(struct xa_client *c, const struct xa_kind *kind,
			      const uint32_t *labels, size_t n,
			      uint32_t *missing, size_t room, size_t *n_missing,
			      struct xa_err *err);

/* ---- the database of a folder: store.c */

struct xa_store_sum {
	uint64_t ranges[2];
	uint32_t labels;
	bool none;		/* the folder has no database, or there is no folder */
};

enum xa_found xa_store_read(struct xa_db *db, const char *dir, struct xa_err *err);
bool xa_store_load(struct xa_client *c, const struct xa_kind *kind, const char *dir,
		   bool all, struct xa_store_sum *sum, struct xa_err *err);
int xa_store_lock(const char *dir, struct xa_err *err);
bool xa_store_write(struct xa_db *db, const char *dir, struct xa_err *err);

/* ---- for the plugins */

/* command.c: what the program is doing with the rule of a plugin */
enum xa_command {
	XA_COMMAND_MAKES,	/* it inserts the rule */
	XA_COMMAND_CHECKS,	/* it only looks whether the rule is right */
	XA_COMMAND_READS,	/* it compares, deletes or translates it */
};

enum xa_command xa_command_of(const char *words, size_t len);
enum xa_command xa_command(void);

/* ready.c */
void xa_ready(const struct xa_kind *kind, const uint32_t *labels, size_t n);

#endif /* _ADDRDB_H */
