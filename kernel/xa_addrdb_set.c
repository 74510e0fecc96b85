// SPDX-License-Identifier: GPL-2.0-only
/*
 * xa_addrdb_set - the sets of labels that rules hold
 *
 * Rules of a namespace with the same labels share a set, so the replacement
 * of a whole table by iptables-legacy, which checks all rules anew, costs a
 * look-up each. How many sets a namespace may have is limited, and their
 * memory is charged to who makes them.
 *
 * Sets belong to rules, not to the namespace: rules may outlive the exit of a
 * pernet subsystem. What counts a namespace's sets goes with its last set.
 */
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/bitmap.h>
#include <linux/hash.h>
#include <linux/jhash.h>
#include <linux/module.h>
#include <linux/moduleparam.h>
#include <linux/random.h>
#include <linux/slab.h>
#include <linux/sort.h>

#include "xa_addrdb_priv.h"
#include "xa_log.h"

static unsigned int max_sets = 1024;
module_param(max_sets, uint, 0644);
MODULE_PARM_DESC(max_sets, "different sets of labels that the rules of a namespace may hold, of each database");

static u32 hash_seed __read_mostly;

/**
 * struct xa_addrdb_owner - a namespace that has sets; database lock
 * @node: place in &xa_addrdb.owners
 * @net:  only compared
 * @sets: how many
 */
struct xa_addrdb_owner {
	struct hlist_node node;
	const struct net *net;
	unsigned int sets;
};

/*
 * The classes that have one of the labels. A label that the database does not
 * have stands for no address. Context: may sleep. Return: NULL: no memory.
 */
unsigned long *xa_addrdb_set_compile(const struct xa_addrdb_set *set,
				     const struct xa_addrdb_data *data)
{
	unsigned long *bits;
	u32 i, at, c;

	bits = kvcalloc(BITS_TO_LONGS(data->n_classes + 1), sizeof(*bits),
			GFP_KERNEL_ACCOUNT);
	if (!bits)
		return NULL;
	for (i = 0; i < set->n; i++) {
		if (!xa_addrdb_label_find(data, set->labels[i], &at))
			continue;
		for (c = data->label_at[at]; c < data->label_at[at + 1]; c++)
			__set_bit(data->classes[c], bits);
	}
	return bits;
}

static struct xa_addrdb_owner *owner_get(struct xa_addrdb *db,
					 const struct net *net)
{
	struct xa_addrdb_owner *owner;

	hash_for_each_possible(db->owners, owner, node, (unsigned long)net) {
		if (owner->net != net)
			continue;
		if (owner->sets >= READ_ONCE(max_sets))
			return ERR_PTR(-ENOSPC);
		owner->sets++;
		return owner;
	}
	owner = kzalloc(sizeof(*owner), GFP_KERNEL_ACCOUNT);
	if (!owner)
		return ERR_PTR(-ENOMEM);
	owner->net = net;
	owner->sets = 1;
	hash_add(db->owners, &owner->node, (unsigned long)net);
	return owner;
}

static void owner_put(struct xa_addrdb_owner *owner)
{
	if (--owner->sets)
		return;
	hash_del(&owner->node);
	kfree(owner);
}

/* A free index, and a snapshot with room for it. */
static int index_get(struct xa_addrdb *db, struct xa_addrdb_set *set)
{
	u32 room = xa_addrdb_locked(db)->room;
	int err;

	err = xa_alloc(&db->sets, &set->index, set, xa_limit_31b, GFP_KERNEL_ACCOUNT);
	if (err)
		return err;
	if (set->index < room)
		return 0;
	err = xa_addrdb_snap_grow(db, room * 2);
	if (err)
		xa_erase(&db->sets, set->index);
	return err;
}

static int label_cmp(const void *a, const void *b)
{
	u32 x = *(const u32 *)a, y = *(const u32 *)b;

	return x < y ? -1 : x > y;
}

static struct xa_addrdb_set *set_alloc(struct xa_addrdb *db, const u32 *labels,
				       u32 n)
{
	struct xa_addrdb_set *set;
	u32 i;

	set = kvmalloc(struct_size(set, labels, n), GFP_KERNEL_ACCOUNT);
	if (!set)
		return NULL;
	set->db = db;
	set->refs = 1;
	memcpy(set->labels, labels, n * sizeof(*labels));
	sort(set->labels, n, sizeof(*set->labels), label_cmp, NULL);
	set->n = 0;
	for (i = 0; i < n; i++)
		if (!i || set->labels[i] != set->labels[set->n - 1])
			set->labels[set->n++] = set->labels[i];
	return set;
}

static u32 set_hash(const struct xa_addrdb_set *set, const struct net *net)
{
	return jhash2(set->labels, set->n,
		      hash_seed ^ hash_long((unsigned long)net, 32));
}

static struct xa_addrdb_set *set_find(struct xa_addrdb *db,
				      const struct xa_addrdb_set *like,
				      const struct net *net, u32 hash)
{
	struct xa_addrdb_set *set;

	hash_for_each_possible(db->by_hash, set, node, hash)
		if (set->owner->net == net && set->n == like->n &&
		    !memcmp(set->labels, like->labels,
			    like->n * sizeof(*like->labels)))
			return set;
	return NULL;
}

/* Let packets find the set: owner, index, bits in the active snapshot. */
static int set_insert(struct xa_addrdb_set *set, const struct net *net, u32 hash)
{
	struct xa_addrdb *db = set->db;
	unsigned long *bits;
	int err;

	set->owner = owner_get(db, net);
	if (IS_ERR(set->owner))
		return PTR_ERR(set->owner);
	bits = xa_addrdb_set_compile(set, xa_addrdb_locked(db)->data);
	err = -ENOMEM;
	if (!bits)
		goto put_owner;
	err = index_get(db, set);
	if (err)
		goto free_bits;
	WRITE_ONCE(xa_addrdb_locked(db)->bits[set->index], bits);
	hash_add(db->by_hash, &set->node, hash);
	return 0;

free_bits:
	kvfree(bits);
put_owner:
	owner_put(set->owner);
	return err;
}

/* The set like new, or new itself; NULL and *err if neither is possible */
static struct xa_addrdb_set *set_share(struct xa_addrdb_set *new,
				       const struct net *net, int *err)
{
	u32 hash = set_hash(new, net);
	struct xa_addrdb_set *set;

	lockdep_assert_held(&new->db->lock);
	*err = -ENODATA;
	if (!xa_addrdb_locked(new->db))
		return NULL;
	*err = 0;
	set = set_find(new->db, new, net, hash);
	if (set) {
		set->refs++;
		return set;
	}
	*err = set_insert(new, net, hash);
	return *err ? NULL : new;
}

/**
 * xa_addrdb_set_get - the set of some labels, for a rule
 * @net:    the rule's namespace
 * @id:     database
 * @labels: in any order
 * @n:      length of @labels
 *
 * Labels that the database does not have are allowed: the next one may have
 * them, and a rule must survive a database without them.
 *
 * Context: may sleep.
 * Return: the set, or an ERR_PTR: -ENODATA no database is loaded, -EINVAL
 *         no label or one that cannot be, -ENOSPC the namespace has too
 *         many sets, -ENOMEM.
 */
struct xa_addrdb_set *xa_addrdb_set_get(struct net *net, enum xa_addrdb_id id,
					const u32 *labels, unsigned int n)
{
	struct xa_addrdb *db = &xa_addrdb_dbs[id];
	struct xa_addrdb_set *new, *set;
	unsigned int i;
	int err;

	if (!n)
		return ERR_PTR(-EINVAL);
	for (i = 0; i < n; i++)
		if (!xa_addrdb_label_valid(id, labels[i]))
			return ERR_PTR(-EINVAL);
	new = set_alloc(db, labels, n);
	if (!new)
		return ERR_PTR(-ENOMEM);
	mutex_lock(&db->lock);
	set = set_share(new, net, &err);
	mutex_unlock(&db->lock);
	if (set != new)
		kvfree(new);
	if (err == -ENODATA)
		xa_net_info(net, "no %s database is loaded: run %s\n",
			    id == XA_ADDRDB_ASN ? "asn" : "geoip",
			    id == XA_ADDRDB_ASN ? "xt_asn_load" : "xt_geoip_load");
	if (err == -ENOSPC)
		xa_net_info(net, "the namespace has %u different sets of labels already (max_sets)\n",
			    READ_ONCE(max_sets));
	return set ? set : ERR_PTR(err);
}
EXPORT_SYMBOL_GPL(xa_addrdb_set_get);

/**
 * xa_addrdb_set_put - a rule no longer needs its set
 * @set: from xa_addrdb_set_get(); no packet may be in the rule any more
 *
 * Context: may sleep.
 */
void xa_addrdb_set_put(struct xa_addrdb_set *set)
{
	struct xa_addrdb *db = set->db;
	struct xa_addrdb_snap *snap;

	mutex_lock(&db->lock);
	if (--set->refs) {
		mutex_unlock(&db->lock);
		return;
	}
	snap = xa_addrdb_locked(db);
	kvfree(snap->bits[set->index]);
	snap->bits[set->index] = NULL;
	xa_erase(&db->sets, set->index);
	hash_del(&set->node);
	owner_put(set->owner);
	mutex_unlock(&db->lock);
	kvfree(set);
}
EXPORT_SYMBOL_GPL(xa_addrdb_set_put);

void xa_addrdb_set_init(struct xa_addrdb *db)
{
	get_random_once(&hash_seed, sizeof(hash_seed));
	xa_init_flags(&db->sets, XA_FLAGS_ALLOC);
	hash_init(db->by_hash);
	hash_init(db->owners);
}

void xa_addrdb_set_exit(struct xa_addrdb *db)
{
	WARN_ON(!xa_empty(&db->sets));
	xa_destroy(&db->sets);
}
