"""Each client that interop/clients has stanzas of: it registers, enables push
at a real server, and is woken by a message there."""

import secrets
from itertools import count

import pytest

from support.answers import error_of, registration_of
from support.component_server import ComponentServer
from support.ejabberd import Ejabberd
from support.process import wait_until
from support.prosody import Prosody
from support.push_commands import register, registration
from support.push_probe import push_arrives
from support.recordings import recordings, with_attributes, with_values
from support.stanzas import iq, new_id, publish
from support.wakebus import Wakebus, account_hash

CLIENTS = recordings('clients')
MONAL = 'Monal (iOS, 2024)'
numbers = count(1)


def steps_of(software):
    """Its stanzas, by what each is for."""
    return {recording.step: recording.stanza
            for recording in CLIENTS.values()
            if recording.software == software}


# Those with a device that the p2 dialect registers.
ANDROID = [recording.software for recording in CLIENTS.values()
           if recording.step == 'register']


@pytest.fixture(scope='module', params=[Prosody, Ejabberd])
def server(request, tmp_path_factory):
    server = request.param(tmp_path_factory.mktemp('xmpp')).start()
    yield server
    server.process.kill()


def apps(fcm, apns):
    return {'conversations': fcm.app(),
            'monalProdiOS': apns.app() | {'stateless': True}}


@pytest.fixture(scope='module')
def wakebus(server, redis_server, fcm, apns, tmp_path_factory):
    with Wakebus(tmp_path_factory.mktemp('wakebus'), server, redis_server.url,
                 apps(fcm, apns), fcm=fcm.settings(),
                 apns=apns.settings()).start() as wakebus:
        yield wakebus


@pytest.fixture(autouse=True)
def calm(fcm, apns):
    yield
    fcm.clear()
    apns.clear()


@pytest.fixture
def romeo(server):
    name = f'romeo{next(numbers)}'
    server.add_user(name)
    client = server.login(name)
    yield client
    client.drop()


class Client:
    """Some client of a person who has just logged in at a real server."""

    def __init__(self, server, software):
        name = f'juliet{next(numbers)}'
        server.add_user(name)
        self.steps = steps_of(software)
        self.session = server.login(name)
        self.component = server.component

    def does(self, step, **values):
        """Let it send its stanza of this step; returns the answer."""
        stanza = with_values(self.steps[step], **values)
        attributes = {'id': new_id()}
        if ' from=' in stanza.partition('>')[0]:
            attributes['from'] = self.session.jid
        self.session.send(with_attributes(stanza, **attributes))
        return self.session.wait(
            lambda answer: answer.get('id') == attributes['id'])

    def leaves(self):
        self.session.go_offline()
        return self.session.bare_jid


def is_woken(provider, romeo, juliet, within=5.0):
    provider.clear()

    def wait_push(timeout):
        wait_until(provider.received, 'a push', timeout)

    return push_arrives(romeo, juliet, wait_push, within)


@pytest.mark.parametrize('software', ANDROID)
def test_an_android_client_is_woken(server, wakebus, fcm, romeo, software):
    client = Client(server, software)
    token, device = secrets.token_urlsafe(120), secrets.token_hex(8)
    answer = client.does('register', token=token, device=device)
    _, node, secret = registration(answer, client.component)
    answer = client.does('enable', node=node, secret=secret)
    assert answer.get('type') == 'result'
    juliet = client.leaves()
    assert is_woken(fcm, romeo, juliet)
    [received] = fcm.received()
    message = received['body']['message']
    assert message['token'] == token
    assert message['data'] == {'account': account_hash(juliet, device)}
    assert message['android']['priority'] == 'HIGH'


def test_monal_is_woken_until_it_disables_push(server, wakebus, apns, romeo):
    client = Client(server, MONAL)
    token = secrets.token_hex(32)
    assert client.does('enable', apns_token=token).get('type') == 'result'
    juliet = client.leaves()
    assert is_woken(apns, romeo, juliet)
    [received] = apns.received()
    assert received['token'] == token
    assert received['body']['aps']['mutable-content'] == 1
    client.session = server.login(juliet.partition('@')[0])
    assert client.does('disable', apns_token=token).get('type') == 'result'
    client.leaves()
    assert not is_woken(apns, romeo, juliet, within=1.5)


def test_monals_dead_token_is_told_to_its_server(server, wakebus, apns,
                                                 romeo):
    client = Client(server, MONAL)
    token = secrets.token_hex(32)
    client.does('enable', apns_token=token)
    juliet = client.leaves()
    apns.fault(token=token, reason='Unregistered')
    romeo.send_chat(juliet, 'Neither, fair saint')
    wait_until(apns.received, 'told to be dead')
    apns.clear()
    assert not is_woken(apns, romeo, juliet, within=1.5)


# ---- what each asks the app server itself

@pytest.fixture(scope='module')
def direct(redis_server, fcm, apns, tmp_path_factory):
    """The scripted server, with a Wakebus of its own."""
    server = ComponentServer().start()
    with Wakebus(tmp_path_factory.mktemp('direct'), server, redis_server.url,
                 apps(fcm, apns), fcm=fcm.settings(),
                 apns=apns.settings()).start():
        yield server
    server.stop()


def as_passed_on(stanza, **values):
    """As its server hands it to the component."""
    stanza = with_values(stanza, **values).replace(
        ' xmlns="jabber:client"', '')
    head, _, rest = stanza.partition('>')
    if ' from=' not in head:
        head += ' from="juliet@example.test/phone"'
    return with_attributes(f'{head}>{rest}', id=new_id())


@pytest.mark.parametrize('software', ANDROID)
def test_registering_again_changes_nothing(direct, software):
    device = secrets.token_hex(8)
    first, again = (registration_of(direct.ask(as_passed_on(
        steps_of(software)['register'], token=token, device=device)))
        for token in ('first', 'renewed'))
    assert first == again


def test_leaving_a_room_ends_the_rooms_push_alone(direct, fcm):
    """Conversations of 2019 names the room by what its push had in it."""
    device, room = secrets.token_hex(8), 'balcony@muc.example.test'
    own, rooms = (registration_of(direct.ask(iq(register(
        'token', device, field='android-id', muc=muc),
        'juliet@example.test/phone'))) for muc in (None, room))
    answer = direct.ask(as_passed_on(
        steps_of('Conversations 2.5 (2019)')['unregister'], device=device,
        channel=account_hash(room, device)))
    assert error_of(answer) is None
    assert error_of(direct.ask(publish(
        'prosody', rooms.node, secret=rooms.secret,
        sender='muc.example.test'))) == ('cancel', 'item-not-found')
    assert error_of(direct.ask(publish(
        'prosody', own.node, secret=own.secret))) is None
    assert fcm.accounts() == [account_hash('juliet@example.test', device)]
