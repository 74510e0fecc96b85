// SPDX-License-Identifier: GPL-2.0-only
/*
 * text - a rule as text, by the plugins' save functions; in a child for a family
 *
 * Plugins print on the standard output, so that is a file while they do.
 */
#include <arpa/inet.h>
#include <netdb.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include <xtables.h>

#include "xthook.h"

/* ---- what is iptables' own */

/* The length of a mask, or -1 */
static int mask_length(const unsigned char *mask, size_t len)
{
	unsigned int bits = 0;

	while (bits < 8 * len && mask[bits / 8] & 0x80 >> bits % 8)
		bits++;
	for (size_t i = bits; i < 8 * len; i++)
		if (mask[i / 8] & 0x80 >> i % 8)
			return -1;
	return bits;
}

static void print_address(enum family family, const char *option, const void *addr,
			  const void *mask, bool invert)
{
	const int af = family == IPV4 ? AF_INET : AF_INET6;
	int len = mask_length(mask, family == IPV4 ? 4 : 16);
	char text[INET6_ADDRSTRLEN];

	if (!len)
		return;
	printf(" %s%s %s", invert ? "! " : "", option, inet_ntop(af, addr, text, sizeof(text)));
	if (len >= 0)
		printf("/%d", len);
	else
		printf("/%s", inet_ntop(af, mask, text, sizeof(text)));
}

static void print_interface(const char *option, const char *name, const unsigned char *mask,
			    bool invert)
{
	char text[IFNAMSIZ + 1] = "";
	size_t i;

	if (!mask[0])
		return;
	for (i = 0; i < IFNAMSIZ && mask[i]; i++)
		text[i] = name[i];
	if (!i || text[i - 1])	/* the mask does not cover the end of the name */
		text[i < IFNAMSIZ ? i : IFNAMSIZ] = '+';
	printf(" %s%s ", invert ? "! " : "", option);
	word_quote(stdout, text);
}

static void print_protocol(uint16_t proto, bool invert)
{
	const struct xtables_pprot *c;
	const struct protoent *e;
	const char *name = NULL;

	if (!proto)
		return;
	for (c = xtables_chain_protos; c->name && !name; c++)
		if (c->num == proto)
			name = c->name;
	if (!name) {
		e = getprotobynumber(proto);
		name = e ? e->p_name : NULL;
	}
	if (name)
		printf("%s -p %s", invert ? " !" : "", name);
	else
		printf("%s -p %u", invert ? " !" : "", proto);
}

static void print_entry4(const struct ipt_ip *ip)
{
	print_address(IPV4, "-s", &ip->src, &ip->smsk, ip->invflags & IPT_INV_SRCIP);
	print_address(IPV4, "-d", &ip->dst, &ip->dmsk, ip->invflags & IPT_INV_DSTIP);
	print_interface("-i", ip->iniface, ip->iniface_mask, ip->invflags & IPT_INV_VIA_IN);
	print_interface("-o", ip->outiface, ip->outiface_mask, ip->invflags & IPT_INV_VIA_OUT);
	print_protocol(ip->proto, ip->invflags & XT_INV_PROTO);
	if (ip->flags & IPT_F_FRAG)
		printf("%s -f", ip->invflags & IPT_INV_FRAG ? " !" : "");
}

static void print_entry6(const struct ip6t_ip6 *ip)
{
	print_address(IPV6, "-s", &ip->src, &ip->smsk, ip->invflags & IP6T_INV_SRCIP);
	print_address(IPV6, "-d", &ip->dst, &ip->dmsk, ip->invflags & IP6T_INV_DSTIP);
	print_interface("-i", ip->iniface, ip->iniface_mask, ip->invflags & IP6T_INV_VIA_IN);
	print_interface("-o", ip->outiface, ip->outiface_mask, ip->invflags & IP6T_INV_VIA_OUT);
	print_protocol(ip->proto, ip->invflags & XT_INV_PROTO);
}

/* ---- matches and targets */

static bool serves(uint16_t family, enum family wanted)
{
	return family == NFPROTO_UNSPEC ||
		family == (wanted == IPV4 ? NFPROTO_IPV4 : NFPROTO_IPV6);
}

/* The kernel names a revision; libxtables looks for the best one. */
static const struct xtables_match *find_match(enum family family, const struct part *part)
{
	const struct xtables_match *m;

	if (!xtables_find_match(part->name, XTF_TRY_LOAD, NULL))
		return NULL;
	for (m = xtables_matches; m; m = m->next)
		if (!strcmp(m->name, part->name) && m->revision == part->revision &&
		    serves(m->family, family) && m->size == part->size)
			return m;
	return NULL;
}

static const struct xtables_target *find_target(enum family family, const struct part *part)
{
	const struct xtables_target *t;

	if (!xtables_find_target(part->name, XTF_TRY_LOAD))
		return NULL;
	for (t = xtables_targets; t; t = t->next)
		if (!strcmp(t->name, part->name) && t->revision == part->revision &&
		    serves(t->family, family) && t->size == part->size)
			return t;
	return NULL;
}

static void print_foreign(struct rule *rule, const char *option, const struct part *part)
{
	rule->foreign = true;
	printf(" %s %s [no plugin for revision %u]", option, part->name, part->revision);
}

/* The rule as plugins are given it */
static const void *plugin_view(enum family family, const struct rule *rule)
{
	if (family == IPV4)
		return &rule->entry.entry4.ip;
	return &rule->entry.entry6.ipv6;
}

static void print_match(enum family family, struct rule *rule, const struct part *part)
{
	const struct xtables_match *m = find_match(family, part);
	struct xt_entry_match *e;

	if (!m) {
		print_foreign(rule, "-m", part);
		return;
	}
	e = xtables_calloc(1, XT_ALIGN(sizeof(*e)) + part->size);
	e->u.match_size = XT_ALIGN(sizeof(*e)) + part->size;
	memcpy(e->u.user.name, part->name, sizeof(part->name));
	e->u.user.revision = part->revision;
	memcpy(e->data, part->data, part->size);
	printf(" -m %s", m->alias ? m->alias(e) : part->name);
	if (m->save)
		m->save(plugin_view(family, rule), e);
	free(e);
}

static void print_target(enum family family, struct rule *rule, const struct part *part)
{
	const struct xtables_target *t = find_target(family, part);
	struct xt_entry_target *e;

	if (!t) {
		print_foreign(rule, "-j", part);
		return;
	}
	e = xtables_calloc(1, XT_ALIGN(sizeof(*e)) + part->size);
	e->u.target_size = XT_ALIGN(sizeof(*e)) + part->size;
	memcpy(e->u.user.name, part->name, sizeof(part->name));
	e->u.user.revision = part->revision;
	memcpy(e->data, part->data, part->size);
	printf(" -j %s", t->alias ? t->alias(e) : part->name);
	if (t->save)
		t->save(plugin_view(family, rule), e);
	free(e);
}

static void print_rule(enum family family, struct rule *rule)
{
	struct part *part;

	if (family == IPV4)
		print_entry4(&rule->entry.entry4.ip);
	else
		print_entry6(&rule->entry.entry6.ipv6);
	for (part = rule->match; part; part = part->next)
		print_match(family, rule, part);
	if (rule->verdict == VERDICT_TARGET)
		print_target(family, rule, rule->target);
	else if (rule->verdict != VERDICT_NONE)
		printf(" -j %s", rule->verdict == VERDICT_ACCEPT ? "ACCEPT" : "DROP");
}

/* ---- the text */

/* What print_rule() prints, without the blank in front. */
static char *printed(enum family family, struct rule *rule)
{
	static int file = -1, out = -1;
	char *text;
	off_t len;

	if (file < 0)
		file = memfd_create(SELF, MFD_CLOEXEC);
	fflush(stdout);
	if (out < 0)
		out = dup(STDOUT_FILENO);
	if (file < 0 || ftruncate(file, 0) || lseek(file, 0, SEEK_SET) ||
	    dup2(file, STDOUT_FILENO) < 0)
		die(STATUS_FAILED, "there is no file for the plugins to print to: %m");
	print_rule(family, rule);
	fflush(stdout);
	if (out >= 0)
		dup2(out, STDOUT_FILENO);
	len = lseek(file, 0, SEEK_END);
	text = mem_alloc(len + 1);
	if (pread(file, text, len, 0) != len)
		die(STATUS_FAILED, "what the plugins print cannot be read: %m");
	while (len && text[len - 1] == ' ')
		text[--len] = '\0';
	return *text == ' ' ? text + 1 : text;
}

/* The end of the word that begins here */
static const char *word_end(const char *word)
{
	bool quote = false;

	for (; *word && (quote || *word != ' '); word++) {
		if (*word == '"')
			quote = !quote;
		else if (quote && *word == '\\' && word[1])
			word++;
	}
	return word;
}

static bool is_word(const char *text, const char *word, const char *end)
{
	return strlen(text) == (size_t)(end - word) && !strncmp(word, text, end - word);
}

/* MARK and CONNMARK print the mask of all bits, too. */
static bool is_whole(const struct name *n, const char *word, const char *end)
{
	char value[32];

	snprintf(value, sizeof(value), "0x%x/0xffffffff", n->value);
	return is_word(value, word, end);
}

static bool stands_for(const struct name *n, const char *word, const char *end)
{
	char value[32];

	return is_word(name_value(n, value), word, end) ||
		(n->mask == UINT32_MAX && is_whole(n, word, end));
}

static void copy_word(FILE *to, const char *word, const char *end, const struct name_list *names)
{
	const struct name *n;

	for (n = names ? names->first : NULL; n; n = n->next) {
		if (stands_for(n, word, end)) {
			fprintf(to, "@%s", n->name);
			return;
		}
	}
	/* a word that begins with @ would be a name */
	if (*word == '"' && word[1] == '@')
		fprintf(to, "\"@%.*s", (int)(end - word - 1), word + 1);
	else
		fprintf(to, "%s%.*s", *word == '@' ? "@" : "", (int)(end - word), word);
}

static char *with_names(const char *text, const struct name_list *names)
{
	const char *word, *end;
	char *buf = NULL, *copy;
	size_t len = 0;
	FILE *to = open_memstream(&buf, &len);

	if (!to)
		die(STATUS_FAILED, "no memory");
	for (word = text; *word; word = end) {
		end = word_end(word);
		copy_word(to, word, end, names);
		while (*end == ' ')
			fputc(*end++, to);
	}
	if (fclose(to))
		die(STATUS_FAILED, "no memory");
	copy = mem_text(buf, len);
	free(buf);
	return copy;
}

/* Whether @NAME is a word of the text */
static bool has_name(const char *text, const struct name *n)
{
	const char *word, *end;

	for (word = text; *word; word = end + strspn(end, " ")) {
		end = word_end(word);
		if (*word == '@' && is_word(n->name, word + 1, end))
			return true;
	}
	return false;
}

/* names_beside - those of a note that its rule's text does not have */
void names_beside(const char *text, const char *note, struct name_list *names)
{
	struct name_list all = { NULL };
	const struct name *n;
	char value[32];

	note_names(note, &all);
	for (n = all.first; n; n = n->next)
		if (!has_name(text, n))
			name_add(names, n->name, name_value(n, value));
}

/* rule_text - set text, plain and foreign */
void rule_text(enum family family, struct rule *rule)
{
	char *text = printed(family, rule);
	struct name_list names = { NULL };

	note_names(rule->note, &names);
	rule->plain = with_names(text, NULL);
	rule->text = with_names(text, &names);
}
