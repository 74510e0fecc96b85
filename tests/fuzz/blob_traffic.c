// SPDX-License-Identifier: GPL-2.0-only
/*
 * blob_traffic - packets of all kinds through the rules
 *
 * They come in by a tap device of our own: to this namespace (INPUT, and with an
 * answer OUTPUT), through it (FORWARD), or broken on the way; or they are sent from
 * sockets of it. A frame that the
 * kernel took has passed the rules when write() returns.
 */
#include <arpa/inet.h>
#include <fcntl.h>
#include <linux/if_tun.h>
#include <net/if.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include "blob.h"
#include "pkt.h"

#define IN4	"ip src=10.0.0.1 dst=10.0.0.2"
#define THRU4	"ip src=10.0.0.1 dst=10.0.0.9"
#define IN6	"ip6 src=fd00::1 dst=fd00::2"
#define THRU6	"ip6 src=fd00::1 dst=fd00::9"

/* Each with its header complete, cut off, lying, in fragments. */
static const char *const texts[] = {
	IN4 " / icmp / data fill=56", THRU4 " / icmp / data fill=56", IN6 " / icmp6 / data fill=56",
	THRU6 " / icmp6 / data fill=56", IN4 " / tcp dport=80", THRU4 " / tcp dport=80 opt=mss:1460",
	IN4 " / tcp dport=80 flags=FPU", IN4 " / tcp dport=80 flags=A doff=15", IN4 " / tcp doff=0",
	IN4 " / tcp opt=2:,raw:08ff", IN6 " / tcp dport=80", THRU6 " / tcp dport=80 opt=mss:1460",
	IN4 " / udp / data fill=100", THRU4 " / udp / data fill=1400", IN6 " / udp / data fill=9",
	IN4 " / udp len=0 / data fill=9", IN4 " / udp len=7", IN4 " / udp len=65535 / data fill=9",
	IN6 " / udp len=0 / data fill=9", IN4 " / udp sum=0", IN4 " / udp sum=bad",
	IN4 " proto=17 / data hex=04000009", IN4 " proto=6 / data hex=0400", IN4 " proto=6",
	IN4 " proto=17", IN4 " proto=1", IN6 " next=6", IN6 " next=17 / data hex=0400000900",
	IN6 " next=58", IN6 " next=59", IN4 " mf=1 id=7 / udp len=2000 / data fill=64",
	IN4 " off=9 id=7 proto=17 / data fill=64", IN4 " off=185 proto=6 / data fill=16",
	IN4 " off=8191 proto=17 / data fill=64", THRU4 " off=1 proto=6 / data hex=00",
	IN6 " / frag off=0 mf=1 id=3 / udp / data fill=64",
	IN6 " / frag off=9 mf=0 id=3 next=6 / data fill=64",
	IN6 " / frag off=0 mf=1 id=4", IN6 " / hbh / dstopt opt=01 / rt type=0 left=0 / tcp",
	IN6 " / hbh len=255 / tcp", IN6 " next=0 / data hex=06", IN6 " / dstopt / dstopt / dstopt / udp",
	IN6 " / ah / udp", IN6 " / esp / data fill=20", IN4 " / ah / tcp", IN4 " / esp",
	IN4 " opt=nop,7:0400000000,ra:0 / udp", IN4 " opt=raw:83ff / tcp", IN4 " ihl=15 / udp",
	IN4 " / sctp / chunk type=1 opt=00000000", IN4 " / sctp / chunk len=0 / chunk len=3",
	IN6 " / sctp", IN4 " / udplite / data fill=9", IN6 " / udplite cov=8 / data fill=9",
	IN4 " / dccp opt=00000000", IN4 " / gre / ip / udp", IN4 " / ip / udp", IN6 " / ip6 / udp",
	IN4 " / icmp type=3 code=3 / " IN4 " / udp", IN4 " / icmp type=3 code=3 / ip len=20",
	IN6 " / icmp6 type=1 / ip6 / udp", IN4 " proto=255 / data random=64",
	IN4 " proto=0 / data random=9",
	"ip src=10.0.0.1 dst=255.255.255.255 / udp", "ip src=10.0.0.1 dst=224.0.0.1 / udp",
	"ip6 src=fd00::1 dst=ff02::1 / udp", "ip src=0.0.0.0 dst=0.0.0.0 / udp",
	"ip src=127.0.0.1 dst=10.0.0.2 / udp", IN4 " ttl=0 / udp", THRU4 " ttl=1 / udp",
	"arp src=10.0.0.1 dst=10.0.0.2", "arp hwlen=255 plen=255", "vlan id=5 / " IN4 " / udp",
	"ip src=rand dst=10.0.0.2 / udp sport=rand dport=rand",
	"ip6 src=rand dst=fd00::2 / tcp sport=rand",
};

#define TEXTS	(sizeof(texts) / sizeof(texts[0]))

static struct pkt_spec specs[TEXTS];
static int tap = -1;

/* One device and what belongs to it, by ip: it is not what is tested. */
static void network(void)
{
	static const char script[] =
		"{ ip link set lo up; ip link set f0 address 02:00:00:00:00:0f\n"
		"ip addr add 10.0.0.2/24 dev f0; ip addr add fd00::2/64 dev f0 nodad\n"
		"ip addr add fe80::2/64 dev f0 nodad; ip link set f0 up\n"
		"for a in 10.0.0.1 10.0.0.9 fd00::1 fd00::9 fe80::1; do\n"
		"ip neigh replace $a lladdr 02:00:00:00:00:01 dev f0 nud permanent; done\n"
		"echo 1 >/proc/sys/net/ipv4/ip_forward\n"
		"echo 1 >/proc/sys/net/ipv6/conf/all/forwarding; } 2>/dev/null; true";

	if (system(script) != 0)
		die("the network of the namespace cannot be set up");
}

/**
 * traffic_open - a device for packets in a namespace that is new
 */
void traffic_open(void)
{
	struct ifreq req = { 0 };
	char err[256];

	tap = open("/dev/net/tun", O_RDWR | O_CLOEXEC | O_NONBLOCK);
	if (tap < 0)
		die("cannot open /dev/net/tun: %m");
	strcpy(req.ifr_name, "f0");
	req.ifr_flags = IFF_TAP | IFF_NO_PI;
	if (ioctl(tap, TUNSETIFF, &req) != 0)
		die("cannot make a tap device: %m");
	network();
	for (size_t i = 0; i < TEXTS; i++) {
		struct pkt_spec *s = &specs[i];

		if (pkt_parse(s, texts[i], err, sizeof(err)) != 0)
			die("%s: %s", texts[i], err);
		pkt_add_link(s);
		pkt_set(&s->parts[0], "dst", 0x02000000000f);
		pkt_set(&s->parts[0], "src", 0x020000000001);
	}
}

/* So that the device's queue of answers does not fill up. */
static void drain(void)
{
	uint8_t answer[2048];

	while (read(tap, answer, sizeof(answer)) > 0)
		continue;
}

/* Packet @index of the family, sometimes with wrong bytes or cut off. */
static void one_packet(uint64_t seed, uint64_t index)
{
	uint8_t frame[2048];
	uint64_t r = pkt_random(seed, index, 0);
	ssize_t n = pkt_build(&specs[r % TEXTS], index, frame, sizeof(frame));

	if (n < 14)
		return;
	for (uint64_t k = r >> 32 & 7; k > 5; k--)
		frame[12 + pkt_random(seed, index, k) % ((uint64_t)n - 12)] ^= (uint8_t)(r >> 40);
	if ((r >> 48 & 15) == 0)
		n = 14 + (ssize_t)((r >> 52) % ((uint64_t)n - 13));
	if (write(tap, frame, (size_t)n) == n)
		__atomic_add_fetch(&tally->packets, 1, __ATOMIC_RELAXED);
	drain();
}

static void *send_on(void *arg)
{
	uint64_t seed = *(uint64_t *)arg;

	for (uint64_t i = 0;; i++)
		one_packet(seed, i);
	return NULL;
}

/**
 * traffic_start - packets from now on until the process ends
 * @seed: of what is random in them
 */
void traffic_start(uint64_t seed)
{
	static uint64_t kept;
	pthread_t thread;

	kept = seed;
	if (pthread_create(&thread, NULL, send_on, &kept) != 0)
		die("no thread");
}

/**
 * traffic_burst - one packet of each kind
 */
void traffic_burst(void)
{
	static uint64_t index;
	uint8_t frame[2048];

	for (size_t i = 0; i < TEXTS; i++) {
		ssize_t n = pkt_build(&specs[i], index++, frame, sizeof(frame));

		if (n > 0 && write(tap, frame, (size_t)n) == n)
			__atomic_add_fetch(&tally->packets, 1, __ATOMIC_RELAXED);
	}
	drain();
}

static int address(struct sockaddr_storage *to, const char *host, unsigned int port)
{
	struct sockaddr_in *in = (struct sockaddr_in *)to;
	struct sockaddr_in6 *in6 = (struct sockaddr_in6 *)to;

	memset(to, 0, sizeof(*to));
	if (inet_pton(AF_INET, host, &in->sin_addr) == 1) {
		in->sin_family = AF_INET;
		in->sin_port = htons((uint16_t)port);
		return AF_INET;
	}
	inet_pton(AF_INET6, host, &in6->sin6_addr);
	in6->sin6_family = AF_INET6;
	in6->sin6_port = htons((uint16_t)port);
	in6->sin6_scope_id = if_nametoindex("f0");
	return AF_INET6;
}

/**
 * traffic_local - datagrams and a SYN from sockets, to the network and to this host
 */
void traffic_local(void)
{
	static const char *const hosts[] = {
		"10.0.0.1", "10.0.0.2", "fd00::1", "fd00::2", "fe80::1",
	};
	struct sockaddr_storage to;

	for (size_t i = 0; i < sizeof(hosts) / sizeof(hosts[0]); i++) {
		for (int kind = 0; kind < 3; kind++) {
			int family = address(&to, hosts[i], kind == 2 ? 7 : 99);
			int fd = socket(family, SOCK_NONBLOCK |
					(kind ? SOCK_DGRAM : SOCK_STREAM), 0);

			if (connect(fd, (struct sockaddr *)&to, sizeof(to)) == 0 &&
			    send(fd, "x", 1, 0) == 1)
				__atomic_add_fetch(&tally->packets, 1, __ATOMIC_RELAXED);
			close(fd);
		}
	}
}
