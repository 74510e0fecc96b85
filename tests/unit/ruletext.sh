#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-only
# The .t files of all extensions against the plugins as built, without a kernel
set -u
spec=unit/ruletext
ruletext=$1
extensions=$XA_TOP/extensions
export ASAN_OPTIONS=verify_asan_link_order=0${ASAN_OPTIONS:+:$ASAN_OPTIONS}

if [ -z "${XA_BUILD:-}" ] || ! ls "$XA_BUILD"/extensions/libxt_*.so >/dev/null 2>&1; then
	echo "skip $spec: there is no built tree (XA_BUILD)"
	exit 0
fi
version=$(pkg-config --modversion xtables)
# ours first: iptables has plugins of its own by some of these names
XTABLES_LIBDIR=$XA_BUILD/extensions:$(pkg-config --variable=xtlibdir xtables)
export XTABLES_LIBDIR

# families FILE NAME: as tests/t/run has it
families() {
	local line
	line=$(sed -n 's/^# *family: *\([46]*\) *$/\1/p' "$1")
	case $1 in
	*/libipt_*) line=4 ;;
	*/libip6t_*) line=6 ;;
	*) [ ! -e "$extensions/libip6t_$2.t" ] || line=4 ;;
	esac
	case ${line:-46} in
	46) echo 4 6 ;;
	*) echo "$line" ;;
	esac
}

# shellcheck disable=SC2013 # words
for name in $(sed -n 's/^build_\([^=]*\)=m$/\1/p' "$XA_TOP/mconfig"); do
	for file in "$extensions"/lib{xt,ipt,ip6t}_"$name".t; do
		[ -e "$file" ] || continue
		for family in $(families "$file" "$name"); do
			"$ruletext" "$family" "$file" "$version" 2>"$XA_TMP/err" ||
				sed '/^$/d; s/^/# /' "$XA_TMP/err"
		done
	done
done

# A name with several addresses is no network; several in one network are one.
printf '10.1.1.1 two.test same.test\n10.2.2.2 two.test\n10.1.1.2 same.test\nfd00::1 two.test\nfd00:1::1 two.test\n127.0.0.1 localhost\n' >"$XA_TMP/hosts"
cat >"$XA_TMP/hosts4.t" <<'END'
-j ACCOUNT --addr two.test --tname t;;FAIL
-j ACCOUNT --addr two.test/16 --tname t;;FAIL
-j ACCOUNT --addr two.test/8 --tname t;-j ACCOUNT --addr 10.0.0.0/8 --tname t;OK
-j ACCOUNT --addr two.test/0 --tname t;-j ACCOUNT --addr 0.0.0.0/0 --tname t;OK
-j ACCOUNT --addr same.test --tname t;;FAIL
-j ACCOUNT --addr same.test/24 --tname t;-j ACCOUNT --addr 10.1.1.0/24 --tname t;OK
END
cat >"$XA_TMP/hosts6.t" <<'END'
-j ACCOUNT --addr two.test --tname t;;FAIL
-j ACCOUNT --addr two.test/32 --tname t;;FAIL
-j ACCOUNT --addr two.test/16 --tname t;-j ACCOUNT --addr fd00::/16 --tname t;OK
-j ACCOUNT --addr same.test --tname t;;FAIL
END
if unshare -rm mount --bind "$XA_TMP/hosts" /etc/hosts 2>/dev/null; then
	for family in 4 6; do
		# shellcheck disable=SC2016 # the inner shell's
		unshare -rm sh -c 'mount --bind "$0" /etc/hosts && exec "$@"' "$XA_TMP/hosts" \
			"$ruletext" $family "$XA_TMP/hosts$family.t" "$version" 2>"$XA_TMP/err" ||
			sed '/^$/d; s/^/# /' "$XA_TMP/err"
	done
else
	echo "skip $spec: names of hosts: no mount namespace to be had"
fi
exit 0
