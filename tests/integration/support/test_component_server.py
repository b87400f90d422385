"""The scripted XMPP server, with a scripted component at its other end."""

from types import SimpleNamespace

import pytest

from . import stanzas
from .component_client import ComponentClient
from .component_server import ComponentServer
from .process import accepts
from .xml_connection import StreamClosed, XmlConnection


@pytest.fixture
def server():
    server = ComponentServer().start()
    yield server
    server.stop()


@pytest.fixture
def component(server):
    component = ComponentClient(server)
    yield component
    component.drop()


def any_stanza(stanza):
    return True


def turned_away(server):
    """The stream error that a component gets instead of a welcome."""
    with pytest.raises(StreamClosed) as closed:
        ComponentClient(server)
    return str(closed.value)


def test_answers_are_found_by_id(server, component):
    server.wait_link().send(stanzas.publish('prosody', 'N1', id='one')
                            + stanzas.publish('ejabberd', 'N2', id='two'))
    first = component.wait_push('N1')
    second = component.wait_push('N2')
    component.refuse(second, 'wait', 'internal-server-error')
    component.answer(first)
    component.answer(first)
    assert server.wait_answer('two').get('type') == 'error'
    assert server.wait_answer('one').get('type') == 'result'
    component.send(f"<message to='{stanzas.SERVER}'/>")
    server.wait_request(lambda stanza: stanza.tag.endswith('}message'))
    assert len(server.answers['one']) == 2


def test_a_stanza_in_pieces_is_one_stanza(server, component):
    link = server.wait_link()
    for byte in stanzas.publish('mongooseim', 'N1').encode():
        link.send(bytes([byte]))
    assert component.wait_push('N1')


def test_what_a_component_sends_to_itself_comes_back(server, component):
    component.send(f"<iq type='get' id='p' from='{server.component}'"
                   f" to='{server.component}'><ping xmlns='urn:xmpp:ping'/>"
                   '</iq>')
    ping = component.wait(any_stanza)
    assert ping.find('{urn:xmpp:ping}ping') is not None
    assert (ping.get('id'), ping.get('type')) == ('p', 'get')


def test_a_wrong_secret_is_refused(server):
    assert 'not-authorized' in turned_away(SimpleNamespace(
        component_port=server.component_port, component=server.component,
        secret='another'))
    assert not server.links


def test_a_wrong_name_is_refused(server):
    assert 'host-unknown' in turned_away(SimpleNamespace(
        component_port=server.component_port, component='elsewhere.test',
        secret=server.secret))


def test_anybody_can_be_refused(server):
    server.refusal = 'conflict'
    assert 'conflict' in turned_away(server)
    server.refusal = None
    ComponentClient(server)
    assert server.attempts == 2


def test_it_can_keep_silent(server):
    server.silent = True
    connection = XmlConnection(server.component_port)
    with pytest.raises(TimeoutError):
        connection.open_stream('jabber:component:accept', server.component,
                               timeout=0.2)


def test_the_ways_a_connection_ends(server):
    def connect():
        component = ComponentClient(server)
        return component, server.wait_link()

    component, link = connect()
    link.stream_error('system-shutdown')
    error = component.wait(any_stanza)
    assert error.find('{*}system-shutdown') is not None

    component, link = connect()
    link.close()
    with pytest.raises(StreamClosed):
        component.wait(any_stanza)

    component, link = connect()
    link.reset()
    with pytest.raises(ConnectionResetError):
        component.wait(any_stanza)

    component, link = connect()
    link.vanish()
    with pytest.raises(TimeoutError):
        component.wait(any_stanza, timeout=0.2)
    component.send(' ')
    with pytest.raises(ConnectionResetError):
        component.wait(any_stanza)

    component, link = connect()
    component.close()
    link.wait_closed()
    assert link.ended

    component, link = connect()
    component.drop()
    link.wait_closed()
    assert not link.ended and isinstance(link.error, EOFError)


def test_a_frozen_link_catches_up(server, component):
    link = server.wait_link()
    link.freeze()
    link.send(stanzas.publish('prosody', 'N1', id='one'))
    component.answer(component.wait_push('N1'))
    with pytest.raises(TimeoutError):
        server.wait_answer('one', timeout=0.2)
    link.thaw()
    server.wait_answer('one')


def test_it_comes_back_on_the_same_port(server, component):
    server.stop()
    with pytest.raises(StreamClosed):
        component.wait(any_stanza)
    assert not accepts(server.component_port)
    server.start()
    ComponentClient(server)
