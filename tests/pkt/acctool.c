// SPDX-License-Identifier: GPL-2.0-only
/*
 * acctool - call the socket options of ACCOUNT with any arguments
 *
 * Built for 64 and for 32 bits: both must see the same structs.
 */
#include <errno.h>
#include <netinet/in.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <unistd.h>

#include "xt_ACCOUNT.h"

static const char help[] =
"acctool CALL [-- CALL]...\n"
"  The calls are made one after the other on one socket; each prints one line: the\n"
"  result (0 or the error's name), the length word, and what AS says.\n"
"  CALL is  get|set NUMBER [NAME=VALUE]...  or  pause MILLISECONDS  or  open  (another\n"
"  socket, the one before stays open)  or  use N  (the Nth socket, from 0)\n"
"    handle=N|last  name=TEXT  items=N   a struct ipt_acc_handle_sockopt with that; last\n"
"                                        is the handle that the last call gave\n"
"    table=TEXT     a struct xt_account_table_info with that name\n"
"    hex=DIGITS     these bytes instead\n"
"    fill=BYTE      what the rest of the buffer is filled with (0)\n"
"    len=N          length word (that of the bytes)\n"
"    size=N         the buffer ends after N bytes, behind it is no memory (1 MiB)\n"
"    ptr=null|bad|kernel|readonly  instead of the buffer\n"
"    lenptr=null|bad  instead of the length word\n"
"    as=none|handle|records|records6|names|info|hex   how to print (handle)\n";

#define SOCKETS	64
#define BUFFER	(1 << 20)

struct call {
	uint8_t *buffer, *pointer;
	size_t size, used;
	socklen_t len, *lenptr;
	int has_len;
	const char *as;
};

static int sockets[SOCKETS], opened, current;
static uint32_t last_handle;

static void fail(const char *what, const char *word)
{
	fprintf(stderr, "acctool: %s '%s'\n%s", what, word, help);
	exit(2);
}

static unsigned long number(const char *text)
{
	char *end;
	unsigned long n = strtoul(text, &end, 0);

	if (*text == '\0' || *end != '\0')
		fail("not a number", text);
	return n;
}

static void open_socket(void)
{
	int fd = socket(AF_INET, SOCK_DGRAM, 0);

	if (fd < 0 || opened == SOCKETS) {
		perror("socket");
		exit(2);
	}
	current = opened;
	sockets[opened++] = fd;
}

/* @size bytes that end where no memory is, so that one byte too many faults. */
static uint8_t *fenced(size_t size, int protection)
{
	size_t page = (size_t)sysconf(_SC_PAGESIZE), room = (size + page - 1) / page * page;
	uint8_t *p = mmap(NULL, room + page, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS,
			  -1, 0);

	if (p == MAP_FAILED || mprotect(p + room, page, PROT_NONE) != 0 ||
	    (protection != 0 && room > 0 && mprotect(p, room, protection) != 0)) {
		perror("mmap");
		exit(2);
	}
	return p + room - size;
}

static void put_bytes(struct call *c, const void *bytes, size_t at, size_t n)
{
	if (at > c->size)
		return;
	n = n < c->size - at ? n : c->size - at;
	memcpy(c->buffer + at, bytes, n);
	c->used = at + n > c->used ? at + n : c->used;
}

static void put_name(struct call *c, size_t at, const char *name)
{
	char field[XT_ACCOUNT_NAME_LEN] = "";

	memcpy(field, name, strnlen(name, sizeof(field)));
	put_bytes(c, field, at, sizeof(field));
}

static void put_hex(struct call *c, const char *digits)
{
	for (size_t i = 0; digits[0] != '\0' && digits[1] != '\0'; i++, digits += 2) {
		char two[3] = { digits[0], digits[1], '\0' };
		uint8_t byte = (uint8_t)strtoul(two, NULL, 16);

		put_bytes(c, &byte, i, 1);
	}
}

static void put_u32(struct call *c, size_t at, uint32_t value)
{
	put_bytes(c, &value, at, sizeof(value));
}

static void set_pointer(struct call *c, const char *kind)
{
	if (strcmp(kind, "null") == 0)
		c->pointer = NULL;
	else if (strcmp(kind, "bad") == 0)
		c->pointer = fenced(0, 0);
	else if (strcmp(kind, "kernel") == 0)
		c->pointer = (uint8_t *)(uintptr_t)(sizeof(void *) == 8 ? 0xffffffff80000000ull :
						    0xc0000000u);
	else if (strcmp(kind, "readonly") == 0)
		c->pointer = fenced(4096, PROT_READ);
	else
		fail("unknown pointer", kind);
}

/* Those that set up the buffer, before the others write into it. */
static void first_words(struct call *c, char **words, int n)
{
	int fill = 0;

	for (int i = 0; i < n; i++) {
		if (strncmp(words[i], "size=", 5) == 0)
			c->size = number(words[i] + 5);
		else if (strncmp(words[i], "fill=", 5) == 0)
			fill = (int)number(words[i] + 5);
	}
	c->buffer = fenced(c->size, 0);
	c->pointer = c->buffer;
	memset(c->buffer, fill, c->size);
}

static void word(struct call *c, const char *w)
{
	const char *value = strchr(w, '=');

	if (value == NULL)
		fail("not NAME=VALUE", w);
	value++;
	if (strncmp(w, "handle=", 7) == 0) {
		put_u32(c, offsetof(struct ipt_acc_handle_sockopt, handle_nr),
			strcmp(value, "last") == 0 ? last_handle : (uint32_t)number(value));
		c->used = c->used > sizeof(struct ipt_acc_handle_sockopt) ? c->used :
			  sizeof(struct ipt_acc_handle_sockopt);
	} else if (strncmp(w, "name=", 5) == 0) {
		put_name(c, offsetof(struct ipt_acc_handle_sockopt, name), value);
		c->used = sizeof(struct ipt_acc_handle_sockopt);
	} else if (strncmp(w, "items=", 6) == 0) {
		put_u32(c, offsetof(struct ipt_acc_handle_sockopt, itemcount),
			(uint32_t)number(value));
	} else if (strncmp(w, "table=", 6) == 0) {
		put_name(c, offsetof(struct xt_account_table_info, name), value);
		c->used = sizeof(struct xt_account_table_info);
	} else if (strncmp(w, "hex=", 4) == 0) {
		put_hex(c, value);
	} else if (strncmp(w, "len=", 4) == 0) {
		c->len = (socklen_t)strtoll(value, NULL, 0);
		c->has_len = 1;
	} else if (strncmp(w, "ptr=", 4) == 0) {
		set_pointer(c, value);
	} else if (strncmp(w, "lenptr=", 7) == 0) {
		c->lenptr = strcmp(value, "null") == 0 ? NULL : (void *)fenced(0, 0);
	} else if (strncmp(w, "as=", 3) == 0) {
		c->as = value;
	} else if (strncmp(w, "size=", 5) != 0 && strncmp(w, "fill=", 5) != 0) {
		fail("unknown word", w);
	}
}

static void print_handle(const struct call *c)
{
	struct ipt_acc_handle_sockopt h;

	if (c->size < sizeof(h))
		return;
	memcpy(&h, c->buffer, sizeof(h));
	printf(" handle=%u items=%u", h.handle_nr, h.itemcount);
	last_handle = h.handle_nr;
}

/* Until a record without packets: option 76 gives none of those. */
static void print_records(const struct call *c)
{
	struct ipt_acc_handle_ip r;
	size_t n = c->len < c->size ? c->len : c->size;

	for (size_t at = 0; at + sizeof(r) <= n; at += sizeof(r)) {
		memcpy(&r, c->buffer + at, sizeof(r));
		if (r.src_packets == 0 && r.dst_packets == 0)
			break;
		printf(" %u.%u.%u.%u:%llu/%llu,%llu/%llu%s", r.ip >> 24, r.ip >> 16 & 255,
		       r.ip >> 8 & 255, r.ip & 255, (unsigned long long)r.src_packets,
		       (unsigned long long)r.src_bytes, (unsigned long long)r.dst_packets,
		       (unsigned long long)r.dst_bytes, r.pad != 0 ? "(pad)" : "");
	}
}

static void print_records6(const struct call *c)
{
	struct xt_account_record6 r;
	size_t n = c->len < c->size ? c->len : c->size;

	for (size_t at = 0; at + sizeof(r) <= n; at += sizeof(r)) {
		memcpy(&r, c->buffer + at, sizeof(r));
		if (r.src_packets == 0 && r.dst_packets == 0)
			break;
		putchar(' ');
		for (int i = 0; i < 16; i++)
			printf("%02x", r.addr[i]);
		printf(":%llu/%llu,%llu/%llu", (unsigned long long)r.src_packets,
		       (unsigned long long)r.src_bytes, (unsigned long long)r.dst_packets,
		       (unsigned long long)r.dst_bytes);
	}
}

static void print_names(const struct call *c)
{
	size_t n = c->len < c->size ? c->len : c->size, at = 0;

	while (at < n && c->buffer[at] != '\0') {
		size_t len = strnlen((const char *)c->buffer + at, n - at);

		printf(" '%.*s'", (int)len, (const char *)c->buffer + at);
		at += len + 1;
	}
	printf(" end=%zu", at);
}

static void print_info(const struct call *c)
{
	struct xt_account_table_info t;

	if (c->size < sizeof(t))
		return;
	memcpy(&t, c->buffer, sizeof(t));
	printf(" name='%.*s' family=%u prefix=%u host=%u pad=%u rules=%u net=",
	       XT_ACCOUNT_NAME_LEN, t.name, t.family, t.prefix_len, t.host_len, t.pad, t.rules);
	for (size_t i = 0; i < sizeof(t.net); i++)
		printf("%02x", ((const uint8_t *)&t.net)[i]);
	printf(" memory=%llu lost=%llu/%llu", (unsigned long long)t.memory,
	       (unsigned long long)t.lost_packets, (unsigned long long)t.lost_bytes);
}

static void print_hex(const struct call *c)
{
	size_t n = c->len < c->size ? c->len : c->size;

	putchar(' ');
	for (size_t i = 0; i < n && i < 4096; i++)
		printf("%02x", c->buffer[i]);
}

static void print(const struct call *c)
{
	static const struct {
		const char *name;
		void (*print)(const struct call *c);
	} forms[] = {
		{ "handle", print_handle }, { "records", print_records },
		{ "records6", print_records6 }, { "names", print_names }, { "info", print_info },
		{ "hex", print_hex }, { "none", NULL },
	};

	for (size_t i = 0; i < sizeof(forms) / sizeof(forms[0]); i++) {
		if (strcmp(forms[i].name, c->as) != 0)
			continue;
		if (forms[i].print != NULL && c->pointer == c->buffer)
			forms[i].print(c);
		return;
	}
	fail("unknown form", c->as);
}

static void option_call(char **words, int n)
{
	struct call c = { .size = BUFFER, .as = "handle" };
	int get = strcmp(words[0], "get") == 0, rc, nr;

	if (n < 2 || (!get && strcmp(words[0], "set") != 0))
		fail("not a call", words[0]);
	nr = (int)number(words[1]);
	c.lenptr = &c.len;
	first_words(&c, words + 2, n - 2);
	for (int i = 2; i < n; i++)
		word(&c, words[i]);
	if (!c.has_len)
		c.len = (socklen_t)c.used;
	if (get)
		rc = getsockopt(sockets[current], IPPROTO_IP, nr, c.pointer, c.lenptr);
	else
		rc = setsockopt(sockets[current], IPPROTO_IP, nr, c.pointer, c.len);
	printf("%s", rc == 0 ? "0" : strerrorname_np(errno));
	printf(" len=%u", c.len);
	if (rc == 0)
		print(&c);
	putchar('\n');
}

static void one_call(char **words, int n)
{
	if (n == 0)
		fail("an empty call", "--");
	if (strcmp(words[0], "open") == 0) {
		open_socket();
	} else if (strcmp(words[0], "use") == 0 && n == 2) {
		current = (int)number(words[1]);
		if (current >= opened)
			fail("no such socket", words[1]);
	} else if (strcmp(words[0], "pause") == 0 && n == 2) {
		fflush(stdout);
		usleep((useconds_t)number(words[1]) * 1000);
	} else {
		option_call(words, n);
	}
}

int main(int argc, char **argv)
{
	int start = 1;

	if (argc < 2 || strcmp(argv[1], "--help") == 0) {
		fputs(help, argc < 2 ? stderr : stdout);
		return argc < 2 ? 2 : 0;
	}
	open_socket();
	for (int i = 1; i <= argc; i++) {
		if (i < argc && strcmp(argv[i], "--") != 0)
			continue;
		one_call(argv + start, i - start);
		start = i + 1;
	}
	return 0;
}
