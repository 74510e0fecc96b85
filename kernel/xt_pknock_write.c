// SPDX-License-Identifier: GPL-2.0-only
/*
 * xt_pknock_write - hosts that are let in or shut out through the file of a name
 *
 * So doors can be taken over a reboot or to another machine. Who may write is a
 * matter of the file's mode: root of the namespace, who could put in a rule as well.
 */
#include <linux/errno.h>
#include <linux/inet.h>
#include <linux/kernel.h>
#include <linux/string.h>
#include <linux/uaccess.h>
#include <net/ipv6.h>

#include "xt_pknock_priv.h"

/* Sign, address, blank, seconds, newline and the end of the string. */
#define PKNOCK_COMMAND_LEN	(1 + INET6_ADDRSTRLEN + 1 + 10 + 1 + 1)

/* A host's address, all of @text. Return: 0 or -EINVAL. */
static int pknock_parse_src(const char *text, struct pknock_src *src)
{
	const char *end;

	memset(src, 0, sizeof(*src));
	/* a colon ends an address, too */
	if (in4_pton(text, -1, (u8 *)src->ip, -1, &end) && !*end)
		src->family = NFPROTO_IPV4;
	else if (in6_pton(text, -1, (u8 *)src->ip, -1, &end) && !*end)
		src->family = NFPROTO_IPV6;
	else
		return -EINVAL;
	return 0;
}

/* "+ADDRESS", "+ADDRESS SECONDS" or "-ADDRESS". Return: 0 or a negative errno. */
static int pknock_obey(struct pknock_name *n, char *text)
{
	char sign = *text++, *blank = strchr(text, ' ');
	struct pknock_src src;
	u32 seconds = 0;

	if (sign != '+' && (sign != '-' || blank))
		return -EINVAL;
	if (blank) {
		*blank++ = '\0';
		if (*blank < '0' || *blank > '9' || kstrtou32(blank, 10, &seconds) || !seconds)
			return -EINVAL;
	}
	if (pknock_parse_src(text, &src) < 0)
		return -EINVAL;
	if (sign == '+')
		return pknock_let_in(n, &src, seconds);
	return pknock_close(n, &src) ? 0 : -ENOENT;
}

/*
 * One command with each write, with or without a newline. The position does not
 * matter, so a descriptor takes any number of them.
 */
ssize_t pknock_write(struct xa_named *obj, const char __user *ubuf, size_t len,
		     loff_t *ppos)
{
	struct pknock_name *n = container_of(obj, struct pknock_name, named);
	char text[PKNOCK_COMMAND_LEN] = "";
	int ret;

	if (len < 1 || len >= sizeof(text))
		return -EINVAL;
	if (copy_from_user(text, ubuf, len))
		return -EFAULT;
	if (strlen(text) != len)
		return -EINVAL;
	if (text[len - 1] == '\n')
		text[len - 1] = '\0';
	ret = pknock_obey(n, text);
	return ret < 0 ? ret : len;
}
