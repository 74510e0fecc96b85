// SPDX-License-Identifier: GPL-2.0-only
/*
 * fuzz_reply - does the reply engine answer just what it should?
 *
 *	fuzz_reply [-n FRAMES] [-t SECONDS] [-s SEED] TAP
 *
 * Writes frames to a tap device, half of them with something wrong, and judges
 * what the host behind it answers to each: nothing to what must not be answered, at
 * most one answer, right in every field. After some frames goes a ping: when it is
 * answered, all answers to the frames are there. They are told apart by addresses
 * and ports. tests/fuzz/reply sets up the host.
 *
 * Ends after that many frames or seconds, whichever is first. Exit status 1 after
 * the first wrong answer, which is printed.
 */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include <net/if.h>
#include <linux/if_tun.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/uio.h>

#include "reply.h"

static struct frame frames[BATCH], ping, replies[REPLY_MAX + 1];
static bool taken[BATCH];	/* by the device */

static void die(const char *what)
{
	perror(what);
	exit(2);
}

/* The host drops what it sends until it has seen that somebody holds the other end. */
static void tap_wait(struct ifreq *ifr)
{
	int fd = socket(AF_INET, SOCK_DGRAM, 0), tries = 1000;

	if (fd < 0)
		die("socket");
	do {
		if (ioctl(fd, SIOCGIFFLAGS, ifr))
			die("SIOCGIFFLAGS");
	} while (!(ifr->ifr_flags & IFF_RUNNING) && tries-- && !usleep(10000));
	close(fd);
}

static int tap_open(const char *name)
{
	struct ifreq ifr = { .ifr_flags = IFF_TAP | IFF_NO_PI | IFF_VNET_HDR };
	int fd = open("/dev/net/tun", O_RDWR | O_NONBLOCK);

	if (fd < 0)
		die("/dev/net/tun");
	strncpy(ifr.ifr_name, name, IFNAMSIZ - 1);
	if (ioctl(fd, TUNSETIFF, &ifr))
		die("TUNSETIFF");
	tap_wait(&ifr);
	return fd;
}

/* Return: false if the device does not take such a frame. */
static bool tap_write(int fd, const struct frame *f)
{
	struct iovec v[2] = {
		{ (void *)&f->vnet, sizeof(f->vnet) }, { (void *)f->data, f->len },
	};

	if (writev(fd, v, 2) >= 0)
		return true;
	if (errno != EINVAL && errno != ENOMEM)
		die("write");
	return false;
}

static bool tap_read(int fd, struct frame *f)
{
	struct iovec v[2] = {
		{ &f->vnet, sizeof(f->vnet) }, { f->data, sizeof(f->data) },
	};
	ssize_t n = readv(fd, v, 2);

	if (n < 0 && errno != EAGAIN)
		die("read");
	if (n < (ssize_t)sizeof(f->vnet))
		return false;
	f->len = n - sizeof(f->vnet);
	return true;
}

/* Reads all answers to a batch. Return: their number, or -1. */
static int collect(int fd, uint16_t number)
{
	struct pollfd p = { .fd = fd, .events = POLLIN };
	int n = 0;

	for (;;) {
		if (!tap_read(fd, &replies[n])) {
			if (poll(&p, 1, 30000) <= 0)
				return -1;
		} else if (fuzz_is_pong(&replies[n], number)) {
			return n;
		} else if (is_answer(&replies[n]) && ++n > REPLY_MAX) {
			return -1;
		}
	}
}

static void print_frame(const char *what, const struct frame *f)
{
	size_t i;

	printf("# %s, %zu bytes, virtio flags %u gso %u/%u csum %u+%u:", what, f->len,
	       f->vnet.flags, f->vnet.gso_type, f->vnet.gso_size, f->vnet.csum_start,
	       f->vnet.csum_offset);
	for (i = 0; i < f->len && i < 160; i++)
		printf("%s%02x", i % 32 ? " " : "\n#   ", f->data[i]);
	printf("\n");
}

static int complain(const char *why, uint64_t at, const struct frame *f,
		    const struct frame *reply)
{
	printf("frame %llu: %s\n", (unsigned long long)at, why);
	if (f)
		print_frame("sent", f);
	if (reply)
		print_frame("answer", reply);
	return 1;
}

/* Which frame an answer is for: the first that it fits and that has none yet. */
static int frame_of(const struct frame *reply, struct frame *const *answer, int n)
{
	int i, found = -1;

	for (i = 0; i < n; i++) {
		if (!fits(&frames[i], reply))
			continue;
		found = i;
		if (!answer[i])
			break;
	}
	return found;
}

/* Frames of the batch that it could be for are printed. */
static int stray(const struct frame *reply, uint64_t at, int n)
{
	int i;

	for (i = 0; i < n; i++)
		if (fits_addresses(&frames[i], reply))
			print_frame("perhaps for", &frames[i]);
	return complain("an answer to no frame", at, NULL, reply);
}

/* Return: number of answers to the batch that begins with frame at, or -1. */
static int batch(int fd, uint64_t at, int n)
{
	struct frame *answer[BATCH] = { NULL };
	int i, k, got;
	const char *why;

	for (i = 0; i < n; i++) {
		fuzz_make(&frames[i]);
		taken[i] = tap_write(fd, &frames[i]);
	}
	fuzz_ping(&ping, at);
	tap_write(fd, &ping);
	got = collect(fd, at);
	if (got < 0)
		return -complain("the host is silent, or talks without end", at, NULL, NULL);
	for (k = 0; k < got; k++) {
		i = frame_of(&replies[k], answer, n);
		if (i < 0)
			return -stray(&replies[k], at, n);
		if (answer[i])
			return -complain("a second answer", at + i, &frames[i], &replies[k]);
		answer[i] = &replies[k];
	}
	for (i = 0; i < n; i++) {
		why = taken[i] || answer[i] ? check_reply(&frames[i], answer[i]) : NULL;
		if (why)
			return -complain(why, at + i, &frames[i], answer[i]);
	}
	return got;
}

static int run(int fd, uint64_t count, time_t end)
{
	uint64_t i, answered = 0;
	int n, got;

	for (i = 0; i < count && time(NULL) < end; i += n) {
		n = count - i < BATCH ? count - i : BATCH;
		got = batch(fd, i, n);
		if (got < 0)
			return 1;
		answered += got;
	}
	printf("%llu frames, %llu answers\n", (unsigned long long)i, (unsigned long long)answered);
	return answered == 0;
}

int main(int argc, char **argv)
{
	uint64_t count = UINT64_MAX, seed = 1;
	time_t seconds = 0;
	int c;

	while ((c = getopt(argc, argv, "n:t:s:")) != -1) {
		if (c == 'n')
			count = strtoull(optarg, NULL, 0);
		else if (c == 't')
			seconds = strtol(optarg, NULL, 0);
		else if (c == 's')
			seed = strtoull(optarg, NULL, 0);
		else
			return 2;
	}
	if (optind != argc - 1) {
		fprintf(stderr, "usage: fuzz_reply [-n FRAMES] [-t SECONDS] [-s SEED] TAP\n");
		return 2;
	}
	fuzz_seed(seed);
	return run(tap_open(argv[optind]), count,
		   seconds ? time(NULL) + seconds : (time_t)1 << 40);
}
