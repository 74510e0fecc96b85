/* SPDX-License-Identifier: GPL-2.0-only WITH Linux-syscall-note */
/* xa_labels_rule - what the rules of geoip and asn have in common */
#ifndef _XA_LABELS_RULE_H
#define _XA_LABELS_RULE_H

#include <linux/types.h>

enum {
	XA_LABELS_SRC	= 1 << 0,
	XA_LABELS_DST	= 1 << 1,
	XA_LABELS_INV	= 1 << 2,
	/* with SRC: the source of the packet that opened the connection */
	XA_LABELS_ORIG	= 1 << 3,
	XA_LABELS_ALL	= XA_LABELS_SRC | XA_LABELS_DST | XA_LABELS_INV |
			  XA_LABELS_ORIG,
};

/**
 * struct xa_labels - what the rule data of both begins with; labels follow
 * @flags: bits of %XA_LABELS_ALL; one of SRC and DST; ORIG, which kernels before
 *         0.2.0 refuse, only with SRC
 * @pad:   zero
 * @count: of labels, at least 1
 */
struct xa_labels {
	__u8 flags;
	__u8 pad;
	__u16 count;
};

#endif /* _XA_LABELS_RULE_H */
