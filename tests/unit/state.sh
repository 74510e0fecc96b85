#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-only
# xt_state, built with the sanitizers, on files instead of /proc/net: what it saves, what it
# writes when it restores, and that a bad file changes nothing.
set -u
. "$XA_TOP/tests/hostlib.sh"

build() {
	gcc -g -O1 -Wall -Wextra -Werror -D_GNU_SOURCE -fsanitize=address -fsanitize=undefined \
		-fno-sanitize-recover=all -DPROC_NET='getenv("XA_PROC")' -I "$XA_TOP/include" \
		-o "$XA_TMP/xt_state" "$XA_TOP"/state/*.c
}
check "xt_state builds with sanitizers" build
cd "$XA_TMP" || exit 1
export XA_PROC=$XA_TMP/proc
# run ARG...: status in rc, words in out and err
run() { "$XA_TMP/xt_state" "$@" >out 2>err; rc=$?; }

# proc: the files as the kernel shows them
proc() {
	rm -rf proc
	mkdir -p proc/nf_condition proc/xt_condition proc/xt_quota proc/xt_DNETMAP proc/xt_pknock
	echo 1 >proc/nf_condition/on
	echo 0 >"proc/nf_condition/ off  with blanks "
	echo 1 >'proc/nf_condition/for a time'
	echo '1 7200' >'proc/xt_condition/for a time'
	echo 1 >proc/xt_condition/on
	echo 18446744073709551615 >proc/xt_quota/all
	echo 500 >proc/xt_quota/q
	printf '1 1 64 600 persistent\n' >proc/xt_DNETMAP/20.0.0.0_26_stat
	printf '%s\n' '10.0.0.7 -> 20.0.0.0 --- ttl: 598 lasthit: 86402' '0.0.0.0 -> 20.0.0.1 --- ttl: 0 lasthit: 0' \
		'10.0.0.5 -> 20.0.0.5 --- ttl: S lasthit: S' >proc/xt_DNETMAP/20.0.0.0_26
	printf '3 0 64 600 \n' >proc/xt_DNETMAP/30.0.0.0_26_stat
	echo 'not to be read' >proc/xt_DNETMAP/30.0.0.0_26
	printf '%s\n' 'src=192.0.2.7 proto=TCP status=MATCHING accepted_knock_count=2 expir_time=7 [secs] ' \
		'src=192.0.2.8 proto=UDP status=ALLOWED accepted_knock_count=1 autoclose_time=14399 [secs] ' \
		'src=2001:db8::8 proto=TCP status=ALLOWED accepted_knock_count=3 ' >"proc/xt_pknock/the name"
}
# values: what the files hold
values() { (cd proc && grep -r . | sort); }

# ---- save
proc
run save
expect "save: exit status, standard error" "0 " "$rc $(cat err)"
saved=$(sed -n '1s/^xt_state 1 \([0-9]*\)$/\1/p' out)
expect "the clock is in the first line" yes "$([ $(($(date +%s) - saved)) -le 600 ] && echo yes)"
cat >want <<-END
	xt_state 1 $saved
	condition 0  off  with blanks @
	timed $((saved + 7200)) 1 for a time
	condition 1 on
	quota 18446744073709551615 all
	quota 500 q
	dnetmap 20.0.0.0_26 persistent
	dnetmap 20.0.0.0_26 10.0.0.5 20.0.0.5
	door 192.0.2.8 $((saved + 14399)) the name
	door 2001:db8::8 never the name
	end 9
END
sed -i 's/@$//' want
expect "all is saved" "" "$(diff want out 2>&1)"
cp out good
run save file
expect "save FILE" "0 600 9" "$rc $(stat -c %a file) $(sed -n 's/^end //p' file)"
expect "nothing is left beside it" "file" "$(echo file*)"
before=$(cat file)
echo nonsense >proc/xt_quota/q
run save file
expect "a file that is not understood: no save" "1 xt_state: proc/xt_quota/q: not understood" "$rc $(sed "s,$XA_TMP/,," err)"
expect "and the old file stays" "$before" "$(cat file)"
expect "with nothing beside it" "file" "$(echo file*)"
proc
run save no/such/folder
expect "a folder that is not there" "1 xt_state: no/such/folder: No such file or directory" "$rc $(cat err)"
rm -rf proc
run save
expect "no module is loaded" "0 end 0" "$rc $(tail -n 1 out)"

# ---- restore
# regular files keep what was written last, so one command each can be seen
restored() {	# OPTIONS: prints what was written into the files named by $files
	local f
	run restore "$@"
	for f in $files; do cat "proc/$f"; done
}
state() { { echo "xt_state 1 ${at:-1000}"; cat; } >state; echo "end $(($(wc -l <state) - 1))" >>state; }

proc
printf '%s\n' 'condition 0 on' 'condition 1  off  with blanks ' 'quota 499 q' 'quota 3 all' | state
files="nf_condition/on xt_quota/q xt_quota/all"
expect "merged: 1 stays, quotas lose the difference" "1 -1 -18446744073709551612" "$(restored state | xargs)"
expect "merged: 0 becomes 1" 1 "$(cat 'proc/nf_condition/ off  with blanks ')"
proc
expect "--replace: values as they are" "0 499 3" "$(restored --replace state | xargs)"
proc
printf '%s\n' 'quota 501 q' 'quota 18446744073709551615 all' | state
expect "merged: what is lower stays" "500 18446744073709551615" "$(files='xt_quota/q xt_quota/all' restored state | xargs)"
expect "--grow: the higher one" "+1" "$(files=xt_quota/q restored --grow q state)"
proc
printf '%s\n' 'quota 499 q' | state
expect "--grow: not the lower one" "500" "$(files=xt_quota/q restored --grow all -g q state)"

proc
printf '%s\n' 'dnetmap 20.0.0.0_26 10.0.0.5 20.0.0.5' | state
b=$(cat proc/xt_DNETMAP/20.0.0.0_26)
run restore --replace state
expect "a binding that is there needs nothing" "0 $b" "$rc $(cat proc/xt_DNETMAP/20.0.0.0_26)"
for pair in '10.0.0.5 20.0.0.6' '10.0.0.6 20.0.0.5'; do
	proc
	echo "dnetmap 20.0.0.0_26 $pair" | state
	run restore state
	expect "merged: a binding of $pair is left out" "0 xt_state: left out, since one of them is bound already: ${pair/ /, } $b" \
		"$rc $(cat err) $(cat proc/xt_DNETMAP/20.0.0.0_26)"
	run restore --replace state
	expect "--replace: it is made" "0 +${pair/ /:}" "$rc $(cat proc/xt_DNETMAP/20.0.0.0_26)"
done
proc
printf '%s\n' 'dnetmap 30.0.0.0_26 persistent' | state
expect "a persistent prefix" "+persistent" "$(files=xt_DNETMAP/30.0.0.0_26 restored state)"

# conditions that are set for a time, by several clocks; $3: what there was
now=$(date +%s)
timed() { proc; shift; echo "timed $1 1 on" | at=$2 state; [ -z "${3-}" ] || echo "$3" | tee proc/xt_condition/on | cut -c1 >proc/nf_condition/on; }
for way in '' --replace; do
	timed "$way" $((now + 10000)) "$now" 0
	# shellcheck disable=SC2086 # nothing or a word
	left=$(files=nf_condition/on restored $way state | sed -n 's/^1 //p')
	expect "a condition for the time that is left $way" yes "$([ "$left" -le 10000 ] && [ "$left" -ge 9000 ] && echo yes)"
done
timed --replace 1100 1000
expect "whose time is over" 0 "$(files=nf_condition/on restored --replace state)"
timed --replace $((now + 100100)) $((now + 100000))
expect "a clock that is behind" "1 100" "$(files=nf_condition/on restored --replace state)"
timed merged 1100 1000 1
expect "merged, time over: 1 stays" 1 "$(files=nf_condition/on restored state)"
timed merged $((now + 100)) "$now" 1
expect "merged: 1 for good stays that" 1 "$(files=nf_condition/on restored state)"
timed merged $((now + 100)) "$now" '1 9000'
expect "merged: the later time stays" 1 "$(files=nf_condition/on restored state)"
timed merged $((now + 9000)) "$now" '1 10'
expect "merged: the later time is set" "1 ????" "$(files=nf_condition/on restored state | sed 's/ [0-9]\{4\}$/ ????/')"
proc
echo 'condition 1 on' | state
echo '1 10' >proc/xt_condition/on
expect "merged: for good" 1 "$(files=nf_condition/on restored state)"

# merge NOW FILE: both "VALUE" or "VALUE SECONDS"; prints what is written, with whole thousands
# of seconds
merge_at=$((now + 100000))	# the machine's clock is behind
merge() {
	local value=${2%% *} seconds=${2#* }
	proc
	echo "$1" >proc/xt_condition/on
	echo nothing >proc/nf_condition/on
	if [ "$value" = "$2" ]; then echo "condition $value on"; else echo "timed $((merge_at + seconds)) $value on"; fi | at=$merge_at state
	run restore state
	cat proc/nf_condition/on
}
while IFS=, read -r is file wanted; do
	expect "merged: '$is' with '$file'" "$wanted" "$(merge "$is" "$file")"
done <<-END
	0,0,nothing
	0,0 5000,0 5000
	0,1,1
	0,1 5000,1 5000
	0 5000,0,nothing
	0 5000,0 3000,0 3000
	0 5000,0 5000,nothing
	0 5000,0 7000,nothing
	0 5000,1,1
	0 5000,1 3000,1
	0 5000,1 7000,1
	1,0,nothing
	1,0 5000,nothing
	1,1,nothing
	1,1 5000,nothing
	1 5000,0,nothing
	1 5000,0 3000,1
	1 5000,0 7000,1
	1 5000,1,1
	1 5000,1 3000,nothing
	1 5000,1 5000,nothing
	1 5000,1 7000,1 7000
END

# doors: 100 s from the time of saving, by several clocks
door() { proc; echo "door 192.0.2.9 $1 the name" | at=$2 state; files='xt_pknock/the?name'; run restore state; cat 'proc/xt_pknock/the name'; }
expect "a door without an end" "+192.0.2.9" "$(door never 1000)"
left=$(door $((now + 10000)) "$now" | sed -n 's/^+192.0.2.9 //p')
expect "a door that closes" yes "$([ "$left" -le 10000 ] && [ "$left" -ge 9000 ] && echo yes)"
expect "one that has closed" "src=192.0.2.7" "$(door 1100 1000 | head -n 1 | cut -d' ' -f1)"
expect "a clock that is behind" "+192.0.2.9 100" "$(door $((now + 100100)) $((now + 100000)))"
proc
echo "door 192.0.2.8 $((now + 100)) the name" | at=$now state
run restore state
expect "merged: it stays open for longer" 3 "$(wc -l <'proc/xt_pknock/the name')"
run restore --replace state
expect "--replace: for as long as the file says" 1 "$(wc -l <'proc/xt_pknock/the name')"

proc
printf '%s\n' 'quota 1 gone' 'condition 1 gone too' 'quota 1 q' | state
files=xt_quota/q
expect "the others are restored" "-499" "$(restored state)"
proc
run restore state
expect "what no rule has is left out" "0 xt_state: left out, since no rule has it: xt_quota/gone xt_state: left out, since no rule has it: nf_condition/gone too" "$rc $(xargs <err)"
expect "and not made" 2 "$(find proc/xt_quota -type f | wc -l)"

# ---- the same again: what is saved is what was restored
proc
run save first
run restore --replace first
expect "the saved file restores" "0 " "$rc $(cat err)"
"$XA_TMP/xt_state" save 2>err | "$XA_TMP/xt_state" restore - >out 2>&1
expect "through a pipe" "0 " "$? $(cat out)"

# ---- names that no rule has any more
# again SECONDS: save into the file, so long after the last time
again() {
	sed -i "1s/[0-9]*$/$(($(date +%s) - $1))/" kept
	run save kept
}
gone() { grep '^gone' kept; }
proc
run save kept
live=$(sed '1d; $d' kept)
expect "all names are there: the first version" "xt_state 1 " "$(sed -n '1s/[0-9]*$//p' kept)"
rm -r proc
run save kept
expect "names that are gone are kept" "0 $(sed 's/^/gone 0 /' <<<"$live")" "$rc $(gone)"
expect "in the second version" "xt_state 2  end 9" "$(sed -n '1s/[0-9]*$//p' kept) $(tail -n 1 kept)"
run save kept
again 3600
expect "with the time that has passed" 9 "$(gone | awk '$2 >= 3600 && $2 < 4000' | wc -l)"
proc
run restore --replace kept
expect "they are restored" "0 " "$rc $(cat err)"
expect "with what they had" "500 1" "$(cat proc/xt_quota/q proc/nf_condition/on | xargs)"
proc
rm proc/xt_quota/q proc/xt_pknock/*
run save kept
expect "what is there again is as it is now" "gone quota 500 q,gone door X the name,gone door X the name" \
	"$(gone | sed 's/door [^ ]* [^ ]*/door X/; s/gone [0-9]* /gone /' | paste -sd,)"
echo 77 >proc/xt_quota/q
: >'proc/xt_pknock/the name'
run save kept
expect "a name of a door that has let none in is not gone" "77 0" "$(sed -n 's/^quota \(.*\) q/\1/p' kept) $(gone | wc -l)"
rm proc/xt_quota/q
run save kept
again 1000000000
expect "no step is more than a day" "gone 86400 quota 77 q" "$(gone)"
again -1000000000
expect "none is less than nothing" "gone 86400 quota 77 q" "$(gone)"
cp kept before
sed -i 's/^gone [0-9]*/gone 2590000/' kept
again 0
expect "for 30 days" "quota 77 q" "$(gone | cut -d' ' -f3-)"
again 5000
expect "and no longer" "" "$(gone)"
cp before kept
sed -i 's/^gone [0-9]*/gone 18446744073709551614/' kept
again 5000
expect "and not from the beginning either" "" "$(gone)"
proc
printf '%s\n' "gone 5 door 192.0.2.1 $(($(date +%s) - 5)) gone" 'gone 5 door 192.0.2.1 never gone too' \
	'gone 5 dnetmap 20.0.0.0_25 10.0.0.5 20.0.0.9' 'gone 5 dnetmap 20.0.0.0_25 10.0.0.4 20.0.0.5' | state
sed '1s/ 1 / 2 /' state >kept
run save kept
expect "neither doors that have closed, nor what others have bound" "gone 86405 door 192.0.2.1 never gone too" "$(gone)"
{ for i in $(seq 7000); do echo "quota $i a$i"; done; for i in $(seq 7000); do echo "gone 5 quota $i b$i"; done; } | state
sed '1s/ 1 / 2 /' state >kept
run save kept
expect "10,000 of them, those that went last" "10000 7000 b3000" "$(gone | wc -l) $(gone | grep -c 'gone 0 .* a') $(gone | sed -n '$s/.* //p')"
run save
expect "not on the standard output" "0 1 9" "$rc $(sed -n '1s/xt_state \(.\) .*/\1/p' out) $(sed -n 's/^end //p' out)"
: >kept
run save kept
expect "an empty file has none" "0  9" "$rc $(cat err) $(sed -n 's/^end //p' kept)"
echo nonsense >kept
run save kept
expect "neither has a file that is no state" "0 xt_state: kept, line 1: this is no state, or one of another version xt_state: kept: nothing of it is kept 9" \
	"$rc $(xargs <err) $(sed -n 's/^end //p' kept)"

# ---- files that are none, and links
mkfifo pipe
timeout 10 cat pipe >piped &
run save pipe
wait $!
expect "a pipe is written into" "0  fifo end 9" "$rc $(cat err) $(stat -c %F pipe) $(tail -n 1 piped)"
if mknod null c 1 3 2>/dev/null && [ -w null ]; then
	run save null
	expect "a device is written into" "0  character special file" "$rc $(cat err) $(stat -c %F null)"
else
	echo "skip $spec: no right to make a device"
fi
mkdir -p elsewhere
ln -s elsewhere/kept link
cp kept elsewhere/kept
run save link
expect "a link is followed" "0  symbolic link 9 kept" "$rc $(cat err) $(stat -c %F link) $(sed -n 's/^end //p' elsewhere/kept) $(ls elsewhere)"
ln -s nowhere dangling
run save dangling
expect "one that leads nowhere is told" "1 xt_state: dangling: No such file or directory" "$rc $(cat err)"
if chown -h 1 link 2>/dev/null; then
	: >elsewhere/kept
	run save link
	expect "another user's is replaced itself" "0  regular file 0" "$rc $(cat err) $(stat -c %F link) $(stat -c %s elsewhere/kept)"
fi

# ---- rules that go while this works; and a power cut
plain() { gcc -Wall -Wextra -Werror -D_GNU_SOURCE -DPROC_NET='getenv("XA_PROC")' -I "$XA_TOP/include" -o plain "$XA_TOP"/state/*.c; }
shared() { gcc -Wall -Wextra -Werror -shared -fPIC -o "$1.so" "$XA_TOP/tests/data/$1.c" -ldl; }
check "a program without sanitizers builds" plain
check "tests/data/vanish.c compiles" shared vanish
check "tests/data/durable.c compiles" shared durable
check "tests/data/failing.c compiles" shared failing
# vanish WORD ARG...: files with the word go
vanish() { XA_VANISH=$1 LD_PRELOAD=$PWD/vanish.so ./plain "${@:2}" >out 2>err; rc=$?; }
# entries: those of out, without the times
entries() { sed '1d; $d; s/[0-9]\{10\}//' out; }
proc
run save
all=$(entries)
while IFS=: read -r file missing; do
	proc
	vanish "$file" save
	expect "a file goes: $file" "0 " "$rc $(cat err)"
	expect "only what it had is missing: $file" "$(grep -vE "$missing" <<<"$all")" "$(entries)"
done <<-'END'
	condition/on: on$
	xt_quota/q: q$
	20.0.0.0_26_stat: 20.0.0.0_26
	20.0.0.0_26: 20.0.0.0_26
	xt_pknock: the name$
END
mv proc/xt_DNETMAP/20.0.0.0_26_stat proc/xt_DNETMAP/20.0.0.0_stat
mv proc/xt_DNETMAP/20.0.0.0_26 proc/xt_DNETMAP/20.0.0.0
sed -i 1i"$(sed -n 3p proc/xt_DNETMAP/20.0.0.0)" proc/xt_DNETMAP/20.0.0.0
vanish xt_DNETMAP/20.0.0.0 save
expect "and not one half of it" "0 0" "$rc $(grep -c dnetmap out)"
proc
printf '%s\n' 'quota 1 q' 'condition 0 on' | state
vanish proc/xt_quota/q restore --replace state
expect "a file goes that is to be written" "0 xt_state: left out, since no rule has it: xt_quota/q 0" "$rc $(cat err) $(cat proc/nf_condition/on)"
: >proc/xt_quota/q
run save
expect "an empty file has not gone" "1 xt_state: proc/xt_quota/q: not understood" "$rc $(sed "s,$XA_TMP/,," err)"
proc
LD_PRELOAD=$PWD/durable.so ./plain save cut 9>cuts
expect "a power cut leaves the old file or the new one" "images: 1" "$(cat cuts)"
for i in $(seq 1000); do echo 5 >"proc/xt_quota/number $i"; done
cp cut whole
LD_PRELOAD=$PWD/failing.so ./plain save cut >out 2>err
expect "one write that fails is noticed" 1 $?
expect "and the old file stays" "cut.*" "$(cmp whole cut 2>&1; echo cut.*)"
(ulimit -f 1 && trap '' XFSZ && ./plain save cut >out 2>err)
expect "a file that grows too large" "1 xt_state: cut: File too large cut.*" "$? $(cat err) $(cmp whole cut 2>&1; echo cut.*)"
[ ! -w /dev/full ] || { "$XA_TMP/xt_state" save >/dev/full 2>err
expect "what cannot be printed" "1 xt_state: standard output: No space left on device" "$? $(cat err)"; }
proc

# ---- bad files
# bad WHAT MESSAGE: the state file is refused with the message, and nothing changes
bad() {
	proc
	local was
	was=$(values)
	run restore --replace state
	expect "$1" "1 xt_state: state, $2" "$rc $(cat err)"
	expect "$1: nothing changes" "$was" "$(values)"
}
# line MESSAGE LINE: between two good ones
line() { printf '%s\n' 'quota 1 q' "$2" 'condition 0 on' | state; bad "'$2'" "line 3: $1"; }

line '"9223372036854775808x" is no number' 'quota 9223372036854775808x all'
line '"18446744073709551616" is no number' 'quota 18446744073709551616 all'
line '"-1" is no number' 'quota -1 all'
line '"+1" is no number' 'quota +1 all'
line '"" is no name' 'quota 5'
line '"" is no name' 'quota 5 '
line '"../x" is no name' 'quota 5 ../x'
line '".." is no name' 'quota 5 ..'
line '"." is no name' 'condition 1 .'
line "\"$(printf 'a\tb')\" is no name" "$(printf 'quota 5 a\tb')"
line '"12345678901234567890123456789012" is no name' 'quota 5 12345678901234567890123456789012'
line 'a condition is 0 or 1, not 2' 'condition 2 x'
line 'a condition is 0 or 1, not 2' 'timed 5 2 x'
line '"soon" is no time' 'timed soon 1 x'
line '"18446744073709551615" is no time' 'timed 18446744073709551615 1 x'
line '"" is no name' 'timed 5 1'
line '"" is no time' 'timed'
line '"" is unknown' ''
line '"nonsense" is unknown' 'nonsense'
line '"Quota" is unknown' 'Quota 5 x'
line '"" is unknown' ' quota 5 x'
line 'two IPv4 addresses, or "persistent", are wanted behind the prefix' 'dnetmap 20.0.0.0_26'
line 'two IPv4 addresses, or "persistent", are wanted behind the prefix' 'dnetmap 20.0.0.0_26 10.0.0.1'
line 'two IPv4 addresses, or "persistent", are wanted behind the prefix' 'dnetmap 20.0.0.0_26 10.0.0.1 20.0.0.1 x'
line 'two IPv4 addresses, or "persistent", are wanted behind the prefix' 'dnetmap 20.0.0.0_26 10.0.0.1 fd00::1'
line 'two IPv4 addresses, or "persistent", are wanted behind the prefix' 'dnetmap 20.0.0.0_26 persistent x'
line '"" is no name' 'dnetmap'
line '"10.0.0.256" is no address' 'door 10.0.0.256 never x'
line '"" is no name' 'door 10.0.0.1 never'
line '"soon" is neither a time nor "never"' 'door 10.0.0.1 soon x'
line '"18446744073709551615" is neither a time nor "never"' 'door 10.0.0.1 18446744073709551615 x'
line 'this is there already' 'quota 2 q'
line '"gone" is unknown' 'gone 5 quota 5 x'
for case in 'gone x quota 5 x:"x" is no number' 'gone 5:"" is unknown' 'gone 5 gone 5 quota 5 x:"gone" is unknown' 'gone -1 quota 5 x:"-1" is no number' \
	'gone  quota 5 x:"" is no number' 'gone 5 quota 5:"" is no name' 'gone 5 quota 2 q:this is there already' \
	'gone 18446744073709551615 quota 5 x:"18446744073709551615" is no number'; do
	printf '%s\n' 'quota 1 q' "${case%%:*}" 'condition 0 on' | state
	sed -i '1s/ 1 / 2 /' state
	bad "'${case%%:*}'" "line 3: ${case#*:}"
done
printf '%s\n' 'condition 1 on' 'quota 1 q' 'condition 1 on' | state
bad "a name twice" "line 4: this is there already"
printf '%s\n' 'door fd00::1 never x' 'door fd00:0::1 5 x' | state
bad "a host twice, in two forms" "line 3: this is there already"
printf '%s\n' 'dnetmap 20.0.0.0_26 10.0.0.5 20.0.0.5' 'dnetmap 20.0.0.0_26 10.0.0.6 20.0.0.5' | state
bad "a public address twice" "line 3: this is there already"
printf '%s\n' 'door fd00::1 never x' 'door fd00::1 never y' 'quota 1 y' 'condition 1 y' | state
proc
run restore state
expect "what is alike, but not the same, is no error" 0 "$rc"

# a part of it
size=$(stat -c %s good)
whole=
for n in 0 1 5 $(seq 9 7 "$size") $((size - 2)) $((size - 1)); do
	head -c "$n" good >state
	run restore --replace state
	[ "$rc" = 1 ] && [ "$(wc -l <err)" = 1 ] || whole="$whole $n"
done
check_none "cut anywhere it is refused" "$whole"
{ cat good; echo; } >state
bad "something behind the end" "line 12: there is something behind the end"
sed 's/^end 9/end 8/' good >state
bad "another number of lines" "line 11: 9 lines are in front of it"
sed '4d' good >state
bad "a line is missing" "line 10: 8 lines are in front of it"
sed '1s/1/3/' good >state
bad "another version" "line 1: this is no state, or one of another version"
sed '1s/ 1 .*/ 1 x/' good >state
bad "no time" "line 1: this is no state, or one of another version"
{ head -n 3 good; printf 'quota 1 \0q\n'; tail -n +4 good; } >state
bad "a zero byte" "line 4: there is a zero byte in it"
run restore nowhere
expect "a file that is not there" "1 xt_state: nowhere: No such file or directory" "$rc $(cat err)"
run restore --if-exists nowhere
expect "--if-exists" "0 " "$rc $(cat err)"

# ---- the command line
proc
for args in 'save --replace' 'save --grow q' 'save --if-exists'; do
	# shellcheck disable=SC2086 # words
	run $args
	expect "$args" "2 xt_state: --replace, --grow and --if-exists go with restore only" "$rc $(head -n 1 err)"
done
run
expect "without a command" "2 xt_state: save or restore?" "$rc $(head -n 1 err)"
run load
expect "another command" "2 xt_state: unexpected argument load" "$rc $(head -n 1 err)"
run save a b
expect "an argument too many" "2 xt_state: unexpected argument b" "$rc $(head -n 1 err)"
for name in '' . .. a/b; do
	run --netns "$name" save
	expect "--netns '$name'" "2 xt_state: --netns takes a name that ip netns knows, not \"$name\"" "$rc $(cat err)"
done
run --netns no-such-namespace save
expect "--netns of a namespace that is not there" "1 xt_state: /run/netns/no-such-namespace: No such file or directory" "$rc $(cat err)"

# ---- units: every program that they call is one that is installed
for u in "$XA_TOP"/state/*.service.in "$XA_TOP"/state/*.timer.in; do
	check "$(basename "$u") calls xt_state as it wants to be called" grep -qE '^(ExecStart=@sbindir@/xt_state (restore --replace --if-exists|save) /var/lib/xtables-anew/state|OnUnitActiveSec=1min)$' "$u"
done
if [ -n "$(command -v systemd-analyze)" ] && [ -f "${XA_BUILD:-}/config.h" ]; then
	mkdir -p units
	for u in "$XA_TOP"/state/*.service.in "$XA_TOP"/state/*.timer.in; do sed "s,@sbindir@/xt_state,$XA_TMP/xt_state,; /^Documentation=/d" "$u" >"units/$(basename "$u" .in)"; done
	check_none "systemd knows all lines of the units" "$(SYSTEMD_UNIT_PATH=$XA_TMP/units: systemd-analyze verify units/xt_state* 2>&1 | grep 'units/xt_state\|^xt_state')"
fi
