#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-only
# A rule that is refused after many good ones in one file of iptables-restore: the
# error is the one of that rule, whatever plugins have left behind.
set -u
. "$XA_TOP/tests/hostlib.sh"
[ -f "${XA_BUILD:-}/config.h" ] || skip "no built tree (XA_BUILD)"
need iptables-restore-translate iptables
ext=$XA_TOP/extensions
mkdir "$XA_TMP/plugins"
for e in $(extensions); do
	check "build the plugin of $e" make -s -C "$XA_BUILD/extensions" "libxt_$e.so"
	cp "$XA_BUILD/extensions/libxt_$e.so" "$XA_TMP/plugins/"
	for also in $(sed -n "s/^also_$e=//p" "$XA_TOP/mconfig"); do
		ln -sf "libxt_$e.so" "$XA_TMP/plugins/libxt_$also.so"
	done
done
XTABLES_LIBDIR=$XA_TMP/plugins:$(pkg-config --variable=xtlibdir xtables)
export XTABLES_LIBDIR

# good FAMILY EXTENSION: the rules of its .t file that a plugin takes
good() {
	local file=$ext/libxt_$2.t
	[ "$1" = 4 ] || [ ! -f "$ext/libip6t_$2.t" ] || file=$ext/libip6t_$2.t
	! grep -q "^# *family: *$((10 - $1)) *\$" "$file" || return 0
	awk -F';' '$3 == "OK" && $4 == "" && !/^[#:*@%]/ { print "-A INPUT " $1 }' "$file"
}

# told FAMILY PREFIX: the bad line after all the good ones, and what is said
told() {
	local lines
	{ echo '*filter'; cat "$XA_TMP/good"; echo '-A INPUT -m fuzzy --lower-limit 0'; } >"$XA_TMP/rules"
	lines=$(wc -l <"$XA_TMP/rules")
	"$2-restore-translate" -f "$XA_TMP/rules" >"$XA_TMP/out" 2>"$XA_TMP/err" && return 1
	cat "$XA_TMP/err"
	grep -q "fuzzy: bad value for option \"--lower-limit\"" "$XA_TMP/err" &&
		! grep -q "ACCOUNT\|geoip" "$XA_TMP/err" && grep -q "$lines" "$XA_TMP/err"
}

# What iptables-save of xtables-addons leaves of rules that it had taken. The guide names,
# and its command finds, what is refused: secrets that are not there.
guide=$XA_TOP/doc/coming-from-xtables-addons.md
saved() {
	cat <<-'END'
	-A INPUT -p tcp -m lscan -j DROP
	-A INPUT -p tcp -m lscan  --stealth --synscan -j DROP
	-A INPUT -m quota2 --name q  --quota 4711 -j ACCEPT
	-A INPUT -p tcp -m pknock  --knockports 2002,2001 --time 10  --name SSH  -j ACCEPT
	-A INPUT -p udp -m pknock  --knockports 2000 --name SPA --opensecret  --closesecret  -j DROP
	-A INPUT -p udp -m pknock  --knockports 2000 --opensecret  --closesecret  --name SPA -j DROP
	END
}
restores() { printf '%s\n' '*filter' "$1" COMMIT | iptables-restore-translate -f /dev/stdin; }
# found LINE: by the command of the guide's first step
found() {
	local pattern
	pattern=$(sed -n "s/^ *grep -nE -- '\(.*secret.*\)' .*/\1/p" "$guide")
	grep -qE -- "$pattern" <<<"$1"
}
while IFS= read -r line; do
	if restores "$line" >"$XA_TMP/out" 2>&1; then
		check "restores: $line" true
		check "the guide's command does not find it" eval '! found "$line"'
	else
		check "is found by the guide's command: $line" found "$line"
		check "is in the guide" grep -qF 'opensecret  --closesecret' "$guide"
	fi
done < <(saved)
check "a secret that is there is not found" eval '! found "-m pknock --opensecret a --closesecret \"b c\" -j DROP"'

for family in 4 6; do
	prefix=iptables
	[ $family = 4 ] || prefix=ip6tables
	for e in $(extensions); do
		good $family "$e" >"$XA_TMP/good"
		[ ! -s "$XA_TMP/good" ] || check "after the rules of $e, IPv$family" told $family $prefix
	done
done
