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

#include <linux/list.h>
#include <linux/mutex.h>
#include <linux/rcupdate.h>
#include <linux/rhashtable.h>
#include <linux/types.h>
#include <linux/workqueue.h>

#include "xa_addrdb.h"
#include "xa_addrdb_upload.h"

/**
 * struct xa_addrdb_snap - all that a packet needs of a database
 * @table: copies of those of @data, to save a packet the way there
 * @numbers: that of @data
 * @data:  the database
 * @slot:  which of &xa_addrdb_set.bits are in its class numbers
 * @generation: counts the databases that were active
 * @since: CLOCK_BOOTTIME seconds of its activation
 * @date:  seconds since 1970 of the data
 * @source: where the data came from
 *
 * Immutable once published; readers are packets and queries, under RCU.
 */
struct xa_addrdb_snap {
	struct xa_addrdb_table table[2];
	const u32 *numbers;
	struct xa_addrdb_data *data;
	unsigned int slot;
	u64 generation;
	s64 since;
	u64 date;
	char source[XA_ADDRDB_SOURCE_LEN];
};

/**
 * struct xa_addrdb - one of the databases of the machine
 * @snap:   what is active, NULL: nothing
 * @upload_lock: the members that begin with upload; serializes whatever
 *          replaces @snap; taken before @lock
 * @upload: in progress, or NULL
 * @upload_snap: what its sender said of it
 * @upload_portid: the sender's socket, in the initial network namespace;
 *          also read without the lock
 * @upload_active: jiffies of the last verb that brought it further
 * @upload_expire: drops it when its sender falls silent
 * @upload_passes: how often the sets were gone through
 * @lock:   the members below, @snap (writers) and the members of sets and
 *          owners but &xa_addrdb_owner.short_of. Nothing under it waits for
 *          memory, so nobody's full control group stops the rules of others
 * @sets:   all sets, in the order of &xa_addrdb_set.seq
 * @seq:    of the last set that was made
 * @holders: rules that need a database and have no set
 * @foreign: sets of other namespaces than the initial one
 * @by_labels: the sets by namespace and labels
 * @owners: namespaces that have sets
 * @generation: of the last database that was active
 */
struct xa_addrdb {
	struct xa_addrdb_snap __rcu *snap;

	struct mutex upload_lock;
	struct xa_addrdb_upload *upload;
	struct xa_addrdb_snap *upload_snap;
	u32 upload_portid;
	unsigned long upload_active;
	struct delayed_work upload_expire;
	u64 upload_passes;

	struct mutex lock;
	struct list_head sets;
	u64 seq;
	unsigned long holders;
	unsigned int foreign;
	struct rhashtable by_labels;
	struct rhashtable owners;
	u64 generation;
};

/**
 * struct xa_addrdb_owner - a namespace that has sets of a database
 * @node: place in &xa_addrdb.owners
 * @net:  only compared
 * @sets: how many
 * @short_of: the pass of xa_addrdb_sets_compile() in which its memory did
 *        not suffice; upload_lock
 */
struct xa_addrdb_owner {
	struct rhash_head node;
	const struct net *net;
	unsigned int sets;
	u64 short_of;
};

/**
 * struct xa_addrdb_set - a set of labels that rules of a namespace hold
 * @db:    database
 * @bits:  the classes that have one of the labels, as numbered by the
 *         database of that slot. NULL if it was not worked out, for want of
 *         time or memory: then packets compare labels. Written from NULL
 *         under the database lock; back to NULL when no packet can see it
 * @n:     length of @labels
 * @refs:  rules, and those who walk the list; database lock
 * @owner: the namespace
 * @memcg: control group that pays for @bits: of who made the set
 * @node:  place in &xa_addrdb.by_labels
 * @list:  place in &xa_addrdb.sets
 * @seq:   a number of its own, ascending
 * @labels: ascending
 */
struct xa_addrdb_set {
	struct xa_addrdb *db;
	unsigned long __rcu *bits[2];
	u32 n;
	unsigned int refs;
	struct xa_addrdb_owner *owner;
	struct mem_cgroup *memcg;
	struct rhash_head node;
	struct list_head list;
	u64 seq;
	u32 labels[];
};

extern struct xa_addrdb xa_addrdb_dbs[XA_ADDRDB_IDS];

/* main */
struct xa_addrdb_snap *xa_addrdb_locked(struct xa_addrdb *db);
int xa_addrdb_publish(struct xa_addrdb *db, struct xa_addrdb_data *data,
		      const struct xa_addrdb_snap *info);
int xa_addrdb_unload(struct xa_addrdb *db);

/* set */
unsigned int xa_addrdb_sets_compile(struct xa_addrdb *db,
				    const struct xa_addrdb_data *data,
				    unsigned int slot);
void xa_addrdb_sets_drop(struct xa_addrdb *db, unsigned int slot);
unsigned int xa_addrdb_sets_of(struct xa_addrdb *db, const struct net *net);
unsigned int xa_addrdb_waiting(struct xa_addrdb *db);
void xa_addrdb_sets_count(struct xa_addrdb *db, unsigned int *sets,
			  unsigned int *slow);
int xa_addrdb_set_init(struct xa_addrdb *db);
void xa_addrdb_set_exit(struct xa_addrdb *db);

/* netlink */
void xa_addrdb_upload_expire(struct work_struct *work);
int xa_addrdb_netlink_init(void);
void xa_addrdb_netlink_exit(void);

#endif /* _XA_ADDRDB_PRIV_H */
