#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-only
# make install DESTDIR= puts each file where it belongs, and nothing elsewhere;
# make uninstall takes all of it away.
set -u
. "$XA_TOP/tests/hostlib.sh"
[ -f "${XA_BUILD:-}/config.h" ] || skip "no built tree (XA_BUILD)"

root=$XA_TMP/root
make_() { make -s --no-print-directory -C "$XA_BUILD" "$@"; }
var() { make_ --eval="xa-print: ; @echo \$($1)" xa-print | tail -n 1; }
there() { [ -f "$root$1" ]; }
not_there() { [ ! -e "$root$1" ]; }
links_to() { [ "$(readlink "$root$1")" = "$2" ]; }

xtlibdir=$(var xtlibdir) sbindir=$(var sbindir) libdir=$(var libdir)
man8dir=$(var man8dir) includedir=$(var includedir) bindir=$(var bindir)
kdir=$(var KDIR)
check "make install" make_ install DESTDIR="$root"

for e in $(extensions); do
	if grep -q "^build_$e=m" "$XA_TOP/mconfig"; then
		check "plugin of $e" there "$xtlibdir/libxt_$e.so"
		check "$e is in the manual" grep -qE "^\.SS (.*, )?$e\$" "$root$man8dir/xtables-addons.8"
	else
		check "no plugin of $e" not_there "$xtlibdir/libxt_$e.so"
	fi
	for also in $(sed -n "s/^also_$e=//p" "$XA_TOP/mconfig"); do
		check "plugin of $also" links_to "$xtlibdir/libxt_$also.so" "libxt_$e.so"
	done
done

check "iptaccount" there "$sbindir/iptaccount"
check "its manual" there "$man8dir/iptaccount.8"
check "the library's SONAME" links_to "$libdir/libxt_ACCOUNT_cl.so.1" libxt_ACCOUNT_cl.so.1.0.0
check "the library's header" there "$includedir/libxt_ACCOUNT_cl.h"

# a client of the library, built with nothing but what was installed
build_client() {
	printf '%s\n' '#include <libxt_ACCOUNT_cl.h>' 'int main(void)' \
		'{ static struct ipt_ACCOUNT_context ctx; return ipt_ACCOUNT_init(&ctx) && 0; }' >"$XA_TMP/client.c"
	# shellcheck disable=SC2046 # a list of flags
	PKG_CONFIG_SYSROOT_DIR=$root PKG_CONFIG_PATH=$root$libdir/pkgconfig \
	gcc -Wall -Werror -o "$XA_TMP/client" "$XA_TMP/client.c" \
		$(PKG_CONFIG_SYSROOT_DIR=$root PKG_CONFIG_PATH=$root$libdir/pkgconfig \
		  pkg-config --cflags --libs libxt_ACCOUNT_cl)
}
check "pkg-config and header serve a client" build_client
check "the client runs" env LD_LIBRARY_PATH="$root$libdir" "$XA_TMP/client"

if [ -n "$kdir" ]; then
	updates=/lib/modules/$("$XA_TOP/kernel/build.sh" --release "$kdir")/updates
	# one that needs BTF may have been left out
	for m in $("$XA_TOP/kernel/build.sh" --modules | xargs -n 1 |
		   grep -vxF "$(sed -n 's/^with_btf=//p' "$XA_TOP/mconfig" | xargs -n 1 printf 'xa_%s\n')"); do
		check "module $m" compgen -G "$root$updates/$m.ko*"
	done
else
	check "configured without a kernel: no modules" not_there /lib/modules
	updates=$xtlibdir
fi

strangers=$(cd "$root" && find . ! -type d | sed 's/^\.//' |
	grep -vF -e "$xtlibdir/libxt_" -e "$sbindir/" -e "$libdir/libxt_ACCOUNT_cl." \
	-e "$updates/" -e "$libdir/pkgconfig/" -e "$man8dir/" -e "$includedir/" \
	-e "${man8dir%8}1/xt_" -e /libexec/xtables-addons/xt_ -e "$bindir/xt_" \
	-e "${man8dir%8}1/knock.sh." -e "$bindir/knock.sh" \
	-e /lib/systemd/system/xt_ -e /lib/systemd/system/xthook.service \
	-e /share/bash-completion/completions/ -e "${man8dir%8}3/libxt_ACCOUNT_cl.3" \
	-e /share/xtables-anew/xt_metrics.json)
check_none "nothing elsewhere" "$strangers"

# ---- packages: each file is in one, and no list names what is not there
# installed: the names that files have in a package
installed() {
	(cd "$root" && find . ! -type d ! -name '*.la') | sed -e 's,^\.,,' -e "s,^.*/systemd/system/,/usr/lib/systemd/system/," -e "s,^$xtlibdir/,/usr/lib/TRIPLET/xtables/," \
		-e "s,^$libdir/,/usr/lib/TRIPLET/," -e "s,^$prefix/,/usr/," | grep -v '^/lib/modules/'
}
# packaged LIST...: their patterns, as extended regular expressions
packaged() {
	sed -e '/^#/d; /^$/d; /^usr\/src\//d' -e 's,^,/,' -e 's,\.,\\.,g' -e 's,\*,[^/]*,g' -e 's,$,(/.*)?$,' -e 's,^,^,' "$@"
}
prefix=$(var prefix)
for lists in "$XA_TOP/debian/*.install" "$XA_TOP/xtables-anew.spec"; do
	name=${lists#"$XA_TOP/"}
	case $lists in
	*.spec)	# %files in terms of Debian's folders
		sed -n '/^%files/,/^%changelog/p' "$XA_TOP/xtables-anew.spec" | sed -n 's,^%{_\([a-z0-9]*\)}/,\1 ,p' |
		sed -e 's,^bindir ,usr/bin/,' -e 's,^sbindir ,usr/sbin/,' -e 's,^libdir ,usr/lib/*/,' -e 's,^libexecdir ,usr/libexec/,' \
			-e 's,^usrsrc ,usr/src/,' -e 's,^mandir ,usr/share/man/,' -e 's,^datadir ,usr/share/,' -e 's,^includedir ,usr/include/,' -e 's,^unitdir ,usr/lib/systemd/system/,' >"$XA_TMP/list" ;;
	*) cat $lists >"$XA_TMP/list" ;;
	esac
	packaged "$XA_TMP/list" >"$XA_TMP/patterns"
	installed >"$XA_TMP/installed"
	check_none "$name: each file is in a package" "$(grep -vE -f "$XA_TMP/patterns" "$XA_TMP/installed")"
	check_none "$name: each pattern stands for a file" "$(while read -r p; do grep -qE "$p" "$XA_TMP/installed" || echo "$p"; done <"$XA_TMP/patterns")"
	check_none "$name: no file is in two packages" "$(while read -r f; do
		[ "$(while read -r p; do grep -cE "$p" <<<"$f"; done <"$XA_TMP/patterns" | grep -c 1)" -le 1 ] || echo "$f"; done <"$XA_TMP/installed")"
done

check "make uninstall" make_ uninstall DESTDIR="$root"
check_none "leaves nothing behind" "$(find "$root" ! -type d)"
