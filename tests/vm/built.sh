# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash
# A kernel that Debian does not have, built here from the sources of the bed of
# User-Mode Linux: 7.2-kcsan, a PC whose kernel looks for data races. Sourced by kernel.
#
# Below its folder P of the cache: P/build, to build modules against, and the rest as
# prepare.sh has it.

readonly UMLBED=$VM_DIR/../umlbed

# built_key NAME: what such a kernel depends on
built_key()
{
	cat "$UMLBED/config.base" "$UMLBED"/*.patch "$VM_DIR/config.${1#*-}" | hash_of
}

# built_config NAME SOURCE: the last line of an option counts
built_config()
{
	{
		grep -vE 'CONFIG_(LOCALVERSION|HOSTFS|MCONSOLE|STATIC_LINK|UML_.*)\>' "$UMLBED/config.base"
		sed -n 's/^config \(NETFILTER_XT_\(MATCH\|TARGET\)_.*\)/CONFIG_\1=y/p' \
			"$2/net/netfilter/Kconfig"
		cat "$VM_DIR/config.${1#*-}"
	} | awk '/CONFIG_/ { name = $0; sub(/^# /, "", name); sub(/[ =].*/, "", name)
			if (!(name in line)) order[++n] = name
			line[name] = $0 }
		END { for (i = 1; i <= n; i++) print line[order[i]] }'
}

# build NAME P SOURCE: into P/build and P/image
build()
{
	local p=$2 make=(nice make -C "$3" "O=$2/build" ARCH=x86_64 "-j$(nproc)")

	mkdir -p "$p/build"
	built_config "$1" "$3" >"$p/config"
	logged "$p/build.log" "${make[@]}" "KCONFIG_ALLCONFIG=$p/config" allnoconfig &&
		logged "$p/build.log" "${make[@]}" bzImage modules &&
		logged "$p/build.log" "${make[@]}" "INSTALL_MOD_PATH=$p/image" DEPMOD=true modules_install ||
		return
	cp "$p/build/arch/x86/boot/bzImage" "$p/vmlinux" &&
		find "$p/build" -path "$p/build/scripts" -prune -o -path "$p/build/tools" -prune -o \
			-type f \( -name '*.o' -o -name '*.a' -o -name '.*.cmd' -o -name 'vmlinux*' \) \
			-exec rm -f {} +
}

# fetch_built NAME: the lock is held
fetch_built()
{
	local p src release

	need make make; need gcc gcc; need flex flex; need bison bison; need bc bc
	src=$("$UMLBED/source") || return
	p=$VM_CACHE/kernel/$1/$(recipe_of "$1" | tr -d ' ')
	find "$p" -mindepth 1 -delete 2>/dev/null
	mkdir -p "$p" && p=$(readlink -f "$p")
	step "building kernel $1 (some minutes, once)"
	build "$1" "$p" "$src" || return
	release=$(cat "$p/build/include/config/kernel.release")
	prepare_modules "$p" "$release" && write_info "$p" "$release" gcc || return
	echo "$p/build" >"$p/info/kdir"
	rm -rf "$p/image"
	recipe_of "$1" >"$p/recipe"
	publish "$1" "$p"
}
