/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * xa_addrdb_priv - what the files of the engine know of each other
 *
 * xa_addrdb_main     the databases: what is published, what packets do
 * xa_addrdb_set      sets of labels that rules hold
 * xa_addrdb_netlink  uploads, status, queries
 * xa_addrdb_upload   pure: checks an upload
 * xa_addrdb_core     pure: builds a lookup table
 */
#ifndef _XA_ADDRDB_PRIV_H
#define _XA_ADDRDB_PRIV_H

#include <linux/hashtable.h>
#include <linux/mutex.h>
#include <linux/rcupdate.h>
#include <linux/types.h>
#include <linux/xarray.h>

#include "xa_addrdb.h"
#include "xa_addrdb_upload.h"

/**
 * struct xa_addrdb_snap - all that a packet needs, published as one
 * @rcu:   readers are packets and queries
 * @table: copies of those of @data, to save a packet the way there
 * @room:  length of @bits
 * @data:  the database; freed with the last snapshot of its generation
 * @generation: counts the databases that were active
 * @since: CLOCK_BOOTTIME seconds of its activation
 * @date:  seconds since 1970 of the data
 * @source: where the data came from
 * @bits:  for each set of labels, by &xa_addrdb_set.index: the classes that
 *         have one of its labels. An element is written before any packet
 *         can ask for it, and freed after the last one could
 */
struct xa_addrdb_snap {
	struct rcu_head rcu;
	struct xa_addrdb_table table[2];
	u32 room;
	struct xa_addrdb_data *data;
	u64 generation;
	s64 since;
	u64 date;
	char source[XA_ADDRDB_SOURCE_LEN];
	unsigned long *bits[];
};

/**
 * struct xa_addrdb - one of the databases of the machine
 * @snap:   what is active, NULL: nothing
 * @lock:   @snap (writers), @sets, @by_hash, @owners, their members
 * @sets:   sets of labels by index
 * @by_hash: the same by content
 * @owners: namespaces that have sets
 * @generation: of the last database that was active
 * @upload_lock: the members below; taken before @lock
 * @upload: in progress, or NULL
 * @upload_snap: what the upload's sender said of it
 * @upload_net: where the sender is; only compared
 * @upload_portid: the sender's socket; also read without the lock
 */
struct xa_addrdb {
	struct xa_addrdb_snap __rcu *snap;
	struct mutex lock;
	struct xarray sets;
	DECLARE_HASHTABLE(by_hash, 8);
	DECLARE_HASHTABLE(owners, 6);
	u64 generation;

	struct mutex upload_lock;
	struct xa_addrdb_upload *upload;
	struct xa_addrdb_snap *upload_snap;
	const struct net *upload_net;
	u32 upload_portid;
};

/**
 * struct xa_addrdb_set - a set of labels that rules of a namespace hold
 * @db:    database
 * @index: place in &xa_addrdb_snap.bits
 * @refs:  rules; database lock
 * @owner: the namespace
 * @node:  place in &xa_addrdb.by_hash
 * @n:     length of @labels
 * @labels: ascending
 */
struct xa_addrdb_set {
	struct xa_addrdb *db;
	u32 index;
	unsigned int refs;
	struct xa_addrdb_owner *owner;
	struct hlist_node node;
	u32 n;
	u32 labels[];
};

extern struct xa_addrdb xa_addrdb_dbs[XA_ADDRDB_IDS];

/* main */
struct xa_addrdb_snap *xa_addrdb_locked(struct xa_addrdb *db);
struct xa_addrdb_snap *xa_addrdb_snap_alloc(u32 room);
int xa_addrdb_snap_grow(struct xa_addrdb *db, u32 room);
int xa_addrdb_publish(struct xa_addrdb *db, struct xa_addrdb_data *data,
		      const struct xa_addrdb_snap *info);
int xa_addrdb_unload(struct xa_addrdb *db);

/* set */
unsigned long *xa_addrdb_set_compile(const struct xa_addrdb_set *set,
				     const struct xa_addrdb_data *data);
void xa_addrdb_set_init(struct xa_addrdb *db);
void xa_addrdb_set_exit(struct xa_addrdb *db);

/* netlink */
int xa_addrdb_netlink_init(void);
void xa_addrdb_netlink_exit(void);

#endif /* _XA_ADDRDB_PRIV_H */
