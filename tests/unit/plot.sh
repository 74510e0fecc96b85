#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-only
# tests/bench/plot: the picture has what the CSV says, and is well formed
set -u
. "$XA_TOP/tests/hostlib.sh"
need python3 python3
cd "$XA_TMP" || exit 1
plot() { "$XA_TOP/tests/bench/plot" --title "a < b" --command "run --quick x" "$@"; }
cat >bench.csv <<'END'
# date      2026-01-02T03:04:05Z, abcdef0
# machine   Some <Processor>, 2 CPUs
# kernel    Some kernel
# guest     3 runs
kind,script,label,backend,family,cpus,copies,over,packets,base_ns,cost_ns,cost_min_ns,cost_max_ns,one_kpps,all_kpps
cost,x,"one, two",nft,4,1,1,rule,p,10,25.0,20.0,50.0
cost,x,"one, two",legacy,4,1,1,rule,p,10,40.0,40.0,40.0
cost,x,"one, two",nft,4,2,1,rule,p,10,99.0,99.0,99.0
cost,x,other,nft,4,1,1,rule,p,10,100.0,100.0,100.0
cost,x,other,nft,6,1,1,rule,p,10,60.0,60.0,60.0
cost,x,none,nft,4,1,1,rule,p,10,-0.8,-1.4,-0.2
cost,x,flow,nft,4,1,1,rule,p,300,100.0,50.0,200.0
scale,x,flow,nft,4,2,1,rule,p,,,,,2500,5000
cost,x,slow,nft,4,1,1,rule,p,3000,1000.0,900.0,1100.0
scale,x,scale,nft,4,2,1,rule,p,,,,,1,2
END
plot --backend nft bench.csv "one, two" "other=another name" >p.svg 2>err
expect "exit status" "0 " "$? $(cat err)"
check "it is XML" python3 -c 'import sys, xml.dom.minidom; xml.dom.minidom.parse("p.svg")'
# 398 points are the largest of all: 100 ns
expect "bars in proportion" "99.5 398.0" "$(sed -n 's/^<rect class="bar".* width="\([0-9.]*\)".*/\1/p' p.svg | xargs)"
expect "the range" "379.6 499.0" "$(sed -n 's/^<line class="range" x1="\([0-9.]*\)" x2="\([0-9.]*\)".*/\1 \2/p' p.svg | head -n 1)"
expect "values" "25 ns|100 ns" "$(grep -o '[0-9]* ns' p.svg | paste -sd'|')"
expect "names" 1 "$(grep -c 'text-anchor="end">another name<' p.svg)"
for text in 'Some kernel; Some &lt;Processor&gt;, 2 CPUs' '3 runs; commit and date: 2026-01-02T03:04:05Z, abcdef0' 'run --quick x' 'a &lt; b'; do
	expect "says '$text'" yes "$(grep -qF ">$text<" p.svg && echo yes)"
done
check "colours for a dark page" grep -q 'prefers-color-scheme: dark' p.svg
expect "all back ends" "one, two, nft|one, two, legacy" "$(plot bench.csv "one, two" | grep -o 'one, two, [a-z]*' | paste -sd'|')"
expect "--cpus 2" "99 ns" "$(plot --cpus 2 bench.csv "one, two" | grep -o '[0-9]* ns')"
expect "--family 6" "60 ns" "$(plot --family 6 bench.csv other | grep -o '[0-9]* ns')"
expect "less than nothing" "0.0 0 ns" "$(plot bench.csv none | sed -n 's/^<rect class="bar".* width="\([-0-9.]*\)".*/\1/p; s/.*>\(-*[0-9]* ns\)<.*/\1/p' | xargs)"
expect "--cpus 1 --cpus 2" "one, two, 1 CPU|one, two, 2 CPUs" "$(plot --backend nft --cpus 1 --cpus 2 bench.csv "one, two" | grep -o 'one, two, [0-9] CPUs*' | paste -sd'|')"
# widths and figures of the bars
drawn() { sed -n 's/^<rect class="bar".* width="\([-0-9.]*\)".*/\1/p; s/.*>\([0-9.]* million[^<]*\)<.*/\1/p' | paste -sd'|'; }
expect "--show rate: by the path and the rule" "256.4|2.50 million a second" "$(plot --show rate bench.csv flow | drawn)"
expect "--show rate: from the slowest run to the fastest" "505.1 593.0" \
	"$(plot --show rate bench.csv flow | sed -n 's/^<line class="range" x1="\([0-9.]*\)" x2="\([0-9.]*\)".*/\1 \2/p')"
expect "--show rate: below a million" "250,000 a second" "$(plot --show rate bench.csv slow | grep -o '[0-9,]* a second')"
expect "--show scale: one CPU and both" "146.5|2.50 million a second|293.0|5.00 million a second" "$(plot --show scale bench.csv flow | drawn)"
expect "--show scale: names" "flow, nft, 1 CPU|flow, nft, 2 CPUs" "$(plot --show scale bench.csv flow | grep -o 'flow, nft, [^<]*' | paste -sd'|')"
for row in nothing scale; do
	plot bench.csv $row >out 2>err
	expect "a row that is not there: $row" "1 0 plot: there is no row \"$row\"" "$? $(wc -c <out) $(cat err)"
done
# The pictures of the tree are such, and say where they come from.
for f in "$XA_TOP"/doc/plots/*.svg; do
	check "$(basename "$f") is XML" python3 -c 'import sys, xml.dom.minidom; xml.dom.minidom.parse(sys.argv[1])' "$f"
	check "... says kernel, commit, date and command" grep -qE 'commit and date: 20..-..-..T..:..:..Z, [0-9a-f]{7}<' "$f"
	check "... and the command" grep -qE '>tests/bench/run .*<' "$f"
done
