/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * xt_ipv4options_seen - which options an IPv4 header has
 *
 * Pure code: compiles in the kernel and, for the unit test, on the host.
 */
#ifndef _XT_IPV4OPTIONS_SEEN_H
#define _XT_IPV4OPTIONS_SEEN_H

#include <linux/types.h>

#define IPV4OPTIONS_EOL		0
#define IPV4OPTIONS_NOP		1
#define IPV4OPTIONS_NUMBER	0x1f	/* of the type; above: copied, class */

/**
 * ipv4options_seen - collect the options of a header
 * @opt: first byte behind the fixed header
 * @len: bytes there, at most 40
 *
 * The list ends with the end-of-list option, with the header, or before an
 * option whose length cannot be, which does not count as seen.
 *
 * Return: bit n set for each option number n that appears.
 */
static inline __u32 ipv4options_seen(const __u8 *opt, unsigned int len)
{
	unsigned int pos = 0, step;
	__u32 seen = 0;

	while (pos < len) {
		if (opt[pos] == IPV4OPTIONS_EOL)
			return seen | 1U << IPV4OPTIONS_EOL;
		if (opt[pos] == IPV4OPTIONS_NOP) {
			step = 1;
		} else {
			if (len - pos < 2)
				break;
			step = opt[pos + 1];
			if (step < 2 || step > len - pos)
				break;
		}
		seen |= 1U << (opt[pos] & IPV4OPTIONS_NUMBER);
		pos += step;
	}
	return seen;
}

#endif /* _XT_IPV4OPTIONS_SEEN_H */
