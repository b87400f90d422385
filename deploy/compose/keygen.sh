#!/bin/sh
# SPDX-License-Identifier: BSD-3-Clause
# docker compose run --rm keygen: makes those keys of the bus that are missing,
# and the one of sealed nodes, and gives all secrets to the user of the services,
# who alone can read them then. With --rotate ROLE makes a new one for that role.
set -eu

wakebusctl keygen "$@" /secrets/bus
if [ ! -e /secrets/sealed-keys ]; then
    key=$(od -An -vtx1 -N32 /dev/urandom | tr -d ' \n')
    (umask 077 && echo "$key" >/secrets/sealed-keys)
fi
chown -R 65532:65532 /secrets/bus
# Nothing deeper: WAKEBUS_SECRETS may name a wrong directory.
find /secrets -maxdepth 1 -type f -name '[!.]*' \
    -exec chmod 600 {} + -exec chown 65532:65532 {} +
