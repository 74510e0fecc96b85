#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-only
# Rules are inserted with locks of nf_tables held, which the loading of a module may
# wait for: modules are loaded by dependencies, or by the init functions of others.
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
	"$(calls '(^|[^a-z_])(try_then_)?request_module(_nowait)?\(' kernel/*.c)"
check_none "algorithms are allocated by xa_digest" \
	"$(calls 'crypto_alloc_[a-z]+\(' kernel/*.c | grep -v '^kernel/xa_digest.c: xa_digest_alloc$')"
check_none "and loaded by init functions" \
	"$(calls 'xa_digest_load\(' kernel/xt_*.c | grep -v '_init$')"
