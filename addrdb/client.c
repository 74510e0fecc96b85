// SPDX-License-Identifier: GPL-2.0-only
/* client - the language of the kernel's address databases */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include <libmnl/libmnl.h>
#include <linux/genetlink.h>

#include "addrdb.h"
#include "xa_addrdb_nl.h"

struct xa_client {
	struct mnl_socket *nl;
	uint16_t family;
	uint32_t seq;
	uint8_t buf[XA_IMAGE_CHUNK + 4096];
	char said[256];
};

/* What an answer's attributes are put into. */
typedef int attr_cb(const struct nlattr *attr, void *data);

static struct nlmsghdr *begin(struct xa_client *c, uint8_t cmd)
{
	struct nlmsghdr *nlh = mnl_nlmsg_put_header(c->buf);
	struct genlmsghdr *g;

	nlh->nlmsg_type = c->family;
	nlh->nlmsg_flags = NLM_F_REQUEST | NLM_F_ACK;
	nlh->nlmsg_seq = ++c->seq;
	g = mnl_nlmsg_put_extra_header(nlh, sizeof(*g));
	g->cmd = cmd;
	g->version = XA_ADDRDB_GENL_VERSION;
	return nlh;
}

/* The kernel's own words for an error, if it sent some. */
static void keep_message(struct xa_client *c, const struct nlmsghdr *nlh)
{
	const struct nlmsgerr *e = mnl_nlmsg_get_payload(nlh);
	const struct nlattr *attr;
	size_t skip = sizeof(*e);

	c->said[0] = '\0';
	if (!(nlh->nlmsg_flags & NLM_F_ACK_TLVS))
		return;
	if (!(nlh->nlmsg_flags & NLM_F_CAPPED))
		skip += mnl_nlmsg_get_payload_len(&e->msg);
	mnl_attr_for_each(attr, nlh, skip)
		if (mnl_attr_get_type(attr) == NLMSGERR_ATTR_MSG &&
		    !mnl_attr_validate(attr, MNL_TYPE_NUL_STRING))
			snprintf(c->said, sizeof(c->said), "%s", mnl_attr_get_str(attr));
}

static void take_answer(const struct nlmsghdr *nlh, attr_cb *cb, void *data)
{
	const struct nlattr *attr;

	if (cb)
		mnl_attr_for_each(attr, nlh, sizeof(struct genlmsghdr))
			cb(attr, data);
}

/* Send, and read up to the acknowledgment. Return: 0 or a positive errno. */
static int send_request(struct xa_client *c, struct nlmsghdr *nlh, attr_cb *cb, void *data)
{
	uint32_t seq = nlh->nlmsg_seq;
	ssize_t n;
	int len;

	if (mnl_socket_sendto(c->nl, nlh, nlh->nlmsg_len) < 0)
		return errno;
	for (;;) {
		n = mnl_socket_recvfrom(c->nl, c->buf, sizeof(c->buf));
		if (n < 0)
			return errno;
		len = n;
		for (nlh = (void *)c->buf; mnl_nlmsg_ok(nlh, len);
		     nlh = mnl_nlmsg_next(nlh, &len)) {
			if (nlh->nlmsg_seq != seq)
				continue;
			if (nlh->nlmsg_type == NLMSG_ERROR) {
				keep_message(c, nlh);
				return -((struct nlmsgerr *)mnl_nlmsg_get_payload(nlh))->error;
			}
			take_answer(nlh, cb, data);
		}
	}
}

static int take_family(const struct nlattr *attr, void *data)
{
	if (mnl_attr_get_type(attr) == CTRL_ATTR_FAMILY_ID)
		*(uint16_t *)data = mnl_attr_get_u16(attr);
	return MNL_CB_OK;
}

/* Asking for the family by name makes the kernel load its module. */
static int find_family(struct xa_client *c)
{
	struct nlmsghdr *nlh;
	struct genlmsghdr *g;
	uint16_t family = 0;
	int e;

	c->family = GENL_ID_CTRL;
	nlh = begin(c, CTRL_CMD_GETFAMILY);
	g = mnl_nlmsg_get_payload(nlh);
	g->version = 1;
	mnl_attr_put_strz(nlh, CTRL_ATTR_FAMILY_NAME, XA_ADDRDB_GENL_NAME);
	e = send_request(c, nlh, take_family, &family);
	c->family = family;
	return e;
}

struct xa_client *xa_client_open(struct xa_err *err)
{
	struct xa_client *c = calloc(1, sizeof(*c));
	int one = 1, e;

	if (!c) {
		xa_fail(err, "no memory");
		return NULL;
	}
	c->nl = mnl_socket_open(NETLINK_GENERIC);
	if (c->nl && !mnl_socket_bind(c->nl, 0, MNL_SOCKET_AUTOPID)) {
		mnl_socket_setsockopt(c->nl, NETLINK_EXT_ACK, &one, sizeof(one));
		mnl_socket_setsockopt(c->nl, NETLINK_CAP_ACK, &one, sizeof(one));
		e = find_family(c);
		if (!e)
			return c;
		if (e == ENOENT)
			xa_fail(err, "the kernel has no module xa_addrdb (modprobe xa_addrdb)");
		else
			xa_fail(err, "the kernel does not answer: %s", strerror(e));
	} else {
		xa_fail(err, "cannot open a netlink socket: %s", strerror(errno));
	}
	xa_client_close(c);
	return NULL;
}

void xa_client_close(struct xa_client *c)
{
	if (!c)
		return;
	if (c->nl)
		mnl_socket_close(c->nl);
	free(c);
}

/* A sentence for an errno; false. */
static bool explain(const struct xa_client *c, int e, struct xa_err *err)
{
	if (e == EPERM)
		return xa_fail(err, "only the administrator of the machine may do that (CAP_NET_ADMIN in the initial namespaces)");
	if (*c->said)
		return xa_fail(err, "the kernel refuses: %s (%s)", c->said, strerror(e));
	return xa_fail(err, "the kernel refuses: %s", strerror(e));
}

/* Who may ask is another matter than who may change. */
static enum xa_reply reply(const struct xa_client *c, int e, struct xa_err *err)
{
	if (!e)
		return XA_REPLY_OK;
	if (e == EPERM)
		xa_fail(err, "only the administrator of the network namespace may ask (CAP_NET_ADMIN)");
	else
		explain(c, e, err);
	return e == ENODATA ? XA_REPLY_NONE : XA_REPLY_ERROR;
}

static bool simple(struct xa_client *c, uint8_t cmd, const struct xa_kind *kind,
		   struct xa_err *err)
{
	struct nlmsghdr *nlh = begin(c, cmd);
	int e;

	mnl_attr_put_u8(nlh, XA_ADDRDB_ATTR_DB, kind->id);
	e = send_request(c, nlh, NULL, NULL);
	if (e == ENODATA)
		return xa_fail(err, "no %s database is loaded", kind->name);
	return !e || explain(c, e, err);
}

/* ---- upload */

struct upload {
	struct xa_client *c;
	const struct xa_kind *kind;
	bool refused;		/* by the kernel */
};

/* Send records of a part of an image, at most a message full. */
static bool send_records(void *data, enum xa_part part, const void *records,
			 size_t n, struct xa_err *err)
{
	static const uint16_t attr[XA_PARTS] = {
		[XA_PART_LABELS]  = XA_ADDRDB_ATTR_LABELS,
		[XA_PART_MEMBERS] = XA_ADDRDB_ATTR_MEMBERS,
		[XA_PART_BOUNDS4] = XA_ADDRDB_ATTR_BOUNDS4,
		[XA_PART_BOUNDS6] = XA_ADDRDB_ATTR_BOUNDS6,
	};
	struct upload *u = data;
	struct nlmsghdr *nlh;
	int e;

	if (!attr[part])
		return true;
	nlh = begin(u->c, XA_ADDRDB_CMD_DATA);
	mnl_attr_put_u8(nlh, XA_ADDRDB_ATTR_DB, u->kind->id);
	mnl_attr_put(nlh, attr[part], n * xa_image_record(part), records);
	e = send_request(u->c, nlh, NULL, NULL);
	u->refused = e;
	return !e || explain(u->c, e, err);
}

static bool send_part(struct upload *u, const struct xa_image *img, enum xa_part part,
		      struct xa_err *err)
{
	size_t most = XA_IMAGE_CHUNK / xa_image_record(part), n = img->head.n[part], some;
	const uint8_t *p = img->part[part];

	for (; n; n -= some, p += some * xa_image_record(part)) {
		some = n < most ? n : most;
		if (!send_records(u, part, p, some, err))
			return false;
	}
	return true;
}

static int send_begin(struct upload *u, const struct xa_image_head *head,
		      const char *source)
{
	struct nlmsghdr *nlh = begin(u->c, XA_ADDRDB_CMD_BEGIN);
	char text[XA_ADDRDB_SOURCE_LEN];

	snprintf(text, sizeof(text), "%s", source);
	mnl_attr_put_u8(nlh, XA_ADDRDB_ATTR_DB, u->kind->id);
	mnl_attr_put_strz(nlh, XA_ADDRDB_ATTR_SOURCE, text);
	mnl_attr_put_u64(nlh, XA_ADDRDB_ATTR_DATE, head->date);
	mnl_attr_put_u32(nlh, XA_ADDRDB_ATTR_N_LABELS, head->n[XA_PART_LABELS]);
	mnl_attr_put_u32(nlh, XA_ADDRDB_ATTR_N_CLASSES, head->classes);
	mnl_attr_put_u32(nlh, XA_ADDRDB_ATTR_N_MEMBERS, head->n[XA_PART_MEMBERS]);
	mnl_attr_put_u32(nlh, XA_ADDRDB_ATTR_N_BOUNDS4, head->n[XA_PART_BOUNDS4]);
	mnl_attr_put_u32(nlh, XA_ADDRDB_ATTR_N_BOUNDS6, head->n[XA_PART_BOUNDS6]);
	return send_request(u->c, nlh, NULL, NULL);
}

/* Another load is at work: its end is worth a few seconds. */
static bool begin_upload(struct upload *u, const struct xa_image_head *head,
			 const char *source, struct xa_err *err)
{
	const struct timespec wait = { 0, 100 * 1000 * 1000 };
	int tries = 50, e;

	while ((e = send_begin(u, head, source)) == EBUSY && tries--)
		nanosleep(&wait, NULL);
	return !e || explain(u->c, e, err);
}

/* Commit what has been sent, or forget it. */
static bool end_upload(struct upload *u, bool good, struct xa_err *err)
{
	struct xa_err ignored;

	good = good && simple(u->c, XA_ADDRDB_CMD_COMMIT, u->kind, err);
	if (!good)
		simple(u->c, XA_ADDRDB_CMD_ABORT, u->kind, &ignored);
	return good;
}

/* Make an image the kernel's. All of it, or nothing changes. */
bool xa_client_load(struct xa_client *c, const struct xa_kind *kind,
		    const struct xa_image *img, const char *source,
		    struct xa_err *err)
{
	struct upload u = { c, kind, false };
	bool good = true;
	int i;

	if (!begin_upload(&u, &img->head, source, err))
		return false;
	for (i = 0; i < XA_PARTS && good; i++)
		good = send_part(&u, img, i, err);
	return end_upload(&u, good, err);
}

/*
 * The same with a file, read up to behind its head. A damaged one is found
 * by its checksum before the commit.
 */
bool xa_client_load_file(struct xa_client *c, const struct xa_kind *kind, int fd,
			 const struct xa_image_head *head, const char *source,
			 bool *damaged, struct xa_err *err)
{
	struct upload u = { c, kind, false };
	bool good;

	*damaged = false;
	if (!begin_upload(&u, head, source, err))
		return false;
	good = xa_image_pump(fd, head, send_records, &u, err);
	*damaged = !good && !u.refused;
	return end_upload(&u, good, err);
}

bool xa_client_unload(struct xa_client *c, const struct xa_kind *kind,
		      struct xa_err *err)
{
	return simple(c, XA_ADDRDB_CMD_UNLOAD, kind, err);
}

/* ---- questions */

static int take_status(const struct nlattr *attr, void *data)
{
	struct xa_status *st = data;

	switch (mnl_attr_get_type(attr)) {
	case XA_ADDRDB_ATTR_SOURCE:
		snprintf(st->source, sizeof(st->source), "%s", mnl_attr_get_str(attr));
		break;
	case XA_ADDRDB_ATTR_DATE:	st->date = mnl_attr_get_u64(attr); break;
	case XA_ADDRDB_ATTR_GENERATION:	st->generation = mnl_attr_get_u64(attr); break;
	case XA_ADDRDB_ATTR_AGE:	st->age = mnl_attr_get_u64(attr); break;
	case XA_ADDRDB_ATTR_MEMORY4:	st->memory4 = mnl_attr_get_u64(attr); break;
	case XA_ADDRDB_ATTR_MEMORY6:	st->memory6 = mnl_attr_get_u64(attr); break;
	case XA_ADDRDB_ATTR_MEMORY:	st->memory = mnl_attr_get_u64(attr); break;
	case XA_ADDRDB_ATTR_N_LABELS:	st->labels = mnl_attr_get_u32(attr); break;
	case XA_ADDRDB_ATTR_N_CLASSES:	st->classes = mnl_attr_get_u32(attr); break;
	case XA_ADDRDB_ATTR_RANGES4:	st->ranges[0] = mnl_attr_get_u32(attr); break;
	case XA_ADDRDB_ATTR_RANGES6:	st->ranges[1] = mnl_attr_get_u32(attr); break;
	case XA_ADDRDB_ATTR_SETS:	st->sets = mnl_attr_get_u32(attr); break;
	}
	return MNL_CB_OK;
}

/* With XA_REPLY_NONE st->sets says how many wait for a database. */
enum xa_reply xa_client_status(struct xa_client *c, const struct xa_kind *kind,
			       struct xa_status *st, struct xa_err *err)
{
	struct nlmsghdr *nlh = begin(c, XA_ADDRDB_CMD_STATUS);
	enum xa_reply r;

	memset(st, 0, sizeof(*st));
	mnl_attr_put_u8(nlh, XA_ADDRDB_ATTR_DB, kind->id);
	r = reply(c, send_request(c, nlh, take_status, st), err);
	return r == XA_REPLY_OK && !st->generation ? XA_REPLY_NONE : r;
}

struct label_list {
	uint32_t *label;
	size_t room, n;
};

static int take_labels(const struct nlattr *attr, void *data)
{
	struct label_list *list = data;
	size_t n = mnl_attr_get_payload_len(attr) / sizeof(*list->label);

	if (mnl_attr_get_type(attr) == XA_ADDRDB_ATTR_LABELS) {
		list->n = n < list->room ? n : list->room;
		memcpy(list->label, mnl_attr_get_payload(attr),
		       list->n * sizeof(*list->label));
	}
	return MNL_CB_OK;
}

enum xa_reply xa_client_query(struct xa_client *c, const struct xa_kind *kind,
			      int family, struct xa_addr a, uint32_t *labels,
			      size_t room, size_t *n, struct xa_err *err)
{
	struct nlmsghdr *nlh = begin(c, XA_ADDRDB_CMD_QUERY);
	struct label_list list = { labels, room, 0 };
	uint8_t bytes[16];
	int e;

	xa_addr_store(family, a, bytes);
	mnl_attr_put_u8(nlh, XA_ADDRDB_ATTR_DB, kind->id);
	mnl_attr_put(nlh, XA_ADDRDB_ATTR_ADDR, family == XA_IPV4 ? 4 : 16, bytes);
	e = send_request(c, nlh, take_labels, &list);
	*n = list.n;
	return reply(c, e, err);
}

/* Which of the labels does the kernel's database lack? */
enum xa_reply xa_client_check(struct xa_client *c, const struct xa_kind *kind,
			      const uint32_t *labels, size_t n,
			      uint32_t *missing, size_t room, size_t *n_missing,
			      struct xa_err *err)
{
	struct nlmsghdr *nlh = begin(c, XA_ADDRDB_CMD_CHECK);
	struct label_list list = { missing, room, 0 };
	int e;

	mnl_attr_put_u8(nlh, XA_ADDRDB_ATTR_DB, kind->id);
	mnl_attr_put(nlh, XA_ADDRDB_ATTR_LABELS, n * sizeof(*labels), labels);
	e = send_request(c, nlh, take_labels, &list);
	*n_missing = list.n;
	return reply(c, e, err);
}
