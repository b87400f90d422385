"""What apps ask of the app server and of their own server, and how they read
the answers."""

from collections import namedtuple
from xml.sax.saxutils import quoteattr

from .data_form import PUBLISH_OPTIONS, data_form

COMMAND = '{http://jabber.org/protocol/commands}command'
FORM = '{jabber:x:data}x'

# How Conversations and its forks have put the same request over the years, for
# register() and unregister(); interop/clients has the whole stanzas. The newest
# completes the command in one step.
CONVERSATIONS_2023 = {'field': 'android-id', 'action': 'execute'}
CONVERSATIONS_2026 = {'field': 'android-id', 'action': 'complete'}

Registration = namedtuple('Registration', 'jid node secret')


def register(token, device_id, service='fcm', muc=None, action='execute',
             field='device-id', form_type='submit'):
    """A <command/> that registers a device; `action` None leaves it out."""
    return _command(f'register-push-{service}', action, data_form(
        {'token': token, field: device_id, 'muc': muc}, form_type))


def unregister(device_id, service='fcm', muc=None, action='execute',
               field='device-id', form_type='submit'):
    return _command(f'unregister-push-{service}', action, data_form(
        {field: device_id, 'muc': muc}, form_type))


def enable(jid, node, secret=None, **options):
    """The <enable/> of XEP-0357 for the user's own server, with what else shall
    be among the publish-options."""
    form = data_form({'FORM_TYPE': PUBLISH_OPTIONS, 'secret': secret,
                      **options})
    return (f"<enable xmlns='urn:xmpp:push:0' jid={quoteattr(jid)}"
            f' node={quoteattr(node)}>{form}</enable>')


def registration(reply, app_server):
    """Read the reply to register() with the eyes of every generation of
    Conversations at once: what any of them would trip over fails here."""
    assert reply.get('type') == 'result', reply.attrib
    assert reply.get('from') == app_server
    commands = reply.findall(COMMAND)
    assert len(commands) == 1, 'the newest wants exactly one command'
    assert commands[0].get('status') == 'completed', 'the newest checks it'
    assert commands[0].get('sessionid'), 'a command belongs to a session'
    forms = commands[0].findall(FORM)
    assert len(forms) == 1, 'the newest wants exactly one form'
    values = {field.get('var'): field.findtext('{jabber:x:data}value')
              for field in forms[0]}
    assert values.get('node') and values.get('secret')
    assert values.get('jid') == app_server, 'older ones enable this JID'
    return Registration(values['jid'], values['node'], values['secret'])


def _command(node, action, form):
    attribute = f" action='{action}'" if action else ''
    return ("<command xmlns='http://jabber.org/protocol/commands'"
            f" node='{node}'{attribute}>{form}</command>")
