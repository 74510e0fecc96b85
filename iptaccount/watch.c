// SPDX-License-Identifier: GPL-2.0-only
/*
 * iptaccount: the busiest hosts of a table, every second
 *
 * The table is read and not reset: rates are differences of two passes. On a terminal
 * each pass is drawn over the one before, with as many hosts as there are lines; elsewhere
 * a pass is a block of lines. Only cursor control that every terminal of today has is used.
 */
#include <arpa/inet.h>
#include <inttypes.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <time.h>
#include <unistd.h>

#include "output.h"
#include "watch.h"

#define HOSTS_WITHOUT_TERMINAL	10
#define LINES_AROUND		3	/* two above the hosts, and the one of the cursor */
#define LINE_SIZE		256

/**
 * struct pass - all records at a time
 * @record: ascending by address
 * @count:  of records
 * @room:   for records
 * @at:     when they were read, monotonic
 */
struct pass {
	struct record *record;
	size_t count;
	size_t room;
	struct timespec at;
};

/**
 * struct screen - where it is drawn
 * @terminal: stdout is one
 * @lines:    of it
 * @columns:  of it
 */
struct screen {
	bool terminal;
	unsigned int lines;
	unsigned int columns;
};

static volatile sig_atomic_t ended;

static void on_end(int sig)
{
	if (ended) {
		signal(sig, SIG_DFL);
		raise(sig);
	}
	ended = 1;
}

/* Only ends the wait: the screen is drawn anew with its new size. */
static void on_resize(int sig)
{
	(void)sig;
}

static void watch_signals(void)
{
	struct sigaction end = { .sa_handler = on_end, .sa_flags = SA_RESTART };
	struct sigaction resize = { .sa_handler = on_resize, .sa_flags = SA_RESTART };

	sigaction(SIGINT, &end, NULL);
	sigaction(SIGTERM, &end, NULL);
	sigaction(SIGQUIT, &end, NULL);
	sigaction(SIGHUP, &end, NULL);
	sigaction(SIGWINCH, &resize, NULL);
}

static void look_at_screen(struct screen *s)
{
	struct winsize size;

	s->terminal = isatty(STDOUT_FILENO);
	s->lines = 24;
	s->columns = 80;
	if (s->terminal && ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) == 0 &&
	    size.ws_row && size.ws_col) {
		s->lines = size.ws_row;
		s->columns = size.ws_col;
	}
	if (!s->terminal)
		s->columns = LINE_SIZE - 1;
}

/* A line, cut at the edge of the screen; what is behind it is erased. */
static void put_line(const struct screen *s, const char *text)
{
	printf("%.*s%s\n", (int)s->columns - 1, text, s->terminal ? "\033[K" : "");
}

/* "1.23 M": three digits, in steps of a thousand */
static const char *units(double n, char buf[16])
{
	static const char prefix[] = " kMGTPE";
	unsigned int i = 0;

	while (n >= 999.5 && prefix[i + 1]) {
		n /= 1000;
		++i;
	}
	if (i == 0)
		snprintf(buf, 16, "%.0f", n);
	else
		snprintf(buf, 16, "%.*f %c", n < 9.995 ? 2 : n < 99.95 ? 1 : 0, n, prefix[i]);
	return buf;
}

static int read_pass(struct table *t, struct pass *p)
{
	size_t n = 0;

	if (table_read(t, false))
		return -1;
	clock_gettime(CLOCK_MONOTONIC, &p->at);
	if (t->count > p->room) {
		struct record *bigger = realloc(p->record, t->count * sizeof(*bigger));

		if (!bigger) {
			t->error = "Out of memory";
			return -1;
		}
		p->record = bigger;
		p->room = t->count;
	}
	while (n < t->count && table_next(t, &p->record[n]))
		++n;
	p->count = n;
	return 0;
}

static int by_address(const void *a, const void *b)
{
	const struct record *x = a, *y = b;

	return memcmp(x->addr, y->addr, sizeof(x->addr));
}

/* Who has reset the table meanwhile has seen what was there before. */
static uint64_t since(uint64_t now, uint64_t before)
{
	return now >= before ? now - before : now;
}

/* What a host has sent and received since the pass before */
static struct record difference(const struct record *now, const struct pass *before)
{
	const struct record *was = before->count ?
		bsearch(now, before->record, before->count, sizeof(*now), by_address) : NULL;
	struct record d = *now;

	if (was) {
		d.src_packets = since(now->src_packets, was->src_packets);
		d.src_bytes = since(now->src_bytes, was->src_bytes);
		d.dst_packets = since(now->dst_packets, was->dst_packets);
		d.dst_bytes = since(now->dst_bytes, was->dst_bytes);
	}
	return d;
}

#define HOST_LINE	"%-*s %9s %9s %8s %8s %8s"

static int name_width(const struct table *t)
{
	return t->info.family == AF_INET6 ? 39 : 15;
}

static void draw_host(const struct screen *s, const struct table *t, const struct pass *now,
		      const struct record *d, double seconds)
{
	const struct record *all = bsearch(d, now->record, now->count, sizeof(*d), by_address);
	char name[ADDR_LEN], text[LINE_SIZE], number[5][16];

	snprintf(text, sizeof(text), HOST_LINE, name_width(t),
		 record_name(&t->info, d, name), units(d->src_bytes * 8 / seconds, number[0]),
		 units(d->dst_bytes * 8 / seconds, number[1]),
		 units(d->src_packets / seconds, number[2]),
		 units(d->dst_packets / seconds, number[3]),
		 units((double)all->src_bytes + (double)all->dst_bytes, number[4]));
	put_line(s, text);
}

static void draw_head(const struct screen *s, const struct table *t, const struct record *sum,
		      size_t active, double seconds)
{
	char text[LINE_SIZE], sent[16], received[16];

	snprintf(text, sizeof(text), "%s: %zu of %u %s active, sent %sbit/s, received %sbit/s",
		 t->name, active, t->count, t->count == 1 ? "host" : "hosts",
		 units(sum->src_bytes * 8 / seconds, sent),
		 units(sum->dst_bytes * 8 / seconds, received));
	put_line(s, text);
	snprintf(text, sizeof(text), HOST_LINE, name_width(t),
		 "HOST", "SENT b/s", "RCVD b/s", "SENT p/s", "RCVD p/s", "ALL BYTE");
	put_line(s, text);
}

static unsigned int hosts_wanted(const struct screen *s, unsigned int top)
{
	unsigned int fit = s->lines > LINES_AROUND ? s->lines - LINES_AROUND : 1;

	if (!s->terminal)
		return top ? top : HOSTS_WITHOUT_TERMINAL;
	return top && top < fit ? top : fit;
}

/* Return: 0, or -1 without memory. */
static int draw(const struct table *t, const struct pass *now, const struct pass *before,
		unsigned int top_wanted, enum top_order order)
{
	double seconds = now->at.tv_sec - before->at.tv_sec +
			 (now->at.tv_nsec - before->at.tv_nsec) / 1e9;
	struct record d, sum = { .src_bytes = 0 };
	struct screen screen;
	size_t i, wanted, active = 0;
	struct top top;

	look_at_screen(&screen);
	wanted = hosts_wanted(&screen, top_wanted);
	if (top_init(&top, wanted < now->count ? wanted : now->count, order))
		return -1;
	for (i = 0; i < now->count; ++i) {
		d = difference(&now->record[i], before);
		if (!d.src_packets && !d.dst_packets)
			continue;
		++active;
		sum.src_bytes += d.src_bytes;
		sum.dst_bytes += d.dst_bytes;
		top_add(&top, &d);
	}
	top_sort(&top);
	if (screen.terminal)
		printf("\033[H");
	draw_head(&screen, t, &sum, active, seconds);
	for (i = 0; i < top.count; ++i)
		draw_host(&screen, t, now, &top.record[i], seconds);
	printf(screen.terminal ? "\033[J" : "\n");
	top_exit(&top);
	return 0;
}

/* A second, or until the size changes or it is to end. */
static void wait_for_next(void)
{
	struct timespec second = { .tv_sec = 1 };

	if (!ended)
		nanosleep(&second, NULL);
}

/* Passes until a signal. Return: 0; or -1, then t->error says why. */
static int watch_table(struct table *t, struct pass pass[2], unsigned int top,
		       enum top_order order)
{
	unsigned int i = 0;

	if (read_pass(t, &pass[0]))
		return -1;
	for (wait_for_next(); !ended; wait_for_next()) {
		if (read_pass(t, &pass[!i]))
			return -1;
		if (draw(t, &pass[!i], &pass[i], top, order)) {
			t->error = "Out of memory";
			return -1;
		}
		if (fflush(stdout))
			return 0;
		i = !i;
	}
	return 0;
}

/**
 * watch - show the busiest hosts of a table until a signal comes
 * @ctx:   of the library, set up
 * @table: its name
 * @top:   how many hosts, 0: as many as there is room for
 * @order: by bytes or by packets
 * @why:   set, if it fails
 *
 * Return: 0 or -1. That stdout cannot be written is seen by the caller.
 */
int watch(struct ipt_ACCOUNT_context *ctx, const char *table, unsigned int top,
	  enum top_order order, const char **why)
{
	struct pass pass[2] = { { .count = 0 }, { .count = 0 } };
	bool terminal = isatty(STDOUT_FILENO);
	struct table t;
	int rc;

	watch_signals();
	table_init(&t, ctx, table);
	if (terminal)
		printf("\033[?25l\033[H\033[J%s: the first second\r", table);
	fflush(stdout);
	rc = watch_table(&t, pass, top, order);
	*why = t.error;
	if (terminal)
		printf("\033[?25h");
	table_exit(&t);
	free(pass[0].record);
	free(pass[1].record);
	return rc;
}
