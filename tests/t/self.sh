#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
# Does the runner of .t and .txlate files find what is wrong? With extensions of
# the kernel's own, right lines and wrong ones.
. "${0%/*}/../lib.sh"

# runs FILE BACKEND: prints "OK-LINES NOT-OK-LINES" of the runner, for IPv4
runs()
{
	XA_EXTENSIONS=$XA_TMP XA_SPEC=inner sh "$XA_TESTS/t/run" "$1" "$2" >"$XA_TMP/$1.$2"
	echo "$(grep -c '^ok ' "$XA_TMP/$1.$2") $(grep -c '^not ok ' "$XA_TMP/$1.$2")"
}

# complains FILE BACKEND LINE WORDS: about that line with these words
complains()
{
	expect_match "$1.t:$3 is wrong" "*$4*" "$(grep "^not ok .*$1.t:$3:" "$XA_TMP/$1.$2")"
}

cat >"$XA_TMP/libxt_right.t" <<'END'
# family: 4
:INPUT,FORWARD,OUTPUT
-m mark --mark 0xfeedcafe/0xfeedcafe;=;OK
-m mark --mark 1;-m mark --mark 0x1;OK
-m mark ! --mark 0x1;=;OK
-m comment --comment "a \"b\" $x `ls` & (";=;OK
;=;OK
-m mark --mark -1;;FAIL
-m mark;;FAIL
-m mark --mark 0x1 --mark 0x2;;FAIL
%-N other
:other
-m mark --mark 0x1;=;OK
@true
:PREROUTING
*mangle
-j MARK --set-mark 0x1;-j MARK --set-xmark 0x1/0xffffffff;OK
-j TCPMSS;;FAIL
-j TCPMSS --set-mss 10;;FAIL;KERNEL
END

cat >"$XA_TMP/libxt_wrong.t" <<'END'
# family: 4
:INPUT,FORWARD,OUTPUT
-m mark --mark 1;=;OK
-m mark --mark 0x1;=;OK
-m mark --mrk 0x1;=;OK
-m mark --mark 0x1;;FAIL
-j TCPMSS --set-mss 10;;FAIL
-m mark --mark 0x2
-m nosuch --mark 0x2;;FAIL
-m mark --mark 0x3;=;OK
@false
*nat
-j DNAT --to-destination 1.2.3.4;=;OK
END

right_and_wrong()
{
	expect "right lines" "12 0" "$(runs right "$XA_BACKEND")"
	expect "right and wrong lines" "2 8" "$(runs wrong "$XA_BACKEND")"
	complains wrong "$XA_BACKEND" 3 "expected '-A INPUT -m mark --mark 1', got '-A INPUT -m mark --mark 0x1'"
	complains wrong "$XA_BACKEND" 5 'unknown option "--mrk"'
	complains wrong "$XA_BACKEND" 6 "expected an error, got '-A INPUT -m mark --mark 0x1'"
	complains wrong "$XA_BACKEND" 7 "expected a word of the rule in the message, got"
	complains wrong "$XA_BACKEND" 8 "is a line of the form"
	complains wrong "$XA_BACKEND" 9 "expected a word of the rule"
	complains wrong "$XA_BACKEND" 11 "command (false)"
	complains wrong "$XA_BACKEND" 13 "insertion into INPUT"
}

each_backend right_and_wrong
expect "a file that is not there" "0 1" "$(runs missing nft)"

cat >"$XA_TMP/libxt_right.txlate" <<'END'
iptables-translate -A INPUT -p tcp --dport 80 -j ACCEPT
nft 'add rule ip filter INPUT tcp dport 80 counter accept'

ip6tables-translate -A INPUT -m comment --comment "a b"
nft add rule ip6 filter INPUT counter comment "a b"
END
sed 's/80 counter/81 counter/' "$XA_TMP/libxt_right.txlate" >"$XA_TMP/libxt_wrong.txlate"
for file in right wrong; do
	XA_EXTENSIONS=$XA_TMP XA_SPEC=inner sh "$XA_TESTS/t/txlate" $file >"$XA_TMP/$file.tx"
done
expect "right translations" "2 0" \
	"$(grep -c '^ok ' "$XA_TMP/right.tx") $(grep -c '^not ok ' "$XA_TMP/right.tx")"
expect_match "a wrong translation" "*wrong.txlate:1: *expected 'nft add rule*81*got*80*" \
	"$(grep '^not ok ' "$XA_TMP/wrong.tx")"
finish
