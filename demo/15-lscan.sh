#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
. "${0%/*}/lib.sh"

title "lscan: who scans, and who only connects"
two_hosts

say "The server has a daemon that greets, and counts what looks like a scan:"
background server "socat -T 60 TCP-LISTEN:22,fork,reuseaddr SYSTEM:'echo SSH-2.0-demo; exec cat'"
wait_port server t 22
on server 'iptables -A INPUT -p tcp -m lscan --synscan'
on server 'iptables -A INPUT -p tcp -m lscan --stealth'
on server 'iptables -A INPUT -p tcp -m lscan --grscan'

say "A session, in which both sides speak, is no scan:"
on client 'bash -c "exec 3<>/dev/tcp/10.0.0.2/22; head -n 1 <&3; echo SSH-2.0-client >&3; head -n 1 <&3"'
shows "the daemon answers" 'SSH-2.0-client'
on server 'iptables-save -c | grep lscan'
shows "nothing counted" '[0:0] -A INPUT -p tcp -m lscan --synscan' '[0:0] -A INPUT -p tcp -m lscan --grscan'

say "nmap looks for open ports, half open and by stealth:"
on client 'nmap -n -Pn -sS --max-retries 0 -p 22-24 10.0.0.2'
on client 'nmap -n -Pn -sX --max-retries 0 -p 23-24 10.0.0.2'
say "and somebody collects banners:"
on client 'bash -c "exec 3<>/dev/tcp/10.0.0.2/22; head -n 1 <&3"'
shows "which is all he wants" 'SSH-2.0-demo'
on client 'sleep 1'

say "The rules have seen them:"
on server 'iptables-save -c | grep lscan'
shows "one half-open connection" '[1:40] -A INPUT -p tcp -m lscan --synscan'
shows "two packets of no connection" '[2:80] -A INPUT -p tcp -m lscan --stealth'
shows "one banner grabber" '[1:52] -A INPUT -p tcp -m lscan --grscan'
the_end
