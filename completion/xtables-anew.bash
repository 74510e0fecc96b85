# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash
# bash completion of the tools; xthook has a file of its own. Each tool has a link to this file,
# which is found by the name of the command.

# A line for each tool: its long options, with the short one that takes a value behind a slash and
# the kind of the value behind "=". Behind the colon are the kinds of the other words, the last one
# for all that follow. A kind with commas is a list of words.
_xtables_anew_tools='
iptaccount --handle-usage --free-handles --tables --list/-l=account --flush --continuous --csv --json --prometheus --top=any --sort-by=bytes,packets --watch --version --help :
knock.sh --help --version : any
pknlusr --help --version : any
xt_asn_build --directory/-D=dir --system --input/-i=file --source/-S=dir --add=file --skip-bad=any --format/-f=auto,dbip,maxmind,mmdb,tor,ranges,cidr --zone/-O=file --force --quiet --summary --help --version : file
xt_asn_dl --url/-u=any --max/-m=any --dbip --quiet --help --version : file
xt_asn_fetch --directory/-D=dir --ipv4 --ipv6 --json --help --version : asn
xt_asn_load --directory/-D=dir --status --query=any --unload --json --quiet --help --version : any
xt_asn_query --directory/-D=dir --ipv4 --ipv6 --json --help --version : asn
xt_asn_update --from/-f=file --installed --maxmind=file --url/-u=any --max/-m=any --directory/-D=dir --force --fetch --install --if-stale --if-used --no-load --dry-run --json --quiet --help --version :
xt_geoip_build --directory/-D=dir --system --input/-i=file --source/-S=dir --add=file --skip-bad=any --format/-f=auto,dbip,maxmind,mmdb,tor,ranges,cidr --force --quiet --summary --help --version : file
xt_geoip_build_maxmind --directory/-D=dir --system --input/-i=file --source/-S=dir --add=file --skip-bad=any --format/-f=auto,dbip,maxmind,mmdb,tor,ranges,cidr --force --quiet --summary --help --version : file
xt_geoip_dl --url/-u=any --max/-m=any --quiet --help --version :
xt_geoip_dl_maxmind --url/-u=any --max/-m=any --quiet --help --version : file
xt_geoip_load --directory/-D=dir --status --query=any --unload --json --quiet --help --version : any
xt_geoip_query --directory/-D=dir --ipv4 --ipv6 --json --nft-defines --help --version : geoip
xt_geoip_update --from/-f=file --installed --maxmind=file --url/-u=any --max/-m=any --directory/-D=dir --force --fetch --install --if-stale --if-used --no-load --dry-run --json --quiet --help --version :
xt_metrics --output/-o=file --max=any --top=any --sort-by=bytes,packets --help --version :
xt_pknock_knock --bind/-b=any --udp --wait/-w=any --secret/-s=any --secret-file/-f=file --as/-a=any --print --key/-k=any --form/-F=1,2 --close --nat --server/-S=any --help --version : any
xt_quota2_listen --count/-n=any --warn/-w=any --help --version : quota
xt_state --replace --grow/-g=quota --if-exists --netns/-n=netns --help --version : save,restore file
xt_sysrq_send --ipv4 --ipv6 --port/-p=any --hash/-a=md5,sha1,sha224,sha256,sha384,sha512 --file/-f=file --hmac --seq/-s=any --count/-n=any --udplite --print --help --version : any
xtables-anew --json --root=dir --kernel=kernel --help --version : doctor,
'

# Labels of the database that -D gives, or of the one where iptables looks for it
_xtables_anew_labels() {	# KIND PREFIX DIR
	local dir f
	for dir in ${3:+"$3"} "/var/lib/xtables-anew/$1" "/usr/share/xt_$1" "/usr/local/share/xt_$1"; do
		for f in "$dir/$2"*.iv4; do
			[ -e "$f" ] || break 1
			f=${f##*/}
			echo "${f%.iv4}"
		done
		[ -z "${3-}" ] || break
	done
}

# The values that a kind may have, one a line
_xtables_anew_values() {	# KIND PREFIX DIR
	case $1 in
	*,*) tr , '\n' <<<"$1" ;;
	account) iptaccount --tables 2>/dev/null | sed -n 's/^Found table: //p' ;;
	quota) ls "${XA_PROC:-/proc/net}/xt_quota" 2>/dev/null ;;
	netns) ls /run/netns 2>/dev/null ;;
	kernel) ls /lib/modules 2>/dev/null ;;
	geoip|asn) _xtables_anew_labels "$@" ;;
	esac
}

# REPLY: the kind of value that an option takes, or nothing; options are those of the tool
_xtables_anew_kind() {	# WORD
	local option names
	REPLY=''
	for option in "${options[@]}"; do
		names=${option%%=*}
		[[ $option == *=* && ($1 == "${names%%/*}" || $1 == "${names##*/}") ]] || continue
		REPLY=${option#*=}
		return
	done
}

# number: how many words there are in front of this one that are no options or values of them;
# dir: the value of -D
_xtables_anew_count() {
	local at
	number=0
	for ((at = 1; at < COMP_CWORD; at++)); do
		_xtables_anew_kind "${COMP_WORDS[at]}"
		if [ -n "$REPLY" ]; then
			at=$((at + 1))
			[ "${COMP_WORDS[at]}" != = ] || at=$((at + 1))
			[ "$REPLY" != dir ] || dir=${COMP_WORDS[at]}
		elif [[ ${COMP_WORDS[at]} != -* ]]; then
			number=$((number + 1))
		fi
	done
}

_xtables_anew() {
	local cur=${COMP_WORDS[COMP_CWORD]} prev='' tool=${COMP_WORDS[0]##*/} line option kind dir='' number word REPLY
	local -a options others=()
	COMPREPLY=()
	line=$(grep "^$tool " <<<"$_xtables_anew_tools") || return
	read -ra options <<<"${line%% :*}"
	read -ra others <<<"${line##*:}"
	unset 'options[0]'
	# "=" is a word of its own
	[ "$cur" != = ] || { cur=''; prev=${COMP_WORDS[COMP_CWORD - 1]}; }
	[ -n "$prev" ] || prev=${COMP_WORDS[COMP_CWORD - 1]}
	[ "$prev" != = ] || prev=${COMP_WORDS[COMP_CWORD - 2]}
	_xtables_anew_kind "$prev"
	kind=$REPLY
	if [ -z "$kind" ] && [[ $cur == -* ]]; then
		for option in "${options[@]}"; do
			option=${option%%[/=]*}
			[[ $option != "$cur"* ]] || COMPREPLY+=("$option")
		done
		return
	fi
	_xtables_anew_count
	if [ -z "$kind" ] && [ ${#others[@]} -gt 0 ]; then
		[ "$number" -lt ${#others[@]} ] || number=$((${#others[@]} - 1))
		kind=${others[number]}
	fi
	case $kind in
	file) compopt -o default 2>/dev/null; return ;;
	dir) mapfile -t COMPREPLY < <(compgen -d -- "$cur"); compopt -o filenames 2>/dev/null; return ;;
	esac
	while IFS= read -r word; do
		[[ -z $word || $word != "$cur"* ]] || COMPREPLY+=("$(printf %q "$word")")
	done < <(_xtables_anew_values "$kind" "$cur" "$dir")
}

# shellcheck disable=SC2046 # the names
complete -F _xtables_anew $(cut -d' ' -f1 <<<"$_xtables_anew_tools" | grep .)
