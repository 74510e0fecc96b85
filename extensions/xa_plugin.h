/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef _XA_PLUGIN_H
#define _XA_PLUGIN_H

#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include <xtables.h>

#include "config.h"

/*
 * libxtables changes the layout of struct xt_option_entry between releases
 * without a new SONAME or XTABLES_VERSION (48 bytes in 1.8.9, 56 in 1.8.13).
 * A plugin built for the one and loaded by the other crashes iptables or
 * silently stores zeros. So a plugin that does not fit is not registered.
 */
static inline bool xa_plugin_fits(const char *name)
{
	const char *running = xt_params ? xt_params->program_version : NULL;
	const size_t len = sizeof(XA_XTABLES_VERSION) - 1;

	/* "1.8.9", "1.8.9 (legacy)", "1.8.9 (nf_tables)" */
	if (running && strncmp(running, XA_XTABLES_VERSION, len) == 0 &&
	    (running[len] == '\0' || running[len] == ' '))
		return true;
	fprintf(stderr,
		"libxt_%s.so was built for iptables %s, but this is %s %s: build " PACKAGE_NAME " again on this machine.\n",
		name, XA_XTABLES_VERSION,
		xt_params && xt_params->program_name ? xt_params->program_name : "a program",
		running ? running : "without libxtables parameters");
	return false;
}

/*
 * XA_PLUGIN_INIT(NAME) { xtables_register_match(...); } - what a plugin does
 * when iptables loads it
 */
#define XA_PLUGIN_INIT(NAME)						\
	static void NAME##_plugin_register(void);			\
	static void __attribute__((constructor)) NAME##_plugin_ldr(void)\
	{								\
		if (xa_plugin_fits(#NAME))				\
			NAME##_plugin_register();			\
	}								\
	static void NAME##_plugin_register(void)

#endif /* _XA_PLUGIN_H */
