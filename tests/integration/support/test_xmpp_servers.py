"""The private Prosody and ejabberd, and what they do with answers to a push."""

import threading
from functools import partial
from itertools import count

import pytest

from . import push_commands
from .component_client import ComponentClient
from .ejabberd import Ejabberd
from .prosody import Prosody
from .push_probe import push_arrives
from .xml_connection import StreamClosed

numbers = count(1)


@pytest.fixture(scope='module', params=[Prosody, Ejabberd])
def server(request, tmp_path_factory):
    server = request.param(tmp_path_factory.mktemp('xmpp')).start()
    yield server
    server.stop()


@pytest.fixture
def component(server):
    component = ComponentClient(server)
    yield component
    component.drop()


@pytest.fixture
def romeo(server):
    client = new_user(server, 'romeo')
    yield client
    client.drop()


def new_user(server, name, resume=False):
    name = f'{name}{next(numbers)}'
    server.add_user(name)
    return server.login(name, resume)


def new_juliet(server, resume=False):
    """Somebody with push enabled for a node named like her bare JID."""
    client = new_user(server, 'juliet', resume)
    client.enable_push(server.component, client.bare_jid, 'S1')
    return client


@pytest.fixture
def juliet(server):
    """The bare JID of one who is offline."""
    client = new_juliet(server)
    client.go_offline()
    return client.bare_jid


def push_for(juliet, romeo, component):
    romeo.send_chat(juliet, 'I take thee at thy word')
    return component.wait_push(juliet)


def still_pushes(juliet, romeo, component, within=5.0):
    return push_arrives(romeo, juliet, partial(component.wait_push, juliet),
                        within)


def test_a_message_to_somebody_offline_becomes_a_push(
        server, component, romeo, juliet):
    push = push_for(juliet, romeo, component)
    assert push.get('from') == server.domain
    assert push.get('to') == server.component
    assert 'S1' in [value.text for value in push.iterfind('.//{*}value')]


def test_a_session_that_may_be_resumed_is_pushed_for(server, component, romeo):
    juliet = new_juliet(server, resume=True)
    juliet.drop()
    push_for(juliet.bare_jid, romeo, component)


def test_nobody_is_pushed_who_is_there(server, component, romeo):
    juliet = new_juliet(server)
    juliet.send('<presence/>')
    juliet.wait(lambda stanza: stanza.tag.endswith('}presence'))
    assert not still_pushes(juliet.bare_jid, romeo, component, within=1.5)
    juliet.wait(lambda stanza: stanza.tag.endswith('}message'))
    juliet.go_offline()


def test_a_wait_error_keeps_the_subscription(component, romeo, juliet):
    push = push_for(juliet, romeo, component)
    component.refuse(push, 'wait', 'internal-server-error')
    assert still_pushes(juliet, romeo, component)


def test_item_not_found_ends_it_at_last(server, component, romeo, juliet):
    tolerated = {'prosody': 15, 'ejabberd': 0}[server.name]
    for _ in range(tolerated):
        push = push_for(juliet, romeo, component)
        component.refuse(push, 'cancel', 'item-not-found')
    push = push_for(juliet, romeo, component)
    component.refuse(push, 'cancel', 'item-not-found')
    assert not still_pushes(juliet, romeo, component, within=1.5)


def test_an_app_registers_through_its_server(server, component):
    def answer():
        request = component.wait(lambda stanza: stanza.get('type') == 'set')
        component.answer(request, payload=(
            "<command xmlns='http://jabber.org/protocol/commands'"
            " node='register-push-fcm' sessionid='1' status='completed'>"
            "<x xmlns='jabber:x:data' type='form'>"
            f"<field var='jid'><value>{server.component}</value></field>"
            "<field var='node'><value>N1</value></field>"
            "<field var='secret'><value>S1</value></field></x></command>"))

    juliet = new_user(server, 'juliet')
    answerer = threading.Thread(target=answer)
    answerer.start()
    registration = juliet.register_push(server.component, 'token', 'device',
                                        **push_commands.CONVERSATIONS_2026)
    answerer.join()
    assert registration == (server.component, 'N1', 'S1')
    juliet.go_offline()


def test_a_second_connection_of_the_component(server, component):
    second = ComponentClient(server)
    if server.name == 'prosody':
        error = component.wait(lambda stanza: stanza.tag.endswith('}error'))
        assert error.find('{*}conflict') is not None
        assert routed(server, [second])
    else:
        assert routed(server, [component, second])
    second.drop()


def routed(server, connections):
    """Do all of these connections get stanzas for the component? ejabberd
    throws dice for each; that one of two gets none of 64 will not happen."""
    for _ in range(64):
        connections[0].send(f"<message from='{server.component}'"
                            f" to='{server.component}'/>")
    return all(
        connection.wait(lambda stanza: stanza.tag.endswith('}message'))
        is not None for connection in connections)


def test_large_stanzas_are_refused(server, component, romeo):
    for connection in (component, romeo):
        connection.send(f"<message from='{server.component}'"
                        f" to='{server.component}'><body>{70000 * 'x'}</body>"
                        '</message>')
        with pytest.raises((StreamClosed, ConnectionResetError)):
            connection.wait(lambda stanza: False)


def test_a_subscription_outlives_a_restart(server, juliet):
    server.restart()
    component = ComponentClient(server)
    push_for(juliet, new_user(server, 'romeo'), component)


# That a name resolves is all a DNS record does for a component that is away,
# and 'localhost' resolves on every machine.
@pytest.mark.parametrize('kind, component_name, kept', [
    (Prosody, 'push.example.test', True),
    (Ejabberd, 'localhost', True),
    (Ejabberd, 'push.example.test', False)])
def test_a_push_while_no_component_is_connected(
        kind, component_name, kept, tmp_path):
    server = kind(tmp_path, component=component_name).start()
    romeo = new_user(server, 'romeo')
    juliet = new_juliet(server)
    juliet.go_offline()
    romeo.send_chat(juliet.bare_jid, 'Wherefore art thou?')
    server.process.wait_for_log('remote-server-')
    component = ComponentClient(server)
    assert still_pushes(juliet.bare_jid, romeo, component, 1.5) == kept
    server.stop()
