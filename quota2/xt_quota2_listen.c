// SPDX-License-Identifier: GPL-2.0-only
/* xt_quota2_listen - print the counters of the quota2 match that are used up */
#include <errno.h>
#include <getopt.h>
#include <limits.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <libmnl/libmnl.h>
#include <linux/genetlink.h>

#include "config.h"
#include "xa_tool.h"
#include "xt_quota2.h"
#include "warn.h"

#define SELF "xt_quota2_listen"

/* Bytes that the kernel hands over at once, at most; MNL_SOCKET_BUFFER_SIZE is no constant */
#define MESSAGES_SIZE	8192

struct listener {
	struct mnl_socket *nl;
	uint32_t group;		/* its number in this kernel; 0: not found */
	char **names;		/* those wanted, NULL at the end; none: all */
	unsigned long left;	/* lines until the end; 0: for ever */
};

static void usage(FILE *to)
{
	fputs("usage: " SELF " [-n COUNT] [--warn VALUE] [NAME...]\n"
	      "Prints the name of each quota2 counter that packets have used up.\n"
	      "  -n, --count COUNT   end after so many lines\n"
	      "  -w, --warn VALUE    print instead name and value of each that falls below VALUE\n"
	      "  -h, --help          this text\n"
	      "  -V, --version       the version\n"
	      "With NAMEs: only these counters.\n", to);
}

static int failed(const char *what)
{
	fprintf(stderr, SELF ": %s: %s\n", what, strerror(errno));
	return EXIT_FAILURE;
}

/* ---- the number of the group */

static int group_attr(const struct nlattr *attr, void *data)
{
	const struct nlattr **tb = data;

	if (mnl_attr_type_valid(attr, CTRL_ATTR_MCAST_GRP_MAX) > 0)
		tb[mnl_attr_get_type(attr)] = attr;
	return MNL_CB_OK;
}

static int family_attr(const struct nlattr *attr, void *data)
{
	struct listener *l = data;
	const struct nlattr *group;

	if (mnl_attr_get_type(attr) != CTRL_ATTR_MCAST_GROUPS)
		return MNL_CB_OK;
	mnl_attr_for_each_nested(group, attr) {
		const struct nlattr *tb[CTRL_ATTR_MCAST_GRP_MAX + 1] = { NULL };

		mnl_attr_parse_nested(group, group_attr, tb);
		if (tb[CTRL_ATTR_MCAST_GRP_NAME] && tb[CTRL_ATTR_MCAST_GRP_ID] &&
		    !strcmp(mnl_attr_get_str(tb[CTRL_ATTR_MCAST_GRP_NAME]),
			    XT_QUOTA2_GENL_GROUP))
			l->group = mnl_attr_get_u32(tb[CTRL_ATTR_MCAST_GRP_ID]);
	}
	return MNL_CB_OK;
}

static int family_msg(const struct nlmsghdr *nlh, void *data)
{
	return mnl_attr_parse(nlh, sizeof(struct genlmsghdr), family_attr, data);
}

/* Ask for the family; the kernel loads the module for it if we may. */
static bool find_group(struct listener *l)
{
	char buf[MESSAGES_SIZE] __attribute__((aligned(NLMSG_ALIGNTO)));
	struct nlmsghdr *nlh = mnl_nlmsg_put_header(buf);
	struct genlmsghdr *g;
	ssize_t n;

	nlh->nlmsg_type = GENL_ID_CTRL;
	nlh->nlmsg_flags = NLM_F_REQUEST | NLM_F_ACK;
	nlh->nlmsg_seq = 1;
	g = mnl_nlmsg_put_extra_header(nlh, sizeof(*g));
	g->cmd = CTRL_CMD_GETFAMILY;
	g->version = 1;
	mnl_attr_put_strz(nlh, CTRL_ATTR_FAMILY_NAME, XT_QUOTA2_GENL_NAME);
	if (mnl_socket_sendto(l->nl, nlh, nlh->nlmsg_len) < 0)
		return false;
	do {
		n = mnl_socket_recvfrom(l->nl, buf, sizeof(buf));
		if (n < 0)
			return false;
		n = mnl_cb_run(buf, n, 1, mnl_socket_get_portid(l->nl),
			       family_msg, l);
	} while (n > 0);
	return n == 0 && l->group;
}

/* ---- messages */

static bool wanted(const struct listener *l, const char *name)
{
	char **want = l->names;

	while (*want && strcmp(*want, name))
		++want;
	return *want || !*l->names;
}

static int event_attr(const struct nlattr *attr, void *data)
{
	const char **name = data;

	if (mnl_attr_get_type(attr) == XT_QUOTA2_ATTR_NAME &&
	    !mnl_attr_validate(attr, MNL_TYPE_NUL_STRING))
		*name = mnl_attr_get_str(attr);
	return MNL_CB_OK;
}

/* MNL_CB_STOP after the last line */
static int event_msg(const struct nlmsghdr *nlh, void *data)
{
	const struct genlmsghdr *g = mnl_nlmsg_get_payload(nlh);
	struct listener *l = data;
	const char *name = NULL;

	if (g->cmd != XT_QUOTA2_CMD_USED_UP)
		return MNL_CB_OK;
	mnl_attr_parse(nlh, sizeof(*g), event_attr, &name);
	if (!name || !wanted(l, name))
		return MNL_CB_OK;
	if (puts(name) < 0 || fflush(stdout))
		return MNL_CB_ERROR;
	return l->left && --l->left == 0 ? MNL_CB_STOP : MNL_CB_OK;
}

static int listen_for_ever(struct listener *l)
{
	char buf[MESSAGES_SIZE] __attribute__((aligned(NLMSG_ALIGNTO)));
	ssize_t n;
	int ret;

	if (mnl_socket_setsockopt(l->nl, NETLINK_ADD_MEMBERSHIP, &l->group,
				  sizeof(l->group)) < 0)
		return failed("joining the kernel's group");
	for (;;) {
		n = mnl_socket_recvfrom(l->nl, buf, sizeof(buf));
		if (n < 0 && errno == ENOBUFS) {
			fputs(SELF ": messages were lost\n", stderr);
			continue;
		}
		if (n < 0)
			return failed("waiting for the kernel");
		ret = mnl_cb_run(buf, n, 0, 0, event_msg, l);
		if (ret == MNL_CB_STOP)
			return EXIT_SUCCESS;
		if (ret < 0)
			return failed("printing a message");
	}
}

static int run(struct listener *l)
{
	l->nl = mnl_socket_open(NETLINK_GENERIC);
	if (!l->nl || mnl_socket_bind(l->nl, 0, MNL_SOCKET_AUTOPID) < 0)
		return failed("opening a netlink socket");
	if (!find_group(l)) {
		fputs(SELF ": the kernel knows no quota2 counters: is the module xt_quota2 loaded?\n",
		      stderr);
		return EXIT_FAILURE;
	}
	return listen_for_ever(l);
}

/* A number from 1 to @max */
static bool parse_number(const char *text, unsigned long long max, unsigned long long *n)
{
	char *end;

	errno = 0;
	*n = strtoull(text, &end, 10);
	return *text >= '0' && *text <= '9' && !*end && !errno && *n && *n <= max;
}

/* The value of an option. Return: whether it is right; else a message has been printed. */
static bool parse_option(int opt, struct listener *l, unsigned long long *warn)
{
	unsigned long long n;

	if (parse_number(optarg, opt == 'n' ? ULONG_MAX : UINT64_MAX, &n)) {
		if (opt == 'n')
			l->left = n;
		else
			*warn = n;
		return true;
	}
	fprintf(stderr, SELF ": %s takes a number from 1, not '%s'\n",
		opt == 'n' ? "--count" : "--warn", optarg);
	return false;
}

int main(int argc, char **argv)
{
	static const struct option options[] = {
		{ "count", required_argument, NULL, 'n' },
		{ "warn", required_argument, NULL, 'w' },
		{ "help", no_argument, NULL, 'h' },
		{ "version", no_argument, NULL, 'V' },
		{ NULL, 0, NULL, 0 },
	};
	struct listener l = { .nl = NULL };
	unsigned long long warn = 0;
	int opt, ret;

	xa_tool_begin(argv);
	while ((opt = getopt_long(argc, argv, "n:w:hV", options, NULL)) != -1) {
		switch (opt) {
		case 'n':
		case 'w':
			if (parse_option(opt, &l, &warn))
				break;
			return 2;
		case 'h':
			usage(stdout);
			return EXIT_SUCCESS;
		case 'V':
			xa_tool_version(argv);
			return EXIT_SUCCESS;
		default:
			return xa_tool_bad_usage(argv);
		}
	}
	l.names = argv + optind;
	if (warn)
		return warn_for_ever(l.names, warn, l.left);
	ret = run(&l);
	if (l.nl)
		mnl_socket_close(l.nl);
	return ret;
}
