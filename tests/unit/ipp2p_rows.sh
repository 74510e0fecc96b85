#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-only
# ipp2p: each word, code and limit that the classifiers have is there for a payload of
# ipp2p.golden, or of unit/ipp2p_learn. Each is made another one in turn, in a copy, and a
# verdict must change.
#
#	"word"				its first letter, or of a form of Soulseek each
#	case CODE:			no such code
#	[CODE] = A | B			each of them: none
#	== CODE, != CODE		another code; in hexadecimal, or a character
#	<= CODE, >= CODE		one more, one less
#	{ CODE, "form" }		another code
set -u
. "$XA_TOP/tests/hostlib.sh"
need perl perl
golden=$XA_TMP/golden

# variants FILE: writes a copy with one change each to FILE.N, and prints "N LINE CHANGE"
variants() {
	perl -0777 -e '
		my ($name) = @ARGV;
		my $text = <>;
		my $n = 0;
		sub variant {
			my ($from, $to, $new) = @_;
			my $copy = $text;
			my $line = 1 + (substr($text, 0, $from) =~ tr/\n//);
			my $was = substr($text, $from, $to - $from);
			substr($copy, $from, $to - $from) = $new;
			open my $out, ">", "$name." . ++$n or die;
			print $out $copy;
			close $out;
			print "$n $line $was: $new\n";
		}
		my $char = qr/\x27[^\x27\\]\x27/;
		my $byte = qr/0x[0-9a-f]{1,2}(?![0-9a-f])|$char/;
		# comments and included files have none
		(my $plain = $text) =~ s{(/\*.*?\*/|^\#include.*?$)}{ $1 =~ s/[^\n]/ /gr }gesm;
		$_ = $plain;
		while (/"([usdkp]+)"[ ,}\n]/g) {
			my $at = $-[1];
			variant($at + $_, $at + $_ + 1, substr($1, $_, 1) eq "s" ? "u" : "s")
				for 0 .. length($1) - 1;
		}
		while (/"((?:\\(?:[0-7]{1,3}|x[0-9a-f]{2}|.)|[^\\"\n])(?:[^"\\\n]|\\.)*)"/g) {
			my ($from, $to, $word) = ($-[1], $+[1], $1);
			next if $word =~ /^[usdkp]+$/;
			variant($from, $to, $word =~ s/^(\\([0-7]{1,3}|x[0-9a-f]{2}|.)|.)/\\001/r);
		}
		variant($-[1], $+[1], "1000 + $1") while /\bcase ([^:]+):/g;
		variant($-[1], $+[1], "($1) + 1") while /\{ (\d+),\s+"/g;
		variant($-[1], $+[1], "($1 ^ 0x40)") while /(?<![<>])[=!]= (0x[0-9a-f]+|$char)/g;
		variant($-[1], $+[1], "($1 ^ 0x40)") while /\bcode [=!]= (\d+)(?![0-9x])/g;
		for my $by ("+", "-") {
			variant($-[1], $+[1], "($1 $by 1)") while /[<>]=? ($byte)/g;
		}
		while (/^\t\[[^]]+\]\s*=((?:\s*XT_IPP2P_\w+ ?\|?)+),/gm) {
			my ($row, $at) = ($1, $-[1]);
			variant($at + $-[0], $at + $+[0], "0") while $row =~ /XT_IPP2P_\w+/g;
		}' "$1"
}

# differs SOURCE ARGS: whether the copy in $XA_TMP/one compiles, and is noticed
differs() {
	gcc -O0 -w -D_GNU_SOURCE -I "$XA_TMP/one" -I "$XA_TOP/include" -I "$XA_TOP/kernel" -I "$XA_TOP/tests/unit" \
		-o "$XA_TMP/changed" "$1" 2>/dev/null || return
	shift
	! timeout 60 "$XA_TMP/changed" "$@" <"$golden" >/dev/null 2>&1
}

# unseen FILE SOURCE ARGS: of the changes to a file those that change no verdict
unseen() {
	local file=$1 n line change
	shift
	cp "$XA_TOP/kernel/$file" "$XA_TMP/$file"
	(cd "$XA_TMP" && variants "$file") >"$XA_TMP/changes"
	[ -s "$XA_TMP/changes" ] || echo "$file has nothing to change"
	while read -r n line change; do
		mkdir -p "$XA_TMP/one"
		cp "$XA_TMP/$file.$n" "$XA_TMP/one/$file"
		differs "$@" || echo "kernel/$file:$line: $change"
		rm "$XA_TMP/one/$file"
	done <"$XA_TMP/changes"
	rm -f "$XA_TMP/$file".*
}

check "the packet tool is built" make -s -C "$XA_TOP/tests" O="$XA_TMP/tools" "$XA_TMP/tools/pkt"
grep '^[tu]' "$XA_TOP/tests/data/ipp2p.golden" | while IFS='|' read -r l4 verdict what bytes; do
	echo "$l4|$verdict|$what|$("$XA_TMP/tools/pkt" build "data $bytes")"
done >"$golden"
for file in bit edk tcp text udp; do
	check_none "each word, code and limit of xt_ipp2p_$file.c has a payload" \
		"$(unseen "xt_ipp2p_$file.c" "$XA_TOP/tests/unit/ipp2p.c" golden)"
done
check_none "each of xt_ipp2p_news.c has one" "$(unseen xt_ipp2p_news.c "$XA_TOP/tests/unit/ipp2p_learn.c" examples)"
