// SPDX-License-Identifier: GPL-2.0-only
/* client - messages to the kernel and its answers */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include "client.h"

/* An answer may have to wait for modules that are loaded, but not for ever. */
#define ANSWER_MINUTES	3

struct client client;

struct nlmsghdr *client_begin(uint8_t cmd, uint16_t flags)
{
	struct nlmsghdr *nlh = mnl_nlmsg_put_header(client.out);
	struct genlmsghdr *g;

	nlh->nlmsg_type = client.family;
	nlh->nlmsg_flags = NLM_F_REQUEST | flags;
	nlh->nlmsg_seq = ++client.seq;
	g = mnl_nlmsg_put_extra_header(nlh, sizeof(*g));
	g->cmd = cmd;
	g->version = XA_HOOK_GENL_VERSION;
	return nlh;
}

static void keep_error(const struct nlmsghdr *nlh)
{
	const struct nlmsgerr *e = mnl_nlmsg_get_payload(nlh);
	const struct nlattr *attr;
	size_t skip = sizeof(*e);

	client.said[0] = '\0';
	client.offset = 0;
	if (!(nlh->nlmsg_flags & NLM_F_ACK_TLVS))
		return;
	if (!(nlh->nlmsg_flags & NLM_F_CAPPED))
		skip += mnl_nlmsg_get_payload_len(&e->msg);
	mnl_attr_for_each(attr, nlh, skip) {
		if (mnl_attr_get_type(attr) == NLMSGERR_ATTR_MSG &&
		    !mnl_attr_validate(attr, MNL_TYPE_NUL_STRING))
			snprintf(client.said, sizeof(client.said), "%s", mnl_attr_get_str(attr));
		if (mnl_attr_get_type(attr) == NLMSGERR_ATTR_OFFS &&
		    !mnl_attr_validate(attr, MNL_TYPE_U32))
			client.offset = mnl_attr_get_u32(attr);
	}
}

/* Return: -1: more is to come, else 0 or a positive errno. */
static int take_message(const struct nlmsghdr *nlh, answer_cb *cb, void *data)
{
	int e = 0;

	if (nlh->nlmsg_flags & NLM_F_DUMP_INTR)
		client.interrupted = true;
	if (nlh->nlmsg_type == NLMSG_ERROR) {
		e = -((const struct nlmsgerr *)mnl_nlmsg_get_payload(nlh))->error;
		keep_error(nlh);
		return e;
	}
	if (nlh->nlmsg_type == NLMSG_DONE) {
		if (mnl_nlmsg_get_payload_len(nlh) >= sizeof(e))
			memcpy(&e, mnl_nlmsg_get_payload(nlh), sizeof(e));
		return -e;
	}
	if (cb)
		cb(nlh, data);
	return -1;
}

/* Read up to the acknowledgment or the end of a dump, and on until *until. */
static int receive(uint32_t seq, answer_cb *cb, void *data, const uint32_t *until)
{
	const struct nlmsghdr *nlh;
	bool done = false;
	int len, e;

	while (!done || (until && !*until)) {
		len = mnl_socket_recvfrom(client.nl, client.buf, sizeof(client.buf));
		if (len < 0 && errno == EINTR)
			continue;
		if (len < 0 && errno == EAGAIN)
			die(STATUS_FAILED, "the kernel has not answered for %d minutes",
			    ANSWER_MINUTES);
		if (len < 0)
			return errno;
		for (nlh = (void *)client.buf; mnl_nlmsg_ok(nlh, len);
		     nlh = mnl_nlmsg_next(nlh, &len)) {
			if (nlh->nlmsg_seq != seq)
				continue;
			e = take_message(nlh, cb, data);
			if (e > 0)
				return e;
			if (!e)
				done = true;
		}
	}
	return 0;
}

/*
 * client_request - send, and read up to the end of the answers
 * @cb:    for each of them
 * @until: not before this is not 0, when the acknowledgment comes first
 *
 * Return: 0 or a positive errno.
 */
int client_request(struct nlmsghdr *nlh, answer_cb *cb, void *data, const uint32_t *until)
{
	client.interrupted = false;
	client.said[0] = '\0';
	client.offset = 0;
	if (mnl_socket_sendto(client.nl, nlh, nlh->nlmsg_len) < 0)
		return errno;
	return receive(nlh->nlmsg_seq, cb, data, until);
}

/* client_refused - an errno in words; the end of the program */
void client_refused(int e)
{
	if (e == EPERM)
		die(STATUS_FAILED, "only the administrator of the network namespace may do that (CAP_NET_ADMIN)");
	if (*client.said)
		die(STATUS_FAILED, "the kernel refuses: %s (%s)", client.said, strerror(e));
	die(STATUS_FAILED, "the kernel refuses: %s", strerror(e));
}

static void take_family(const struct nlmsghdr *nlh, void *data)
{
	const struct nlattr *attr;

	mnl_attr_for_each(attr, nlh, sizeof(struct genlmsghdr))
		if (mnl_attr_get_type(attr) == CTRL_ATTR_FAMILY_ID)
			client.family = mnl_attr_get_u16(attr);
}

/* kernel_open - a socket; asking for the family by name loads its module */
void kernel_open(void)
{
	struct nlmsghdr *nlh;
	struct genlmsghdr *g;
	const struct timeval limit = { .tv_sec = 60 * ANSWER_MINUTES };
	int one = 1, e;

	client.nl = mnl_socket_open(NETLINK_GENERIC);
	if (!client.nl || mnl_socket_bind(client.nl, 0, MNL_SOCKET_AUTOPID) < 0 ||
	    setsockopt(mnl_socket_get_fd(client.nl), SOL_SOCKET, SO_RCVTIMEO, &limit,
		       sizeof(limit)))
		die(STATUS_FAILED, "cannot open a netlink socket: %m");
	mnl_socket_setsockopt(client.nl, NETLINK_EXT_ACK, &one, sizeof(one));
	mnl_socket_setsockopt(client.nl, NETLINK_CAP_ACK, &one, sizeof(one));
	client.family = GENL_ID_CTRL;
	nlh = client_begin(CTRL_CMD_GETFAMILY, NLM_F_ACK);
	g = mnl_nlmsg_get_payload(nlh);
	g->version = 1;
	mnl_attr_put_strz(nlh, CTRL_ATTR_FAMILY_NAME, XA_HOOK_GENL_NAME);
	e = client_request(nlh, take_family, NULL, NULL);
	if (e == ENOENT)
		die(STATUS_FAILED, "the kernel has no module xa_hook (modprobe xa_hook)");
	if (e)
		client_refused(e);
}
