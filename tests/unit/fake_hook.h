/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * fake_hook - the kernel's side of xthook's socket, in the program itself
 *
 * Compiled with xthook's sources; libmnl's own functions of these names are not called.
 * XA_FAKE has words that say what it does:
 *
 *	interrupted	the first dump is of another ruleset, and says that it was replaced
 *	detached	there is no device of the chain at ingress
 *	silent		BEGIN gets no answer
 *	missing		the kernel has no extension
 *	entry		the first extension of a rule refuses it: ENOENT
 *	chain		a chain is refused
 *
 * XA_COMMENT is the comment of the rule that a dump has, XA_NOTE its note, XA_DEV the device of
 * ingress; XA_LOG a file for the commands.
 */
#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include <libmnl/libmnl.h>
#include <linux/genetlink.h>
#include <linux/netfilter.h>

#include "xa_hook_nl.h"

#define FAKE_FAMILY	0x42
#define FAKE_COMMENT	256	/* of struct xt_comment_info */
#define FAKE_QUEUE	16

struct mnl_socket {
	int fd[2];
};

static struct mnl_socket fake_socket;
static char fake_queue[FAKE_QUEUE][4096] __attribute__((aligned(8)));
static unsigned int fake_first, fake_end, fake_dumps;

static bool fake_does(const char *word)
{
	const char *words = getenv("XA_FAKE");

	return words && strstr(words, word);
}

static void fake_log(const char *command)
{
	const char *path = getenv("XA_LOG");
	FILE *f = path ? fopen(path, "a") : NULL;

	if (!f)
		return;
	fprintf(f, "%s\n", command);
	fclose(f);
}

/* ---- answers */

static struct nlmsghdr *fake_answer(const struct nlmsghdr *to, uint16_t type, uint16_t flags)
{
	struct nlmsghdr *nlh = mnl_nlmsg_put_header(fake_queue[fake_end++ % FAKE_QUEUE]);

	nlh->nlmsg_type = type;
	nlh->nlmsg_flags = flags;
	nlh->nlmsg_seq = to->nlmsg_seq;
	return nlh;
}

static struct nlmsghdr *fake_genl(const struct nlmsghdr *to, uint8_t cmd, uint16_t flags)
{
	struct nlmsghdr *nlh = fake_answer(to, FAKE_FAMILY, flags);
	struct genlmsghdr *g = mnl_nlmsg_put_extra_header(nlh, sizeof(*g));

	g->cmd = cmd;
	return nlh;
}

/* An acknowledgment, or an error about an attribute of the message */
static void fake_ack(const struct nlmsghdr *to, int err, const struct nlattr *about,
		     const char *why)
{
	struct nlmsghdr *nlh = fake_answer(to, NLMSG_ERROR, NLM_F_CAPPED | NLM_F_ACK_TLVS);
	struct nlmsgerr *e = mnl_nlmsg_put_extra_header(nlh, sizeof(*e));

	e->error = -err;
	e->msg = *to;
	if (why)
		mnl_attr_put_strz(nlh, NLMSGERR_ATTR_MSG, why);
	if (about)
		mnl_attr_put_u32(nlh, NLMSGERR_ATTR_OFFS, (const char *)about - (const char *)to);
}

/* ---- a dump */

static void fake_chain(const struct nlmsghdr *to, uint16_t flags, uint8_t hook, int32_t priority)
{
	struct nlmsghdr *nlh = fake_genl(to, XA_HOOK_CMD_GET, NLM_F_MULTI | flags);
	struct nlattr *nest = mnl_attr_nest_start(nlh, XA_HOOK_ATTR_CHAIN);
	const char *dev = getenv("XA_DEV");

	mnl_attr_put_u8(nlh, XA_HOOK_CHAIN_FAMILY, NFPROTO_IPV4);
	mnl_attr_put_u8(nlh, XA_HOOK_CHAIN_HOOK, hook);
	mnl_attr_put_u32(nlh, XA_HOOK_CHAIN_PRIORITY, priority);
	if (hook == XA_HOOK_INGRESS)
		mnl_attr_put_strz(nlh, XA_HOOK_CHAIN_DEVICE, dev ? dev : "eth7");
	if (hook != XA_HOOK_INGRESS || !fake_does("detached"))
		mnl_attr_put(nlh, XA_HOOK_CHAIN_ATTACHED, 0, NULL);
	mnl_attr_nest_end(nlh, nest);
}

static void fake_rule(const struct nlmsghdr *to, uint16_t flags, const char *comment)
{
	const struct xa_hook_counters counters = { 3, 99 };
	struct nlmsghdr *nlh = fake_genl(to, XA_HOOK_CMD_GET, NLM_F_MULTI | flags);
	struct nlattr *nest = mnl_attr_nest_start(nlh, XA_HOOK_ATTR_RULE), *match;
	const char *note = getenv("XA_NOTE");
	char data[FAKE_COMMENT] = "";

	snprintf(data, sizeof(data), "%s", comment);
	mnl_attr_put(nlh, XA_HOOK_RULE_COUNTERS, sizeof(counters), &counters);
	match = mnl_attr_nest_start(nlh, XA_HOOK_RULE_MATCH);
	mnl_attr_put_strz(nlh, XA_HOOK_EXT_NAME, "comment");
	mnl_attr_put_u8(nlh, XA_HOOK_EXT_REVISION, 0);
	mnl_attr_put(nlh, XA_HOOK_EXT_DATA, sizeof(data), data);
	mnl_attr_nest_end(nlh, match);
	mnl_attr_put_u32(nlh, XA_HOOK_RULE_VERDICT, NF_DROP);
	if (note)
		mnl_attr_put(nlh, XA_HOOK_RULE_NOTE, strlen(note), note);
	mnl_attr_nest_end(nlh, nest);
}

static void fake_dump(const struct nlmsghdr *to)
{
	const bool old = fake_does("interrupted") && !fake_dumps++;
	const uint16_t flags = old ? NLM_F_DUMP_INTR : 0;
	const char *comment = getenv("XA_COMMENT");
	struct nlmsghdr *nlh;
	int *err;

	fake_chain(to, 0, XA_HOOK_INGRESS, -10);
	fake_rule(to, 0, old ? "old" : comment ? comment : "new");
	fake_chain(to, flags, XA_HOOK_INPUT, 10);
	fake_rule(to, flags, comment ? comment : "new");
	nlh = fake_answer(to, NLMSG_DONE, NLM_F_MULTI | flags);
	err = mnl_nlmsg_put_extra_header(nlh, sizeof(*err));
	*err = 0;
}

/* ---- a ruleset */

static void fake_begin(const struct nlmsghdr *to)
{
	uint8_t found[FAKE_QUEUE];
	struct nlmsghdr *nlh;

	memset(found, !fake_does("missing"), sizeof(found));
	fake_ack(to, 0, NULL, NULL);
	if (fake_does("silent"))
		return;
	nlh = fake_genl(to, XA_HOOK_CMD_BEGIN, 0);
	mnl_attr_put_u32(nlh, XA_HOOK_ATTR_TOKEN, 7);
	mnl_attr_put(nlh, XA_HOOK_ATTR_FOUND, sizeof(found), found);
}

/* The first attribute of that type in a message or, if that is not NULL, a nest */
static const struct nlattr *fake_find(const struct nlmsghdr *nlh, const struct nlattr *nest,
				      uint16_t type)
{
	const struct nlattr *attr;

	if (nest) {
		mnl_attr_for_each_nested(attr, nest)
			if (mnl_attr_get_type(attr) == type)
				return attr;
		return NULL;
	}
	mnl_attr_for_each(attr, nlh, sizeof(struct genlmsghdr))
		if (mnl_attr_get_type(attr) == type)
			return attr;
	return NULL;
}

static void fake_add(const struct nlmsghdr *to)
{
	const struct nlattr *rules = fake_find(to, NULL, XA_HOOK_ATTR_RULES);
	const struct nlattr *rule = fake_find(to, rules, XA_HOOK_ATTR_RULE);

	if (fake_does("chain"))
		fake_ack(to, EINVAL, fake_find(to, NULL, XA_HOOK_ATTR_CHAIN),
			 "an alternative name");
	else if (fake_does("entry") || fake_does("missing"))
		fake_ack(to, ENOENT, fake_find(to, rule, XA_HOOK_RULE_MATCH), NULL);
	else
		fake_ack(to, 0, NULL, NULL);
}

static void fake_request(const struct nlmsghdr *nlh)
{
	const struct genlmsghdr *g = mnl_nlmsg_get_payload(nlh);
	struct nlmsghdr *answer;

	if (nlh->nlmsg_type == GENL_ID_CTRL) {
		answer = fake_answer(nlh, GENL_ID_CTRL, 0);
		mnl_nlmsg_put_extra_header(answer, sizeof(*g));
		mnl_attr_put_u16(answer, CTRL_ATTR_FAMILY_ID, FAKE_FAMILY);
		fake_ack(nlh, 0, NULL, NULL);
	} else if (g->cmd == XA_HOOK_CMD_GET) {
		fake_dump(nlh);
	} else if (g->cmd == XA_HOOK_CMD_BEGIN) {
		fake_log("begin");
		fake_begin(nlh);
	} else if (g->cmd == XA_HOOK_CMD_ADD) {
		fake_log("add");
		fake_add(nlh);
	} else {
		fake_log(g->cmd == XA_HOOK_CMD_COMMIT ? "commit" : "abort");
		fake_ack(nlh, 0, NULL, NULL);
	}
}

/* ---- in the place of libmnl's */

struct mnl_socket *mnl_socket_open(int bus)
{
	return socketpair(AF_UNIX, SOCK_DGRAM, 0, fake_socket.fd) ? NULL : &fake_socket;
}

int mnl_socket_bind(struct mnl_socket *nl, unsigned int groups, pid_t pid)
{
	return 0;
}

int mnl_socket_setsockopt(const struct mnl_socket *nl, int type, void *buf, socklen_t len)
{
	return 0;
}

int mnl_socket_get_fd(const struct mnl_socket *nl)
{
	return nl->fd[0];
}

ssize_t mnl_socket_sendto(const struct mnl_socket *nl, const void *buf, size_t len)
{
	fake_request(buf);
	return len;
}

/* With nothing to come a socket that has a limit is at its end at once. */
ssize_t mnl_socket_recvfrom(const struct mnl_socket *nl, void *buf, size_t size)
{
	struct timeval limit = { .tv_sec = 0 };
	socklen_t len = sizeof(limit);
	struct nlmsghdr *nlh;

	if (fake_first == fake_end) {
		getsockopt(nl->fd[0], SOL_SOCKET, SO_RCVTIMEO, &limit, &len);
		if (!limit.tv_sec) {
			fputs("waits for ever\n", stderr);
			_exit(99);
		}
		errno = EAGAIN;
		return -1;
	}
	nlh = (void *)fake_queue[fake_first++ % FAKE_QUEUE];
	memcpy(buf, nlh, nlh->nlmsg_len);
	return nlh->nlmsg_len;
}
