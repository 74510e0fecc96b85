#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-only
# Each registration of a match or target says for which hooks and which family it is:
# without .hooks a rule in a user chain runs at any hook. Each module has a version.
# fuzz/blob knows each revision that the kernel takes, of each family. Modules are found by the
# names that the kernel asks for. What programs may ask is asked for CAP_NET_ADMIN; keys are random, and
# digests are compared in constant time. Modules wait for their RCU callbacks.
set -u
. "$XA_TOP/tests/hostlib.sh"
cd "$XA_TOP" || exit 1

# lacking FIELD FILE...: registrations without it, and the number of all to descriptor 3
lacking() {
	awk -v field="$1" '
		/^(static )?struct xt_(match|target) .*=/ { inside = 1 }
		!inside { next }
		/^\t+\.name / { open = 1; found = 0; name = FILENAME ": " $3; all++ }
		$1 == field { found = 1 }
		open && /^\t?}/ { if (!found) print name " has no " field; open = 0 }
		/^};/ { inside = 0 }
		END { print all + 0 >"/dev/fd/3" }' "${@:2}"
}

for field in .hooks .family .me; do
	check_none "every match and target has $field" "$(lacking $field kernel/xt_*.c 3>"$XA_TMP/all")"
done
check "registrations are found" test "$(cat "$XA_TMP/all")" -ge "$(extensions | wc -l)"
check_none "every module has a version" "$(grep -l '^MODULE_LICENSE' kernel/*.c | xargs grep -L '^MODULE_VERSION(XA_VERSION)')"

# registered FILE...: "NAME REVISION FAMILY" of all that they register
registered()
{
	cat include/xt_*.h "$@" | awk '
		$1 == "#define" && $2 ~ /_REVISION$/ { value[$2] = $3 }
		/^(static )?struct xt_(match|target) .*=/ { inside = 1 }
		inside { word = $3; gsub(/[",]/, "", word) }
		inside && $1 == ".name" { name = word }
		inside && $1 == ".revision" { revision = word in value ? value[word] : word }
		inside && $1 == ".family" { family = substr(word, length(word)) }
		inside && /^\t?}/ { print name, revision, family }
		/^};/ { inside = 0 }' | sort -u
}

# fuzzed: the same of what fuzz/blob sends
fuzzed()
{
	awk '/^[^#]/ { for (i = 1; i <= length($4); i++) print $1, $3, substr($4, i, 1) }' \
		tests/fuzz/extensions.txt | sort -u
}

check_none "tests/fuzz/extensions.txt has each revision and family that the kernel takes" \
	"$(comm -23 <(registered kernel/xt_*.c) <(fuzzed))"
check_none "and no other" "$(comm -13 <(registered kernel/xt_*.c) <(fuzzed))"

# aliases: "MODULE ALIAS" by which the kernel asks for what a module registers
aliases()
{
	local m
	extensions | while read -r m; do
		registered "kernel/xt_$m".c "kernel/xt_$m"_*.c 2>/dev/null |
			awk -v m="$m" '{ print m, ($3 == 4 ? "ipt_" : "ip6t_") $1 }'
	done | sort -u
}

# aliased: the same of what modules say, but for the names that plugins have
aliased()
{
	sed -n 's/^MODULE_ALIAS("\(ip6\?t_.*\)");$/\1/p;T;F' kernel/xt_*.c | awk '
		/^kernel/ { sub(/^kernel\/xt_/, ""); sub(/(_.*)?\.c$/, ""); print $0, alias; next }
		{ alias = $0 }' | sort -u
}

check "aliases are found" test "$(aliases | wc -l)" -ge "$(extensions | wc -l)"
check_none "each module has the alias of each name and family that it registers" \
	"$(comm -23 <(aliases) <(aliased))"
check_none "and no other" "$(comm -13 <(aliases) <(aliased))"
check_none "each family of generic netlink has its alias" "$(awk '
	/^static struct genl_family .*= \{/ { inside = 1 }
	inside && $1 == ".name" { sub(/,$/, "", $3); named[FILENAME " " $3] }
	/^\}/ { inside = 0 }
	/^MODULE_ALIAS_GENL_FAMILY\(/ { gsub(/.*\(|\).*/, ""); alias[FILENAME " " $0] }
	END { for (i in named) if (!(i in alias)) print i }' kernel/*.c)"

# verbs: "DB VERB" of each table of generic netlink
verbs()
{
	sed -n 's/^.*{ \.cmd = XA_\([A-Z]*\)_CMD_\([A-Z]*\),.*/\L\1 \2/p' kernel/*.c | sort
}

# tried DB TEST: the verbs that it tries without the capability
tried()
{
	sed -n "s/^\(verbs\|changing\|asking\)='\(.*\)'$/\2/p" "tests/behaviour/$2.sh" | tr ' ' '\n' | sed "s/^/$1 /"
}

check_none "each verb of generic netlink asks for CAP_NET_ADMIN" \
	"$(grep -H '{ \.cmd = ' kernel/*.c | grep -vE '\.flags = GENL_(UNS_)?ADMIN_PERM }')"
check "verbs are found" test "$(verbs | wc -l)" -ge 14
check_none "a test tries each without it" \
	"$(comm -3 <(verbs) <({ tried addrdb geoip-namespaces; tried hook hook; } | sort))"
check_none "and each socket option of ACCOUNT" "$(comm -3 \
	<(sed -n 's/.*IPT_SO_\([GS]ET\)_ACCOUNT_.*= \([0-9]*\),.*/\L\1 \2/p' include/xt_ACCOUNT.h | sort) \
	<(sed -n '/for args in /,/; do$/p' tests/behaviour/ACCOUNT.sh | grep -oE '(get|set) [0-9]+' | sort))"

# keys: "MODULE FIELD" of each secret of a hash table; a tag of pknock is computed from the rule's
keys()
{
	sed -nE 's/^\t(siphash_key_t key|u32 seed|u64 keys)(\[.*)?;.*/\1/p;T;F' kernel/x[at]_*.[ch] | awk '
		/^kernel/ { sub(/^kernel\/x._/, ""); sub(/[_.].*/, ""); print $0, key; next }
		{ key = $2 }' | sort -u
}

# A key that is 0 on each machine is no secret.
check "keys are found" test "$(keys | wc -l)" -ge 4
check_none "each is random" "$(keys | while read -r module key; do
	grep -qE "get_random_bytes\(&?[a-z]+->$key, " "kernel/xt_$module".c "kernel/xt_$module"_*.c 2>/dev/null ||
		echo "$module $key"
done)"

# What call_rcu() has been given is code of the module, which has to wait for it when it goes.
# rcu_modules: those that give it any
rcu_modules()
{
	grep -lE '\bcall_rcu\(' kernel/x[at]_*.[ch] | sed -E 's,^kernel/(x._[^_.]*).*,\1,' | sort -u
}

check "modules with call_rcu() are found" test "$(rcu_modules | wc -l)" -ge 2
check_none "each waits for it in an exit" "$(rcu_modules | while read -r module; do
	cat "kernel/$module".c "kernel/$module"_*.c 2>/dev/null | awk '
		/^[a-z].*_exit\(/ { inside = 1 }
		/^}/ { inside = 0 }
		inside && /^\trcu_barrier\(\);/ { found = 1 }
		END { exit !found }' || echo "$module"
done)"

# loops: those that compare digests, a line each
loops()
{
	awk '/^static .*xa_digest(_hex)?_equal\(/ { inside = 1 }
		/^}/ { inside = 0 }
		inside && /^\tfor \(/ { loop = 1 }
		loop { gsub(/\/\*.*\*\//, ""); text = text $0 }
		loop && /^\t}/ { print text; loop = 0; text = "" }' kernel/xa_digest_hex.h
}

# The time that a comparison takes tells nothing: no loop ends early.
expect "digests are compared in two loops, to the end" 2 \
	"$(loops | grep -F '__asm__ ("" : "+r" (diff));' | grep -cvE 'return|break|goto|\bif\b|\?|&&|\|\||memcmp')"

# One process parses many rules: what a plugin remembers of one is wrong in the next.
# remembered: variables of a plugin, but for its table of registrations
remembered()
{
	grep -HnE '^static [^(]*[ *][a-z_]+(\[.*\])?( =.*)?;$|^static struct .* = \{$' extensions/*.[ch] |
		grep -vE 'static const struct [a-z0-9_]+ [a-z]|static const [a-z0-9_ ]+ [a-z0-9_]+\[|\*const |_reg(\[\])? = \{$'
}
check_none "no plugin keeps anything from rule to rule (xa_rule: .init forgets it)" \
	"$(remembered | grep -vE '\*(xa_rule|xa_plugin_name);$')"
check "that of xa_protocol.h is found" test "$(remembered | grep -c xa_rule)" -eq 1
check_none "who is shown a rule forgets it" \
	"$(grep -l 'xa_rule_seen(' extensions/*.c | xargs grep -L '\.init .*= xa_rule_init,')"

# A verb of generic netlink, and so a check of a rule that comes by xa_hook, holds a lock of the
# whole machine. What waits for work items is the end of a namespace or of a module, or waits for
# what nobody can be inside of.
# flushes: lines "FILE FUNCTION"
flushes()
{
	awk '
		FNR == 1 { name = FILENAME; sub(/.*\//, "", name); current = "-" }
		/^[a-z].*[a-z0-9_]+\(/ && !/;$/ { current = $0; sub(/\(.*/, "", current); sub(/.*[ *]/, "", current) }
		/^\t.*(flush|drain)_(work|workqueue|delayed_work)\(/ { print name, current }' kernel/*.c | sort -u
}
check_none "work items are waited for where nobody else is kept waiting" "$(diff <(flushes) - <<-'END'
	xa_hook_main.c xa_hook_exit
	xa_hook_main.c xa_hook_net_exit
	xa_hook_session.c xa_hook_sessions_stop_loads
	xa_hook_slow.c xa_hook_slow_exit
	xa_named_main.c xa_named_entry_settled
	END
)"
