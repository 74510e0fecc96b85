# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=sh
# links.sh - a bridge, and waiting until devices run. Sourced behind lib.sh

# xa_runs NS DEV
xa_runs()
{
	in_ns "$1" ip -o link show "$2" | grep -q 'state UP'
}

# dev_runs NS DEV...: waits until the kernel has noticed their carriers, which it does in
# the background; until then they do not "run", and a port of a bridge forwards nothing
dev_runs()
{
	xa_dev_ns=$1
	shift
	for xa_dev; do
		wait_for 20 xa_runs "$xa_dev_ns" "$xa_dev"
	done
}

# ns_bridge: c and s in one subnet, joined by the bridge br0 (ports bc, bs) in b
ns_bridge()
{
	ns_new c b s
	xa_veth c c0 02:00:00:00:00:01 b bc 02:00:00:00:03:01
	xa_veth b bs 02:00:00:00:03:02 s s0 02:00:00:00:00:02
	ns_ip b <<-END
		link add br0 address 02:00:00:00:00:03 type bridge stp_state 0 forward_delay 0 mcast_snooping 0
		link set bc master br0
		link set bs master br0
		link set br0 up
	END
	xa_host c c0 10.0.0.1/24 fd00::1/64 10.0.0.2 fd00::2 02:00:00:00:00:02 \
		10.0.0.3 fd00::3 02:00:00:00:00:03
	xa_host s s0 10.0.0.2/24 fd00::2/64 10.0.0.1 fd00::1 02:00:00:00:00:01 \
		10.0.0.3 fd00::3 02:00:00:00:00:03
	xa_host b br0 10.0.0.3/24 fd00::3/64 10.0.0.1 fd00::1 02:00:00:00:00:01 \
		10.0.0.2 fd00::2 02:00:00:00:00:02
	dev_runs b bc bs br0
}
