// SPDX-License-Identifier: GPL-2.0-only
/*
 * addrctl - the verbs of the address databases, raw, one after the other from
 * one socket: what the tools would never send, or may not
 *
 * usage: addrctl geoip|asn [portid=N] VERB...
 *	begin [labels=N] data commit abort unload status query check
 *	data6=N		IPv6 boundaries alone, the last of class N
 *	longest=MS	status all the time; prints the longest that one took: it
 *			takes the lock that rules wait for
 *	fail=N		the Nth allocation of the next verb fails (fault injection);
 *			"unharmed" is printed if there was none
 *	route		opens an rtnetlink socket with the same port number, and closes it
 *	sleep=MS
 *	touch=FILE	so that others see how far this is
 *	wait=FILE	until it is there
 * Prints a line for each verb: "begin 0", "commit EPERM", status with what
 * it says: "status source=/x memory=123 sets=2 slow=0 0".
 * What begin, data and commit send: one label (AB, or the number 16706) of one
 * class for 20.0.1.0/24 and 2001:db8:1::/48; labels=N: for as many labels,
 * classes and networks, from AA or 16705 on, with IPv4 20.0.0.0/24 onwards; the
 * last label has class 1, so that each N has class numbers of its own.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include <linux/genetlink.h>
#include <linux/netlink.h>

#include "xa_addrdb_nl.h"

#define CHUNK	60000
#define LABELS	4096	/* most labels, so that each attribute fits one message */

static int sock, db;
static uint16_t family;
static uint32_t seq, n_labels = 1, fail_nth;
static int fail_fd = -1;
static bool unharmed;
static union {
	struct nlmsghdr h;
	uint8_t bytes[CHUNK + 1024];
} msg;

static void die(const char *what)
{
	fprintf(stderr, "addrctl: %s: %s\n", what, strerror(errno));
	exit(2);
}

static void begin_msg(int cmd)
{
	struct genlmsghdr *g = NLMSG_DATA(&msg.h);

	memset(&msg, 0, NLMSG_SPACE(sizeof(*g)));
	msg.h.nlmsg_len = NLMSG_LENGTH(sizeof(*g));
	msg.h.nlmsg_type = family;
	msg.h.nlmsg_flags = NLM_F_REQUEST | NLM_F_ACK;
	msg.h.nlmsg_seq = ++seq;
	g->cmd = cmd;
	g->version = 1;
}

static void put(int type, const void *data, size_t len)
{
	struct nlattr *a = (void *)(msg.bytes + NLMSG_ALIGN(msg.h.nlmsg_len));

	a->nla_type = type;
	a->nla_len = NLA_HDRLEN + len;
	memcpy((uint8_t *)a + NLA_HDRLEN, data, len);
	msg.h.nlmsg_len = NLMSG_ALIGN(msg.h.nlmsg_len) + NLA_ALIGN(a->nla_len);
}

static void put_u32(int type, uint32_t v)
{
	put(type, &v, sizeof(v));
}

static void show(const struct nlattr *a)
{
	const void *p = (const uint8_t *)a + NLA_HDRLEN;
	uint64_t v = 0;

	switch (a->nla_type) {
	case XA_ADDRDB_ATTR_SOURCE:
		printf(" source=%s", (const char *)p);
		break;
	case XA_ADDRDB_ATTR_SETS:
		printf(" sets=%u", *(const uint32_t *)p);
		break;
	case XA_ADDRDB_ATTR_SETS_SLOW:
		printf(" slow=%u", *(const uint32_t *)p);
		break;
	case XA_ADDRDB_ATTR_MEMORY:
		memcpy(&v, p, sizeof(v));
		printf(" memory=%llu", (unsigned long long)v);
		break;
	}
}

/* The Nth allocation of this thread's next system call fails. */
static void arm(void)
{
	char text[16];
	int n = snprintf(text, sizeof(text), "%u", fail_nth);

	fail_fd = open("/proc/thread-self/fail-nth", O_RDWR | O_CLOEXEC);
	if (fail_fd < 0 || write(fail_fd, text, n) != n)
		die("fail-nth");
}

/* Whether there were that many is told as well. */
static void disarm(void)
{
	char text[16] = "0";
	ssize_t n = pread(fail_fd, text, sizeof(text) - 1, 0);

	unharmed = n > 0 && atoi(text);
	if (pwrite(fail_fd, "0", 1, 0) != 1 || close(fail_fd))
		die("fail-nth");
	fail_fd = -1;
	fail_nth = 0;
}

/* Send; attributes of the answer go to cb. Return: 0 or an errno. */
static int send_request(void (*cb)(const struct nlattr *))
{
	static union {
		struct nlmsghdr h;
		uint8_t bytes[65536];
	} in;
	const struct nlmsghdr *h;
	const struct nlattr *a;
	ssize_t n, left;

	if (fail_nth)
		arm();
	n = send(sock, &msg, msg.h.nlmsg_len, 0);
	left = errno;
	if (fail_fd >= 0)
		disarm();
	if (n < 0)
		return left;	/* before the kernel saw the verb */
	for (;;) {
		n = recv(sock, &in, sizeof(in), 0);
		if (n < 0)
			return errno;
		for (h = &in.h; NLMSG_OK(h, n); h = NLMSG_NEXT(h, n)) {
			if (h->nlmsg_seq != seq)
				continue;
			if (h->nlmsg_type == NLMSG_ERROR)
				return -((const struct nlmsgerr *)NLMSG_DATA(h))->error;
			left = h->nlmsg_len - NLMSG_LENGTH(GENL_HDRLEN);
			a = (const void *)((const uint8_t *)NLMSG_DATA(h) + GENL_HDRLEN);
			for (; cb && left >= NLA_HDRLEN;
			     left -= NLA_ALIGN(a->nla_len),
			     a = (const void *)((const uint8_t *)a + NLA_ALIGN(a->nla_len)))
				cb(a);
		}
	}
}

static void take_family(const struct nlattr *a)
{
	if (a->nla_type == CTRL_ATTR_FAMILY_ID)
		memcpy(&family, (const uint8_t *)a + NLA_HDRLEN, sizeof(family));
}

static void open_socket(uint32_t portid)
{
	struct sockaddr_nl addr = { .nl_family = AF_NETLINK, .nl_pid = portid };

	sock = socket(AF_NETLINK, SOCK_RAW, NETLINK_GENERIC);
	if (sock < 0 || bind(sock, (void *)&addr, sizeof(addr)))
		die("socket");
	family = GENL_ID_CTRL;
	begin_msg(CTRL_CMD_GETFAMILY);
	put(CTRL_ATTR_FAMILY_NAME, XA_ADDRDB_GENL_NAME, sizeof(XA_ADDRDB_GENL_NAME));
	errno = send_request(take_family);
	if (errno)
		die("no such family");
}

static uint32_t label(uint32_t i)
{
	if (n_labels == 1)
		return 'A' << 8 | 'B';
	if (db == XA_ADDRDB_ASN)
		return ('A' << 8 | 'A') + i;
	return ('A' + i / 26) << 8 | ('A' + i % 26);
}

static void begin(int cmd)
{
	uint8_t id = db;

	begin_msg(cmd);
	put(XA_ADDRDB_ATTR_DB, &id, sizeof(id));
}

static int verb_begin(void)
{
	begin(XA_ADDRDB_CMD_BEGIN);
	put(XA_ADDRDB_ATTR_SOURCE, "addrctl", sizeof("addrctl"));
	put_u32(XA_ADDRDB_ATTR_N_LABELS, n_labels);
	put_u32(XA_ADDRDB_ATTR_N_CLASSES, n_labels);
	put_u32(XA_ADDRDB_ATTR_N_MEMBERS, 2 * n_labels);
	put_u32(XA_ADDRDB_ATTR_N_BOUNDS4, n_labels + 2);
	put_u32(XA_ADDRDB_ATTR_N_BOUNDS6, 3);
	return send_request(NULL);
}

static void put_bounds6(uint32_t class)
{
	struct xa_addrdb_bound6 b[3] = { 0 };

	b[1].addr[0] = htonl(0x20010db8);
	b[1].addr[1] = htonl(0x00010000);
	b[1].class = 1;
	b[2].addr[0] = htonl(0x20010db8);
	b[2].addr[1] = htonl(0x00020000);
	b[2].class = class;
	put(XA_ADDRDB_ATTR_BOUNDS6, b, sizeof(b));
}

static int verb_data(void)
{
	static struct xa_addrdb_bound4 b4[LABELS + 2];
	static uint32_t labels[LABELS], members[2 * LABELS];
	uint32_t i, first = n_labels == 1 ? 0x14000100 : 0x14000000;
	int err;

	for (i = 0; i < n_labels; i++) {
		labels[i] = label(i);
		members[2 * i] = 1;
		members[2 * i + 1] = n_labels - 1 - i;
		b4[i + 1].addr = htonl(first + (i << 8));
		b4[i + 1].class = n_labels - i;
	}
	b4[i + 1].addr = htonl(first + (i << 8));
	begin(XA_ADDRDB_CMD_DATA);
	put(XA_ADDRDB_ATTR_LABELS, labels, n_labels * sizeof(*labels));
	put_bounds6(0);
	err = send_request(NULL);
	if (err)
		return err;
	begin(XA_ADDRDB_CMD_DATA);
	put(XA_ADDRDB_ATTR_MEMBERS, members, 2 * n_labels * sizeof(*members));
	err = send_request(NULL);
	if (err)
		return err;
	begin(XA_ADDRDB_CMD_DATA);
	put(XA_ADDRDB_ATTR_BOUNDS4, b4, (n_labels + 2) * sizeof(*b4));
	return send_request(NULL);
}

static int verb_data6(const char *class)
{
	begin(XA_ADDRDB_CMD_DATA);
	put_bounds6(strtoul(class, NULL, 0));
	return send_request(NULL);
}

static int verb_query(void)
{
	uint32_t addr = htonl(0x14000101);

	begin(XA_ADDRDB_CMD_QUERY);
	put(XA_ADDRDB_ATTR_ADDR, &addr, sizeof(addr));
	return send_request(NULL);
}

static int verb_check(void)
{
	begin(XA_ADDRDB_CMD_CHECK);
	put_u32(XA_ADDRDB_ATTR_LABELS, label(0));
	return send_request(NULL);
}

static int verb_plain(const char *verb)
{
	if (!strcmp(verb, "commit"))
		begin(XA_ADDRDB_CMD_COMMIT);
	else if (!strcmp(verb, "abort"))
		begin(XA_ADDRDB_CMD_ABORT);
	else if (!strcmp(verb, "unload"))
		begin(XA_ADDRDB_CMD_UNLOAD);
	else
		return -1;
	return send_request(NULL);
}

static int ask(const char *verb)
{
	if (!strcmp(verb, "begin"))
		return verb_begin();
	if (!strcmp(verb, "data"))
		return verb_data();
	if (!strncmp(verb, "data6=", 6))
		return verb_data6(verb + 6);
	if (!strcmp(verb, "query"))
		return verb_query();
	if (!strcmp(verb, "check"))
		return verb_check();
	return verb_plain(verb);
}

static double now(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return t.tv_sec * 1e3 + t.tv_nsec / 1e6;
}

static void longest(double ms)
{
	double start = now(), from, took, most = 0;
	unsigned int n = 0;

	do {
		from = now();
		begin(XA_ADDRDB_CMD_STATUS);
		send_request(NULL);
		took = now() - from;
		most = took > most ? took : most;
		n++;
	} while (now() - start < ms);
	printf("longest of %u: %.3f ms\n", n, most);
}

/* Each protocol of netlink has port numbers of its own. */
static void open_route_socket(void)
{
	struct sockaddr_nl addr;
	socklen_t len = sizeof(addr);
	int route = socket(AF_NETLINK, SOCK_RAW, NETLINK_ROUTE);

	if (route < 0 || getsockname(sock, (void *)&addr, &len) ||
	    bind(route, (void *)&addr, len) || close(route))
		die("route");
}

/* Verbs with a say of their own, or none. */
static bool local(const char *verb)
{
	FILE *f;

	if (!strncmp(verb, "labels=", 7)) {
		n_labels = strtoul(verb + 7, NULL, 0);
		if (!n_labels || n_labels > (db == XA_ADDRDB_ASN ? LABELS : 26 * 26))
			exit(2);
	} else if (!strncmp(verb, "fail=", 5)) {
		fail_nth = strtoul(verb + 5, NULL, 0);
	} else if (!strncmp(verb, "longest=", 8)) {
		longest(strtoul(verb + 8, NULL, 0));
	} else if (!strcmp(verb, "route")) {
		open_route_socket();
	} else if (!strncmp(verb, "sleep=", 6)) {
		usleep(1000 * strtoul(verb + 6, NULL, 0));
	} else if (!strncmp(verb, "touch=", 6)) {
		f = fopen(verb + 6, "w");
		if (!f || fclose(f))
			die(verb);
	} else if (!strncmp(verb, "wait=", 5)) {
		while (access(verb + 5, F_OK))
			usleep(10000);
	} else {
		return false;
	}
	return true;
}

static void run(const char *verb)
{
	int err;

	if (local(verb))
		return;
	if (!strcmp(verb, "status")) {
		begin(XA_ADDRDB_CMD_STATUS);
		/* the answer comes before its acknowledgment */
		printf("status");
		err = send_request(show);
		putchar(' ');
	} else {
		err = ask(verb);
		printf("%.*s ", (int)strcspn(verb, "="), verb);
	}
	if (err < 0) {
		fprintf(stderr, "addrctl: %s: no such verb\n", verb);
		exit(2);
	}
	printf("%s%s\n", err ? strerrorname_np(err) : "0", unharmed ? " unharmed" : "");
	unharmed = false;
	fflush(stdout);
}

int main(int argc, char **argv)
{
	uint32_t portid = 0;
	int i = 2;

	if (argc < 3 || (strcmp(argv[1], "geoip") && strcmp(argv[1], "asn"))) {
		fprintf(stderr, "usage: addrctl geoip|asn [portid=N] VERB...\n");
		return 2;
	}
	db = strcmp(argv[1], "asn") ? XA_ADDRDB_COUNTRY : XA_ADDRDB_ASN;
	if (!strncmp(argv[i], "portid=", 7))
		portid = strtoul(argv[i++] + 7, NULL, 0);
	open_socket(portid);
	for (; i < argc; i++)
		run(argv[i]);
	return 0;
}
