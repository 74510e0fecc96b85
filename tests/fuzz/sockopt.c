// SPDX-License-Identifier: GPL-2.0-only
/*
 * fuzz_sockopt - call ACCOUNT's socket options with arguments of any kind
 *
 *	fuzz_sockopt SECONDS SEED THREADS TABLE...
 *
 * Threads share a few sockets, which are closed and opened meanwhile. Wrong
 * lengths, pointers, handles and names must fail, and no byte behind the
 * length may be written. Prints "ok WHAT" and "not ok WHAT" lines.
 */
#include <errno.h>
#include <netinet/in.h>
#include <pthread.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include "xt_ACCOUNT.h"

#define SOCKETS	8
#define BUFFER	16384
#define CANARY	0xa5
#define HANDLE	sizeof(struct ipt_acc_handle_sockopt)

static const struct option {
	int nr, get;
	const char *what;
} options[] = {
	{ 71, 0, "handle free" }, { 72, 0, "handle free all" }, { 74, 1, "prepare read" },
	{ 75, 1, "prepare read and flush" }, { 76, 1, "get data" }, { 77, 1, "handle usage" },
	{ 78, 1, "table names" }, { 110, 1, "table info" }, { 111, 1, "get IPv6 data" },
	{ 112, 1, "prepare read and flush IPv6" },
};

#define OPTIONS (sizeof(options) / sizeof(options[0]))

/* One call; @buffer ends at @size, where no memory is. */
struct call {
	int nr, get;
	uint8_t *buffer;
	size_t size;
	socklen_t len;
	void *pointer;
	socklen_t *lenptr;
};

struct worker {
	pthread_t thread;
	uint64_t state;
	uint8_t *room;	/* BUFFER bytes before a page that is not there */
	uint8_t prepared[HANDLE];	/* what the last success of 74, 75 or 112 gave */
};

static int prepares(int nr)
{
	return nr == 74 || nr == 75 || nr == 112;
}

static int takes_handle(int nr)
{
	return nr == 71 || nr == 76 || nr == 111;
}

static int sockets[SOCKETS];
static uint64_t calls, successes[OPTIONS], violations;
static char violation[256];
static const char *const *tables;
static unsigned int n_tables;
static double end;

static double now(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

static uint64_t below(struct worker *w, uint64_t n)
{
	uint64_t z = w->state += 0x9e3779b97f4a7c15;

	z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9;
	z = (z ^ z >> 27) * 0x94d049bb133111eb;
	return (z ^ z >> 31) % n;
}

static uint8_t *fenced(void)
{
	uint8_t *p = mmap(NULL, BUFFER + 4096, PROT_READ | PROT_WRITE,
			  MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	if (p == MAP_FAILED || mprotect(p + BUFFER, 4096, PROT_NONE) != 0) {
		perror("mmap");
		exit(2);
	}
	return p;
}

static void put(struct call *c, size_t at, const void *bytes, size_t n)
{
	if (at < c->size)
		memcpy(c->buffer + at, bytes, n < c->size - at ? n : c->size - at);
}

static void fill_request(struct worker *w, struct call *c)
{
	char name[XT_ACCOUNT_NAME_LEN] = "";
	uint32_t handle = (uint32_t)below(w, 12);
	/* 0: as many records as the handle has */
	uint32_t count = below(w, 4) ? 0 : (uint32_t)below(w, 300);
	size_t at = c->nr == 110 ? 0 : offsetof(struct ipt_acc_handle_sockopt, name);

	memset(c->buffer, CANARY, c->size);
	if (below(w, 20) == 0)
		handle = (uint32_t)below(w, 1ull << 32);
	put(c, 0, &handle, sizeof(handle));
	if (c->nr != 110)
		put(c, offsetof(struct ipt_acc_handle_sockopt, itemcount), &count, sizeof(count));
	switch (below(w, 10)) {
	case 0:
		memset(name, 'x', sizeof(name));
		break;
	case 1:
		for (size_t i = 0; i < sizeof(name); i++)
			name[i] = (char)below(w, 256);
		break;
	case 2:
		break;
	default:
		strncpy(name, tables[below(w, n_tables)], sizeof(name) - 1);
	}
	put(c, at, name, sizeof(name));
	/* nobody guesses both the number and the name */
	if (takes_handle(c->nr) && below(w, 2))
		put(c, 0, w->prepared, sizeof(w->prepared));
}

static void make_call(struct worker *w, struct call *c)
{
	static const size_t sizes[] = { 0, 1, 4, 36, 39, 40, 41, 80, 88, 96, 104, 112, 400, 4096,
					BUFFER };
	const struct option *o = &options[below(w, OPTIONS)];

	c->nr = below(w, 20) == 0 ? (int)(69 + below(w, 12)) : o->nr;
	c->get = below(w, 20) == 0 ? !o->get : o->get;
	c->size = below(w, 2) ? sizes[below(w, sizeof(sizes) / sizeof(sizes[0]))] :
		  c->nr == 110 ? sizeof(struct xt_account_table_info) :
		  c->nr == 76 || c->nr == 111 || c->nr == 78 ? BUFFER : HANDLE;
	c->buffer = w->room + BUFFER - c->size;
	c->len = (socklen_t)c->size;
	if (below(w, 20) == 0)
		c->len = (socklen_t)below(w, 1ull << 32);
	fill_request(w, c);
	c->pointer = c->buffer;
	if (below(w, 40) == 0)
		c->pointer = below(w, 2) ? NULL : w->room + BUFFER;
	if (below(w, 100) == 0)
		c->pointer = (void *)(uintptr_t)0xffffffff80000000ull;
	c->lenptr = below(w, 100) == 0 ? NULL : &c->len;
}

/* What a success would have to be. Return: what is wrong with it, or NULL. */
static const char *wrong(const struct call *c, socklen_t len, uint32_t handle,
			 const uint8_t *name)
{
	if (c->nr == 72 && !c->get)
		return NULL;
	if (c->nr < 71 || (c->nr > 78 && (c->nr < 110 || c->nr > 112)) || c->nr == 73)
		return "there is no such option";
	if (c->pointer != c->buffer || (c->get && c->lenptr == NULL))
		return "a bad pointer";
	if (c->nr == 71 && (c->get || len != HANDLE))
		return "another length than the struct's";
	if (c->nr >= 74 && !c->get)
		return "it cannot be set";
	if (c->nr == 110)
		return len != sizeof(struct xt_account_table_info) ? "another length" : NULL;
	if (c->nr != 78 && len < HANDLE)
		return "too short";
	if (takes_handle(c->nr) && handle >= ACCOUNT_MAX_HANDLES)
		return "no such handle";
	if (prepares(c->nr) && memchr(name, 0, XT_ACCOUNT_NAME_LEN) == NULL)
		return "a name without an end";
	return NULL;
}

static void report(const struct call *c, const char *why)
{
	if (__atomic_fetch_add(&violations, 1, __ATOMIC_RELAXED) == 0)
		snprintf(violation, sizeof(violation), "%s %d, length %u: %s",
			 c->get ? "get" : "set", c->nr, c->len, why);
}

static void check_result(const struct call *c, socklen_t len, uint32_t handle, const uint8_t *name)
{
	const char *why = wrong(c, len, handle, name);

	if (why != NULL)
		report(c, why);
	for (size_t i = 0; i < OPTIONS; i++)
		if (options[i].nr == c->nr)
			__atomic_add_fetch(&successes[i], 1, __ATOMIC_RELAXED);
}

static void one_call(struct worker *w)
{
	uint8_t name[XT_ACCOUNT_NAME_LEN] = { 0 };
	int fd = __atomic_load_n(&sockets[below(w, SOCKETS)], __ATOMIC_RELAXED), rc;
	uint32_t handle = 0;
	socklen_t len;
	struct call c;

	make_call(w, &c);
	len = c.len;
	if (c.size >= HANDLE) {
		memcpy(&handle, c.buffer, sizeof(handle));
		memcpy(name, c.buffer + offsetof(struct ipt_acc_handle_sockopt, name),
		       sizeof(name));
	}
	rc = c.get ? getsockopt(fd, IPPROTO_IP, c.nr, c.pointer, c.lenptr) :
		     setsockopt(fd, IPPROTO_IP, c.nr, c.pointer, c.len);
	__atomic_add_fetch(&calls, 1, __ATOMIC_RELAXED);
	if (rc == 0)
		check_result(&c, len, handle, name);
	if (rc == 0 && c.get && prepares(c.nr) && c.size >= HANDLE)
		memcpy(w->prepared, c.buffer, HANDLE);
	for (size_t i = len; i < c.size && i < len + 64; i++)
		if (c.buffer[i] != CANARY && i >= HANDLE + XT_ACCOUNT_NAME_LEN) {
			report(&c, "it wrote behind the length");
			break;
		}
}

static void *work(void *arg)
{
	struct worker *w = arg;

	while (now() < end) {
		one_call(w);
		/* A closed number may be another socket's by now: that is the point. */
		if (below(w, 200) == 0) {
			int fd = socket(AF_INET, SOCK_DGRAM, 0);

			fd = __atomic_exchange_n(&sockets[below(w, SOCKETS)], fd,
						 __ATOMIC_RELAXED);
			close(fd);
		}
	}
	return NULL;
}

static int verdict(int good, const char *what, const char *detail)
{
	if (good)
		printf("ok %s\n", what);
	else
		printf("not ok %s (%s)\n", what, detail);
	return !good;
}

static int summary(void)
{
	char what[128];
	int bad;

	snprintf(what, sizeof(what), "%llu calls: none did what it must not",
		 (unsigned long long)calls);
	bad = verdict(violations == 0, what, violation);
	for (size_t i = 0; i < OPTIONS; i++) {
		snprintf(what, sizeof(what), "%s (%d) worked %llu times", options[i].what,
			 options[i].nr, (unsigned long long)successes[i]);
		bad |= verdict(successes[i] > 0, what, "expected some");
	}
	return bad;
}

int main(int argc, char **argv)
{
	struct worker workers[16] = { 0 };
	unsigned long threads;
	uint64_t seed;

	if (argc < 5) {
		fprintf(stderr, "usage: fuzz_sockopt SECONDS SEED THREADS TABLE...\n");
		return 2;
	}
	end = now() + strtod(argv[1], NULL);
	seed = strtoull(argv[2], NULL, 0);
	threads = strtoul(argv[3], NULL, 0);
	if (threads < 1 || threads > 16)
		threads = 4;
	tables = (const char *const *)argv + 4;
	n_tables = (unsigned int)argc - 4;
	printf("# seed %llu\n", (unsigned long long)seed);
	for (int i = 0; i < SOCKETS; i++)
		sockets[i] = socket(AF_INET, SOCK_DGRAM, 0);
	for (unsigned long i = 0; i < threads; i++) {
		workers[i].state = seed + i;
		workers[i].room = fenced();
		if (pthread_create(&workers[i].thread, NULL, work, &workers[i]) != 0)
			return 2;
	}
	for (unsigned long i = 0; i < threads; i++)
		pthread_join(workers[i].thread, NULL);
	return summary();
}
