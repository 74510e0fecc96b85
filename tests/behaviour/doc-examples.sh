#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
# The recipes of README.md; and doc/coming-from-sets.md: each of its examples, as it is there, and that of
# ipset or nft beside it, let the same packets through
. "${0%/*}/../lib.sh"

page=${0%/tests/*}/doc/coming-from-sets.md
[ -e "$page" ] || test_skip "the page is not here: $page"

# example SECTION 1|2: the first or second example below that number
example()
{
	awk -v section="## $1. " -v want="$2" '
		/^## / { on = index($0, section) == 1; n = 0; code = 0 }
		on && /^    / { if (!code) n++; code = 1; if (n == want) print substr($0, 5); next }
		{ code = 0 }' "$page"
}

# run_example SECTION 1|2: in s; iptables is that of this back end, and the update is one without the network
run_example()
{
	example "$1" "$2" >"$XA_TMP/example"
	expect "$1: there is an example" yes "$([ -s "$XA_TMP/example" ] && echo yes)"
	expect_ok "$1: $([ "$2" = 1 ] && echo before || echo now)" in_ns s env PATH="$XA_TMP/bin:$PATH" sh -eux "$XA_TMP/example"
}

# local_hosts: all hosts that send are this machine's
local_hosts()
{
	in_ns s ip addr add 20.0.0.0/16 dev lo
	in_ns s ip addr add 19.255.255.255/32 dev lo
}

# passed: how many datagrams of five hosts, of 48 bytes each, reach the last rule
passed()
{
	ipt 4 s -A INPUT -p udp --dport 9 -m comment --comment seen
	for a in 19.255.255.255 20.0.0.0 20.0.0.255 20.0.1.0 20.0.2.7; do
		set -- "$@" "ip src=$a dst=127.0.0.1 / udp dport=9 / data zero=20"
	done
	local_hosts
	in_ns s pkt send --local "$@" >/dev/null
	ipt 4 s -nvxL INPUT | awk '/seen/ { print $1 }'
}

# both SECTION PASSED [FUNCTION]: the examples agree; so do they when FUNCTION asks the way that it is given
both()
{
	for way in 1 2; do
		if [ $way = 1 ] && [ -n "$no_ipset" ] && example "$1" 1 | grep -q ipset; then
			skip_part "$1, example 1: $no_ipset"
			continue
		fi
		ns_new s
		run_example "$1" $way
		expect "$1, example $way: what passes" "$2" "$(passed)"
		[ -z "${3-}" ] || "$3" $way
		ns_del s
	done
}

counters()
{
	if [ "$1" = 1 ]; then
		in_ns s ipset list hosts | sed -n 's/^\(20\.[0-9.]*\) packets \([0-9]*\) .*/\1 \2/p'
	else
		in_ns s iptaccount -s -l hosts | grep '^20\.' | cut -d';' -f1,2 | tr ';' ' '
	fi >"$XA_TMP/hosts"
	expect "3, example $1: hosts and their packets" "20.0.0.0 1 20.0.0.255 1 20.0.1.0 1 20.0.2.7 1" \
		"$(sort "$XA_TMP/hosts" | xargs)"
}

# why_no_ipset: prints why the examples of ipset cannot run here; nothing if they can
why_no_ipset()
{
	if ! command -v ipset >/dev/null; then
		echo "there is no ipset"
	elif ! in_ns s ipset create probe hash:net counters 2>"$XA_TMP/err"; then
		echo "this kernel has no ipset: $(head -n 1 "$XA_TMP/err")"
	elif ! ipt 4 s -A INPUT -m set --match-set probe src -j SET --add-set probe src 2>"$XA_TMP/err"; then
		echo "this kernel has no xt_set: $(head -n 1 "$XA_TMP/err")"
	fi
}

# the watching is another test's; here the table is printed once
recipes()
{
	ns_new s
	sed -n '/^    xt_geoip_update && /,/^$/s/^    //p' "${page%/*}/README.md" | sed 's/ --watch / /' >"$XA_TMP/example"
	expect "README: recipes" 3 "$(grep -c iptables "$XA_TMP/example")"
	expect_ok "README: they run" in_ns s env PATH="$XA_TMP/bin:$PATH" sh -eux "$XA_TMP/example"
	ipt 4 s -A INPUT -d 127.0.0.1 -m comment --comment seen
	local_hosts
	in_ns s pkt send --local 'ip src=20.0.0.1 dst=127.0.0.1 / udp dport=9' 'ip src=20.0.1.1 dst=127.0.0.1 / udp dport=9' \
		'ip src=20.0.1.1 dst=127.0.0.1 / tcp dport=2001' 'ip src=20.0.1.1 dst=127.0.0.1 / tcp dport=2003' \
		'ip src=20.0.1.1 dst=127.0.0.1 / tcp dport=2002' 'ip src=20.0.1.1 dst=127.0.0.1 / tcp dport=22' >/dev/null
	expect "README: a country is blocked, the others are not" 4 "$(ipt 4 s -nvxL INPUT | awk '/seen/ { print $1 }')"
	expect "README: who knocked comes in" 1 "$(ipt 4 s -nvxL INPUT | awk '/pknock/ { print $1 }')"
	sed -n '/^    sudo iptables -I INPUT/,/^$/s/^    //p' "${page%/*}/README.md" |
		grep -v doctor | sed 's/sudo //g' >"$XA_TMP/example"
	expect "README: is it working? commands" 2 "$(grep -c iptables "$XA_TMP/example")"
	expect_ok "README: they run" in_ns s env PATH="$XA_TMP/bin:$PATH" sh -eux "$XA_TMP/example"
	expect "README: the rule counts" 1 "$(awk '$1 == 2 && /condition/' "$XA_TMP/out" | wc -l)"
	ns_del s
}

all()
{
	rm -rf "${XA_TMP:?}/bin"
	mkdir -p "$XA_TMP/bin" "$XA_TMP/db"
	for p in iptables ip6tables; do
		printf '#!/bin/sh\nexec %s-%s -w "$@"\n' $p "$XA_BACKEND" >"$XA_TMP/bin/$p"
	done
	cat >"$XA_TMP/bin/xt_geoip_update" <<-END
		#!/bin/sh
		printf '20.0.0.0/24,CN\n20.0.1.0/24,DE\n20.0.2.0/24,RU\n' |
			xt_geoip_build -q -F -f cidr -D "$XA_TMP/db" -i -
	END
	chmod +x "$XA_TMP"/bin/*
	"$XA_TMP/bin/xt_geoip_update" && xt_geoip_load -q -D "$XA_TMP/db" || not_ok "a database"
	recipes
	ns_new s
	no_ipset=$(why_no_ipset)
	ns_del s
	both 1 2
	both 2 2
	both 3 5 counters
	both 4 4
	both 5 0
	xt_geoip_load --unload
}
each_backend all
finish
