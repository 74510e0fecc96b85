// SPDX-License-Identifier: GPL-2.0-only
/*
 * iptaccount on a kernel that is a text file: $XA_FAKE has a line for each fact
 *
 *	table FAMILY NET/LENGTH PER LOST_PACKETS LOST_BYTES NAME
 *	record ADDRESS SRC_PACKETS SRC_BYTES DST_PACKETS DST_BYTES
 *	records COUNT	(10.0.0.0 and the addresses after it)
 *	growing		the table finds its records again after each flush
 *	shrinking	each read finds a record fewer, but for the last one
 *	climbing	each read finds that much more in the table
 *	remade LOST_PACKETS LOST_BYTES	after the first read it is another one of the name
 *	handles N	are in use
 *	fail OPTION ERRNO
 *	theirs		the kernel knows the options 71 to 78 only
 *	noraw		CAP_NET_RAW is missing
 *
 * A handle or socket that is left behind is told on stderr.
 */
#include "fake_account.h"

#define PACKAGE_NAME	"xtables-anew"
#define PACKAGE_VERSION	"1.2.3"

#include "../../iptaccount/libxt_ACCOUNT_cl.c"
#define get table_get
#define fail table_fail
#include "../../iptaccount/table.c"
#undef get
#undef fail
#include "../../iptaccount/top.c"
#include "../../iptaccount/output.c"
#include "../../iptaccount/metrics.c"
#include "../../iptaccount/watch.c"
#include "../../iptaccount/iptaccount.c"

static struct fake_table *scenario_table(const char *line)
{
	unsigned long long lost_packets, lost_bytes;
	char net[INET6_ADDRSTRLEN], name[XT_ACCOUNT_NAME_LEN];
	int family, prefix, per;
	struct fake_table *t;

	if (sscanf(line, "table %d %45[^/]/%d %d %llu %llu %31[^\n]", &family, net,
		   &prefix, &per, &lost_packets, &lost_bytes, name) != 7)
		return NULL;
	t = fake_add_table(name, family == 6 ? AF_INET6 : AF_INET, net, prefix, per);
	t->info.lost_packets = lost_packets;
	t->info.lost_bytes = lost_bytes;
	return t;
}

static bool scenario_record(struct fake_table *t, const char *line)
{
	unsigned long long sp, sb, dp, db;
	char addr[INET6_ADDRSTRLEN];
	unsigned int n, i;

	if (sscanf(line, "record %45s %llu %llu %llu %llu", addr, &sp, &sb, &dp, &db) == 5) {
		fake_add_record(t, addr, sp, sb, dp, db);
		return true;
	}
	if (sscanf(line, "records %u", &n) != 1)
		return false;
	for (i = 0; i < n; ++i) {
		snprintf(addr, sizeof(addr), "10.%u.%u.%u", i >> 16, i >> 8 & 255, i & 255);
		fake_add_record(t, addr, i, (i * 7919ULL) % n, 1, 0);
	}
	return true;
}

static bool scenario_line(struct fake_table **t, const char *line)
{
	unsigned int n;
	int option, err;

	if (strncmp(line, "table ", 6) == 0)
		return (*t = scenario_table(line));
	if (strncmp(line, "record", 6) == 0)
		return *t && scenario_record(*t, line);
	if (strcmp(line, "growing\n") == 0)
		return *t && ((*t)->growing = true);
	if (strcmp(line, "shrinking\n") == 0)
		return *t && ((*t)->shrinking = true);
	if (strcmp(line, "climbing\n") == 0)
		return *t && ((*t)->climbing = true);
	if (*t && sscanf(line, "remade %llu %llu", &(*t)->remade_lost[0],
			 &(*t)->remade_lost[1]) == 2)
		return ((*t)->remade = true);
	if (strcmp(line, "reused\n") == 0)
		return (fake.other = *t);
	if (strcmp(line, "theirs\n") == 0)
		return fake.theirs = true;
	if (strcmp(line, "noraw\n") == 0)
		return fake.no_raw = true;
	if (sscanf(line, "fail %d %d", &option, &err) == 2) {
		fake.error[option] = err;
		return true;
	}
	if (sscanf(line, "handles %u", &n) != 1)
		return false;
	while (n)
		fake.handle[--n].used = true;
	return true;
}

static void __attribute__((constructor)) scenario(void)
{
	const char *path = getenv("XA_FAKE");
	struct fake_table *t = NULL;
	char line[256];
	FILE *f;

	if (!path)
		return;
	f = fopen(path, "r");
	if (!f)
		abort();
	while (fgets(line, sizeof(line), f)) {
		if (scenario_line(&t, line))
			continue;
		fprintf(stderr, "scenario: %s", line);
		abort();
	}
	fclose(f);
}

static void __attribute__((destructor)) leftovers(void)
{
	unsigned int i, n = fake_usage();

	for (i = 0; i < ACCOUNT_MAX_HANDLES; ++i)
		n -= fake.handle[i].used && !fake.handle[i].record;
	if (n || fake.sockets)
		fprintf(stderr, "left behind: %u handles, %d sockets\n", n, fake.sockets);
	fake_reset();
}
