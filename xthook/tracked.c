// SPDX-License-Identifier: GPL-2.0-only
/* tracked - rules that need a connection, where packets have none yet */
#include <string.h>

#include "xthook.h"

/* Of connection tracking; a chain of the same one is in front if it is younger. */
#define PRIORITY_TRACKED	(-200)

/* Extensions whose answer is that of the connection; with an option: where that is printed */
static const struct {
	const char *name;
	const char *option;
} needing[] = {
	{ "CONNMARK", NULL }, { "CONNSECMARK", NULL }, { "cluster", NULL }, { "connbytes", NULL },
	{ "connlabel", NULL }, { "connlimit", NULL }, { "connmark", NULL }, { "conntrack", NULL },
	{ "helper", NULL }, { "psd", NULL }, { "state", NULL }, { "lscan", "--stealth" },
	{ "lscan", "--synscan" }, { "lscan", "--cnscan" }, { "lscan", "--grscan" },
	{ "geoip", "--orig-cc" }, { "asn", "--orig-asn" }, { "ipp2p", "--learn" },
	{ "GEOMARK", "--addr orig" }, { "GEOMARK", "--ctmask" },
};

/* Of these the kernel refuses one; others can be meant, but hardly ever are. */
static bool is_refused(const char *name)
{
	return !strcmp(name, "lscan");
}

static bool needs(const struct rule *rule, const char *name, bool refused)
{
	size_t i;

	if (refused && !is_refused(name))
		return false;
	for (i = 0; i < sizeof(needing) / sizeof(*needing); i++)
		if (!strcmp(needing[i].name, name) &&
		    (!needing[i].option || strstr(rule->plain, needing[i].option)))
			return true;
	return false;
}

static bool before_tracking(const struct place *place)
{
	if (place->hook == INGRESS)
		return true;
	return (place->hook == PREROUTING || place->hook == OUTPUT) &&
		place->priority <= PRIORITY_TRACKED;
}

/**
 * untracked - the extension of a rule that sees no connection at this place, or NULL
 * @refused: one that the kernel does not take there
 */
const char *untracked(const struct place *place, const struct rule *rule, bool refused)
{
	const struct part *part;

	if (!before_tracking(place))
		return NULL;
	for (part = rule->match; part; part = part->next)
		if (needs(rule, part->name, refused))
			return part->name;
	return rule->target && needs(rule, rule->target->name, refused) ?
	       rule->target->name : NULL;
}
