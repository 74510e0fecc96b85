// SPDX-License-Identifier: GPL-2.0-only
/* blob_state - what is left of an extension when all rules are gone */
#include <dirent.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "blob.h"

/* Tenths of a second that the kernel has to take rules apart in the background. */
#define PATIENCE	100

static const char *const tables[] = { "filter", "mangle", "raw", "nat", "security" };
/* IPv4, IPv6, and NFPROTO_ARP and NFPROTO_BRIDGE */
static const int families[] = { 4, 6, 3, 7 };

static void delete_all(int fd)
{
	struct blob b;

	memset(&b, 0, sizeof(b));
	for (size_t t = 0; t < sizeof(tables) / sizeof(tables[0]); t++) {
		strcpy(b.table, tables[t]);
		for (size_t f = 0; f < sizeof(families) / sizeof(families[0]); f++) {
			b.family = families[f];
			nft_delete_table(fd, &b);
		}
		legacy_empty(4, tables[t]);
		legacy_empty(6, tables[t]);
	}
}

/* The first entry of a folder below /proc/net. Return: 0 if there is none. */
static int in_folder(const char *folder, char *what, size_t size)
{
	char path[64];
	struct dirent *d;
	DIR *dir;
	int any = 0;

	snprintf(path, sizeof(path), "/proc/net/%s", folder);
	dir = opendir(path);
	while (dir != NULL && !any && (d = readdir(dir)) != NULL) {
		if (strcmp(d->d_name, ".") == 0 || strcmp(d->d_name, "..") == 0)
			continue;
		snprintf(what, size, "%s/%.64s", path, d->d_name);
		any = 1;
	}
	if (dir != NULL)
		closedir(dir);
	return any;
}

/* The first of the names that a socket option lists. Return: 0 if there is none. */
static int in_list(int number, char *what, size_t size)
{
	char names[4096] = "";
	socklen_t len = sizeof(names);
	int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);

	if (getsockopt(fd, IPPROTO_IP, number, names, &len) != 0)
		*names = '\0';
	close(fd);
	snprintf(what, size, "%.64s", names);
	return *names != '\0';
}

static int is_left(const struct extension *e, char *what, size_t size)
{
	if (strncmp(e->state, "proc:", 5) == 0)
		return in_folder(e->state + 5, what, size);
	if (strncmp(e->state, "sockopt:", 8) == 0)
		return in_list(atoi(e->state + 8), what, size);
	return 0;
}

/**
 * state_left - delete all rules and look for what did not go with them
 * @fd:   socket of nl_open()
 * @e:    extension
 * @what: for the name of what is left
 * @size: of @what
 *
 * A reference that some failing check did not give back keeps an object alive.
 *
 * Return: 1 if something is left, otherwise 0.
 */
int state_left(int fd, const struct extension *e, char *what, size_t size)
{
	delete_all(fd);
	for (int i = 0; i < PATIENCE; i++) {
		if (!is_left(e, what, size))
			return 0;
		usleep(100000);
	}
	return 1;
}
