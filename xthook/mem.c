// SPDX-License-Identifier: GPL-2.0-only
/* mem - memory that the program shares with its children, never freed */
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "xthook.h"

/*
 * Address space only: pages are taken as they are written. Where the kernel counts them
 * all (vm.overcommit_memory=2) there may be room for less.
 */
#define ARENA_MOST	((size_t)512 << 20)
#define ARENA_LEAST	((size_t)4 << 20)

struct arena {
	size_t size;
	size_t used;
	unsigned char bytes[];
};

static struct arena *arena;

const char *input_name;
unsigned int input_line;
char *caught;
jmp_buf *wrong_line;

static void say(const char *fmt, va_list args)
{
	fputs(SELF ": ", stderr);
	if (input_name)
		fprintf(stderr, "%s:%u: ", input_name, input_line);
	vfprintf(stderr, fmt, args);
	/* the plugins of iptables end some sentences */
	if (!*fmt || fmt[strlen(fmt) - 1] != '\n')
		fputc('\n', stderr);
}

/* notice - a line on the standard error */
void notice(const char *fmt, ...)
{
	va_list args;

	va_start(args, fmt);
	say(fmt, args);
	va_end(args);
}

void vdie(int status, const char *fmt, va_list args)
{
	fflush(stdout);
	if (wrong_line && status == STATUS_USAGE) {
		vsnprintf(caught, CAUGHT_SIZE, fmt, args);
		longjmp(*wrong_line, 1);
	}
	if (caught && !wrong_line && status == STATUS_USAGE) {
		vsnprintf(caught, CAUGHT_SIZE, fmt, args);
		caught[strcspn(caught, "\n")] = '\0';
		_exit(STATUS_CAUGHT);
	}
	say(fmt, args);
	exit(status);
}

/* die - say what is wrong, and where, and end with a status */
void die(int status, const char *fmt, ...)
{
	va_list args;

	va_start(args, fmt);
	vdie(status, fmt, args);
}

void mem_init(void)
{
	size_t size = ARENA_MOST;

	do {
		arena = mmap(NULL, size, PROT_READ | PROT_WRITE,
			     MAP_SHARED | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
		if (arena != MAP_FAILED) {
			arena->size = size;
			return;
		}
		size /= 2;
	} while (size >= ARENA_LEAST);
	die(STATUS_FAILED, "no memory");
}

/* mem_alloc - zeroed memory that a child's parent sees as well */
void *mem_alloc(size_t size)
{
	void *p = arena->bytes + arena->used;

	size = (size + 15) & ~(size_t)15;
	if (size > arena->size - sizeof(*arena) - arena->used)
		die(STATUS_FAILED, "no memory for so many rules");
	arena->used += size;
	return p;
}

/* mem_mark - for mem_release(), which gives back what has been allocated since */
size_t mem_mark(void)
{
	return arena->used;
}

void mem_release(size_t mark)
{
	memset(arena->bytes + mark, 0, arena->used - mark);
	arena->used = mark;
}

char *mem_text(const char *text, size_t len)
{
	char *copy = mem_alloc(len + 1);

	memcpy(copy, text, len);
	return copy;
}
