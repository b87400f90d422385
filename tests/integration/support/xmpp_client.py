"""A scripted XMPP client: what a person's app does, step by step."""

import base64
import itertools
from xml.sax.saxutils import escape, quoteattr

from . import push_commands
from .xml_connection import XmlConnection

CLIENT = '{jabber:client}'
STREAM = '{http://etherx.jabber.org/streams}'
SM = '{urn:xmpp:sm:3}'


class XmppClient(XmlConnection):
    """Plain TCP, SASL PLAIN, and stream management when asked for."""

    def __init__(self, port, domain, host='127.0.0.1'):
        super().__init__(port, host)
        self.domain = domain
        self.jid = None  # the full JID once bound
        self._handled = None  # stanzas received since <enabled/>, for <a/>
        self._ids = itertools.count(1)
        self._open()

    def create_account(self, name, password):
        reply = self.iq("<query xmlns='jabber:iq:register'>"
                        f'<username>{escape(name)}</username>'
                        f'<password>{escape(password)}</password></query>')
        assert reply.get('type') == 'result', reply.attrib

    def login(self, name, password, resume=False):
        """Authenticate and bind. With `resume` the server keeps the session
        when the connection is lost, and pushes for it."""
        plain = base64.b64encode(f'\0{name}\0{password}'.encode()).decode()
        self.send("<auth xmlns='urn:ietf:params:xml:ns:xmpp-sasl'"
                  f" mechanism='PLAIN'>{plain}</auth>")
        self.wait(lambda stanza: stanza.tag.endswith('}success'))
        self._open()
        bound = self.iq("<bind xmlns='urn:ietf:params:xml:ns:xmpp-bind'/>")
        self.jid = bound.findtext('.//{*}jid')
        if resume:
            self.send("<enable xmlns='urn:xmpp:sm:3' resume='true'/>")
            self.wait(lambda stanza: stanza.tag == SM + 'enabled')

    @property
    def bare_jid(self):
        return self.jid.partition('/')[0]

    def iq(self, payload, kind='set', to=None, timeout=5.0):
        """Send an IQ around `payload` and return its result or error."""
        number = f'iq{next(self._ids)}'
        address = f' to={quoteattr(to)}' if to else ''
        self.send(f"<iq type='{kind}' id='{number}'{address}>{payload}</iq>")
        return self.wait(lambda stanza: stanza.tag == CLIENT + 'iq'
                         and stanza.get('id') == number
                         and stanza.get('type') in ('result', 'error'),
                         timeout)

    def send_chat(self, to, body):
        self.send(f"<message type='chat' to={quoteattr(to)}>"
                  f'<body>{escape(body)}</body></message>')

    def register_push(self, component, token, device_id, **variant):
        """Register at the app server as Conversations does, and return the
        (jid, node, secret) it would use. For `variant` see
        push_commands.register()."""
        reply = self.iq(
            push_commands.register(token, device_id, **variant), to=component)
        return push_commands.registration(reply, component)

    def unregister_push(self, component, device_id, **variant):
        """Return the reply, an error included."""
        return self.iq(
            push_commands.unregister(device_id, **variant), to=component)

    def enable_push(self, jid, node, secret=None, **options):
        """Tell the own server where to push to."""
        reply = self.iq(push_commands.enable(jid, node, secret, **options))
        assert reply.get('type') == 'result', reply.attrib

    def go_offline(self):
        """Log out for good: no session is left that could be resumed."""
        self.close()

    def _open(self):
        self.open_stream('jabber:client', self.domain)
        self.wait(lambda stanza: stanza.tag == STREAM + 'features')

    def _take(self, stanza):
        """Keep count for stream management and answer its requests, so that
        the server does not take a test that looks elsewhere for dead."""
        if stanza.tag == SM + 'r':
            self.send(f"<a xmlns='urn:xmpp:sm:3' h='{self._handled}'/>")
            return
        if stanza.tag == SM + 'enabled':
            self._handled = 0
        elif self._handled is not None and stanza.tag.startswith(CLIENT):
            self._handled += 1
        super()._take(stanza)
