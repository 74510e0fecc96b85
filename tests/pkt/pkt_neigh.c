// SPDX-License-Identifier: GPL-2.0-only
/* pkt_neigh - what the kernel knows of a device and its neighbours */
#include <linux/if_link.h>
#include <linux/neighbour.h>
#include <linux/rtnetlink.h>
#include <net/if.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include "tool.h"

/**
 * struct search - for a neighbour
 * @ifindex: device
 * @family:  of @addr
 * @addr:    who
 * @mac:     found; of the only one on the device if it is not @addr's
 * @exact:   it is @addr's
 * @others:  different MAC addresses seen
 */
struct search {
	int ifindex, family;
	const uint8_t *addr;
	uint8_t mac[6];
	int exact;
	unsigned int others;
};

static void see(struct search *s, const struct ndmsg *nd, const struct rtattr **tb)
{
	size_t len = nd->ndm_family == AF_INET ? 4 : 16;
	const uint8_t *mac;

	if (nd->ndm_ifindex != s->ifindex || tb[NDA_LLADDR] == NULL || tb[NDA_DST] == NULL ||
	    RTA_PAYLOAD(tb[NDA_LLADDR]) != 6 || (nd->ndm_state & (NUD_NOARP | NUD_FAILED)) ||
	    s->exact)
		return;
	mac = RTA_DATA(tb[NDA_LLADDR]);
	if (s->others == 0 || memcmp(mac, s->mac, 6) != 0)
		s->others++;
	memcpy(s->mac, mac, 6);
	s->exact = nd->ndm_family == s->family && RTA_PAYLOAD(tb[NDA_DST]) == len &&
		   memcmp(RTA_DATA(tb[NDA_DST]), s->addr, len) == 0;
}

/* Return: 1 at the end of the list. */
static int see_all(struct search *s, const struct nlmsghdr *h, ssize_t n)
{
	for (; NLMSG_OK(h, n); h = NLMSG_NEXT(h, n)) {
		const struct rtattr *tb[NDA_MAX + 1] = { NULL };
		const struct ndmsg *nd = NLMSG_DATA(h);
		const struct rtattr *a = (const void *)(nd + 1);
		int left;

		if (h->nlmsg_type == NLMSG_DONE || h->nlmsg_type == NLMSG_ERROR)
			return 1;
		left = (int)NLMSG_PAYLOAD(h, sizeof(*nd));
		for (; RTA_OK(a, left); a = RTA_NEXT(a, left))
			if (a->rta_type <= NDA_MAX)
				tb[a->rta_type] = a;
		see(s, nd, tb);
	}
	return 0;
}

/**
 * neigh_lookup - the MAC address for a packet
 * @ifindex: device that it leaves by
 * @family:  AF_INET or AF_INET6
 * @addr:    its destination
 * @mac:     filled in
 *
 * If the destination is none of the device's neighbours and the device has just
 * one, that one takes the packet, being the router or the end of the wire.
 *
 * Return: 0, or -1 if no neighbour fits.
 */
int neigh_lookup(int ifindex, int family, const uint8_t *addr, uint8_t *mac)
{
	struct {
		struct nlmsghdr h;
		struct ndmsg nd;
	} request = {
		.h = { .nlmsg_len = sizeof(request), .nlmsg_type = RTM_GETNEIGH,
		       .nlmsg_flags = NLM_F_REQUEST | NLM_F_DUMP },
	};
	struct search s = { .ifindex = ifindex, .family = family, .addr = addr };
	static char buf[65536] __attribute__((aligned(4)));
	int fd = socket(AF_NETLINK, SOCK_RAW, NETLINK_ROUTE);
	ssize_t n;

	if (fd < 0)
		die("netlink: %m");
	if (send(fd, &request, sizeof(request), 0) < 0)
		die("netlink: %m");
	do {
		n = recv(fd, buf, sizeof(buf), 0);
	} while (n > 0 && !see_all(&s, (const void *)buf, n));
	close(fd);
	memcpy(mac, s.mac, 6);
	return s.exact || s.others == 1 ? 0 : -1;
}

/**
 * link_mac - a device's own address
 * @dev: its name
 * @mac: filled in
 *
 * Return: its type (ARPHRD_*), or -1 if there is no such device.
 */
int link_mac(const char *dev, uint8_t *mac)
{
	struct ifreq req = { 0 };
	int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0), rc;

	snprintf(req.ifr_name, sizeof(req.ifr_name), "%s", dev);
	rc = ioctl(fd, SIOCGIFHWADDR, &req);
	close(fd);
	if (rc != 0)
		return -1;
	memcpy(mac, req.ifr_hwaddr.sa_data, 6);
	return req.ifr_hwaddr.sa_family;
}

/**
 * link_dropped - packets that a device took and threw away
 * @dev: its name
 *
 * A veth device counts here what the other end's queue had no room for.
 *
 * Return: the counter.
 */
uint64_t link_dropped(const char *dev)
{
	FILE *f = fopen("/proc/net/dev", "r");
	unsigned long long dropped = 0;
	char line[512];
	size_t len = strlen(dev);

	while (f != NULL && fgets(line, sizeof(line), f) != NULL) {
		const char *p = line + strspn(line, " ");

		if (strncmp(p, dev, len) == 0 && p[len] == ':')
			sscanf(p + len + 1, "%*u %*u %*u %*u %*u %*u %*u %*u %*u %*u %*u %llu",
			       &dropped);
	}
	if (f != NULL)
		fclose(f);
	return dropped;
}
