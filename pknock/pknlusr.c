// SPDX-License-Identifier: GPL-2.0-only
/* pknlusr - print what the pknock match tells about hosts that are let in */
#include <errno.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include <arpa/inet.h>
#include <linux/connector.h>
#include <linux/netlink.h>

#include "xa_tool.h"
#include "xt_pknock.h"

#define GROUP_MAX	32

/* Data of a message about an IPv4 host; about an IPv6 host there is more. */
#define SIZE4	offsetof(struct xt_pknock_msg, peer_ip6)
#define SIZE6	sizeof(struct xt_pknock_msg)

static unsigned int parse_group(const char *text)
{
	unsigned long group;
	char *end;

	errno = 0;
	group = strtoul(text, &end, 10);
	if (*text < '0' || *text > '9' || *end || errno || group < 1 ||
	    group > GROUP_MAX) {
		fprintf(stderr, "Group ID invalid.\n");
		exit(1);
	}
	return group;
}

static int join(unsigned int group)
{
	struct sockaddr_nl addr = {
		.nl_family = AF_NETLINK,
		.nl_groups = 1U << (group - 1),
	};
	int fd = socket(AF_NETLINK, SOCK_DGRAM, NETLINK_CONNECTOR);

	if (fd < 0 || bind(fd, (struct sockaddr *)&addr, sizeof(addr)) < 0) {
		fprintf(stderr, "pknlusr: cannot listen to group %u: %s\n",
			group, strerror(errno));
		exit(1);
	}
	return fd;
}

/* The message in @nlh, or NULL if it is none of ours */
static const struct xt_pknock_msg *message(const struct nlmsghdr *nlh, int size,
					   int *family)
{
	const struct cn_msg *cn = NLMSG_DATA(nlh);

	if (!NLMSG_OK(nlh, size) || nlh->nlmsg_len < NLMSG_LENGTH(sizeof(*cn)))
		return NULL;
	if (nlh->nlmsg_len < NLMSG_LENGTH(sizeof(*cn)) + cn->len)
		return NULL;
	if (cn->id.idx != 0 || cn->id.val != 0)
		return NULL;
	if (cn->len != SIZE4 && cn->len != SIZE6)
		return NULL;
	*family = cn->len == SIZE4 ? AF_INET : AF_INET6;
	return (const void *)cn->data;
}

static void print(const struct nlmsghdr *nlh, int size)
{
	char ip[INET6_ADDRSTRLEN];
	const struct xt_pknock_msg *msg;
	int family;

	msg = message(nlh, size, &family);
	if (!msg || !inet_ntop(family, &msg->peer_ip, ip, sizeof(ip)))
		return;
	printf("rule_name: %.*s - ip %s\n", XT_PKNOCK_NAME_LEN, msg->rule_name,
	       ip);
	fflush(stdout);
}

static void listen_to(int fd)
{
	union {
		struct nlmsghdr nlh;
		char bytes[4096];
	} buf;
	struct sockaddr_nl from;
	socklen_t from_size;
	ssize_t size;

	for (;;) {
		from_size = sizeof(from);
		size = recvfrom(fd, &buf, sizeof(buf), 0,
				(struct sockaddr *)&from, &from_size);
		if (size < 0 && errno == ENOBUFS)
			fprintf(stderr, "pknlusr: some messages were lost\n");
		else if (size < 0 && errno != EINTR)
			return;
		else if (size > 0 && from.nl_pid == 0)	/* of the kernel */
			print(&buf.nlh, size);
	}
}

int main(int argc, char **argv)
{
	const char *word = argc > 1 ? argv[1] : "";

	xa_tool_begin(argv);
	if (!strcmp(word, "--help") || !strcmp(word, "-h")) {
		printf("usage: pknlusr [group]\n"
		       "Prints which hosts the pknock match lets in; group (1) is that of\n"
		       "modprobe xt_pknock nl_multicast_group=group.\n\n"
		       "  -h, --help     this text\n"
		       "  -V, --version  the version\n");
		return 0;
	}
	if (!strcmp(word, "--version") || !strcmp(word, "-V")) {
		xa_tool_version(argv);
		return 0;
	}
	if (*word == '-') {
		fprintf(stderr, "%s: unknown option %s\n", argv[0], word);
		return xa_tool_bad_usage(argv);
	}
	if (argc > 2)
		return xa_tool_unexpected(argv, argv[2]);
	listen_to(join(argc == 2 ? parse_group(argv[1]) : 1));
	fprintf(stderr, "pknlusr: %s\n", strerror(errno));
	return 1;
}
