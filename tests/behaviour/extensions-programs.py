# SPDX-License-Identifier: GPL-2.0-only
"""Rules of our extensions by python3-iptables: made, and read back.

    python3 extensions-programs.py 4|6 FILE

A line of FILE: NAME TABLE CHAIN RULE. Prints "NAME saved options" for each.
"""
import shlex
import sys

import iptc


def fill(rule, words):
    """The options of RULE, -p, -m NAME and -j NAME; "!" before an option."""
    part, invert, i = None, "", 0
    while i < len(words):
        word = words[i]
        value = words[i + 1] if i + 1 < len(words) and words[i + 1][0] not in "-!" else ""
        i += 2 if value else 1
        if word == "!":
            invert = "!"
            i -= 1 if value else 0
            continue
        if word == "-p":
            rule.protocol = invert + value
        elif word == "-m":
            part = rule.create_match(value)
        elif word == "-j":
            part = rule.create_target(value)
        else:
            part.set_parameter(word.lstrip("-"), invert + value if value else invert)
        invert = ""


def broken():
    """Whether it finds no option of iptables' own matches, either."""
    try:
        iptc.Rule().create_match("udp").set_parameter("dport", "53")
    except Exception:
        return True
    return False


def main(family, path):
    if broken():
        print("broken")
        return 0
    bad = 0
    v6 = family == "6"
    with open(path) as lines:
        for line in lines:
            name, table, chain, text = line.rstrip("\n").split(" ", 3)
            try:
                table = (iptc.Table6 if v6 else iptc.Table)(table)
                chain = iptc.Chain(table, chain)
                rule = (iptc.Rule6 if v6 else iptc.Rule)()
                fill(rule, shlex.split(text))
                if rule.target is None:
                    rule.create_target("ACCEPT")
                chain.insert_rule(rule)
                table.refresh()
                got = iptc.Chain(table, chain.name).rules[0]
                ext = [m for m in got.matches if m.name == name]
                if got.target and got.target.name == name:
                    ext.append(got.target)
                print(name, ext[0].get_all_parameters())
                iptc.Chain(table, chain.name).delete_rule(got)
            except Exception as error:
                bad = 1
                print("!", name, type(error).__name__, error)
    return bad


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
