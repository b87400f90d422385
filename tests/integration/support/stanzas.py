"""Stanzas as an XMPP server hands them to its component, ready to send."""

import itertools

from .publishes import NEWEST, PUBLISHES
from .recordings import attribute

COMPONENT = 'push.example.test'
SERVER = 'example.test'

_numbers = itertools.count(1)


def new_id():
    """An id no other stanza of this run has, with the characters that ejabberd
    puts into its own."""
    return f's/{next(_numbers)}+='


def publish(variant, node, id=None, sender=SERVER, to=COMPONENT, **options):
    """A push in the form of one server; `variant` names it in PUBLISHES or
    NEWEST, and `sender` is that server's domain.

    `options` are the publish-options the user's client gave its server:
    publish('ejabberd', node, secret=secret).
    """
    form = PUBLISHES[NEWEST.get(variant, variant)]
    fields = ''.join(form.option.format(var=var, value=attribute(value))
                     for var, value in options.items() if value is not None)
    return form.template.format(
        id=id or new_id(), sender=attribute(sender), to=attribute(to),
        node=attribute(node),
        options=form.options.format(fields=fields) if options else '')


def iq(payload, sender, kind='set', id=None, to=COMPONENT):
    """Any other request, such as one of push_commands, from a full JID."""
    return (f"<iq type='{kind}' id='{id or new_id()}'"
            f" from='{attribute(sender)}' to='{attribute(to)}'>"
            f'{payload}</iq>')

