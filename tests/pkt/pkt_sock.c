// SPDX-License-Identifier: GPL-2.0-only
/* pkt_sock - small servers and clients: what ordinary programs would send */
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <netinet/udp.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include "tool.h"

#define CLIENTS	256
#define CHUNK	65536

const char listen_help[] =
"pkt listen OPTIONS tcp|udp PORT\n"
"  A server for IPv4 and IPv6 that sends back what it gets, until SIGTERM; then it prints\n"
"  connections= and bytes= (that it got; of udp, connections are datagrams).\n"
"  -s, --sink         sends nothing back\n"
"  -t, --reply TEXT   sends TEXT when a connection begins (tcp) or for each datagram (udp)\n"
"  -r, --ready FILE   made when it listens\n";

const char connect_help[] =
"pkt connect OPTIONS [tcp|udp] ADDR PORT\n"
"  A client (tcp) that sends, then reads until the other side has no more, and prints\n"
"  sent= and received= bytes.\n"
"  -t, --text TEXT    what to send\n"
"  -b, --bytes N      so many bytes\n"
"  -e, --expect TEXT  what to receive; ends when that has come\n"
"  -E, --echo         expects what was sent\n"
"  -x, --sport PORT   its own port\n"
"  -a, --from ADDR    its own address\n"
"  -g, --segment SIZE udp: the bytes in one send, which the kernel cuts up (UDP_SEGMENT)\n"
"  -H, --hold S       keeps the connection so long before it closes it\n"
"  -w, --timeout S    gives up (3)\n"
"  Exit status: 0 all well, 1 refused or something else came, 3 timed out.\n";

static volatile sig_atomic_t stop;

static void on_signal(int sig)
{
	(void)sig;
	stop = 1;
}

/* ---- server */

struct server {
	struct pollfd fds[CLIENTS + 1];	/* the first one listens */
	unsigned int n;
	int udp, sink;
	const char *reply, *ready;
	uint64_t connections, bytes;
};

static void server_open(struct server *s, unsigned int port)
{
	struct sockaddr_in6 at6 = { .sin6_family = AF_INET6, .sin6_port = htons((uint16_t)port) };
	struct sockaddr_in at = { .sin_family = AF_INET, .sin_port = htons((uint16_t)port) };
	int fd = socket(AF_INET6, s->udp ? SOCK_DGRAM : SOCK_STREAM, 0), one = 1, zero = 0, rc;

	if (fd >= 0) {
		setsockopt(fd, IPPROTO_IPV6, IPV6_V6ONLY, &zero, sizeof(zero));
		setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &one, sizeof(one));
		rc = bind(fd, (void *)&at6, sizeof(at6));
	} else {
		fd = socket(AF_INET, s->udp ? SOCK_DGRAM : SOCK_STREAM, 0);
		setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &one, sizeof(one));
		rc = bind(fd, (void *)&at, sizeof(at));
	}
	if (rc != 0 || (!s->udp && listen(fd, 128) != 0))
		die("cannot listen on port %u: %m", port);
	s->fds[0].fd = fd;
	s->fds[0].events = POLLIN;
	s->n = 1;
}

static void say(const struct server *s, int fd, const char *bytes, size_t n,
		const struct sockaddr *to, socklen_t len)
{
	if (s->reply != NULL) {
		bytes = s->reply;
		n = strlen(s->reply);
	}
	if (!s->sink && sendto(fd, bytes, n, MSG_NOSIGNAL, to, len) < 0 && errno != ECONNRESET &&
	    errno != EPIPE)
		fprintf(stderr, "pkt: listen: %m\n");
}

static void datagram(struct server *s)
{
	static char buf[CHUNK];
	struct sockaddr_storage from;
	socklen_t len = sizeof(from);
	ssize_t n = recvfrom(s->fds[0].fd, buf, sizeof(buf), 0, (void *)&from, &len);

	if (n < 0)
		return;
	s->connections++;
	s->bytes += (uint64_t)n;
	say(s, s->fds[0].fd, buf, (size_t)n, (void *)&from, len);
}

static void welcome(struct server *s)
{
	int fd = accept(s->fds[0].fd, NULL, NULL);

	if (fd < 0)
		return;
	s->connections++;
	if (s->n > CLIENTS) {
		close(fd);
		return;
	}
	if (s->reply != NULL)
		say(s, fd, NULL, 0, NULL, 0);
	s->fds[s->n].fd = fd;
	s->fds[s->n++].events = POLLIN;
}

/* Return: 0 when the connection is over. */
static int serve(struct server *s, int fd)
{
	static char buf[CHUNK];
	ssize_t n = recv(fd, buf, sizeof(buf), 0);

	if (n <= 0)
		return 0;
	s->bytes += (uint64_t)n;
	if (s->reply == NULL)
		say(s, fd, buf, (size_t)n, NULL, 0);
	return 1;
}

static void server_run(struct server *s)
{
	while (!stop) {
		if (poll(s->fds, s->n, 200) <= 0)
			continue;
		for (unsigned int i = s->n; i-- > 1;) {
			if (s->fds[i].revents == 0 || serve(s, s->fds[i].fd))
				continue;
			close(s->fds[i].fd);
			s->fds[i] = s->fds[--s->n];
		}
		if (s->fds[0].revents != 0 && s->udp)
			datagram(s);
		else if (s->fds[0].revents != 0)
			welcome(s);
	}
}

static int kind_of(const char *word)
{
	if (strcmp(word, "udp") != 0 && strcmp(word, "tcp") != 0)
		die("tcp or udp, not '%s'", word);
	return *word == 'u';
}

int cmd_listen(int argc, char **argv)
{
	static const struct option options[] = {
		{ "sink", 0, NULL, 's' }, { "reply", 1, NULL, 't' },
		{ "ready", 1, NULL, 'r' }, { 0 },
	};
	static struct server s;
	int c;

	while ((c = getopt_long(argc, argv, "st:r:", options, NULL)) != -1) {
		switch (c) {
		case 's': s.sink = 1; break;
		case 't': s.reply = optarg; break;
		case 'r': s.ready = optarg; break;
		default: return 2;
		}
	}
	if (optind + 2 != argc)
		die("listen takes tcp or udp and a port");
	s.udp = kind_of(argv[optind]);
	signal(SIGTERM, on_signal);
	signal(SIGINT, on_signal);
	server_open(&s, (unsigned int)number("port", argv[optind + 1], 1, 65535));
	touch(s.ready);
	server_run(&s);
	printf("connections=%llu bytes=%llu\n", (unsigned long long)s.connections,
	       (unsigned long long)s.bytes);
	return 0;
}

/* ---- client */

struct client {
	int fd, udp, echo;
	const char *text, *expect, *from, *sport;
	uint64_t bytes, sent, received;
	int segment;		/* bytes of a datagram, or 0 */
	char got[CHUNK];	/* the beginning of what was received */
	double hold, timeout;
};

static void timed_out(const char *what)
{
	fprintf(stderr, "pkt: %s: timed out\n", what);
	exit(3);
}

static void refused(const char *what)
{
	if (errno == EAGAIN || errno == EINPROGRESS || errno == ETIMEDOUT)
		timed_out(what);
	fprintf(stderr, "pkt: %s: %m\n", what);
	exit(1);
}

union address {
	struct sockaddr any;
	struct sockaddr_in in;
	struct sockaddr_in6 in6;
};

/* HOST may be NULL: any address of @family. Return: bytes of @a that count. */
static socklen_t address(union address *a, const char *host, const char *port, int family)
{
	uint16_t n = htons((uint16_t)number("port", port != NULL ? port : "0", 0, 65535));

	memset(a, 0, sizeof(*a));
	if (host != NULL)
		family = strchr(host, ':') != NULL ? AF_INET6 : AF_INET;
	a->any.sa_family = (sa_family_t)family;
	if (host != NULL && inet_pton(family, host, family == AF_INET ?
				      (void *)&a->in.sin_addr : (void *)&a->in6.sin6_addr) != 1)
		die("'%s' is not an address", host);
	if (family == AF_INET)
		a->in.sin_port = n;
	else
		a->in6.sin6_port = n;
	return family == AF_INET ? sizeof(a->in) : sizeof(a->in6);
}

static void client_open(struct client *c, const char *host, const char *port)
{
	struct timeval t = { (time_t)c->timeout,
			     (suseconds_t)((c->timeout - (double)(time_t)c->timeout) * 1e6) };
	union address to, own;
	socklen_t len = address(&to, host, port, AF_UNSPEC);
	int one = 1;

	c->fd = socket(to.any.sa_family, c->udp ? SOCK_DGRAM : SOCK_STREAM, 0);
	if (c->fd < 0)
		die("socket: %m");
	setsockopt(c->fd, SOL_SOCKET, SO_REUSEADDR, &one, sizeof(one));
	setsockopt(c->fd, SOL_SOCKET, SO_RCVTIMEO, &t, sizeof(t));
	setsockopt(c->fd, SOL_SOCKET, SO_SNDTIMEO, &t, sizeof(t));
	if ((c->from != NULL || c->sport != NULL) &&
	    bind(c->fd, &own.any, address(&own, c->from, c->sport, to.any.sa_family)) != 0)
		die("cannot use %s: %m", c->from != NULL ? c->from : c->sport);
	if (c->segment > 0 && setsockopt(c->fd, IPPROTO_UDP, UDP_SEGMENT, &c->segment,
					 sizeof(c->segment)) != 0)
		die("UDP_SEGMENT: %m");
	if (connect(c->fd, &to.any, len) != 0)
		refused("connect");
}

/* Until @want bytes have come in all, or the other side has ended. */
static void receive_until(struct client *c, uint64_t want)
{
	static char buf[CHUNK];

	while (c->received < want) {
		ssize_t n = recv(c->fd, buf, sizeof(buf), 0);

		if (n < 0)
			refused("receive");
		if (n == 0 && !c->udp)
			break;
		if (c->received + (uint64_t)n <= sizeof(c->got))
			memcpy(c->got + c->received, buf, (size_t)n);
		c->received += (uint64_t)n;
	}
}

static void send_some(struct client *c, const char *bytes, size_t n)
{
	ssize_t sent = send(c->fd, bytes, n, MSG_NOSIGNAL);

	if (sent < 0)
		refused("send");
	c->sent += (uint64_t)sent;
	/* What waits for us in the echo's queue would fill it up. */
	if (c->echo)
		receive_until(c, c->sent);
}

static void client_send(struct client *c)
{
	static const char zeros[CHUNK];
	size_t most = c->udp && c->segment == 0 ? 1400 : sizeof(zeros), text = 0;

	if (c->text != NULL) {
		text = strlen(c->text);
		send_some(c, c->text, text);
	}
	while (c->sent < text + c->bytes)
		send_some(c, zeros, text + c->bytes - c->sent < most ?
			  text + c->bytes - c->sent : most);
}

static void client_receive(struct client *c)
{
	const char *expect = c->expect != NULL ? c->expect : c->echo && c->text ? c->text : "";
	uint64_t want = c->expect != NULL ? strlen(c->expect) : c->echo ? c->sent : UINT64_MAX;

	if (c->udp && want == UINT64_MAX)
		return;
	receive_until(c, want);
	if (want == UINT64_MAX)
		return;
	if (c->received == want && memcmp(c->got, expect, strlen(expect)) == 0)
		return;
	fprintf(stderr, "pkt: received something else: %.*s\n",
		(int)(c->received < sizeof(c->got) ? c->received : sizeof(c->got)), c->got);
	exit(1);
}

static void client_options(struct client *c, int argc, char **argv)
{
	static const struct option options[] = {
		{ "text", 1, NULL, 't' }, { "bytes", 1, NULL, 'b' }, { "expect", 1, NULL, 'e' },
		{ "echo", 0, NULL, 'E' }, { "sport", 1, NULL, 'x' }, { "from", 1, NULL, 'a' },
		{ "segment", 1, NULL, 'g' }, { "hold", 1, NULL, 'H' },
		{ "timeout", 1, NULL, 'w' }, { 0 },
	};
	int letter;

	while ((letter = getopt_long(argc, argv, "t:b:e:Ex:a:g:H:w:", options, NULL)) != -1) {
		switch (letter) {
		case 't': c->text = optarg; break;
		case 'b': c->bytes = number("bytes", optarg, 0, UINT64_MAX); break;
		case 'e': c->expect = optarg; break;
		case 'E': c->echo = 1; break;
		case 'x': c->sport = optarg; break;
		case 'a': c->from = optarg; break;
		case 'g': c->segment = (int)number("segment", optarg, 1, 65535); break;
		case 'H': c->hold = duration("hold", optarg); break;
		case 'w': c->timeout = duration("timeout", optarg); break;
		default: exit(2);
		}
	}
}

int cmd_connect(int argc, char **argv)
{
	static struct client c = { .timeout = 3 };

	client_options(&c, argc, argv);
	if (optind + 3 == argc)
		c.udp = kind_of(argv[optind++]);
	if (optind + 2 != argc)
		die("connect takes an address and a port");
	client_open(&c, argv[optind], argv[optind + 1]);
	client_send(&c);
	/* One that echoes goes on as long as we may send; a sink ends when we do. */
	if (!c.udp && !c.echo && c.expect == NULL && c.hold <= 0)
		shutdown(c.fd, SHUT_WR);
	if (c.hold > 0)
		usleep((useconds_t)(c.hold * 1e6));
	else
		client_receive(&c);
	printf("sent=%llu received=%llu\n", (unsigned long long)c.sent,
	       (unsigned long long)c.received);
	close(c.fd);
	return 0;
}
