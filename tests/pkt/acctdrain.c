// SPDX-License-Identifier: GPL-2.0-only
/*
 * acctdrain - read and flush an ACCOUNT table without a pause, and add up
 *
 *	acctdrain [--until-file FILE] TABLE
 *
 * Goes on until SIGTERM, or until FILE exists; then reads once more and prints
 * "reads N src P B dst P B": reads made, packets and bytes of all reports.
 * A table that is not there (yet, or any more) is no error: it has no records.
 */
#include <errno.h>
#include <netinet/in.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "xt_ACCOUNT.h"

struct sums {
	uint64_t reads, src_packets, src_bytes, dst_packets, dst_bytes;
};

static volatile sig_atomic_t stop;

static void on_term(int sig)
{
	(void)sig;
	stop = 1;
}

static void die(const char *what)
{
	perror(what);
	exit(1);
}

/* 1 for an IPv6 table, 0 for IPv4, -1 for none */
static int table_is_v6(int fd, const char *table)
{
	struct xt_account_table_info info = { 0 };
	socklen_t len = sizeof(info);

	strncpy(info.name, table, sizeof(info.name) - 1);
	if (getsockopt(fd, IPPROTO_IP, IPT_SO_GET_ACCOUNT_TABLE_INFO, &info, &len) < 0)
		return -1;
	return info.family == AF_INET6;
}

static void add4(struct sums *sums, const struct ipt_acc_handle_ip *rec, unsigned int n)
{
	while (n--) {
		sums->src_packets += rec[n].src_packets;
		sums->src_bytes += rec[n].src_bytes;
		sums->dst_packets += rec[n].dst_packets;
		sums->dst_bytes += rec[n].dst_bytes;
	}
}

static void add6(struct sums *sums, const struct xt_account_record6 *rec, unsigned int n)
{
	while (n--) {
		sums->src_packets += rec[n].src_packets;
		sums->src_bytes += rec[n].src_bytes;
		sums->dst_packets += rec[n].dst_packets;
		sums->dst_bytes += rec[n].dst_bytes;
	}
}

static void fetch(int fd, struct ipt_acc_handle_sockopt *req, int v6, struct sums *sums)
{
	size_t size = req->itemcount * (v6 ? sizeof(struct xt_account_record6) :
					     sizeof(struct ipt_acc_handle_ip));
	socklen_t len = size < sizeof(*req) ? sizeof(*req) : size;
	char *buf = calloc(1, len);

	if (!buf)
		die("calloc");
	memcpy(buf, req, sizeof(*req));
	if (getsockopt(fd, IPPROTO_IP, v6 ? IPT_SO_GET_ACCOUNT_GET_DATA6 :
		       IPT_SO_GET_ACCOUNT_GET_DATA, buf, &len) < 0)
		die("GET_DATA");
	if (v6)
		add6(sums, (void *)buf, req->itemcount);
	else
		add4(sums, (void *)buf, req->itemcount);
	free(buf);
}

static void drain(int fd, const char *table, struct sums *sums)
{
	struct ipt_acc_handle_sockopt req = { 0 };
	socklen_t len = sizeof(req);
	int v6 = table_is_v6(fd, table);

	if (v6 < 0)
		return;
	strncpy(req.name, table, sizeof(req.name) - 1);
	if (getsockopt(fd, IPPROTO_IP, v6 ? IPT_SO_GET_ACCOUNT_PREPARE_READ_FLUSH6 :
		       IPT_SO_GET_ACCOUNT_PREPARE_READ_FLUSH, &req, &len) < 0)
		return;
	fetch(fd, &req, v6, sums);
	sums->reads++;
	if (setsockopt(fd, IPPROTO_IP, IPT_SO_SET_ACCOUNT_HANDLE_FREE, &req, sizeof(req)) < 0)
		die("HANDLE_FREE");
}

int main(int argc, char **argv)
{
	const char *until = NULL, *table;
	struct sums sums = { 0 };
	int fd;

	if (argc == 4 && !strcmp(argv[1], "--until-file"))
		until = argv[2];
	if (argc != (until ? 4 : 2)) {
		fprintf(stderr, "usage: acctdrain [--until-file FILE] TABLE\n");
		return 2;
	}
	table = argv[argc - 1];
	signal(SIGTERM, on_term);
	fd = socket(AF_INET, SOCK_RAW, IPPROTO_RAW);
	if (fd < 0)
		die("socket");
	while (!stop && !(until && access(until, F_OK) == 0))
		drain(fd, table, &sums);
	drain(fd, table, &sums);
	printf("reads %llu src %llu %llu dst %llu %llu\n", (unsigned long long)sums.reads,
	       (unsigned long long)sums.src_packets, (unsigned long long)sums.src_bytes,
	       (unsigned long long)sums.dst_packets, (unsigned long long)sums.dst_bytes);
	return 0;
}
