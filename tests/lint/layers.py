# SPDX-License-Identifier: BSD-3-Clause
"""Who may include whom: services -> common -> proto -> jansson. No service
includes another, and each library is the business of the files named here.

With --self-test: does it find what it should?"""

import re
import sys

import sources

# A part of the tree and what its files may include of the tree.
MAY_INCLUDE = [
    (r"proto/", ["proto/"]),
    (r"common/", ["common/", "proto/"]),
    (r"(services/[^/]+/)", [r"\1", "common/", "proto/"]),
]

# A library's headers, and the only files that may include them.
LIBRARIES = [
    (r"strophe\.h", r"services/xmpp-frontend/stream\.c"),
    (r"expat\.h", r"services/xmpp-frontend/guard\.c"),
    (r"hiredis/.*|hiredis\.h", r"services/registry/redis_(wire|reply)\.c"),
    (r"curl/.*", r"common/http_(client\.c|(multi|transfer)\.[ch])"
                 r"|services/wakebusctl/health\.c"),
    (r"jwt\.h", r"common/jwt\.c"),
    (r"microhttpd\.h", r"common/http_server\.c"),
    (r"systemd/.*", r"common/supervisor\.c"),
    (r"zmq\.h", r"common/.*"),
    (r"czmq\.h", r"(common|services)/.*"),
    (r"openssl/.*", r"(common|services)/.*"),
]

INCLUDE = re.compile(r'^\s*#\s*include\s+(["<])([^">]+)[">]', re.MULTILINE)


def own_faults(path, included):
    for part, allowed in MAY_INCLUDE:
        match = re.match(part, path)
        if match and not any(included.startswith(match.expand(prefix))
                             for prefix in allowed):
            return [f"{path}: includes {included}; it may only know "
                    + ", ".join(match.expand(prefix) for prefix in allowed)]
    return []


def library_faults(path, included):
    return [f"{path}: includes {included}; only {place} may"
            for headers, place in LIBRARIES
            if re.fullmatch(headers, included)
            and not re.fullmatch(place, path)]


def faults_of(path, text):
    faults = []
    for quote, included in INCLUDE.findall(text):
        if quote == '"':
            faults += own_faults(path, included)
        else:
            faults += library_faults(path, included)
    return faults


GOOD = [
    ("proto/codec.h", "#include <jansson.h>\n#include <stdint.h>"),
    ("proto/push.c", '#include "proto/push.h"'),
    ("common/worker.h", '#include "proto/codec.h"\n#include <czmq.h>'),
    ("common/bus.c", "#include <zmq.h>"),
    ("services/registry/main.c", '#include "services/registry/keys.h"\n'
                                 '#include "common/log.h"'),
    ("services/registry/redis_wire.c", "#include <hiredis/async.h>"),
    ("services/xmpp-frontend/stream.c", "#include <strophe.h>"),
    ("services/wakebusctl/health.c", "#include <curl/curl.h>"),
]
BAD = [
    ("proto/push.c", '#include "common/log.h"'),
    ("proto/push.c", "#include <czmq.h>"),
    ("proto/push.c", '#include "services/registry/keys.h"'),
    ("common/log.c", '#include "services/registry/keys.h"'),
    ("common/log.c", '#include "log.h"'),
    ("common/oauth.c", "# include <curl/curl.h>"),
    ("common/delivery.c", "#include <jwt.h>"),
    ("services/registry/keys.c", '#include "services/fcm-sender/fcm.h"'),
    ("services/registry/keys.c", "#include <hiredis/hiredis.h>"),
    ("common/service.c", "#include <microhttpd.h>"),
    ("common/service.c", "#include <systemd/sd-daemon.h>"),
    ("services/registry/main.c", "#include <zmq.h>"),
    ("services/wakebusctl/main.c", "#include <curl/curl.h>"),
    ("services/xmpp-frontend/stanza.c", "  #include <strophe.h>"),
    ("services/fcm-sender/strophe.c", "#include <strophe.h>"),
]


def self_test():
    return ([f"finds a fault in {good}" for good in GOOD if faults_of(*good)]
            + [f"finds no fault in {bad}" for bad in BAD if not faults_of(*bad)])


def main():
    if sys.argv[1:] == ["--self-test"]:
        return sources.report(self_test())
    files = sources.c_files("proto", "common", "services")
    return sources.report(
        [fault for path in files
         for fault in faults_of(path.as_posix(), sources.read(path))])


sys.exit(main())
