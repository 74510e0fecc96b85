# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash
# bash completion of xt_state

_xt_state() {
	local cur=${COMP_WORDS[COMP_CWORD]} prev=${COMP_WORDS[COMP_CWORD - 1]} command='' words i
	COMPREPLY=()
	for ((i = 1; i < COMP_CWORD; i++)); do
		case ${COMP_WORDS[i]} in
		-n|--netns|-g|--grow) i=$((i + 1)) ;;
		save|restore) command=${COMP_WORDS[i]} ;;
		esac
	done
	case $prev in
	-n|--netns) words=$(ls /run/netns 2>/dev/null) ;;
	-g|--grow) words=$(ls /proc/net/xt_quota 2>/dev/null) ;;
	*)
		case $command,$cur in
		,*) words='save restore --netns --help --version' ;;
		restore,-*) words='--replace --grow --if-exists --netns' ;;
		*,-*) words='--netns' ;;
		*) compopt -o default; return ;;
		esac ;;
	esac
	mapfile -t COMPREPLY < <(compgen -W "$words" -- "$cur")
}

complete -F _xt_state xt_state
