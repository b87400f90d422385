"""The push notifications that XMPP servers really publish, as templates:
interop/servers with places for what is another one each time. stanzas.publish()
fills them in."""

import re
from collections import namedtuple

from .recordings import RECORDED, recordings

# `template` and `option` are for format(); `important` tells whether the
# stanza, by all it says, is about something a person waits for: a message or a
# call, not a receipt.
Publish = namedtuple('Publish', 'template options option important')

OPTIONS = re.compile(r'<(?:\w+:)?publish-options>.*</(?:\w+:)?publish-options>')
FIELD = re.compile(r'<(?P<field>(?:\w+:)?field)\b(?:(?!<(?P=field)\b).)*?'
                   + re.escape(RECORDED['secret']) + '.*?</(?P=field)>')


def _publish(recording):
    assert not {'{', '}'} & set(recording.stanza)
    head, body = recording.stanza.split('>', 1)
    head = re.sub(r'''( id=['"])[^'"]*''', r'\1{id}', head)
    head = head.replace('push.example.test', '{to}').replace(
        'example.test', '{sender}')
    body = body.replace(RECORDED['node'], '{node}')
    options = OPTIONS.search(body)[0]
    option = FIELD.search(options)[0]
    return Publish(
        f'{head}>{body.replace(options, "{options}")}',
        options.replace(option, '{fields}'),
        option.replace(RECORDED['secret'], '{value}').replace(
            'secret', '{var}'),
        recording.urgency == 'high')


PUBLISHES = {name: _publish(recording)
             for name, recording in recordings('servers').items()}

# A server without its version is the newest, when it has a message to tell of.
NEWEST = {'prosody': 'prosody-0.12', 'ejabberd': 'ejabberd-23.01',
          'mongooseim': 'mongooseim-6', 'tigase': 'tigase-8.4'}
