/* SPDX-License-Identifier: GPL-2.0-only WITH Linux-syscall-note */
/*
 * The generic netlink family of the address databases (geoip, asn).
 *
 * A database says which labels an address has: country codes, or AS numbers.
 * A class is a set of labels; class 0 is the empty one. The address space is
 * cut by boundaries: "from here on, class C". All integers are in host byte
 * order, but for addresses, which are in network byte order.
 *
 * An upload is BEGIN (which says how much will come), any number of DATA and
 * COMMIT, all from one socket. Until COMMIT succeeds nothing changes; ABORT,
 * a new BEGIN, a long pause or closing the socket forgets it.
 */
#ifndef _XA_ADDRDB_NL_H
#define _XA_ADDRDB_NL_H

#include <linux/types.h>

#define XA_ADDRDB_GENL_NAME	"xa_addrdb"
#define XA_ADDRDB_GENL_VERSION	1

/* Bytes of a source's name with its terminator. */
#define XA_ADDRDB_SOURCE_LEN	256

enum xa_addrdb_id {
	XA_ADDRDB_COUNTRY,	/* labels: two letters or digits, first << 8 | second */
	XA_ADDRDB_ASN,		/* labels: AS numbers, 1 and up */
	XA_ADDRDB_IDS,
};

/*
 * BEGIN to ABORT and UNLOAD: CAP_NET_ADMIN in the initial user namespace and
 * a socket of the initial network namespace; the others: CAP_NET_ADMIN in the
 * user namespace of the socket's network namespace.
 * Each carries ATTR_DB.
 */
enum xa_addrdb_cmd {
	XA_ADDRDB_CMD_UNSPEC,
	XA_ADDRDB_CMD_BEGIN,	/* SOURCE, DATE, N_* */
	XA_ADDRDB_CMD_DATA,	/* any of LABELS, MEMBERS, BOUNDS4, BOUNDS6 */
	XA_ADDRDB_CMD_COMMIT,
	XA_ADDRDB_CMD_ABORT,
	XA_ADDRDB_CMD_UNLOAD,	/* EBUSY while rules need the database */
	/* answer: all that is marked S; none loaded: SETS alone, that wait for one, or ENODATA */
	XA_ADDRDB_CMD_STATUS,
	XA_ADDRDB_CMD_QUERY,	/* ADDR; answer: LABELS */
	XA_ADDRDB_CMD_CHECK,	/* LABELS; answer: those that no address has */
};

enum xa_addrdb_attr {
	XA_ADDRDB_ATTR_UNSPEC,
	XA_ADDRDB_ATTR_PAD,
	XA_ADDRDB_ATTR_DB,		/* u8, enum xa_addrdb_id */
	XA_ADDRDB_ATTR_SOURCE,		/* S string: where the data came from; initial netns only */
	XA_ADDRDB_ATTR_DATE,		/* S u64: seconds since 1970 of the data */
	XA_ADDRDB_ATTR_N_LABELS,	/* S u32 */
	XA_ADDRDB_ATTR_N_CLASSES,	/* S u32, class 0 not counted */
	XA_ADDRDB_ATTR_N_MEMBERS,	/* u32: words of all MEMBERS */
	XA_ADDRDB_ATTR_N_BOUNDS4,	/* u32 */
	XA_ADDRDB_ATTR_N_BOUNDS6,	/* u32 */
	XA_ADDRDB_ATTR_LABELS,		/* u32[], ascending in an upload */
	/* u32[]: of class 1, 2, ...: number of its labels, their places in LABELS, ascending */
	XA_ADDRDB_ATTR_MEMBERS,
	XA_ADDRDB_ATTR_BOUNDS4,		/* struct xa_addrdb_bound4[], ascending, first 0 */
	XA_ADDRDB_ATTR_BOUNDS6,		/* struct xa_addrdb_bound6[], ascending, first 0 */
	XA_ADDRDB_ATTR_ADDR,		/* 4 or 16 bytes */
	XA_ADDRDB_ATTR_GENERATION,	/* S u64: counts commits */
	XA_ADDRDB_ATTR_AGE,		/* S u64: seconds since the commit */
	XA_ADDRDB_ATTR_RANGES4,		/* S u32: ranges that have a label */
	XA_ADDRDB_ATTR_RANGES6,		/* S u32 */
	XA_ADDRDB_ATTR_MEMORY4,		/* S u64: bytes of the IPv4 table */
	XA_ADDRDB_ATTR_MEMORY6,		/* S u64 */
	XA_ADDRDB_ATTR_MEMORY,		/* S u64: bytes of all else */
	/* S u32: sets of labels in rules; elsewhere one's own; none loaded: GEOMARK rules too */
	XA_ADDRDB_ATTR_SETS,
	XA_ADDRDB_ATTR_SETS_SLOW,	/* S u32: sets not compiled; initial netns only */
	__XA_ADDRDB_ATTR_MAX,
};

#define XA_ADDRDB_ATTR_MAX	(__XA_ADDRDB_ATTR_MAX - 1)

/**
 * struct xa_addrdb_bound4 - where an IPv4 class begins
 * @addr:  first address
 * @class: 0 or the number of a class
 */
struct xa_addrdb_bound4 {
	__be32 addr;
	__u32 class;
};

/**
 * struct xa_addrdb_bound6 - where an IPv6 class begins
 * @addr:  first address
 * @class: 0 or the number of a class
 */
struct xa_addrdb_bound6 {
	__be32 addr[4];
	__u32 class;
};

#endif /* _XA_ADDRDB_NL_H */
