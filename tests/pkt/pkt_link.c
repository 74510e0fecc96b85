// SPDX-License-Identifier: GPL-2.0-only
/* pkt_link - switch a device's offloads, without ethtool */
#include <errno.h>
#include <linux/ethtool.h>
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
