# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=sh
# The words that scenes are written in. Sourced: . "${0%/*}/lib.sh"
#
#	title TEXT		what the scene is about
#	say TEXT		what comes next, and why
#	two_hosts		client and server, joined by a cable
#	background HOST COMMAND	something that runs until the scene ends
#	on HOST COMMAND		shows the command, runs it, shows what it says
#	on_refused HOST COMMAND	the same for one that must fail
#	shows WHAT TEXT...	the last command's output has each TEXT
#	lacks WHAT TEXT		... does not have it
#	the_end			last line of a scene
#
# A host is a network namespace. A command that fails, or shows something
# else than it should, makes the scene fail.

bold='' green='' red='' off=''
if [ -n "$XA_COLOUR" ]; then
	bold=$(printf '\033[1m') green=$(printf '\033[32m')
	red=$(printf '\033[31m') off=$(printf '\033[0m')
fi

broken=0
output=''

title()
{
	printf '\n%s=== %s ===%s\n' "$bold" "$*" "$off"
}

say()
{
	printf '\n'
	printf '%s\n' "$*" | fold -s -w 78 | sed 's/ $//'
}

broke()
{
	broken=1
	printf '%s   BROKEN: %s%s\n' "$red" "$*" "$off"
}

fine()
{
	printf '%s   ok: %s%s\n' "$green" "$*" "$off"
}

# Two namespaces and a veth pair, with fixed neighbours so that only what a
# scene sends is on the wire. The client has three addresses: three hosts.
two_hosts()
{
	ip netns add client && ip netns add server &&
	ip link add c0 address 02:00:00:00:00:01 netns client type veth \
		peer name s0 address 02:00:00:00:00:02 netns server || return
	for h in client:c0 server:s0; do
		ip netns exec "${h%:*}" sysctl -qw net.ipv6.conf.all.accept_dad=0 \
			net.ipv6.conf.default.accept_dad=0 \
			"net.ipv6.conf.${h#*:}.accept_dad=0" \
			"net.ipv6.conf.${h#*:}.router_solicitations=0" &&
		ip -n "${h%:*}" link set lo up &&
		ip -n "${h%:*}" link set "${h#*:}" up || return
	done
	for a in 10.0.0.1/24 10.0.0.11/24 10.0.0.12/24 fd00::1/64; do
		ip -n client address add "$a" dev c0 || return
		ip -n server neigh replace "${a%/*}" lladdr 02:00:00:00:00:01 dev s0
	done
	for a in 10.0.0.2/24 fd00::2/64; do
		ip -n server address add "$a" dev s0 || return
		ip -n client neigh replace "${a%/*}" lladdr 02:00:00:00:00:02 dev c0
	done
	say "Two hosts: client (10.0.0.1, .11, .12, fd00::1) and server (10.0.0.2, fd00::2)."
}

background()
{
	ip netns exec "$1" sh -c "exec $2" >/dev/null 2>&1 </dev/null &
}

# wait_port HOST t|u PORT: until something listens there
wait_port()
{
	n=100
	until ip netns exec "$1" ss -Hln"$2" "sport = :$3" | grep -q .; do
		[ $((n = n - 1)) -gt 0 ] || { broke "nothing listens on port $3"; return; }
		sleep 0.1
	done
}

# run_on HOST COMMAND: the host "machine" is the one that has both
run_on()
{
	printf '%s%s# %s%s\n' "$bold" "$1" "$2" "$off"
	case $1 in
	machine)	output=$(bash -c "$2" 2>&1) ;;
	*)		output=$(ip netns exec "$1" bash -c "$2" 2>&1) ;;
	esac
	status=$?
	[ -z "$output" ] || printf '%s\n' "$output"
	return "$status"
}

on()
{
	run_on "$1" "$2" || broke "the command failed with status $?"
}

on_refused()
{
	! run_on "$1" "$2" || broke "the command should have failed"
}

shows()
{
	what=$1
	shift
	for text; do
		printf '%s\n' "$output" | tr -s ' ' | grep -qF -e "$text" || {
			broke "$what: expected to see: $text"
			return
		}
	done
	fine "$what"
}

lacks()
{
	if printf '%s\n' "$output" | tr -s ' ' | grep -qF -e "$2"; then
		broke "$1: did not expect to see: $2"
	else
		fine "$1"
	fi
}

# Namespaces go with everything in them; so nothing reaches the next scene.
clear_hosts()
{
	for h in client server; do
		for p in $(ip netns pids "$h" 2>/dev/null); do
			kill -KILL "$p"
		done
		ip netns del "$h" 2>/dev/null
	done
}

the_end()
{
	trap - EXIT
	clear_hosts
	exit "$broken"
}

# a scene that stops half way is broken
trap 'clear_hosts; exit 1' EXIT
