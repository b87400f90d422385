"""A phone all of whose names and secrets are known, to be looked for."""

import re
import secrets
from xml.sax.saxutils import escape

from .answers import error_of, registration_of
from .plants import word
from .push_commands import register, unregister
from .stanzas import iq, publish
from .wakebus import account_hash


class PlantedPhone:
    """`run` plants its texts and talks to Wakebus: see everything.py."""

    def __init__(self, run, service='fcm', muc=False):
        self.run = run
        plant = run.plant
        self.service = service
        self.domain = plant('domain', f'{word()}.example')
        self.jid = f"{plant('user')}@{self.domain}"
        self.sender = f"{self.jid}/{plant('resource')}"
        self.device_id = plant('device id')
        self.token = plant('device token', secrets.token_hex(32)
                           if service == 'apns'
                           else secrets.token_urlsafe(120))
        self.muc = (f"{plant('group chat')}@{plant('domain', word())}.example"
                    if muc else None)
        reply = run.ask(iq(register(self.token, self.device_id, service,
                                    self.muc), self.sender))
        self.registration = registration_of(reply)
        plant('node', self.registration.node)
        plant('secret', self.registration.secret)
        plant('account', account_hash(self.jid, self.device_id))
        if muc:
            plant('channel', account_hash(self.muc, self.device_id))
            self.domain = self.muc.partition('@')[2]

    def push(self, variant='mongooseim', **changed):
        """The type and condition of the answer, or None."""
        plant = self.run.plant
        stanza = publish(variant, **{
            'node': self.registration.node, 'sender': self.domain,
            'secret': self.registration.secret, **changed})
        for text, what in (('romeo@example.net', 'sender of the message'),
                           ('Neither, &quot;fair saint&quot;', 'body')):
            if text in stanza:
                stanza = stanza.replace(text, plant(what))
        return error_of(self.run.ask(stanza))

    def push_encrypted(self, content, iv):
        """The same, of a server that has encrypted `content` for the app."""
        stanza = publish('prosody-encrypted', self.registration.node,
                         sender=self.domain, secret=self.registration.secret)
        stanza = re.sub("iv='[^']*'", f"iv='{iv}'", stanza)
        return error_of(self.run.ask(re.sub(
            '>[^<]*</encrypted>', f'>{escape(content)}</encrypted>', stanza)))

    def unregister(self):
        return error_of(self.run.ask(iq(
            unregister(self.device_id, self.service, self.muc), self.sender)))
