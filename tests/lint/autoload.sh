#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-only
# Rules are inserted with locks of nf_tables or generic netlink held, which the loading
# of a module may wait for: modules are loaded by dependencies, by the init functions of
# others, or by a work item that holds no lock.
set -u
. "$XA_TOP/tests/hostlib.sh"
cd "$XA_TOP" || exit 1

# calls PATTERN FILE...: "FILE: FUNCTION" that it is called in
calls() {
	local pattern=$1
	shift
	awk -v p="$pattern" '
		/^[a-z].*\(/ { match($0, /[A-Za-z0-9_]+\(/); f = substr($0, RSTART, RLENGTH - 1) }
		/^[ \t]/ && $0 ~ p { print FILENAME ": " f }' "$@"
}

check_none "no module is loaded by hand" \
	"$(calls '(^|[^a-z_])(try_then_)?request_module(_nowait)?\(' kernel/*.c |
		grep -v '^kernel/xa_hook_session.c: load_logger$')"
check_none "nor with an extension, but by the work item of xa_hook" \
	"$(calls 'xt_request_find_(match|target)\(' kernel/*.c | grep -v '^kernel/xa_hook_session.c: ext_get$')"
check_none "algorithms are allocated by xa_digest" \
	"$(calls 'crypto_alloc_[a-z]+\(' kernel/*.c | grep -v '^kernel/xa_digest.c: xa_digest_alloc$')"
check_none "and loaded by init functions" \
	"$(calls 'xa_digest_load\(' kernel/xt_*.c | grep -v '_init$')"
