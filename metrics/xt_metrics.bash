# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash
# bash completion of xt_metrics

_xt_metrics() {
	local cur=${COMP_WORDS[COMP_CWORD]} prev=${COMP_WORDS[COMP_CWORD - 1]} words=''
	COMPREPLY=()
	case $prev in
	-o|--output) compopt -o default; return ;;
	--sort-by) words='bytes packets' ;;
	--max|--top) ;;
	*) words='--output --max --top --sort-by --help --version' ;;
	esac
	mapfile -t COMPREPLY < <(compgen -W "$words" -- "$cur")
}

complete -F _xt_metrics xt_metrics
