#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-only
# Each paragraph of the manual sections that promise most names the tests that fail when
# it is not true, in a comment at its end, which nobody sees:
#
#	.\" tested: behaviour/psd:limits unit/psd:thresholds t/psd
#	.\" promises nothing
#
# The tests, and the functions in them, are there, and are called.
set -u
. "$XA_TOP/tests/hostlib.sh"
cd "$XA_TOP" || exit 1

# paragraphs NAME: of its manual section, "LINE TESTS" for each, TESTS empty if it names none
paragraphs() {
	awk '
		function flush() { if (first && text) print first " " tests; first = text = 0; tests = "" }
		/^\.(PP|TP)/ { flush() }
		/^\.\\" tested: / { sub(/^\.\\" tested: */, ""); tests = tests $0 " "; next }
		/^\.\\" promises nothing$/ { tests = tests "- "; next }
		/^\.\\"/ { next }
		!first { first = NR }
		# a heading alone is no promise
		!/^\.(PP|TP)/ && !/^\\fB[A-Za-z ]*\\fP$/ { text = 1 }
		END { flush() }' "extensions/libxt_$1.man"
}

# files_of SPEC: where the test is
files_of() {
	case $1 in
	t/*)	echo "extensions/libxt_${1#*/}.t" ;;
	fuzz/*)	echo "tests/$1" ;;
	*)	ls "tests/$1".{c,sh} 2>/dev/null ;;
	esac
}

# wrong_test SPEC[:FUNCTION]: what is wrong with it
wrong_test() {
	local spec=${1%%:*} files function n
	files=$(files_of "$spec")
	# shellcheck disable=SC2086 # a list
	[ -n "$files" ] && ls $files >/dev/null 2>&1 || { echo "there is no $spec"; return; }
	function=${1#"$spec"}
	function=${function#:}
	[ -n "$function" ] || return
	# shellcheck disable=SC2086
	n=$(grep -hw -- "$function" $files | grep -vc '^[[:space:]]*\(#\|\*\|/\*\)')
	# once where it begins, and where it is called
	[ "$n" -ge 2 ] || echo "$spec has no $function that is called"
}

wrong() {	# NAME
	local test what
	paragraphs "$1" >"$XA_TMP/paragraphs"
	awk -v man="extensions/libxt_$1.man" 'NF == 1 { print man ":" $1 ": the paragraph names no test" }' "$XA_TMP/paragraphs"
	cut -s -d' ' -f2- "$XA_TMP/paragraphs" | tr ' ' '\n' | grep -vx -e - -e '' | sort -u | while read -r test; do
		what=$(wrong_test "$test")
		[ -z "$what" ] || echo "extensions/libxt_$1.man: $what"
	done
}

for e in DNETMAP SYSRQ ipp2p lscan pknock psd; do
	check_none "$e" "$(wrong "$e")"
	check "$e has paragraphs" test "$(wc -l <"$XA_TMP/paragraphs")" -gt 10
done
