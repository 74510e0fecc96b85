// SPDX-License-Identifier: GPL-2.0-only
/*
 * xt_LOGMARK - log the marks of a packet and of its connection
 *
 * One record in the kernel log for a packet, and at most LOGMARK_BURST of them
 * a second for a rule; what is over is counted, and the number logged when the
 * flood is over. Namespaces other than the initial one log where
 * net.netfilter.nf_log_all_netns allows it. A connection is told by the same
 * id as conntrack(8) shows, not by its address in the kernel.
 *
 * A rule owns its rate limit, which has its own lock. Rules keep connection
 * tracking on in their namespace.
 */
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/ctype.h>
#include <linux/jiffies.h>
#include <linux/module.h>
#include <linux/ratelimit.h>
#include <linux/skbuff.h>
#include <linux/slab.h>
#include <linux/netfilter/x_tables.h>
#include <net/netfilter/nf_conntrack.h>

#include "xa_hooks.h"
#include "xa_log.h"
#include "xa_version.h"
#include "xt_LOGMARK.h"

#define LOGMARK_BURST	256	/* records a second */
#define LOGMARK_LINE	320	/* bytes; the longest line has less than 300 */

struct logmark_rule {
	struct ratelimit_state limit;
};

/* A line in the making; what does not fit is cut, which no line needs. */
struct logmark_line {
	unsigned int len;
	char text[LOGMARK_LINE];
};

static __printf(2, 3) void logmark_add(struct logmark_line *line,
				       const char *fmt, ...)
{
	va_list args;

	va_start(args, fmt);
	line->len += vscnprintf(line->text + line->len,
				sizeof(line->text) - line->len, fmt, args);
	va_end(args);
}

/* One record; the text begins with its level, which the rule says. */
static __printf(1, 2) void logmark_emit(const char *fmt, ...)
{
	va_list args;

	va_start(args, fmt);
	vprintk(fmt, args);
	va_end(args);
}

static const char *logmark_hook(unsigned int hooknum)
{
	static const char *const names[NF_INET_NUMHOOKS] = {
		[NF_INET_PRE_ROUTING]  = "PREROUTING",
		[NF_INET_LOCAL_IN]     = "INPUT",
		[NF_INET_FORWARD]      = "FORWARD",
		[NF_INET_LOCAL_OUT]    = "OUTPUT",
		[NF_INET_POST_ROUTING] = "POSTROUTING",
	};

	return hooknum < ARRAY_SIZE(names) && names[hooknum] ?
	       names[hooknum] : "UNKNOWN";
}

static void logmark_packet(struct logmark_line *line, const struct sk_buff *skb,
			   const struct xt_action_param *par, bool reply)
{
	u32 secmark = 0;

#ifdef CONFIG_NETWORK_SECMARK
	secmark = skb->secmark;
#endif
	logmark_add(line, "iif=%d hook=%s nfmark=0x%x secmark=0x%x classify=0x%x ctdir=%s",
		    skb->skb_iif, logmark_hook(xt_hooknum(par)), skb->mark,
		    secmark, skb->priority, reply ? "REPLY" : "ORIGINAL");
}

static const char *logmark_state(enum ip_conntrack_info ctinfo)
{
	switch (ctinfo) {
	case IP_CT_NEW:
		return "NEW";
	case IP_CT_ESTABLISHED:
	case IP_CT_ESTABLISHED_REPLY:
		return "ESTABLISHED";
	case IP_CT_RELATED:
	case IP_CT_RELATED_REPLY:
		return "RELATED";
	default:
		return "NONE";
	}
}

static void logmark_status(struct logmark_line *line, unsigned long status)
{
	static const struct {
		unsigned long bit;
		const char *name;
	} known[] = {
		{ IPS_EXPECTED,   "EXPECTED" },
		{ IPS_SEEN_REPLY, "SEEN_REPLY" },
		{ IPS_ASSURED,    "ASSURED" },
		{ IPS_CONFIRMED,  "CONFIRMED" },
	};
	const char *sep = "";
	unsigned int i;

	logmark_add(line, " ctstatus=");
	for (i = 0; i < ARRAY_SIZE(known); ++i) {
		if (!(status & known[i].bit))
			continue;
		logmark_add(line, "%s%s", sep, known[i].name);
		sep = ",";
	}
	if (*sep == '\0')
		logmark_add(line, "NONE");
}

/* Seconds; a connection not yet in the table has its timeout as a duration. */
static unsigned long logmark_lifetime(const struct nf_conn *ct)
{
	if (nf_ct_is_confirmed(ct))
		return nf_ct_expires(ct) / HZ;
	return READ_ONCE(ct->timeout) / HZ;
}

static void logmark_conn(struct logmark_line *line, const struct nf_conn *ct,
			 enum ip_conntrack_info ctinfo)
{
	u32 mark = 0;

#ifdef CONFIG_NF_CONNTRACK_MARK
	mark = READ_ONCE(ct->mark);
#endif
	logmark_add(line, " ct=0x%x ctmark=0x%x ctstate=%s%s%s",
		    ntohl((__force __be32)nf_ct_get_id(ct)), mark,
		    logmark_state(ctinfo),
		    ct->status & IPS_SRC_NAT ? ",SNAT" : "",
		    ct->status & IPS_DST_NAT ? ",DNAT" : "");
	logmark_status(line, ct->status);
	logmark_add(line, " lifetime=%lus", logmark_lifetime(ct));
}

static unsigned int logmark_tg(struct sk_buff *skb,
			       const struct xt_action_param *par)
{
	const struct xt_logmark_tginfo *info = par->targinfo;
	struct logmark_line line;
	enum ip_conntrack_info ctinfo;
	const struct nf_conn *ct;

	if (!xa_net_may_log(xt_net(par)) || !__ratelimit(&info->rule->limit))
		return XT_CONTINUE;
	ct = nf_ct_get(skb, &ctinfo);
	/* what the target CT leaves in the table raw, for conntrack, is no connection */
	if (ct && nf_ct_is_template(ct))
		ct = NULL;
	line.len = 0;
	logmark_packet(&line, skb, par, ct && CTINFO2DIR(ctinfo) == IP_CT_DIR_REPLY);
	if (ct)
		logmark_conn(&line, ct, ctinfo);
	else
		logmark_add(&line, " ct=NULL ctmark=NULL ctstate=%s ctstatus=NONE",
			    ctinfo == IP_CT_UNTRACKED ? "UNTRACKED" : "INVALID");
	logmark_emit(KERN_SOH "%c%s%s\n", '0' + info->level, info->prefix,
		     line.text);
	return XT_CONTINUE;
}

static int logmark_check_info(const struct xt_logmark_tginfo *info)
{
	size_t len = strnlen(info->prefix, sizeof(info->prefix)), i;

	if (info->level > XT_LOGMARK_LEVEL_MAX || info->pad)
		return -EINVAL;
	if (len == sizeof(info->prefix) ||
	    memchr_inv(info->prefix + len, 0, sizeof(info->prefix) - len))
		return -EINVAL;
	for (i = 0; i < len; ++i)
		if (iscntrl(info->prefix[i]))
			return -EINVAL;
	return 0;
}

static int logmark_tg_check(const struct xt_tgchk_param *par)
{
	struct xt_logmark_tginfo *info = par->targinfo;
	int ret = logmark_check_info(info);

	if (ret < 0) {
		xa_net_info(par->net, "level %u is over %u, or the prefix has control characters or no end\n",
			    info->level, XT_LOGMARK_LEVEL_MAX);
		return ret;
	}
	info->rule = kzalloc(sizeof(*info->rule), GFP_KERNEL_ACCOUNT);
	if (!info->rule)
		return -ENOMEM;
	ratelimit_state_init(&info->rule->limit, HZ, LOGMARK_BURST);
	ret = nf_ct_netns_get(par->net, par->family);
	if (ret < 0)
		kfree(info->rule);
	return ret;
}

static void logmark_tg_destroy(const struct xt_tgdtor_param *par)
{
	const struct xt_logmark_tginfo *info = par->targinfo;

	nf_ct_netns_put(par->net, par->family);
	ratelimit_state_exit(&info->rule->limit);
	kfree(info->rule);
}

static struct xt_target logmark_tg_reg[] __read_mostly = {
	{
		.name       = "LOGMARK",
		.revision   = 1,
		.family     = NFPROTO_IPV4,
		.hooks      = XA_HOOKS_ANY,
		.checkentry = logmark_tg_check,
		.target     = logmark_tg,
		.destroy    = logmark_tg_destroy,
		.targetsize = sizeof(struct xt_logmark_tginfo),
		.usersize   = offsetof(struct xt_logmark_tginfo, rule),
		.me         = THIS_MODULE,
	},
	{
		.name       = "LOGMARK",
		.revision   = 1,
		.family     = NFPROTO_IPV6,
		.hooks      = XA_HOOKS_ANY,
		.checkentry = logmark_tg_check,
		.target     = logmark_tg,
		.destroy    = logmark_tg_destroy,
		.targetsize = sizeof(struct xt_logmark_tginfo),
		.usersize   = offsetof(struct xt_logmark_tginfo, rule),
		.me         = THIS_MODULE,
	},
};

static int __init logmark_tg_init(void)
{
	return xt_register_targets(logmark_tg_reg, ARRAY_SIZE(logmark_tg_reg));
}

static void __exit logmark_tg_exit(void)
{
	xt_unregister_targets(logmark_tg_reg, ARRAY_SIZE(logmark_tg_reg));
}

module_init(logmark_tg_init);
module_exit(logmark_tg_exit);

MODULE_AUTHOR("The xtables-anew project");
MODULE_DESCRIPTION("Xtables: log the marks of packet and connection");
MODULE_LICENSE("GPL");
MODULE_VERSION(XA_VERSION);
MODULE_ALIAS("ipt_LOGMARK");
MODULE_ALIAS("ip6t_LOGMARK");
