// SPDX-License-Identifier: GPL-2.0-only
/*
 * bt-tracker - a BitTorrent tracker that knows one peer
 *
 *	bt-tracker HTTP-PORT UDP-PORT PEER-ADDRESS PEER-PORT
 *
 * Answers all announces (BEP 3 with BEP 23, BEP 15) with the same peer, at once and in one
 * process: a client waits for a minute, which a script of several programs may need where
 * each one takes seconds to start. Runs until it is killed.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <poll.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

/* BEP 15; numbers are in network byte order */
#define CONNECT		0
#define ANNOUNCE	1
#define ACTION_AT	8	/* in a request, behind the connection id */
#define ID_AT		12
#define REQUEST_MIN	16

#define CLIENTS		8	/* HTTP requests under way */

/* in the compact form of BEP 23 */
static uint8_t peer[6];

static void die(const char *what)
{
	fprintf(stderr, "bt-tracker: %s: %s\n", what, strerror(errno));
	exit(1);
}

static int listen_on(int type, const char *port)
{
	struct sockaddr_in at = { .sin_family = AF_INET, .sin_port = htons(atoi(port)) };
	int fd = socket(AF_INET, type, 0), one = 1;

	if (fd < 0 || setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &one, sizeof(one)) < 0 ||
	    bind(fd, (struct sockaddr *)&at, sizeof(at)) < 0 ||
	    (type == SOCK_STREAM && listen(fd, CLIENTS) < 0))
		die(port);
	return fd;
}

static void answer_udp(int fd)
{
	static const uint8_t connection[8] = { 0xa1, 0xb2, 0xc3, 0xd4, 0xe5, 0xf6, 7, 24 };
	/* seconds until the next announce, leechers, seeders */
	static const uint8_t numbers[12] = { 0, 0, 7, 8, 0, 0, 0, 0, 0, 0, 0, 1 };
	struct sockaddr_in from;
	socklen_t from_len = sizeof(from);
	uint8_t in[2048], out[8 + sizeof(numbers) + sizeof(peer)];
	size_t len = 8;
	ssize_t got;
	uint32_t action;

	got = recvfrom(fd, in, sizeof(in), 0, (struct sockaddr *)&from, &from_len);
	if (got < REQUEST_MIN)
		return;
	memcpy(out, in + ACTION_AT, sizeof(action));
	memcpy(out + 4, in + ID_AT, 4);
	memcpy(&action, in + ACTION_AT, sizeof(action));
	if (action == htonl(CONNECT)) {
		memcpy(out + len, connection, sizeof(connection));
		len += sizeof(connection);
	} else if (action == htonl(ANNOUNCE)) {
		memcpy(out + len, numbers, sizeof(numbers));
		len += sizeof(numbers);
		memcpy(out + len, peer, sizeof(peer));
		len += sizeof(peer);
	} else {
		return;
	}
	sendto(fd, out, len, 0, (struct sockaddr *)&from, from_len);
}

/* False while the request goes on. All of it comes in a few segments. */
static int answer_http(int fd)
{
	static const char head[] = "HTTP/1.0 200 OK\r\nContent-Type: text/plain\r\n\r\n"
				   "d8:intervali1800e5:peers6:";
	char answer[sizeof(head) + sizeof(peer)], in[4096];
	ssize_t got = recv(fd, in, sizeof(in), 0);

	if (got > 0 && (got < 4 || memcmp(in + got - 4, "\r\n\r\n", 4)))
		return 0;
	if (got > 0) {
		memcpy(answer, head, sizeof(head) - 1);
		memcpy(answer + sizeof(head) - 1, peer, sizeof(peer));
		answer[sizeof(answer) - 1] = 'e';
		send(fd, answer, sizeof(answer), MSG_NOSIGNAL);
	}
	close(fd);
	return 1;
}

int main(int argc, char **argv)
{
	struct pollfd fds[2 + CLIENTS];
	in_port_t port;
	nfds_t n = 2, i;

	if (argc != 5 || inet_pton(AF_INET, argv[3], peer) != 1) {
		fprintf(stderr, "usage: bt-tracker HTTP-PORT UDP-PORT PEER-ADDRESS PEER-PORT\n");
		return 2;
	}
	port = htons(atoi(argv[4]));
	memcpy(peer + 4, &port, sizeof(port));
	fds[0] = (struct pollfd){ .fd = listen_on(SOCK_STREAM, argv[1]) };
	fds[1] = (struct pollfd){ .fd = listen_on(SOCK_DGRAM, argv[2]), .events = POLLIN };
	for (;;) {
		fds[0].events = n < 2 + CLIENTS ? POLLIN : 0;
		if (poll(fds, n, -1) < 0)
			die("poll");
		if (fds[1].revents)
			answer_udp(fds[1].fd);
		for (i = 2; i < n; i++)
			if (fds[i].revents && answer_http(fds[i].fd))
				fds[i--] = fds[--n];
		if (fds[0].revents) {
			int fd = accept(fds[0].fd, NULL, NULL);

			if (fd >= 0)
				fds[n++] = (struct pollfd){ .fd = fd, .events = POLLIN };
		}
	}
}
