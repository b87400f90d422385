"""Apps that store nothing: a frontend and senders, no registry and no Redis."""

import secrets
import signal
import time
from itertools import count

import pytest

from support.answers import error_of
from support.asking import Tool
from support.http_pages import Pages, wakebusctl
from support.metrics import metrics_of
from support.process import free_port, wait_until
from support.push_commands import register
from support.stanzas import iq, publish
from support.wakebus import Wakebus

PHONE = 'juliet@example.test/phone'
GONE = ('cancel', 'item-not-found')
LATER = ('wait', 'remote-server-timeout')
TROUBLE = ('wait', 'internal-server-error')
numbers = count(1)


def stateless(provider, **members):
    return provider.app() | {'stateless': True} | members


def nobody():
    """Where no Redis is."""
    return f'redis://127.0.0.1:{free_port()}/0'


@pytest.fixture(scope='module')
def pages():
    return Pages()


@pytest.fixture(scope='module')
def wakebus(server, fcm, apns, pages, tmp_path_factory):
    apps = {'monalProdiOS': stateless(apns, default=True),
            'monalAlpha': stateless(apns),
            'android': stateless(fcm)}
    wakebus = Wakebus(tmp_path_factory.mktemp('wakebus'), server, nobody(),
                      apps, pages=pages, fcm=fcm.settings(),
                      apns=apns.settings(),
                      push={'deadline_ms': 2000})
    with wakebus:
        wakebus.start('xmpp-frontend', 'fcm-sender', 'apns-sender')
        yield wakebus


@pytest.fixture(autouse=True)
def calm(fcm, apns):
    yield
    fcm.clear()
    apns.clear()


def apns_token():
    return secrets.token_hex(32)


def fcm_token():
    return f'{secrets.token_urlsafe(16)}:APA91b{secrets.token_urlsafe(100)}'


def push(server, node, variant='prosody', sender='example.test', **options):
    return error_of(server.ask(publish(variant, node, sender=sender,
                                       **options)))


def tokens(provider):
    return [push['token'] for push in provider.received()]


# ---- fpush

def test_a_push_for_an_android_app(server, wakebus, fcm):
    token = fcm_token()
    assert push(server, token, pushModule='android') is None
    [received] = fcm.received(wait=1)
    message = received['body']['message']
    assert (message['token'], message['data']) == (token, {})
    assert message['android']['priority'] == 'HIGH'


def test_without_a_module_the_token_tells(server, wakebus, fcm, apns):
    one, other = apns_token(), fcm_token()
    assert push(server, one) is None
    assert push(server, other) is None
    assert (tokens(apns), tokens(fcm)) == ([one], [other])


def test_any_server_may_push_with_a_token(server, wakebus, apns):
    """Which is the price of having no registration."""
    token = apns_token()
    for sender in ('example.test', 'example.net', 'juliet@example.org'):
        assert push(server, token, sender=sender,
                    pushModule='monalProdiOS') is None
    assert tokens(apns) == [token] * 3
    assert push(server, token, sender=PHONE, pushModule='monalProdiOS') == (
        'auth', 'forbidden')


@pytest.mark.parametrize('node, module', [
    ('N', 'monalProdiOS'), (63 * 'a', 'monalProdiOS'),
    (64 * 'g', 'monalProdiOS'), (202 * 'a', 'monalProdiOS'),
    (200 * '/', 'android'), ('short', 'android')])
def test_what_is_no_token_meets_no_provider(server, wakebus, fcm, apns, node,
                                            module):
    assert push(server, node, pushModule=module) == GONE
    assert fcm.received() == apns.received() == []


def test_a_module_that_there_is_not_costs_no_subscription(server, wakebus,
                                                          apns):
    assert push(server, apns_token(), pushModule='monalProdCatalyst') == (
        TROUBLE)
    assert apns.received() == []


def test_a_dead_token_is_asked_about_once(server, wakebus, fcm, apns, pages):
    for provider, module, token, fault in (
            (apns, 'monalProdiOS', apns_token(), {'reason': 'Unregistered'}),
            (fcm, 'android', fcm_token(), {'error_code': 'UNREGISTERED',
                                           'status': 404})):
        provider.fault(token=token, **fault)
        assert push(server, token, pushModule=module) == GONE
        provider.clear()
        for sender in ('example.test', 'example.net'):
            assert push(server, token, sender=sender,
                        pushModule=module) == GONE
        assert provider.received() == []
        other = apns_token() if provider is apns else fcm_token()
        assert push(server, other, pushModule=module) is None
    page = metrics_of(pages)
    assert page.sum('wakebus_pushes_received_total') == page.sum(
        'wakebus_push_outcomes_total')


def test_a_token_is_dead_for_one_app_only(server, wakebus, apns):
    token = apns_token()
    apns.fault(token=token, reason='Unregistered')
    assert push(server, token, pushModule='monalProdiOS') == GONE
    apns.clear()
    assert push(server, token, pushModule='monalAlpha') is None


def test_a_reload_forgets_the_dead(server, wakebus, apns):
    """It may have been the settings that were wrong."""
    token = apns_token()
    apns.fault(token=token, reason='Unregistered')
    assert push(server, token, pushModule='monalProdiOS') == GONE
    apns.clear()
    frontend = wakebus.processes['xmpp-frontend']
    frontend.signal(signal.SIGHUP)
    wait_until(lambda: push(server, token, pushModule='monalProdiOS') is None,
               'asked about again')


@pytest.mark.parametrize('trouble', [
    {'kind': 'outage'}, {'kind': 'hang'},
    {'status': 503, 'error_code': 'UNAVAILABLE'}], ids=str)
def test_an_outage_is_told_as_it_is(server, wakebus, fcm, trouble):
    """Nothing can be promised of a push that nobody can keep."""
    token = fcm_token()
    fcm.fault(**trouble)
    assert push(server, token, pushModule='android') == LATER
    fcm.clear()
    wait_until(lambda: push(server, token, pushModule='android') is None,
               'again')


# ---- without a registry

def test_it_is_ready_without_a_registry(server, wakebus, pages):
    assert pages.trouble() == {}
    page = metrics_of(pages)
    assert page.all('wakebus_workers', role='registry') == {}, 'no alert'
    status = pages.get('/').body.decode()
    assert 'XMPP server<' in status and 'egistry<' not in status


def test_an_operator_is_told_why_nothing_is_stored(wakebus):
    config = ('--config', wakebus.path)
    assert wakebusctl('count', *config) == (
        69, 'count: no registry is there, nor needed: all apps are '
        'stateless\n')
    status, text = wakebusctl('status', *config)
    assert status == 0 and 'nor needed: all apps are stateless' in text


def test_an_operator_tries_a_token(wakebus, apns):
    tool, token = Tool(wakebus), apns_token()
    told = tool.json('push', '--app', 'monalProdiOS', token)
    assert (told['outcome'], told['app']) == ('sent', 'monalProdiOS')
    assert tokens(apns) == [token]
    apns.fault(token=token, reason='Unregistered')
    told = tool.json('push', '--app', 'monalProdiOS', token, status=1)
    assert (told['outcome'], told['reason']) == ('gone', 'Unregistered')
    done = tool.run('push', '--app', 'nobody', token)
    assert done.returncode == 69 and 'it is not stateless' in done.stderr
    done = tool.run('push', token)
    assert done.returncode == 69 and 'all apps are stateless' in done.stderr
    assert token not in wakebus.log('xmpp-frontend')


def test_there_is_nothing_to_register(server, wakebus):
    reply = server.ask(iq(
        "<query xmlns='http://jabber.org/protocol/disco#items'"
        " node='http://jabber.org/protocol/commands'/>", PHONE, kind='get'))
    assert reply.findall('.//{*}item') == []
    for service in ('fcm', 'fcm-android', 'apns'):
        assert error_of(server.ask(iq(register(
            fcm_token(), 'd', service), PHONE))) == GONE


def test_what_only_a_registry_could_know_may_come_back(server, wakebus):
    began = time.monotonic()
    assert push(server, '7Bn3bOe0KxTS', secret='S') == TROUBLE
    assert push(server, '7Bn3bOe0KxTS') == TROUBLE
    assert time.monotonic() - began < 1.5, 'at once'
    assert 'ev=push.no_registry' in wakebus.log('xmpp-frontend')


def test_without_its_sender_a_push_comes_to_nothing(server, wakebus, fcm,
                                                    pages):
    wakebus.stop_one('fcm-sender')
    assert push(server, fcm_token(), pushModule='android') == LATER
    assert set(pages.trouble()) == {'sender.android'}
    assert 'No sender for android' in pages.get('/').body.decode()
    wakebus.start_one('fcm-sender')
    assert push(server, fcm_token(), pushModule='android') is None
