// SPDX-License-Identifier: GPL-2.0-only
/* 6.13 has hrtimer_setup(), which replaces hrtimer_init(). */
#include <linux/hrtimer.h>

void probe(struct hrtimer *timer, enum hrtimer_restart (*function)(struct hrtimer *));
void probe(struct hrtimer *timer, enum hrtimer_restart (*function)(struct hrtimer *))
{
	hrtimer_setup(timer, function, CLOCK_BOOTTIME, HRTIMER_MODE_ABS_SOFT);
}
