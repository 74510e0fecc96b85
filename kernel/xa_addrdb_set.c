// SPDX-License-Identifier: GPL-2.0-only
/*
 * xa_addrdb_set - the sets of labels that rules hold
 *
 * Rules of a namespace with the same labels share a set, so the replacement
 * of a whole table by iptables-legacy, which checks all rules anew, costs a
 * look-up each. Their number is limited, and their memory is charged to the
 * control group of who made them, also when somebody else loads a database.
 *
 * A set works as soon as it is in the list: until it is compiled packets
 * compare labels. So memory for that is allocated without a lock, and where
 * there is none the set is slower, not wrong. Rules may come before the first
 * database, as at boot; until then they match nothing.
 *
 * Sets belong to rules, not to the namespace: rules may outlive the exit of a
 * pernet subsystem. What counts a namespace's sets goes with its last set.
 */
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/bitmap.h>
#include <linux/hash.h>
#include <linux/jhash.h>
#include <linux/mm.h>
#include <linux/module.h>
#include <linux/moduleparam.h>
#include <linux/slab.h>
#include <linux/sort.h>
#include <net/net_namespace.h>

#include "xa_addrdb_priv.h"
#include "xa_log.h"
#include "xa_memcg.h"

static unsigned int max_sets = 1024;
module_param(max_sets, uint, 0644);
MODULE_PARM_DESC(max_sets, "different sets of labels in the rules of a namespace, of each database; as many again while rules are replaced");

static unsigned int max_sets_others;
module_param(max_sets_others, uint, 0644);
MODULE_PARM_DESC(max_sets_others, "sets of all namespaces but the initial one together, of each database (0: one for each 16 KiB of memory, 65536 at most)");

/* What distinguishes sets. */
struct set_key {
	const struct net *net;
	const u32 *labels;
	u32 n;
};

static u32 set_key_hash(const void *data, u32 len, u32 seed)
{
	const struct set_key *key = data;

	return jhash2(key->labels, key->n,
		      seed ^ hash_long((unsigned long)key->net, 32));
}

static u32 set_hash(const void *data, u32 len, u32 seed)
{
	const struct xa_addrdb_set *set = data;
	const struct set_key key = { set->owner->net, set->labels, set->n };

	return set_key_hash(&key, 0, seed);
}

static int set_cmp(struct rhashtable_compare_arg *arg, const void *obj)
{
	const struct set_key *key = arg->key;
	const struct xa_addrdb_set *set = obj;

	return set->owner->net != key->net || set->n != key->n ||
	       memcmp(set->labels, key->labels, key->n * sizeof(*key->labels));
}

static const struct rhashtable_params set_params = {
	.head_offset = offsetof(struct xa_addrdb_set, node),
	.hashfn      = set_key_hash,
	.obj_hashfn  = set_hash,
	.obj_cmpfn   = set_cmp,
	.automatic_shrinking = true,
};

static const struct rhashtable_params owner_params = {
	.head_offset = offsetof(struct xa_addrdb_owner, node),
	.key_offset  = offsetof(struct xa_addrdb_owner, net),
	.key_len     = sizeof_field(struct xa_addrdb_owner, net),
	.automatic_shrinking = true,
};

/* ---- compiling */

/* Room for a bit of each class; patience keeps the OOM killer away. */
static unsigned long *bits_alloc(u32 n_classes, gfp_t patience)
{
	return kvcalloc(BITS_TO_LONGS(n_classes + 1), sizeof(long),
			GFP_KERNEL_ACCOUNT | __GFP_NOWARN | patience);
}

/*
 * The classes that have one of the labels. A label that the database does not
 * have stands for no address.
 */
static void bits_fill(unsigned long *bits, const struct xa_addrdb_set *set,
		      const struct xa_addrdb_data *data)
{
	u32 i, at, c;

	for (i = 0; i < set->n; i++) {
		if (!xa_addrdb_label_find(data, set->labels[i], &at))
			continue;
		for (c = data->label_at[at]; c < data->label_at[at + 1]; c++)
			__set_bit(data->classes[c], bits);
	}
}

static unsigned long *bits_locked(const struct xa_addrdb_set *set, unsigned int slot)
{
	return rcu_dereference_protected(set->bits[slot],
					 lockdep_is_held(&set->db->lock));
}

/* Give the set its bits, unless it has some: then they are the caller's. */
static unsigned long *bits_give(struct xa_addrdb_set *set, unsigned int slot,
				unsigned long *bits)
{
	if (bits_locked(set, slot))
		return bits;
	rcu_assign_pointer(set->bits[slot], bits);
	return NULL;
}

/*
 * With whatever memory the set's maker may still have. Who loads a database
 * does not wait for pages of somebody else's control group.
 */
static unsigned long *set_compile(const struct xa_addrdb_set *set,
				  const struct xa_addrdb_data *data)
{
	struct mem_cgroup *before = xa_memcg_charge(set->memcg);
	unsigned long *bits = bits_alloc(data->n_classes, __GFP_NORETRY);

	xa_memcg_charge(before);
	if (bits)
		bits_fill(bits, set, data);
	return bits;
}

/*
 * Compile the set of a rule for the active database, if there is one and it is
 * not. The caller has a reference, so a database stays, though perhaps not this
 * one; the first compiles the sets that are here when it comes.
 */
static int set_complete(struct xa_addrdb_set *set)
{
	const struct xa_addrdb_snap *snap;
	unsigned long *bits = NULL;
	u32 n_classes = 0;

	for (;;) {
		mutex_lock(&set->db->lock);
		snap = xa_addrdb_locked(set->db);
		if (!snap || bits_locked(set, snap->slot))
			break;
		if (bits && n_classes == snap->data->n_classes) {
			bits_fill(bits, set, snap->data);
			bits = bits_give(set, snap->slot, bits);
			break;
		}
		n_classes = snap->data->n_classes;
		mutex_unlock(&set->db->lock);
		kvfree(bits);
		bits = bits_alloc(n_classes, __GFP_RETRY_MAYFAIL);
		if (!bits)
			return -ENOMEM;
	}
	mutex_unlock(&set->db->lock);
	kvfree(bits);
	return 0;
}

/* ---- owners */

/* Under the lock. new is taken if the namespace has no owner yet. */
static struct xa_addrdb_owner *owner_get(struct xa_addrdb *db,
					 struct xa_addrdb_owner **new)
{
	struct xa_addrdb_owner *owner;
	int err;

	owner = rhashtable_lookup_fast(&db->owners, &(*new)->net, owner_params);
	if (!owner) {
		owner = *new;
		err = rhashtable_insert_fast(&db->owners, &owner->node, owner_params);
		if (err)
			return ERR_PTR(err);
		*new = NULL;
	}
	return owner;
}

static void owner_put(struct xa_addrdb *db, struct xa_addrdb_owner *owner)
{
	if (owner->sets)
		return;
	rhashtable_remove_fast(&db->owners, &owner->node, owner_params);
	kfree(owner);
}

/* ---- life of a set */

/* What the rules of other namespaces than the initial one may hold together. */
static u64 others_limit(void)
{
	unsigned int limit = READ_ONCE(max_sets_others);

	return limit ?: min_t(u64, (u64)totalram_pages() << PAGE_SHIFT >> 14, 65536);
}

static bool is_foreign(const struct xa_addrdb_owner *owner)
{
	return !net_eq(owner->net, &init_net);
}

/*
 * While a table is replaced its old rules and its new ones exist, and nothing
 * tells them apart: so there is room for both.
 */
static bool has_room(const struct xa_addrdb *db, const struct xa_addrdb_owner *owner)
{
	return owner->sets < 2ULL * READ_ONCE(max_sets) &&
	       (!is_foreign(owner) || db->foreign < others_limit());
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
	memset(set, 0, sizeof(*set));
	set->db = db;
	set->refs = 1;
	set->memcg = get_mem_cgroup_from_mm(current->mm);
	memcpy(set->labels, labels, n * sizeof(*labels));
	sort(set->labels, n, sizeof(*set->labels), label_cmp, NULL);
	for (i = 0; i < n; i++)
		if (!i || set->labels[i] != set->labels[set->n - 1])
			set->labels[set->n++] = set->labels[i];
	return set;
}

static void set_free(struct xa_addrdb_set *set)
{
	unsigned int slot;

	for (slot = 0; slot < ARRAY_SIZE(set->bits); slot++)
		kvfree(rcu_dereference_protected(set->bits[slot], true));
	mem_cgroup_put(set->memcg);
	kvfree(set);
}

/* Under the lock. */
static int set_insert(struct xa_addrdb_set *set, struct xa_addrdb_owner **spare)
{
	struct xa_addrdb *db = set->db;
	struct xa_addrdb_owner *owner = owner_get(db, spare);
	int err = -ENOSPC;

	if (IS_ERR(owner))
		return PTR_ERR(owner);
	set->owner = owner;
	if (has_room(db, owner))
		err = rhashtable_insert_fast(&db->by_labels, &set->node, set_params);
	if (err) {
		owner_put(db, owner);
		return err;
	}
	owner->sets++;
	db->foreign += is_foreign(owner);
	set->seq = ++db->seq;
	list_add_tail(&set->list, &db->sets);
	return 0;
}

/* Under the lock, the last reference is gone. */
static void set_remove(struct xa_addrdb_set *set)
{
	struct xa_addrdb *db = set->db;

	rhashtable_remove_fast(&db->by_labels, &set->node, set_params);
	list_del(&set->list);
	set->owner->sets--;
	db->foreign -= is_foreign(set->owner);
	owner_put(db, set->owner);
}

/* The set like new, or new itself, referenced. Under the lock. */
static struct xa_addrdb_set *set_share(struct xa_addrdb_set *new,
				       struct xa_addrdb_owner **spare)
{
	const struct set_key key = { (*spare)->net, new->labels, new->n };
	struct xa_addrdb *db = new->db;
	struct xa_addrdb_set *set;
	int err;

	set = rhashtable_lookup_fast(&db->by_labels, &key, set_params);
	if (set) {
		set->refs++;
		return set;
	}
	err = set_insert(new, spare);
	return err ? ERR_PTR(err) : new;
}

static struct xa_addrdb_set *set_make(struct net *net, struct xa_addrdb *db,
				      const u32 *labels, unsigned int n)
{
	struct xa_addrdb_owner *spare;
	struct xa_addrdb_set *new, *set;
	int err;

	spare = kzalloc(sizeof(*spare), GFP_KERNEL_ACCOUNT);
	if (!spare)
		return ERR_PTR(-ENOMEM);
	spare->net = net;
	new = set_alloc(db, labels, n);
	if (!new) {
		kfree(spare);
		return ERR_PTR(-ENOMEM);
	}
	mutex_lock(&db->lock);
	set = set_share(new, &spare);
	mutex_unlock(&db->lock);
	kfree(spare);
	if (set != new)
		set_free(new);
	if (IS_ERR(set))
		return set;
	err = set_complete(set);
	if (!err || set != new)
		return set;
	xa_addrdb_set_put(set);
	return ERR_PTR(err);
}

static void tell_no_data(const struct net *net, enum xa_addrdb_id id)
{
	if (rcu_access_pointer(xa_addrdb_dbs[id].snap))
		return;
	xa_net_info(net, "no %s database is loaded, so its rules have no effect yet: run %s\n",
		    id == XA_ADDRDB_ASN ? "asn" : "geoip",
		    id == XA_ADDRDB_ASN ? "xt_asn_load" : "xt_geoip_load");
}

/**
 * xa_addrdb_set_get - the set of some labels, for a rule
 * @net:    the rule's namespace
 * @id:     database
 * @labels: in any order
 * @n:      length of @labels
 *
 * Labels that the database does not have are allowed: the next one may have
 * them, and a rule must survive a database without them. So is no database at
 * all: rules of a file that was saved are restored before one is loaded.
 *
 * Context: may sleep, in the task that makes the rule: its control group pays.
 * Return: the set, or an ERR_PTR: -EINVAL no label or one that cannot be,
 *         -ENOSPC there are too many sets, -ENOMEM.
 */
struct xa_addrdb_set *xa_addrdb_set_get(struct net *net, enum xa_addrdb_id id,
					const u32 *labels, unsigned int n)
{
	struct xa_addrdb_set *set;
	unsigned int i;

	if (!n)
		return ERR_PTR(-EINVAL);
	for (i = 0; i < n; i++)
		if (!xa_addrdb_label_valid(id, labels[i]))
			return ERR_PTR(-EINVAL);
	set = set_make(net, &xa_addrdb_dbs[id], labels, n);
	if (!IS_ERR(set))
		tell_no_data(net, id);
	if (set == ERR_PTR(-ENOSPC))
		xa_net_info(net, "too many different sets of labels in rules (max_sets, max_sets_others)\n");
	return set;
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
	bool last;

	mutex_lock(&db->lock);
	last = !--set->refs;
	if (last)
		set_remove(set);
	mutex_unlock(&db->lock);
	if (last)
		set_free(set);
}
EXPORT_SYMBOL_GPL(xa_addrdb_set_put);

/**
 * xa_addrdb_hold - keep a database loaded, now or later, for a rule that has no set
 * @net: the rule's namespace
 * @id:  database
 *
 * Context: may sleep.
 */
void xa_addrdb_hold(struct net *net, enum xa_addrdb_id id)
{
	struct xa_addrdb *db = &xa_addrdb_dbs[id];

	mutex_lock(&db->lock);
	db->holders++;
	mutex_unlock(&db->lock);
	tell_no_data(net, id);
}
EXPORT_SYMBOL_GPL(xa_addrdb_hold);

/**
 * xa_addrdb_release - a rule no longer needs the database
 * @id: from xa_addrdb_hold()
 *
 * Context: may sleep.
 */
void xa_addrdb_release(enum xa_addrdb_id id)
{
	struct xa_addrdb *db = &xa_addrdb_dbs[id];

	mutex_lock(&db->lock);
	db->holders--;
	mutex_unlock(&db->lock);
}
EXPORT_SYMBOL_GPL(xa_addrdb_release);

/* ---- all sets, for a new database */

/*
 * The set after pos, referenced, with a number up to last; pos is put. Rules
 * come and go between two steps.
 */
static struct xa_addrdb_set *walk(struct xa_addrdb *db, struct xa_addrdb_set *pos,
				  u64 last)
{
	struct xa_addrdb_set *next = NULL;
	struct list_head *at;

	mutex_lock(&db->lock);
	at = pos ? pos->list.next : db->sets.next;
	if (at != &db->sets)
		next = list_entry(at, struct xa_addrdb_set, list);
	if (next && next->seq > last)
		next = NULL;
	if (next)
		next->refs++;
	mutex_unlock(&db->lock);
	if (pos)
		xa_addrdb_set_put(pos);
	cond_resched();
	return next;
}

static u64 walk_end(struct xa_addrdb *db)
{
	u64 last;

	mutex_lock(&db->lock);
	last = db->seq;
	mutex_unlock(&db->lock);
	return last;
}

/*
 * Compile the sets that a database lacks; the lock is held for a moment at a
 * time. A namespace whose control group is full is asked once in a pass, for
 * being refused takes time.
 * Context: may sleep; upload_lock held, so that data stays.
 * Return: how many sets could not be compiled.
 */
unsigned int xa_addrdb_sets_compile(struct xa_addrdb *db,
				    const struct xa_addrdb_data *data,
				    unsigned int slot)
{
	u64 last = walk_end(db), pass = ++db->upload_passes;
	struct xa_addrdb_set *set = NULL;
	unsigned int missing = 0;
	unsigned long *bits;

	while ((set = walk(db, set, last))) {
		if (rcu_access_pointer(set->bits[slot]))
			continue;
		bits = set->owner->short_of == pass ? NULL : set_compile(set, data);
		if (!bits) {
			set->owner->short_of = pass;
			missing++;
			continue;
		}
		mutex_lock(&db->lock);
		bits = bits_give(set, slot, bits);
		mutex_unlock(&db->lock);
		kvfree(bits);
	}
	return missing;
}

/* Free what was compiled for a database that no packet sees any more. */
void xa_addrdb_sets_drop(struct xa_addrdb *db, unsigned int slot)
{
	struct xa_addrdb_set *set = NULL;
	u64 last = walk_end(db);
	unsigned long *bits;

	while ((set = walk(db, set, last))) {
		mutex_lock(&db->lock);
		bits = bits_locked(set, slot);
		RCU_INIT_POINTER(set->bits[slot], NULL);
		mutex_unlock(&db->lock);
		kvfree(bits);
	}
}

/* How many sets a namespace has. Caller holds the lock. */
unsigned int xa_addrdb_sets_of(struct xa_addrdb *db, const struct net *net)
{
	const struct xa_addrdb_owner *owner;

	owner = rhashtable_lookup_fast(&db->owners, &net, owner_params);
	return owner ? owner->sets : 0;
}

/*
 * How many sets there are, and how many of them are not compiled: all, if no
 * database is loaded. Caller holds the lock.
 */
void xa_addrdb_sets_count(struct xa_addrdb *db, unsigned int *sets,
			  unsigned int *slow)
{
	const struct xa_addrdb_snap *snap = xa_addrdb_locked(db);
	const struct xa_addrdb_set *set;

	*sets = *slow = 0;
	list_for_each_entry(set, &db->sets, list) {
		++*sets;
		*slow += !snap || !bits_locked(set, snap->slot);
	}
}

/* Sets, and rules without one, of all namespaces. Caller holds the lock. */
unsigned int xa_addrdb_waiting(struct xa_addrdb *db)
{
	unsigned int sets, slow;

	xa_addrdb_sets_count(db, &sets, &slow);
	return sets + db->holders;
}

int xa_addrdb_set_init(struct xa_addrdb *db)
{
	int err = rhashtable_init(&db->by_labels, &set_params);

	INIT_LIST_HEAD(&db->sets);
	if (err)
		return err;
	err = rhashtable_init(&db->owners, &owner_params);
	if (err)
		rhashtable_destroy(&db->by_labels);
	return err;
}

void xa_addrdb_set_exit(struct xa_addrdb *db)
{
	WARN_ON(!list_empty(&db->sets));
	rhashtable_destroy(&db->by_labels);
	rhashtable_destroy(&db->owners);
}
