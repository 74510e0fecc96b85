// SPDX-License-Identifier: GPL-2.0-only
/* xt_pknock - what a rule may say */
#include <linux/in.h>
#include <linux/string.h>

#include "xt_pknock_priv.h"

/* Like a name, but a slash is welcome. */
static bool pknock_secret_ok(const char *secret, bool wanted)
{
	static const struct xa_named_type any = {};

	if (!wanted)
		return !memchr_inv(secret, 0, XT_PKNOCK_SECRET_LEN);
	return xa_named_check(&any, secret, XT_PKNOCK_SECRET_LEN) == 0;
}

static const char *pknock_bad_ports(const struct xt_pknock_mtinfo3 *info)
{
	unsigned int i;
	bool used;

	if (info->ports_count > XT_PKNOCK_PORTS_MAX)
		return "more than 15 ports";
	if (!info->ports_count != !(info->flags & XT_PKNOCK_KNOCKPORTS))
		return "ports and their flag do not agree";
	for (i = 0; i < XT_PKNOCK_PORTS_MAX; ++i) {
		used = i < info->ports_count;
		if (used != !!info->ports[i])
			return "a port is 0, or behind the last";
	}
	return NULL;
}

static const char *pknock_bad_secrets(const struct xt_pknock_mtinfo3 *info,
				      u16 proto)
{
	u8 secrets = info->flags & XT_PKNOCK_SECRETS;

	if (!pknock_secret_ok(info->open_secret, secrets) ||
	    !pknock_secret_ok(info->close_secret, secrets))
		return "a secret has 1 to 31 bytes without control characters";
	if (!secrets)
		return NULL;
	if (secrets != XT_PKNOCK_SECRETS)
		return "opensecret and closesecret belong together";
	if (strcmp(info->open_secret, info->close_secret) == 0)
		return "opensecret and closesecret are the same";
	if (info->ports_count != 1 || proto != IPPROTO_UDP)
		return "secrets are for one port of -p udp";
	return NULL;
}

static bool pknock_key_ok(const struct xt_pknock_key *key, bool wanted)
{
	return pknock_secret_ok(key->secret, wanted) && !key->id == !wanted &&
	       !memchr_inv(key->pad, 0, sizeof(key->pad));
}

static const char *pknock_bad_keys(const struct xt_pknock_mtinfo3 *info,
				   u16 proto)
{
	unsigned int i, k;

	if (info->key_count > XT_PKNOCK_KEYS_MAX)
		return "more than 16 keys";
	for (i = 0; i < XT_PKNOCK_KEYS_MAX; ++i) {
		if (!pknock_key_ok(&info->keys[i], i < info->key_count))
			return "a key has an id from 1 to 255, and what a secret has";
		for (k = 0; k < i; ++k)
			if (i < info->key_count &&
			    info->keys[k].id == info->keys[i].id)
				return "two keys have one id";
	}
	if (info->key_count && (info->ports_count != 1 || proto != IPPROTO_UDP))
		return "keys are for one port of -p udp";
	if (info->flags & XT_PKNOCK_NAT && !info->key_count &&
	    !(info->flags & XT_PKNOCK_SECRETS))
		return "nat goes with keys or secrets";
	return NULL;
}

/*
 * What is wrong with the data of a rule for @proto (0: none, or all but one), or
 * NULL. Context: any.
 */
const char *pknock_wrong(const struct xt_pknock_mtinfo3 *info, u16 proto)
{
	const char *why;

	if (xa_named_check(&pknock_name_type, info->name,
			   sizeof(info->name)) < 0)
		return "a name is that of a file, of 1 to 31 bytes without control characters";
	if (!(info->flags & XT_PKNOCK_AUTOCLOSE) && info->autoclose)
		return "autoclose without its flag";
	if (!(info->flags & XT_PKNOCK_TIME) != !info->time)
		return "time is at least 1 second";
	why = pknock_bad_ports(info);
	if (!why)
		why = pknock_bad_secrets(info, proto);
	if (!why)
		why = pknock_bad_keys(info, proto);
	if (why)
		return why;
	if (info->flags & XT_PKNOCK_CHECKIP)
		return info->flags != XT_PKNOCK_CHECKIP ?
		       "checkip goes with no other option" : NULL;
	if (!info->ports_count)
		return "knockports or checkip is needed";
	if (proto != IPPROTO_TCP && proto != IPPROTO_UDP)
		return "knockports needs -p tcp or -p udp";
	if (!(info->flags & (XT_PKNOCK_TIME | XT_PKNOCK_SECRETS)) &&
	    !info->key_count)
		return "knockports needs a time";
	return NULL;
}
