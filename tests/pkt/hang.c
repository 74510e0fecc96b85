// SPDX-License-Identifier: GPL-2.0-only
/*
 * hang - read or write a file, or get a socket option, and hang in the middle of it
 *
 *	hang --ready READY read|write FILE [TEXT]
 *	hang --ready READY getsockopt NUMBER
 *
 * The buffer of the call is a page that is not there, and that nobody brings
 * until SIGTERM comes (userfaultfd): the kernel waits inside the operation of
 * the file, or of level IPPROTO_IP. READY exists from then on. After the signal
 * a write has TEXT in the page; "returned N" or "failed: REASON" is printed.
 *
 * Exit status 0, whatever the file said; 77 without userfaultfd; else 1.
 */
#include <errno.h>
#include <fcntl.h>
#include <linux/userfaultfd.h>
#include <netinet/in.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

struct call {
	int fd;
	bool write;
	int option;	/* 0: a file */
	char *page;
	size_t len;
	ssize_t ret;
	int error;
};

static void die(const char *what)
{
	perror(what);
	exit(1);
}

static void *do_call(void *arg)
{
	struct call *call = arg;
	socklen_t len = call->len;

	call->ret = call->option ?
		    getsockopt(call->fd, IPPROTO_IP, call->option, call->page, &len) :
		    call->write ? write(call->fd, call->page, call->len) :
				  read(call->fd, call->page, call->len);
	call->error = errno;
	return NULL;
}

/* A page that is missing, and the descriptor that tells who misses it */
static int missing_page(char **page, size_t size)
{
	struct uffdio_api api = { .api = UFFD_API };
	struct uffdio_register range = { .mode = UFFDIO_REGISTER_MODE_MISSING };
	int uffd = syscall(SYS_userfaultfd, O_CLOEXEC);

	if (uffd < 0) {
		perror("userfaultfd");
		exit(77);
	}
	*page = mmap(NULL, size, PROT_READ | PROT_WRITE,
		     MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	if (*page == MAP_FAILED)
		die("mmap");
	range.range.start = (unsigned long)*page;
	range.range.len = size;
	if (ioctl(uffd, UFFDIO_API, &api) < 0 ||
	    ioctl(uffd, UFFDIO_REGISTER, &range) < 0)
		die("userfaultfd");
	return uffd;
}

/* Until the kernel waits for the page; false if the call came back without. */
static bool wait_for_fault(int uffd, pthread_t thread)
{
	struct pollfd fds = { .fd = uffd, .events = POLLIN };
	struct uffd_msg msg;

	while (poll(&fds, 1, 100) == 0)
		if (pthread_tryjoin_np(thread, NULL) == 0)
			return false;
	if (read(uffd, &msg, sizeof(msg)) != sizeof(msg) ||
	    msg.event != UFFD_EVENT_PAGEFAULT)
		die("userfaultfd event");
	return true;
}

static void serve(int uffd, char *page, size_t size, const char *text)
{
	struct uffdio_copy copy = { .dst = (unsigned long)page, .len = size };
	char *content = aligned_alloc(size, size);

	if (!content)
		die("aligned_alloc");
	memset(content, 0, size);
	memcpy(content, text, strlen(text));
	copy.src = (unsigned long)content;
	if (ioctl(uffd, UFFDIO_COPY, &copy) < 0)
		die("UFFDIO_COPY");
	free(content);
}

/* Called with SIGTERM blocked. */
static void hang(struct call *call, int uffd, const char *ready,
		 const char *text, size_t size)
{
	pthread_t thread;
	sigset_t term;
	int sig, fd;

	if (pthread_create(&thread, NULL, do_call, call))
		die("pthread_create");
	if (!wait_for_fault(uffd, thread))
		return;
	fd = open(ready, O_WRONLY | O_CREAT, 0600);
	if (fd < 0)
		die(ready);
	close(fd);
	sigemptyset(&term);
	sigaddset(&term, SIGTERM);
	sigwait(&term, &sig);
	serve(uffd, call->page, size, text);
	pthread_join(thread, NULL);
}

int main(int argc, char **argv)
{
	const char *text = argc > 5 ? argv[5] : "";
	size_t size = sysconf(_SC_PAGESIZE);
	struct call call = { .fd = -1 };
	sigset_t term;
	int uffd;

	if (argc < 5 || strcmp(argv[1], "--ready") ||
	    (strcmp(argv[3], "read") && strcmp(argv[3], "write") &&
	     strcmp(argv[3], "getsockopt")) ||
	    strlen(text) > size) {
		fprintf(stderr, "usage: hang --ready READY read|write FILE [TEXT]\n"
				"       hang --ready READY getsockopt NUMBER\n");
		return 1;
	}
	sigemptyset(&term);
	sigaddset(&term, SIGTERM);
	sigprocmask(SIG_BLOCK, &term, NULL);
	call.write = !strcmp(argv[3], "write");
	call.len = call.write ? strlen(text) : size;
	if (!strcmp(argv[3], "getsockopt"))
		call.option = atoi(argv[4]);
	call.fd = call.option ? socket(AF_INET, SOCK_DGRAM, 0) :
				open(argv[4], call.write ? O_WRONLY : O_RDONLY);
	if (call.fd < 0)
		die(argv[4]);
	uffd = missing_page(&call.page, size);
	hang(&call, uffd, argv[2], text, size);
	if (call.ret < 0)
		printf("failed: %s\n", strerror(call.error));
	else
		printf("returned %zd\n", call.ret);
	return 0;
}
