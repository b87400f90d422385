"""Each stanza that interop/servers has of an XMPP server, sent to all of
Wakebus: does it wake the device, as urgently as it should, and what would that
server do to the subscription when it hears an error?"""

import secrets
from itertools import count

import pytest

from support.answers import error_of, registration_of
from support.push_commands import register
from support.publishes import PUBLISHES
from support.recordings import recordings
from support.registering import PHONE
from support.stanzas import iq, publish
from support.wakebus import Wakebus, account_hash

from .server_rules import ALL_DROP_THAT_EVER_DO, ALL_KEEP, verdicts

SERVERS = recordings('servers')
numbers = count(1)
pytestmark = pytest.mark.usefixtures('calm')


def rule_of(recording):
    """The name of the server's rule about answers."""
    return recording.software.partition(',')[0].partition(' ')[0].lower()


# One stanza is enough to ask what a server does with an answer.
JUDGES = {recording.software: name for name, recording in SERVERS.items()
          if recording.how != 'made up'}.values()


@pytest.fixture(scope='module')
def wakebus(server, redis_server, fcm, apns, tmp_path_factory):
    apps = {'conversations': fcm.app() | {'default': True},
            'loud': fcm.app() | {'priority': 'high'},
            'ios': apns.app() | {'default': True},
            'monalProdiOS': apns.app() | {'stateless': True}}
    with Wakebus(tmp_path_factory.mktemp('wakebus'), server, redis_server.url,
                 apps, fcm=fcm.settings(), apns=apns.settings(),
                 push={'deadline_ms': 1500}).start() as wakebus:
        yield wakebus


class Phone:
    """One that has registered, and the account that a push wakes."""

    def __init__(self, server, service):
        self.server = server
        self.token = (secrets.token_hex(32) if service == 'apns'
                      else secrets.token_urlsafe(120))
        device_id = f'device{next(numbers)}'
        self.account = account_hash('juliet@example.test', device_id)
        self.registration = registration_of(server.ask(iq(
            register(self.token, device_id, service=service), PHONE)))

    def push(self, name, secret=None):
        """The server's answer to its own stanza."""
        return self.server.ask(publish(
            name, self.registration.node,
            secret=secret or self.registration.secret))


@pytest.mark.parametrize('name', SERVERS)
def test_a_push_wakes_an_android_phone(server, wakebus, fcm, name):
    phone = Phone(server, 'fcm')
    answer = phone.push(name)
    assert error_of(answer) is None and len(answer) == 0
    [received] = fcm.received(wait=1)
    message = received['body']['message']
    assert message['token'] == phone.token
    assert message['data'] == {'account': phone.account}
    assert message['android']['priority'] == {
        'high': 'HIGH', 'low': 'NORMAL'}[SERVERS[name].urgency]


@pytest.mark.parametrize('name', [
    name for name, recording in SERVERS.items() if recording.urgency == 'low'])
def test_for_an_app_that_wants_it_each_push_is_urgent(server, wakebus, fcm,
                                                      name):
    assert error_of(Phone(server, 'fcm-loud').push(name)) is None
    [received] = fcm.received(wait=1)
    assert received['body']['message']['android']['priority'] == 'HIGH'


@pytest.mark.parametrize('name', SERVERS)
def test_a_push_wakes_an_iphone(server, wakebus, apns, name):
    phone = Phone(server, 'apns')
    answer = phone.push(name)
    assert error_of(answer) is None and len(answer) == 0
    [received] = apns.received(wait=1)
    assert received['token'] == phone.token
    assert received['body']['account'] == phone.account
    assert received['headers']['apns-priority'] == {
        'high': '10', 'low': '5'}[SERVERS[name].urgency]


@pytest.mark.parametrize('name', SERVERS)
def test_a_push_wakes_monal(server, wakebus, apns, name):
    token = secrets.token_hex(32)
    answer = server.ask(publish(name, token, pushModule='monalProdiOS'))
    assert error_of(answer) is None and len(answer) == 0
    [received] = apns.received(wait=1)
    assert received['token'] == token
    assert received['headers']['apns-push-type'] == 'alert'
    assert received['headers']['apns-priority'] == {
        'high': '10', 'low': '5'}[SERVERS[name].urgency]
    assert received['body']['aps']['mutable-content'] == 1
    assert set(received['body']) == {'aps'}, 'nobody knows the account'


@pytest.mark.parametrize('name', JUDGES)
def test_what_is_over_ends_the_subscription(server, wakebus, fcm, name):
    phone = Phone(server, 'fcm')
    rule = rule_of(SERVERS[name])
    errors = [error_of(phone.push(name, secret='wrong'))]
    assert error_of(phone.push(name)) is None
    assert fcm.accounts() == [phone.account], 'it is well so far'
    fcm.fault(error_code='UNREGISTERED', status=404, token=phone.token)
    errors.append(error_of(phone.push(name)))
    for error in errors:
        assert verdicts(error)[rule] == ALL_DROP_THAT_EVER_DO[rule]


def test_each_recording_is_of_use():
    assert all(recording.urgency in ('high', 'low')
               for recording in SERVERS.values())
    assert set(PUBLISHES) == set(SERVERS)


@pytest.mark.parametrize('name', JUDGES)
def test_trouble_costs_no_subscription(server, wakebus, redis_server, fcm,
                                       name):
    """The last of this module: the sender remembers the outage for a while."""
    phone = Phone(server, 'fcm')
    rule = rule_of(SERVERS[name])
    fcm.fault(kind='outage')
    assert error_of(phone.push(name)) is None, 'it is tried again'
    with redis_server.refusing_writes():
        error = error_of(phone.push(name))
    assert error == ('wait', 'remote-server-timeout')
    assert verdicts(error)[rule] == ALL_KEEP[rule]
