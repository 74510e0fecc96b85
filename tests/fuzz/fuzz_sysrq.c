// SPDX-License-Identifier: GPL-2.0-only
/*
 * fuzz_sysrq - the request parser of the SYSRQ target against a plain one
 *
 * The first byte is the number of digits that a digest has, the rest a payload.
 */
#include <ctype.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "../../kernel/xt_SYSRQ_request.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* Another way to the same: by characters, with the number in floating point */
static bool plain(const uint8_t *text, size_t size, size_t digits, size_t comma[3],
		  bool *hmac)
{
	long double number = 0;
	size_t i, n = 0;

	for (i = 0; i < size && n < 3; ++i) {
		if (text[i] == ',')
			comma[n++] = i;
		else if (n == 0 && !isgraph(text[i]))
			return false;
		else if (n == 1 && !isdigit(text[i]))
			return false;
		else if (n == 1)
			number = number * 10 + (text[i] - '0');
		if (number >= 9223372036854775808.0L)
			return false;
	}
	*hmac = n == 3 && size - comma[2] > 6 && !strncmp((char *)text + comma[2] + 1, "hmac1:", 6);
	if (*hmac)
		digits += 6;
	return n == 3 && comma[0] >= 1 && comma[0] <= 32 && comma[1] - comma[0] > 1 &&
	       size - comma[2] - 1 >= digits;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct sysrq_request req;
	size_t comma[3];
	uint8_t *text;
	bool is, hmac;

	if (size == 0 || size - 1 > SYSRQ_REQUEST_MAX)
		return 0;
	--size;
	text = malloc(size);
	if (size > 0 && !text)
		return 0;
	memcpy(text, data + 1, size);
	is = !sysrq_request_parse(text, size, data[0], &req);
	if (is != plain(text, size, data[0], comma, &hmac))
		abort();
	if (is && (req.keys != text || req.key_count != comma[0] ||
		   req.seqno != strtoull((char *)text + comma[0] + 1, NULL, 10) ||
		   req.signed_size != comma[2] + 1 || req.hmac != hmac ||
		   req.hex != text + comma[2] + 1 + (hmac ? 6 : 0)))
		abort();
	free(text);
	return 0;
}
