/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef XA_TEST_RBAC_H
#define XA_TEST_RBAC_H

int gr_acl_is_enabled(void);

#endif
