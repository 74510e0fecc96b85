/* SPDX-License-Identifier: GPL-2.0-only WITH Linux-syscall-note */
#ifndef _XT_PKNOCK_H
#define _XT_PKNOCK_H

#include <linux/types.h>

/* Bytes of a name and of a secret with their terminators. */
#define XT_PKNOCK_NAME_LEN	32
#define XT_PKNOCK_SECRET_LEN	32

#define XT_PKNOCK_PORTS_MAX	15
#define XT_PKNOCK_KEYS_MAX	16

enum {
	XT_PKNOCK_KNOCKPORTS	= 1 << 0,
	XT_PKNOCK_TIME		= 1 << 1,
	XT_PKNOCK_AUTOCLOSE	= 1 << 2,
	XT_PKNOCK_STRICT	= 1 << 3,
	XT_PKNOCK_CHECKIP	= 1 << 4,
	/* both or none: knocks are authenticated datagrams (SPA) */
	XT_PKNOCK_OPENSECRET	= 1 << 5,
	XT_PKNOCK_CLOSESECRET	= 1 << 6,

	/* revision 3: knocks that do not name the client's address, too */
	XT_PKNOCK_NAT		= 1 << 7,

	XT_PKNOCK_SECRETS	= XT_PKNOCK_OPENSECRET | XT_PKNOCK_CLOSESECRET,
	XT_PKNOCK_ALL		= (1 << 7) - 1,
	XT_PKNOCK_ALL3		= XT_PKNOCK_ALL | XT_PKNOCK_NAT,
};

struct pknock_rule;

/**
 * struct xt_pknock_mtinfo - rule data of the pknock match, revision 2
 * @name:         whose hosts; terminated, zero behind the terminator
 * @open_secret:  key of the datagram that opens, likewise; empty without one
 * @close_secret: key of the datagram that closes, likewise
 * @ports:        ports to be knocked at, in this order; zero behind them
 * @ports_count:  how many; 1 with secrets, 0 with %XT_PKNOCK_CHECKIP
 * @flags:        of %XT_PKNOCK_ALL
 * @time:         seconds between two knocks at most, or 0
 * @autoclose:    minutes until an open host is forgotten, 0: never
 */
struct xt_pknock_mtinfo {
	char name[XT_PKNOCK_NAME_LEN];
	char open_secret[XT_PKNOCK_SECRET_LEN];
	char close_secret[XT_PKNOCK_SECRET_LEN];
	__u16 ports[XT_PKNOCK_PORTS_MAX];
	__u8 ports_count;
	__u8 flags;
	__u32 time;
	__u32 autoclose;

	/* private: the kernel's; .usersize and .userspacesize end here */
	struct pknock_rule *rule __attribute__((aligned(8)));
};

/**
 * struct xt_pknock_key - a key of revision 3
 * @secret: terminated, zero behind the terminator
 * @id:     1 to 255, another one for each key of a rule
 * @pad:    zero
 */
struct xt_pknock_key {
	char secret[XT_PKNOCK_SECRET_LEN];
	__u8 id;
	__u8 pad[3];
};

/**
 * struct xt_pknock_mtinfo3 - rule data of the pknock match, revision 3
 *
 * Begins with what revision 2 has, but for its private part.
 *
 * @name:         whose hosts; terminated, zero behind the terminator
 * @open_secret:  key of the datagram that opens, likewise; empty without one
 * @close_secret: key of the datagram that closes, likewise
 * @ports:        ports to be knocked at, in this order; zero behind them
 * @ports_count:  how many; 1 with secrets or keys, 0 with %XT_PKNOCK_CHECKIP
 * @flags:        of %XT_PKNOCK_ALL3
 * @time:         seconds between two knocks at most, or 0
 * @autoclose:    minutes until an open host is forgotten, 0: never
 * @key_count:    how many keys
 * @keys:         keys of authenticated knocks of the second form; zero behind them
 */
struct xt_pknock_mtinfo3 {
	char name[XT_PKNOCK_NAME_LEN];
	char open_secret[XT_PKNOCK_SECRET_LEN];
	char close_secret[XT_PKNOCK_SECRET_LEN];
	__u16 ports[XT_PKNOCK_PORTS_MAX];
	__u8 ports_count;
	__u8 flags;
	__u32 time;
	__u32 autoclose;
	__u32 key_count;
	struct xt_pknock_key keys[XT_PKNOCK_KEYS_MAX];

	/* private: the kernel's; .usersize and .userspacesize end here */
	struct pknock_rule *rule __attribute__((aligned(8)));
};

/**
 * struct xt_pknock_msg - what the connector carries when a host is let in
 * @rule_name: name of the rule, terminated
 * @peer_ip:   IPv4 address, or the first word of an IPv6 address
 * @peer_ip6:  the other words; a message about an IPv4 host ends before them
 */
struct xt_pknock_msg {
	char rule_name[XT_PKNOCK_NAME_LEN];
	__be32 peer_ip;
	__be32 peer_ip6[3];
};

#endif /* _XT_PKNOCK_H */
