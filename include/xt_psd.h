/* SPDX-License-Identifier: GPL-2.0-only WITH Linux-syscall-note */
#ifndef _XT_PSD_H
#define _XT_PSD_H

#include <linux/types.h>

/* Largest threshold, delay and weight. */
#define XT_PSD_MAX		10000

/* Destination ports up to this one are low. */
#define XT_PSD_LOW_PORT		1024

/**
 * struct xt_psd_mtinfo - rule data of the psd match, revision 2
 * @weight_threshold: sum of weights from which on a host scans, 1 to XT_PSD_MAX
 * @delay_threshold:  1/100 s between one new port and the next, up to XT_PSD_MAX
 * @lo_ports_weight:  of a port up to XT_PSD_LOW_PORT, up to XT_PSD_MAX
 * @hi_ports_weight:  of the others, likewise; not both are 0
 * @srcmask: leading bits of the source address that make a host, 1 to 32 or 128
 * @dstmask: leading bits of the destination address, up to 32 or 128, by which the
 *           ports of a host are added up apart; 0: those of all destinations together
 * @pad:     0
 */
struct xt_psd_mtinfo {
	__u32 weight_threshold;
	__u32 delay_threshold;
	__u16 lo_ports_weight;
	__u16 hi_ports_weight;
	__u8 srcmask;
	__u8 dstmask;
	__u8 pad[2];

	/* private: the kernel's; .usersize and .userspacesize end here */
	struct psd_table *table __attribute__((aligned(8)));
};

#endif /* _XT_PSD_H */
