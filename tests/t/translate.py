# SPDX-License-Identifier: GPL-2.0-only
"""translate - lines of a .t file through iptables-translate

    python3 translate.py PROGRAM FILE [say]

A line of FILE is OK or FAIL and the words for PROGRAM, in the quoting of
iptables-restore. FAIL: it is refused, by the plugin and not for want of it. OK:
it is translated, or left as a comment by what has no translation; "say" prints
which. Exit status 1: a line went otherwise.
"""
import re
import subprocess
import sys

WORD = re.compile(r'(?:"(?:\\.|[^"\\])*"|[^\s"])+')
NO_PLUGIN = ("Couldn't load", "No chain/target/match", "missing kernel module")


def words(line):
    return [re.sub(r'"((?:\\.|[^"\\])*)"',
                   lambda m: re.sub(r"\\(.)", r"\1", m.group(1)), w)
            for w in WORD.findall(line)]


def wrong(verdict, run):
    """What is wrong with the outcome of a line, or None."""
    said = run.stdout + run.stderr
    if run.returncode not in range(0, 126):
        return "status %d" % run.returncode
    if any(text in said for text in NO_PLUGIN):
        return "the plugin is not used"
    if verdict == "OK" and run.returncode:
        return "refused"
    if verdict == "OK" and not run.stdout.startswith("nft "):
        return "not translated"
    if verdict == "FAIL" and not run.returncode:
        return "accepted"
    return None


def main(program, path, say=False):
    bad = 0
    with open(path) as lines:
        for line in lines:
            verdict, rule = line.rstrip("\n").split(" ", 1)
            run = subprocess.run([program, *words(rule)], text=True,
                                 stdout=subprocess.PIPE, stderr=subprocess.PIPE)
            why = wrong(verdict, run)
            if say:
                print(run.stdout.rstrip("\n"))
            if why:
                bad += 1
                print("%s: %s\n  %s" % (why, line.rstrip("\n"), (run.stderr or run.stdout).strip()))
    return bad != 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
