# SPDX-License-Identifier: GPL-2.0-only
# Extensions of iptables itself, read and printed by xthook (unit/xthook): options whose names
# are close to those of a rule, words in quotes, several of one kind.
:FORWARD
-m policy --dir in --pol ipsec --proto esp -j ACCEPT;=;OK
-m policy --dir in --pol ipsec --strict --reqid 1 --spi 0x1 --proto ah --mode transport --next --proto esp --mode transport;=;OK
-m policy --dir out --pol none;=;OK
--proto tcp -m tcp --dport 80;-p tcp -m tcp --dport 80;OK
--protocol udp --dport 53;-p udp -m udp --dport 53;OK
--prot tcp;-p tcp;OK
--in-interface eth0 --out-interface eth1 --jump DROP;-i eth0 -o eth1 -j DROP;OK
-p tcp --match mark --mark 1;-p tcp -m mark --mark 0x1;OK
-m comment --comment "a b" -m comment --comment "\"c\" \\d" -j ACCEPT;=;OK
-m hashlimit --hashlimit-upto 1/sec --hashlimit-burst 5 --hashlimit-mode srcip --hashlimit-name a;=;OK
-m limit --limit 10/min --limit-burst 3;=;OK
-m multiport --dports 80,443;;FAIL
-p tcp -m multiport --dports 80,443;=;OK
-p tcp -m tcp --tcp-flags FIN,SYN,RST,ACK SYN ! --sport 1:1023;-p tcp -m tcp ! --sport 1:1023 --tcp-flags FIN,SYN,RST,ACK SYN;OK
-m conntrack --ctstate RELATED,ESTABLISHED;=;OK
-m connmark ! --mark 0x1/0xff;=;OK
-m string --string "a|b c" --algo bm;=;OK
-m string --hex-string "|00ff|" --algo kmp --from 1 --to 9;=;OK
-m statistic --mode nth --every 3 --packet 0;=;OK
-m length --length 10:20;=;OK
-m u32 --u32 "0x0&0xff=0x1:0x2";=;OK
-m addrtype --src-type LOCAL;=;OK
-m mac --mac-source 01:02:03:04:05:06;=;OK
-m physdev --physdev-in eth0;=;OK
-j CONNMARK --set-xmark 0x1/0xff;=;OK
-j CONNMARK --save-mark --nfmask 0xff --ctmask 0xff;=;OK
-j MARK --or-mark 1;-j MARK --set-xmark 0x1/0x1;OK
-j NFLOG --nflog-prefix "a b" --nflog-group 3;=;OK
-j LOG --log-prefix "a: " --log-level 7;=;OK
-j CLASSIFY --set-class 0001:000f;=;OK
-j NFQUEUE --queue-num 3 --queue-bypass;=;OK
