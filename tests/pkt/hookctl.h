/* SPDX-License-Identifier: GPL-2.0-only */
/* hookctl - what its parts share */
#ifndef HOOKCTL_H
#define HOOKCTL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include <linux/netlink.h>

/* What the last answer said, beside its number; " " before each part. */
extern char answer[4096];
/* The Nth allocation of the next verb fails; there were not that many. */
extern uint32_t fail_nth;
extern bool unharmed;
/* Made behind the first answers, which others wait for that take it away; NULL: no pause. */
extern const char *halt;
/* The answers to the last verb are of more than one ruleset. */
extern bool interrupted;

void die(const char *what);

void begin_msg(int cmd, int flags);
void again_msg(void);
struct nlattr *put(int type, const void *data, size_t len);
struct nlattr *nest(int type);
void nest_end(struct nlattr *a);
void put_u8(int type, uint8_t v);
void put_u32(int type, uint32_t v);
void put_text(int type, const char *s);

const void *data_of(const struct nlattr *a);
const struct nlattr *find(const struct nlattr *a, ssize_t left, int type);
const struct nlattr *within(const struct nlattr *a, int type);

int send_request(void (*cb)(const struct nlattr *first, ssize_t left), int more);
void open_socket(void);
void open_route_socket(void);

#endif
