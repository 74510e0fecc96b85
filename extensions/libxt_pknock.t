# SPDX-License-Identifier: GPL-2.0-only
:INPUT,FORWARD,OUTPUT
-p tcp -m pknock --knockports 4002,4001,4004 --time 10 --autoclose 60 --name SSH --strict;=;OK
-p tcp -m pknock --knockports 4002 --time 1 --name a;=;OK
-p udp -m pknock --knockports 4002,4001 --time 10 --name a;=;OK
-p udp -m pknock --knockports 4000 --autoclose 240 --name FTP --opensecret foo --closesecret bar;=;OK
-p udp -m pknock --knockports 4000 --name FTP --opensecret foo --closesecret bar;=;OK
-p udp -m pknock --knockports 4000 --time 5 --name FTP --opensecret foo --closesecret bar --strict;=;OK
-m pknock --name FTP --checkip;=;OK
-p tcp -m pknock --name FTP --checkip;=;OK
-p udp -m pknock --name FTP --checkip;=;OK
# as the existing implementation takes and saves it
-p tcp -m pknock --knockports 4002,4001,4004 --strict --name SSH --time 10 --autoclose 60;-p tcp -m pknock --knockports 4002,4001,4004 --time 10 --autoclose 60 --name SSH --strict;OK
-p tcp -m pknock --knockports 4002,4001,4004  --time 10  --autoclose 60  --name SSH  --strict ;-p tcp -m pknock --knockports 4002,4001,4004 --time 10 --autoclose 60 --name SSH --strict;OK
-p tcp -m pknock  --name FTP  --checkip ;-p tcp -m pknock --name FTP --checkip;OK
-p udp -m pknock  --knockports 4000  --autoclose 240  --name FTP  --opensecret  --closesecret ;;FAIL
# the protocol may stand anywhere
-m pknock --knockports 4002,4001 --time 10 --name a -p tcp;-p tcp -m pknock --knockports 4002,4001 --time 10 --name a;OK
-m pknock --name a --time 10 --knockports ssh,4001 -p tcp;-p tcp -m pknock --knockports 22,4001 --time 10 --name a;OK
-m pknock --knockports 4002,4001 --time 10 --name a;;FAIL
-p icmp -m pknock --knockports 4002,4001 --time 10 --name a;;FAIL
-p sctp -m pknock --knockports 4002,4001 --time 10 --name a;;FAIL
-p udplite -m pknock --knockports 4002,4001 --time 10 --name a;;FAIL
! -p tcp -m pknock --knockports 4002,4001 --time 10 --name a;;FAIL
# ports
-p tcp -m pknock --knockports 1,65535 --time 10 --name a;=;OK
-p tcp -m pknock --knockports 7,7,7 --time 10 --name a;=;OK
-p tcp -m pknock --knockports 0 --time 10 --name a;;FAIL
-p tcp -m pknock --knockports 65536 --time 10 --name a;;FAIL
-p tcp -m pknock --knockports 1,2,3,4,5,6,7,8,9,10,11,12,13,14,15 --time 10 --name a;=;OK
-p tcp -m pknock --knockports 1,2,3,4,5,6,7,8,9,10,11,12,13,14,15,16 --time 10 --name a;;FAIL
-p tcp -m pknock --knockports ssh,http --time 10 --name a;-p tcp -m pknock --knockports 22,80 --time 10 --name a;OK
-p tcp -m pknock --knockports nosuchservice --time 10 --name a;;FAIL
-p tcp -m pknock --knockports 1,,2 --time 10 --name a;;FAIL
-p tcp -m pknock --knockports 1, --time 10 --name a;;FAIL
-p tcp -m pknock --knockports 1:2 --time 10 --name a;;FAIL
-p tcp -m pknock --knockports "" --time 10 --name a;;FAIL
-p tcp -m pknock --knockports -1 --time 10 --name a;;FAIL
-p tcp -m pknock --knockports 1 --knockports 2 --time 10 --name a;;FAIL
-p tcp -m pknock ! --knockports 1 --time 10 --name a;;FAIL
# time
-p tcp -m pknock --knockports 1 --time 0 --name a;;FAIL
-p tcp -m pknock --knockports 1 --time 4294967295 --name a;=;OK
-p tcp -m pknock --knockports 1 --time 4294967296 --name a;;FAIL
-p tcp -m pknock --knockports 1 --time x --name a;;FAIL
-p tcp -m pknock --knockports 1 --name a;;FAIL
-p udp -m pknock --knockports 1 --name a;;FAIL
-p tcp -m pknock --knockports 1 --time 1 --time 2 --name a;;FAIL
-p tcp -m pknock --knockports 1 ! --time 1 --name a;;FAIL
# autoclose
-p tcp -m pknock --knockports 1 --time 1 --autoclose 0 --name a;=;OK
-p tcp -m pknock --knockports 1 --time 1 --autoclose 4294967295 --name a;=;OK
-p tcp -m pknock --knockports 1 --time 1 --autoclose 4294967296 --name a;;FAIL
-p tcp -m pknock --knockports 1 --time 1 --autoclose -1 --name a;;FAIL
-p tcp -m pknock --knockports 1 --time 1 --autoclose 1 --autoclose 1 --name a;;FAIL
# name
-m pknock --name 1234567890123456789012345678901 --checkip;=;OK
-m pknock --name 12345678901234567890123456789012 --checkip;;FAIL
-m pknock --name "" --checkip;;FAIL
-m pknock --name . --checkip;;FAIL
-m pknock --name .. --checkip;;FAIL
-m pknock --name a/b --checkip;;FAIL
-m pknock --name "two words" --checkip;=;OK
-m pknock --checkip;;FAIL
-p tcp -m pknock --knockports 1 --time 1;;FAIL
-m pknock --name a --name b --checkip;;FAIL
-m pknock ! --name a --checkip;;FAIL
-m pknock --name a;;FAIL
-m pknock;;FAIL
# secrets
-p udp -m pknock --knockports 1 --name a --opensecret 1234567890123456789012345678901 --closesecret b;=;OK
-p udp -m pknock --knockports 1 --name a --opensecret 12345678901234567890123456789012 --closesecret b;;FAIL
-p udp -m pknock --knockports 1 --name a --opensecret b --closesecret 1234567890123456789012345678901;=;OK
-p udp -m pknock --knockports 1 --name a --opensecret b --closesecret 12345678901234567890123456789012;;FAIL
-p udp -m pknock --knockports 1 --name a --opensecret "a b" --closesecret "it\'s";=;OK
-p udp -m pknock --knockports 1 --name a --opensecret "" --closesecret b;;FAIL
-p udp -m pknock --knockports 1 --name a --opensecret b --closesecret "";;FAIL
-p udp -m pknock --knockports 1 --name a --opensecret same --closesecret same;;FAIL
-p udp -m pknock --knockports 1 --name a --opensecret b;;FAIL
-p udp -m pknock --knockports 1 --name a --closesecret b;;FAIL
-p udp -m pknock --knockports 1 --time 1 --name a --closesecret b;;FAIL
-p udp -m pknock --knockports 1,2 --name a --opensecret b --closesecret c;;FAIL
-p tcp -m pknock --knockports 1 --time 1 --name a --opensecret b --closesecret c;;FAIL
-p udp -m pknock --name a --opensecret b --closesecret c;;FAIL
-p udp -m pknock --knockports 1 --name a --opensecret b --opensecret d --closesecret c;;FAIL
-p udp -m pknock --knockports 1 --name a --opensecret b --closesecret c --closesecret d;;FAIL
-p udp -m pknock --knockports 1 --name a ! --opensecret b --closesecret c;;FAIL
# keys
-p udp -m pknock --knockports 1 --name a --key "1:foo";=;OK
-p udp -m pknock --knockports 1 --autoclose 5 --name a --opensecret b --closesecret c --key "255:foo" --key "1:foo" --nat;=;OK
-p udp -m pknock --knockports 1 --name a --key "7:1234567890123456789012345678901";=;OK
-p udp -m pknock --knockports 1 --name a --key 7:12345678901234567890123456789012;;FAIL
-p udp -m pknock --knockports 1 --name a --key "7:a b:c";=;OK
-p udp -m pknock --knockports 1 --name a --opensecret b --closesecret c --nat;=;OK
-p udp -m pknock --knockports 1 --name a --key "1:a" --key "2:a" --key "3:a" --key "4:a" --key "5:a" --key "6:a" --key "7:a" --key "8:a" --key "9:a" --key "10:a" --key "11:a" --key "12:a" --key "13:a" --key "14:a" --key "15:a" --key "16:a";=;OK
-p udp -m pknock --knockports 1 --name a --key 1:a --key 2:a --key 3:a --key 4:a --key 5:a --key 6:a --key 7:a --key 8:a --key 9:a --key 10:a --key 11:a --key 12:a --key 13:a --key 14:a --key 15:a --key 16:a --key 17:a;;FAIL
-p udp -m pknock --knockports 1 --name a --key 0:foo;;FAIL
-p udp -m pknock --knockports 1 --name a --key 256:foo;;FAIL
-p udp -m pknock --knockports 1 --name a --key foo;;FAIL
-p udp -m pknock --knockports 1 --name a --key 1;;FAIL
-p udp -m pknock --knockports 1 --name a --key 1:;;FAIL
-p udp -m pknock --knockports 1 --name a --key :foo;;FAIL
-p udp -m pknock --knockports 1 --name a --key 1:foo --key 1:bar;;FAIL
-p udp -m pknock --knockports 1,2 --name a --key 1:foo;;FAIL
-p tcp -m pknock --knockports 1 --time 1 --name a --key 1:foo;;FAIL
-p udp -m pknock --name a --key 1:foo;;FAIL
-p udp -m pknock --knockports 1 --time 1 --name a --nat;;FAIL
-p udp -m pknock --knockports 1 --name a --key 1:foo --nat --nat;;FAIL
-p udp -m pknock --knockports 1 --name a ! --key 1:foo;;FAIL
-p udp -m pknock --name a --checkip --key 1:foo;;FAIL
-p udp -m pknock --name a --checkip --nat;;FAIL
# checkip asks, it does not watch
-p tcp -m pknock --name a --checkip --knockports 1;;FAIL
-p tcp -m pknock --name a --checkip --time 1;;FAIL
-p tcp -m pknock --name a --checkip --autoclose 1;;FAIL
-p tcp -m pknock --name a --checkip --strict;;FAIL
-p tcp -m pknock --name a --checkip --opensecret a;;FAIL
-p tcp -m pknock --name a --checkip --closesecret a;;FAIL
-p tcp -m pknock --name a --checkip --checkip;;FAIL
-p tcp -m pknock --name a ! --checkip;;FAIL
-p tcp -m pknock --knockports 1 --time 1 --name a --strict --strict;;FAIL
-p tcp -m pknock --knockports 1 --time 1 --name a ! --strict;;FAIL
# several
-p tcp -m pknock --knockports 1,2 --time 1 --name a -m pknock --name b --checkip;=;OK
