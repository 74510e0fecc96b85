// SPDX-License-Identifier: GPL-2.0-only
/*
 * iptaccount: how a table is written
 *
 * Text and CSV are read by programs of others and never change. JSON is one
 * document a line.
 */
#include <arpa/inet.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "output.h"
#include "xa_tool.h"

/* Hosts of an IPv6 table that the kernel had no room for are one record. */
static bool is_rest(const struct xt_account_table_info *info,
		    const struct record *r)
{
	static const uint8_t zero[sizeof(r->addr)];

	return info->family == AF_INET6 &&
	       memcmp(r->addr, zero, sizeof(zero)) == 0;
}

static unsigned int record_len(const struct table *t, const struct record *r)
{
	return is_rest(&t->info, r) ? 0 : t->info.host_len;
}

/**
 * record_name - what a record is for: an address, or a prefix that is not all of it
 * @info: of the table
 * @r:    record
 * @buf:  ADDR_LEN bytes, filled in
 *
 * Return: @buf.
 */
const char *record_name(const struct xt_account_table_info *info,
			const struct record *r, char *buf)
{
	inet_ntop(info->family, r->addr, buf, INET6_ADDRSTRLEN);
	if (info->family == AF_INET6 && info->host_len != 128 && !is_rest(info, r))
		sprintf(buf + strlen(buf), "/%u", info->host_len);
	return buf;
}

static void text_open(const struct table *t)
{
	printf("Showing table: %s\n", t->name);
}

static void text_begin(const struct table *t, unsigned int run, bool flush)
{
	(void)flush;
	/* scripts know the first pass as number 0 */
	printf("Run #%u - %u %s found\n", run - 1, t->count,
	       t->count == 1 ? "item" : "items");
}

static void text_record(const struct table *t, const struct record *r, bool first)
{
	char buf[ADDR_LEN];

	(void)first;
	printf("IP: %s SRC packets: %" PRIu64 " bytes: %" PRIu64
	       " DST packets: %" PRIu64 " bytes: %" PRIu64 "\n",
	       record_name(&t->info, r, buf), r->src_packets, r->src_bytes,
	       r->dst_packets, r->dst_bytes);
}

const struct output output_text = {
	.open   = text_open,
	.begin  = text_begin,
	.record = text_record,
};

static void csv_open(const struct table *t)
{
	(void)t;
	printf("IP;SRC packets;SRC bytes;DST packets;DST bytes\n");
}

static void csv_record(const struct table *t, const struct record *r, bool first)
{
	char buf[ADDR_LEN];

	(void)first;
	printf("%s;%" PRIu64 ";%" PRIu64 ";%" PRIu64 ";%" PRIu64 "\n",
	       record_name(&t->info, r, buf), r->src_packets, r->src_bytes,
	       r->dst_packets, r->dst_bytes);
}

const struct output output_csv = {
	.open   = csv_open,
	.record = csv_record,
};

/* Whether a backslash and what follows it look like a byte of a label, as written below */
static bool looks_like_byte(const unsigned char *s)
{
	static const char hex[] = "0123456789abcdef";

	return s[0] == '\\' && s[1] == 'x' && s[2] && strchr(hex, s[2]) &&
	       s[3] && strchr(hex, s[3]);
}

/**
 * quoted - write a name, which is any bytes, as a string in UTF-8
 * @text: in JSON, what is no UTF-8 becomes U+FFFD
 * @how:  of the format; in a label of Prometheus what is no UTF-8, and control characters,
 *        are \xHH, and so is a backslash that would look like that: two names are two labels
 */
void quoted(const char *text, enum quoted how)
{
	const unsigned char *s = (const unsigned char *)text;
	size_t len;

	if (how == QUOTED_JSON) {
		xa_tool_json_string(stdout, text);
		return;
	}
	putchar('"');
	for (; *s; s += len ? len : 1) {
		len = xa_tool_utf8(s);
		if (!len || *s < 0x20 || *s == 0x7f || looks_like_byte(s))
			printf("\\\\x%02x", *s);
		else if (*s == '"' || *s == '\\')
			printf("\\%c", *s);
		else
			fwrite(s, 1, len, stdout);
	}
	putchar('"');
}

static void json_string(const char *text)
{
	quoted(text, QUOTED_JSON);
}

/* What the kernel says about a table; nothing if it says nothing. */
static void json_info(const struct xt_account_table_info *info, bool known)
{
	char net[INET6_ADDRSTRLEN];

	printf(",\"family\":\"%s\"", info->family == AF_INET6 ? "ipv6" : "ipv4");
	if (!known)
		return;
	inet_ntop(info->family, &info->net, net, sizeof(net));
	printf(",\"network\":\"%s/%u\",\"per\":%u,\"rules\":%u,\"memory\":%" PRIu64
	       ",\"lost\":{\"packets\":%" PRIu64 ",\"bytes\":%" PRIu64 "}",
	       net, info->prefix_len, info->host_len, info->rules,
	       (uint64_t)info->memory, (uint64_t)info->lost_packets,
	       (uint64_t)info->lost_bytes);
}

static void json_begin(const struct table *t, unsigned int run, bool flush)
{
	printf("{\"table\":");
	json_string(t->name);
	json_info(&t->info, t->known);
	printf(",\"run\":%u,\"flush\":%s,\"items\":%u,\"records\":[",
	       run, flush ? "true" : "false", t->count);
}

static void json_record(const struct table *t, const struct record *r, bool first)
{
	char buf[INET6_ADDRSTRLEN];

	inet_ntop(t->info.family, r->addr, buf, sizeof(buf));
	printf("%s{\"address\":\"%s\",\"prefix\":%u,\"src\":{\"packets\":%" PRIu64
	       ",\"bytes\":%" PRIu64 "},\"dst\":{\"packets\":%" PRIu64
	       ",\"bytes\":%" PRIu64 "}}",
	       first ? "" : ",", buf, record_len(t, r), r->src_packets,
	       r->src_bytes, r->dst_packets, r->dst_bytes);
}

static void json_end(const struct table *t)
{
	(void)t;
	printf("]}\n");
}

const struct output output_json = {
	.begin  = json_begin,
	.record = json_record,
	.end    = json_end,
};

/**
 * json_usage - a document about the handles in use
 * @handles: how many
 */
void json_usage(int handles)
{
	printf("{\"handles\":%d}\n", handles);
}

/**
 * json_freed - a document that says that all handles were freed
 */
void json_freed(void)
{
	printf("{\"freed\":true}\n");
}

/**
 * json_tables - a document about all tables
 * @ctx: context whose table names were read
 */
void json_tables(struct ipt_ACCOUNT_context *ctx)
{
	struct xt_account_table_info info;
	const char *name, *comma = "";

	printf("{\"tables\":[");
	while ((name = ipt_ACCOUNT_get_next_name(ctx))) {
		printf("%s{\"table\":", comma);
		json_string(name);
		json_info(&info, table_info(ctx, name, &info));
		printf("}");
		comma = ",";
	}
	printf("]}\n");
}
