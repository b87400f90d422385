"""The stanzas of real software: well-formed, and with what they are given."""

from xml.etree import ElementTree

import pytest

from . import push_commands, stanzas
from .publishes import PUBLISHES

PUBSUB = '{http://jabber.org/protocol/pubsub}'
NODE = 'eK+/"5n3<'
SECRET = "KK4+'H&pR"


@pytest.mark.parametrize('variant', PUBLISHES)
def test_each_publish(variant):
    iq = ElementTree.fromstring(
        stanzas.publish(variant, NODE, id='i1', secret=SECRET))
    assert iq.get('id') == 'i1'
    assert iq.get('to') == stanzas.COMPONENT
    assert iq.get('from').endswith(stanzas.SERVER)
    assert iq.find(f'{PUBSUB}pubsub/{PUBSUB}publish').get('node') == NODE
    options = iq.find(f'{PUBSUB}pubsub/{PUBSUB}publish-options')
    assert options.find(".//*[@var='secret']").findtext('*') == SECRET


def test_a_publish_without_options():
    assert 'publish-options' not in stanzas.publish('ejabberd', NODE)


def test_each_gets_an_id_of_its_own():
    ids = {ElementTree.fromstring(stanzas.publish('prosody', NODE)).get('id')
           for _ in range(100)}
    assert len(ids) == 100


def test_a_registration_in_an_iq():
    iq = ElementTree.fromstring(stanzas.iq(
        push_commands.register('t<1', 'd1', service='apns', action=None,
                               **{'field': 'android-id'}),
        'juliet@example.test/Balcony'))
    assert iq.get('from') == 'juliet@example.test/Balcony'
    command = iq.find(push_commands.COMMAND)
    assert command.attrib == {'node': 'register-push-apns'}
    fields = {field.get('var'): field[0].text
              for field in command.find(push_commands.FORM)}
    assert fields == {'token': 't<1', 'android-id': 'd1'}
