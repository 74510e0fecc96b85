/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef _BLOB_H
#define _BLOB_H
/* What the parts of fuzz_blob share. */
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#define NAME_LEN	29	/* XT_EXTENSION_MAXNAMELEN */
#define MAX_INFO	4096
#define MAX_SEEDS	64
#define MAX_EXTENSIONS	64
#define MAX_RESERVED	8
#define HOOKS		5	/* of IPv4 and IPv6 */
#define HOOK_INGRESS	5	/* of xa_hook only */

/* Rule data that iptables itself made. */
struct seed {
	uint8_t bytes[MAX_INFO];
	size_t size;
};

/**
 * struct extension - one line of extensions.txt
 * @title:    name, revision and family, to tell it in
 * @family:   4 or 6
 * @hooks:    bits, as NF_INET_*
 * @state:    where its objects are listed, as in extensions.txt
 * @reserved: first and last byte of what must be zero
 */
struct extension {
	char name[NAME_LEN + 1], title[64], table[16], state[32];
	int is_target, revision, family;
	size_t size;
	unsigned int hooks, proto, n_reserved, n_seeds;
	struct {
		size_t first, last;
	} reserved[MAX_RESERVED];
	struct seed *seeds;
};

/* One rule to try. */
struct blob {
	const struct extension *ext;
	char name[NAME_LEN];	/* perhaps without a terminator */
	char table[16];
	int is_target, revision, family, in_chain;
	unsigned int hook, proto;
	size_t size;
	uint8_t bytes[MAX_INFO];
};

/**
 * struct tally - what happened, shared by all processes
 * @tried:      rules handed to the kernel
 * @accepted:   of them
 * @injected:   allocations that were made to fail
 * @packets:    sent
 * @namespaces: that have come and gone
 * @at_hook:    of each hook: rules of nft tried there by turns, and accepted
 * @at_xa_hook: likewise of xa_hook
 */
struct tally {
	uint64_t tried, accepted, injected, packets, namespaces;
	uint64_t at_hook[HOOKS][2], at_xa_hook[HOOK_INGRESS + 1][2];
};

/* blob_random.c */
void rnd_seed(uint64_t seed);
uint64_t rnd(void);
uint64_t below(uint64_t n);
int chance(unsigned int percent);
void die(const char *format, ...) __attribute__((noreturn, format(printf, 1, 2)));

/* Of the command line. */
struct options {
	double seconds;
	uint64_t count, seed;
	const char *only, *method;
	int fail, trace;
};

/**
 * struct report - what is wrong with an extension, shared by all processes
 * @byte:   of the reserved ones that was accepted, plus 1
 * @blob:   the rule
 * @method: how it was handed over
 * @size:   of data that was accepted though it is another than the extension's, plus 1
 * @left:   an object that did not go with the last rule
 */
struct report {
	size_t byte, size;
	struct blob blob;
	char method[8], left[128];
};

/*
 * blob_main.c: the extensions; what is counted of all and of each of them; whether the
 * kernel has xa_hook; whose round_of_hooks() or round_of_failures() it is
 */
extern struct extension extensions[MAX_EXTENSIONS];
extern unsigned int n_extensions;
extern struct options opt;
extern struct tally *tally, *tallies;
extern struct report *reports;
extern int has_hook;
extern const struct extension *chosen;

/* blob_rounds.c */
int is_chosen(const struct extension *e);
void round_of_rules(uint64_t seed);
void round_of_hooks(uint64_t seed);
void round_of_failures(uint64_t seed);

/* blob_list.c */
unsigned int extensions_read(struct extension *ext, const char *path);
void seeds_read(struct extension *ext, unsigned int n, const char *path);
size_t reserved_set(const struct blob *b);

/* blob_mutate.c */
void blob_seed(struct blob *b, const struct extension *ext, const struct seed *seed);
void blob_make(struct blob *b, const struct extension *ext);
void blob_print(FILE *f, const struct blob *b, const char *method);

/* blob_legacy.c */
int legacy_works(int family);
int legacy_replace(const struct blob *blobs, unsigned int n);
int legacy_empty(int family, const char *table);
void legacy_list(int family, const char *table);

/* blob_netlink.c */
struct nl {
	uint8_t *bytes;
	size_t len, size;
	uint32_t sequence, last;
	size_t message;
};

void nl_begin(struct nl *nl, int type, int flags, int family, int res_id);
void nl_end(struct nl *nl);
void nl_attr(struct nl *nl, int type, const void *bytes, size_t len);
void nl_string(struct nl *nl, int type, const char *text);
void nl_u32(struct nl *nl, int type, uint32_t value);
size_t nl_nest(struct nl *nl, int type);
void nl_nest_end(struct nl *nl, size_t nest);
const uint8_t *nl_find(const uint8_t *attrs, size_t len, int type, size_t *found);
int nl_open(void);
int nl_send(int fd, struct nl *nl);
int nl_receive(int fd, void (*see)(const uint8_t *attrs, size_t len, void *arg), void *arg);
int nl_dump(int fd, struct nl *nl, void (*see)(const uint8_t *attrs, size_t len, void *arg),
	    void *arg);

/* blob_hook.c */
int hook_open(void);
int hook_replace(const struct blob *blobs, unsigned int n);
void hook_disturb(const struct blob *blobs, unsigned int n);
int hook_lister(void);
void hook_list(int fd);

/* blob_nft.c */
int nft_family(const struct blob *b);
int nft_insert(int fd, const struct blob *b);
int nft_flush(int fd, const struct blob *b);
int nft_delete_table(int fd, const struct blob *b);
void nft_list(int fd, int family);
unsigned int nft_take_seeds(int fd, struct extension *e);

/* blob_state.c */
int state_left(int fd, const struct extension *e, char *what, size_t size);

/* blob_traffic.c */
void traffic_open(void);
void traffic_start(uint64_t seed);
void traffic_burst(void);
void traffic_local(void);

#endif /* _BLOB_H */
