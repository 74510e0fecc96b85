// SPDX-License-Identifier: GPL-2.0-only
/*
 * nfattach - a BPF program at a netfilter hook of this network namespace
 *
 *	nfattach OBJECT PROGRAM 4|6 HOOK PRIORITY
 *
 * HOOK is a number, 1 is input. Writes "attached" and stays until it is killed: the
 * program goes with it. Else exit status 1, and why on standard error. Older
 * libbpf, Debian 12's among them, does not know this type of program.
 */
#include <errno.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <bpf/libbpf.h>
#include <linux/bpf.h>
#include <linux/netfilter.h>

/* Of the kernel's headers since 6.4 */
#define TYPE_NETFILTER		32
#define ATTACH_NETFILTER	45

struct link_create {
	uint32_t prog_fd, target_fd, attach_type, flags;
	uint32_t pf, hooknum;
	int32_t priority;
	uint32_t netfilter_flags;
};

static int failed(const char *what, int err)
{
	fprintf(stderr, "nfattach: %s: %s\n", what, strerror(err));
	return 1;
}

int main(int argc, char **argv)
{
	struct link_create at = { .attach_type = ATTACH_NETFILTER };
	struct bpf_program *prog;
	struct bpf_object *obj;
	int err;

	if (argc != 6) {
		fprintf(stderr, "usage: nfattach OBJECT PROGRAM 4|6 HOOK PRIORITY\n");
		return 2;
	}
	libbpf_set_strict_mode(LIBBPF_STRICT_ALL);
	obj = bpf_object__open(argv[1]);
	if (!obj)
		return failed(argv[1], errno);
	bpf_object__for_each_program(prog, obj) {
		bpf_program__set_type(prog, TYPE_NETFILTER);
		bpf_program__set_expected_attach_type(prog, ATTACH_NETFILTER);
	}
	err = bpf_object__load(obj);
	if (err)
		return failed("the kernel does not take the program", -err);
	prog = bpf_object__find_program_by_name(obj, argv[2]);
	if (!prog)
		return failed(argv[2], errno);
	at.prog_fd = bpf_program__fd(prog);
	at.pf = argv[3][0] == '4' ? NFPROTO_IPV4 : NFPROTO_IPV6;
	at.hooknum = strtoul(argv[4], NULL, 0);
	at.priority = strtol(argv[5], NULL, 0);
	if (syscall(SYS_bpf, BPF_LINK_CREATE, &at, sizeof(at)) < 0)
		return failed("the program is not attached", errno);
	puts("attached");
	fflush(stdout);
	pause();
	return 0;
}
