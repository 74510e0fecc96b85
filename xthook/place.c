// SPDX-License-Identifier: GPL-2.0-only
/* place - hooks and priorities by name */
#include <errno.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>

#include "xthook.h"

const char *const hook_name[HOOKS] = {
	"ingress", "prerouting", "input", "forward", "output", "postrouting",
};

const char *const family_name[FAMILIES] = { "ip", "ip6" };

/* The names that nft has, with the same values. */
static const struct {
	const char *name;
	int32_t priority;
} priorities[] = {
	{ "raw", -300 }, { "mangle", -150 }, { "dstnat", -100 },
	{ "filter", 0 }, { "security", 50 }, { "srcnat", 100 },
};

#define N_PRIORITIES	(sizeof(priorities) / sizeof(*priorities))
/* Further away than this from a name a priority is printed as a number. */
#define NEAR	49

bool hook_parse(const char *text, enum hook *hook)
{
	for (*hook = 0; *hook < HOOKS; ++*hook)
		if (!strcmp(text, hook_name[*hook]))
			return true;
	return false;
}

/*
 * hook_priority - that of rules which name none: before nft's own chains where
 * packets come from, behind them where packets have been judged
 */
int32_t hook_priority(enum hook hook)
{
	switch (hook) {
	case INGRESS:
		return -10;	/* filter-10: before flowtables */
	case PREROUTING:
	case OUTPUT:
		return -310;	/* raw-10 */
	case POSTROUTING:
		return 110;	/* srcnat+10 */
	default:
		return 10;	/* filter+10 */
	}
}

static bool number(const char *text, long low, long high, long *value)
{
	const char *digits = text + (*text == '-' || *text == '+');
	char *end;

	errno = 0;
	*value = strtol(text, &end, 10);
	return *digits >= '0' && *digits <= '9' && !*end && !errno &&
		*value >= low && *value <= high;
}

/* raw, raw-10, filter+10, -310 */
bool priority_parse(const char *text, int32_t *priority)
{
	size_t len = strcspn(text, "+-"), i;
	long value = 0;

	for (i = 0; len && i < N_PRIORITIES; i++) {
		if (strlen(priorities[i].name) != len || strncmp(priorities[i].name, text, len))
			continue;
		if (text[len] && !number(text + len, -1000000, 1000000, &value))
			return false;
		*priority = priorities[i].priority + value;
		return true;
	}
	if (!number(text, INT32_MIN, INT32_MAX, &value))
		return false;
	*priority = value;
	return true;
}

const char *priority_text(int32_t priority, char buf[32])
{
	size_t i, best = 0;
	int64_t off;

	for (i = 1; i < N_PRIORITIES; i++)
		if (llabs((int64_t)priority - priorities[i].priority) <
		    llabs((int64_t)priority - priorities[best].priority))
			best = i;
	off = (int64_t)priority - priorities[best].priority;
	if (!off)
		return priorities[best].name;
	if (off < -NEAR || off > NEAR)
		snprintf(buf, 32, "%d", priority);
	else
		snprintf(buf, 32, "%s%+d", priorities[best].name, (int)off);
	return buf;
}

int place_compare(const struct place *a, const struct place *b)
{
	if (a->hook != b->hook)
		return a->hook < b->hook ? -1 : 1;
	if (a->priority != b->priority)
		return a->priority < b->priority ? -1 : 1;
	return strcmp(a->dev, b->dev);
}
