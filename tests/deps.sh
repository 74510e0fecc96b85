#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
# The one list of the Debian packages that the project's own commands need.
#
#	tests/deps.sh SET...      install what is missing of these sets
#	. tests/deps.sh; deps SET...     (in the tree's folder, or with XA_TESTS set)
#
# Sets: build (compile and install), lint, vm and uml (the test beds), fuzz,
# data (real databases of addresses), debug (for people). Silent when nothing is missing, else one line. Exit status 1: packages
# are missing and could not be installed; it says which.
# A word with a leading ? is a package that not every release has; what needs
# it skips without it.

case ${0##*/} in
deps.sh) deps_dir=$(dirname "$0") ;;
*) deps_dir=${XA_TESTS:-tests} ;;
esac

deps_packages()
{
	case $1 in
	build)
		echo gcc gcc-12 libc6-dev make bc pkg-config autoconf automake \
			libtool libxtables-dev libmnl-dev libmaxminddb-dev \
			libcurl4-openssl-dev libarchive-dev zlib1g-dev nettle-dev iptables kmod \
			libelf-dev ?dwarves xz-utils bzip2 tar git ca-certificates \
			"linux-headers-$(dpkg --print-architecture)" ;;
	lint)
		echo gcc-multilib man-db groff mandoc shellcheck ?sparse perl \
			python3 ?dkms ?rpm ?qemu-user-static ;;
	vm)
		# and what the guests get, which is taken from this machine
		echo qemu-system-x86 cpio kmod xz-utils zstd lz4 patchelf binutils \
			util-linux file patch gcc libc6-dev make clang ?libbpf-dev ?dwarves
		sed '/^#/d; s/[[:blank:]].*//' "$deps_dir/vm/programs" ;;
	uml)
		echo gcc gcc-12 libc6-dev make bc bison flex libelf-dev \
			?dwarves kmod xz-utils patch iptables iproute2 \
			nftables ipset conntrack conntrackd nmap hping3 socat curl openssl dnsmasq-base \
			udhcpc procps util-linux aria2 transmission-cli ;;
	data)
		echo tor-geoipdb ?libloc-database ?location python3-minimal ;;
	fuzz)
		echo clang ?libclang-rt-14-dev ;;
	debug)
		echo gdb strace tcpdump ethtool valgrind ;;
	*)
		echo "deps: no set $1" >&2
		return 1 ;;
	esac
}

# deps_missing PACKAGE...: those that are not installed
deps_missing()
{
	for p; do
		dpkg-query -W -f '${db:Status-Status}\n' "${p#\?}" 2>/dev/null |
			grep -qx installed || echo "$p"
	done
}

# deps_wanted PACKAGE...: without the optional ones that this release lacks
deps_wanted()
{
	for p; do
		case $p in
		\?*)
			apt-cache show "${p#\?}" >/dev/null 2>&1 &&
				echo "${p#\?}" ;;
		*)
			echo "$p" ;;
		esac
	done
}

# What a package brings as a service (conntrackd) is not started on this machine.
deps_policy=/usr/sbin/policy-rc.d

deps_install_only()
(
	if [ ! -e $deps_policy ]; then
		trap 'rm -f $deps_policy' EXIT
		trap 'exit 130' HUP INT TERM
		printf '#!/bin/sh\nexit 101\n' >$deps_policy
		chmod 755 $deps_policy
	fi
	deps_apt install --no-install-recommends "$@"
)

deps_apt()
{
	DEBIAN_FRONTEND=noninteractive apt-get -qq -y \
		-o DPkg::Lock::Timeout=600 -o Dpkg::Use-Pty=0 "$@"
}

# deps_install PACKAGE...: quiet, unless it fails
deps_install()
{
	log=$(mktemp) || return 1
	# A fresh machine has no lists; an old one has lists of files long gone.
	if ! apt-cache show libxtables-dev >/dev/null 2>&1; then
		deps_apt update >"$log" 2>&1
	fi
	# shellcheck disable=SC2046 # a list of words
	set -- $(deps_wanted "$@")
	if [ $# -gt 0 ]; then
		echo "-- installing $*" >&2
		deps_install_only "$@" >>"$log" 2>&1 ||
			{ deps_apt update >>"$log" 2>&1 &&
			  deps_install_only "$@" >>"$log" 2>&1; }
	fi
	set -- $?
	[ "$1" -eq 0 ] || tail -n 20 "$log" >&2
	rm -f "$log"
	return "$1"
}

deps()
{
	command -v apt-get >/dev/null || {
		echo "deps: no apt-get here: tests/deps.sh lists what is needed" >&2
		return 1
	}
	deps_all=
	for s; do
		deps_all="$deps_all $(deps_packages "$s")" || return 1
	done
	# shellcheck disable=SC2046,SC2086 # lists of words
	set -- $(deps_missing $deps_all | sort -u)
	[ $# -eq 0 ] && return 0
	if [ "$(id -u)" -ne 0 ]; then
		# shellcheck disable=SC2046
		set -- $(deps_wanted "$@")
		[ $# -eq 0 ] && return 0
		echo "deps: as root: apt-get install $*" >&2
		return 1
	fi
	deps_install "$@"
}

case ${0##*/} in
deps.sh) deps "$@" ;;
esac
