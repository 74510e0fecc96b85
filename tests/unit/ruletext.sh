#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-only
# Every line of the .t files through the plugins, built with the sanitizers:
# what is saved parses back to the same rule, what must fail fails.
# links: -lxtables
set -u
. "$XA_TOP/tests/hostlib.sh"
program=$1
ext=$XA_TOP/extensions

[ -f "${XA_BUILD:-}/config.h" ] || skip "no configured tree (XA_BUILD)"
need pkg-config pkg-config

build_plugin() {	# NAME
	# shellcheck disable=SC2046 # lists of flags
	gcc -g -O1 -shared -fPIC -fvisibility=hidden -fsanitize=address -fsanitize=undefined \
		-fno-sanitize-recover=all -I "$XA_BUILD" -I "$ext" -I "$XA_TOP/include" \
		-o "$XA_TMP/libxt_$1.so" "$ext/libxt_$1.c" \
		$(sed -n "s/^libs_$1=//p" "$XA_TOP/mconfig" |
			sed "s,\$(top_builddir),$XA_BUILD,") \
		$(pkg-config --cflags --libs xtables)
}

# ours first: iptables has plugins of its own by some of these names
XTABLES_LIBDIR=$XA_TMP:$(pkg-config --variable=xtlibdir xtables)
export XTABLES_LIBDIR ASAN_OPTIONS=detect_leaks=0

# lines FAMILY FILE: the verdict is ruletext's
lines() {
	[ -f "$ext/$2" ] || return 0
	# "# family: 4" in it says that the plugin is for that one only
	! grep -q "^# *family: *$((10 - $1)) *\$" "$ext/$2" || return 0
	check "$2, IPv$1" "$program" "$1" "$ext/$2"
}

# hosts FAMILY: the lines of stdin, in a world of the hosts of $XA_TMP/hosts
hosts() {
	cat >"$XA_TMP/hosts$1.t"
	# shellcheck disable=SC2016 # the inner shell's
	check "names of hosts, IPv$1" unshare -rm sh -c 'mount --bind "$0" /etc/hosts && exec "$@"' \
		"$XA_TMP/hosts" "$program" "$1" "$XA_TMP/hosts$1.t"
}

for e in $(extensions); do
	check "libxt_$e.c builds with sanitizers" build_plugin "$e"
	for also in $(sed -n "s/^also_$e=//p" "$XA_TOP/mconfig"); do
		ln -s "libxt_$e.so" "$XA_TMP/libxt_$also.so"
	done
	lines 4 "libxt_$e.t"
	lines 4 "libipt_$e.t"
	lines 6 "libip6t_$e.t"
	# a .t of its own for one family: then the common one is for the other
	[ -f "$ext/libip6t_$e.t" ] || [ -f "$ext/libipt_$e.t" ] || lines 6 "libxt_$e.t"
done

# What iptables -L shows.
for list in 4:list 6:list 4:list4 6:list6; do
	check "ruletext-${list#*:}.t, IPv${list%:*}" "$program" "${list%:*}" "$XA_TOP/tests/unit/ruletext-${list#*:}.t"
done

# A name with several addresses is no network; several in one network are one.
cat >"$XA_TMP/hosts" <<'END'
127.0.0.1 localhost
10.1.1.1 two.test same.test
10.1.1.2 same.test
10.2.2.2 two.test
fd00::1 two.test
fd00:1::1 two.test
END
unshare -rm mount --bind "$XA_TMP/hosts" /etc/hosts 2>/dev/null ||
	skip "names of hosts: there is no mount namespace to be had"
hosts 4 <<'END'
-j ACCOUNT --addr two.test --tname t;;FAIL
-j ACCOUNT --addr two.test/16 --tname t;;FAIL
-j ACCOUNT --addr two.test/8 --tname t;-j ACCOUNT --addr 10.0.0.0/8 --tname t;OK
-j ACCOUNT --addr two.test/0 --tname t;-j ACCOUNT --addr 0.0.0.0/0 --tname t;OK
-j ACCOUNT --addr same.test --tname t;;FAIL
-j ACCOUNT --addr same.test/24 --tname t;-j ACCOUNT --addr 10.1.1.0/24 --tname t;OK
END
hosts 6 <<'END'
-j ACCOUNT --addr two.test --tname t;;FAIL
-j ACCOUNT --addr two.test/32 --tname t;;FAIL
-j ACCOUNT --addr two.test/16 --tname t;-j ACCOUNT --addr fd00::/16 --tname t;OK
-j ACCOUNT --addr same.test --tname t;;FAIL
END
