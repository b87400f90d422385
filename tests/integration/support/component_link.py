"""One connection of a component to a ComponentServer, and all that can happen
to it."""

import fcntl
import hashlib
import secrets
import select
import socket
import struct
import termios
import threading
from xml.etree import ElementTree
from xml.sax.saxutils import quoteattr

from .process import wait_until
from .xml_stream import XmlStream

NAMESPACE = 'jabber:component:accept'
TCP_REPAIR = 19  # not in Python's socket module


class ComponentLink:
    """Read, and in the end closed, by a thread of its own."""

    def __init__(self, server, connection):
        self.closed = threading.Event()  # by either side
        self.ended = False  # the component sent </stream:stream>
        self.error = None  # what broke it, where nobody ended it in order
        self._server = server
        self._socket = connection
        self._socket.settimeout(30)  # for a peer that no longer reads
        self._socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self._stream = XmlStream()
        self._stream_id = secrets.token_hex(8) + '<&\'">'  # legal, if odd
        self._opened = False
        self._authenticated = False
        self._frozen = False
        self._hang_up = None  # what to do to the socket before it is closed
        self._wake, self._woken = socket.socketpair()

    def start(self):
        threading.Thread(target=self._run, daemon=True).start()

    def send(self, xml):
        """Send text or bytes exactly as they are."""
        self._socket.sendall(xml if isinstance(xml, bytes) else xml.encode())

    def stream_error(self, condition):
        """End the stream like a server that shuts down or is displeased."""
        self._send_error(condition)
        self.close()

    def close(self):
        """The component sees the end of the connection."""
        self._finish(do_nothing)

    def reset(self):
        """The component sees the connection reset."""
        self._finish(lambda: self._socket.setsockopt(
            socket.SOL_SOCKET, socket.SO_LINGER, struct.pack('ii', 1, 0)))

    def vanish(self):
        """The component sees nothing, until it sends: the connection is
        forgotten as by a host that lost power. Needs root."""
        wait_until(self._all_acknowledged, 'acknowledged')
        self._finish(lambda: self._socket.setsockopt(
            socket.IPPROTO_TCP, TCP_REPAIR, 1))

    def wait_closed(self, timeout=10.0):
        assert self.closed.wait(timeout), f'still connected after {timeout} s'

    def freeze(self):
        """Stop reading, like a server that hangs or a network that swallows
        all: the connection stays up, and nothing comes back."""
        self._frozen = True
        self._wake.send(b'.')

    def thaw(self):
        self._frozen = False
        self._wake.send(b'.')

    def _all_acknowledged(self):
        """Else the component's kernel sends the next packet, and gets RST."""
        unacknowledged = fcntl.ioctl(self._socket, termios.TIOCOUTQ, b'1234')
        return struct.unpack('i', unacknowledged) == (0,)

    def _finish(self, hang_up):
        if not self.closed.is_set():
            self._hang_up = hang_up
            self._wake.send(b'.')
            self.closed.wait()

    def _run(self):
        try:
            while not self._hang_up and not self.ended:
                self._turn()
            if self.ended:
                self.send('</stream:stream>')
            elif self._hang_up:
                self._hang_up()
        except (OSError, EOFError, ElementTree.ParseError) as error:
            self.error = error
        self._socket.close()
        self.closed.set()

    def _turn(self):
        sources = [self._woken] if self._frozen else [self._woken, self._socket]
        readable = select.select(sources, [], [])[0]
        if self._woken in readable:
            self._woken.recv(1)
        elif self._socket in readable:
            self._read()

    def _read(self):
        data = self._socket.recv(65536)
        if not data:
            raise EOFError
        stanzas = self._stream.feed(data)
        if self._stream.header and not self._opened:
            self._open()
        for stanza in stanzas:
            if self._authenticated:
                self._server.received(self, stanza)
            else:
                self._authenticate(stanza)
        self.ended = self._stream.closed

    def _open(self):
        self._opened = True
        if self._server.silent:
            return
        self.send("<?xml version='1.0'?><stream:stream"
                  f" xmlns='{NAMESPACE}'"
                  " xmlns:stream='http://etherx.jabber.org/streams'"
                  f' from={quoteattr(self._server.component)}'
                  f' id={quoteattr(self._stream_id)}>')
        if self._stream.header.get('to') != self._server.component:
            self._turn_away('host-unknown')

    def _authenticate(self, stanza):
        if self._server.silent:
            return
        text = self._stream_id + self._server.secret
        digest = hashlib.sha1(text.encode()).hexdigest()
        if stanza.tag != f'{{{NAMESPACE}}}handshake' or stanza.text != digest:
            self._turn_away('not-authorized')
        elif self._server.refusal:
            self._turn_away(self._server.refusal)
        else:
            self.send('<handshake/>' + self._server.eager)
            self._authenticated = True
            self._server.authenticated(self)

    def _turn_away(self, condition):
        self._send_error(condition)
        self._hang_up = do_nothing

    def _send_error(self, condition):
        self.send(f'<stream:error><{condition}'
                  " xmlns='urn:ietf:params:xml:ns:xmpp-streams'/>"
                  '</stream:error></stream:stream>')


def do_nothing():
    """For a link that is closed without further ado."""
