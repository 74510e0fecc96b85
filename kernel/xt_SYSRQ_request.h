/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * xt_SYSRQ_request - what a request of the SYSRQ target says
 *
 * Pure code: compiles in the kernel and, for unit test and fuzzer, on the host.
 *
 *	KEYS,SEQ,SALT,HEXDIGEST...
 *	`----------- the digest is of this, the address and the password
 *
 *	KEYS,SEQ,SALT,hmac1:HEXDIGEST...
 *	`----------- an HMAC of this and the address; the password is the key
 *
 * No digit of a digest is an h, so neither form can be taken for the other.
 */
#ifndef _XT_SYSRQ_REQUEST_H
#define _XT_SYSRQ_REQUEST_H

#include <linux/types.h>
#ifdef __KERNEL__
#include <linux/string.h>
#else
#include <stdbool.h>
#include <string.h>
#endif

/* Bytes of a datagram that are looked at: the request must end there. */
#define SYSRQ_REQUEST_MAX	512

/* Bounds of what one request does, and of the lines it writes to the log. */
#define SYSRQ_KEYS_MAX		32

/* In front of an HMAC, and of what it is computed of */
#define SYSRQ_HMAC_FORM		"hmac1"
#define SYSRQ_HMAC_PREFIX	SYSRQ_HMAC_FORM ":"

/* SEQ is a sysfs file too, where the type is signed. */
#define SYSRQ_SEQNO_MAX		(~0ULL >> 1)

/**
 * struct sysrq_request - a request, taken apart
 * @keys:        printable characters, not terminated
 * @key_count:   how many, 1 to SYSRQ_KEYS_MAX
 * @seqno:       0 to SYSRQ_SEQNO_MAX
 * @signed_size: bytes from @keys to the comma behind SALT
 * @hmac:        of the form with an HMAC
 * @hex:         digits of the digest, not checked
 */
struct sysrq_request {
	const __u8 *keys;
	unsigned int key_count;
	__u64 seqno;
	unsigned int signed_size;
	bool hmac;
	const __u8 *hex;
};

/* Return: position of the next comma, or @size */
static inline unsigned int sysrq_request_comma(const __u8 *text,
					       unsigned int pos,
					       unsigned int size)
{
	const __u8 *comma = pos < size ? memchr(text + pos, ',', size - pos) : NULL;

	return comma ? (unsigned int)(comma - text) : size;
}

static inline const char *sysrq_request_keys(const __u8 *text, unsigned int n)
{
	unsigned int i;

	if (n == 0 || n > SYSRQ_KEYS_MAX)
		return "KEYS is not 1 to 32 characters and a comma";
	for (i = 0; i < n; ++i)
		if (text[i] <= ' ' || text[i] > '~')
			return "KEYS has a character that is no key";
	return NULL;
}

static inline const char *sysrq_request_seqno(const __u8 *text, unsigned int n,
					      __u64 *seqno)
{
	unsigned int i;
	__u8 digit;

	*seqno = 0;
	for (i = 0; i < n; ++i) {
		digit = text[i] - '0';
		if (digit > 9)
			return "SEQ is not a decimal number";
		/* 9223372036854775807, the maximum, ends with a 7 */
		if (*seqno > SYSRQ_SEQNO_MAX / 10 ||
		    (*seqno == SYSRQ_SEQNO_MAX / 10 && digit > 7))
			return "SEQ is too large";
		*seqno = *seqno * 10 + digit;
	}
	return n ? NULL : "SEQ is missing";
}

/* Size of the mark of the form that the digest has, or 0 */
static inline unsigned int sysrq_request_prefix(const __u8 *text,
						unsigned int size)
{
	const unsigned int prefix = sizeof(SYSRQ_HMAC_PREFIX) - 1;

	return size >= prefix && memcmp(text, SYSRQ_HMAC_PREFIX, prefix) == 0 ?
	       prefix : 0;
}

/**
 * sysrq_request_parse - take a request apart
 * @text:     payload of a datagram, or the beginning of it
 * @size:     bytes there
 * @hex_size: digits that a digest has
 * @req:      filled in; points into @text
 *
 * Return: NULL, or why this is no request, for the debug messages.
 */
static inline const char *sysrq_request_parse(const __u8 *text,
					      unsigned int size,
					      unsigned int hex_size,
					      struct sysrq_request *req)
{
	unsigned int keys_end, seqno_end, salt_end, prefix;
	const char *why;

	keys_end = sysrq_request_comma(text, 0, size);
	why = sysrq_request_keys(text, keys_end);
	if (why)
		return why;
	if (keys_end == size)
		return "SEQ is missing";
	seqno_end = sysrq_request_comma(text, keys_end + 1, size);
	why = sysrq_request_seqno(text + keys_end + 1, seqno_end - keys_end - 1,
				  &req->seqno);
	if (why)
		return why;
	salt_end = sysrq_request_comma(text, seqno_end + 1, size);
	if (salt_end == size)
		return "SALT and a comma are missing";
	prefix = sysrq_request_prefix(text + salt_end + 1, size - salt_end - 1);
	if (size - salt_end - 1 - prefix < hex_size)
		return "the digest is too short";
	req->keys = text;
	req->key_count = keys_end;
	req->signed_size = salt_end + 1;
	req->hmac = prefix > 0;
	req->hex = text + req->signed_size + prefix;
	return NULL;
}

#endif /* _XT_SYSRQ_REQUEST_H */
