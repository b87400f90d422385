"""A blocking XMPP stream over one TCP connection: send, and wait for."""

import select
import socket
import time
from xml.etree import ElementTree
from xml.sax.saxutils import quoteattr

from .xml_stream import XmlStream


class StreamClosed(Exception):
    """The peer ended the stream or the connection."""


class XmlConnection:
    """The side that connects: a client or a component.

    Nothing is read in the background. Stanzas no wait() has asked for stay in
    `inbox`, oldest first.
    """

    def __init__(self, port, host='127.0.0.1'):
        self.socket = socket.create_connection((host, port), timeout=5)
        self.stream = None
        self.closed = False
        self.inbox = []

    def open_stream(self, namespace, to, timeout=5.0):
        """Send a stream header; return the attributes of the answer's."""
        self.stream = XmlStream()
        self.send(f"<?xml version='1.0'?><stream:stream to={quoteattr(to)}"
                  f" version='1.0' xmlns='{namespace}'"
                  " xmlns:stream='http://etherx.jabber.org/streams'>")
        deadline = time.monotonic() + timeout
        while self.stream.header is None:
            self._receive(deadline)
        return self.stream.header

    def send(self, xml):
        """Send text or bytes exactly as they are."""
        self.socket.sendall(xml if isinstance(xml, bytes) else xml.encode())

    def wait(self, wanted, timeout=5.0):
        """Take the first stanza for which `wanted(stanza)` is true."""
        deadline = time.monotonic() + timeout
        while True:
            for stanza in self.inbox:
                if wanted(stanza):
                    self.inbox.remove(stanza)
                    return stanza
            self._receive(deadline)

    def close(self):
        """End the stream in order."""
        self.send('</stream:stream>')
        self.socket.close()

    def drop(self):
        """Close the connection and leave the stream open, as a phone does that
        loses its network."""
        self.socket.close()

    def _receive(self, deadline):
        """Read once; what came is in the inbox. TimeoutError at `deadline`."""
        if self.closed:
            raise StreamClosed(f'after {self._contents()}')
        patience = max(deadline - time.monotonic(), 0)
        if not select.select([self.socket], [], [], patience)[0]:
            raise TimeoutError(f'no such stanza came, but {self._contents()}')
        data = self.socket.recv(65536)
        for stanza in self.stream.feed(data):
            self._take(stanza)
        self.closed = not data or self.stream.closed

    def _take(self, stanza):
        self.inbox.append(stanza)

    def _contents(self):
        return [ElementTree.tostring(stanza, 'unicode')
                for stanza in self.inbox] or 'nothing'
