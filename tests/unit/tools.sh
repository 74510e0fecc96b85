#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-only
# All tools answer --help, --version and a wrong command line alike.
set -u
. "$XA_TOP/tests/hostlib.sh"
[ -f "${XA_BUILD:-}/config.h" ] || skip "no built tree (XA_BUILD)"
cd "$XA_TMP" || exit 1
version=$(sed -n 's/^#define XA_VERSION "\(.*\)"/\1/p' "$XA_TOP/include/xa_version.h")

# -h of iptaccount frees handles, as existing scripts rely on.
other='iptaccount'
tools() {
	local dir
	for dir in geoip asn quota2 pknock doctor iptaccount sysrq xthook state metrics; do
		make -s --no-print-directory -C "$XA_BUILD/$dir" --eval='xa-print: ; @echo $(bin_PROGRAMS) $(sbin_PROGRAMS) $(bin_SCRIPTS) $(sbin_SCRIPTS) $(dist_bin_SCRIPTS)' xa-print |
			tail -n 1 | xargs -n1 | sed "s,^,$dir/,"
	done
}
# run ARG...: status in rc, words in out and err
run() { "$path" "$@" >out 2>err </dev/null; rc=$?; }

n=0
for t in $(tools); do
	name=${t#*/} path=$XA_BUILD/$t
	case " $other " in *" $name "*) continue ;; esac
	n=$((n + 1))
	[ -x "$path" ] || path=$XA_TOP/$t
	for o in --help -h; do
		run $o
		expect "$name $o" "0 usage: $name" "$rc $(head -n 1 out | cut -d' ' -f1-2)"
		expect "$name $o says nothing on stderr" "" "$(cat err)"
	done
	run --help
	for o in --help --version; do expect "$name --help names $o" 1 "$(grep -c -e "$o" out | sed 's/[1-9].*/1/')"; done
	for o in --version -V; do
		run $o
		expect "$name $o" "0 $name (xtables-anew) $version" "$rc $(cat out err)"
	done
	# not the scripts, whose shell may not tell
	if [ -w /dev/full ] && [ "$(head -c 4 "$path" | tr -d '\177')" = ELF ]; then
		"$path" --help >/dev/full 2>err </dev/null
		expect "$name --help into a full disk" "1 yes" "$? $(grep -q 'No space left' err && echo yes)"
	fi
	run --no-such-option
	expect "$name: unknown option" "2 Try '$name --help'." "$rc $(tail -n 1 err)"
	expect "$name: unknown option, the message" "$name: " "$(head -n 1 err | grep -o "^$name: .*no-such-option" | grep -o '^[^ ]* ')"
	expect "$name: unknown option, nothing on stdout" "" "$(cat out)"
	case $name in
	*_load|*_dl|*_update) args='word other' word=word ;;
	*_dl_maxmind) args='file other' word=other ;;
	pknlusr) args='1 other' word=other ;;
	xt_geoip_query) args='--nft-defines other' word=other ;;
	xt_pknock_knock) args='host 1 other' word=other ;;
	*) continue ;;
	esac
	[ "$name" != xt_asn_dl ] || args='file other' word=other
	# shellcheck disable=SC2086 # words
	run $args
	expect "$name $args" "2 $name: unexpected argument $word" "$rc $(head -n 1 err)"
done
check "tools were found" test "$n" -ge 18
for o in --help --version; do
	"$XA_BUILD/iptaccount/iptaccount" $o >out 2>err
	expect "iptaccount $o" "0 " "$? $(cat err)"
done
check_none "scripts have the version, too" "$(for f in sysrq/xt_sysrq_send pknock/knock.sh; do grep -q "$version" "$XA_TOP/$f" || echo "$f"; done)"
