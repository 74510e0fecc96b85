# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash
# Start one virtual machine and judge how it ended. Sourced by run.
#
# W is the folder of the run: initrd goes in, console.log and qemu.log come out.
# Full boots, no snapshots: a boot costs about two seconds, and each run
# starts from a state that no other run has touched.

readonly RC_TIMEOUT=124 RC_QEMU=125 RC_DIED=126
# Seconds for a boot alone, on a host that is busy with other things.
BOOT_TIMEOUT=${XA_BOOT_TIMEOUT:-180}

QEMU_PID=

# No way out of the script leaves a machine running; if the script is
# killed outright, the kernel does it (setpriv --pdeathsig).
stop_qemu()
{
	[ -z "$QEMU_PID" ] || kill -KILL "$QEMU_PID" 2>/dev/null
	QEMU_PID=
}

# What this machine's clock counts a second, in kHz, if its kernel's log still says
# so. A guest under TCG sees the same counter; left to measure it on a busy host
# it errs by factors, and its clock with it.
tsc_khz()
{
	dmesg 2>/dev/null | sed -n 's/.*tsc: Detected \([0-9]*\)\.\([0-9]\{3\}\) MHz.*/\1\2/p' | tail -n 1
}

# The kernel's command line. panic=-1: with -no-reboot a dead guest ends
# qemu at once. The watchdogs are slow, and the timer's interrupt is not tried out,
# for hosts that are busy. Emulated code is translated once for each address that it
# runs at, so programs and the kernel always run at the same one; and a switch of page
# tables at each system call (mitigations) empties the emulated TLB. Without these a
# test takes four times as long.
cmdline()
{
	# what a flood that nothing limits would write has room in the log
	local khz fast='norandmaps nokaslr mitigations=off log_buf_len=2M'

	if [ -n "$CONSOLE" ]; then
		echo "console=$CONSOLE loglevel=5 panic=-1 oops=panic $fast cryptomgr.notests" \
			"random.trust_cpu=on rcupdate.rcu_cpu_stall_timeout=120" \
			"xa_console=$CONSOLE rdinit=/xa/vm/init"
		return
	fi
	khz=$(tsc_khz)
	echo "console=ttyS0 loglevel=5 panic=-1 oops=panic $fast" \
		"cryptomgr.notests tsc=reliable random.trust_cpu=on" \
		"no_timer_check watchdog_thresh=60 rcupdate.rcu_cpu_stall_timeout=120" \
		"unknown_nmi_panic ${khz:+tsc_early_khz=$khz} rdinit=/xa/vm/init"
}

# qemu_args KMOD-FREE... : VMLINUX ACCEL SMP MEM, into QEMU_ARGS
qemu_args()
{
	local cpu=qemu64

	if [ -n "$CONSOLE" ]; then
		QEMU_ARGS=("${QEMU[@]}" -nodefaults -no-user-config -smp "$3" -m "$4"
			-display none -no-reboot -kernel "$1" -initrd "$W/initrd"
			-append "$(cmdline)")
		: >"$W/console.log"
		return
	fi
	[ "$2" != kvm ] || cpu=host
	QEMU_ARGS=(qemu-system-x86_64 -nodefaults -no-user-config
		-M pc -accel "$2" -cpu "$cpu" -smp "$3" -m "$4"
		-display none -no-reboot
		-kernel "$1" -initrd "$W/initrd" -append "$(cmdline)"
		-device isa-debug-exit,iobase=0xf4,iosize=0x4
		-serial "file:$W/console.log")
}

# relay FD LIMIT: what the guest says, to stdout, until it ends. The limit
# counts from the guest's first word: booting has its own. The summary line
# is kept back in SUMMARY, the kernel's complaints in COMPLAINT: what comes
# last here is for the caller to say.
#
# On a machine with one channel the kernel's log comes before the first word and after
# the last, and the verdict in a line.
relay()
{
	local line until=$((SECONDS + BOOT_TIMEOUT)) rc

	SUMMARY='' COMPLAINT='' UP='' OVER=''
	while :; do
		((until > SECONDS)) || return "$RC_TIMEOUT"
		IFS= read -r -t $((until - SECONDS)) -u "$1" line
		rc=$?
		if ((rc > 128)); then
			[ -z "$line" ] || printf '%s\n' "$line"
			return "$RC_TIMEOUT"
		fi
		((rc == 0)) || break
		line=${line%$'\r'}
		if [ -n "$CONSOLE" ] && [[ -z $UP && $line != 'xa-vm up' || -n $OVER || $line == 'xa-vm exit '* ]]; then
			OVER+=$([[ $line != 'xa-vm exit '* ]] || echo 1)
			printf '%s\n' "$line" >>"$W/console.log"
			continue
		fi
		case $line in
		'xa-vm up')	UP=1; until=$((SECONDS + $2)) ;;
		'xa-vm dmesg')	OVER=1 ;;
		'xa-vm kernel')	COMPLAINT='the kernel complained:' ;;
		+([0-9])' passed, '+([0-9])' failed, '+([0-9])' skipped')
				SUMMARY=$line ;;
		*)	if [ -n "$COMPLAINT" ]; then
				COMPLAINT+=" $line"
			else
				printf '%s\n' "$line"
			fi ;;
		esac
	done
	[ -z "$line" ] || printf '%s\n' "$line"
}

# A guest that hangs is asked where: an NMI makes it panic with a trace.
ask_hung()
{
	local i

	echo nmi >"$W/monitor.in"
	for ((i = 0; i < 20; i++)); do
		kill -0 "$QEMU_PID" 2>/dev/null || return
		sleep 0.1
	done
}

# boot LIMIT: run QEMU_ARGS; returns the guest's status, or RC_*
boot()
{
	local fd rc hung=

	mkfifo "$W/monitor.in" "$W/monitor.out" || return "$RC_QEMU"
	exec {fd}< <(exec setpriv --pdeathsig KILL "${QEMU_ARGS[@]}" \
		-chardev stdio,id=out,signal=off -serial chardev:out \
		-chardev "pipe,id=mon,path=$W/monitor" -mon chardev=mon \
		</dev/null 2>"$W/qemu.log")
	QEMU_PID=$!
	relay "$fd" "$1" || {
		hung=1
		ask_hung
		kill -KILL "$QEMU_PID" 2>/dev/null
	}
	wait "$QEMU_PID"
	rc=$?
	QEMU_PID=
	exec {fd}<&-
	rm -f "$W"/monitor.*
	[ -z "$hung" ] || return "$RC_TIMEOUT"
	verdict "$rc"
}

# verdict QEMU-STATUS: odd numbers from 3 on were said by the guest.
verdict()
{
	if (($1 >= 3 && $1 % 2 == 1)); then
		return $((($1 - 1) / 2 - 1))
	fi
	if (($1 == 0)); then
		local said
		said=$(sed -n 's/^xa-vm exit \([0-9]*\).*/\1/p' "$W/console.log")
		[ -n "$said" ] && return "$said"
		return "$RC_DIED"
	fi
	return "$RC_QEMU"
}

# boot_shell: the terminal belongs to the guest; ^A x ends the machine.
boot_shell()
{
	local saved

	saved=$(stty -g)
	setpriv --pdeathsig KILL "${QEMU_ARGS[@]}" \
		-chardev stdio,id=out,mux=on,signal=off -serial chardev:out \
		-mon chardev=out 2>"$W/qemu.log"
	local rc=$?
	stty "$saved"
	verdict "$rc"
}

# What the answer about KVM depends on.
kvm_key()
{
	{ uname -r; qemu-system-x86_64 --version; stat -c %t:%T /dev/kvm
	  grep -m1 'model name' /proc/cpuinfo; } | sha256sum | cut -c1-16
}

# kvm_boots VMLINUX: does a guest really come up and give its verdict? A
# /dev/kvm that exists may still hang every guest, hence the deadline.
kvm_boots()
{
	local W rc

	W=$(mktemp -d "$VM_CACHE/run/kvm.XXXXXX") || return
	mkdir -p "$W/root/xa/vm"
	cp "$VM_DIR/init" "$W/root/xa/vm/init"
	echo 'exit 42' >"$W/root/xa/vm/command"
	{ cat "$("$VM_DIR/image")"; cpio_of "$W/root"; } >"$W/initrd"
	step "does KVM work on this machine? (asked once)"
	qemu_args "$1" kvm 1 1024
	BOOT_TIMEOUT=15 boot 15 >/dev/null
	rc=$?
	rm -rf "$W"
	[ "$rc" -eq 42 ]
}

# accelerator VMLINUX: kvm or tcg
accelerator()
{
	local answer

	[ -z "$CROSS" ] || { echo tcg; return; }
	[ -z "${XA_ACCEL:-}" ] || { echo "$XA_ACCEL"; return; }
	[ -r /dev/kvm ] && [ -w /dev/kvm ] || { echo tcg; return; }
	answer=$VM_CACHE/kvm-$(kvm_key)
	if [ ! -s "$answer" ]; then
		lock kvm
		[ -s "$answer" ] ||
			{ kvm_boots "$1" && echo kvm || echo tcg; } >"$answer.new"
		[ -s "$answer" ] || mv "$answer.new" "$answer"
		unlock
	fi
	cat "$answer"
}
