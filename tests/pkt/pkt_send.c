// SPDX-License-Identifier: GPL-2.0-only
/*
 * pkt_send - send packets, one or many millions, and count them exactly
 *
 * Packet number i of the run is packet i / S of text i % S, where S texts were
 * given. Thread t of T sends the numbers t, t + T, t + 2T...: what is sent does
 * not depend on the number of threads.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <net/if_arp.h>
#include <net/if.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include "tool.h"

/* Different packets that are made once and sent again and again. */
#define CYCLE		4096
#define MAX_SPECS	1024
#define MAX_THREADS	64

const char send_help[] =
"pkt send OPTIONS PACKET...\n"
"  Sends packets and prints packets=, bytes= (of layer 3) that the kernel accepted,\n"
"  refused= (with the last reason on stderr) and dropped= (that the device threw away);\n"
"  with --rate late=, milliseconds by which the latest packet was behind its time.\n"
"  Exit status 1 if any was refused.\n"
"  Where to, one of:\n"
"  -d, --dev DEV       out of a device; an Ethernet header is made if there is none\n"
"  -l, --local         as a program of this host, through OUTPUT and routing\n"
"  -t, --tun DEV       into a new device DEV, as if received by it: packets counted here\n"
"                      have passed PREROUTING and what is behind it\n"
"  What:\n"
"  -n, --count N       packets (one of each PACKET)\n"
"  -s, --seconds S     end after that time\n"
"  -r, --rate N        a second\n"
"  -T, --threads N     senders at the same time (1)\n"
"  -S, --seed N        of random values (1)\n"
"  -f, --file FILE     packets from FILE, one a line\n"
"  -g, --gso SIZE      packets that stand for many of SIZE bytes each (TCP, UDP)\n"
"  -p, --partial       transport checksums left to the device\n"
"  -P, --paged         all behind the Ethernet header not linear in memory (with --dev)\n"
"  -F, --fragment SIZE cut into fragments of SIZE bytes (a multiple of 8)\n"
"  -R, --reverse       the last fragment first\n";

const char flood_help[] =
"pkt flood OPTIONS --src-range FIRST[-LAST[+STEP]] --dst ADDR\n"
"  Sends many packets from the addresses FIRST to LAST (or each STEPth) in turn; options and output as for\n"
"  pkt send, exit status 0. Also:\n"
"  -a, --src-range FIRST[-LAST[+STEP]], -b, --dst ADDR, -o, --proto udp|tcp|icmp (udp)\n"
"  -z, --size N        bytes of payload (0)\n"
"  -x, --sport N[-N], -y, --dport N[-N]  ports\n";

struct sender {
	pthread_t thread;
	const struct run *run;
	unsigned int number;
	uint64_t packets, bytes, refused;
	double late;
	int why;
};

/**
 * struct run - what all senders share, not changed while they run
 * @specs:  packets
 * @n:      how many
 * @linked: an Ethernet header was put before all of them
 * @cycle:  made packets, if there are few different ones
 * @cycles: how many, 0 if each is made when it is sent
 * @end:    monotonic time, 0 is never
 */
struct run {
	struct send_options o;
	struct pkt_spec *specs;
	unsigned int n;
	struct frame *cycle;
	uint64_t cycles;
	double end;
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

/* ---- fragments */

/*
 * Fragment @k of the packet @in: @size bytes of what follows the IP header, which
 * is copied; IPv6 gets a fragment header with @id. Return: its bytes, 0 if there is none.
 */
static size_t fragment(const struct layout *l, const uint8_t *in, size_t len, size_t size,
		       unsigned int k, uint32_t id, uint8_t *out)
{
	size_t head = l->l3 + (l->family == AF_INET ? (in[l->l3] & 15) * 4u : 40u);
	size_t from = k * size, n, extra = l->family == AF_INET ? 0 : 8;
	int more;

	if (head > len || head + from >= len)
		return 0;
	n = len - head - from;
	more = n > size;
	n = more ? size : n;
	memcpy(out, in, head);
	memcpy(out + head + extra, in + head + from, n);
	if (l->family == AF_INET) {
		uint8_t *ip = out + l->l3;

		pkt_put(ip, 16, 16, head - l->l3 + n);
		pkt_put(ip, 50, 1, (uint64_t)more);
		pkt_put(ip, 51, 13, from / 8);
		pkt_put(ip, 80, 16, 0);
		pkt_put(ip, 80, 16, pkt_csum_fold(pkt_csum_add(0, ip, head - l->l3)));
	} else {
		uint8_t *ip6 = out + l->l3, *frag = out + head;

		memset(frag, 0, 8);
		frag[0] = ip6[6];
		ip6[6] = IPPROTO_FRAGMENT;
		pkt_put(ip6, 32, 16, n + 8);
		pkt_put(frag, 16, 13, from / 8);
		pkt_put(frag, 31, 1, (uint64_t)more);
		pkt_put(frag, 32, 32, id);
	}
	return head + extra + n;
}

/* ---- one sender */

static void count(struct sender *s, const struct frame *frames, unsigned int n, unsigned int sent)
{
	size_t link = s->run->o.kind == MEDIUM_DEV ? 14 : 0;

	for (unsigned int i = 0; i < sent; i++)
		s->bytes += frames[i].len > link ? frames[i].len - link : 0;
	s->packets += sent;
	if (sent < n) {
		s->why = errno;
		s->refused++;
	}
}

static void send_frames(struct sender *s, struct medium *m, const struct frame *frames,
			unsigned int n)
{
	while (n > 0) {
		unsigned int sent = medium_send(m, frames, n);

		count(s, frames, n, sent);
		if (sent < n)
			sent++;
		frames += sent;
		n -= sent;
	}
}

static void send_fragments(struct sender *s, struct medium *m, const struct frame *whole,
			   uint64_t index)
{
	static __thread uint8_t room[PKT_MAX + MEDIUM_ROOM];
	const struct send_options *o = &s->run->o;
	struct frame piece = { room + MEDIUM_ROOM, 0 };
	struct layout l;
	unsigned int pieces = 0;

	if (layout_of(&l, o, whole->bytes, whole->len) != 0)
		die("--fragment: a packet is not IP");
	while (fragment(&l, whole->bytes, whole->len, o->fragment, pieces, (uint32_t)index,
			piece.bytes) > 0)
		pieces++;
	for (unsigned int k = 0; k < pieces; k++) {
		piece.len = fragment(&l, whole->bytes, whole->len, o->fragment,
				     o->reverse ? pieces - 1 - k : k, (uint32_t)index,
				     piece.bytes);
		send_frames(s, m, &piece, 1);
	}
}

static void make(const struct run *run, uint64_t index, struct frame *f)
{
	ssize_t n = pkt_build(&run->specs[index % run->n], index / run->n, f->bytes, PKT_MAX);

	if (n < 0)
		die("a packet is longer than %d bytes", PKT_MAX);
	f->len = (size_t)n;
}

static void frames_alloc(struct frame *frames, uint64_t n)
{
	for (uint64_t i = 0; i < n; i++) {
		uint8_t *room = malloc(PKT_MAX + MEDIUM_ROOM);

		if (room == NULL)
			die("out of memory");
		frames[i].bytes = room + MEDIUM_ROOM;
	}
}

static void frames_free(struct frame *frames, uint64_t n)
{
	for (uint64_t i = 0; i < n; i++)
		free(frames[i].bytes - MEDIUM_ROOM);
}

/* Waits until the packet @index is due, and notes how late it is then. */
static void pace(struct sender *s, double start, uint64_t index)
{
	double due, wait;

	if (s->run->o.rate == 0)
		return;
	due = start + (double)index / (double)s->run->o.rate;
	wait = due - now();
	if (wait > 0)
		usleep((useconds_t)(wait * 1e6));
	wait = now() - due;
	if (wait > s->late)
		s->late = wait;
}

static int over(const struct run *run, uint64_t index)
{
	return stop || (run->o.count > 0 && index >= run->o.count) ||
	       (run->end > 0 && now() >= run->end);
}

static void *send_all(void *arg)
{
	struct sender *s = arg;
	const struct run *run = s->run;
	unsigned int most = run->o.rate > 0 || run->o.fragment > 0 ? 1 : MEDIUM_BATCH;
	struct frame own[MEDIUM_BATCH], batch[MEDIUM_BATCH];
	uint64_t index = s->number;
	double start = now();
	struct medium m;

	medium_open(&m, &run->o);
	frames_alloc(own, run->cycles == 0 ? most : 0);
	while (!over(run, index)) {
		unsigned int n = 0;

		pace(s, start, index);
		for (; n < most && (run->o.count == 0 || index < run->o.count); n++) {
			batch[n] = run->cycles > 0 ? run->cycle[index % run->cycles] : own[n];
			if (run->cycles == 0)
				make(run, index, &batch[n]);
			index += run->o.threads;
		}
		if (run->o.fragment > 0)
			send_fragments(s, &m, &batch[0], index);
		else
			send_frames(s, &m, batch, n);
	}
	frames_free(own, run->cycles == 0 ? most : 0);
	medium_close(&m);
	return NULL;
}

/* ---- the run */

/* How many different packets a text stands for; 0 is too many. */
static uint64_t different(const struct pkt_spec *spec)
{
	uint64_t cycle = 1;

	for (unsigned int i = 0; i < spec->n; i++) {
		if (spec->parts[i].random > 0)
			return 0;
		for (int k = 0; k < PKT_FIELDS; k++) {
			const struct pkt_value *v = &spec->parts[i].values[k];
			uint64_t a = cycle, b = v->span;

			if (v->mode == PKT_RANDOM)
				return 0;
			if (v->mode != PKT_RANGE)
				continue;
			if (b == 0 || b > CYCLE)
				return 0;
			while (b != 0) {
				uint64_t rest = a % b;

				a = b;
				b = rest;
			}
			cycle = cycle / a * v->span;
			if (cycle > CYCLE)
				return 0;
		}
	}
	return cycle;
}

/* Few different packets are made once; not when they are changed on their way. */
static void make_cycle(struct run *run)
{
	uint64_t most = 1;

	for (unsigned int i = 0; i < run->n; i++) {
		uint64_t n = different(&run->specs[i]);

		if (n == 0 || (most > 1 && n > 1 && n != most))
			return;
		most = n > most ? n : most;
	}
	if (most * run->n > CYCLE || run->o.gso > 0 || run->o.partial)
		return;
	run->cycles = most * run->n;
	run->cycle = calloc(run->cycles, sizeof(*run->cycle));
	for (uint64_t i = 0; run->cycle != NULL && i < run->cycles; i++) {
		struct frame f;

		frames_alloc(&f, 1);
		make(run, i, &f);
		run->cycle[i].bytes = realloc(f.bytes - MEDIUM_ROOM, f.len + MEDIUM_ROOM);
		run->cycle[i].bytes += MEDIUM_ROOM;
		run->cycle[i].len = f.len;
	}
}

/* The Ethernet header of packet @i, if it has none. */
static void add_link(struct run *run, unsigned int i)
{
	struct pkt_spec *spec = &run->specs[i];
	uint8_t mac[6] = { 0 }, *bytes = malloc(PKT_MAX);
	struct layout l;
	ssize_t n;

	if (run->o.kind != MEDIUM_DEV || bytes == NULL || pkt_add_link(spec) != 1) {
		free(bytes);
		return;
	}
	if (link_mac(run->o.dev, mac) < 0)
		die("there is no device %s", run->o.dev);
	pkt_set(&spec->parts[0], "src", pkt_get(mac, 0, 48));
	n = pkt_build(spec, 0, bytes, PKT_MAX);
	if (n > 0 && layout_of(&l, &run->o, bytes, (size_t)n) == 0) {
		const uint8_t *dst = bytes + l.l3 + (l.family == AF_INET ? 16 : 24);

		if (neigh_lookup((int)if_nametoindex(run->o.dev), l.family, dst, mac) != 0)
			die("no neighbour of %s fits: say eth dst=MAC", run->o.dev);
		pkt_set(&spec->parts[0], "dst", pkt_get(mac, 0, 48));
	}
	free(bytes);
}

static void add_packet(struct run *run, const char *text)
{
	char err[512];

	if (run->n == MAX_SPECS)
		die("more than %d packets", MAX_SPECS);
	if (pkt_parse(&run->specs[run->n], text, err, sizeof(err)) != 0)
		die("%s", err);
	run->specs[run->n].seed = run->o.seed;
	add_link(run, run->n++);
}

static void add_file(struct run *run, const char *path)
{
	FILE *f = strcmp(path, "-") == 0 ? stdin : fopen(path, "r");
	char *line = NULL;
	size_t size = 0;

	if (f == NULL)
		die("cannot read %s: %m", path);
	while (getline(&line, &size, f) >= 0)
		if (*line != '#' && *line != '\n')
			add_packet(run, line);
	free(line);
	fclose(f);
}

static int run_all(struct run *run)
{
	struct sender senders[MAX_THREADS] = { 0 }, sum = { 0 };
	uint64_t dropped = 0;

	if (run->n == 0)
		die("no packet is given");
	if (run->o.count == 0 && run->o.seconds <= 0)
		run->o.count = run->n;
	make_cycle(run);
	signal(SIGINT, on_signal);
	signal(SIGTERM, on_signal);
	if (run->o.kind == MEDIUM_DEV)
		dropped = link_dropped(run->o.dev);
	run->end = run->o.seconds > 0 ? now() + run->o.seconds : 0;
	for (unsigned int i = 0; i < run->o.threads; i++) {
		senders[i].run = run;
		senders[i].number = i;
		if (pthread_create(&senders[i].thread, NULL, send_all, &senders[i]) != 0)
			die("no more threads");
	}
	for (unsigned int i = 0; i < run->o.threads; i++) {
		pthread_join(senders[i].thread, NULL);
		sum.packets += senders[i].packets;
		sum.bytes += senders[i].bytes;
		sum.refused += senders[i].refused;
		sum.why = senders[i].why != 0 ? senders[i].why : sum.why;
		sum.late = senders[i].late > sum.late ? senders[i].late : sum.late;
	}
	if (run->o.kind == MEDIUM_DEV)
		dropped = link_dropped(run->o.dev) - dropped;
	printf("packets=%llu bytes=%llu refused=%llu dropped=%llu",
	       (unsigned long long)sum.packets, (unsigned long long)sum.bytes,
	       (unsigned long long)sum.refused, (unsigned long long)dropped);
	if (run->o.rate > 0)
		printf(" late=%.0f", sum.late * 1e3);
	putchar('\n');
	if (sum.refused > 0)
		fprintf(stderr, "pkt: refused: %s\n", strerror(sum.why));
	return sum.refused > 0;
}

/* ---- command line */

#define SEND_OPTIONS "d:lt:n:s:r:T:S:f:g:pPF:R"
#define FLOOD_OPTIONS "a:b:o:z:x:y:"

static const struct option options[] = {
	{ "dev", 1, NULL, 'd' }, { "local", 0, NULL, 'l' }, { "tun", 1, NULL, 't' },
	{ "count", 1, NULL, 'n' }, { "seconds", 1, NULL, 's' }, { "rate", 1, NULL, 'r' },
	{ "threads", 1, NULL, 'T' }, { "seed", 1, NULL, 'S' }, { "file", 1, NULL, 'f' },
	{ "gso", 1, NULL, 'g' }, { "partial", 0, NULL, 'p' }, { "paged", 0, NULL, 'P' },
	{ "fragment", 1, NULL, 'F' }, { "reverse", 0, NULL, 'R' },
	/* flood */
	{ "src-range", 1, NULL, 'a' }, { "dst", 1, NULL, 'b' }, { "proto", 1, NULL, 'o' },
	{ "size", 1, NULL, 'z' }, { "sport", 1, NULL, 'x' }, { "dport", 1, NULL, 'y' }, { 0 },
};

static void medium_option(struct send_options *o, enum medium_kind kind, const char *dev)
{
	if (o->kind != MEDIUM_NONE)
		die("one of --dev, --local and --tun, once");
	o->kind = kind;
	o->dev = dev;
}

/* Return: 0 if it is none of the options of send. */
static int send_option(struct send_options *o, int c, const char *arg)
{
	switch (c) {
	case 'd': medium_option(o, MEDIUM_DEV, arg); break;
	case 'l': medium_option(o, MEDIUM_LOCAL, NULL); break;
	case 't': medium_option(o, MEDIUM_TUN, arg); break;
	case 'n': o->count = number("count", arg, 1, UINT64_MAX); break;
	case 's': o->seconds = duration("seconds", arg); break;
	case 'r': o->rate = number("rate", arg, 1, 100000000); break;
	case 'T': o->threads = (unsigned int)number("threads", arg, 1, MAX_THREADS); break;
	case 'S': o->seed = number("seed", arg, 0, UINT64_MAX); break;
	case 'g': o->gso = (unsigned int)number("gso", arg, 1, 65535); break;
	case 'p': o->partial = 1; break;
	case 'P': o->paged = 1; break;
	case 'F': o->fragment = (unsigned int)number("fragment", arg, 8, 65528) / 8 * 8; break;
	case 'R': o->reverse = 1; break;
	default: return 0;
	}
	return 1;
}

static void run_init(struct run *run)
{
	memset(run, 0, sizeof(*run));
	run->o.threads = 1;
	run->o.seed = 1;
	run->specs = calloc(MAX_SPECS, sizeof(*run->specs));
	if (run->specs == NULL)
		die("out of memory");
}

static void check_options(const struct send_options *o)
{
	if (o->kind == MEDIUM_NONE)
		die("one of --dev, --local and --tun is missing");
	if (o->paged && o->kind != MEDIUM_DEV)
		die("--paged goes with --dev");
	if ((o->gso > 0 || o->partial) && o->kind == MEDIUM_LOCAL)
		die("--gso and --partial go with --dev and --tun");
	if (o->fragment > 0 && (o->gso > 0 || o->partial))
		die("--fragment excludes --gso and --partial");
}

int cmd_send(int argc, char **argv)
{
	const char *file = NULL;
	struct run run;
	int c;

	run_init(&run);
	while ((c = getopt_long(argc, argv, SEND_OPTIONS, options, NULL)) != -1) {
		if (c == 'f')
			file = optarg;
		else if (!send_option(&run.o, c, optarg))
			return 2;
	}
	check_options(&run.o);
	if (file != NULL)
		add_file(&run, file);
	for (; optind < argc; optind++)
		add_packet(&run, argv[optind]);
	return run_all(&run);
}

/* FIRST-LAST, maybe with +STEP, of the command line to FIRST..LAST of a packet */
static void range(char *out, size_t size, const char *arg)
{
	const char *dash = strchr(arg, '-');

	if (dash == NULL)
		snprintf(out, size, "%s", arg);
	else
		snprintf(out, size, "%.*s..%s", (int)(dash - arg), arg, dash + 1);
}

int cmd_flood(int argc, char **argv)
{
	char src[128] = "", sport[32] = "1024", dport[32] = "9", text[512], ports[96] = "";
	const char *dst = NULL, *proto = "udp";
	unsigned int size = 0;
	struct run run;
	int c, v6;

	run_init(&run);
	while ((c = getopt_long(argc, argv, SEND_OPTIONS FLOOD_OPTIONS, options, NULL)) != -1) {
		switch (c) {
		case 'a': range(src, sizeof(src), optarg); break;
		case 'b': dst = optarg; break;
		case 'o': proto = optarg; break;
		case 'z': size = (unsigned int)number("size", optarg, 0, 65507); break;
		case 'x': range(sport, sizeof(sport), optarg); break;
		case 'y': range(dport, sizeof(dport), optarg); break;
		default:
			if (c == 'f' || !send_option(&run.o, c, optarg))
				return 2;
		}
	}
	check_options(&run.o);
	if (*src == '\0' || dst == NULL || optind < argc)
		die("flood takes --src-range and --dst, and no packets");
	v6 = strchr(dst, ':') != NULL;
	if (strcmp(proto, "icmp") != 0)
		snprintf(ports, sizeof(ports), "sport=%s dport=%s", sport, dport);
	snprintf(text, sizeof(text), "%s src=%s dst=%s / %s%s %s / data zero=%u",
		 v6 ? "ip6" : "ip", src, dst, proto,
		 v6 && strcmp(proto, "icmp") == 0 ? "6" : "", ports, size);
	add_packet(&run, text);
	run_all(&run);
	return 0;
}
