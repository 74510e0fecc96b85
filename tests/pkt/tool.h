/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef _PKT_TOOL_H
#define _PKT_TOOL_H
/* What the parts of the program pkt share; the library is pkt.h. */
#include <getopt.h>
#include <stdint.h>

#include "pkt.h"

/* How packets get into the kernel. */
enum medium_kind {
	MEDIUM_NONE,
	MEDIUM_DEV,	/* out of a device, frames with an Ethernet header */
	MEDIUM_LOCAL,	/* as a local program's, through the OUTPUT chains */
	MEDIUM_TUN,	/* into a device of our own, through the PREROUTING chains */
};

/**
 * struct send_options - what pkt send and pkt flood were told
 * @kind:     where to
 * @dev:      device
 * @count:    packets, 0 if @seconds ends it
 * @seconds:  end after this time, 0 is never
 * @rate:     packets a second of all threads, 0 is as fast as it goes
 * @threads:  senders
 * @seed:     of random values
 * @gso:      bytes of a segment, for packets that stand for many; 0 is none
 * @partial:  the transport checksum is left to the device
 * @paged:    the bytes behind the Ethernet header are not linear in memory
 * @fragment: bytes of each fragment, 0 is none
 * @reverse:  last fragment first
 */
struct send_options {
	enum medium_kind kind;
	const char *dev;
	uint64_t count, rate, seed;
	double seconds;
	unsigned int threads, gso, fragment;
	int partial, paged, reverse;
};

/* Offsets in a frame: of the network header, of the transport header (0: none). */
struct layout {
	size_t l3, l4;
	int family;
	unsigned int proto;
};

/* One frame on its way; @bytes are behind room for a virtio_net_hdr. */
struct frame {
	uint8_t *bytes;
	size_t len;
};

/* One sender's way into the kernel. */
struct medium {
	const struct send_options *options;
	int fd, fd6;
	int ifindex;
	struct ring *ring;
};

/* medium.c */
int medium_open(struct medium *m, const struct send_options *o);
void medium_close(struct medium *m);
unsigned int medium_send(struct medium *m, const struct frame *frames, unsigned int n);
int layout_of(struct layout *l, const struct send_options *o, const uint8_t *frame, size_t len);
/* Bytes before each frame that medium_send() uses. */
#define MEDIUM_ROOM	16
#define MEDIUM_BATCH	64

/* neigh.c */
int neigh_lookup(int ifindex, int family, const uint8_t *addr, uint8_t *mac);
int link_mac(const char *dev, uint8_t *mac);
uint64_t link_dropped(const char *dev);

/* main.c */
void die(const char *format, ...) __attribute__((noreturn, format(printf, 1, 2)));
uint64_t number(const char *option, const char *text, uint64_t least, uint64_t most);
double duration(const char *option, const char *text);
void touch(const char *path);

/* The commands. Return: exit status. */
int cmd_send(int argc, char **argv);
int cmd_flood(int argc, char **argv);
int cmd_capture(int argc, char **argv);
int cmd_listen(int argc, char **argv);
int cmd_connect(int argc, char **argv);
int cmd_offload(int argc, char **argv);
int cmd_large(int argc, char **argv);

extern const char send_help[], flood_help[], capture_help[], listen_help[], connect_help[],
	offload_help[], large_help[];

#endif /* _PKT_TOOL_H */
