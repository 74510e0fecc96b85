// SPDX-License-Identifier: GPL-2.0-only
/*
 * xa_hook_session - rulesets that are being built, and the extensions they use
 *
 * Generic netlink holds a lock while a verb runs, and a module that registers a
 * family (that of the address databases does) waits for that lock. So no verb
 * may load the module of an extension. BEGIN names all extensions; a work item
 * gets them, modules and all, and then answers. The session has references to
 * them from then on. Checks of the kernel's own extensions load a few modules in
 * ADD (of CT a helper, of string an algorithm, of physdev br_netfilter), none of
 * which registers a family.
 *
 * A session is of the socket that began it. It ends with ABORT, COMMIT, a new
 * BEGIN, the socket, the namespace, or when another BEGIN wants its place and it
 * has been idle for long. Whoever has a reference can work on it to the end.
 *
 * Anybody with a user namespace can begin sessions whose extensions do not exist. So one
 * session of a namespace at a time looks for them, it stops when it has ended, and counts
 * until it has been freed.
 */
#include <linux/jiffies.h>
#include <linux/kmod.h>
#include <linux/mm.h>
#include <linux/module.h>
#include <linux/slab.h>
#include <net/genetlink.h>
#include <net/netfilter/nf_log.h>

#include "xa_hook_priv.h"

#define IDLE	(30 * HZ)

const struct nla_policy xa_hook_ext_policy[XA_HOOK_EXT_MAX + 1] = {
	[XA_HOOK_EXT_NAME]	= { .type = NLA_NUL_STRING, .len = XT_EXTENSION_MAXNAMELEN - 1 },
	[XA_HOOK_EXT_REVISION]	= { .type = NLA_U8 },
	[XA_HOOK_EXT_DATA]	= { .type = NLA_BINARY },
	[XA_HOOK_EXT_FAMILY]	= NLA_POLICY_RANGE(NLA_U8, NFPROTO_IPV4, NFPROTO_IPV6),
	[XA_HOOK_EXT_TARGET]	= { .type = NLA_FLAG },
};

/* ---- extensions */

/* Under nft_compat these two do not load what they write by. */
static void load_logger(const struct xa_hook_ext *ext)
{
	if (!strcmp(ext->name, "LOG"))
		request_module("nf-logger-%u-%u", ext->family, NF_LOG_TYPE_LOG);
	else if (!strcmp(ext->name, "NFLOG"))
		request_module("nf-logger-%u-%u", ext->family, NF_LOG_TYPE_ULOG);
}

static void ext_get(struct xa_hook_ext *ext)
{
	struct xt_match *mt;
	struct xt_target *tg;

	if (ext->target) {
		tg = xt_request_find_target(ext->family, ext->name, ext->revision);
		ext->tg = IS_ERR(tg) ? NULL : tg;
		if (ext->tg)
			load_logger(ext);
	} else {
		mt = xt_request_find_match(ext->family, ext->name, ext->revision);
		ext->mt = IS_ERR(mt) ? NULL : mt;
	}
}

static void ext_put(const struct xa_hook_ext *ext)
{
	if (ext->mt)
		module_put(ext->target ? ext->tg->me : ext->mt->me);
}

static int ext_parse(struct xa_hook_ext *ext, const struct nlattr *nla,
		     struct netlink_ext_ack *extack)
{
	struct nlattr *tb[XA_HOOK_EXT_MAX + 1];
	int err;

	if (nla_type(nla) != XA_HOOK_ATTR_EXTENSION) {
		NL_SET_ERR_MSG_ATTR(extack, nla, "this is no EXTENSION");
		return -EINVAL;
	}
	err = nla_parse_nested(tb, XA_HOOK_EXT_MAX, nla, xa_hook_ext_policy, extack);
	if (err)
		return err;
	if (!tb[XA_HOOK_EXT_NAME] || !tb[XA_HOOK_EXT_REVISION] || !tb[XA_HOOK_EXT_FAMILY]) {
		NL_SET_ERR_MSG_ATTR(extack, nla, "FAMILY, NAME and REVISION are needed");
		return -EINVAL;
	}
	strscpy(ext->name, nla_data(tb[XA_HOOK_EXT_NAME]), sizeof(ext->name));
	ext->revision = nla_get_u8(tb[XA_HOOK_EXT_REVISION]);
	ext->family = nla_get_u8(tb[XA_HOOK_EXT_FAMILY]);
	ext->target = nla_get_flag(tb[XA_HOOK_EXT_TARGET]);
	return 0;
}

/* ---- the life of a session */

static void session_end_work(struct work_struct *work)
{
	struct xa_hook_session *s = container_of(work, struct xa_hook_session, end);
	struct xa_hook_net *hn = s->hn;
	u32 i;

	xa_hook_ruleset_destroy(s->ruleset);
	for (i = 0; s->ready && i < s->n_exts; i++)
		ext_put(&s->exts[i]);
	kvfree(s);
	spin_lock(&hn->list_lock);
	hn->n_sessions--;
	/* with the lock: who waits for the last one frees the namespace behind it */
	wake_up_all(&hn->freed);
	spin_unlock(&hn->list_lock);
}

/**
 * xa_hook_sessions_freed - whether there are no sessions any more
 * @hn: namespace
 *
 * Context: process.
 * Return: true if there are none, and nobody who freed one needs @hn any more.
 */
bool xa_hook_sessions_freed(struct xa_hook_net *hn)
{
	bool freed;

	spin_lock(&hn->list_lock);
	freed = !hn->n_sessions;
	spin_unlock(&hn->list_lock);
	return freed;
}

/**
 * xa_hook_session_put - a user of a session less
 * @s: session
 *
 * The last frees it, from a work item: the destructors of rules may take long.
 *
 * Context: process.
 */
void xa_hook_session_put(struct xa_hook_session *s)
{
	if (refcount_dec_and_test(&s->ref))
		xa_hook_end_queue(s->hn, &s->end);
}

/* Caller holds the lists' lock, and puts what it takes off. */
static void session_unlist(struct xa_hook_session *s)
{
	list_del_init(&s->list);
	WRITE_ONCE(s->gone, true);
}

/**
 * xa_hook_session_drop - nobody finds a session any more
 * @s: session that the caller has a reference to
 *
 * Context: process.
 */
void xa_hook_session_drop(struct xa_hook_session *s)
{
	bool listed;

	spin_lock(&s->hn->list_lock);
	listed = !list_empty(&s->list);
	if (listed)
		session_unlist(s);
	spin_unlock(&s->hn->list_lock);
	if (listed)
		xa_hook_session_put(s);
}

/**
 * xa_hook_session_get - the session that a socket speaks of
 * @hn:     namespace
 * @portid: socket
 * @token:  its name
 *
 * Context: process.
 * Return: session, for xa_hook_session_put(), or NULL.
 */
struct xa_hook_session *xa_hook_session_get(struct xa_hook_net *hn, u32 portid, u32 token)
{
	struct xa_hook_session *s, *found = NULL;

	spin_lock(&hn->list_lock);
	list_for_each_entry(s, &hn->sessions, list) {
		if (s->portid != portid || s->token != token)
			continue;
		refcount_inc(&s->ref);
		WRITE_ONCE(s->active, jiffies);
		found = s;
		break;
	}
	spin_unlock(&hn->list_lock);
	return found;
}

/* One that waits for its extensions, or whose owner has just spoken, is not idle. */
static bool session_idle(const struct xa_hook_session *s)
{
	/* that of the load, which sets @active before */
	return smp_load_acquire(&s->ready) &&
	       time_after(jiffies, READ_ONCE(s->active) + IDLE);
}

/* Those of a socket, or all that have been idle for long; all if @portid is 0. */
static void sessions_drop(struct xa_hook_net *hn, u32 portid, bool idle)
{
	struct xa_hook_session *s, *next;
	LIST_HEAD(gone);

	spin_lock(&hn->list_lock);
	list_for_each_entry_safe(s, next, &hn->sessions, list) {
		if (portid && s->portid != portid && !(idle && session_idle(s)))
			continue;
		session_unlist(s);
		list_add_tail(&s->list, &gone);
	}
	spin_unlock(&hn->list_lock);
	list_for_each_entry_safe(s, next, &gone, list) {
		list_del_init(&s->list);
		xa_hook_session_put(s);
	}
}

/**
 * xa_hook_sessions_close - a socket closes
 * @hn:     namespace
 * @portid: socket
 *
 * Context: process.
 */
void xa_hook_sessions_close(struct xa_hook_net *hn, u32 portid)
{
	if (READ_ONCE(hn->n_sessions))
		sessions_drop(hn, portid, false);
}

/**
 * xa_hook_sessions_end - no more sessions
 * @hn: namespace that is ending, or the module is
 *
 * Context: process.
 */
void xa_hook_sessions_end(struct xa_hook_net *hn)
{
	sessions_drop(hn, 0, false);
}

/* ---- loads */

/* The module is going: as if all sessions were gone. */
static bool loads_stopped;

/* How long this takes is up to user space, so it ends when nobody waits for it. */
static void session_load(struct xa_hook_session *s)
{
	u32 i;

	for (i = 0; i < s->n_exts; i++) {
		if (READ_ONCE(s->gone) || READ_ONCE(loads_stopped))
			break;
		ext_get(&s->exts[i]);
	}
	WRITE_ONCE(s->active, jiffies);
	/* before others read what was found */
	smp_store_release(&s->ready, true);
	if (i == s->n_exts && !READ_ONCE(s->gone))
		xa_hook_netlink_begun(s);
}

/*
 * Of the namespaces of containers some load at a time, on the whole machine: the number that
 * a work queue may bound is one of each NUMA node. The others stand in a line.
 */
#define MAX_USER_LOADS	4

/* guards the line, the number of those that load, and xa_hook_net.in_line and .load_due */
static DEFINE_SPINLOCK(line_lock);
static LIST_HEAD(line);
static unsigned int n_user_loads;

static bool is_container(const struct xa_hook_net *hn)
{
	return hn->net->user_ns != &init_user_ns;
}

static bool load_waits(struct xa_hook_net *hn)
{
	bool waits;

	spin_lock(&hn->list_lock);
	waits = !list_empty(&hn->waiting);
	spin_unlock(&hn->list_lock);
	return waits;
}

/*
 * A session has begun to wait; it may have been served meanwhile, and then nobody holds the
 * namespace for us. Root does not wait for what containers have loaded.
 */
static void loads_queue(struct xa_hook_net *hn)
{
	bool now = false;

	if (!is_container(hn)) {
		queue_work(xa_hook_loads, &hn->load);
		return;
	}
	spin_lock(&line_lock);
	if (!hn->load_due && load_waits(hn)) {
		hn->load_due = true;
		now = n_user_loads < MAX_USER_LOADS;
		if (now)
			n_user_loads++;
		else
			list_add_tail(&hn->in_line, &line);
	}
	spin_unlock(&line_lock);
	if (now)
		queue_work(xa_hook_user_loads, &hn->load);
}

/* A namespace has loaded for a session: the first one in the line takes its place. */
static void loads_next(struct xa_hook_net *hn)
{
	struct xa_hook_net *next;

	if (!is_container(hn)) {
		/* it runs when this has ended */
		if (load_waits(hn))
			queue_work(xa_hook_loads, &hn->load);
		return;
	}
	spin_lock(&line_lock);
	hn->load_due = load_waits(hn);
	if (hn->load_due)
		list_add_tail(&hn->in_line, &line);
	next = list_first_entry_or_null(&line, struct xa_hook_net, in_line);
	if (next)
		list_del_init(&next->in_line);
	else
		n_user_loads--;
	spin_unlock(&line_lock);
	/* the session that waits there holds it */
	if (next)
		queue_work(xa_hook_user_loads, &next->load);
}

/**
 * xa_hook_sessions_load_work - look for the extensions of a session, modules and all
 * @work: of the namespace
 *
 * One session at a time, the first that waits; behind the other namespaces that wait the
 * next one has its turn.
 *
 * Context: workqueue.
 */
void xa_hook_sessions_load_work(struct work_struct *work)
{
	struct xa_hook_net *hn = container_of(work, struct xa_hook_net, load);
	struct xa_hook_session *s;

	spin_lock(&hn->list_lock);
	s = list_first_entry_or_null(&hn->waiting, struct xa_hook_session, waiting);
	if (s)
		list_del_init(&s->waiting);
	spin_unlock(&hn->list_lock);
	if (!s)
		return;
	session_load(s);
	xa_hook_session_put(s);
	loads_next(hn);
	/* the last thing: the namespace may end, which waits for this work */
	put_net(hn->net);
}

/**
 * xa_hook_sessions_stop_loads - extensions are not looked for any more
 *
 * What has begun is waited for. Those that wait have the namespaces in their hands, and
 * go through quickly, first those in the line.
 *
 * Context: process, may sleep; there are no verbs any more.
 */
void xa_hook_sessions_stop_loads(void)
{
	int i;

	WRITE_ONCE(loads_stopped, true);
	while (READ_ONCE(n_user_loads))
		flush_workqueue(xa_hook_user_loads);
	/* each time a namespace has one less */
	for (i = 0; i < XA_HOOK_MAX_SESSIONS; i++) {
		flush_workqueue(xa_hook_loads);
		flush_workqueue(xa_hook_user_loads);
	}
}

/* ---- BEGIN */

static struct xa_hook_session *session_alloc(struct xa_hook_net *hn, u32 n_exts)
{
	struct xa_hook_session *s;

	s = kvzalloc(struct_size(s, exts, n_exts), GFP_KERNEL_ACCOUNT);
	if (!s)
		return NULL;
	s->ruleset = xa_hook_ruleset_alloc();
	if (!s->ruleset) {
		kvfree(s);
		return NULL;
	}
	s->hn = hn;
	s->n_exts = n_exts;
	s->active = jiffies;
	INIT_LIST_HEAD(&s->list);
	INIT_LIST_HEAD(&s->waiting);
	INIT_WORK(&s->end, session_end_work);
	/* the list's and the load's */
	refcount_set(&s->ref, 2);
	return s;
}

static int exts_parse(struct xa_hook_session *s, const struct nlattr *exts,
		      struct netlink_ext_ack *extack)
{
	struct xa_hook_ext *ext = s->exts;
	const struct nlattr *nla;
	int rem, err;

	if (!exts)
		return 0;
	nla_for_each_nested(nla, exts, rem) {
		err = ext_parse(ext++, nla, extack);
		if (err)
			return err;
	}
	return 0;
}

static int exts_count(const struct nlattr *exts)
{
	const struct nlattr *nla;
	int rem, n = 0;

	if (exts)
		nla_for_each_nested(nla, exts, rem)
			n++;
	return n;
}

/* The token of a socket's session is not that of its last one. */
static int session_list(struct xa_hook_session *s)
{
	struct xa_hook_net *hn = s->hn;
	int err = 0;

	spin_lock(&hn->list_lock);
	if (hn->n_sessions >= XA_HOOK_MAX_SESSIONS) {
		err = -EBUSY;
	} else {
		s->token = ++hn->last_token ?: ++hn->last_token;
		list_add_tail(&s->list, &hn->sessions);
		get_net(hn->net);
		list_add_tail(&s->waiting, &hn->waiting);
		hn->n_sessions++;
	}
	spin_unlock(&hn->list_lock);
	return err;
}

/**
 * xa_hook_session_begin - begin a ruleset, and look for the extensions it will use
 * @hn:   namespace
 * @info: message
 *
 * Context: process, may sleep.
 * Return: 0, and xa_hook_netlink_begun() is called when they have been looked for.
 */
int xa_hook_session_begin(struct xa_hook_net *hn, struct genl_info *info)
{
	const struct nlattr *exts = info->attrs[XA_HOOK_ATTR_EXTENSIONS];
	struct xa_hook_session *s;
	int n = exts_count(exts), err;

	if (n > XA_HOOK_MAX_EXTENSIONS) {
		NL_SET_ERR_MSG_ATTR(info->extack, exts, "too many extensions");
		return -E2BIG;
	}
	sessions_drop(hn, info->snd_portid, true);
	s = session_alloc(hn, n);
	if (!s)
		return -ENOMEM;
	s->portid = info->snd_portid;
	s->seq = info->snd_seq;
	err = exts_parse(s, exts, info->extack);
	if (!err) {
		err = session_list(s);
		if (err)
			NL_SET_ERR_MSG(info->extack, "too many rulesets have been begun here");
	}
	if (err) {
		xa_hook_ruleset_destroy(s->ruleset);
		kvfree(s);
		return err;
	}
	loads_queue(hn);
	return 0;
}
