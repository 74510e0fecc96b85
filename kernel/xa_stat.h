/* SPDX-License-Identifier: GPL-2.0-only */
/* xa_stat - counters of what extensions did in a network namespace */
#ifndef _XA_STAT_H
#define _XA_STAT_H

struct net;

/*
 * Those of an extension follow each other; xa_stat.c has their names. The modes of
 * xa_reply are in its order, with the same counters for each.
 */
enum xa_stat {
	XA_STAT_TARPIT_ANSWERS,
	XA_STAT_TARPIT_SYNS,
	XA_STAT_TARPIT_DATA,
	XA_STAT_TARPIT_BYTES,
	XA_STAT_TARPIT_RESETS,
	XA_STAT_HONEYPOT_ANSWERS,
	XA_STAT_HONEYPOT_SYNS,
	XA_STAT_HONEYPOT_DATA,
	XA_STAT_HONEYPOT_BYTES,
	XA_STAT_HONEYPOT_RESETS,
	XA_STAT_RESET_ANSWERS,
	XA_STAT_RESET_SYNS,
	XA_STAT_RESET_DATA,
	XA_STAT_RESET_BYTES,
	XA_STAT_RESET_RESETS,
	XA_STAT_DELUDE_ANSWERS,
	XA_STAT_DELUDE_SYNS,
	XA_STAT_DELUDE_DATA,
	XA_STAT_DELUDE_BYTES,
	XA_STAT_DELUDE_RESETS,
	XA_STAT_CHAOS_ICMP,
	XA_STAT_CHAOS_TCP,
	XA_STAT_CHAOS_NOTHING,
	XA_STAT_ECHO_ANSWERS,
	XA_STAT_ECHO_BYTES,
	XA_STAT_PSD_MATCHES,
	XA_STAT_LSCAN_MIRAI,
	XA_STAT_LSCAN_SCANS,
	XA_STAT_PKNOCK_LET_IN,
	XA_STAT_PKNOCK_SHUT_OUT,
	XA_STATS,
};

/* Counters of each mode of xa_reply */
#define XA_STAT_PER_MODE	(XA_STAT_HONEYPOT_ANSWERS - XA_STAT_TARPIT_ANSWERS)

void xa_stat_add(struct net *net, enum xa_stat stat, unsigned int n);
void xa_stat_add_row(struct net *net, enum xa_stat first, const unsigned int *add,
		     unsigned int n);

#endif /* _XA_STAT_H */
