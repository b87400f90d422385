"""Stanzas as an XMPP server hands them to its component, ready to send."""

import itertools
from xml.sax.saxutils import escape

from .data_form import PUBLISH_OPTIONS, data_form
from .publishes import PUBLISHES

COMPONENT = 'push.example.test'
SERVER = 'example.test'

_numbers = itertools.count(1)


def new_id():
    """An id no other stanza of this run has, with the characters that ejabberd
    puts into its own."""
    return f's/{next(_numbers)}+='


def publish(variant, node, id=None, sender=SERVER, to=COMPONENT, **options):
    """A push in the form of one server; `variant` names it in PUBLISHES and
    `sender` is that server's domain.

    `options` are the publish-options the user's client gave its server:
    publish('ejabberd', node, secret=secret).
    """
    form = data_form({'FORM_TYPE': PUBLISH_OPTIONS, **options})
    return PUBLISHES[variant].template.format(
        id=id or new_id(), sender=_attribute(sender), to=_attribute(to),
        node=_attribute(node),
        options=f'<publish-options>{form}</publish-options>'
        if options else '',
        prefixed_options=f'<ps:publish-options>{form}</ps:publish-options>'
        if options else '')


def iq(payload, sender, kind='set', id=None, to=COMPONENT):
    """Any other request, such as one of push_commands, from a full JID."""
    return (f"<iq type='{kind}' id='{id or new_id()}'"
            f" from='{_attribute(sender)}' to='{_attribute(to)}'>"
            f'{payload}</iq>')


def _attribute(text):
    return escape(text, {"'": '&apos;', '"': '&quot;'})
