#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
# xtables-anew doctor: sees the rules of both back ends, which only the real files of /proc
# show; the commands that it prints move all of them; and who may not read them is told so
. "${0%/*}/../lib.sh"

# doctor: what it finds but of modules, which would take long, goes to a file; programs as in
# $XA_TMP/bin
doctor()
{
	in_ns a env PATH="$XA_TMP/bin:$PATH" "$@" xtables-anew doctor --kernel none >"$XA_TMP/found" 2>&1 || true
}

found() { sed -n "s/^$1: *//p" "$XA_TMP/found"; }
mend() { sed -n "/^$1: /{n;s/^    //p;}" "$XA_TMP/found"; }

# rules NFT|LEGACY: some in each table, and a policy
rules()
{
	for t in iptables ip6tables; do
		printf '%s\n' '*raw' '-A PREROUTING -m condition --condition c' COMMIT \
			'*mangle' ':POSTROUTING DROP' ':user - [0:0]' '-A POSTROUTING -j user' '-A user -m condition --condition c -j ACCEPT' COMMIT \
			'*nat' '-A PREROUTING -m condition --condition c -j RETURN' COMMIT \
			'*filter' '-A INPUT -m quota2 --name q --quota 1000 -j ACCEPT' '-A INPUT -p udp -j DROP' COMMIT |
			in_ns a $t-$1-restore || not_ok "$t: rules in $1" "$?"
	done
}

# saved NFT|LEGACY: of both families, what is not as in empty tables
saved()
{
	for t in iptables ip6tables; do
		in_ns a $t-$1-save | sed -e 's/ \[[0-9]*:[0-9]*\]$//' | grep -E '^(\*|-|:.* (-|DROP)$)' |
			awk '/^[*]/ { table = $0; next } { print table, $0 }' | sort -s -k 1,1
	done
}

counts() # NFT|LEGACY HERE THERE
{
	[ $1 = nft ] && echo "$2 in nf_tables, $3 in legacy tables" || echo "$3 in nf_tables, $2 in legacy tables"
}

# moved FROM TO: iptables is that of TO
moved()
{
	ns_new a
	mkdir -p "$XA_TMP/bin"
	for t in iptables ip6tables; do
		ln -sfn "$(command -v $t-$2)" "$XA_TMP/bin/$t"
	done
	rules $1
	in_ns a sh -c 'echo 600 >/proc/net/xt_quota/q'
	was=$(saved $1)
	doctor
	expect "all rules in $1: they are counted" "$(counts $1 8 0)" "$(found rules)"
	expect_match "and iptables shows others" "*but iptables shows those of*" "$(found back-ends)"
	for t in iptables ip6tables; do
		in_ns a $t-$2 -A INPUT -m condition --condition first
	done
	doctor
	expect "rules in both: they are counted" "$(counts $1 8 2)" "$(found rules)"
	expect_match "and found" "*both see each packet" "$(found back-ends)"
	expect_ok "the commands work" in_ns a env PATH="$XA_TMP/bin:$PATH" sh -ec "cd '$XA_TMP'; $(mend back-ends)"
	expect "nothing is left in $1" "" "$(saved $1)"
	expect "all is in $2, behind what was there" \
		"$(echo "$was" | sed 's/.*-A INPUT -m quota2/*filter -A INPUT -m condition --condition "first"\n&/')" "$(saved $2)"
	expect "with what was known" 600 "$(in_ns a cat /proc/net/xt_quota/q)"
	doctor
	expect "nothing is found any more" "" "$(found back-ends)"
	rm -r "${XA_TMP:?}/bin"
}

# Who is not root
rights()
{
	ns_new a
	ipt 4 a -A INPUT -m condition --condition c
	doctor setpriv --reuid 65534 --regid 65534 --clear-groups
	expect_match "rules in $XA_BACKEND that only root may read" "not readable: *" "$(found rules | grep readable)"
	expect "what to do" "run xtables-anew doctor as root" "$(mend 'rules: not readable' | sort -u)"
}

each_backend rights
if backend_works nft && backend_works legacy; then
	moved legacy nft
	ns_del_all
	moved nft legacy
else
	skip_part "the kernel has not both back ends"
fi
finish
