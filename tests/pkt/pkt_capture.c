// SPDX-License-Identifier: GPL-2.0-only
/* pkt_capture - packets of a device, one a line, in the form in which pkt sends them */
#include <arpa/inet.h>
#include <errno.h>
#include <linux/if_packet.h>
#include <net/ethernet.h>
#include <net/if.h>
#include <net/if_arp.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include "tool.h"

/* Bytes that may wait for us. */
#define BUFFER	(64 << 20)

const char capture_help[] =
"pkt capture OPTIONS DEV\n"
"  Prints the packets of DEV, one a line, until SIGTERM or SIGINT or what is said here:\n"
"  -n, --count N      so many packets\n"
"  -s, --seconds S    this time\n"
"  -i, --idle S       no packet for this time\n"
"  -m, --match PACKET only packets like that, compared loosely (see pkt match)\n"
"  -I, --in           only what DEV received\n"
"  -O, --out          only what DEV sent\n"
"  -q, --quiet        not what kernels send of their own: neighbour discovery and\n"
"                     multicast listener reports of IPv6\n"
"  -k, --link         Ethernet headers too\n"
"  -w, --full         all data, not length and sum of what is longer than 256 bytes\n"
"  -t, --totals       only packets= and bytes= (of layer 3) at the end\n"
"  -e, --expect N     exit status 1 unless just N packets came\n"
"  -o, --output FILE  instead of stdout\n"
"  -r, --ready FILE   made when packets are seen from now on, removed at the end\n"
"  If packets were lost, a last line lost= (not with --totals) and exit status 3.\n";

struct capture {
	int fd, first, in, out, totals, quiet;
	unsigned int flags;
	const char *match, *ready;
	uint64_t count, packets, bytes;
	double seconds, idle;
	long long expect;
	FILE *output;
};

static volatile sig_atomic_t stop;

static void on_signal(int sig)
{
	(void)sig;
	stop = 1;
}

static double now(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

static void capture_open(struct capture *c, const char *dev)
{
	struct sockaddr_ll at = { .sll_family = AF_PACKET, .sll_protocol = htons(ETH_P_ALL) };
	int size = BUFFER, one = 1;
	uint8_t mac[6];
	int type = link_mac(dev, mac);

	if (type < 0)
		die("there is no device %s", dev);
	c->first = type == ARPHRD_ETHER || type == ARPHRD_LOOPBACK ? PKT_ETH : PKT_IP;
	at.sll_ifindex = (int)if_nametoindex(dev);
	c->fd = socket(AF_PACKET, SOCK_RAW, 0);
	if (c->fd < 0)
		die("packet socket: %m");
	if (setsockopt(c->fd, SOL_SOCKET, SO_RCVBUFFORCE, &size, sizeof(size)) != 0)
		setsockopt(c->fd, SOL_SOCKET, SO_RCVBUF, &size, sizeof(size));
	if (setsockopt(c->fd, SOL_PACKET, PACKET_AUXDATA, &one, sizeof(one)) != 0 ||
	    bind(c->fd, (void *)&at, sizeof(at)) != 0)
		die("cannot listen on %s: %m", dev);
}

/* The VLAN tag that the kernel took off goes back to its place. */
static size_t put_tag(uint8_t *frame, size_t len, const struct tpacket_auxdata *aux)
{
	if (!(aux->tp_status & TP_STATUS_VLAN_VALID) || len < 12 || len + 4 > PKT_MAX)
		return len;
	memmove(frame + 16, frame + 12, len - 12);
	pkt_put(frame, 96, 16, aux->tp_status & TP_STATUS_VLAN_TPID_VALID ? aux->tp_vlan_tpid :
		ETH_P_8021Q);
	pkt_put(frame, 112, 16, aux->tp_vlan_tci);
	return len + 4;
}

/* Return: bytes; 0 if the packet is of the other direction, -1 if there is none. */
static ssize_t receive(struct capture *c, uint8_t *frame, unsigned int *flags)
{
	char control[CMSG_SPACE(sizeof(struct tpacket_auxdata))];
	struct sockaddr_ll from;
	struct iovec iov = { frame, PKT_MAX - 4 };
	struct msghdr msg = {
		.msg_name = &from, .msg_namelen = sizeof(from), .msg_iov = &iov, .msg_iovlen = 1,
		.msg_control = control, .msg_controllen = sizeof(control),
	};
	struct tpacket_auxdata aux = { 0 };
	ssize_t n = recvmsg(c->fd, &msg, MSG_DONTWAIT);

	if (n < 0)
		return -1;
	for (struct cmsghdr *m = CMSG_FIRSTHDR(&msg); m != NULL; m = CMSG_NXTHDR(&msg, m))
		if (m->cmsg_level == SOL_PACKET && m->cmsg_type == PACKET_AUXDATA)
			memcpy(&aux, CMSG_DATA(m), sizeof(aux));
	if ((from.sll_pkttype == PACKET_OUTGOING && c->in) ||
	    (from.sll_pkttype != PACKET_OUTGOING && c->out))
		return 0;
	*flags = c->flags | (aux.tp_status & TP_STATUS_CSUMNOTREADY ? PKT_PRINT_UNDONE : 0);
	return (ssize_t)put_tag(frame, (size_t)n, &aux);
}

/* Whether @line is one of the messages that a kernel sends without being asked. */
static int is_chatter(const char *line)
{
	static const char *const types[] = {
		"130", "131", "132", "133", "134", "135", "136", "137", "143",
	};
	char why[64], golden[32];

	for (size_t i = 0; i < sizeof(types) / sizeof(types[0]); i++) {
		snprintf(golden, sizeof(golden), "icmp6 type=%s", types[i]);
		if (pkt_match(golden, line, 1, why, sizeof(why)))
			return 1;
	}
	return 0;
}

static void take(struct capture *c, const uint8_t *frame, size_t len, unsigned int flags)
{
	static char line[PKT_TEXT];
	char why[256];
	int first = c->first != PKT_ETH && len > 0 && frame[0] >> 4 == 6 ? PKT_IP6 : c->first;

	if (!c->totals || c->match != NULL || c->quiet) {
		if (pkt_print(line, sizeof(line), (enum pkt_id)first, frame, len, flags) < 0)
			die("out of memory");
		if (c->match != NULL && !pkt_match(c->match, line, 1, why, sizeof(why)))
			return;
		if (c->quiet && is_chatter(line))
			return;
	}
	c->packets++;
	c->bytes += len - (first == PKT_ETH && len >= 14 ? 14 : 0);
	if (!c->totals)
		fprintf(c->output, "%s\n", line);
}

/* All that are there. */
static int take_waiting(struct capture *c)
{
	static uint8_t frame[PKT_MAX];
	unsigned int flags;
	ssize_t n;
	int any = 0;

	while ((c->count == 0 || c->packets < c->count) && (n = receive(c, frame, &flags)) >= 0) {
		if (n > 0) {
			take(c, frame, (size_t)n, flags);
			any = 1;
		}
	}
	if (any)
		fflush(c->output);
	return any;
}

/* Seconds until something ends the capture; -1 is never. */
static double left(const struct capture *c, double start, double last)
{
	double t = now(), all = c->seconds > 0 ? start + c->seconds - t : -1;
	double idle = c->idle > 0 ? last + c->idle - t : -1;

	if (c->seconds > 0 && all < 0)
		return 0;
	if (c->idle > 0 && idle < 0)
		return 0;
	return c->seconds <= 0 || (c->idle > 0 && idle < all) ? idle : all;
}

static void capture_run(struct capture *c)
{
	struct pollfd p = { c->fd, POLLIN, 0 };
	double start = now(), last = start, wait;
	sigset_t block, old;

	sigemptyset(&block);
	sigaddset(&block, SIGTERM);
	sigaddset(&block, SIGINT);
	sigprocmask(SIG_BLOCK, &block, &old);
	touch(c->ready);
	while (!stop && (c->count == 0 || c->packets < c->count)) {
		struct timespec t;

		wait = left(c, start, last);
		if (wait == 0)
			break;
		t.tv_sec = (time_t)wait;
		t.tv_nsec = (long)((wait - (double)t.tv_sec) * 1e9);
		/* signals come only here, so none is missed */
		ppoll(&p, 1, wait < 0 ? NULL : &t, &old);
		if (take_waiting(c))
			last = now();
	}
	take_waiting(c);
}

static int capture_end(struct capture *c)
{
	struct tpacket_stats stats = { 0 };
	socklen_t len = sizeof(stats);

	if (c->totals)
		fprintf(c->output, "packets=%llu bytes=%llu\n", (unsigned long long)c->packets,
			(unsigned long long)c->bytes);
	getsockopt(c->fd, SOL_PACKET, PACKET_STATISTICS, &stats, &len);
	if (stats.tp_drops > 0) {
		fprintf(stderr, "pkt: %u packets were lost\n", stats.tp_drops);
		if (!c->totals)
			fprintf(c->output, "lost=%u\n", stats.tp_drops);
	}
	if (fflush(c->output) != 0 || ferror(c->output))
		die("cannot write: %m");
	if (c->ready != NULL)
		unlink(c->ready);
	if (stats.tp_drops > 0)
		return 3;
	return c->expect >= 0 && c->packets != (uint64_t)c->expect;
}

static const struct option options[] = {
	{ "count", 1, NULL, 'n' }, { "seconds", 1, NULL, 's' }, { "idle", 1, NULL, 'i' },
	{ "match", 1, NULL, 'm' }, { "in", 0, NULL, 'I' }, { "out", 0, NULL, 'O' },
	{ "quiet", 0, NULL, 'q' }, { "link", 0, NULL, 'k' }, { "full", 0, NULL, 'w' },
	{ "totals", 0, NULL, 't' },
	{ "expect", 1, NULL, 'e' }, { "output", 1, NULL, 'o' }, { "ready", 1, NULL, 'r' }, { 0 },
};

static void option(struct capture *c, int letter, const char *arg)
{
	switch (letter) {
	case 'n': c->count = number("count", arg, 1, UINT64_MAX); break;
	case 's': c->seconds = duration("seconds", arg); break;
	case 'i': c->idle = duration("idle", arg); break;
	case 'm': c->match = arg; break;
	case 'I': c->in = 1; break;
	case 'O': c->out = 1; break;
	case 'q': c->quiet = 1; break;
	case 'k': c->flags |= PKT_PRINT_LINK; break;
	case 'w': c->flags |= PKT_PRINT_FULL; break;
	case 't': c->totals = 1; break;
	case 'e': c->expect = (long long)number("expect", arg, 0, INT64_MAX); break;
	case 'r': c->ready = arg; break;
	case 'o':
		c->output = fopen(arg, "w");
		if (c->output == NULL)
			die("cannot write %s: %m", arg);
		break;
	default:
		exit(2);
	}
}

int cmd_capture(int argc, char **argv)
{
	struct capture c = { .expect = -1, .output = stdout };
	struct sigaction act = { .sa_handler = on_signal };
	int letter;

	while ((letter = getopt_long(argc, argv, "n:s:i:m:IOqkwte:o:r:", options, NULL)) != -1)
		option(&c, letter, optarg);
	if (optind + 1 != argc)
		die("capture takes one device");
	if (c.in && c.out)
		die("--in excludes --out");
	sigaction(SIGTERM, &act, NULL);
	sigaction(SIGINT, &act, NULL);
	capture_open(&c, argv[optind]);
	capture_run(&c);
	return capture_end(&c);
}
