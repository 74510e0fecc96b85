// SPDX-License-Identifier: GPL-2.0-only
/* blob_netlink - netlink messages by hand: a library would not send wrong ones */
#include <arpa/inet.h>
#include <errno.h>
#include <linux/netfilter/nfnetlink.h>
#include <linux/netlink.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "blob.h"

#define RECEIVE	(1 << 18)

/* @n bytes at the end of the buffer, aligned and zero. */
static uint8_t *room(struct nl *nl, size_t n)
{
	size_t all = (n + 3) & ~(size_t)3;
	uint8_t *p;

	if (nl->len + all > nl->size) {
		nl->size = 2 * (nl->len + all);
		nl->bytes = realloc(nl->bytes, nl->size);
		if (nl->bytes == NULL)
			die("out of memory");
	}
	p = nl->bytes + nl->len;
	memset(p, 0, all);
	nl->len += all;
	return p;
}

/**
 * nl_begin - begin a message of nfnetlink
 * @nl:     buffer
 * @type:   of the message
 * @flags:  NLM_F_*; NLM_F_REQUEST is added
 * @family: NFPROTO_*
 * @res_id: host byte order
 */
void nl_begin(struct nl *nl, int type, int flags, int family, int res_id)
{
	struct nlmsghdr *h;
	struct nfgenmsg *g;

	nl->message = nl->len;
	h = (void *)room(nl, NLMSG_HDRLEN);
	h->nlmsg_type = (uint16_t)type;
	h->nlmsg_flags = (uint16_t)(flags | NLM_F_REQUEST);
	h->nlmsg_seq = ++nl->sequence;
	if (flags & NLM_F_ACK)
		nl->last = nl->sequence;
	g = (void *)room(nl, sizeof(*g));
	g->nfgen_family = (uint8_t)family;
	g->res_id = htons((uint16_t)res_id);
}

/**
 * nl_end - end a message
 * @nl: buffer
 */
void nl_end(struct nl *nl)
{
	struct nlmsghdr *h = (void *)(nl->bytes + nl->message);

	h->nlmsg_len = (uint32_t)(nl->len - nl->message);
}

/**
 * nl_attr - an attribute
 * @nl:    buffer
 * @type:  of it
 * @bytes: what is in it
 * @len:   how many
 */
void nl_attr(struct nl *nl, int type, const void *bytes, size_t len)
{
	struct nlattr *a = (void *)room(nl, NLA_HDRLEN);
	uint8_t *p;

	a->nla_type = (uint16_t)type;
	a->nla_len = (uint16_t)(NLA_HDRLEN + len);
	if (len == 0)
		return;
	p = room(nl, len);
	memcpy(p, bytes, len);
}

/**
 * nl_string - an attribute with a terminated string
 * @nl:   buffer
 * @type: of it
 * @text: the string
 */
void nl_string(struct nl *nl, int type, const char *text)
{
	nl_attr(nl, type, text, strlen(text) + 1);
}

/**
 * nl_u32 - an attribute with a number in network byte order
 * @nl:    buffer
 * @type:  of it
 * @value: the number
 */
void nl_u32(struct nl *nl, int type, uint32_t value)
{
	uint32_t n = htonl(value);

	nl_attr(nl, type, &n, sizeof(n));
}

/**
 * nl_nest - begin an attribute that holds attributes
 * @nl:   buffer
 * @type: of it
 *
 * Return: what nl_nest_end() wants.
 */
size_t nl_nest(struct nl *nl, int type)
{
	size_t at = nl->len;

	nl_attr(nl, type | NLA_F_NESTED, NULL, 0);
	return at;
}

/**
 * nl_nest_end - end an attribute that holds attributes
 * @nl:   buffer
 * @nest: of nl_nest()
 */
void nl_nest_end(struct nl *nl, size_t nest)
{
	struct nlattr *a = (void *)(nl->bytes + nest);

	a->nla_len = (uint16_t)(nl->len - nest);
}

/**
 * nl_find - an attribute among others
 * @attrs: they
 * @len:   bytes of them
 * @type:  which
 * @found: bytes in it
 *
 * Return: what is in it, or NULL.
 */
const uint8_t *nl_find(const uint8_t *attrs, size_t len, int type, size_t *found)
{
	while (len >= NLA_HDRLEN) {
		struct nlattr a;
		size_t all;

		memcpy(&a, attrs, sizeof(a));
		all = NLA_ALIGN(a.nla_len);
		if (a.nla_len < NLA_HDRLEN || a.nla_len > len)
			break;
		if ((a.nla_type & NLA_TYPE_MASK) == type) {
			*found = a.nla_len - NLA_HDRLEN;
			return attrs + NLA_HDRLEN;
		}
		if (all > len)
			break;
		attrs += all;
		len -= all;
	}
	return NULL;
}

/**
 * nl_open - a socket for nfnetlink
 *
 * Return: it; does not return without one.
 */
int nl_open(void)
{
	struct sockaddr_nl to = { .nl_family = AF_NETLINK };
	struct timeval wait = { 5, 0 };
	int fd = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_NETFILTER), size = 1 << 22;

	if (fd < 0 || connect(fd, (void *)&to, sizeof(to)) != 0)
		die("nfnetlink: %m");
	setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &wait, sizeof(wait));
	setsockopt(fd, SOL_SOCKET, SO_RCVBUFFORCE, &size, sizeof(size));
	return fd;
}

static int transmit(int fd, struct nl *nl)
{
	ssize_t n = send(fd, nl->bytes, nl->len, 0);

	nl->len = 0;
	return n < 0 ? -errno : 0;
}

/**
 * nl_send - send a batch and wait for its answers
 * @fd: socket
 * @nl: buffer; emptied. Its last message with NLM_F_ACK ends the waiting
 *
 * Return: 0, or the first error.
 */
int nl_send(int fd, struct nl *nl)
{
	static __thread uint8_t buf[RECEIVE];
	int rc = transmit(fd, nl), error = 0;

	while (rc == 0) {
		ssize_t n = recv(fd, buf, sizeof(buf), 0);
		const struct nlmsghdr *h = (void *)buf;

		if (n <= 0)
			return error != 0 ? error : -ETIMEDOUT;
		for (; NLMSG_OK(h, n); h = NLMSG_NEXT(h, n)) {
			const struct nlmsgerr *e = NLMSG_DATA(h);

			if (h->nlmsg_type != NLMSG_ERROR)
				continue;
			if (e->error != 0 && error == 0)
				error = e->error;
			/* One error ends a batch: some messages are not answered then. */
			if (h->nlmsg_seq == nl->last || e->error != 0)
				return error;
		}
	}
	return rc;
}

/**
 * nl_receive - read a list, or the one message that answers
 * @fd:  socket
 * @see: called for each message, or NULL
 * @arg: for @see
 *
 * Return: 0 or -errno.
 */
int nl_receive(int fd, void (*see)(const uint8_t *attrs, size_t len, void *arg), void *arg)
{
	static __thread uint8_t buf[RECEIVE];

	for (;;) {
		ssize_t n = recv(fd, buf, sizeof(buf), 0);
		const struct nlmsghdr *h = (void *)buf;

		if (n <= 0)
			return -ETIMEDOUT;
		for (; NLMSG_OK(h, n); h = NLMSG_NEXT(h, n)) {
			if (h->nlmsg_type == NLMSG_DONE)
				return 0;
			if (h->nlmsg_type == NLMSG_ERROR)
				return ((const struct nlmsgerr *)NLMSG_DATA(h))->error;
			if (see != NULL && h->nlmsg_len >= NLMSG_LENGTH(sizeof(struct nfgenmsg)))
				see((const uint8_t *)NLMSG_DATA(h) + sizeof(struct nfgenmsg),
				    h->nlmsg_len - NLMSG_LENGTH(sizeof(struct nfgenmsg)), arg);
			if (!(h->nlmsg_flags & NLM_F_MULTI))
				return 0;
		}
	}
}

/**
 * nl_dump - ask for a list
 * @fd:  socket
 * @nl:  buffer with the request; emptied
 * @see: called for each message of the list, or NULL
 * @arg: for @see
 *
 * Return: 0 or -errno.
 */
int nl_dump(int fd, struct nl *nl, void (*see)(const uint8_t *attrs, size_t len, void *arg),
	    void *arg)
{
	int rc = transmit(fd, nl);

	return rc == 0 ? nl_receive(fd, see, arg) : rc;
}
