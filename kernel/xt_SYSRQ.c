// SPDX-License-Identifier: GPL-2.0-only
/*
 * xt_SYSRQ - press magic SysRq keys by a datagram
 *
 * A datagram that proves, by a digest, knowledge of the password is accepted,
 * and its keys are pressed; all others are dropped without an answer. The
 * proof covers keys, sequence number, salt and destination address, and the
 * sequence number must rise, so that what was overheard is of no use. After a
 * reboot it begins where no number has been, by the clock (xt_SYSRQ_clock.h).
 *
 * There is one SysRq, so there is one password and one sequence number for the
 * machine: module parameters, not rule data. A packet reads the password under
 * RCU; writers are serialized by the lock of the module's parameters. The
 * sequence number is a single word, and who raises it owns the request: copies
 * that arrive on several CPUs at the same time are carried out once.
 *
 * The UDP checksum is not looked at: the digest tells more.
 */
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/atomic.h>
#include <linux/capability.h>
#include <linux/ip.h>
#include <linux/ipv6.h>
#include <linux/module.h>
#include <linux/moduleparam.h>
#include <linux/rcupdate.h>
#include <linux/skbuff.h>
#include <linux/slab.h>
#include <linux/string.h>
#include <linux/sysrq.h>
#include <linux/timekeeping.h>
#include <linux/udp.h>
#include <linux/netfilter/x_tables.h>
#include <linux/netfilter_ipv4/ip_tables.h>
#include <linux/netfilter_ipv6/ip6_tables.h>
#include <net/ip.h>
#include <net/ipv6.h>

#include "xa_digest.h"
#include "xa_hooks.h"
#include "xa_log.h"
#include "xa_version.h"
#include "xt_SYSRQ.h"
#include "xt_SYSRQ_claim.h"
#include "xt_SYSRQ_clock.h"
#include "xt_SYSRQ_request.h"

/* Bytes without the terminator. */
#define SYSRQ_PASSWORD_MAX	63

/* Digests that are shorter are checksums. */
#define SYSRQ_DIGEST_MIN	16

/* An IPv6 address in full, with terminator. */
#define SYSRQ_ADDR_SIZE		40

/**
 * struct sysrq_password - what a sender has to know
 * @hmac: keyed with it; NULL until the module has begun, or where the kernel has
 *        none, or none for such a key
 * @size: bytes of @text, at least 1
 * @text: not terminated
 */
struct sysrq_password {
	struct xa_digest *hmac;
	unsigned int size;
	char text[SYSRQ_PASSWORD_MAX];
};

/**
 * struct sysrq_datagram - where a payload is, and for whom
 * @pos:  its first byte in the skb
 * @size: its bytes
 * @addr: the packet's destination, as it is digested
 */
struct sysrq_datagram {
	unsigned int pos;
	unsigned int size;
	char addr[SYSRQ_ADDR_SIZE];
};

/* NULL: none is set. Written with the parameters locked. */
static struct sysrq_password __rcu *sysrq_password;

/* A packet has been told that there is none. */
static int sysrq_told;

/* Last number accepted, or given; -1: none yet. */
static atomic64_t sysrq_seqno = ATOMIC64_INIT(-1);

/* The administrator has said from where on: numbers before loading do not matter. */
static bool sysrq_seqno_given;

/* Second of a clock that nobody sets; constant after init. */
static s64 sysrq_loaded;

/* Constant from init to exit. */
static struct xa_digest *sysrq_digest;
/* Keeps the algorithm of the passwords' HMACs; NULL before init, or without it. */
static struct xa_digest *sysrq_hmac;
static char sysrq_hmac_name[sizeof("hmac()") + 16];

static char hash[16] = "sha256";
module_param_string(hash, hash, sizeof(hash), 0400);
MODULE_PARM_DESC(hash, "digest algorithm of requests");
static bool plain_digest = true;
module_param(plain_digest, bool, 0600);
MODULE_PARM_DESC(plain_digest, "accept requests with a digest of the password (Y), or only those with an HMAC");
static int debug;
module_param(debug, int, 0600);
MODULE_PARM_DESC(debug, "log why requests are dropped");

static void sysrq_password_free_now(struct sysrq_password *password)
{
	if (!password)
		return;
	/* when parameters are freed, xa_digest may be gone, and so is this */
	if (password->hmac)
		xa_digest_destroy(password->hmac);
	kfree_sensitive(password);
}

static void sysrq_password_replace(struct sysrq_password *password)
{
	struct sysrq_password *old;

	/* the caller has the parameters' lock, or is the last user */
	old = rcu_replace_pointer(sysrq_password, password, true);
	if (!old)
		return;
	synchronize_rcu();
	sysrq_password_free_now(old);
}

static struct sysrq_password *sysrq_password_alloc(const char *text, size_t size)
{
	struct sysrq_password *password = kzalloc(sizeof(*password), GFP_KERNEL);
	struct xa_digest *hmac;

	if (!password)
		return ERR_PTR(-ENOMEM);
	password->size = size;
	memcpy(password->text, text, size);
	if (!sysrq_hmac)
		return password;
	hmac = xa_digest_create(sysrq_hmac_name, password->text, size);
	if (PTR_ERR(hmac) == -ENOMEM) {
		sysrq_password_free_now(password);
		return ERR_CAST(hmac);
	}
	if (IS_ERR(hmac))
		pr_warn("%s does not take the password (in FIPS mode it needs 14 bytes): requests of form %s are dropped\n",
			sysrq_hmac_name, SYSRQ_HMAC_FORM);
	else
		password->hmac = hmac;
	return password;
}

/* One line, with or without its end. An empty one: no password any more. */
static int sysrq_password_set(const char *val, const struct kernel_param *kp)
{
	struct sysrq_password *password = NULL;
	size_t size = strcspn(val, "\n");

	if (size > SYSRQ_PASSWORD_MAX || (val[size] && val[size + 1]))
		return -EINVAL;
	if (size > 0) {
		password = sysrq_password_alloc(val, size);
		if (IS_ERR(password))
			return PTR_ERR(password);
	}
	sysrq_password_replace(password);
	WRITE_ONCE(sysrq_told, false);
	return 0;
}

static int sysrq_password_get(char *buffer, const struct kernel_param *kp)
{
	const struct sysrq_password *password;

	password = rcu_dereference_protected(sysrq_password, true);
	return sprintf(buffer, "%.*s\n", password ? (int)password->size : 0,
		       password ? password->text : "");
}

static void sysrq_password_free(void *arg)
{
	sysrq_password_replace(NULL);
}

static const struct kernel_param_ops sysrq_password_ops = {
	.set  = sysrq_password_set,
	.get  = sysrq_password_get,
	.free = sysrq_password_free,
};

module_param_cb(password, &sysrq_password_ops, NULL, 0600);
__MODULE_PARM_TYPE(password, "string");
MODULE_PARM_DESC(password, "what senders have to know; none: all requests are dropped");

static int sysrq_slack = 60;

static int sysrq_slack_set(const char *val, const struct kernel_param *kp)
{
	int slack, ret = kstrtoint(val, 10, &slack);

	if (ret < 0)
		return ret;
	if (slack < SYSRQ_SLACK_NONE || slack > SYSRQ_SLACK_MAX)
		return -EINVAL;
	WRITE_ONCE(sysrq_slack, slack);
	return 0;
}

static const struct kernel_param_ops sysrq_slack_ops = {
	.set = sysrq_slack_set,
	.get = param_get_int,
};

module_param_cb(slack, &sysrq_slack_ops, &sysrq_slack, 0600);
__MODULE_PARM_TYPE(slack, "int");
MODULE_PARM_DESC(slack, "seconds that SEQ may be ahead of the clock (60, up to 604800); -1: the clock does not matter");

static void sysrq_clock_read(struct sysrq_clock *clock)
{
	clock->now = ktime_get_real_seconds();
	clock->age = ktime_get_boottime_seconds() - sysrq_loaded;
	clock->slack = READ_ONCE(sysrq_slack);
}

/* The number that a request must exceed */
static s64 sysrq_seqno_last(const struct sysrq_clock *clock)
{
	s64 last = atomic64_read(&sysrq_seqno);

	if (READ_ONCE(sysrq_seqno_given))
		return last;
	return max(last, sysrq_clock_floor(clock));
}

static int sysrq_seqno_set(const char *val, const struct kernel_param *kp)
{
	s64 seqno;
	int ret = kstrtos64(val, 10, &seqno);

	if (ret < 0)
		return ret;
	if (seqno < 0)
		return -EINVAL;
	atomic64_set(&sysrq_seqno, seqno);
	WRITE_ONCE(sysrq_seqno_given, true);
	return 0;
}

static int sysrq_seqno_get(char *buffer, const struct kernel_param *kp)
{
	struct sysrq_clock clock;

	sysrq_clock_read(&clock);
	return sprintf(buffer, "%lld\n", sysrq_seqno_last(&clock));
}

static const struct kernel_param_ops sysrq_seqno_ops = {
	.set = sysrq_seqno_set,
	.get = sysrq_seqno_get,
};

module_param_cb(seqno, &sysrq_seqno_ops, NULL, 0600);
__MODULE_PARM_TYPE(seqno, "long");
MODULE_PARM_DESC(seqno, "sequence number last accepted; not given: the time of loading and slack");

/* Why a request is dropped; never with a digest or the password. */
#define sysrq_explain(net, fmt, ...) do {				\
	if (READ_ONCE(debug))						\
		xa_net_info(net, fmt, ##__VA_ARGS__);			\
} while (0)

/* Called under RCU, as all hooks are. */
static bool sysrq_is_authentic(const struct sysrq_request *req, const char *addr,
			       const struct sysrq_password *password)
{
	const struct xa_digest_part parts[] = {
		{ req->keys, req->signed_size },
		{ addr, strlen(addr) },
		{ ",", 1 },
		{ password->text, password->size },
	};
	const struct xa_digest_part hmac_parts[] = {
		{ SYSRQ_HMAC_FORM ",", sizeof(SYSRQ_HMAC_FORM ",") - 1 },
		parts[0], parts[1],
	};
	unsigned int size = xa_digest_size(sysrq_digest);
	u8 digest[XA_DIGEST_MAX];
	bool equal;
	int ret;

	ret = req->hmac ?
	      xa_digest_compute(password->hmac, hmac_parts,
				ARRAY_SIZE(hmac_parts), digest) :
	      xa_digest_compute(sysrq_digest, parts, ARRAY_SIZE(parts), digest);
	equal = ret == 0 &&
		xa_digest_hex_equal(digest, size, req->hex, 2 * size);
	memzero_explicit(digest, sizeof(digest));
	return equal;
}

/* The machine's own doing, so it is logged whatever namespace it came by. */
static void sysrq_press(const struct sysrq_request *req)
{
	unsigned int i;

	for (i = 0; i < req->key_count; ++i) {
		pr_info("SysRq %c\n", req->keys[i]);
		handle_sysrq(req->keys[i]);
	}
}

static const struct sysrq_password *sysrq_password_or_told(const struct net *net)
{
	const struct sysrq_password *password = rcu_dereference(sysrq_password);

	if (!password && xa_net_may_log(net) && !xchg(&sysrq_told, true))
		pr_info("no password is set: requests are dropped\n");
	return password;
}

/* NULL, or why a request is not looked at, of a form that is not accepted */
static const char *sysrq_bad_form(const struct sysrq_request *req,
				  const struct sysrq_password *password)
{
	if (req->hmac)
		return password->hmac ? NULL : "there is no HMAC of that hash and password";
	return READ_ONCE(plain_digest) ? NULL : "plain_digest=N: an HMAC is needed";
}

static bool sysrq_seqno_ok(const struct net *net, const struct sysrq_datagram *dg,
			   s64 seqno)
{
	struct sysrq_clock clock;
	s64 last;

	sysrq_clock_read(&clock);
	last = sysrq_seqno_last(&clock);
	if (seqno <= last) {
		sysrq_explain(net, "to %s: SEQ %lld is not above that of parameter seqno, %lld\n",
			      dg->addr, seqno, last);
		return false;
	}
	if (sysrq_clock_too_far(&clock, seqno)) {
		sysrq_explain(net, "to %s: SEQ %lld is more than %lld seconds ahead of the clock\n",
			      dg->addr, seqno, clock.slack);
		return false;
	}
	return true;
}

static unsigned int sysrq_tg(const struct sk_buff *skb, const struct net *net,
			     const struct sysrq_datagram *dg)
{
	unsigned int size = min_t(unsigned int, dg->size, SYSRQ_REQUEST_MAX);
	const struct sysrq_password *password = sysrq_password_or_told(net);
	struct sysrq_request req;
	u8 text[SYSRQ_REQUEST_MAX];
	const char *why;

	/* copied: a page may still be written to by the sender */
	if (!password || skb_copy_bits(skb, dg->pos, text, size) < 0)
		return NF_DROP;
	why = sysrq_request_parse(text, size, 2 * xa_digest_size(sysrq_digest),
				  &req);
	if (!why)
		why = sysrq_bad_form(&req, password);
	if (why) {
		sysrq_explain(net, "to %s: %s\n", dg->addr, why);
		return NF_DROP;
	}
	if (!sysrq_seqno_ok(net, dg, req.seqno))
		return NF_DROP;
	if (!sysrq_is_authentic(&req, dg->addr, password)) {
		sysrq_explain(net, "to %s: the digest is not %s of \"%s%*pE%s%s\"\n",
			      dg->addr, req.hmac ? sysrq_hmac_name : hash,
			      req.hmac ? SYSRQ_HMAC_FORM "," : "",
			      (int)req.signed_size, text, dg->addr,
			      req.hmac ? "" : ",PASSWORD");
		return NF_DROP;
	}
	if (!sysrq_claim(&sysrq_seqno, req.seqno)) {
		sysrq_explain(net, "to %s: SEQ %llu was used by another request\n",
			      dg->addr, req.seqno);
		return NF_DROP;
	}
	sysrq_press(&req);
	return NF_ACCEPT;
}

/* Find the payload; false if the lengths do not fit, or there is none to find. */
static bool sysrq_find(const struct sk_buff *skb, unsigned int thoff, int proto,
		       struct sysrq_datagram *dg)
{
	const struct udphdr *uh;
	struct udphdr buf;
	unsigned int left, len;

	if (proto != IPPROTO_UDP && proto != IPPROTO_UDPLITE)
		return false;
	uh = skb_header_pointer(skb, thoff, sizeof(buf), &buf);
	if (!uh)
		return false;
	left = skb->len - thoff;
	len = ntohs(uh->len);
	/* UDP-Lite: what the checksum covers; 0 is all (RFC 3828) */
	if (proto == IPPROTO_UDPLITE && len == 0)
		len = left;
	if (len < sizeof(*uh) || len > left)
		return false;
	dg->pos = thoff + sizeof(*uh);
	dg->size = (proto == IPPROTO_UDPLITE ? left : len) - sizeof(*uh);
	return true;
}

static unsigned int sysrq_tg4(struct sk_buff *skb, const struct xt_action_param *par)
{
	const struct iphdr *iph = ip_hdr(skb);
	struct sysrq_datagram dg;

	if (ip_is_fragment(iph) ||
	    !sysrq_find(skb, skb_network_offset(skb) + iph->ihl * 4,
			iph->protocol, &dg))
		return NF_DROP;
	snprintf(dg.addr, sizeof(dg.addr), "%pI4", &iph->daddr);
	return sysrq_tg(skb, xt_net(par), &dg);
}

static unsigned int sysrq_tg6(struct sk_buff *skb, const struct xt_action_param *par)
{
	struct sysrq_datagram dg;
	unsigned int thoff = 0;
	unsigned short fragoff;
	int proto, flags = 0;

	proto = ipv6_find_hdr(skb, &thoff, -1, &fragoff, &flags);
	if (flags & IP6_FH_F_FRAG || !sysrq_find(skb, thoff, proto, &dg))
		return NF_DROP;
	snprintf(dg.addr, sizeof(dg.addr), "%pI6", &ipv6_hdr(skb)->daddr);
	return sysrq_tg(skb, xt_net(par), &dg);
}

/*
 * SysRq is the machine's. Who has a network namespace may have all rights
 * there, and could guess passwords at the speed of loopback.
 */
static int sysrq_tg_check(const struct net *net, unsigned int proto, bool invert)
{
	if (!net_eq(net, &init_net) && !capable(CAP_SYS_ADMIN)) {
		xa_net_info(net, "outside of the initial network namespace this needs CAP_SYS_ADMIN in the initial user namespace\n");
		return -EPERM;
	}
	if ((proto != IPPROTO_UDP && proto != IPPROTO_UDPLITE) || invert) {
		xa_net_info(net, "needs -p udp or -p udplite, not inverted\n");
		return -EINVAL;
	}
	return 0;
}

static int sysrq_tg4_check(const struct xt_tgchk_param *par)
{
	const struct ipt_entry *e = par->entryinfo;

	return sysrq_tg_check(par->net, e->ip.proto, e->ip.invflags & XT_INV_PROTO);
}

static int sysrq_tg6_check(const struct xt_tgchk_param *par)
{
	const struct ip6t_entry *e = par->entryinfo;

	return sysrq_tg_check(par->net,
			      e->ipv6.flags & IP6T_F_PROTO ? e->ipv6.proto : 0,
			      e->ipv6.invflags & XT_INV_PROTO);
}

static struct xt_target sysrq_tg_reg[] __read_mostly = {
	{
		.name       = "SYSRQ",
		.revision   = 1,
		.family     = NFPROTO_IPV4,
		.hooks      = XA_HOOKS_ANY,
		.checkentry = sysrq_tg4_check,
		.target     = sysrq_tg4,
		.targetsize = XT_SYSRQ_TGINFO_SIZE,
		.me         = THIS_MODULE,
	},
	{
		.name       = "SYSRQ",
		.revision   = 1,
		.family     = NFPROTO_IPV6,
		.hooks      = XA_HOOKS_ANY,
		.checkentry = sysrq_tg6_check,
		.target     = sysrq_tg6,
		.targetsize = XT_SYSRQ_TGINFO_SIZE,
		.me         = THIS_MODULE,
	},
};

static int __init sysrq_digest_init(void)
{
	struct xa_digest *loaded = xa_digest_load(hash);

	sysrq_digest = xa_digest_create(hash, NULL, 0);
	xa_digest_destroy(loaded);
	if (IS_ERR(sysrq_digest)) {
		pr_err("hash=%s: no digest that this kernel has, and that takes no key\n",
		       hash);
		return PTR_ERR(sysrq_digest);
	}
	if (xa_digest_size(sysrq_digest) >= SYSRQ_DIGEST_MIN)
		return 0;
	pr_err("hash=%s: %u bits are a checksum, a digest has %u or more\n",
	       hash, xa_digest_size(sysrq_digest) * 8, SYSRQ_DIGEST_MIN * 8);
	xa_digest_destroy(sysrq_digest);
	return -EINVAL;
}

/* A password that is written from now on gets no HMAC any more. */
static void sysrq_digest_exit(void)
{
	kernel_param_lock(THIS_MODULE);
	xa_digest_destroy(sysrq_hmac);
	sysrq_hmac = NULL;
	sysrq_password_replace(NULL);
	kernel_param_unlock(THIS_MODULE);
	xa_digest_destroy(sysrq_digest);
}

/*
 * Without an HMAC of that hash there are requests with a digest only. A password
 * given to the module was set before there was an algorithm.
 */
static int __init sysrq_hmac_init(void)
{
	struct sysrq_password *password;
	struct xa_digest *loaded;
	int ret = 0;

	snprintf(sysrq_hmac_name, sizeof(sysrq_hmac_name), "hmac(%s)", hash);
	loaded = xa_digest_load(sysrq_hmac_name);
	if (IS_ERR(loaded)) {
		pr_warn("this kernel has no %s: requests of form %s are dropped\n",
			sysrq_hmac_name, SYSRQ_HMAC_FORM);
		return 0;
	}
	kernel_param_lock(THIS_MODULE);
	sysrq_hmac = loaded;
	password = rcu_dereference_protected(sysrq_password, true);
	if (password) {
		password = sysrq_password_alloc(password->text, password->size);
		if (IS_ERR(password))
			ret = PTR_ERR(password);
		else
			sysrq_password_replace(password);
	}
	kernel_param_unlock(THIS_MODULE);
	return ret;
}

static int __init sysrq_tg_init(void)
{
	int ret = sysrq_digest_init();

	if (ret < 0)
		return ret;
	ret = sysrq_hmac_init();
	if (ret < 0)
		goto destroy;
	sysrq_loaded = ktime_get_boottime_seconds();
	ret = xt_register_targets(sysrq_tg_reg, ARRAY_SIZE(sysrq_tg_reg));
	if (ret < 0)
		goto destroy;
	return 0;

destroy:
	sysrq_digest_exit();
	return ret;
}

static void __exit sysrq_tg_exit(void)
{
	xt_unregister_targets(sysrq_tg_reg, ARRAY_SIZE(sysrq_tg_reg));
	sysrq_digest_exit();
}

module_init(sysrq_tg_init);
module_exit(sysrq_tg_exit);

MODULE_AUTHOR("The xtables-anew project");
MODULE_DESCRIPTION("Xtables: press magic SysRq keys by a datagram");
MODULE_LICENSE("GPL");
MODULE_VERSION(XA_VERSION);
MODULE_ALIAS("ipt_SYSRQ");
MODULE_ALIAS("ip6t_SYSRQ");
