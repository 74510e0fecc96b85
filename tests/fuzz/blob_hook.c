// SPDX-License-Identifier: GPL-2.0-only
/*
 * blob_hook - rules by xa_hook, in messages that are right or nearly so
 *
 * struct genlmsghdr is what nl_begin() makes of a family and no res_id.
 */
#include <errno.h>
#include <linux/genetlink.h>
#include <linux/netfilter.h>
#include <linux/netlink.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

#include "blob.h"
#include "xa_hook_nl.h"

#define HEADERS	(NLMSG_HDRLEN + GENL_HDRLEN)
/* Seconds that BEGIN may take to load modules. */
#define PATIENCE	60

static __thread struct nl nl;
static int type = -1;		/* of the family's messages */
static int sock = -1;		/* of the namespace that the process is in */

/* What the last answer said. */
static struct {
	uint32_t token;
	uint64_t generation;
} said;

/* ---- messages */

static void begin(int cmd, int flags)
{
	nl.len = 0;
	nl_begin(&nl, type, flags, cmd, 0);
}

static void put_u8(int attr, uint8_t value)
{
	nl_attr(&nl, attr, &value, sizeof(value));
}

static void put_u32(int attr, uint32_t value)
{
	nl_attr(&nl, attr, &value, sizeof(value));
}

static void put_text(int attr, const struct blob *b)
{
	char name[NAME_LEN + 1] = "";

	memcpy(name, b->name, NAME_LEN);
	nl_attr(&nl, attr, name, strlen(name) + 1);
}

/* Wrong lengths, types and values; the message's own header stays right. */
static void mutate_message(void)
{
	for (uint64_t times = 1 + below(4); times > 0 && nl.len > HEADERS; times--) {
		size_t room = nl.len - HEADERS, at = HEADERS + below(room);
		size_t n = 1 + below(nl.len - at);

		switch (below(5)) {
		case 0:
			nl.bytes[at] ^= (uint8_t)(1u << below(8));
			break;
		case 1:
			nl.bytes[at] = (uint8_t)rnd();
			break;
		case 2:
			/* most likely a length or a type */
			nl.bytes[at & ~(size_t)3] += (uint8_t)(below(9) - 4);
			break;
		case 3:
			nl.len = at & ~(size_t)3;
			break;
		default:
			memmove(nl.bytes + at, nl.bytes + HEADERS + below(room - n + 1), n);
		}
	}
}

static void take(const uint8_t *attrs, size_t len)
{
	size_t n;
	const uint8_t *p = nl_find(attrs, len, XA_HOOK_ATTR_TOKEN, &n);

	if (p != NULL && n == sizeof(said.token))
		memcpy(&said.token, p, n);
	p = nl_find(attrs, len, XA_HOOK_ATTR_GENERATION, &n);
	if (p != NULL && n == sizeof(said.generation))
		memcpy(&said.generation, p, n);
}

/* Send; wait for the acknowledgment, and for BEGIN's answer. Return: 0 or -errno. */
static int send_request(int mutated, int answers)
{
	static uint8_t buf[1 << 18];
	int acked = 0;

	if (mutated)
		mutate_message();
	nl_end(&nl);
	if (send(sock, nl.bytes, nl.len, 0) < 0)
		return -errno;
	while (!acked || answers > 0) {
		ssize_t n = recv(sock, buf, sizeof(buf), 0);
		const struct nlmsghdr *h = (void *)buf;

		if (n <= 0)
			return -errno;
		for (; NLMSG_OK(h, n); h = NLMSG_NEXT(h, n)) {
			const struct nlmsgerr *e = NLMSG_DATA(h);

			if (h->nlmsg_seq != nl.sequence)
				continue;
			if (h->nlmsg_type == NLMSG_ERROR && e->error != 0)
				return e->error;
			if (h->nlmsg_type == NLMSG_ERROR)
				acked = 1;
			if (h->nlmsg_type != type || h->nlmsg_len < HEADERS)
				continue;
			take((const uint8_t *)h + HEADERS, h->nlmsg_len - HEADERS);
			answers--;
		}
	}
	return 0;
}

/* ---- the family, and sockets */

static void see_family(const uint8_t *attrs, size_t len, void *arg)
{
	size_t n;
	const uint8_t *p = nl_find(attrs, len, CTRL_ATTR_FAMILY_ID, &n);
	uint16_t id;

	if (p == NULL || n != sizeof(id))
		return;
	memcpy(&id, p, sizeof(id));
	*(int *)arg = id;
}

static int genl_open(void)
{
	struct sockaddr_nl to = { .nl_family = AF_NETLINK };
	struct timeval wait = { PATIENCE, 0 };
	int fd = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_GENERIC);

	if (fd < 0 || connect(fd, (void *)&to, sizeof(to)) != 0)
		die("generic netlink: %m");
	setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &wait, sizeof(wait));
	return fd;
}

/**
 * hook_open - speak with xa_hook in the namespace that this process is in now
 *
 * Return: 1; 0: this kernel has no xa_hook.
 */
int hook_open(void)
{
	if (sock >= 0)
		close(sock);
	sock = genl_open();
	if (type >= 0)
		return 1;
	nl.len = 0;
	nl_begin(&nl, GENL_ID_CTRL, 0, CTRL_CMD_GETFAMILY, 0);
	nl_string(&nl, CTRL_ATTR_FAMILY_NAME, XA_HOOK_GENL_NAME);
	nl_end(&nl);
	send(sock, nl.bytes, nl.len, 0);
	nl_receive(sock, see_family, &type);
	return type >= 0;
}

/* ---- rules */

static int begin_ruleset(const struct blob *blobs, unsigned int n, int mutated)
{
	size_t list, ext;

	begin(XA_HOOK_CMD_BEGIN, NLM_F_ACK);
	list = nl_nest(&nl, XA_HOOK_ATTR_EXTENSIONS);
	for (unsigned int i = 0; i < n; i++) {
		ext = nl_nest(&nl, XA_HOOK_ATTR_EXTENSION);
		put_u8(XA_HOOK_EXT_FAMILY, (uint8_t)nft_family(&blobs[i]));
		put_text(XA_HOOK_EXT_NAME, &blobs[i]);
		put_u8(XA_HOOK_EXT_REVISION, (uint8_t)blobs[i].revision);
		if (blobs[i].is_target)
			nl_attr(&nl, XA_HOOK_EXT_TARGET, NULL, 0);
		nl_nest_end(&nl, ext);
	}
	nl_nest_end(&nl, list);
	return send_request(mutated, 1);
}

static void put_rule(const struct blob *b)
{
	size_t rule = nl_nest(&nl, XA_HOOK_ATTR_RULE), use;
	struct xa_hook_base base = { .protocol = (uint16_t)b->proto };

	if (b->proto != 0)
		nl_attr(&nl, XA_HOOK_RULE_BASE, &base, sizeof(base));
	use = nl_nest(&nl, b->is_target ? XA_HOOK_RULE_TARGET : XA_HOOK_RULE_MATCH);
	put_text(XA_HOOK_EXT_NAME, b);
	put_u8(XA_HOOK_EXT_REVISION, (uint8_t)b->revision);
	nl_attr(&nl, XA_HOOK_EXT_DATA, b->bytes, b->size);
	nl_nest_end(&nl, use);
	nl_nest_end(&nl, rule);
}

/* Right for the family, the hook and the table that the rule asks for. */
static void put_chain(const struct blob *b)
{
	size_t chain = nl_nest(&nl, XA_HOOK_ATTR_CHAIN);

	put_u8(XA_HOOK_CHAIN_FAMILY, (uint8_t)nft_family(b));
	put_u8(XA_HOOK_CHAIN_HOOK, (uint8_t)b->hook);
	put_u32(XA_HOOK_CHAIN_PRIORITY, strcmp(b->table, "raw") == 0 ? (uint32_t)-300 : 0);
	if (b->hook == XA_HOOK_INGRESS)
		nl_string(&nl, XA_HOOK_CHAIN_DEVICE, "f0");
	nl_nest_end(&nl, chain);
}

/* A rule of the running ruleset, most likely of this place, goes on before the others. */
static void put_kept(uint64_t generation)
{
	size_t rule;

	if (generation == 0)
		return;
	rule = nl_nest(&nl, XA_HOOK_ATTR_RULE);
	put_u32(XA_HOOK_RULE_KEEP_FROM, (uint32_t)below(3));
	nl_nest_end(&nl, rule);
}

static int add_rules(const struct blob *blobs, unsigned int n, uint64_t generation, int mutated)
{
	size_t rules;

	begin(XA_HOOK_CMD_ADD, NLM_F_ACK);
	put_u32(XA_HOOK_ATTR_TOKEN, said.token);
	if (generation != 0)
		nl_attr(&nl, XA_HOOK_ATTR_GENERATION, &generation, sizeof(generation));
	put_chain(blobs);
	rules = nl_nest(&nl, XA_HOOK_ATTR_RULES);
	put_kept(generation);
	for (unsigned int i = 0; i < n; i++)
		put_rule(&blobs[i]);
	nl_nest_end(&nl, rules);
	return send_request(mutated, 0);
}

static int plain(int cmd, int mutated)
{
	begin(cmd, NLM_F_ACK);
	put_u32(XA_HOOK_ATTR_TOKEN, said.token);
	return send_request(mutated, 0);
}

/**
 * hook_replace - a ruleset of one chain
 * @blobs: its rules, in a chain at the place of the first
 * @n:     how many; 0: an empty ruleset
 *
 * Return: 0 if the kernel accepted it, or -errno.
 */
int hook_replace(const struct blob *blobs, unsigned int n)
{
	int rc = begin_ruleset(blobs, n, 0);

	if (rc == 0 && n > 0)
		rc = add_rules(blobs, n, 0, 0);
	return rc == 0 ? plain(XA_HOOK_CMD_COMMIT, 0) : rc;
}

/**
 * hook_disturb - verbs in any order, most with something wrong in them
 * @blobs: rules
 * @n:     how many
 */
void hook_disturb(const struct blob *blobs, unsigned int n)
{
	uint64_t generation = chance(50) ? said.generation : 0;

	begin_ruleset(blobs, n, chance(20));
	for (uint64_t adds = below(4); adds > 0; adds--) {
		add_rules(blobs, n, generation, chance(70));
		if (chance(10))
			plain((int)below(XA_HOOK_CMD_MAX + 2), chance(50));
	}
	/* the others are forgotten, or find that BEGIN comes again */
	if (chance(70))
		plain(XA_HOOK_CMD_COMMIT, chance(10));
}

/**
 * hook_list - have the kernel write out all rules
 * @fd: socket of hook_lister()
 */
void hook_list(int fd)
{
	if (type < 0)
		return;
	begin(XA_HOOK_CMD_GET, NLM_F_DUMP);
	nl_end(&nl);
	nl_dump(fd, &nl, NULL, NULL);
}

/**
 * hook_lister - a socket for hook_list()
 *
 * Return: it; does not return without one.
 */
int hook_lister(void)
{
	return genl_open();
}
