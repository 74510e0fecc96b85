// SPDX-License-Identifier: GPL-2.0-only
/*
 * fuzz_pkt - the packet library must take any bytes and any text
 *
 * The first byte chooses: the rest is a frame that begins with some layer, and
 * has to be printed and built again as it was; or the rest is text.
 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "pkt.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static char out[PKT_TEXT];
static uint8_t again[PKT_MAX];

static ssize_t build(const char *text)
{
	struct pkt_spec spec;
	char err[256];
	ssize_t n = -1;

	if (pkt_parse(&spec, text, err, sizeof(err)) == 0)
		n = pkt_build(&spec, 1, again, sizeof(again));
	pkt_release(&spec);
	return n;
}

static void one_frame(enum pkt_id first, const uint8_t *frame, size_t size)
{
	if (size > 2048 || size == 0)
		return;
	if (pkt_print(out, sizeof(out), first, frame, size,
		      PKT_PRINT_LINK | PKT_PRINT_FULL) < 0)
		abort();
	if (build(out) != (ssize_t)size || memcmp(again, frame, size) != 0)
		abort();
}

static void one_text(const uint8_t *bytes, size_t size)
{
	char *text = malloc(size + 1), why[64];

	if (text == NULL)
		return;
	memcpy(text, bytes, size);
	text[size] = '\0';
	build(text);
	pkt_match(text, text + size / 2, 0, why, sizeof(why));
	pkt_match(text, text + size / 2, 1, why, sizeof(why));
	free(text);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	if (size == 0)
		return 0;
	if (data[0] < PKT_LAYERS)
		one_frame((enum pkt_id)data[0], data + 1, size - 1);
	else
		one_text(data + 1, size - 1);
	return 0;
}
