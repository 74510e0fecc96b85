#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-only
# Build the kernel modules of mconfig out of tree, against any kernel directory.
set -u
PATH=$PATH:/usr/sbin:/sbin

usage() {
	cat <<-END
	usage: ${0##*/} [--strict|--stand-in] KDIR OUTDIR [MAKEARG...]
	       ${0##*/} --install|--uninstall KDIR OUTDIR [MAKEARG...]
	       ${0##*/} --release KDIR
	       ${0##*/} --modules
	       ${0##*/} --report OUTDIR

	Builds the modules that mconfig names against the kernel directory KDIR
	(headers package or build directory). OUTDIR/*.ko are the modules;
	OUTDIR/build.log is what the compiler said. MAKEARGs go to kbuild, as in
	CC=gcc-12 ARCH=um W=1 V=1.
	A module that does not build on that kernel is left out, with a line
	that says so; --strict makes that an error. With --stand-in there is a
	module in its place that says the same when it is loaded (for DKMS,
	which wants all modules or none).
	Modules that need BTF (with_btf in mconfig) are left out where the
	kernel, or this machine, lacks what makes it; that is no error.
	PAHOLE, RESOLVE_BTFIDS and XA_VMLINUX, from the environment, name
	the programs, and the file with the BTF of the kernel.
	--install puts the modules below INSTALL_MOD_PATH, into INSTALL_MOD_DIR
	(default: updates), and runs DEPMOD (default: depmod; none: DEPMOD=true).
	--uninstall takes the same files away again.
	--release prints the release that KDIR is for, --modules the modules
	that mconfig asks for, --report which modules the last build left out,
	with the last errors of the compiler.
	END
}

die() { echo "${0##*/}: $*" >&2; exit 1; }

top=$(cd "$(dirname "$0")/.." && pwd) || exit 1
verb=build strict='' stand_in=''
while [ $# -gt 0 ]; do
	case $1 in
	--strict) strict=1 ;;
	--stand-in) stand_in=1 ;;
	--install|--uninstall) verb=${1#--} ;;
	--release) verb=release ;;
	--modules) verb=modules ;;
	--report) verb=report ;;
	-h|--help) usage; exit 0 ;;
	-*) usage >&2; exit 2 ;;
	*) break ;;
	esac
	shift
done

# kbuild_var EXPR: what a make expression is inside kernel/Kbuild. The flags of a
# make that has called us would add lines to the answer.
kbuild_var() {
	MAKEFLAGS='' MFLAGS='' make -s --no-print-directory -f "$src/Kbuild" src="$src" \
		"${args[@]}" --eval="xa-print: ; @echo \$(strip $1)" xa-print
}

# report: what is missing in OUTDIR, and the errors that the compiler gave
report() {
	local m log
	for m in $(cat "$1/left-out"); do
		echo "$m was left out. The last errors of the compiler:"
		log=$1/${m#x[at]_}.log
		grep -hE 'error:|ERROR: modpost' "$log" 2>/dev/null | tail -n 3 | sed 's/^/  /'
		[ -f "$log" ] || echo "  none: a module that it needs was left out"
	done
}

args=()
src=$top/kernel
[ "$verb" = modules ] && { kbuild_var "\$(mods)"; exit; }
[ "$verb" = report ] && { [ -f "${1-}/left-out" ] || die "nothing built in ${1-.} yet"; report "$1"; exit; }
[ "$verb" = release ] && set -- "${1-}" - "${@:2}"
[ $# -ge 2 ] || { usage >&2; exit 2; }
kdir=$1 out=$2
shift 2
args=("$@")

[ -f "$kdir/Makefile" ] || die "$kdir is no kernel directory (Debian: apt-get install linux-headers-amd64)"
kdir=$(cd "$kdir" && pwd)

# Under a make with a job server that one rules; alone we take the cores.
jobs=()
case ${MAKEFLAGS-} in *jobserver*) ;; *) jobs=(-j"${XA_JOBS:-$(nproc)}") ;; esac

# kmake DIR ARG...: kbuild for the external modules in DIR. Kbuild's own flags do not reach
# *.mod.c; without the map their debug information would name DIR.
kmake() {
	local a dir=$1 flags=${KCFLAGS-}
	shift
	for a in "${args[@]}"; do
		case $a in KCFLAGS=*) flags=${a#*=} ;; esac
	done
	make "${jobs[@]}" --no-print-directory -C "$kdir" M="$dir" "${args[@]}" \
		KCFLAGS="$flags -ffile-prefix-map=$dir=xtables-anew/kernel" "$@" </dev/null
}

# What vermagic and /lib/modules will say. kernel.release of Debian's headers
# holds another thing (6.1.192 for 6.1.0-56-amd64).
release() {
	local r
	r=$(sed -n 's/.*UTS_RELEASE "\(.*\)"/\1/p' "$kdir/include/generated/utsrelease.h" 2>/dev/null)
	[ -n "$r" ] || r=$(cat "$kdir/include/config/kernel.release" 2>/dev/null)
	[ -n "$r" ] || die "$kdir is not prepared for building modules (make modules_prepare)"
	echo "$r"
}

# Lay the sources out in OUTDIR as they lie in the tree; drop what has gone.
mirror() {
	local f
	mkdir -p "$out/kernel" || exit 1
	out=$(cd "$out" && pwd)
	src=$out/kernel
	ln -sfn "$top/include" "$out/include"
	ln -sfn "${XA_MCONFIG:-$top/mconfig}" "$out/mconfig"
	for f in "$top"/kernel/{Kbuild,compat,*.[ch]}; do
		[ -e "$f" ] && ln -sfn "$f" "$src/${f##*/}"
	done
	for f in "$src"/*.[ch]; do
		[ -L "$f" ] && [ ! -e "$f" ] && rm -f "$f"
	done
}

# Compile each compat/probes/NAME.c; $have lists those that this kernel takes.
probe() {
	local p names=() dir=$out/probes
	have=
	for p in "$top"/kernel/compat/probes/*.c; do
		[ -f "$p" ] && names+=("$(basename "$p" .c)")
	done
	[ ${#names[@]} -gt 0 ] || return 0
	rm -rf "$dir"
	mkdir -p "$dir"
	for p in "${names[@]}"; do
		ln -s "$top/kernel/compat/probes/$p.c" "$dir/$p.c"
	done
	echo "obj-m := ${names[*]/%/.o}" >"$dir/Kbuild"
	kmake "$dir" -k "${names[@]/%/.o}" >"$out/probes.log" 2>&1
	for p in "${names[@]}"; do
		[ -f "$dir/$p.o" ] && have+="${have:+ }$p"
	done
}

# attempt LOG: build all that is not in $skip
attempt() {
	kmake "$src" -k XA_SKIP="$skip" XA_HAVE="$have" modules >>"$1" 2>&1
}


# word NAME DEFAULT: what a MAKEARG, else the environment, says
word() {
	local a v=${!1-}
	for a in "${args[@]}"; do
		case $a in "$1="*) v=${a#*=} ;; esac
	done
	echo "${v:-$2}"
}

# first FILE...: the first that is there
first() {
	local f
	for f; do
		[ -f "$f" ] && [ -r "$f" ] && { echo "$f"; return; }
	done
	return 1
}

# What makes BTF: into $pahole, $btfids, $vmlinux. False, with the reason in $lacks,
# if something is missing.
find_btf_parts() {
	local running=''
	[ "$(uname -r)" != "$rel" ] || running=/sys/kernel/btf/vmlinux
	pahole=$(command -v "$(word PAHOLE pahole)") ||
		{ lacks='pahole not found (Debian: apt-get install dwarves)'; return 1; }
	# that of another kernel does as well
	# shellcheck disable=SC2046 # a list of files
	btfids=$(word RESOLVE_BTFIDS "$(first "$kdir/tools/bpf/resolve_btfids/resolve_btfids" \
		$(printf '%s\n' /usr/lib/linux-kbuild-*/tools/bpf/resolve_btfids/resolve_btfids | sort -rV))")
	[ -x "$btfids" ] ||
		{ lacks='resolve_btfids not found (Debian: linux-kbuild of 6.12 or later, for any kernel)'; return 1; }
	vmlinux=$(word XA_VMLINUX "$(first "$running" "/usr/lib/debug/boot/vmlinux-$rel" \
		"/usr/lib/debug/lib/modules/$rel/vmlinux")")
	[ -r "$vmlinux" ] ||
		{ lacks="that of $rel not found: it is not running, and XA_VMLINUX names no vmlinux"; return 1; }
}

# lack MODULE REASON: no error
lack() {
	echo "error: no BTF: $2" >>"$out/${1#x[at]_}.log"
	lacking+="${lacking:+ }$1"
	leave_out "$1" "no BTF: $2"
}

# Modules that this kernel could do nothing with
find_lacking() {
	local m
	case " $have " in *' btf_kfunc '*) return 0 ;; esac
	for m in $btf_mods; do
		lack "$m" "$rel has none for modules, or no kfuncs in modules"
	done
}

has_btf() { "$(word READELF readelf)" -SW "$1" | grep -q ' \.BTF '; }

# add_btf FILE: what kbuild does where it has the kernel's vmlinux
add_btf() {
	local objcopy
	objcopy=$(word OBJCOPY objcopy)
	if "$btfids" --help 2>&1 | grep -q patch_btfids; then	# of 7.0 and later
		"$pahole" -J --btf_base "$vmlinux" --btf_encode_detached="$1.BTF.1" "$1" &&
			"$btfids" --btf_base "$vmlinux" --btf "$1.BTF.1" "$1" &&
			"$objcopy" --add-section .BTF="$1.BTF" "$1" &&
			"$btfids" --patch_btfids "$1.BTF_ids" "$1"
	else
		LLVM_OBJCOPY=$objcopy "$pahole" -J --btf_base "$vmlinux" "$1" &&
			"$btfids" -b "$vmlinux" "$1"
	fi && has_btf "$1"
}

# BTF for the modules that need it. kbuild makes a file that has changed without.
make_btf() {
	local m ko log lacks before=$lacking
	for m in $btf_mods; do
		ko=$src/$m.ko log=$out/${m#x[at]_}.log
		case " $skip " in *" $m "*) continue ;; esac
		! has_btf "$ko" || continue
		find_btf_parts || { lack "$m" "$lacks"; continue; }
		cp "$ko" "$ko.new"
		if add_btf "$ko.new" >"$log" 2>&1; then
			mv "$ko.new" "$ko"
			rm -f "$log"
		else
			lack "$m" "see $log"
		fi
		rm -f "$ko.new"*
	done
	# kbuild's own list of what is to be installed
	[ "$lacking" = "$before" ] || attempt "$out/build.log"
}

leave_out() {	# MODULE REASON
	skip+="${skip:+ }$1"
	echo "left out: $1 ($2)"
}

# Which module does not compile? Only asked when the whole did not build.
find_broken() {
	local m
	for m in $mods; do
		case " $skip " in *" $m "*) continue ;; esac
		kmake "$src" XA_SKIP="$skip" XA_HAVE="$have" "$m.o" \
			>"$out/${m#x[at]_}.log" 2>&1 && { rm -f "$out/${m#x[at]_}.log"; continue; }
		leave_out "$m" "does not build against $rel, see $out/${m#x[at]_}.log"
	done
}

# An extension falls with the engine it stands on.
find_orphans() {
	local e m
	for m in $mods; do
		case " $skip " in *" $m "*) continue ;; esac
		for e in $(kbuild_var "\$(engines_${m#x[at]_})"); do
			case " $skip " in
			*" xa_$e "*)
				leave_out "$m" "needs xa_$e, which does not build against $rel"
				break ;;
			esac
		done
	done
}

# Compiled, but modpost refuses: a symbol that this kernel does not export
find_unresolved() {
	local m
	for m in $mods; do
		case " $skip " in *" $m "*) continue ;; esac
		grep -wE "ERROR: modpost:.*$m" "$out/build.log" >"$out/${m#x[at]_}.log" ||
			{ rm -f "$out/${m#x[at]_}.log"; continue; }
		leave_out "$m" "does not build against $rel, see $out/${m#x[at]_}.log"
	done
}

build() {
	local before m log=$out/build.log
	skip='' lacking=''
	: >"$log"
	btf_mods=$(kbuild_var "\$(filter \$(addprefix xa_,\$(with_btf)),\$(mods))")
	for m in $btf_mods; do rm -f "$out/${m#x[at]_}.log"; done
	find_lacking
	attempt "$log" && return 0
	find_broken
	find_orphans
	while :; do
		[ "$(wc -w <<<"$skip")" -lt "$(wc -w <<<"$mods")" ] || return 1
		before=$skip
		attempt "$log" && return 0
		find_unresolved
		find_orphans
		[ "$skip" != "$before" ] || return 1
	done
}

# A module in the place of each one left out, which says so when it is loaded
build_stand_ins() {
	local m dir=$out/stand-in
	rm -rf "$dir"
	[ -n "$stand_in" ] && [ -n "$skip" ] || return 0
	mkdir -p "$dir"
	for m in $skip; do
		echo "obj-m += $m.o" >>"$dir/Kbuild"
		cat >"$dir/$m.c" <<-END
		// SPDX-License-Identifier: GPL-2.0-only
		#include <linux/module.h>
		static int __init left_out(void)
		{
			pr_err("$m: did not build against this kernel and was left out\n");
			return -EOPNOTSUPP;
		}
		module_init(left_out);
		MODULE_DESCRIPTION("did not build against this kernel and was left out");
		MODULE_LICENSE("GPL");
		MODULE_VERSION("$(sed -n 's/^#define XA_VERSION "\(.*\)"/\1/p' "$out/include/xa_version.h")");
		END
	done
	kmake "$dir" modules >>"$out/build.log" 2>&1
}

# OUTDIR/NAME.ko for what was built, and for nothing else
publish() {
	local m
	find "$out" -maxdepth 1 -name '*.ko' -delete
	for m in $mods; do
		case " $skip " in
		*" $m "*)
			rm -f "$src/$m".{ko,o,mod,mod.c,mod.o}
			[ -z "$stand_in" ] || ln -s "stand-in/$m.ko" "$out/$m.ko" ;;
		*) ln -s "kernel/$m.ko" "$out/$m.ko" ;;
		esac
	done
	printf '%s\n' "$skip" >"$out/left-out"
	printf '%s\n' "$have" >"$out/have"
}

do_build() {
	local n
	mirror
	exec 9>"$out/.lock" && flock 9
	mods=$(kbuild_var "\$(mods)") || exit 1
	[ -n "$mods" ] || die "mconfig names no extension to build"
	probe
	if ! build; then
		tail -n 25 "$out/build.log" >&2
		die "no modules for $rel: see $out/build.log"
	fi
	make_btf || die "no modules for $rel: see $out/build.log"
	build_stand_ins || die "stand-ins do not build: see $out/build.log"
	publish
	case " ${args[*]} " in *" V=1 "*) cat "$out/build.log" ;; *) grep -A6 -E 'warning:|WARNING:' "$out/build.log" ;; esac
	n=$(($(wc -w <<<"$mods") - $(wc -w <<<"$skip")))
	echo "built $n modules for $rel in $out"
	[ -z "$strict" ] || [ "$skip" = "$lacking" ] || exit 1
}

# What --install and --uninstall are told by arguments or the environment
where() {
	local a
	INSTALL_MOD_PATH=${INSTALL_MOD_PATH-}
	INSTALL_MOD_DIR=${INSTALL_MOD_DIR:-updates}
	DEPMOD=${DEPMOD:-depmod}
	for a in "${args[@]}"; do
		case $a in INSTALL_MOD_PATH=*|INSTALL_MOD_DIR=*|DEPMOD=*) declare -g "$a" ;; esac
	done
	moddir=$INSTALL_MOD_PATH/lib/modules/$rel/$INSTALL_MOD_DIR
}

do_install() {
	[ -f "$out/left-out" ] || die "nothing built in $out yet"
	out=$(cd "$out" && pwd)
	src=$out/kernel
	where
	kmake "$src" INSTALL_MOD_PATH="$INSTALL_MOD_PATH" INSTALL_MOD_DIR="$INSTALL_MOD_DIR" DEPMOD=true \
		XA_SKIP="$(cat "$out/left-out")" XA_HAVE="$(cat "$out/have")" \
		modules_install >"$out/install.log" 2>&1 ||
		{ cat "$out/install.log" >&2; die "modules_install failed"; }
	echo "installed the modules for $rel in $moddir"
	run_depmod
}

do_uninstall() {
	local m
	where
	for m in $(kbuild_var "\$(mods)"); do
		rm -f "$moddir/$m".ko{,.gz,.xz,.zst}
	done
	run_depmod
}

# kbuild's own depmod wants a System.map, which headers packages do not have.
run_depmod() {
	if [ ! -e "$INSTALL_MOD_PATH/lib/modules/$rel/modules.order" ]; then
		echo "no kernel's module tree there: skipping depmod (run it on the target)"
	elif ! command -v "$DEPMOD" >/dev/null; then
		die "$DEPMOD not found (Debian: apt-get install kmod)"
	else
		"$DEPMOD" -b "${INSTALL_MOD_PATH:-/}" "$rel"
	fi
}

case $verb in
release) release ;;
build) rel=$(release) || exit 1; do_build ;;
install) rel=$(release) || exit 1; do_install ;;
uninstall) rel=$(release) || exit 1; do_uninstall ;;
esac
