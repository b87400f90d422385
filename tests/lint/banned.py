# SPDX-License-Identifier: BSD-3-Clause
"""Calls that have no place here: they write past ends, cannot say that they
failed, keep state of their own, or answer for the wrong time zone.

With --self-test: does it find what it should?"""

import re
import sys

import sources

BANNED = {
    "strcpy stpcpy strcat sprintf vsprintf gets": "snprintf or memcpy",
    "strncpy": "snprintf or memcpy: it may leave out the NUL",
    "strtok": "strtok_r",
    "atoi atol atoll atof": "strtoll: they cannot say that they failed",
    "alloca": "malloc or an array of fixed size",
    "rand srand random drand48": "getrandom",
    "gmtime localtime asctime ctime": "gmtime_r",
    "mktemp tmpnam tempnam": "mkstemp or tmpfile",
    "gethostbyname inet_ntoa inet_addr": "getaddrinfo, getnameinfo",
    "system popen": "nothing: no shell",
    "usleep sleep": "a timer of the loop",
}
REMEDIES = {name: remedy for names, remedy in BANNED.items()
            for name in names.split()}
FOR_TESTS = {"system", "popen"}  # they may run programs
CALL = re.compile(r"(?<![\w.>])(" + "|".join(REMEDIES) + r")\s*\(")


def faults_of(path, text):
    code = sources.code_of(text)
    allowed = FOR_TESTS if str(path).startswith("tests/") else set()
    return [f"{path}:{code.count(chr(10), 0, match.start()) + 1}: "
            f"{match[1]} is banned; use {REMEDIES[match[1]]}"
            for match in CALL.finditer(code) if match[1] not in allowed]


GOOD = [
    "/* strcpy(a, b) */ int x; // gets(x)",
    'puts("use sprintf(x) never");',
    "strtok_r(a, b, &c); vsnprintf(a, 1, b, c); gmtime_r(&t, &tm);",
    "my_strcpy(a); x->sleep(1); x.random(2); int strcpy;",
    "c = '\"'; puts(\"'\"); /* ' */",
]
BAD = [
    "strcpy(a, b);",
    "x = atoi (text);",
    "puts(\"'\"); gets(line);",
    "c = '\"'; strcat(a, b); d = '\"';",
    "/* fine */ sprintf(a, b); /* fine */",
]


def self_test():
    return ([f"finds a fault in {good}" for good in GOOD
             if faults_of("x.c", good)]
            + [f"finds no fault in {bad}" for bad in BAD
               if not faults_of("x.c", bad)])


def main():
    if sys.argv[1:] == ["--self-test"]:
        return sources.report(self_test())
    files = sources.c_files("proto", "common", "services", "tests")
    return sources.report(
        [fault for path in files
         for fault in faults_of(path, sources.read(path))])


sys.exit(main())
