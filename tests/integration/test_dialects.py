"""Several apps in one deployment, and the ways to say which one is meant."""

import secrets
import signal
from itertools import count

import pytest

from support.answers import error_of, registration_of
from support.metrics import metrics_of
from support.http_pages import Pages
from support.process import wait_until
from support.providers import TOPIC, Apns
from support.push_commands import register, unregister
from support.stanzas import iq, publish
from support.wakebus import Wakebus, account_hash

PHONE = 'juliet@example.test/phone'
OTHER_TOPIC = 'org.example.other'
ITEM_NOT_FOUND = ('cancel', 'item-not-found')
numbers = count(1)


@pytest.fixture(scope='module')
def apns(credentials):
    emulator = Apns(credentials, '--topic', OTHER_TOPIC)
    yield emulator
    assert emulator.stop() == 0


@pytest.fixture(scope='module')
def sandbox(credentials):
    """Apple's, which knows other tokens."""
    emulator = Apns(credentials)
    yield emulator
    assert emulator.stop() == 0


@pytest.fixture(scope='module')
def apps(fcm, apns):
    return {'conversations': fcm.app() | {'default': True},
            'quicksy': fcm.app(),
            'ios': apns.app() | {'default': True},
            'mac': apns.app() | {'topic': OTHER_TOPIC},
            'ios-xcode': apns.app() | {'environment': 'sandbox'}}


@pytest.fixture(scope='module')
def pages():
    return Pages()


@pytest.fixture(scope='module')
def wakebus(server, redis_server, fcm, apns, sandbox, apps, pages,
            tmp_path_factory):
    wakebus = Wakebus(tmp_path_factory.mktemp('wakebus'), server,
                      redis_server.url, apps, pages=pages,
                      fcm=fcm.settings(),
                      apns=apns.settings() | {'sandbox_url': sandbox.url},
                      push={'deadline_ms': 3000, 'retry_first_s': 1})
    with wakebus:
        yield wakebus.start()


@pytest.fixture(autouse=True)
def calm(fcm, apns, sandbox):
    yield
    for provider in (fcm, apns, sandbox):
        provider.clear()


def new_token(service):
    return (secrets.token_hex(32) if service.startswith('apns')
            else secrets.token_urlsafe(120))


class Phone:
    """One that has registered with the command register-push-SERVICE."""

    def __init__(self, server, service):
        self.server = server
        self.service = service
        self.token = new_token(service)
        self.device_id = f'dialects{next(numbers)}'
        self.account = account_hash(PHONE.partition('/')[0], self.device_id)
        self.registration = registration_of(server.ask(iq(
            register(self.token, self.device_id, service), PHONE)))

    def push(self, **options):
        """The error, or None."""
        return error_of(self.server.ask(publish(
            'prosody', self.registration.node,
            **{'secret': self.registration.secret, **options})))

    def unregister(self, service=None):
        return error_of(self.server.ask(iq(unregister(
            self.device_id, service or self.service), PHONE)))


def sent(pages):
    """How many pushes were sent, by app."""
    return metrics_of(pages).nonzero(
        'wakebus_push_outcomes_total', 'app', 'outcome')


def hang_up(wakebus, *programs):
    for program in programs:
        process = wakebus.processes[program]
        before = process.log().count('ev=config.reloaded')
        process.signal(signal.SIGHUP)
        process.wait_until(
            lambda: process.log().count('ev=config.reloaded') > before,
            'reloaded')


# ---- by the command

@pytest.mark.parametrize('service, app', [
    ('fcm', 'conversations'), ('fcm-conversations', 'conversations'),
    ('fcm-quicksy', 'quicksy'), ('apns', 'ios'), ('apns-ios', 'ios'),
    ('apns-mac', 'mac')])
def test_a_command_chooses_the_app(server, wakebus, pages, apns, service, app):
    phone = Phone(server, service)
    before = sent(pages).get((app, 'sent'), 0)
    assert phone.push() is None
    assert sent(pages)[app, 'sent'] == before + 1
    if app in ('ios', 'mac'):
        push = apns.received(wait=1)[-1]
        assert push['token'] == phone.token
        assert push['headers']['apns-topic'] == (
            TOPIC if app == 'ios' else OTHER_TOPIC)


def test_the_short_command_and_the_named_one_are_one_app(server, wakebus):
    phone = Phone(server, 'fcm')
    again = registration_of(server.ask(iq(register(
        phone.token, phone.device_id, 'fcm-conversations'), PHONE)))
    assert again == phone.registration
    assert phone.unregister('fcm-quicksy') == ITEM_NOT_FOUND
    assert phone.push() is None
    assert phone.unregister('fcm-conversations') is None
    assert phone.push() == ITEM_NOT_FOUND


@pytest.mark.parametrize('service', ['fcm-ios', 'apns-quicksy', 'fcm-', 'ios'])
def test_there_is_no_such_command(server, wakebus, service):
    assert error_of(server.ask(iq(register(
        new_token(service), 'd', service), PHONE))) == ITEM_NOT_FOUND


def commands(server):
    reply = server.ask(iq(
        "<query xmlns='http://jabber.org/protocol/disco#items'"
        " node='http://jabber.org/protocol/commands'/>", PHONE, kind='get'))
    return {item.get('node') for item in reply.iterfind('.//{*}item')}


def test_disco_lists_the_commands_of_each_app(server, wakebus):
    assert commands(server) == {
        f'{un}register-push-{service}' for un in ('', 'un') for service in (
            'fcm', 'fcm-conversations', 'fcm-quicksy',
            'apns', 'apns-ios', 'apns-mac', 'apns-ios-xcode')}


def test_an_app_comes_and_goes_by_sighup(server, wakebus, fcm, apps):
    old = Phone(server, 'fcm')
    assert 'register-push-fcm-new' not in commands(server)
    wakebus.config['apps'] = apps | {'new': fcm.app()}
    wakebus.write_config()
    hang_up(wakebus, 'fcm-sender', 'xmpp-frontend')
    assert 'register-push-fcm-new' in commands(server)
    phone = Phone(server, 'fcm-new')
    assert phone.push() is None and old.push() is None
    wakebus.config['apps'] = apps
    wakebus.write_config()
    hang_up(wakebus, 'xmpp-frontend', 'fcm-sender')
    assert 'register-push-fcm-new' not in commands(server)
    assert phone.push() == ('wait', 'internal-server-error')
    wait_until(lambda: 'ev=push.no_app app=new'
               in wakebus.log('xmpp-frontend'), 'told')
    assert old.push() is None


# ---- by the publish-options

def test_push_module_chooses_the_app(server, wakebus, pages):
    phone = Phone(server, 'fcm')
    for module, app in (('quicksy', 'quicksy'), ('ios', 'conversations'),
                        ('nobody', 'conversations')):
        before = sent(pages).get((app, 'sent'), 0)
        assert phone.push(pushModule=module) is None
        assert sent(pages)[app, 'sent'] == before + 1


@pytest.mark.parametrize('secret', ['', 'wrong'])
def test_push_module_is_no_secret(server, wakebus, secret):
    phone = Phone(server, 'fcm')
    assert phone.push(pushModule='quicksy', secret=secret) == ITEM_NOT_FOUND


def test_sandbox_chooses_the_twin(server, wakebus, apns, sandbox):
    """As a build from Xcode does with the pushserver of Openfire."""
    phone = Phone(server, 'apns')
    assert phone.push(sandbox='true') is None
    assert [push['token'] for push in sandbox.received()] == [phone.token]
    assert apns.received() == []
    assert phone.push(sandbox='false') is None
    assert [push['token'] for push in apns.received()] == [phone.token]


def test_a_retry_goes_to_the_sandbox_as_well(server, wakebus, apns, sandbox):
    phone = Phone(server, 'apns')
    sandbox.fault(kind='outage')
    assert phone.push(sandbox='true') is None, 'deferred'
    assert phone.push(sandbox='true') is None, 'the same'
    sandbox.clear()
    assert [push['token'] for push in sandbox.received(wait=1)] == [
        phone.token]
    assert apns.received() == []


def test_a_retry_does_not_go_to_the_sandbox_for_ever(
        server, wakebus, apns, sandbox):
    phone = Phone(server, 'apns')
    sandbox.fault(kind='outage')
    apns.fault(kind='outage')
    assert phone.push(sandbox='true') is None
    assert phone.push() is None, 'a release was installed over it'
    apns.clear()
    assert [push['token'] for push in apns.received(wait=1)] == [phone.token]


def test_a_dead_token_of_the_sandbox_is_forgotten(server, wakebus, sandbox):
    phone = Phone(server, 'apns')
    sandbox.fault(reason='Unregistered')
    assert phone.push(sandbox='true') == ITEM_NOT_FOUND
    sandbox.clear()
    assert phone.push(sandbox='true') == ITEM_NOT_FOUND
    assert sandbox.received() == [], 'it is gone'


def test_an_app_without_sandbox_costs_nobody_the_registration(
        server, wakebus, apns):
    phone = Phone(server, 'apns-mac')
    assert phone.push(sandbox='true') == ('wait', 'internal-server-error')
    wait_until(lambda: 'ev=push.no_sandbox app=mac'
               in wakebus.log('xmpp-frontend'), 'told')
    assert apns.received() == []
    assert phone.push() is None
