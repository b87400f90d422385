# SPDX-License-Identifier: BSD-3-Clause
"""A small HTTP/2 server over TLS: its listener, and what to count."""

import asyncio
import socket
import ssl

from http2_connection import Connection


class Server:
    """handler(request) -> Response, or None when there shall be no (further)
    answer; streams_at_start(connection) -> how many streams a new connection
    may open."""

    def __init__(self, handler, streams_at_start, tls):
        self.handler = handler
        self.streams_at_start = streams_at_start
        self.tls = tls
        self.connections = set()
        self.opened = 0        # connections so far
        self.refused = 0       # streams beyond a connection's limit
        self.streams_seen = 0  # most streams open at once on a connection
        self.listener = None
        self.socket = None
        self.address = None

    def connected(self, connection):
        self.connections.add(connection)
        self.opened += 1
        return self.opened

    def disconnected(self, connection):
        self.connections.discard(connection)

    def bind(self, host, port):
        """Take an address, without listening yet: connections are refused.
        Port 0 takes a free one; `address` tells which."""
        # The protocol by name, or asyncio does not see that it is TCP, and
        # leaves it to Nagle's algorithm to hold answers back for 40 ms.
        self.socket = socket.socket(
            socket.AF_INET6 if ":" in host else socket.AF_INET,
            socket.SOCK_STREAM, socket.IPPROTO_TCP)
        self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        self.socket.bind((host, port))
        self.address = self.socket.getsockname()[:2]

    async def open(self):
        """Listen at the address taken."""
        self.listener = await asyncio.get_running_loop().create_server(
            lambda: Connection(self), sock=self.socket, ssl=self.tls,
            backlog=1024)

    def cut(self):
        """Reset all connections and refuse new ones, until open()."""
        self.listener.close()
        self.listener = None
        for connection in list(self.connections):
            connection.reset()
        self.bind(*self.address)

    def close(self):
        if self.listener is not None:
            self.listener.close()
        for connection in list(self.connections):
            connection.transport.close()


def tls_context(certificate_file, client_ca_file=None):
    """HTTP/2's TLS: 1.2 or later, ALPN h2. With `client_ca_file`, clients may
    show a certificate, but need not."""
    tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    tls.minimum_version = ssl.TLSVersion.TLSv1_2
    tls.set_alpn_protocols(["h2"])
    tls.load_cert_chain(certificate_file)
    if client_ca_file:
        tls.load_verify_locations(client_ca_file)
        tls.verify_mode = ssl.CERT_OPTIONAL
    return tls
