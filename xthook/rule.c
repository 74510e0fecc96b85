// SPDX-License-Identifier: GPL-2.0-only
/*
 * rule - the words of a rule to rule data, by libxtables; in a child for a family
 *
 * libxtables keeps the matches and targets that it has loaded in lists of its
 * own, and a rule that is being parsed in them (m->m, t->t). What is not an
 * option of a plugin is iptables' own: -s, -d, -i, -o, -p, -f, -m, -j.
 */
#include <arpa/inet.h>
#include <getopt.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <xtables.h>

#include "config.h"
#include "xthook.h"

/* As XT_OPTION_OFFSET_SCALE of libxtables: option numbers of a plugin */
#define OPTIONS_OF_PLUGIN	256

/*
 * Those of iptables that are of a rule, and none besides: an option of a plugin that has
 * the same name would be taken for this one. Abbreviations work (getopt_long()).
 */
static struct option rule_options[] = {
	{ "source", required_argument, NULL, 's' },
	{ "src", required_argument, NULL, 's' },
	{ "destination", required_argument, NULL, 'd' },
	{ "dst", required_argument, NULL, 'd' },
	{ "in-interface", required_argument, NULL, 'i' },
	{ "out-interface", required_argument, NULL, 'o' },
	{ "protocol", required_argument, NULL, 'p' },
	{ "fragments", no_argument, NULL, 'f' },
	{ "match", required_argument, NULL, 'm' },
	{ "jump", required_argument, NULL, 'j' },
	{ NULL, 0, NULL, 0 },
};

/**
 * struct parser - a rule that is being parsed
 * @matches:  of libxtables
 * @target:   of libxtables, or NULL
 * @protocol: as written, for the match of its name; NULL: none
 * @tried:    that match has been looked for
 * @n_matches: of @matches
 * @used:     the names that the rule uses
 */
struct parser {
	enum family family;
	const struct statement *st;
	const struct name_list *names;
	struct rule *rule;
	struct xtables_rule_match *matches;
	struct xtables_target *target;
	char *protocol;
	bool tried;
	bool judged;
	unsigned int n_matches;
	unsigned int seen;
	struct name_list used;
};

/*
 * libxtables asks which revisions the kernel has, and takes the highest of them.
 * Which one that is must not depend on the machine: the kernel refuses what it
 * does not have.
 */
static int revision_known(const char *name, uint8_t revision, int opt)
{
	return 1;
}

static void __attribute__((noreturn, format(printf, 2, 3)))
refuse(enum xtables_exittype status, const char *msg, ...)
{
	va_list args;

	va_start(args, msg);
	vdie(status == RESOURCE_PROBLEM ? STATUS_FAILED : STATUS_USAGE, msg, args);
}

static struct xtables_globals globals = {
	.program_name    = SELF,
	.program_version = PACKAGE_VERSION,
	.orig_opts       = rule_options,
	.exit_err        = refuse,
	.compat_rev      = revision_known,
};

/* xtables_begin - serve a family from now on; once in a process */
void xtables_begin(enum family family)
{
	if (xtables_init_all(&globals, family == IPV4 ? NFPROTO_IPV4 : NFPROTO_IPV6) < 0)
		die(STATUS_FAILED, "libxtables cannot be initialized");
}

/* ---- addresses, interfaces, protocol */

static void make_mask(unsigned char *mask, size_t len, unsigned long bits)
{
	size_t i;

	for (i = 0; i < len; i++, bits -= bits > 8 ? 8 : bits)
		mask[i] = bits >= 8 ? 0xff : 0xff << (8 - bits);
}

static bool zero(const unsigned char *mask, size_t len)
{
	while (len && !mask[len - 1])
		len--;
	return !len;
}

static void parse_address(enum family family, const char *option, const char *text,
			  void *addr, void *mask, bool invert)
{
	const int af = family == IPV4 ? AF_INET : AF_INET6;
	const size_t len = family == IPV4 ? 4 : 16;
	const char *slash = strchr(text, '/');
	char part[INET6_ADDRSTRLEN + 1], *end;
	unsigned long bits;
	size_t i;

	snprintf(part, sizeof(part), "%.*s", slash ? (int)(slash - text) : INET6_ADDRSTRLEN, text);
	if (inet_pton(af, part, addr) != 1)
		die(STATUS_USAGE,
		    "%s takes an IPv%c address, or a network (/LENGTH, /MASK), not \"%s\"",
		    option, family == IPV4 ? '4' : '6', text);
	make_mask(mask, len, 8 * len);
	if (slash && slash[1] >= '0' && slash[1] <= '9' && !strpbrk(slash, ".:")) {
		bits = strtoul(slash + 1, &end, 10);
		if (*end || bits > 8 * len)
			die(STATUS_USAGE, "%s \"%s\": the length is 0 to %zu", option, text,
			    8 * len);
		make_mask(mask, len, bits);
	} else if (slash && inet_pton(af, slash + 1, mask) != 1) {
		die(STATUS_USAGE, "%s \"%s\": a mask is needed after /", option, text);
	}
	for (i = 0; i < len; i++)
		((unsigned char *)addr)[i] &= ((unsigned char *)mask)[i];
	if (invert && zero(mask, len))
		die(STATUS_USAGE, "! %s %s would never match", option, text);
}

static void take_address(struct parser *p, bool source, const char *text, bool invert)
{
	struct ip6t_ip6 *ip6 = &p->rule->entry.entry6.ipv6;
	struct ipt_ip *ip = &p->rule->entry.entry4.ip;

	if (p->family == IPV4) {
		parse_address(IPV4, source ? "-s" : "-d", text, source ? &ip->src : &ip->dst,
			      source ? &ip->smsk : &ip->dmsk, invert);
		if (invert)
			ip->invflags |= source ? IPT_INV_SRCIP : IPT_INV_DSTIP;
	} else {
		parse_address(IPV6, source ? "-s" : "-d", text, source ? &ip6->src : &ip6->dst,
			      source ? &ip6->smsk : &ip6->dmsk, invert);
		if (invert)
			ip6->invflags |= source ? IP6T_INV_SRCIP : IP6T_INV_DSTIP;
	}
}

static void take_interface(struct parser *p, bool in, const char *text, bool invert)
{
	static const unsigned int no_in = 1 << INGRESS | 1 << OUTPUT | 1 << POSTROUTING;
	static const unsigned int no_out = 1 << INGRESS | 1 << PREROUTING | 1 << INPUT;
	const enum hook hook = p->st->place.hook;
	struct ip6t_ip6 *ip6 = &p->rule->entry.entry6.ipv6;
	struct ipt_ip *ip = &p->rule->entry.entry4.ip;

	if ((in ? no_in : no_out) & 1 << hook)
		die(STATUS_USAGE, "-%c cannot be used at %s%s", in ? 'i' : 'o', hook_name[hook],
		    hook == INGRESS ? ": --dev names the device" : "");
	if (invert && !strcmp(text, "+"))
		die(STATUS_USAGE, "! -%c + would never match", in ? 'i' : 'o');
	if (!*text || strlen(text) >= IFNAMSIZ)
		die(STATUS_USAGE, "-%c: \"%s\" is no name of an interface", in ? 'i' : 'o', text);
	if (p->family == IPV4) {
		xtables_parse_interface(text, in ? ip->iniface : ip->outiface,
					in ? ip->iniface_mask : ip->outiface_mask);
		if (invert)
			ip->invflags |= in ? IPT_INV_VIA_IN : IPT_INV_VIA_OUT;
	} else {
		xtables_parse_interface(text, in ? ip6->iniface : ip6->outiface,
					in ? ip6->iniface_mask : ip6->outiface_mask);
		if (invert)
			ip6->invflags |= in ? IP6T_INV_VIA_IN : IP6T_INV_VIA_OUT;
	}
}

static void take_protocol(struct parser *p, char *text, bool invert)
{
	struct ip6t_ip6 *ip6 = &p->rule->entry.entry6.ipv6;
	struct ipt_ip *ip = &p->rule->entry.entry4.ip;
	uint16_t proto;
	char *c;

	for (c = text; *c; c++)
		if (*c >= 'A' && *c <= 'Z')
			*c += 'a' - 'A';
	proto = xtables_parse_protocol(text);
	if (!proto && invert)
		die(STATUS_USAGE, "! -p %s would never match", text);
	p->protocol = text;
	if (p->family == IPV4) {
		ip->proto = proto;
		ip->invflags |= invert ? XT_INV_PROTO : 0;
	} else {
		ip6->proto = proto;
		ip6->flags |= proto ? IP6T_F_PROTO : 0;
		ip6->invflags |= invert ? XT_INV_PROTO : 0;
	}
}

static void take_fragment(struct parser *p, bool invert)
{
	if (p->family == IPV6)
		die(STATUS_USAGE, "-f is for IPv4 only; for IPv6 there is -m frag");
	p->rule->entry.entry4.ip.flags |= IPT_F_FRAG;
	if (invert)
		p->rule->entry.entry4.ip.invflags |= IPT_INV_FRAG;
}

static uint16_t protocol_of(const struct parser *p)
{
	const union entry *entry = &p->rule->entry;

	return p->family == IPV4 ? entry->entry4.ip.proto : entry->entry6.ipv6.proto;
}

/* ---- matches and target */

static void merge(const struct option *extra, const struct xt_option_entry *x6,
		  unsigned int *offset)
{
	struct option *opts;

	if (x6)
		opts = xtables_options_xfrm(globals.orig_opts, globals.opts, x6, offset);
	else if (!extra)
		return;
	else
		opts = xtables_merge_options(globals.orig_opts, globals.opts, extra, offset);
	if (!opts)
		die(STATUS_FAILED, "no memory");
	globals.opts = opts;
}

/* A block of that size in units of libxtables, with a header before the data */
static void load_match(struct parser *p, struct xtables_match *m)
{
	size_t size = XT_ALIGN(sizeof(*m->m)) + m->size;
	const char *name = m->real_name ? m->real_name : m->name;

	if (++p->n_matches > XA_HOOK_MAX_MATCHES)
		die(STATUS_USAGE, "a rule has at most %d matches", XA_HOOK_MAX_MATCHES);
	m->m = xtables_calloc(1, size);
	m->m->u.match_size = size;
	snprintf(m->m->u.user.name, sizeof(m->m->u.user.name), "%s", name);
	m->m->u.user.revision = m->revision;
	m->mflags = 0;
	if (m->udata_size) {
		free(m->udata);
		m->udata = xtables_calloc(1, m->udata_size);
	}
	if (m->init)
		m->init(m->m);
	merge(m->extra_opts, m->x6_options, &m->option_offset);
}

static void take_match(struct parser *p, const char *name, bool invert)
{
	if (invert)
		die(STATUS_USAGE, "! cannot be used with -m; it goes before an option of the match");
	load_match(p, xtables_find_match(name, XTF_LOAD_MUST_SUCCEED, &p->matches));
}

static void load_target(struct xtables_target *t)
{
	size_t size = XT_ALIGN(sizeof(*t->t)) + t->size;
	const char *name = t->real_name ? t->real_name : t->name;

	t->t = xtables_calloc(1, size);
	t->t->u.target_size = size;
	snprintf(t->t->u.user.name, sizeof(t->t->u.user.name), "%s", name);
	t->t->u.user.revision = t->revision;
	t->tflags = 0;
	if (t->udata_size) {
		free(t->udata);
		t->udata = xtables_calloc(1, t->udata_size);
	}
	if (t->init)
		t->init(t->t);
	merge(t->extra_opts, t->x6_options, &t->option_offset);
}

static void take_target(struct parser *p, const char *name, bool invert)
{
	if (invert)
		die(STATUS_USAGE, "! cannot be used with -j");
	if (p->judged)
		die(STATUS_USAGE, "-j can be given once");
	p->judged = true;
	if (!strcmp(name, "ACCEPT")) {
		p->rule->verdict = VERDICT_ACCEPT;
	} else if (!strcmp(name, "DROP")) {
		p->rule->verdict = VERDICT_DROP;
	} else if (!strcmp(name, "RETURN") || !strcmp(name, "QUEUE")) {
		die(STATUS_USAGE, "-j %s cannot be used here: ACCEPT, DROP and targets can", name);
	} else {
		p->rule->verdict = VERDICT_TARGET;
		p->target = xtables_find_target(name, XTF_TRY_LOAD);
		if (!p->target)
			die(STATUS_USAGE, "-j %s: there is no such target (there are no chains of one's own)",
			    name);
		load_target(p->target);
	}
}

/* The match that the protocol brings along: -p tcp --dport 80 */
static bool load_protocol(struct parser *p)
{
	struct xtables_match *m = NULL;
	const char *name = p->protocol;
	const struct xtables_pprot *c;
	struct xtables_rule_match *i;

	if (!name || p->tried || !protocol_of(p))
		return false;
	p->tried = true;
	if (*name >= '0' && *name <= '9')
		for (c = xtables_chain_protos; c->name; c++)
			if (c->num == protocol_of(p)) {
				name = c->name;
				break;
			}
	for (i = p->matches; i; i = i->next)
		if (!strcmp(i->match->name, name))
			return false;
	m = xtables_find_match(name, XTF_TRY_LOAD, &p->matches);
	if (m)
		load_match(p, m);
	return m;
}

static bool owns(unsigned int offset, int c)
{
	return offset && (unsigned int)c >= offset && (unsigned int)c < offset + OPTIONS_OF_PLUGIN;
}

/* give - hand an option to the plugin that it is one of */
static void give(struct parser *p, int c, char **argv, bool invert)
{
	struct xtables_rule_match *i;
	struct xtables_match *m;

	if (p->target && owns(p->target->option_offset, c)) {
		xtables_option_tpcall(c, argv, invert, p->target, &p->rule->entry);
		return;
	}
	for (i = p->matches; i; i = i->next) {
		m = i->match;
		if (i->completed || !owns(m->option_offset, c))
			continue;
		xtables_option_mpcall(c, argv, invert, m, &p->rule->entry);
		return;
	}
	die(STATUS_USAGE, "unknown option \"%s\"", argv[optind - 1]);
}

/* ---- a rule */

/* @NAME is what it stands for, @@text is @text */
static char *expand(struct parser *p, const char *word)
{
	const struct name *n;
	char value[32];

	if (*word != '@')
		return strdup(word);
	if (word[1] == '@')
		return strdup(word + 1);
	n = name_find(p->names, word + 1, strlen(word + 1));
	if (!n)
		die(STATUS_USAGE, "no name \"%s\" is defined (a word that begins with @ is written @%s)",
		    word + 1, word);
	name_value(n, value);
	name_define(&p->used, n->name, value);
	return strdup(value);
}

static char **make_argv(struct parser *p)
{
	const struct words *words = &p->st->words;
	char **argv = calloc(words->n + 2, sizeof(*argv));
	int i;

	if (!argv)
		die(STATUS_FAILED, "no memory");
	argv[0] = strdup(SELF);
	for (i = 0; i < words->n; i++) {
		argv[i + 1] = expand(p, words->word[i]);
		if (!argv[i + 1])
			die(STATUS_FAILED, "no memory");
	}
	return argv;
}

static void once(struct parser *p, int c)
{
	static const char once_only[] = "sdiopf";
	const char *at = c < OPTIONS_OF_PLUGIN ? strchr(once_only, c) : NULL;

	if (!at)
		return;
	if (p->seen & 1u << (at - once_only))
		die(STATUS_USAGE, "-%c can be given once", c);
	p->seen |= 1u << (at - once_only);
}

static void take_option(struct parser *p, int c, char **argv, bool invert)
{
	once(p, c);
	switch (c) {
	case 's':
	case 'd':
		take_address(p, c == 's', optarg, invert);
		break;
	case 'i':
	case 'o':
		take_interface(p, c == 'i', optarg, invert);
		break;
	case 'p':
		take_protocol(p, optarg, invert);
		break;
	case 'f':
		take_fragment(p, invert);
		break;
	case 'm':
		take_match(p, optarg, invert);
		break;
	case 'j':
		take_target(p, optarg, invert);
		break;
	default:
		give(p, c, argv, invert);
	}
}

static void parse_words(struct parser *p, int argc, char **argv)
{
	bool invert = false;
	int c;

	opterr = 0;
	optind = 0;		/* glibc: begin anew, also within a word */
	while ((c = getopt_long(argc, argv, "-:s:d:i:o:p:fm:j:",
				globals.opts ? globals.opts : rule_options, NULL)) != -1) {
		if (c == 1 && !strcmp(optarg, "!")) {
			if (invert)
				die(STATUS_USAGE, "two ! in a row");
			invert = true;
			continue;
		}
		if (c == 1)
			die(STATUS_USAGE, "\"%s\" is no option", optarg);
		if (c == ':')
			die(STATUS_USAGE, "option \"%s\" requires an argument", argv[optind - 1]);
		if (c == '?' && load_protocol(p)) {
			optind--;
			continue;
		}
		if (c == '?')
			die(STATUS_USAGE, "unknown option \"%s\"", argv[optind - 1]);
		take_option(p, c, argv, invert);
		invert = false;
	}
	if (invert)
		die(STATUS_USAGE, "nothing follows !");
	if (optind < argc)
		die(STATUS_USAGE, "\"%s\" stands behind --, where options end", argv[optind]);
}

static struct part *make_part(const char *name, uint8_t revision, const void *data, size_t size)
{
	struct part *part = mem_alloc(sizeof(*part));

	snprintf(part->name, sizeof(part->name), "%s", name);
	part->revision = revision;
	part->size = size;
	part->data = mem_alloc(size);
	memcpy(part->data, data, size);
	return part;
}

/* The plugins' last checks; then the data are ours. */
static void finish(struct parser *p)
{
	struct part **end = &p->rule->match;
	struct xtables_target *t = p->target;
	struct xtables_rule_match *i;
	struct xtables_match *m;

	for (i = p->matches; i; i = i->next) {
		m = i->match;
		xtables_option_mfcall(m);
		*end = make_part(m->m->u.user.name, m->revision, m->m->data,
				 m->m->u.match_size - XT_ALIGN(sizeof(*m->m)));
		end = &(*end)->next;
	}
	if (t) {
		xtables_option_tfcall(t);
		p->rule->target = make_part(t->t->u.user.name, t->revision, t->t->data,
					    t->t->u.target_size - XT_ALIGN(sizeof(*t->t)));
	}
}

/* libxtables shall take nothing of this rule into the next one. */
static void forget(struct parser *p)
{
	struct xtables_rule_match *i;

	for (i = p->matches; i; i = i->next) {
		free(i->match->m);
		i->match->m = NULL;
	}
	xtables_rule_matches_free(&p->matches);
	if (p->target) {
		free(p->target->t);
		p->target->t = NULL;
	}
	xtables_free_opts(1);
}

/* The names of the line itself are the rule's, also where no word has them. */
static void use_defined(struct parser *p)
{
	const struct name *n;
	char value[32];

	for (n = p->st->defined.first; n; n = n->next)
		name_define(&p->used, n->name, name_value(n, value));
}

/**
 * rule_parse - a rule of the statement's words, in shared memory
 * @family: that of xtables_begin()
 * @names:  those that the words may use
 */
struct rule *rule_parse(enum family family, const struct statement *st,
			const struct name_list *names)
{
	struct parser p = {
		.family = family, .st = st, .names = names,
		.rule = mem_alloc(sizeof(struct rule)),
	};
	char **argv = make_argv(&p);
	int i;

	parse_words(&p, st->words.n + 1, argv);
	use_defined(&p);
	finish(&p);
	forget(&p);
	for (i = 0; argv[i]; i++)
		free(argv[i]);
	free(argv);
	p.rule->keep = -1;
	p.rule->file = st->file;
	p.rule->line = st->line;
	p.rule->packets = st->packets;
	p.rule->bytes = st->bytes;
	p.rule->note = note_make(st->comment, &p.used);
	return p.rule;
}
