// SPDX-License-Identifier: GPL-2.0-only
/* sysrq_request - which payloads are requests, and what they say */
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "xt_SYSRQ_request.h"

#define KEYS32	"abcdefghijklmnopqrstuvwxyz012345"

static unsigned int failed, passed;

/* Digests have four digits here. */
static const struct {
	const char *text;
	unsigned int keys, signed_size;
	__u64 seqno;
} good[] = {
	{ "h,1,salt,0123", 1, 9, 1 },
	{ "h,1,salt,0123anything, at all", 1, 9, 1 },
	{ "h,1,salt,,,,,", 1, 9, 1 },
	{ "reisub,1795800000,YWJj+/=,0123\n", 6, 26, 1795800000 },
	{ "h,0,,0123", 1, 5, 0 },
	{ "h,007,a b\n,0123", 1, 11, 7 },
	{ KEYS32 ",1,s,0123", 32, 37, 1 },
	{ "!~,1,s,0123", 2, 7, 1 },
	{ "h,9223372036854775806,s,0123", 1, 24, 9223372036854775806U },
	{ "h,9223372036854775807,s,0123", 1, 24, 9223372036854775807U },
	{ "h,00000000000000000000009223372036854775807,s,0123", 1, 46,
	  9223372036854775807U },
	{ "h,1,salt,hmac1:0123", 1, 9, 1 },
	{ "h,1,salt,hmac1:0123anything, at all", 1, 9, 1 },
	{ "hmac1,1,hmac1:,hmac1:hmac1:", 5, 15, 1 },
	{ "h,1,salt,hmac2:0123", 1, 9, 1 },
	{ "h,1,salt,hmac1", 1, 9, 1 },
};

/* @why: how the reason begins */
static const struct {
	const char *text, *why;
} bad[] = {
	{ "h,9223372036854775808,s,0123", "SEQ is too large" },
	{ "h,9223372036854775810,s,0123", "SEQ is too large" },
	{ "h,9223372036854775817,s,0123", "SEQ is too large" },
	{ "h,18446744073709551616,s,0123", "SEQ is too large" },
	{ "h,18446744073709551617,s,0123", "SEQ is too large" },
	{ "h,99999999999999999999999999,s,0123", "SEQ is too large" },
	{ "", "KEYS is not" },
	{ ",1,s,0123", "KEYS is not" },
	{ KEYS32 "6,1,s,0123", "KEYS is not" },
	{ KEYS32 "67890123456789", "KEYS is not" },
	{ "a b,1,s,0123", "KEYS has" },
	{ "a\n,1,s,0123", "KEYS has" },
	{ "a\x7f,1,s,0123", "KEYS has" },
	{ "\xe9,1,s,0123", "KEYS has" },
	{ "h", "SEQ is missing" },
	{ "h,", "SEQ is missing" },
	{ "h,,s,0123", "SEQ is missing" },
	{ "h,-1,s,0123", "SEQ is not" },
	{ "h,+1,s,0123", "SEQ is not" },
	{ "h, 1,s,0123", "SEQ is not" },
	{ "h,1 ,s,0123", "SEQ is not" },
	{ "h,0x1,s,0123", "SEQ is not" },
	{ "h,1:,s,0123", "SEQ is not" },
	{ "h,1/,s,0123", "SEQ is not" },
	{ "h,1", "SALT" },
	{ "h,1,", "SALT" },
	{ "h,1,s", "SALT" },
	{ "h,1,s,", "the digest" },
	{ "h,1,s,012", "the digest" },
	{ "h,1,s,hmac1:", "the digest" },
	{ "h,1,s,hmac1:012", "the digest" },
};

static void complain(const char *text, const char *what)
{
	++failed;
	printf("not ok unit/sysrq_request: %s: %s\n", text, what);
}

/* The reason why a text is none; from memory that ends with it, for the sanitizer */
static const char *parse(const char *text, unsigned int size, struct sysrq_request *req)
{
	__u8 *copy = malloc(size);
	const char *why;

	memcpy(copy, text, size);
	why = sysrq_request_parse(copy, size, 4, req);
	if (!why && (req->keys != copy ||
		     req->hmac != !strncmp(text + req->signed_size, "hmac1:", 6) ||
		     req->hex != copy + req->signed_size + (req->hmac ? 6 : 0)))
		complain(text, "points elsewhere");
	free(copy);
	return why;
}

static void one_good(unsigned int i)
{
	struct sysrq_request req;
	const char *why = parse(good[i].text, strlen(good[i].text), &req);

	if (why)
		complain(good[i].text, why);
	else if (req.key_count != good[i].keys || req.seqno != good[i].seqno ||
		 req.signed_size != good[i].signed_size)
		complain(good[i].text, "is read wrongly");
	else
		++passed;
}

static void one_bad(unsigned int i)
{
	struct sysrq_request req;
	const char *why = parse(bad[i].text, strlen(bad[i].text), &req);

	if (!why)
		complain(bad[i].text, "is taken for a request");
	else if (strncmp(why, bad[i].why, strlen(bad[i].why)) != 0)
		complain(bad[i].text, why);
	else
		++passed;
}

/* Each beginning of a request is none, but for the one that is complete. */
static void beginnings(void)
{
	static const char text[] = "hm,12,salt,0123";
	unsigned int size, full = strlen(text);
	struct sysrq_request req;

	for (size = 0; size <= full; ++size) {
		bool complete = size == full;

		if (!parse(text, size, &req) != complete)
			complain(text, "a part of it");
		else
			++passed;
	}
}

int main(void)
{
	unsigned int i;

	for (i = 0; i < sizeof(good) / sizeof(*good); ++i)
		one_good(i);
	for (i = 0; i < sizeof(bad) / sizeof(*bad); ++i)
		one_bad(i);
	beginnings();
	if (!failed)
		printf("ok unit/sysrq_request: %u payloads\n", passed);
	return failed != 0;
}
