"""A component in the tests' hands, in the place where Wakebus would be."""

import hashlib

from .xml_connection import XmlConnection

PUBSUB = '{http://jabber.org/protocol/pubsub}'


class ComponentClient(XmlConnection):
    """Connects to a real XMPP server as an XEP-0114 component."""

    def __init__(self, server):
        super().__init__(server.component_port)
        header = self.open_stream('jabber:component:accept', server.component)
        digest = hashlib.sha1((header['id'] + server.secret).encode())
        self.send(f'<handshake>{digest.hexdigest()}</handshake>')
        self.wait(lambda stanza: stanza.tag.endswith('}handshake'))

    def wait_push(self, node, timeout=5.0):
        """The next publish for this node; the server wants it answered."""
        publish = f".//{PUBSUB}publish[@node='{node}']"
        return self.wait(lambda stanza: stanza.find(publish) is not None,
                         timeout)

    def answer(self, request, kind='result', payload=''):
        """Answer an IQ; by default with an empty result."""
        self.send(f"<iq type='{kind}' id='{request.get('id')}'"
                  f" from='{request.get('to')}' to='{request.get('from')}'>"
                  f'{payload}</iq>')

    def refuse(self, request, error_type, condition):
        self.answer(request, 'error',
                    f"<error type='{error_type}'><{condition}"
                    " xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'/></error>")
