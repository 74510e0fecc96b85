// SPDX-License-Identifier: GPL-2.0-only
/*
 * reserved - words that are no names for nft
 *
 * nft reads a word of its language as that wherever it stands, or in the statements where
 * it has a meaning, which differ from version to version. A name that is one of them
 * would make the file for nft, and with it the whole ruleset that includes it, invalid.
 */
#include <stdlib.h>
#include <string.h>

#include "xthook.h"

/* In order. Those of nft 1.0.6, and what later ones have more. */
static const char *const reserved[] = {
	"abort", "accept", "ackseq", "add", "addr", "ah", "all", "and", "arp", "asconf", "avgpkt",
	"bridge", "burst", "bypass", "bytes", "cfi", "cgroup", "cgroupv2", "chain", "chains",
	"checksum", "chunk", "class", "classid", "code", "comment", "comp", "constant", "continue",
	"count", "counter", "counters", "cpi", "cpu", "create", "csumcov", "ct", "cwr", "daddr",
	"data", "day", "dccp", "define", "dei", "delete", "describe", "destroy", "device",
	"devices", "direction", "dnat", "doff", "dport", "drop", "dscp", "dst", "dup", "dynamic",
	"echo", "ecn", "ecne", "egress", "element", "elements", "eol", "error", "erspan", "esp",
	"ether", "event", "exists", "expectation", "expiration", "expires", "export", "exthdr",
	"fanout", "fastopen", "fib", "flags", "flow", "flowlabel", "flowtable", "flowtables",
	"flush", "frag", "fwd", "gateway", "gbp", "geneve", "get", "goto", "gre", "gretap", "group",
	"handle", "hbh", "hdrlength", "heartbeat", "helper", "helpers", "hlen", "hook", "hooks",
	"hoplimit", "hour", "htype", "ibriport", "ibrname", "icmp", "icmpv6", "icmpx", "id", "igmp",
	"iif", "iifgroup", "iifname", "iiftype", "import", "in", "inc", "include", "index", "inet",
	"ingress", "init", "insert", "interval", "ip", "ip6", "ipsec", "jhash", "json", "jump",
	"l3proto", "label", "last", "left", "length", "level", "limit", "limits", "list", "ll",
	"log", "lsrr", "lt", "map", "maps", "mark", "masquerade", "md5sig", "memory", "meta",
	"meter", "meters", "mh", "minute", "missing", "mod", "monitor", "mptcp", "mrt", "mss",
	"mtu", "name", "netdev", "nexthdr", "nexthop", "nftrace", "nh", "nop", "not", "notrack",
	"num", "number", "numgen", "obriport", "obrname", "offload", "offset", "oif", "oifgroup",
	"oifname", "oiftype", "operation", "option", "options", "opts", "or", "original", "osf",
	"out", "over", "packets", "pcp", "performance", "persistent", "pkttype", "plen", "policy",
	"port", "position", "ppid", "prefix", "priority", "protocol", "ptr", "ptype", "queue",
	"quota", "quotas", "ra", "random", "rate", "redefine", "redirect", "reject", "rename",
	"replace", "reply", "reqid", "reserved", "reserved2", "reset", "return", "right", "rr",
	"rt", "rt0", "rt2", "rtclassid", "rule", "rules", "ruleset", "sack", "sack0", "sack1",
	"sack2", "sack3", "saddr", "sctp", "secmark", "secmarks", "second", "seed", "seq", "seqno",
	"set", "sets", "shutdown", "sid", "size", "skgid", "skuid", "snaplen", "snat", "socket",
	"spi", "spnum", "sport", "srh", "ssn", "ssrr", "state", "status", "stream", "string",
	"subtype", "symhash", "synproxy", "synproxys", "table", "tables", "tag", "tcp", "th",
	"time", "timeout", "timestamp", "to", "tproxy", "trace", "transparent", "tsecr", "tsn",
	"tsval", "ttl", "tunnel", "type", "typeof", "udp", "udplite", "undefine", "until", "update",
	"urgptr", "used", "value", "version", "vlan", "vm", "vmap", "vni", "vtag", "vxlan", "week",
	"wildcard", "window", "with", "wscale", "xml", "xt", "zone",
};

static int compare(const void *word, const void *at)
{
	return strcmp(word, *(const char *const *)at);
}

/* name_reserved - nft has the word for itself */
bool name_reserved(const char *name)
{
	return bsearch(name, reserved, sizeof(reserved) / sizeof(*reserved), sizeof(*reserved),
		       compare);
}
