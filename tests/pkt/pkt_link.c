// SPDX-License-Identifier: GPL-2.0-only
/* pkt_link - switch a device's offloads, without ethtool and a new iproute2 */
#include <errno.h>
#include <linux/ethtool.h>
#include <linux/rtnetlink.h>
#include <linux/sockios.h>
#include <net/if.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include "tool.h"

const char offload_help[] =
"pkt offload on|off DEV...\n"
"  Switches checksum, scatter-gather, segmentation and receive offloads.\n";

const char large_help[] =
"pkt large SIZE DEV\n"
"  Lets TCP and GRO make packets of SIZE bytes on DEV (BIG TCP) and prints the families,\n"
"  4 and 6, for which the kernel does it.\n";

/* Attributes that older headers do not have */
enum { LARGE_GSO6 = 41, LARGE_GRO6 = 58, LARGE_GSO4 = 63, LARGE_GRO4 = 64 };

/* On, the ones that others need come first; off, the other way round. */
static const uint32_t features[] = {
	ETHTOOL_SRXCSUM, ETHTOOL_STXCSUM, ETHTOOL_SSG, ETHTOOL_STSO, ETHTOOL_SGSO, ETHTOOL_SGRO,
};

#define FEATURES (sizeof(features) / sizeof(features[0]))

static void offload(int fd, const char *dev, int on)
{
	struct ifreq req = { 0 };

	snprintf(req.ifr_name, sizeof(req.ifr_name), "%s", dev);
	for (size_t i = 0; i < FEATURES; i++) {
		struct ethtool_value value = {
			.cmd = features[on ? i : FEATURES - 1 - i],
			.data = (uint32_t)on,
		};

		req.ifr_data = (void *)&value;
		if (ioctl(fd, SIOCETHTOOL, &req) != 0 && errno != EOPNOTSUPP && errno != EINVAL)
			die("cannot switch offloads of %s: %m", dev);
	}
}

int cmd_offload(int argc, char **argv)
{
	int fd = socket(AF_INET, SOCK_DGRAM, 0);

	if (argc < 3 || (strcmp(argv[1], "on") != 0 && strcmp(argv[1], "off") != 0))
		die("offload takes on or off and devices");
	for (int i = 2; i < argc; i++)
		offload(fd, argv[i], strcmp(argv[1], "on") == 0);
	close(fd);
	return 0;
}

struct link_request {
	struct nlmsghdr h;
	struct ifinfomsg link;
	struct rtattr a;
	uint32_t value;
};

/* Sends a request on a device and receives the answer. Return: its bytes, or -1. */
static ssize_t link_ask(int fd, int type, const char *dev, unsigned short attr, uint32_t value,
			void *answer, size_t size)
{
	struct link_request r = {
		.h = { .nlmsg_len = sizeof(r), .nlmsg_type = (uint16_t)type,
		       .nlmsg_flags = NLM_F_REQUEST | (type == RTM_NEWLINK ? NLM_F_ACK : 0) },
		.link = { .ifi_index = (int)if_nametoindex(dev) },
		.a = { .rta_len = sizeof(r.a) + sizeof(value), .rta_type = attr },
		.value = value,
	};

	if (type == RTM_GETLINK)
		r.h.nlmsg_len = NLMSG_LENGTH(sizeof(r.link));
	if (r.link.ifi_index == 0)
		die("there is no device %s", dev);
	return send(fd, &r, r.h.nlmsg_len, 0) < 0 ? -1 : recv(fd, answer, size, 0);
}

/* An unknown attribute is passed over in silence, so what was set is read back. */
static int link_set(int fd, const char *dev, unsigned short attr, uint32_t value)
{
	static char buf[65536] __attribute__((aligned(4)));
	const struct nlmsghdr *h = (const void *)buf;
	const struct rtattr *a;
	ssize_t n;
	int left;

	if (link_ask(fd, RTM_NEWLINK, dev, attr, value, buf, sizeof(buf)) < 0)
		die("netlink: %m");
	n = link_ask(fd, RTM_GETLINK, dev, 0, 0, buf, sizeof(buf));
	if (n < 0 || !NLMSG_OK(h, n) || h->nlmsg_type != RTM_NEWLINK)
		return 0;
	a = (const void *)((const char *)NLMSG_DATA(h) + NLMSG_ALIGN(sizeof(struct ifinfomsg)));
	left = (int)NLMSG_PAYLOAD(h, sizeof(struct ifinfomsg));
	for (; RTA_OK(a, left); a = RTA_NEXT(a, left))
		if (a->rta_type == attr && RTA_PAYLOAD(a) == sizeof(value))
			return memcmp(RTA_DATA(a), &value, sizeof(value)) == 0;
	return 0;
}

int cmd_large(int argc, char **argv)
{
	int fd = socket(AF_NETLINK, SOCK_RAW, NETLINK_ROUTE);
	uint32_t size;

	if (argc != 3 || fd < 0)
		die("large takes a size and a device");
	size = (uint32_t)number("large", argv[1], 1, 1 << 20);
	if (link_set(fd, argv[2], LARGE_GRO4, size) + link_set(fd, argv[2], LARGE_GSO4, size) == 2)
		puts("4");
	if (link_set(fd, argv[2], LARGE_GRO6, size) + link_set(fd, argv[2], LARGE_GSO6, size) == 2)
		puts("6");
	close(fd);
	return 0;
}
