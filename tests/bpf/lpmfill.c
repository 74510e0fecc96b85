// SPDX-License-Identifier: GPL-2.0-only
/*
 * lpmfill - networks into a pinned LPM trie, many in a call
 *
 *	lpmfill MAP <LIST
 *
 * A line of LIST is a network, as in 20.0.0.0/24 or 2001:db8::/32, a blank and a
 * number; all are of the family that MAP is for. Prints how many there were. Else
 * exit status 1, and why on standard error.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <linux/bpf.h>

#define BATCH	4096

struct key {
	uint32_t bits;
	unsigned char addr[16];
};

struct list {
	unsigned char keys[BATCH * sizeof(struct key)];	/* one behind the other, of 8 or 20 bytes */
	uint32_t values[BATCH];
	size_t n;
};

static _Noreturn void die(const char *what, const char *why)
{
	fprintf(stderr, "lpmfill: %s: %s\n", what, why);
	exit(1);
}

static long sys_bpf(int cmd, union bpf_attr *attr)
{
	return syscall(SYS_bpf, cmd, attr, sizeof(*attr));
}

static int open_map(const char *path)
{
	union bpf_attr attr = { .pathname = (uintptr_t)path };
	int fd = sys_bpf(BPF_OBJ_GET, &attr);

	if (fd < 0)
		die(path, strerror(errno));
	return fd;
}

static void flush(int map, struct list *l)
{
	union bpf_attr attr = {
		.batch = {
			.keys = (uintptr_t)l->keys,
			.values = (uintptr_t)l->values,
			.count = l->n,
			.map_fd = map,
		},
	};

	if (l->n && sys_bpf(BPF_MAP_UPDATE_BATCH, &attr))
		die("the map does not take the networks", strerror(errno));
	l->n = 0;
}

/* Return: size of the key */
static size_t parse(char *line, struct key *key, uint32_t *value)
{
	char *slash = strchr(line, '/'), *end;
	int six = strchr(line, ':') != NULL;

	if (!slash)
		die(line, "no network");
	*slash = '\0';
	key->bits = strtoul(slash + 1, &end, 10);
	if (*end != ' ' || inet_pton(six ? AF_INET6 : AF_INET, line, key->addr) != 1)
		die(line, "no network");
	*value = strtoul(end + 1, NULL, 10);
	return six ? sizeof(*key) : 8;
}

int main(int argc, char **argv)
{
	static struct list list;
	size_t all = 0, size;
	char line[128];
	struct key key;
	int map;

	if (argc != 2) {
		fprintf(stderr, "usage: lpmfill MAP <LIST\n");
		return 2;
	}
	map = open_map(argv[1]);
	while (fgets(line, sizeof(line), stdin)) {
		size = parse(line, &key, &list.values[list.n]);
		memcpy(list.keys + list.n * size, &key, size);
		all++;
		if (++list.n == BATCH)
			flush(map, &list);
	}
	if (ferror(stdin))
		die("standard input", strerror(errno));
	flush(map, &list);
	printf("%zu\n", all);
	return 0;
}
