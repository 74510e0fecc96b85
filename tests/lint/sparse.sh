#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-only
# sparse: byte orders, RCU, locks, address spaces.
set -u
. "$XA_TOP/tests/hostlib.sh"
need sparse sparse
PATH=$PATH:/usr/sbin:/sbin
need_kernel

# findings in our sources; headers of the kernel have their own
findings() {
	grep -E '^[^ ]*/kernel/(x[at]_|compat/|\.\./include/).*: (warning|error): |^[^ ]*/include/xt_[^ ]*: (warning|error): ' "$out/build.log" |
		sed "s|^$out/||" | sort -u
}

# A kernel whose build says that this sparse is too old for it is passed over.
too_old() { grep -q 'sparse is not available or not up to date' "$out/build.log"; }

looked=
while read -r -u 3 kdir args; do
	out=$XA_TMP/modules
	rel=$("$XA_TOP/kernel/build.sh" --release "$kdir") || exit 1
	rm -rf "$out"
	# shellcheck disable=SC2086 # a list of arguments
	"$XA_TOP/kernel/build.sh" --strict "$kdir" "$out" $args C=2 CF=-D__CHECK_ENDIAN__ >"$XA_TMP/log" 2>&1
	too_old && continue
	looked=1
	check "sparse looks at sources ($rel)" grep -q 'CHECK .*xt_' "$out/build.log"
	check_none "each module builds with sparse ($rel)" "$(grep '^left out' "$XA_TMP/log" | grep -v '(no BTF: ')"
	check_none "no findings ($rel)" "$(findings)"
	break
done 3< <(kernels | tac)
[ -n "$looked" ] || skip "this sparse is too old for all kernels"
