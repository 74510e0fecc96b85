# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash
# bash completion of xthook

_xthook_extensions() {	# the plugins of iptables; matches are in small letters
	local dir names
	dir=$(pkg-config --variable=xtlibdir xtables 2>/dev/null)
	names=$(ls "${XTABLES_LIBDIR:-${dir:-/usr/lib/x86_64-linux-gnu/xtables}}" 2>/dev/null |
		sed -n 's/^lib\(xt\|ipt\|ip6t\)_\(.*\)\.so$/\2/p' | sort -u)
	if [ "$1" = -j ]; then
		grep '^[A-Z]' <<<"$names"
		echo ACCEPT DROP
	else
		grep '^[a-z]' <<<"$names"
	fi
}

_xthook() {
	local cur=${COMP_WORDS[COMP_CWORD]} prev=${COMP_WORDS[COMP_CWORD - 1]} command='' words='' i
	COMPREPLY=()
	for ((i = 1; i < COMP_CWORD; i++)); do
		case ${COMP_WORDS[i]} in
		-n|--netns) i=$((i + 1)) ;;
		-*) ;;
		*) command=${COMP_WORDS[i]}; break ;;
		esac
	done
	case $prev in
	-n|--netns) words=$(ls /run/netns 2>/dev/null) ;;
	--nft-include) compopt -o default; return ;;
	--dev|-i|-o) words=$(ls /sys/class/net) ;;
	--priority) words='raw raw-10 mangle dstnat filter filter-10 filter+10 security srcnat' ;;
	-m|-j) words=$(_xthook_extensions "$prev") ;;
	-p) words='tcp udp icmp icmpv6 sctp' ;;
	*)
		case $command in
		'') words='add insert delete list flush zero save restore check --netns --help --version' ;;
		restore|check)
			[[ $cur == -* ]] || { compopt -o default; return; }
			words='--nft-include'
			[ "$command" = restore ] || words+=' --offline -v' ;;
		save) words='--counters --nft-include' ;;
		zero) ;;
		*)
			if ((COMP_CWORD == i + 1)) || [[ $command == list && $cur != -* ]]; then
				words='ingress prerouting input forward output postrouting'
			fi
			[ "$command" != list ] || words+=' -v --json'
			[[ $cur != -* ]] || words+=' --dev --priority -4 -6'
			case $command in
			add|insert|delete) [[ $cur != -* ]] || words+=' -s -d -i -o -p -m -j' ;;
			esac ;;
		esac ;;
	esac
	mapfile -t COMPREPLY < <(compgen -W "$words" -- "$cur")
}

complete -F _xthook xthook
