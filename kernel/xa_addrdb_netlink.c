// SPDX-License-Identifier: GPL-2.0-only
/*
 * xa_addrdb_netlink - uploads, status and queries by generic netlink
 *
 * Each database has at most one upload in progress, which belongs to the
 * socket that began it, dies with it, and is dropped when nothing comes for
 * upload_timeout seconds. It is built beside the active database; only a
 * commit that has succeeded in everything replaces that.
 *
 * To change a database takes CAP_NET_ADMIN in the initial user namespace
 * (GENL_ADMIN_PERM) and a socket of the initial network namespace: a
 * container engine gives the former away together with a network namespace
 * of one's own. To look takes CAP_NET_ADMIN in the user namespace that owns
 * the sender's network namespace (GENL_UNS_ADMIN_PERM). Other namespaces than
 * the initial one see what they can see by their own rules anyway.
 */
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/jiffies.h>
#include <linux/module.h>
#include <linux/moduleparam.h>
#include <linux/notifier.h>
#include <linux/timekeeping.h>
#include <net/genetlink.h>

#include "xa_addrdb_priv.h"

static struct genl_family xa_addrdb_family;

static unsigned int upload_timeout = 30;
module_param(upload_timeout, uint, 0644);
MODULE_PARM_DESC(upload_timeout, "seconds after which an upload is dropped when nothing comes");

#define UPLOAD_TURN	(5UL * HZ)

static const struct nla_policy xa_addrdb_policy[XA_ADDRDB_ATTR_MAX + 1] = {
	[XA_ADDRDB_ATTR_DB]		= NLA_POLICY_MAX(NLA_U8, XA_ADDRDB_IDS - 1),
	[XA_ADDRDB_ATTR_SOURCE]		= { .type = NLA_NUL_STRING,
					    .len = XA_ADDRDB_SOURCE_LEN - 1 },
	[XA_ADDRDB_ATTR_DATE]		= { .type = NLA_U64 },
	[XA_ADDRDB_ATTR_N_LABELS]	= { .type = NLA_U32 },
	[XA_ADDRDB_ATTR_N_CLASSES]	= { .type = NLA_U32 },
	[XA_ADDRDB_ATTR_N_MEMBERS]	= { .type = NLA_U32 },
	[XA_ADDRDB_ATTR_N_BOUNDS4]	= { .type = NLA_U32 },
	[XA_ADDRDB_ATTR_N_BOUNDS6]	= { .type = NLA_U32 },
	[XA_ADDRDB_ATTR_LABELS]		= { .type = NLA_BINARY },
	[XA_ADDRDB_ATTR_MEMBERS]	= { .type = NLA_BINARY },
	[XA_ADDRDB_ATTR_BOUNDS4]	= { .type = NLA_BINARY },
	[XA_ADDRDB_ATTR_BOUNDS6]	= { .type = NLA_BINARY },
	[XA_ADDRDB_ATTR_ADDR]		= { .type = NLA_BINARY, .len = 16 },
};

static struct xa_addrdb *db_of(const struct genl_info *info)
{
	if (!info->attrs[XA_ADDRDB_ATTR_DB])
		return NULL;
	return &xa_addrdb_dbs[nla_get_u8(info->attrs[XA_ADDRDB_ATTR_DB])];
}

static bool from_init_net(struct genl_info *info)
{
	return net_eq(genl_info_net(info), &init_net);
}

/* The database that a verb wants to change; NULL and *err: it must not. */
static struct xa_addrdb *db_to_change(struct genl_info *info, int *err)
{
	struct xa_addrdb *db = db_of(info);

	*err = -EINVAL;
	if (db && !from_init_net(info)) {
		NL_SET_ERR_MSG(info->extack, "databases belong to the initial network namespace");
		*err = -EPERM;
		return NULL;
	}
	return db;
}

static u32 get_u32(const struct genl_info *info, int attr)
{
	return info->attrs[attr] ? nla_get_u32(info->attrs[attr]) : 0;
}

/* ---- uploads */

/* Caller holds upload_lock. */
static void upload_drop(struct xa_addrdb *db)
{
	xa_addrdb_upload_destroy(db->upload);
	db->upload = NULL;
	kfree(db->upload_snap);
	db->upload_snap = NULL;
	WRITE_ONCE(db->upload_portid, 0);
}

/* Port numbers are of a network namespace: that of the databases. */
static bool upload_is_of(const struct xa_addrdb *db, u32 portid)
{
	return db->upload && db->upload_portid == portid;
}

static unsigned long timeout_jiffies(void)
{
	return clamp(READ_ONCE(upload_timeout), 1U, 86400U) * HZ;
}

/* upload_timeout may be lowered meanwhile */
static void upload_expire_later(struct xa_addrdb *db, unsigned long left)
{
	schedule_delayed_work(&db->upload_expire, min(left, UPLOAD_TURN));
}

/* Looks again when the sender did something, or is at it. */
void xa_addrdb_upload_expire(struct work_struct *work)
{
	struct xa_addrdb *db = container_of(to_delayed_work(work),
					    struct xa_addrdb, upload_expire);
	unsigned long idle, most = timeout_jiffies();

	if (!mutex_trylock(&db->upload_lock)) {
		schedule_delayed_work(&db->upload_expire, HZ);
		return;
	}
	idle = jiffies - db->upload_active;
	if (db->upload && idle >= most) {
		pr_info("an upload is dropped: nothing came for %u s\n",
			jiffies_to_msecs(idle) / 1000);
		upload_drop(db);
	} else if (db->upload) {
		upload_expire_later(db, most - idle);
	}
	mutex_unlock(&db->upload_lock);
}

/* Source and date, kept in a snapshot that is never published. */
static struct xa_addrdb_snap *upload_describe(const struct genl_info *info)
{
	struct xa_addrdb_snap *snap = kzalloc(sizeof(*snap), GFP_KERNEL_ACCOUNT);
	const struct nlattr *source = info->attrs[XA_ADDRDB_ATTR_SOURCE];

	if (!snap)
		return NULL;
	if (source)
		memcpy(snap->source, nla_data(source),
		       strnlen(nla_data(source), nla_len(source)));
	if (info->attrs[XA_ADDRDB_ATTR_DATE])
		snap->date = nla_get_u64(info->attrs[XA_ADDRDB_ATTR_DATE]);
	return snap;
}

static int upload_begin(struct xa_addrdb *db, struct genl_info *info)
{
	const struct xa_addrdb_counts want = {
		.labels  = get_u32(info, XA_ADDRDB_ATTR_N_LABELS),
		.classes = get_u32(info, XA_ADDRDB_ATTR_N_CLASSES),
		.members = get_u32(info, XA_ADDRDB_ATTR_N_MEMBERS),
		.bounds  = { get_u32(info, XA_ADDRDB_ATTR_N_BOUNDS4),
			     get_u32(info, XA_ADDRDB_ATTR_N_BOUNDS6) },
	};

	db->upload = xa_addrdb_upload_create(db - xa_addrdb_dbs, &want);
	db->upload_snap = upload_describe(info);
	if (!db->upload || !db->upload_snap) {
		upload_drop(db);
		NL_SET_ERR_MSG(info->extack, "counts out of bounds, or no memory for so many");
		return -E2BIG;
	}
	db->upload_active = jiffies;
	upload_expire_later(db, timeout_jiffies());
	WRITE_ONCE(db->upload_portid, info->snd_portid);
	return 0;
}

static int cmd_begin(struct sk_buff *skb, struct genl_info *info)
{
	struct xa_addrdb *db;
	int err;

	db = db_to_change(info, &err);
	if (!db)
		return err;
	err = -EBUSY;
	mutex_lock(&db->upload_lock);
	if (upload_is_of(db, info->snd_portid))
		upload_drop(db);
	if (db->upload)
		NL_SET_ERR_MSG(info->extack, "another upload is in progress");
	else
		err = upload_begin(db, info);
	mutex_unlock(&db->upload_lock);
	return err;
}

static int upload_data(struct xa_addrdb *db, const struct genl_info *info)
{
	static const struct {
		int attr;
		int (*take)(struct xa_addrdb_upload *up, const void *bytes, size_t len);
	} takers[] = {
		{ XA_ADDRDB_ATTR_LABELS,  xa_addrdb_upload_labels },
		{ XA_ADDRDB_ATTR_MEMBERS, xa_addrdb_upload_members },
		{ XA_ADDRDB_ATTR_BOUNDS4, xa_addrdb_upload_bounds4 },
		{ XA_ADDRDB_ATTR_BOUNDS6, xa_addrdb_upload_bounds6 },
	};
	const struct nlattr *nla;
	unsigned int i;
	int err;

	for (i = 0; i < ARRAY_SIZE(takers); i++) {
		nla = info->attrs[takers[i].attr];
		if (!nla)
			continue;
		err = takers[i].take(db->upload, nla_data(nla), nla_len(nla));
		if (err) {
			NL_SET_ERR_MSG_ATTR(info->extack, nla, "more than announced, or malformed");
			return err;
		}
		db->upload_active = jiffies;
	}
	return 0;
}

/* A database that was refused is forgotten as well. */
static int upload_commit(struct xa_addrdb *db, const struct genl_info *info)
{
	struct xa_addrdb_data *data;
	int err;

	data = xa_addrdb_upload_finish(db->upload, &err);
	if (!data)
		NL_SET_ERR_MSG(info->extack, "the upload is incomplete, malformed or too large");
	else
		err = xa_addrdb_publish(db, data, db->upload_snap);
	if (data && err)
		xa_addrdb_data_destroy(data);
	upload_drop(db);
	return err;
}

static int upload_abort(struct xa_addrdb *db, const struct genl_info *info)
{
	upload_drop(db);
	return 0;
}

static int with_upload(struct genl_info *info,
		       int (*verb)(struct xa_addrdb *db, const struct genl_info *info))
{
	struct xa_addrdb *db;
	int err;

	db = db_to_change(info, &err);
	if (!db)
		return err;
	err = -ESRCH;
	mutex_lock(&db->upload_lock);
	if (upload_is_of(db, info->snd_portid))
		err = verb(db, info);
	else
		NL_SET_ERR_MSG(info->extack, "this socket has no upload in progress");
	mutex_unlock(&db->upload_lock);
	return err;
}

static int cmd_data(struct sk_buff *skb, struct genl_info *info)
{
	return with_upload(info, upload_data);
}

static int cmd_commit(struct sk_buff *skb, struct genl_info *info)
{
	return with_upload(info, upload_commit);
}

static int cmd_abort(struct sk_buff *skb, struct genl_info *info)
{
	return with_upload(info, upload_abort);
}

static int cmd_unload(struct sk_buff *skb, struct genl_info *info)
{
	struct xa_addrdb *db;
	int err;

	db = db_to_change(info, &err);
	if (!db)
		return err;
	mutex_lock(&db->upload_lock);
	err = xa_addrdb_unload(db);
	mutex_unlock(&db->upload_lock);
	if (err == -EBUSY)
		NL_SET_ERR_MSG(info->extack, "rules need the database");
	return err;
}

/* ---- questions */

static struct sk_buff *answer_new(struct genl_info *info, size_t room, void **head)
{
	struct sk_buff *msg = genlmsg_new(room, GFP_KERNEL);

	if (!msg)
		return NULL;
	*head = genlmsg_put_reply(msg, info, &xa_addrdb_family, 0,
				  info->genlhdr->cmd);
	if (*head)
		return msg;
	nlmsg_free(msg);
	return NULL;
}

static int answer_send(struct sk_buff *msg, struct genl_info *info, void *head,
		       int err)
{
	if (err) {
		nlmsg_free(msg);
		return err;
	}
	genlmsg_end(msg, head);
	return genlmsg_reply(msg, info);
}

static u64 table_bytes(const struct xa_addrdb_table *t)
{
	return (u64)t->words * sizeof(u32);
}

static int put_u64(struct sk_buff *msg, int attr, u64 value)
{
	return nla_put_u64_64bit(msg, attr, value, XA_ADDRDB_ATTR_PAD);
}

/* Bytes of what is compiled for so many sets. */
static u64 sets_bytes(const struct xa_addrdb_snap *snap, unsigned int sets)
{
	return (u64)sets * BITS_TO_LONGS(snap->data->n_classes + 1) * sizeof(long);
}

/* What only the initial namespace is told: where the files are, who else has rules. */
static int put_status_all(struct sk_buff *msg, struct xa_addrdb *db,
			  const struct xa_addrdb_snap *snap)
{
	unsigned int sets, slow;

	xa_addrdb_sets_count(db, &sets, &slow);
	if (nla_put_string(msg, XA_ADDRDB_ATTR_SOURCE, snap->source) ||
	    put_u64(msg, XA_ADDRDB_ATTR_MEMORY, xa_addrdb_data_memory(snap->data) +
		    sizeof(*snap) + sets_bytes(snap, sets - slow)) ||
	    nla_put_u32(msg, XA_ADDRDB_ATTR_SETS, sets) ||
	    nla_put_u32(msg, XA_ADDRDB_ATTR_SETS_SLOW, slow))
		return -EMSGSIZE;
	return 0;
}

/* The same for others, as if they were alone. */
static int put_status_own(struct sk_buff *msg, struct xa_addrdb *db,
			  const struct xa_addrdb_snap *snap, const struct net *net)
{
	unsigned int sets = xa_addrdb_sets_of(db, net);

	if (put_u64(msg, XA_ADDRDB_ATTR_MEMORY, xa_addrdb_data_memory(snap->data) +
		    sizeof(*snap) + sets_bytes(snap, sets)) ||
	    nla_put_u32(msg, XA_ADDRDB_ATTR_SETS, sets))
		return -EMSGSIZE;
	return 0;
}

static int put_status(struct sk_buff *msg, struct xa_addrdb *db,
		      const struct xa_addrdb_snap *snap)
{
	const struct xa_addrdb_data *data = snap->data;

	if (nla_put_u8(msg, XA_ADDRDB_ATTR_DB, db - xa_addrdb_dbs) ||
	    put_u64(msg, XA_ADDRDB_ATTR_DATE, snap->date) ||
	    put_u64(msg, XA_ADDRDB_ATTR_GENERATION, snap->generation) ||
	    put_u64(msg, XA_ADDRDB_ATTR_AGE,
		    ktime_get_boottime_seconds() - snap->since) ||
	    nla_put_u32(msg, XA_ADDRDB_ATTR_N_LABELS, data->n_labels) ||
	    nla_put_u32(msg, XA_ADDRDB_ATTR_N_CLASSES, data->n_classes) ||
	    nla_put_u32(msg, XA_ADDRDB_ATTR_RANGES4, data->ranges[0]) ||
	    nla_put_u32(msg, XA_ADDRDB_ATTR_RANGES6, data->ranges[1]) ||
	    put_u64(msg, XA_ADDRDB_ATTR_MEMORY4, table_bytes(&data->table[0])) ||
	    put_u64(msg, XA_ADDRDB_ATTR_MEMORY6, table_bytes(&data->table[1])))
		return -EMSGSIZE;
	return 0;
}

/* No database: how many wait for one. */
static int put_status_none(struct sk_buff *msg, struct xa_addrdb *db,
			   struct genl_info *info)
{
	unsigned int n = from_init_net(info) ? xa_addrdb_waiting(db) :
			 xa_addrdb_sets_of(db, genl_info_net(info));

	return n ? nla_put_u32(msg, XA_ADDRDB_ATTR_SETS, n) : -ENODATA;
}

static int cmd_status(struct sk_buff *skb, struct genl_info *info)
{
	struct xa_addrdb *db = db_of(info);
	const struct xa_addrdb_snap *snap;
	struct sk_buff *msg;
	void *head;
	int err;

	if (!db)
		return -EINVAL;
	msg = answer_new(info, GENLMSG_DEFAULT_SIZE, &head);
	if (!msg)
		return -ENOMEM;
	mutex_lock(&db->lock);
	snap = xa_addrdb_locked(db);
	err = snap ? put_status(msg, db, snap) : put_status_none(msg, db, info);
	if (snap && !err)
		err = from_init_net(info) ? put_status_all(msg, db, snap) :
		      put_status_own(msg, db, snap, genl_info_net(info));
	mutex_unlock(&db->lock);
	return answer_send(msg, info, head, err);
}

static int lookup_addr(const struct xa_addrdb_snap *snap,
		       const struct nlattr *nla, u32 *class)
{
	__be32 a[4];
	u64 hi, lo;

	if (nla_len(nla) != 4 && nla_len(nla) != 16)
		return -EINVAL;
	nla_memcpy(a, nla, sizeof(a));
	if (nla_len(nla) == 4) {
		*class = xa_addrdb_lookup4(&snap->table[0], be32_to_cpu(a[0]));
	} else {
		hi = (u64)be32_to_cpu(a[0]) << 32 | be32_to_cpu(a[1]);
		lo = (u64)be32_to_cpu(a[2]) << 32 | be32_to_cpu(a[3]);
		*class = xa_addrdb_lookup6(&snap->table[1], hi, lo);
	}
	return 0;
}

static int put_labels(struct sk_buff *msg, const struct xa_addrdb_data *data,
		      u32 class)
{
	u32 i = data->class_at[class], end = data->class_at[class + 1];
	struct nlattr *nla = nla_reserve(msg, XA_ADDRDB_ATTR_LABELS,
					 (end - i) * sizeof(u32));
	u32 *labels;

	if (!nla)
		return -EMSGSIZE;
	for (labels = nla_data(nla); i < end; i++)
		*labels++ = data->labels[data->members[i]];
	return 0;
}

static int cmd_query(struct sk_buff *skb, struct genl_info *info)
{
	const struct nlattr *addr = info->attrs[XA_ADDRDB_ATTR_ADDR];
	struct xa_addrdb *db = db_of(info);
	const struct xa_addrdb_snap *snap;
	struct sk_buff *msg;
	int err = -ENODATA;
	void *head;
	u32 class;

	if (!db || !addr)
		return -EINVAL;
	msg = answer_new(info, GENLMSG_DEFAULT_SIZE, &head);
	if (!msg)
		return -ENOMEM;
	rcu_read_lock();
	snap = rcu_dereference(db->snap);
	if (snap)
		err = lookup_addr(snap, addr, &class);
	if (!err)
		err = put_labels(msg, snap->data, class);
	rcu_read_unlock();
	return answer_send(msg, info, head, err);
}

/* All of those that no address has: there is room for each that is asked about. */
static int put_missing(struct sk_buff *msg, const struct xa_addrdb_data *data,
		       const struct nlattr *nla)
{
	struct nlattr *answer = nla_reserve(msg, XA_ADDRDB_ATTR_LABELS, nla_len(nla));
	const u32 *labels = nla_data(nla);
	u32 *missing, n = 0, i, at;

	if (!answer)
		return -EMSGSIZE;
	missing = nla_data(answer);
	for (i = 0; i < nla_len(nla) / sizeof(u32); i++)
		if (!xa_addrdb_label_find(data, labels[i], &at) ||
		    data->label_at[at] == data->label_at[at + 1])
			missing[n++] = labels[i];
	answer->nla_len = nla_attr_size(n * sizeof(u32));
	nlmsg_trim(msg, missing + n);
	return 0;
}

static int cmd_check(struct sk_buff *skb, struct genl_info *info)
{
	const struct nlattr *labels = info->attrs[XA_ADDRDB_ATTR_LABELS];
	struct xa_addrdb *db = db_of(info);
	const struct xa_addrdb_snap *snap;
	struct sk_buff *msg;
	int err = -ENODATA;
	void *head;

	if (!db || !labels || nla_len(labels) % sizeof(u32))
		return -EINVAL;
	msg = answer_new(info, nla_total_size(nla_len(labels)), &head);
	if (!msg)
		return -ENOMEM;
	rcu_read_lock();
	snap = rcu_dereference(db->snap);
	if (snap)
		err = put_missing(msg, snap->data, labels);
	rcu_read_unlock();
	return answer_send(msg, info, head, err);
}

/* ---- registration */

static const struct genl_small_ops xa_addrdb_ops[] = {
	{ .cmd = XA_ADDRDB_CMD_BEGIN,  .doit = cmd_begin,  .flags = GENL_ADMIN_PERM },
	{ .cmd = XA_ADDRDB_CMD_DATA,   .doit = cmd_data,   .flags = GENL_ADMIN_PERM },
	{ .cmd = XA_ADDRDB_CMD_COMMIT, .doit = cmd_commit, .flags = GENL_ADMIN_PERM },
	{ .cmd = XA_ADDRDB_CMD_ABORT,  .doit = cmd_abort,  .flags = GENL_ADMIN_PERM },
	{ .cmd = XA_ADDRDB_CMD_UNLOAD, .doit = cmd_unload, .flags = GENL_ADMIN_PERM },
	{ .cmd = XA_ADDRDB_CMD_STATUS, .doit = cmd_status, .flags = GENL_UNS_ADMIN_PERM },
	{ .cmd = XA_ADDRDB_CMD_QUERY,  .doit = cmd_query,  .flags = GENL_UNS_ADMIN_PERM },
	{ .cmd = XA_ADDRDB_CMD_CHECK,  .doit = cmd_check,  .flags = GENL_UNS_ADMIN_PERM },
};

static struct genl_family xa_addrdb_family __ro_after_init = {
	.name         = XA_ADDRDB_GENL_NAME,
	.version      = XA_ADDRDB_GENL_VERSION,
	.maxattr      = XA_ADDRDB_ATTR_MAX,
	.policy       = xa_addrdb_policy,
	.netnsok      = true,
	.parallel_ops = true,
	.module       = THIS_MODULE,
	.small_ops    = xa_addrdb_ops,
	.n_small_ops  = ARRAY_SIZE(xa_addrdb_ops),
};

/*
 * A socket closes: its uploads go. Most sockets have none, and must not wait
 * for somebody else's commit; the sender's own close follows its last verb.
 */
static int socket_closed(struct notifier_block *nb, unsigned long event, void *ptr)
{
	const struct netlink_notify *n = ptr;
	struct xa_addrdb *db = xa_addrdb_dbs;

	if (event != NETLINK_URELEASE || n->protocol != NETLINK_GENERIC ||
	    !net_eq(n->net, &init_net))
		return NOTIFY_DONE;
	for (; db < xa_addrdb_dbs + XA_ADDRDB_IDS; db++) {
		if (READ_ONCE(db->upload_portid) != n->portid)
			continue;
		mutex_lock(&db->upload_lock);
		if (upload_is_of(db, n->portid))
			upload_drop(db);
		mutex_unlock(&db->upload_lock);
	}
	return NOTIFY_DONE;
}

static struct notifier_block xa_addrdb_notifier = {
	.notifier_call = socket_closed,
};

int xa_addrdb_netlink_init(void)
{
	int err = netlink_register_notifier(&xa_addrdb_notifier);

	if (err)
		return err;
	err = genl_register_family(&xa_addrdb_family);
	if (err)
		netlink_unregister_notifier(&xa_addrdb_notifier);
	return err;
}

void xa_addrdb_netlink_exit(void)
{
	unsigned int i;

	genl_unregister_family(&xa_addrdb_family);
	netlink_unregister_notifier(&xa_addrdb_notifier);
	for (i = 0; i < XA_ADDRDB_IDS; i++) {
		cancel_delayed_work_sync(&xa_addrdb_dbs[i].upload_expire);
		upload_drop(&xa_addrdb_dbs[i]);
	}
}

MODULE_ALIAS_GENL_FAMILY(XA_ADDRDB_GENL_NAME);
