/* SPDX-License-Identifier: GPL-2.0-only WITH Linux-syscall-note */
/*
 * The one place that says which version this is: configure and the modules read it.
 * dkms and modinfo compare MODULE_VERSION, so each module has it.
 */
#ifndef _XA_VERSION_H
#define _XA_VERSION_H

#define XA_VERSION "0.2.0"

#endif /* _XA_VERSION_H */
