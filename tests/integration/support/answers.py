"""What an answer of Wakebus says."""

from .push_commands import registration
from .stanzas import COMPONENT

STANZAS = '{urn:ietf:params:xml:ns:xmpp-stanzas}'


def error_of(reply):
    """(type, condition), or None for a result."""
    if reply.get('type') == 'result':
        return None
    error = reply.find('{*}error')
    condition = next(e.tag for e in error if e.tag.startswith(STANZAS)
                     and not e.tag.endswith('}text'))
    return error.get('type'), condition.removeprefix(STANZAS)


def text_of(reply):
    return reply.findtext(f'.//{STANZAS}text')


def registration_of(reply):
    for element in reply.iter():  # the server's namespace is another one
        element.tag = element.tag.replace('jabber:component:accept',
                                          'jabber:client')
    return registration(reply, COMPONENT)
