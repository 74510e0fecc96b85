// SPDX-License-Identifier: GPL-2.0-only
/* pkt_medium - the ways of a packet into the kernel */
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/if_packet.h>
#include <linux/if_tun.h>
#include <linux/virtio_net.h>
#include <net/ethernet.h>
#include <net/if.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <unistd.h>

#include "tool.h"

/* A transmit ring's frames; a packet of 64 KiB and the header before it fit. */
#define RING_FRAME	(128 * 1024)
#define RING_FRAMES	8

/* VIRTIO_NET_HDR_GSO_UDP_L4, which older headers do not have */
#define GSO_UDP_L4	5

struct ring {
	uint8_t *memory;
	unsigned int next;
};

static int is_vnet(const struct send_options *o)
{
	return o->gso != 0 || o->partial;
}

/**
 * layout_of - where the headers of a frame are
 * @l:     filled in
 * @o:     says whether it has an Ethernet header
 * @frame: the bytes
 * @len:   how many
 *
 * Return: 0, or -1 if it is not IP.
 */
int layout_of(struct layout *l, const struct send_options *o, const uint8_t *frame, size_t len)
{
	struct pkt_spec spec;
	size_t at = 0;
	int first = o->kind == MEDIUM_DEV ? PKT_ETH :
		    len > 0 && frame[0] >> 4 == 6 ? PKT_IP6 : PKT_IP;

	memset(l, 0, sizeof(*l));
	if (pkt_decode(&spec, (enum pkt_id)first, frame, len) != 0)
		die("out of memory");
	for (unsigned int i = 0; i < spec.n; i++) {
		const struct pkt_layer *layer = &pkt_layers[spec.parts[i].id];
		size_t n = layer->size + spec.parts[i].len;

		if (l->family == 0 && (spec.parts[i].id == PKT_IP || spec.parts[i].id == PKT_IP6)) {
			l->family = spec.parts[i].id == PKT_IP ? AF_INET : AF_INET6;
			l->l3 = at;
		} else if (l->family != 0 && l->l4 == 0 && layer->sum == PKT_SUM_PSEUDO) {
			l->l4 = at;
			l->proto = (unsigned int)layer->proto;
		}
		at += (n + layer->align - 1) / layer->align * layer->align;
	}
	pkt_release(&spec);
	return l->family != 0 ? 0 : -1;
}

/* The header that tells the kernel of offloads; the frame's checksum becomes partial. */
static void vnet_fill(const struct send_options *o, uint8_t *frame, size_t len)
{
	struct virtio_net_hdr h = { 0 };
	struct layout l;
	uint32_t sum;

	if (layout_of(&l, o, frame, len) == 0 && (l.proto == IPPROTO_TCP ||
						  l.proto == IPPROTO_UDP)) {
		h.flags = VIRTIO_NET_HDR_F_NEEDS_CSUM;
		h.csum_start = (uint16_t)l.l4;
		h.csum_offset = l.proto == IPPROTO_TCP ? 16 : 6;
		h.hdr_len = (uint16_t)(l.l4 + (l.proto == IPPROTO_TCP ?
					       (frame[l.l4 + 12] >> 4) * 4u : 8u));
		sum = l.proto + (uint32_t)(len - l.l4);
		sum = pkt_csum_add(sum, frame + l.l3 + (l.family == AF_INET ? 12 : 8),
				   l.family == AF_INET ? 8 : 32);
		pkt_put(frame + l.l4 + h.csum_offset, 0, 16, (uint16_t)~pkt_csum_fold(sum));
	}
	if (o->gso != 0 && h.flags != 0) {
		h.gso_size = (uint16_t)o->gso;
		h.gso_type = l.proto == IPPROTO_UDP ? GSO_UDP_L4 :
			     l.family == AF_INET ? VIRTIO_NET_HDR_GSO_TCPV4 :
			     VIRTIO_NET_HDR_GSO_TCPV6;
	}
	memcpy(frame - sizeof(h), &h, sizeof(h));
}

static void packet_open(struct medium *m)
{
	struct sockaddr_ll at = { .sll_family = AF_PACKET, .sll_ifindex = m->ifindex };
	int one = 1;

	m->fd = socket(AF_PACKET, SOCK_RAW, 0);
	if (m->fd < 0 || bind(m->fd, (void *)&at, sizeof(at)) != 0)
		die("cannot send by %s: %m", m->options->dev);
	if (is_vnet(m->options) &&
	    setsockopt(m->fd, SOL_PACKET, PACKET_VNET_HDR, &one, sizeof(one)) != 0)
		die("PACKET_VNET_HDR: %m");
}

/* With a transmit ring the kernel copies the first header and maps the rest as pages. */
static void ring_open(struct medium *m)
{
	struct tpacket_req req = {
		.tp_block_size = RING_FRAME, .tp_block_nr = RING_FRAMES,
		.tp_frame_size = RING_FRAME, .tp_frame_nr = RING_FRAMES,
	};
	int version = TPACKET_V2;

	m->ring = calloc(1, sizeof(*m->ring));
	if (m->ring == NULL ||
	    setsockopt(m->fd, SOL_PACKET, PACKET_VERSION, &version, sizeof(version)) != 0 ||
	    setsockopt(m->fd, SOL_PACKET, PACKET_TX_RING, &req, sizeof(req)) != 0)
		die("PACKET_TX_RING: %m");
	m->ring->memory = mmap(NULL, RING_FRAME * RING_FRAMES, PROT_READ | PROT_WRITE, MAP_SHARED,
			       m->fd, 0);
	if (m->ring->memory == MAP_FAILED)
		die("PACKET_TX_RING: %m");
}

static void tun_open(struct medium *m)
{
	struct ifreq req = { 0 };
	int fd;

	m->fd = open("/dev/net/tun", O_RDWR);
	if (m->fd < 0)
		die("cannot open /dev/net/tun: %m");
	snprintf(req.ifr_name, sizeof(req.ifr_name), "%s", m->options->dev);
	req.ifr_flags = IFF_TUN | IFF_NO_PI | IFF_MULTI_QUEUE;
	if (is_vnet(m->options))
		req.ifr_flags |= IFF_VNET_HDR;
	if (ioctl(m->fd, TUNSETIFF, &req) != 0)
		die("cannot make the device %s: %m", m->options->dev);
	fd = socket(AF_INET, SOCK_DGRAM, 0);
	req.ifr_flags = IFF_UP | IFF_RUNNING;
	if (ioctl(fd, SIOCSIFFLAGS, &req) != 0)
		die("cannot switch on the device %s: %m", m->options->dev);
	close(fd);
}

/**
 * medium_open - a sender's way into the kernel
 * @m: filled in
 * @o: where to; lives as long as @m
 *
 * Does not return if it fails.
 */
int medium_open(struct medium *m, const struct send_options *o)
{
	memset(m, 0, sizeof(*m));
	m->options = o;
	m->fd = m->fd6 = -1;
	switch (o->kind) {
	case MEDIUM_DEV:
		m->ifindex = (int)if_nametoindex(o->dev);
		if (m->ifindex == 0)
			die("there is no device %s", o->dev);
		packet_open(m);
		if (o->paged)
			ring_open(m);
		break;
	case MEDIUM_TUN:
		tun_open(m);
		break;
	default:
		m->fd = socket(AF_INET, SOCK_RAW, IPPROTO_RAW);
		m->fd6 = socket(AF_INET6, SOCK_RAW, IPPROTO_RAW);
		if (m->fd < 0)
			die("raw socket: %m");
	}
	return 0;
}

/**
 * medium_close - undo medium_open()
 * @m: the way
 */
void medium_close(struct medium *m)
{
	if (m->ring != NULL)
		munmap(m->ring->memory, RING_FRAME * RING_FRAMES);
	free(m->ring);
	close(m->fd);
	if (m->fd6 >= 0)
		close(m->fd6);
}

/* Each of these returns 1 if the packet was accepted, otherwise 0. */
static int tun_send(struct medium *m, const uint8_t *bytes, size_t len)
{
	return write(m->fd, bytes, len) == (ssize_t)len;
}

static int ring_send(struct medium *m, const uint8_t *bytes, size_t len)
{
	uint8_t *frame = m->ring->memory + (size_t)m->ring->next * RING_FRAME;
	struct tpacket2_hdr *h = (void *)frame;

	if (h->tp_status != TP_STATUS_AVAILABLE)
		return 0;
	memcpy(frame + TPACKET2_HDRLEN - sizeof(struct sockaddr_ll), bytes, len);
	h->tp_len = (uint32_t)len;
	__atomic_store_n(&h->tp_status, TP_STATUS_SEND_REQUEST, __ATOMIC_RELEASE);
	m->ring->next = (m->ring->next + 1) % RING_FRAMES;
	return send(m->fd, NULL, 0, 0) >= 0;
}

static int local_send(struct medium *m, const uint8_t *bytes, size_t len)
{
	struct sockaddr_in to = { .sin_family = AF_INET };
	struct sockaddr_in6 to6 = { .sin6_family = AF_INET6 };

	if (len >= 40 && bytes[0] >> 4 == 6) {
		memcpy(&to6.sin6_addr, bytes + 24, 16);
		return sendto(m->fd6, bytes, len, 0, (void *)&to6, sizeof(to6)) == (ssize_t)len;
	}
	if (len < 20) {
		errno = EINVAL;
		return 0;
	}
	memcpy(&to.sin_addr, bytes + 16, 4);
	return sendto(m->fd, bytes, len, 0, (void *)&to, sizeof(to)) == (ssize_t)len;
}

/* Many by one call. Return: how many of them, from the first, were accepted. */
static unsigned int packet_send(struct medium *m, const struct frame *frames, unsigned int n,
				size_t before)
{
	struct mmsghdr messages[MEDIUM_BATCH] = { 0 };
	struct iovec iov[MEDIUM_BATCH];
	int rc;

	for (unsigned int i = 0; i < n; i++) {
		iov[i].iov_base = frames[i].bytes - before;
		iov[i].iov_len = frames[i].len + before;
		messages[i].msg_hdr.msg_iov = &iov[i];
		messages[i].msg_hdr.msg_iovlen = 1;
	}
	do {
		rc = sendmmsg(m->fd, messages, n, 0);
	} while (rc < 0 && errno == EINTR);
	return rc > 0 ? (unsigned int)rc : 0;
}

/**
 * medium_send - hand packets to the kernel
 * @m:      the way
 * @frames: packets, with MEDIUM_ROOM before each
 * @n:      how many, up to MEDIUM_BATCH
 *
 * Return: how many of them, from the first, the kernel accepted; if it is less
 * than @n, the next one was refused for the reason in errno.
 */
unsigned int medium_send(struct medium *m, const struct frame *frames, unsigned int n)
{
	size_t before = is_vnet(m->options) ? sizeof(struct virtio_net_hdr) : 0;
	unsigned int done = 0;

	for (unsigned int i = 0; before > 0 && i < n; i++)
		vnet_fill(m->options, frames[i].bytes, frames[i].len);
	if (m->options->kind == MEDIUM_DEV && m->ring == NULL)
		return packet_send(m, frames, n, before);
	for (; done < n; done++) {
		const uint8_t *p = frames[done].bytes - before;
		size_t len = frames[done].len + before;

		if (!(m->ring != NULL ? ring_send(m, p, len) :
		      m->options->kind == MEDIUM_TUN ? tun_send(m, p, len) :
		      local_send(m, p, len)))
			break;
	}
	return done;
}
