// SPDX-License-Identifier: GPL-2.0-only
/*
 * libFuzzer driver of the pknock match's pure parts: bytes are a datagram,
 * which has the form of a knock or not, and then minutes of knocks, none of
 * which may be accepted twice.
 */
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "../../kernel/xt_pknock_form2.h"
#include "../../kernel/xt_pknock_log.h"
#include "../../kernel/xt_pknock_wire.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check_wire(const uint8_t *data, size_t size)
{
	__u8 *udp = malloc(PKNOCK_WIRE_SIZE);
	size_t i;

	memcpy(udp, data, PKNOCK_WIRE_SIZE);
	if (pknock_wire_ok(udp, size))
		for (i = 0; i < PKNOCK_DIGITS; i++)
			if (udp[PKNOCK_UDP_SIZE + i] == 0 ||
			    !strchr("0123456789abcdef", udp[PKNOCK_UDP_SIZE + i]))
				abort();
	if (pknock_form2_is(udp, size) &&
	    (pknock_wire_ok(udp, size) || memcmp(udp + 8, "PKN2", 4) ||
	     memcmp(udp + 2, udp + 14, 2)))
		abort();
	free(udp);
}

/* A full log to begin with, so that little input reaches what happens then. */
static void check_log(const uint8_t *data, size_t size)
{
	static struct pknock_log full, now;
	struct pknock_log *log = &now;
	unsigned int i;
	uint16_t m;

	for (i = full.len; i < PKNOCK_LOG_LEN; i++)
		pknock_log_accept(&full, (uint64_t)i << 32 | 7 * i, i, 7 * i, i, 0);
	memcpy(log, &full, sizeof(full));
	for (; size >= 3; data += 3, size -= 3) {
		m = data[1] << 8 | data[2];
		pknock_log_accept(log, (uint64_t)data[0] << 32 | m, data[0], m, 0, 0);
		if (pknock_log_accept(log, (uint64_t)data[0] << 32 | m, ~data[0], m, 0, 0))
			abort();
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	if (size >= PKNOCK_WIRE_SIZE)
		check_wire(data, size);
	check_log(data, size);
	return 0;
}
