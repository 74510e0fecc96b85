# SPDX-License-Identifier: GPL-2.0-only
# as ruletext-list.t, for what is IPv4 alone or has addresses
-j ACCOUNT --addr 192.168.1.0/24 --tname sales; ACCOUNT addr 192.168.1.0/24 tname sales;LIST
-j ACCOUNT --addr 1.2.3.4 --tname sales; ACCOUNT addr 1.2.3.4 tname sales;LIST
-j ACCOUNT --addr 0/0 --tname sales; ACCOUNT addr 0.0.0.0/0 tname sales;LIST
-j DHCPMAC --set-mac aa:bb:cc:dd:ee:ff; -j DHCPMAC --set-mac AA:BB:CC:DD:EE:FF/48;LIST
-m dhcpmac --mac aa:bb:cc:dd:ee:ff/24; -m dhcpmac --mac AA:BB:CC:00:00:00/24;LIST
-j DNETMAP --prefix 20.0.0.0/26 --reuse --static --persistent --ttl 200; -j DNETMAP --prefix 20.0.0.0/26 --reuse --static --persistent --ttl 200;LIST
-m ipv4options --flags nop,!timestamp --any; -m ipv4options --flags 1,!4 --any;LIST
