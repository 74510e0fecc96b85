/* SPDX-License-Identifier: GPL-2.0-only */
/* client - what kernel.c and replace.c share: a socket to the family xa_hook */
#ifndef _CLIENT_H
#define _CLIENT_H

#include <libmnl/libmnl.h>
#include <linux/genetlink.h>

#include "xthook.h"

/**
 * struct client - the socket; there is one
 * @interrupted: the ruleset was replaced during the dump that was read last
 * @said:        the kernel's own words for the last error, or empty
 * @offset:      the attribute in the message that it is about, or 0
 */
struct client {
	struct mnl_socket *nl;
	uint16_t family;
	uint32_t seq;
	bool interrupted;
	char said[256];
	uint32_t offset;
	uint8_t buf[XA_HOOK_MESSAGE_SIZE] __attribute__((aligned(NLMSG_ALIGNTO)));
	uint8_t out[XA_HOOK_MESSAGE_SIZE] __attribute__((aligned(NLMSG_ALIGNTO)));
};

typedef void answer_cb(const struct nlmsghdr *nlh, void *data);

extern struct client client;

struct nlmsghdr *client_begin(uint8_t cmd, uint16_t flags);
int client_request(struct nlmsghdr *nlh, answer_cb *cb, void *data, const uint32_t *until);
void client_refused(int e) __attribute__((noreturn));

/* ---- convert.c */

extern const uint8_t hook_number[HOOKS];

uint8_t family_number(enum family family);
void rule_to_base(enum family family, const struct rule *rule, struct xa_hook_base *base);
void rule_from_base(enum family family, struct rule *rule, const struct xa_hook_base *base);

#endif /* _CLIENT_H */
