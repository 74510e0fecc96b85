# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash
# Packages of any Debian release, without touching the machine's apt.
#
# An apt of our own lives in the cache, one state for each release. The
# mirror's address, its signature key, proxies and credentials are those
# of the machine's configuration; the suite is the only thing that differs, and
# with APT_ARCH the architecture.
# Nothing is installed: packages are downloaded (and verified by apt) only.

APT_ARCH=amd64

# apt_state RELEASE: the folder of that state
apt_state()
{
	local state=$VM_CACHE/apt/$1

	[ "$APT_ARCH" = amd64 ] || state+=-$APT_ARCH
	echo "$state"
}

# apt_run RELEASE PROGRAM ARG...: apt-get or apt-cache with that state.
apt_run()
{
	local d prog=$2 user=()

	d=$(apt_state "$1")
	shift 2
	# files below a private home: apt's own user cannot reach them
	[ "$(id -u)" -ne 0 ] || user=(-o APT::Sandbox::User=root)
	LC_ALL=C "$prog" -q -o Dir::State::Lists="$d/lists" \
		-o Dir::State::status="$d/status" \
		-o Dir::Etc::SourceList="$d/sources.list" \
		-o Dir::Etc::SourceParts=/dev/null \
		-o Dir::Etc::Preferences=/dev/null \
		-o Dir::Etc::PreferencesParts=/dev/null \
		-o Dir::Cache="$d/cache" -o Dir::Cache::pkgcache=pkgcache.bin \
		-o APT::Architecture="$APT_ARCH" -o APT::Architectures="$APT_ARCH" \
		-o Acquire::Languages=none -o Acquire::Retries=3 \
		"${user[@]}" "$@"
}

# The option that names the key of a source, from the place where apt
# says it read it: FILE:STANZA for .sources, FILE:LINE for .list.
apt_signed_by()
{
	local file=${1%:*} nr=${1##*:} key

	case $file in
	*.sources)
		# stanzas made of comments only do not count for apt
		key=$(grep -v '^#' "$file" | awk -v RS= -v n="$nr" 'NR == n' |
			sed -n 's/^[Ss]igned-[Bb]y:[ \t]*//p') ;;
	*)
		key=$(sed -n "${nr}s/.*\\[.*signed-by=\\([^] ]*\\).*/\\1/p" \
			"$file") ;;
	esac
	case $key in
	/*)	printf 'signed-by=%s' "$key" ;;
	esac
}

# One line "URI SUITE SOURCE" for each configured repository of Debian. Of
# one whose lists were read, the label tells whose it is; of others (a machine
# that never ran apt-get update) the suite's name must do, so they come last.
apt_repos()
{
	local codename

	codename=$(. /etc/os-release && echo "${VERSION_CODENAME:-sid}")
	{
		apt_targets --release-info '$(LABEL)' | awk '$5 ~ /^Debian/'
		apt_targets --no-release-info | awk '$2 ~ suite' \
			suite="^($codename|sid|testing|(old)*stable)([-/].*)?\$"
	} | awk '$4 == "main" && !seen[$1, $2]++ { print $1, $2, $3 }'
}

apt_targets()
{
	LC_ALL=C apt-get indextargets "$1" 'Created-By: Packages' --format \
		'$(REPO_URI) $(RELEASE) $(SOURCESENTRY) $(COMPONENT) '"${2:-}"
}

# apt_mirror main|security: "URI SOURCE" of the machine's mirror.
apt_mirror()
{
	case $1 in
	main)	 apt_repos | awk '$2 !~ /-security$|\/updates$/ { print $1, $3; exit }' ;;
	security) apt_repos | awk '$2 ~ /-security$|\/updates$/ { print $1, $3; exit }' ;;
	esac
}

# A line of sources.list, or nothing where no such mirror is configured.
apt_source_line()
{
	local suite=$1 uri src opts

	read -r uri src < <(apt_mirror "$2") || return
	opts=$(apt_signed_by "$src")
	case $suite in
	# not renewed any more; of a mirror that is kept as it was, for the sake of its kernels
	bullseye*|sid) opts="$opts check-valid-until=no" ;;
	esac
	printf 'deb [ arch=%s %s ] %s %s main\n' "$APT_ARCH" "$opts" "$uri" "$suite"
}

# apt_open RELEASE: read the release's package lists; false when the
# mirror does not have it (any more). One at a time: the test beds share it.
apt_open()
{
	local d

	d=$(apt_state "$1")
	mkdir -p "$d/lists/partial" "$d/cache/archives/partial" || return
	(
		flock 9
		apt_update "$1"
	) 9>"$d/lock" || return
	apt_run "$1" apt-cache pkgnames base-files 2>/dev/null |
		grep -qx base-files
}

# Under the lock. Lists that were read within the hour are taken as they are.
apt_update()
{
	local d release=$1

	d=$(apt_state "$1")
	: >"$d/status"
	apt_source_line "$release" main >"$d/sources.new"
	[ -s "$d/sources.new" ] ||
		die "apt has no Debian mirror configured on this machine"
	[ "$release" = sid ] ||
		apt_source_line "$release-security" security >>"$d/sources.new"
	if [ -n "$(find "$d/read" -mmin -60 2>/dev/null)" ] &&
	   cmp -s "$d/sources.new" "$d/sources.list"; then
		return
	fi
	mv "$d/sources.new" "$d/sources.list"
	step "reading the package lists of Debian $release"
	# a suite that is gone fails the whole update; the others are read
	if apt_run "$release" apt-get update >"$d/update.log" 2>&1; then
		touch "$d/read"
	else
		grep -E '^(E|Err)' "$d/update.log" >&2
	fi
	return 0
}

# apt_closure RELEASE PATTERN PACKAGE...: the packages and what they
# depend on, as far as the names match the extended expression.
apt_closure()
{
	local release=$1 pattern=$2

	shift 2
	apt_run "$release" apt-cache depends --recurse --no-recommends \
		--no-suggests --no-conflicts --no-breaks --no-replaces \
		--no-enhances --important "$@" |
		sed -n 's/^\([a-z0-9][^ :]*\)$/\1/p' | grep -xE "$pattern" | sort -u
}

# apt_fetch RELEASE DIR PACKAGE...: download into DIR. What an earlier,
# interrupted run has left there is used; apt checks every file's hash.
apt_fetch()
{
	local release=$1 dir=$2

	shift 2
	mkdir -p "$dir" || return
	(cd "$dir" && logged "$dir/download.log" \
		apt_run "$release" apt-get download "$@")
}

# apt_root RELEASE DIR PACKAGE...: download into DIR these and all that they depend on,
# as for a machine with nothing on it
apt_root()
{
	local release=$1 dir=$2

	shift 2
	mkdir -p "$dir/partial" || return
	logged "$dir/download.log" apt_run "$release" apt-get -y --download-only \
		--no-install-recommends -o Dir::Cache::archives="$dir" install "$@"
}
