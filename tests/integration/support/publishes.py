"""The push notifications that XMPP servers really publish, as templates.

Each is the wire form of one server in one situation: what attributes and
fields it sets, in which order, and what it leaves out. stanzas.publish() fills
them in.
"""

import re
from collections import namedtuple

# `important` tells whether the stanza, by all it says, is about something a
# person waits for: a message or a call, not a receipt.
Publish = namedtuple('Publish', 'template important')

IQ = '''
<iq {attributes}>
 <pubsub xmlns='http://jabber.org/protocol/pubsub'>
  <publish node='{{node}}'><item>{item}</item></publish>
  {{options}}
 </pubsub>
</iq>'''

PROSODY_IQ = "id='{id}' type='set' from='{sender}' to='{to}'"
TIGASE_IQ = "type='set' from='{sender}' id='{id}' to='{to}'"
EJABBERD_IQ = "to='{to}' from='{sender}' type='set' id='{id}'"
METRONOME_IQ = "type='set' to='{to}' from='{sender}' id='{id}'"


def _publish(attributes, item, important=True):
    return Publish(_flat(IQ.format(attributes=attributes, item=item)),
                   important)


def _flat(xml):
    """On one line, as servers send it; a tag broken over lines stays whole."""
    return re.sub(r'\s*\n\s*', ' ', re.sub(r'\s*\n\s*(?=[<{])', '', xml))


PUBLISHES = {
    # 0.12 and later; fields it has no value for are there without one.
    'prosody': _publish(PROSODY_IQ, '''
<notification xmlns='urn:xmpp:push:0'>
 <x type='form' xmlns='jabber:x:data'>
  <field var='FORM_TYPE' type='hidden'>
   <value>urn:xmpp:push:summary</value></field>
  <field var='message-count' type='text-single'><value>1</value></field>
  <field var='pending-subscription-count' type='text-single'/>
  <field var='last-message-sender' type='jid-single'/>
  <field var='last-message-body' type='text-single'>
   <value>New Message!</value></field>
 </x>
</notification>'''),

    # Lua promises no order, so attributes and fields may come in any.
    'prosody_reordered': _publish(
        "to='{to}' type='set' id='{id}' from='{sender}'", '''
<notification xmlns='urn:xmpp:push:0'>
 <x xmlns='jabber:x:data' type='form'>
  <field type='text-single' var='last-message-body'>
   <value>New Message!</value></field>
  <field type='jid-single' var='last-message-sender'/>
  <field type='text-single' var='pending-subscription-count'/>
  <field type='text-single' var='message-count'><value>1</value></field>
  <field type='hidden' var='FORM_TYPE'>
   <value>urn:xmpp:push:summary</value></field>
 </x>
</notification>'''),

    # A receipt or a chat state: the body is there and empty.
    'prosody_unimportant': _publish(PROSODY_IQ, '''
<notification xmlns='urn:xmpp:push:0'>
 <x type='form' xmlns='jabber:x:data'>
  <field var='FORM_TYPE' type='hidden'>
   <value>urn:xmpp:push:summary</value></field>
  <field var='message-count' type='text-single'><value>1</value></field>
  <field var='pending-subscription-count' type='text-single'/>
  <field var='last-message-sender' type='jid-single'/>
  <field var='last-message-body' type='text-single'/>
 </x>
</notification>''', important=False),

    # With mod_cloud_notify_encrypted and _priority_tag, as Snikket runs it.
    'prosody_encrypted': _publish(PROSODY_IQ, '''
<notification xmlns='urn:xmpp:push:0'>
 <encrypted iv='8iVbX7Nzr9pvH9KP' xmlns='tigase:push:encrypt:0'>aGk=</encrypted>
 <priority xmlns='tigase:push:priority:0'>high</priority>
</notification>'''),

    # The module of Debian 11 closes <notification/> before the form.
    'prosody_debian11': _publish(PROSODY_IQ, '''
<notification xmlns='urn:xmpp:push:0'/>
<x type='form' xmlns='jabber:x:data'>
 <field var='FORM_TYPE' type='hidden'>
  <value>urn:xmpp:push:summary</value></field>
 <field var='message-count' type='text-single'><value>1</value></field>
 <field var='pending-subscription-count' type='text-single'/>
 <field var='last-message-sender' type='jid-single'/>
 <field var='last-message-body' type='text-single'>
  <value>New Message!</value></field>
</x>'''),

    # The module of 2016 and 2017 speaks for the user, not for the server.
    'prosody_bare_jid': _publish(
        "id='{id}' type='set' from='juliet@{sender}' to='{to}'", '''
<notification xmlns='urn:xmpp:push:0'>
 <x type='form' xmlns='jabber:x:data'>
  <field var='FORM_TYPE' type='hidden'>
   <value>urn:xmpp:push:summary</value></field>
  <field var='message-count' type='text-single'><value>3</value></field>
  <field var='pending-subscription-count' type='text-single'/>
  <field var='last-message-sender' type='jid-single'>
   <value>romeo@example.net/orchard</value></field>
  <field var='last-message-body' type='text-single'/>
 </x>
</notification>'''),

    'ejabberd': _publish(EJABBERD_IQ, '''
<notification xmlns='urn:xmpp:push:0'>
 <x type='submit' xmlns='jabber:x:data'>
  <field var='FORM_TYPE' type='hidden'>
   <value>urn:xmpp:push:summary</value></field>
  <field var='last-message-body' type='text-single'
   label='The body text of the last received message'>
   <value>New message</value></field>
 </x>
</notification>'''),

    # Anything without a body, and the wake-ups of mod_push_keepalive.
    'ejabberd_unimportant': _publish(EJABBERD_IQ, '''
<notification xmlns='urn:xmpp:push:0'/>''', important=False),

    # The real sender and body.
    'mongooseim': _publish("type='set' id='{id}' from='{sender}' to='{to}'", '''
<notification xmlns='urn:xmpp:push:0'>
 <x xmlns='jabber:x:data' type='submit'>
  <field type='hidden' var='FORM_TYPE'>
   <value>urn:xmpp:push:summary</value></field>
  <field var='message-count'><value>2</value></field>
  <field var='last-message-sender'><value>romeo@example.net</value></field>
  <field var='last-message-body'>
   <value>Neither, &quot;fair saint&quot;, if either thee hate</value></field>
 </x>
</notification>'''),

    # The real sender and body here too, this one from a group chat.
    'tigase': _publish(TIGASE_IQ, '''
<notification xmlns='urn:xmpp:push:0'>
 <x xmlns='jabber:x:data'>
  <field var='FORM_TYPE'><value>urn:xmpp:push:summary</value></field>
  <field var='message-count'><value>4</value></field>
  <field var='last-message-sender'>
   <value>balcony@muc.example.net/romeo</value></field>
  <field var='last-message-body'><value>What light is this?</value></field>
 </x>
 <groupchat xmlns='http://tigase.org/protocol/muc#offline'>
  <nickname>romeo</nickname></groupchat>
</notification>'''),

    # A call, for an app that gave the server a key.
    'tigase_encrypted': _publish(TIGASE_IQ, '''
<notification xmlns='urn:xmpp:push:0'>
 <encrypted type='voip' iv='8iVbX7Nzr9pvH9KP'
  xmlns='tigase:push:encrypt:0'>aGVsbG8gd29ybGQ=</encrypted>
 <priority xmlns='tigase:push:priority:0'>high</priority>
</notification>'''),

    # The messages were read elsewhere.
    'tigase_read': _publish(TIGASE_IQ, '''
<notification xmlns='urn:xmpp:push:0'>
 <x xmlns='jabber:x:data'>
  <field var='FORM_TYPE'><value>urn:xmpp:push:summary</value></field>
  <field var='message-count'><value>0</value></field>
 </x>
 <priority xmlns='tigase:push:priority:0'>low</priority>
</notification>''', important=False),

    'metronome': _publish(METRONOME_IQ, '''
<notification xmlns='urn:xmpp:push:0'>
 <x xmlns='jabber:x:data'>
  <field var='FORM_TYPE'><value>urn:xmpp:push:summary</value></field>
  <field var='message-count'><value>1</value></field>
  <field var='last-message-sender'>
   <value>romeo@example.net/orchard</value></field>
 </x>
</notification>'''),

    # Earlier versions of it forgot the form around the fields.
    'metronome_without_form': _publish(METRONOME_IQ, '''
<notification xmlns='urn:xmpp:push:0'>
 <field var='FORM_TYPE'><value>urn:xmpp:push:summary</value></field>
 <field var='message-count'><value>1</value></field>
 <field var='last-message-sender'>
  <value>romeo@example.net/orchard</value></field>
</notification>'''),

    'openfire': _publish("type='set' id='{id}' to='{to}' from='{sender}'", '''
<notification xmlns='urn:xmpp:push:0'>
 <x xmlns='jabber:x:data' type='form'>
  <field var='FORM_TYPE' type='hidden'>
   <value>urn:xmpp:push:summary</value></field>
  <field var='message-count' type='text-single'><value>1</value></field>
  <field var='last-message-sender' type='text-single'/>
  <field var='last-message-body' type='text-single'>
   <value>New Message</value></field>
 </x>
</notification>'''),

    # No server's habit, but the same to any parser that knows namespaces.
    'prefixed': Publish(_flat('''
<iq xml:lang="en" to="{to}" id="{id}" from="{sender}" type="set"
 xmlns:ps="http://jabber.org/protocol/pubsub" xmlns:f="jabber:x:data">
 <ps:pubsub>
  <ps:publish node="{node}">
   <ps:item id="current">
    <n:notification xmlns:n="urn:xmpp:push:0">
     <f:x type="form">
      <f:field var="last-message-body">
       <f:value><![CDATA[New Message!]]></f:value></f:field>
      <f:field type="hidden" var="FORM_TYPE">
       <f:value>urn:xmpp:push:summary</f:value></f:field>
     </f:x>
    </n:notification>
   </ps:item>
  </ps:publish>
  {prefixed_options}
 </ps:pubsub>
</iq>'''), important=True),
}
