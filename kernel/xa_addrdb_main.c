// SPDX-License-Identifier: GPL-2.0-only
/*
 * xa_addrdb - databases of addresses for the whole machine
 *
 * There are two: countries and AS numbers. Each is immutable and published
 * by one pointer. Rules hold sets of labels; a set is compiled into the class
 * numbers of the database, at one of its two slots: one is for the active
 * database, the other for the next. So a packet that has read the pointer
 * sees tables and class numbers of one generation, and a new database becomes
 * visible to all rules in all namespaces at the same moment, though no rule
 * is touched. A set that is not compiled is compared label by label, with the
 * same result.
 *
 * A packet takes no lock: it reads under RCU. All changes sleep and hold
 * &xa_addrdb.lock, but not while a database is built or sets are compiled.
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

static void snap_destroy(struct xa_addrdb_snap *snap)
{
	xa_addrdb_data_destroy(snap->data);
	kfree(snap);
}

/*
 * Make a database the active one. It is ours if this succeeds. info tells
 * source and date. The sets are compiled before; those that rules have
 * brought in the meantime, after.
 * Context: may sleep; upload_lock held. Return: 0 or -ENOMEM.
 */
int xa_addrdb_publish(struct xa_addrdb *db, struct xa_addrdb_data *data,
		      const struct xa_addrdb_snap *info)
{
	struct xa_addrdb_snap *snap, *old;
	unsigned int slow;

	lockdep_assert_held(&db->upload_lock);
	snap = kmemdup(info, sizeof(*info), GFP_KERNEL_ACCOUNT);
	if (!snap)
		return -ENOMEM;
	old = rcu_dereference_protected(db->snap,
					lockdep_is_held(&db->upload_lock));
	memcpy(snap->table, data->table, sizeof(snap->table));
	snap->numbers = data->numbers;
	snap->data = data;
	snap->slot = old ? !old->slot : 0;
	xa_addrdb_sets_compile(db, data, snap->slot);
	mutex_lock(&db->lock);
	snap->generation = ++db->generation;
	snap->since = ktime_get_boottime_seconds();
	rcu_assign_pointer(db->snap, snap);
	mutex_unlock(&db->lock);
	slow = xa_addrdb_sets_compile(db, data, snap->slot);
	if (slow)
		pr_info("%u sets of labels are compared label by label: no memory in the control groups of their rules\n",
			slow);
	if (old) {
		synchronize_rcu();
		xa_addrdb_sets_drop(db, old->slot);
		snap_destroy(old);
	}
	return 0;
}

/*
 * Drop a database. Context: may sleep; upload_lock held.
 * Return: 0, -ENODATA: none loaded, -EBUSY: rules need it.
 */
int xa_addrdb_unload(struct xa_addrdb *db)
{
	struct xa_addrdb_snap *old;
	int err = 0;

	lockdep_assert_held(&db->upload_lock);
	mutex_lock(&db->lock);
	old = xa_addrdb_locked(db);
	if (!old)
		err = -ENODATA;
	else if (!list_empty(&db->sets) || db->holders)
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

static bool set_has(const struct xa_addrdb_set *set,
		    const struct xa_addrdb_snap *snap, u32 class)
{
	const unsigned long *bits = rcu_dereference(set->bits[snap->slot]);

	if (likely(bits))
		return test_bit(class, bits);
	return xa_addrdb_class_has(snap->data, class, set->labels, set->n);
}

static u32 class4(const struct xa_addrdb_snap *snap, __be32 addr)
{
	return xa_addrdb_lookup4(&snap->table[0], be32_to_cpu(addr));
}

static u32 class6(const struct xa_addrdb_snap *snap, const struct in6_addr *addr)
{
	u64 hi = (u64)be32_to_cpu(addr->s6_addr32[0]) << 32 |
		 be32_to_cpu(addr->s6_addr32[1]);
	u64 lo = (u64)be32_to_cpu(addr->s6_addr32[2]) << 32 |
		 be32_to_cpu(addr->s6_addr32[3]);

	return xa_addrdb_lookup6(&snap->table[1], hi, lo);
}

/**
 * xa_addrdb_match4 - whether a rule matches an IPv4 address
 * @set:    the rule's
 * @addr:   the packet's
 * @invert: whether the rule is for addresses with none of the labels of the set
 *
 * Context: RCU read side.
 * Return: true if so; without a database no rule matches, inverted or not.
 */
bool xa_addrdb_match4(const struct xa_addrdb_set *set, __be32 addr, bool invert)
{
	const struct xa_addrdb_snap *snap = rcu_dereference(set->db->snap);

	return likely(snap) && set_has(set, snap, class4(snap, addr)) ^ invert;
}
EXPORT_SYMBOL_GPL(xa_addrdb_match4);

/**
 * xa_addrdb_match6 - whether a rule matches an IPv6 address
 * @set:    the rule's
 * @addr:   the packet's
 * @invert: whether the rule is for addresses with none of the labels of the set
 *
 * Context: RCU read side.
 * Return: true if so; without a database no rule matches, inverted or not.
 */
bool xa_addrdb_match6(const struct xa_addrdb_set *set,
		      const struct in6_addr *addr, bool invert)
{
	const struct xa_addrdb_snap *snap = rcu_dereference(set->db->snap);

	return likely(snap) && set_has(set, snap, class6(snap, addr)) ^ invert;
}
EXPORT_SYMBOL_GPL(xa_addrdb_match6);

static enum xa_addrdb_found set_find(const struct xa_addrdb_set *set,
				     const struct xa_addrdb_snap *snap, u32 class)
{
	if (!class)
		return XA_ADDRDB_NONE;
	return set_has(set, snap, class) ? XA_ADDRDB_LISTED : XA_ADDRDB_OTHERS;
}

/**
 * xa_addrdb_find4 - what the database says of an IPv4 address
 * @set:  the rule's
 * @addr: the packet's
 *
 * Context: RCU read side.
 * Return: whether it has a label, and one of those of the set.
 */
enum xa_addrdb_found xa_addrdb_find4(const struct xa_addrdb_set *set, __be32 addr)
{
	const struct xa_addrdb_snap *snap = rcu_dereference(set->db->snap);

	return likely(snap) ? set_find(set, snap, class4(snap, addr)) : XA_ADDRDB_ABSENT;
}
EXPORT_SYMBOL_GPL(xa_addrdb_find4);

/**
 * xa_addrdb_find6 - what the database says of an IPv6 address
 * @set:  the rule's
 * @addr: the packet's
 *
 * Context: RCU read side.
 * Return: whether it has a label, and one of those of the set.
 */
enum xa_addrdb_found xa_addrdb_find6(const struct xa_addrdb_set *set,
				     const struct in6_addr *addr)
{
	const struct xa_addrdb_snap *snap = rcu_dereference(set->db->snap);

	return likely(snap) ? set_find(set, snap, class6(snap, addr)) : XA_ADDRDB_ABSENT;
}
EXPORT_SYMBOL_GPL(xa_addrdb_find6);

/**
 * xa_addrdb_number4 - country or AS number of an IPv4 address
 * @id:   database
 * @addr: the address
 *
 * Context: RCU read side.
 * Return: the number as of ISO 3166-1, or the AS number; of an address that
 *         has several the one of the least label. 0: it has none, or no
 *         database is loaded.
 */
u32 xa_addrdb_number4(enum xa_addrdb_id id, __be32 addr)
{
	const struct xa_addrdb_snap *snap = rcu_dereference(xa_addrdb_dbs[id].snap);

	return likely(snap) ? snap->numbers[class4(snap, addr)] : 0;
}
EXPORT_SYMBOL_GPL(xa_addrdb_number4);

/**
 * xa_addrdb_number6 - country or AS number of an IPv6 address
 * @id:   database
 * @addr: the address
 *
 * Context: RCU read side.
 * Return: as xa_addrdb_number4().
 */
u32 xa_addrdb_number6(enum xa_addrdb_id id, const struct in6_addr *addr)
{
	const struct xa_addrdb_snap *snap = rcu_dereference(xa_addrdb_dbs[id].snap);

	return likely(snap) ? snap->numbers[class6(snap, addr)] : 0;
}
EXPORT_SYMBOL_GPL(xa_addrdb_number6);

static void db_exit(struct xa_addrdb *db)
{
	mutex_lock(&db->upload_lock);
	xa_addrdb_unload(db);
	mutex_unlock(&db->upload_lock);
	xa_addrdb_set_exit(db);
}

static int __init xa_addrdb_init(void)
{
	struct xa_addrdb *db = xa_addrdb_dbs;
	int err;

	for (; db < xa_addrdb_dbs + XA_ADDRDB_IDS; db++) {
		mutex_init(&db->lock);
		mutex_init(&db->upload_lock);
		INIT_DELAYED_WORK(&db->upload_expire, xa_addrdb_upload_expire);
		err = xa_addrdb_set_init(db);
		if (err)
			goto exit_dbs;
	}
	err = xa_addrdb_netlink_init();
	if (!err)
		return 0;
exit_dbs:
	while (db-- > xa_addrdb_dbs)
		db_exit(db);
	return err;
}

/* No rule is left: the extensions need this module. No upload: no family. */
static void __exit xa_addrdb_exit(void)
{
	unsigned int i;

	xa_addrdb_netlink_exit();
	for (i = 0; i < XA_ADDRDB_IDS; i++)
		db_exit(&xa_addrdb_dbs[i]);
}

module_init(xa_addrdb_init);
module_exit(xa_addrdb_exit);

MODULE_AUTHOR("The xtables-anew project");
MODULE_DESCRIPTION("Xtables: address databases for geoip and asn");
MODULE_LICENSE("GPL");
MODULE_VERSION(XA_VERSION);
