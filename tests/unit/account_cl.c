// SPDX-License-Identifier: GPL-2.0-only
/* libxt_ACCOUNT_cl: every function, its errors and its memory, without a kernel */
#include "fake_account.h"

#include "../../iptaccount/libxt_ACCOUNT_cl.c"

static int bad;

static void check(const char *what, bool ok)
{
	printf("%s unit/account_cl: %s\n", ok ? "ok" : "not ok", what);
	bad |= !ok;
}

static bool says(const struct ipt_ACCOUNT_context *ctx, const char *word)
{
	return ctx->error_str && strstr(ctx->error_str, word);
}

static void add_hosts(struct fake_table *t, unsigned int n)
{
	char addr[INET6_ADDRSTRLEN];
	unsigned int i;

	for (i = 0; i < n; ++i) {
		snprintf(addr, sizeof(addr), "10.%u.%u.%u", i >> 16, i >> 8 & 255, i & 255);
		fake_add_record(t, addr, i + 1, 100ULL * i, 2, 1ULL << 40);
	}
}

/* Reads all records; their number, or -1 if one is wrong. */
static int drain(struct ipt_ACCOUNT_context *ctx)
{
	const struct ipt_acc_handle_ip *e;
	int n = 0;

	for (; (e = ipt_ACCOUNT_get_next_entry(ctx)); ++n)
		if (e->ip != 0x0a000000U + n || e->src_packets != n + 1U ||
		    e->src_bytes != 100ULL * n || e->dst_packets != 2 ||
		    e->dst_bytes != 1ULL << 40)
			return -1;
	return ipt_ACCOUNT_get_next_entry(ctx) ? -1 : n;
}

static void test_layout(void)
{
	_Static_assert(offsetof(struct ipt_ACCOUNT_context, sockfd) == 0, "sockfd");
	_Static_assert(offsetof(struct ipt_ACCOUNT_context, handle) == 4, "handle");
	_Static_assert(offsetof(struct ipt_ACCOUNT_context, data_size) == 44, "data_size");
	_Static_assert(offsetof(struct ipt_ACCOUNT_context, pos) == 48, "pos");
#ifdef __LP64__
	_Static_assert(offsetof(struct ipt_ACCOUNT_context, data) == 56, "data");
	_Static_assert(offsetof(struct ipt_ACCOUNT_context, error_str) == 64, "error_str");
	_Static_assert(sizeof(struct ipt_ACCOUNT_context) == 72, "context");
#else
	_Static_assert(offsetof(struct ipt_ACCOUNT_context, data) == 52, "data");
	_Static_assert(offsetof(struct ipt_ACCOUNT_context, error_str) == 56, "error_str");
	_Static_assert(sizeof(struct ipt_ACCOUNT_context) == 60, "context");
#endif
}

static void test_init(void)
{
	struct ipt_ACCOUNT_context ctx;

	memset(&ctx, 0x5a, sizeof(ctx));
	check("init succeeds", ipt_ACCOUNT_init(&ctx) == 0 && ctx.sockfd == FAKE_FD);
	check("init clears", !ctx.data && !ctx.data_size && !ctx.pos && !ctx.handle.itemcount);
	check("nothing was read",
	      !ipt_ACCOUNT_get_next_entry(&ctx) && !ipt_ACCOUNT_get_next_name(&ctx));
	ipt_ACCOUNT_deinit(&ctx);
	check("deinit closes", fake.sockets == 0 && ctx.sockfd == -1);
	ipt_ACCOUNT_deinit(&ctx);
	check("deinit twice", fake.sockets == 0);
	fake.no_raw = true;
	check("init with CAP_NET_ADMIN alone", ipt_ACCOUNT_init(&ctx) == 0);
	ipt_ACCOUNT_deinit(&ctx);
	fake.error[77] = EPERM;
	check("init without capabilities", ipt_ACCOUNT_init(&ctx) == -1);
	check("says what is missing", says(&ctx, "CAP_NET_ADMIN"));
	check("leaves no socket", fake.sockets == 0 && ctx.sockfd == -1);
	fake.error[77] = ENOPROTOOPT;
	check("init without the module", ipt_ACCOUNT_init(&ctx) == 0);
	ipt_ACCOUNT_deinit(&ctx);
	fake_reset();
}

static void test_read(void)
{
	struct fake_table *t = fake_add_table("sales", AF_INET, "10.0.0.0", 8, 32);
	struct ipt_ACCOUNT_context ctx;

	add_hosts(t, 3);
	ipt_ACCOUNT_init(&ctx);
	check("read", ipt_ACCOUNT_read_entries(&ctx, "sales", 1) == 0);
	check("item count", ctx.handle.itemcount == 3);
	check("records", drain(&ctx) == 3);
	check("the handle is freed", fake_usage() == 0);
	check("read again", ipt_ACCOUNT_read_entries(&ctx, "sales", 1) == 0 && drain(&ctx) == 3);
	check("read and flush",
	      ipt_ACCOUNT_read_entries(&ctx, "sales", 0) == 0 && drain(&ctx) == 3);
	check("was flushed", ipt_ACCOUNT_read_entries(&ctx, "sales", 0) == 0 && drain(&ctx) == 0);
	check("no records, no items", ctx.handle.itemcount == 0 && fake_usage() == 0);
	add_hosts(t, 5);
	ipt_ACCOUNT_read_entries(&ctx, "sales", 1);
	check("usage leaves the records",
	      ipt_ACCOUNT_get_handle_usage(&ctx) == 0 && drain(&ctx) == 5);
	check("and is in the item count", ctx.handle.itemcount == 0);
	ipt_ACCOUNT_read_entries(&ctx, "sales", 1);
	ipt_ACCOUNT_free_entries(&ctx);
	check("free_entries", drain(&ctx) == 0 && !ctx.data && ctx.data_size == 0);
	ipt_ACCOUNT_deinit(&ctx);
	fake_reset();
}

static unsigned int size_after(struct ipt_ACCOUNT_context *ctx, unsigned int hosts)
{
	fake_find("t")->count = 0;
	add_hosts(fake_find("t"), hosts);
	if (ipt_ACCOUNT_read_entries(ctx, "t", 1) || drain(ctx) != (int)hosts)
		return 0;
	return ctx->data_size;
}

static void test_buffer(void)
{
	struct ipt_ACCOUNT_context ctx;

	fake_add_table("t", AF_INET, "10.0.0.0", 8, 32);
	ipt_ACCOUNT_init(&ctx);
	check("smallest buffer", size_after(&ctx, 1) == 4096);
	check("101 records, and an empty one, fit", size_after(&ctx, 101) == 4096);
	check("102 records do not", size_after(&ctx, 102) == 4120);
	check("grows", size_after(&ctx, 999) == 40000);
	check("is kept when half of it is needed", size_after(&ctx, 499) == 40000);
	check("shrinks below half", size_after(&ctx, 498) == 19960);
	check("shrinks to the smallest", size_after(&ctx, 0) == 4096);
	check("a /16", size_after(&ctx, 65536) == 65537 * 40);
	check("length is that of one record more", fake.biggest_len == 65537 * 40);
	ipt_ACCOUNT_deinit(&ctx);
	fake_reset();
}

static void test_read_errors(void)
{
	static const char name31[] = "1234567890123456789012345678901";
	struct ipt_ACCOUNT_context ctx;
	struct fake_table *t = fake_add_table(name31, AF_INET, "10.0.0.0", 8, 32);

	fake_add_table("six", AF_INET6, "fd00::", 64, 128);
	fake_add_record(fake_find("six"), "fd00::1", 1, 2, 3, 4);
	add_hosts(t, 2);
	ipt_ACCOUNT_init(&ctx);
	check("name of 31 bytes",
	      ipt_ACCOUNT_read_entries(&ctx, name31, 0) == 0 && drain(&ctx) == 2);
	check("name of 32 bytes",
	      ipt_ACCOUNT_read_entries(&ctx, "12345678901234567890123456789012", 0) == -1 &&
	      says(&ctx, "31 bytes"));
	check("unknown table",
	      ipt_ACCOUNT_read_entries(&ctx, "nope", 0) == -1 && says(&ctx, "No such table"));
	check("nothing is left of it", drain(&ctx) == 0 && !ipt_ACCOUNT_get_next_name(&ctx));
	check("empty name",
	      ipt_ACCOUNT_read_entries(&ctx, "", 0) == -1 && says(&ctx, "No such table"));
	check("IPv6 table", ipt_ACCOUNT_read_entries(&ctx, "six", 0) == -1 && says(&ctx, "IPv6"));
	check("is not flushed", fake_find("six")->count == 1 && drain(&ctx) == 0);
	fake.error[110] = ENOPROTOOPT;
	check("records of another kind", ipt_ACCOUNT_read_entries(&ctx, "six", 1) == -1);
	check("gives nothing", drain(&ctx) == 0);
	ipt_ACCOUNT_free_all_handles(&ctx);
	fake.error[110] = 0;
	fake.error[76] = EFAULT;
	add_hosts(t, 2);
	check("records refused",
	      ipt_ACCOUNT_read_entries(&ctx, name31, 1) == -1 && drain(&ctx) == 0);
	check("frees the handle", fake_usage() == 0);
	fake.error[76] = 0;
	fake.error[74] = EINVAL;
	check("no memory to prepare",
	      ipt_ACCOUNT_read_entries(&ctx, name31, 1) == -1 && says(&ctx, "memory"));
	fake.error[74] = ENOSPC;
	check("no room for the copy",
	      ipt_ACCOUNT_read_entries(&ctx, name31, 1) == -1 && says(&ctx, "not finished"));
	fake.error[74] = ENOPROTOOPT;
	check("no module",
	      ipt_ACCOUNT_read_entries(&ctx, name31, 1) == -1 && says(&ctx, "not loaded"));
	fake.error[74] = EPERM;
	check("no permission",
	      ipt_ACCOUNT_read_entries(&ctx, name31, 1) == -1 && says(&ctx, "CAP_NET_ADMIN"));
	ipt_ACCOUNT_deinit(&ctx);
	fake_reset();
}

static void test_handles(void)
{
	struct ipt_ACCOUNT_context ctx;
	unsigned int i;

	add_hosts(fake_add_table("t", AF_INET, "10.0.0.0", 8, 32), 1);
	ipt_ACCOUNT_init(&ctx);
	for (i = 0; i < ACCOUNT_MAX_HANDLES - 1; ++i)
		fake.handle[i].used = true;
	check("nine handles in use",
	      ipt_ACCOUNT_get_handle_usage(&ctx) == 9 && ctx.handle.itemcount == 9);
	check("the tenth serves", ipt_ACCOUNT_read_entries(&ctx, "t", 1) == 0 && drain(&ctx) == 1);
	fake.handle[i].used = true;
	check("ten handles in use", ipt_ACCOUNT_get_handle_usage(&ctx) == 10);
	check("none is left", ipt_ACCOUNT_read_entries(&ctx, "t", 0) == -1 && says(&ctx, "in use"));
	check("free all",
	      ipt_ACCOUNT_free_all_handles(&ctx) == 0 && ipt_ACCOUNT_get_handle_usage(&ctx) == 0);
	check("nothing was flushed meanwhile",
	      ipt_ACCOUNT_read_entries(&ctx, "t", 0) == 0 && drain(&ctx) == 1);
	fake.error[72] = ENOPROTOOPT;
	fake.error[77] = ENOPROTOOPT;
	check("free all fails",
	      ipt_ACCOUNT_free_all_handles(&ctx) == -1 && says(&ctx, "not loaded"));
	check("usage fails", ipt_ACCOUNT_get_handle_usage(&ctx) == -1 && says(&ctx, "not loaded"));
	ipt_ACCOUNT_deinit(&ctx);
	fake_reset();
}

/* Reads a table of 5 while the handle has come to another one, of @n records; @theirs: of a kernel
 * that does not see it
 */
static void stolen(const char *what, unsigned int n, bool theirs)
{
	struct fake_table *t = fake_add_table("mine", AF_INET, "10.0.0.0", 8, 32);
	struct fake_table *other = fake_add_table("other", AF_INET, "10.0.0.0", 8, 32);
	struct ipt_ACCOUNT_context ctx;

	add_hosts(t, 5);
	add_hosts(other, n);
	ipt_ACCOUNT_init(&ctx);
	/* memory that was used before */
	ctx.data = malloc(4096);
	memset(ctx.data, 0x5a, 4096);
	ctx.data_size = 4096;
	fake.other = other;
	fake.theirs = theirs;
	check(what, ipt_ACCOUNT_read_entries(&ctx, "mine", 1) == -1 && says(&ctx, "freed"));
	check("gives no record, and no item count",
	      drain(&ctx) == 0 && ctx.handle.itemcount == 0);
	check("leaves the handle of the other", fake_usage() == 1);
	fake.other = NULL;
	fake.theirs = false;
	ipt_ACCOUNT_free_all_handles(&ctx);
	check("and the next read is right",
	      ipt_ACCOUNT_read_entries(&ctx, "mine", 1) == 0 && drain(&ctx) == 5);
	ipt_ACCOUNT_deinit(&ctx);
	fake_reset();
}

static void test_stolen(void)
{
	for (int theirs = 0; theirs <= 1; ++theirs) {
		stolen("a handle that has no records any more", 0, theirs);
		stolen("a handle that has fewer", 1, theirs);
		stolen("one fewer", 4, theirs);
		stolen("one more", 6, theirs);
		stolen("many more", 1000, theirs);
	}
}

/* The number of names, or -1 if one is wrong. */
static int names(struct ipt_ACCOUNT_context *ctx)
{
	const char *name;
	unsigned int n = 0;

	if (ipt_ACCOUNT_get_table_names(ctx))
		return -1;
	for (; (name = ipt_ACCOUNT_get_next_name(ctx)); ++n)
		if (n >= fake.tables || strcmp(name, fake.table[n].info.name) != 0)
			return -1;
	return ipt_ACCOUNT_get_next_name(ctx) ? -1 : (int)n;
}

static void test_names(void)
{
	struct ipt_ACCOUNT_context ctx;
	char name[32];
	unsigned int i;

	ipt_ACCOUNT_init(&ctx);
	check("no tables", names(&ctx) == 0);
	add_hosts(fake_add_table("one", AF_INET, "10.0.0.0", 8, 32), 300);
	fake_add_table("with blank", AF_INET6, "fd00::", 64, 128);
	check("two tables", names(&ctx) == 2);
	ipt_ACCOUNT_read_entries(&ctx, "one", 1);
	check("names after records", names(&ctx) == 2);
	ipt_ACCOUNT_get_table_names(&ctx);
	check("names are no records", drain(&ctx) == 0);
	ipt_ACCOUNT_read_entries(&ctx, "one", 1);
	while (ipt_ACCOUNT_get_next_name(&ctx))
		;
	check("records are no endless name", ctx.pos <= ctx.data_size);
	while (fake.tables < FAKE_TABLES) {
		snprintf(name, sizeof(name), "%031u", fake.tables);
		fake_add_table(name, AF_INET, "10.0.0.0", 8, 32);
	}
	check("more names than fit a page", names(&ctx) == FAKE_TABLES);
	fake.theirs = true;
	check("a kernel that gives a page at most", names(&ctx) == -1 && says(&ctx, "memory"));
	fake_reset();
	fake.sockets = 1;
	for (i = 0; i < 128; ++i) {
		snprintf(name, sizeof(name), "%031u", i);
		if (i == 127)
			name[30] = '\0';
		fake_add_table(name, AF_INET, "10.0.0.0", 8, 32);
	}
	check("exactly a page", names(&ctx) == 128);
	fake.error[78] = EPERM;
	check("names refused", names(&ctx) == -1 && says(&ctx, "CAP_NET_ADMIN"));
	check("none is left", !ipt_ACCOUNT_get_next_name(&ctx));
	ipt_ACCOUNT_deinit(&ctx);
	fake_reset();
}

int main(void)
{
	test_layout();
	test_init();
	test_read();
	test_buffer();
	test_read_errors();
	test_handles();
	test_stolen();
	test_names();
	return bad;
}
