// SPDX-License-Identifier: GPL-2.0-only
/* blob_random - random numbers that a seed repeats, and how the program gives up */
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include "blob.h"

static uint64_t state;

/**
 * rnd_seed - begin a sequence of random numbers
 * @seed: the same one gives the same numbers
 */
void rnd_seed(uint64_t seed)
{
	state = seed;
}

/**
 * rnd - the next random number
 *
 * Context: the process's main thread only, so that a seed repeats a run.
 * Return: 64 bits.
 */
uint64_t rnd(void)
{
	uint64_t z = state += 0x9e3779b97f4a7c15;

	z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9;
	z = (z ^ z >> 27) * 0x94d049bb133111eb;
	return z ^ z >> 31;
}

/**
 * below - a random number
 * @n: it is less than that
 *
 * Return: 0 to @n - 1.
 */
uint64_t below(uint64_t n)
{
	return rnd() % n;
}

/**
 * chance - a random decision
 * @percent: how often
 *
 * Return: 1 or 0.
 */
int chance(unsigned int percent)
{
	return below(100) < percent;
}

/**
 * die - end with a message and status 2
 * @format: as for printf()
 */
void die(const char *format, ...)
{
	va_list args;

	fputs("fuzz_blob: ", stderr);
	va_start(args, format);
	vfprintf(stderr, format, args);
	va_end(args);
	fputc('\n', stderr);
	exit(2);
}
