"""The XMPP server's side of XEP-0114 in the tests' hands: what no real server
can be made to do, byte by byte, and as fast as a test needs it."""

import socket
import threading
from xml.etree import ElementTree

from .component_link import NAMESPACE, ComponentLink
from .process import free_port
from .xml_stream import to_xml


class ComponentServer:
    """Accepts components on `component_port`.

    Several may connect at once, as on ejabberd; `links` has all that ever
    passed the handshake, oldest first. What they send is sorted into `answers`,
    a list of stanzas for each id, and `requests`, everything else. Stanzas a
    component addresses to itself are routed back to it.

    `refusal` set to a stream error condition turns away whoever comes next;
    `silent` lets them connect and answers nothing; `eager` is what goes out in
    one write with the answer to the handshake. A load test may set
    `on_answer`, a function of the stanza, and then `answers` stays empty.
    """

    def __init__(self, component='push.example.test', secret='verysecure',
                 host='127.0.0.1'):
        self.component = component
        self.secret = secret
        self.host = host
        self.component_port = free_port()
        self.refusal = None
        self.silent = False
        self.eager = ''
        self.on_answer = None
        self.links = []
        self.answers = {}
        self.requests = []
        self._changed = threading.Condition()
        self._connections = []
        self._listener = None

    @property
    def attempts(self):
        """How often something has connected."""
        return len(self._connections)

    def start(self):
        self._listener = socket.create_server(
            (self.host, self.component_port))
        threading.Thread(target=self._accept, args=[self._listener],
                         daemon=True).start()
        return self

    def stop(self):
        """Go away like a server that is killed; start() brings it back."""
        if self._listener:
            self._listener.shutdown(socket.SHUT_RDWR)  # wakes accept()
            self._listener.close()
            self._listener = None
        for link in self._connections:
            link.close()

    def wait_link(self, timeout=10.0):
        """The newest connection that is up and authenticated."""
        def newest():
            return next((link for link in reversed(self.links)
                         if not link.closed.is_set()), None)

        return self._wait_for(newest, 'a component', timeout)

    def wait_answer(self, id, timeout=5.0):
        """The first answer to the stanza with this id."""
        return self._wait_for(lambda: self.answers.get(id),
                              f'an answer to {id}', timeout)[0]

    def wait_request(self, wanted, timeout=5.0):
        """The first of `requests` for which `wanted(stanza)` is true."""
        return self._wait_for(
            lambda: [stanza for stanza in self.requests if wanted(stanza)],
            'the request', timeout)[0]

    def ask(self, stanza, timeout=5.0):
        """Send one of our stanzas on the newest link; return its answer."""
        self.wait_link().send(stanza)
        return self.wait_answer(ElementTree.fromstring(stanza).get('id'),
                                timeout)

    def _wait_for(self, predicate, what, timeout):
        with self._changed:
            value = self._changed.wait_for(predicate, timeout)
        if not value:
            raise TimeoutError(f'not {what} in {timeout} s')
        return value

    def _accept(self, listener):
        while True:
            try:
                connection, _ = listener.accept()
            except OSError:  # stop()
                return
            link = ComponentLink(self, connection)
            self._connections.append(link)  # first, or stop() misses it
            link.start()

    def authenticated(self, link):
        with self._changed:
            self.links.append(link)
            self._changed.notify_all()

    def received(self, link, stanza):
        """Called by the links' threads."""
        if stanza.get('to') == self.component:
            link.send(to_xml(stanza, NAMESPACE))
        elif stanza.get('type') not in ('result', 'error'):
            with self._changed:
                self.requests.append(stanza)
                self._changed.notify_all()
        elif self.on_answer:
            self.on_answer(stanza)
        else:
            with self._changed:
                self.answers.setdefault(stanza.get('id'), []).append(stanza)
                self._changed.notify_all()
