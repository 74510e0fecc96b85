# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash disable=SC2154 # top: of the caller
# What tests/uml, tests/selftest/run and tests/bench/run share. Sourced, with
# $top set to the tree's folder.
#
#	uml_prepare KIND [DIR...]  kernel, our modules, modules of DIRs, programs
#	uml_run [SPEC...]          boot, run, judge

# How to run; callers change what they need.
uml_ncpus=2			# for races; see on_one_cpu in tests/guest
uml_mem=1024			# MiB
uml_limit=1800			# seconds
uml_runner=/xa/tests/guest	# what runs in the guest, with the SPECs
uml_shell=			# not empty: a shell instead
uml_log=			# a file that gets the kernel's log
uml_huge=			# not empty: huge pages for the guest's memory, if we may

uml_cache=${XA_CACHE:-${XDG_CACHE_HOME:-$HOME/.cache}/xtables-anew}/uml
uml_bed=$top/tests/umlbed

# Lines of the kernel's log that make a run fail, whatever the tests said.
uml_splats='WARNING: |BUG: |KASAN: |UBSAN: |Oops|Kernel panic|Call Trace:'
uml_splats+='|kmemleak: [0-9]+ new|refcount_t: |ref_tracker: .*(leaked|has )'
uml_splats+='|ODEBUG: |list_(add|del) corruption|INFO: (possible|task)'
uml_splats+='|possible (recursive|circular|irq)|inconsistent lock state'
uml_splats+='|suspicious RCU|bad unlock balance|sleeping function called'
uml_splats+='|scheduling while atomic|unregister_netdevice: waiting'
uml_splats+='|rcu: INFO|soft lockup|self-detected stall|Bad page|leaked '
uml_splats+='|turning off the locking correctness validator|memcpy: detected'

uml_msg() { echo "uml: $*" >&2; }

# hash of the files below the given paths: names and contents
uml_hash() {
	(cd "$top" && find "$@" -type f ! -name '*.[oa]' -print0 2>/dev/null |
		LC_ALL=C sort -z | xargs -0 sha256sum | sha256sum | cut -c1-16)
}

uml_need() {
	command -v "$1" >/dev/null && return
	uml_msg "$1 is missing; install it with: apt-get install $2"
	exit 77
}

# Run quietly; what was said is shown when it fails.
uml_quiet() {
	local out
	out=$("$@" 2>&1 </dev/null) && return
	printf '%s\n' "$out" | tail -n 30 >&2
	uml_msg "failed: $*"
	return 1
}

# Results of earlier sources make room: of each sort the twelve last used stay.
uml_prune() {
	# shellcheck disable=SC2012 # names of our own
	ls -1dt "$1"/*/ 2>/dev/null | tail -n +13 | while read -r d; do
		[ -z "$(find "$d" -maxdepth 0 -mmin +120)" ] || rm -rf "$d"
	done
}

# Folders of runs that were killed and could not tidy up.
uml_sweep() {
	find "${TMPDIR:-/tmp}" -maxdepth 1 -name 'xa-uml.*' -user "$(id -u)" \
		-mmin +1440 -exec rm -rf {} + 2>/dev/null
}

# uml_once DIR FUNC ARGS...: FUNC fills a folder, which then becomes DIR; at
# most one at a time of each tree ($tree), and not if DIR is there. Another tree
# of the same content may be first.
uml_once() {
	local dir=$1 tmp
	shift
	[ ! -d "$dir" ] || { touch "$dir"; return; }
	mkdir -p "${dir%/*}"
	(
		flock 7
		[ ! -d "$dir" ] || exit 0
		tmp=$(mktemp -d "${dir%/*}/.new.XXXXXX") || exit 1
		chmod 755 "$tmp"
		"$@" "$tmp" 7>&- || { rm -rf "$tmp"; exit 1; }
		mv -T "$tmp" "$dir" 2>/dev/null || rm -rf "$tmp"
		[ -d "$dir" ]
	) 7>"${dir%/*}/lock${tree:+.$tree}" || return
	uml_prune "${dir%/*}"
}

# The module tree that is laid over the guest's root: the kernel's own modules,
# and below updates/ ours and those of the DIRs.
uml_build_modules() {
	local kind=$1 key=$2 tmp=${*: -1} dirs=("${@:3:$#-3}") work rel lib d
	work=$uml_cache/work/$kind-$key
	read -ra args <<<"$("$uml_bed/kernel" --print "$kind" makeargs)"
	rel=$(basename "$uml_kdir"/root/lib/modules/*)
	lib=$tmp/usr/lib/modules/$rel
	mkdir -p "$work" "$lib/updates"
	cp -a "$uml_kdir/root/lib/modules/$rel/." "$lib/" &&
	"$top/kernel/build.sh" --strict "$uml_kdir" "$work/main" "${args[@]}" >&2 &&
	cp -L "$work"/main/*.ko "$lib/updates/" || return
	for d in "${dirs[@]}"; do
		uml_build_dir "$d" "$work/${d##*/}" && cp "$work/${d##*/}"/*.ko "$lib/updates/" || return
	done
	depmod -b "$tmp/usr" "$rel"
}

# Modules of a folder of the tests; built on links, so the tree stays clean.
uml_build_dir() {
	local from=$1 work=$2
	mkdir -p "$work"
	find "$work" -maxdepth 1 -type l -delete
	ln -s "$from"/Kbuild "$from"/*.[ch] "$work/"
	uml_quiet make -C "$uml_kdir" "${args[@]}" -j"$(nproc)" M="$work" W=1 \
		KCFLAGS=-Werror modules
}

# Programs, laid out as in a machine; what was built for the tree before is
# built on.
uml_build_stage() {
	uml_quiet "$top/tests/stage.sh" "$uml_cache/work/user-$1" "$2"
}

uml_build_init() {
	uml_quiet gcc -static -O2 -Wall -Wextra -o "$1/init" "$uml_bed/init.c"
}

# uml_prepare KIND [DIR...]: sets uml_kind, uml_linux, uml_kdir, uml_mods, uml_stage and
# uml_init.
uml_prepare() {
	local tree='' hash dirs=("${@:2}")
	uml_kind=$1
	PATH=$PATH:/usr/local/sbin:/usr/sbin:/sbin
	uml_need depmod kmod
	uml_need setpriv util-linux
	uml_kdir=$("$uml_bed/kernel" --print "$uml_kind" kdir) || return
	uml_linux=$uml_kdir/vmlinux
	uml_init=$uml_cache/init/$(uml_hash tests/umlbed/init.c)
	uml_once "$uml_init" uml_build_init || return
	# of each tree a build folder of its own, where make finds what it did
	tree=$(echo "$top" | sha256sum | cut -c1-8)
	hash=$(uml_hash mconfig include kernel "${dirs[@]#"$top"/}")
	uml_mods=$uml_cache/modules/${uml_kdir##*/}-$hash
	uml_once "$uml_mods" uml_build_modules "$uml_kind" "$tree" "${dirs[@]}" || return
	hash=$(uml_hash configure.ac Makefile.am mconfig include \
		$(cd "$top" && dirname -- */Makefile.am) tests demo README.md doc)
	uml_stage=$uml_cache/stage/$hash
	uml_once "$uml_stage" uml_build_stage "$tree"
}

# A killed script must not leave a guest running: each process here dies with
# its parent, the guest's helpers with the guest.
uml_boot() {
	local tmpdir=/dev/shm con0="null,fd:1" args huge=()
	[ -w $tmpdir ] || tmpdir=${TMPDIR:-/tmp}
	[ -z "$uml_shell" ] || con0="fd:0,fd:4"
	args=("mem=${uml_mem}M" "ncpus=$uml_ncpus" seccomp=on ro
		rootfstype=hostfs rootflags=/ "init=$uml_init/init" log_buf_len=1M
		con=null ssl=null "con0=$con0" "ssl0=null,fd:4"
		"umid=xa$$" "uml_dir=$uml_rundir/" "xa_run=$uml_rundir"
		"xa_stage=$uml_stage" "xa_mods=$uml_mods"
		"xa_runner=$uml_runner" ${uml_shell:+"xa_shell=$uml_shell"})
	# who waits for readers does not wait for ticks; not where time is measured
	[ "$uml_kind" != debug ] || args+=(rcupdate.rcu_expedited=1 rcupdate.rcu_cpu_stall_timeout=60)
	[ -z "$uml_huge" ] || huge=(unshare -m sh -c "$uml_huge_memory" sh "$uml_rundir")
	TMPDIR=$tmpdir setpriv --pdeathsig KILL \
		timeout --foreground -s KILL "$uml_limit" \
		setpriv --pdeathsig KILL "${huge[@]}" "$uml_linux" "${args[@]}" \
		4>&1 >"$uml_rundir/console" 2>&1 <&0 &
	wait $!		# unlike a command in the foreground, a signal ends it
}

# A kernel has its memory in huge pages. For ours that takes a file system,
# which only root can mount; the mount is seen by nobody else.
# shellcheck disable=SC2016 # for the inner shell
uml_huge_memory='mkdir "$1/mem" && mount -t tmpfs -o huge=always none "$1/mem" 2>/dev/null &&
	TMPDIR=$1/mem
	shift
	exec "$@"'

# The kernel's log, from the first process on. What comes before is the kernel's
# own: a SMP guest complains about how its second CPU is started.
uml_judge() {
	local bad
	sed '1,/ as init process$/d' "$uml_rundir/console" >"$uml_rundir/log"
	bad=$(grep -aE "$uml_splats" "$uml_rundir/log" | head -n 1)
	[ -n "$bad" ] || return 0
	echo "not ok uml: the kernel's log is clean (expected nothing, got $bad)"
	grep -aE -B2 -A40 "$uml_splats" "$uml_rundir/log" | head -n 80 | sed 's/^/# /'
	return 1
}

# Variables of the project that are set here are set in the guest.
uml_env() {
	local v
	for v in "${!XA_@}"; do
		case $v in
		XA_CACHE|XA_RESULT|XA_QUIET) ;;
		*) echo "$v=${!v}" ;;
		esac
	done
}

# uml_run [SPEC...]: exit status as tests/uml tells
uml_run() {
	local rc status
	uml_sweep
	uml_rundir=$(mktemp -d "${TMPDIR:-/tmp}/xa-uml.XXXXXX") || return 77
	trap 'rm -rf "$uml_rundir"' EXIT
	trap 'exit 130' HUP INT TERM
	[ $# -eq 0 ] || printf '%s\n' "$@" >"$uml_rundir/specs"
	touch "$uml_rundir/specs"
	uml_env >"$uml_rundir/env"
	[ "$uml_runner" != /xa/tests/guest ] ||
		echo "# tree: $(git -C "$top" describe --always --dirty --exclude '*' 2>/dev/null)"	# for tests/tested
	uml_boot
	rc=$?
	[ -z "$uml_log" ] || cp "$uml_rundir/console" "$uml_log"
	if [ ! -s "$uml_rundir/status" ]; then
		tail -n 60 "$uml_rundir/console" | sed 's/^/# /'
		if [ $rc -eq 137 ]; then
			echo "not ok uml: the run ends in time (expected $uml_limit seconds at most)"
			return 124
		fi
		echo "not ok uml: the guest lives to the end (expected a status, got none)"
		return 126
	fi
	status=$(cat "$uml_rundir/status")
	[ -z "${XA_RESULT:-}" ] || cp "$uml_rundir/result" "$XA_RESULT" 2>/dev/null
	uml_judge || status=1
	return "$status"
}
