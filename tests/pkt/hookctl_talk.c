// SPDX-License-Identifier: GPL-2.0-only
/* hookctl_talk - messages of generic netlink and the answers of the kernel */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include <linux/genetlink.h>

#include "hookctl.h"
#include "xa_hook_nl.h"

char answer[4096];
uint32_t fail_nth;
bool unharmed, interrupted;
const char *halt;

static int sock;
static uint16_t family;
static uint32_t seq;
static union {
	struct nlmsghdr h;
	uint8_t bytes[131072];
} out;

void die(const char *what)
{
	fprintf(stderr, "hookctl: %s: %s\n", what, strerror(errno));
	exit(2);
}

/* ---- messages */

void begin_msg(int cmd, int flags)
{
	struct genlmsghdr *g = NLMSG_DATA(&out.h);

	memset(&out, 0, NLMSG_SPACE(sizeof(*g)));
	out.h.nlmsg_len = NLMSG_LENGTH(sizeof(*g));
	out.h.nlmsg_type = family;
	out.h.nlmsg_flags = NLM_F_REQUEST | flags;
	out.h.nlmsg_seq = ++seq;
	g->cmd = cmd;
	g->version = 1;
}

/* The same once more */
void again_msg(void)
{
	out.h.nlmsg_seq = ++seq;
}

struct nlattr *put(int type, const void *data, size_t len)
{
	struct nlattr *a = (void *)(out.bytes + NLMSG_ALIGN(out.h.nlmsg_len));

	if (out.h.nlmsg_len + len + 64 > sizeof(out)) {
		errno = E2BIG;
		die("message");
	}
	a->nla_type = type;
	a->nla_len = NLA_HDRLEN + len;
	memset((uint8_t *)a + NLA_HDRLEN, 0, NLA_ALIGN(len));
	if (len)
		memcpy((uint8_t *)a + NLA_HDRLEN, data, len);
	out.h.nlmsg_len = NLMSG_ALIGN(out.h.nlmsg_len) + NLA_ALIGN(a->nla_len);
	return a;
}

struct nlattr *nest(int type)
{
	return put(type | NLA_F_NESTED, NULL, 0);
}

void nest_end(struct nlattr *a)
{
	a->nla_len = out.bytes + out.h.nlmsg_len - (uint8_t *)a;
}

void put_u8(int type, uint8_t v)
{
	put(type, &v, sizeof(v));
}

void put_u32(int type, uint32_t v)
{
	put(type, &v, sizeof(v));
}

void put_text(int type, const char *s)
{
	put(type, s, strlen(s) + 1);
}

const void *data_of(const struct nlattr *a)
{
	return (const uint8_t *)a + NLA_HDRLEN;
}

const struct nlattr *find(const struct nlattr *a, ssize_t left, int type)
{
	while (left >= NLA_HDRLEN) {
		if ((a->nla_type & NLA_TYPE_MASK) == type)
			return a;
		left -= NLA_ALIGN(a->nla_len);
		a = (const void *)((const uint8_t *)a + NLA_ALIGN(a->nla_len));
	}
	return NULL;
}

const struct nlattr *within(const struct nlattr *a, int type)
{
	return a ? find(data_of(a), a->nla_len - NLA_HDRLEN, type) : NULL;
}

/* Which RULE of our message has the byte at @offset; -1: none. */
static int rule_at(uint32_t offset)
{
	const struct nlattr *rs = find((void *)(out.bytes + NLMSG_LENGTH(GENL_HDRLEN)),
				       out.h.nlmsg_len - NLMSG_LENGTH(GENL_HDRLEN),
				       XA_HOOK_ATTR_RULES), *a;
	uint32_t at, end;
	int n = 0;

	if (!rs)
		return -1;
	at = (const uint8_t *)data_of(rs) - out.bytes;
	end = (const uint8_t *)rs - out.bytes + rs->nla_len;
	for (; at < end; at += NLA_ALIGN(a->nla_len), n++) {
		a = (const void *)(out.bytes + at);
		if (offset >= at && offset < at + a->nla_len)
			return n;
	}
	return -1;
}

/* What an error says beside its number goes to answer. */
static int take_error(const struct nlmsghdr *h)
{
	const struct nlmsgerr *e = NLMSG_DATA(h);
	const struct nlattr *a, *first;
	size_t head = sizeof(*e), n = strlen(answer);
	ssize_t left;

	if (!(h->nlmsg_flags & NLM_F_CAPPED))
		head += e->msg.nlmsg_len - sizeof(e->msg);
	left = h->nlmsg_len - NLMSG_LENGTH(NLMSG_ALIGN(head));
	if (!(h->nlmsg_flags & NLM_F_ACK_TLVS) || !e->error)
		return -e->error;
	first = (const void *)((const uint8_t *)e + NLMSG_ALIGN(head));
	a = find(first, left, NLMSGERR_ATTR_OFFS);
	if (a && rule_at(*(const uint32_t *)data_of(a)) >= 0)
		n += snprintf(answer + n, sizeof(answer) - n, " rule=%d",
			      rule_at(*(const uint32_t *)data_of(a)));
	a = find(first, left, NLMSGERR_ATTR_MSG);
	if (a)
		snprintf(answer + n, sizeof(answer) - n, " %s", (const char *)data_of(a));
	return -e->error;
}

/* The Nth allocation of this thread's next system call fails. */
static int arm(void)
{
	int fd = open("/proc/thread-self/fail-nth", O_RDWR | O_CLOEXEC);

	if (fd < 0 || dprintf(fd, "%u", fail_nth) < 0)
		die("fail-nth");
	return fd;
}

/* Whether there were that many is told as well. */
static void disarm(int fd)
{
	char text[16] = "0";
	ssize_t n = pread(fd, text, sizeof(text) - 1, 0);

	unharmed = n > 0 && atoi(text);
	if (pwrite(fd, "0", 1, 0) != 1 || close(fd))
		die("fail-nth");
	fail_nth = 0;
}

static ssize_t send_msg(void)
{
	int fd = fail_nth ? arm() : -1, err;
	ssize_t n = send(sock, &out, out.h.nlmsg_len, 0);

	err = errno;
	if (fd >= 0)
		disarm(fd);
	errno = err;
	return n;
}

static void pause_here(void)
{
	FILE *f = fopen(halt, "w");

	if (!f || fclose(f))
		die(halt);
	while (!access(halt, F_OK))
		usleep(10000);
	halt = NULL;
}

/* Send; answers go to cb, until the acknowledgment, and @more answers if there was no error. */
int send_request(void (*cb)(const struct nlattr *first, ssize_t left), int more)
{
	static union {
		struct nlmsghdr h;
		uint8_t bytes[XA_HOOK_MESSAGE_SIZE];
	} in;
	const struct nlmsghdr *h;
	bool acked = false;
	ssize_t n;
	int err;

	answer[0] = 0;
	interrupted = false;
	if (send_msg() < 0)
		return errno;
	while (!acked || more > 0) {
		n = recv(sock, &in, sizeof(in), 0);
		if (n < 0)
			return errno;
		for (h = &in.h; NLMSG_OK(h, n); h = NLMSG_NEXT(h, n)) {
			if (h->nlmsg_seq != seq)
				continue;
			if (h->nlmsg_flags & NLM_F_DUMP_INTR)
				interrupted = true;
			if (h->nlmsg_type == NLMSG_DONE)
				return -*(const int *)NLMSG_DATA(h);
			if (h->nlmsg_type == NLMSG_ERROR) {
				err = take_error(h);
				if (err)
					return err;
				acked = true;
				continue;
			}
			if (cb)
				cb((const void *)((const uint8_t *)NLMSG_DATA(h) + GENL_HDRLEN),
				   h->nlmsg_len - NLMSG_LENGTH(GENL_HDRLEN));
			more--;
		}
		if (halt)
			pause_here();
	}
	return 0;
}

static void take_family(const struct nlattr *first, ssize_t left)
{
	const struct nlattr *a = find(first, left, CTRL_ATTR_FAMILY_ID);

	if (a)
		memcpy(&family, data_of(a), sizeof(family));
}

void open_socket(void)
{
	struct sockaddr_nl addr = { .nl_family = AF_NETLINK };
	int on = 1;

	sock = socket(AF_NETLINK, SOCK_RAW, NETLINK_GENERIC);
	if (sock < 0 || bind(sock, (void *)&addr, sizeof(addr)) ||
	    setsockopt(sock, SOL_NETLINK, NETLINK_EXT_ACK, &on, sizeof(on)))
		die("socket");
	family = GENL_ID_CTRL;
	begin_msg(CTRL_CMD_GETFAMILY, NLM_F_ACK);
	put_text(CTRL_ATTR_FAMILY_NAME, XA_HOOK_GENL_NAME);
	errno = send_request(take_family, 0);
	if (errno)
		die("no such family");
}

/* Each protocol of netlink has port numbers of its own. */
void open_route_socket(void)
{
	struct sockaddr_nl addr;
	socklen_t len = sizeof(addr);
	int route = socket(AF_NETLINK, SOCK_RAW, NETLINK_ROUTE);

	if (route < 0 || getsockname(sock, (void *)&addr, &len) ||
	    bind(route, (void *)&addr, len) || close(route))
		die("route");
}
