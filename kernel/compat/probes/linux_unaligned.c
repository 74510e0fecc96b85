// SPDX-License-Identifier: GPL-2.0-only
/* 6.12 moved asm/unaligned.h to linux/unaligned.h. */
#include <linux/unaligned.h>
