// SPDX-License-Identifier: GPL-2.0-only
/*
 * xa_addrdb - databases of addresses for the whole machine
 *
 * There are two: countries and AS numbers. Each is immutable and published
 * by one pointer, together with the compiled form of every set of labels
 * that a rule holds. So a packet that has read the pointer sees tables, class
 * numbers and rules of one generation, and a new database becomes visible to
 * all rules in all namespaces at the same moment, though no rule is touched.
 *
 * A packet takes no lock: it reads under RCU. All changes sleep and hold
 * &xa_addrdb.lock, but for the building of a database, which happens before.
 * Rules of any namespace may use the databases; only the administrator of
 * the machine may replace them (xa_addrdb_netlink).
 */
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/ktime.h>
#include <linux/module.h>
#include <linux/rcupdate.h>
#include <linux/slab.h>
#include <linux/timekeeping.h>

#include "xa_addrdb_priv.h"
#include "xa_version.h"

struct xa_addrdb xa_addrdb_dbs[XA_ADDRDB_IDS];

/* The active snapshot, for holders of the lock. */
struct xa_addrdb_snap *xa_addrdb_locked(struct xa_addrdb *db)
{
	return rcu_dereference_protected(db->snap, lockdep_is_held(&db->lock));
}

/* An empty snapshot with room for so many sets. */
struct xa_addrdb_snap *xa_addrdb_snap_alloc(u32 room)
{
	struct xa_addrdb_snap *snap;

	snap = kvzalloc(struct_size(snap, bits, room), GFP_KERNEL_ACCOUNT);
	if (snap)
		snap->room = room;
	return snap;
}

/*
 * More room for sets: the same generation in a larger snapshot. Its bits and
 * data pass to the new one.
 */
int xa_addrdb_snap_grow(struct xa_addrdb *db, u32 room)
{
	struct xa_addrdb_snap *old = xa_addrdb_locked(db), *snap;

	snap = xa_addrdb_snap_alloc(room);
	if (!snap)
		return -ENOMEM;
	memcpy(snap, old, struct_size(old, bits, old->room));
	snap->room = room;
	rcu_assign_pointer(db->snap, snap);
	kvfree_rcu(old, rcu);
	return 0;
}

static void snap_destroy(struct xa_addrdb_snap *snap)
{
	u32 i;

	for (i = 0; i < snap->room; i++)
		kvfree(snap->bits[i]);
	xa_addrdb_data_destroy(snap->data);
	kvfree(snap);
}

/* The sets of all rules, in the class numbers of the new database. */
static int compile_sets(struct xa_addrdb *db, struct xa_addrdb_snap *snap)
{
	struct xa_addrdb_set *set;
	unsigned long index;

	xa_for_each(&db->sets, index, set) {
		snap->bits[index] = xa_addrdb_set_compile(set, snap->data);
		if (!snap->bits[index])
			return -ENOMEM;
		cond_resched();
	}
	return 0;
}

static struct xa_addrdb_snap *snap_create(struct xa_addrdb *db,
					  struct xa_addrdb_data *data,
					  const struct xa_addrdb_snap *info)
{
	struct xa_addrdb_snap *old = xa_addrdb_locked(db), *snap;

	snap = xa_addrdb_snap_alloc(old ? old->room : 16);
	if (!snap)
		return NULL;
	memcpy(snap->table, data->table, sizeof(snap->table));
	snap->data = data;
	snap->date = info->date;
	memcpy(snap->source, info->source, sizeof(snap->source));
	snap->generation = db->generation + 1;
	snap->since = ktime_get_boottime_seconds();
	if (!compile_sets(db, snap))
		return snap;
	snap->data = NULL;	/* still the caller's */
	snap_destroy(snap);
	return NULL;
}

/*
 * Make a database the active one. It is ours if this succeeds. info tells
 * source and date. Context: may sleep. Return: 0 or -ENOMEM.
 */
int xa_addrdb_publish(struct xa_addrdb *db, struct xa_addrdb_data *data,
		      const struct xa_addrdb_snap *info)
{
	struct xa_addrdb_snap *old, *snap;

	mutex_lock(&db->lock);
	snap = snap_create(db, data, info);
	if (snap) {
		old = xa_addrdb_locked(db);
		db->generation = snap->generation;
		rcu_assign_pointer(db->snap, snap);
	}
	mutex_unlock(&db->lock);
	if (!snap)
		return -ENOMEM;
	if (old) {
		synchronize_rcu();
		snap_destroy(old);
	}
	return 0;
}

/*
 * Drop a database. Context: may sleep.
 * Return: 0, -ENODATA: none loaded, -EBUSY: rules need it.
 */
int xa_addrdb_unload(struct xa_addrdb *db)
{
	struct xa_addrdb_snap *old;
	int err = 0;

	mutex_lock(&db->lock);
	old = xa_addrdb_locked(db);
	if (!old)
		err = -ENODATA;
	else if (!xa_empty(&db->sets))
		err = -EBUSY;
	else
		RCU_INIT_POINTER(db->snap, NULL);
	mutex_unlock(&db->lock);
	if (err)
		return err;
	synchronize_rcu();
	snap_destroy(old);
	return 0;
}

/**
 * xa_addrdb_match4 - whether an IPv4 address has one of the labels of a set
 * @set:  the rule's
 * @addr: the packet's
 *
 * Context: RCU read side.
 * Return: true if so.
 */
bool xa_addrdb_match4(const struct xa_addrdb_set *set, __be32 addr)
{
	const struct xa_addrdb_snap *snap = rcu_dereference(set->db->snap);
	u32 class = xa_addrdb_lookup4(&snap->table[0], be32_to_cpu(addr));

	return test_bit(class, snap->bits[set->index]);
}
EXPORT_SYMBOL_GPL(xa_addrdb_match4);

/**
 * xa_addrdb_match6 - whether an IPv6 address has one of the labels of a set
 * @set:  the rule's
 * @addr: the packet's
 *
 * Context: RCU read side.
 * Return: true if so.
 */
bool xa_addrdb_match6(const struct xa_addrdb_set *set,
		      const struct in6_addr *addr)
{
	const struct xa_addrdb_snap *snap = rcu_dereference(set->db->snap);
	u64 hi = (u64)be32_to_cpu(addr->s6_addr32[0]) << 32 |
		 be32_to_cpu(addr->s6_addr32[1]);
	u64 lo = (u64)be32_to_cpu(addr->s6_addr32[2]) << 32 |
		 be32_to_cpu(addr->s6_addr32[3]);
	u32 class = xa_addrdb_lookup6(&snap->table[1], hi, lo);

	return test_bit(class, snap->bits[set->index]);
}
EXPORT_SYMBOL_GPL(xa_addrdb_match6);

static int __init xa_addrdb_init(void)
{
	unsigned int i;

	for (i = 0; i < XA_ADDRDB_IDS; i++) {
		mutex_init(&xa_addrdb_dbs[i].lock);
		mutex_init(&xa_addrdb_dbs[i].upload_lock);
		xa_addrdb_set_init(&xa_addrdb_dbs[i]);
	}
	return xa_addrdb_netlink_init();
}

/* No rule is left: the extensions need this module. No upload: no family. */
static void __exit xa_addrdb_exit(void)
{
	unsigned int i;

	xa_addrdb_netlink_exit();
	for (i = 0; i < XA_ADDRDB_IDS; i++) {
		xa_addrdb_unload(&xa_addrdb_dbs[i]);
		xa_addrdb_set_exit(&xa_addrdb_dbs[i]);
	}
	rcu_barrier();
}

module_init(xa_addrdb_init);
module_exit(xa_addrdb_exit);

MODULE_AUTHOR("The xtables-anew project");
MODULE_DESCRIPTION("Xtables: address databases for geoip and asn");
MODULE_LICENSE("GPL");
MODULE_VERSION(XA_VERSION);
